"""Text columns: which columns of a dataset are texts and could be more, and which must stay texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core.errors import PenstockError
from penstock.core.schema import loses_zeros
from penstock.runtime import datasets

if TYPE_CHECKING:
    from penstock.core.node import Node

READ_FROM_FILES = ("upload", "files", "server_files")
LOOKED_AT = 500
"""Rows that tell whether numbers begin with zeros."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What the first rows say about the columns that are texts."""

    fitting: tuple[str, ...] = ()
    """Those that could be numbers, dates, or true and false."""
    kept: tuple[str, ...] = ()
    """Those of digits that stay texts: some begin with a zero, which a number would lose."""

    def __str__(self) -> str:
        if not self.kept:
            return ""
        many = len(self.kept) > 1
        names = ", ".join(self.kept)
        return f"{names} {'stay texts' if many else 'stays a text'}: a number would lose the zeros it begins with."


def texts(node: Node, project: str, name: str) -> Texts:
    """The text columns of a dataset. Reads its first rows."""
    asked = [c.name for c in datasets.show(node, project, name).columns if c.type == "string"]
    if not asked:
        return Texts()
    found = {c.name: c.type for c in datasets.infer(node, project, name, author="")}
    rows = datasets.head(node, project, name, LOOKED_AT).rows
    still = [n for n in asked if found.get(n, "string") == "string"]
    kept = tuple(n for n in still if loses_zeros(row.get(n) for row in rows))
    return Texts(tuple(n for n in asked if n not in still), kept)


def untyped(node: Node, project: str, name: str) -> Texts:
    """The same for files of which every column is a text still; nothing for any other dataset."""
    dataset = datasets.show(node, project, name)
    is_plain = bool(dataset.columns) and all(c.type == "string" for c in dataset.columns)
    if dataset.kind_name() not in READ_FROM_FILES or not is_plain:
        return Texts()
    try:
        return texts(node, project, name)
    except PenstockError:  # files that cannot be read are told where the rows should stand
        return Texts()
