"""Replaces texts in cells: whole cells, parts of them, or matches of a regular expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from penstock.core.errors import Invalid
from penstock.core.expression import Column, call
from penstock.core.kind import Definition
from penstock.core.prepare import Columns, PrepareContext, Processor, checked_pattern, placed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Replacement(Definition):
    """One text and what takes its place."""

    find: str = Field(description="What is looked for.")
    replace: str = Field(
        default="", description="What takes its place; in a regex, \\\\1 is the first group."
    )


class FindReplace(Processor):
    """Replaces texts in cells: whole cells, parts of them, or matches of a regular expression.

    Replacements are done in their order, or only the first that is found. Number columns become texts.

    Example:
        type: find_replace
        columns: [carrier]
        match: complete
        replacements:
          - {find: UA, replace: United}
          - {find: AA, replace: American}
    """

    LABEL: ClassVar[str] = "Find and replace"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "pattern"

    columns: Columns = Field(description="Where to look.")
    match: Literal["complete", "substring", "regex"] = Field(
        default="complete", description="The whole cell, any part of it, or a regular expression."
    )
    replacements: tuple[Replacement, ...] = Field(min_length=1, description="What is replaced by what.")
    ignore_case: bool = Field(default=False, description="Capital and small letters count as the same.")
    first_only: bool = Field(default=False, description="Stop at the first replacement whose text is found.")
    output: str = Field(default="", description="Name of the result, for one column; empty = in place.")

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        if self.match == "regex":
            for replacement in self.replacements:
                checked_pattern(replacement.find)
        return self

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        names = self.columns.of(table)
        if self.output and len(names) != 1:
            raise Invalid("An output name is for one column.")
        for name in names:
            table = self._replaced(table, name)
        return table

    def _replaced(self, table: ir.Table, name: str) -> ir.Table:
        """One stage per replacement: nested in one expression, the query would double each time."""
        import ibis

        text = call("to_string", Column(name)).compile(table)
        stage = placed(table, self.output or name, text, after=name).mutate(__open=ibis.literal(True))
        for replacement in self.replacements:
            value = stage[self.output or name]
            found, changed = self._one(replacement, value)
            done = (stage["__open"] & found).fill_null(False)
            open_ = stage["__open"] & ~done if self.first_only else stage["__open"]
            stage = stage.mutate(**{self.output or name: done.ifelse(changed, value), "__open": open_})
        return stage.drop("__open")

    def _one(self, replacement: Replacement, value: Any) -> tuple[Any, Any]:
        """Is the text there, and the value with it replaced."""
        import ibis

        find, new = replacement.find, replacement.replace
        if self.match == "complete":
            same = value.lower() == find.lower() if self.ignore_case else value == find
            return same, ibis.literal(new, type="string")
        if self.match == "substring" and not self.ignore_case:
            return value.contains(find), value.replace(find, new) if find else value
        pattern = find if self.match == "regex" else _cells.escaped(find)
        pattern = f"(?i){pattern}" if self.ignore_case else pattern
        text = new if self.match == "regex" else new.replace("\\", "\\\\")
        return value.re_search(pattern), value.re_replace(pattern, text)
