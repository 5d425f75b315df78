"""Makes a column for each group of a regular expression, found anywhere in the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, field_validator

from penstock.core.expression import Column, call
from penstock.core.prepare import PrepareContext, Processor, checked_pattern, needed, placed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class ExtractRegex(Processor):
    """Makes a column for each group of a regular expression, found anywhere in the text.

    A named group (?P<year>...) gives its name to the column; the others are numbered from 1: <prefix>1, <prefix>2 …
    A pattern without groups gives one column with the whole match. Cells without a match stay empty.

    Example:
        type: extract_regex
        column: tailnum
        pattern: "N(?P<serial>[0-9]+)"
        found: is_american
    """

    LABEL: ClassVar[str] = "Extract with a regular expression"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "one"

    column: str = Field(description="The column to look in.")
    pattern: str = Field(description="The regular expression; begin it with (?i) to ignore case.")
    prefix: str = Field(default="", description="What numbered names begin with; unless said, <column>_.")
    found: str = Field(default="", description="Name of a column that says whether the expression was found.")

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        return checked_pattern(pattern)

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        needed(table, self.column)
        text: Any = call("to_string", Column(self.column)).compile(table)
        pattern = re.sub(r"\(\?P<\w+>", "(", self.pattern)  # not every engine knows names; we count
        matched, beside = text.re_search(pattern), self.column
        for group, name in self._groups():
            value = matched.ifelse(text.re_extract(pattern, group), None)
            table, beside = placed(table, _cells.free_name(table, name), value, after=beside), name
        return (
            placed(table, _cells.free_name(table, self.found), matched, after=beside) if self.found else table
        )

    def _groups(self) -> list[tuple[int, str]]:
        """Number of a group → name of its column."""
        compiled, prefix = re.compile(self.pattern), self.prefix or f"{self.column}_"
        names = {number: name for name, number in compiled.groupindex.items()}
        if not compiled.groups:
            return [(0, f"{prefix}0")]
        return [(n, names.get(n, f"{prefix}{n}")) for n in range(1, compiled.groups + 1)]
