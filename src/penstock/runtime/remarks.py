"""Remarks: what stays worth knowing about the columns of files, for as long as they are as they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core.errors import PenstockError
from penstock.runtime import datasets, grids, text_columns

if TYPE_CHECKING:
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True)
class Remarks:
    """What is remarkable about a dataset that is read from files."""

    zeros: tuple[str, ...] = ()
    """Columns of digits that are texts because some begin with a zero."""
    doubts: tuple[str, ...] = ()
    """What may be wrong with how its files are read, in sentences."""


KEPT = grids.Kept(2_000_000)


def of(node: Node, project: str, name: str) -> Remarks:
    """What is remarkable about a dataset; found out once for as long as data and settings stay as they are. Nothing
    for data that is not read from files, or cannot be read."""
    loaded = node.projects.load(project)
    if loaded.dataset(name).kind_name() not in text_columns.READ_FROM_FILES:
        return Remarks()
    try:
        key = grids.state(node, loaded, name)
        place = (str(node.config.home), project, name, key)
        told, _ = KEPT.find(place, lambda: _found(node, project, name)) if key else (b"[[], []]", False)
    except PenstockError:  # told where the rows should stand
        return Remarks()
    zeros, doubts = json.loads(told)
    return Remarks(tuple(zeros), tuple(doubts))


def _found(node: Node, project: str, name: str) -> bytes:
    zeros = text_columns.texts(node, project, name).kept
    return json.dumps([zeros, datasets.doubts(node, project, name)]).encode()
