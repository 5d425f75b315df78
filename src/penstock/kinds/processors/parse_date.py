"""Reads dates out of texts: ISO 8601, or the first of several formats that fits; other texts become empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from penstock.core.errors import Invalid
from penstock.core.expression import Column, Expression, call
from penstock.core.prepare import Columns, PrepareContext, Processor, placed
from penstock.kinds.processors import _cells
from penstock.kinds.processors._months import ENGLISH, MONTHS

if TYPE_CHECKING:
    import ibis.expr.types as ir


class ParseDate(Processor):
    """Reads dates out of texts: ISO 8601, or the first of several formats that fits; other texts become empty.

    A format is written %d/%m/%Y %H:%M or dd/MM/yyyy HH:mm. Texts without a zone are in the given one; results are UTC.

    Example:
        type: parse_date
        columns: [sold_at]
        formats: ["%d/%m/%Y %H:%M", "%Y-%m-%d"]
        zone: Europe/Paris
    """

    LABEL: ClassVar[str] = "Parse to date"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "pattern"

    columns: Columns = Field(description="The columns with texts.")
    formats: tuple[str, ...] = Field(default=(), description="Tried in this order; none given = ISO 8601.")
    zone: str = Field(
        default="UTC", description="The time zone of texts that say none, such as Europe/Paris."
    )
    language: Literal["en", "fr", "de", "es", "it", "nl", "pt"] = Field(
        default="en", description="Of the names of months, for formats with %b or %B (MMM or MMMM)."
    )
    to: Literal["datetime", "date"] = Field(
        default="datetime", description="With the time of the day, or without."
    )
    output: str = Field(default="", description="Name of the result, for one column; empty = in place.")

    @model_validator(mode="after")
    def _readable(self) -> Self:
        _cells.checked(self._read("x"))
        return self

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        names = self.columns.of(table)
        if self.output and len(names) != 1:
            raise Invalid("An output name is for one column.")
        for name in names:
            moment = self._read(name).compile(table)
            value = moment.cast("date") if self.to == "date" else moment
            table = placed(table, self.output or name, value, after=name)
        return table

    def _read(self, column: str) -> Expression:
        """Formats that carry a zone of their own are not shifted by ours."""
        if not self.formats:
            return self._read_by(column)
        tried = [self._read_by(column, written) for written in self.formats]
        return tried[0] if len(tried) == 1 else call("coalesce", *tried)

    def _read_by(self, column: str, *written: str) -> Expression:
        moment = call("as_date", self._in_english(Column(column)), *written)
        if self.zone == "UTC" or any("%z" in w or "XXX" in w for w in written):
            return moment
        shifted = call("from_zone", moment, self.zone)
        zoned = call("matches", Column(column), "(Z|[+-][0-9]{2}:?[0-9]{2})$")
        return shifted if written else call("if_else", zoned, moment, shifted)

    def _in_english(self, text: Expression) -> Expression:
        if self.language == "en":
            return text
        for month, word in zip(ENGLISH, MONTHS[self.language].split(), strict=True):
            text = call("replace_regex", text, f"(?i)(^|[^a-zà-ÿ]){word}($|[^a-zà-ÿ.])", rf"\1{month}\2")
        return text
