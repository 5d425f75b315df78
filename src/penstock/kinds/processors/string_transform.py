"""Changes texts letter by letter, by several rules in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from penstock.core.expression import Column, call
from penstock.core.prepare import Columns, PrepareContext, Processor

if TYPE_CHECKING:
    import ibis.expr.types as ir

Rule = Literal[
    "upper", "lower", "capitalize", "trim", "normalise", "truncate", "html_escape", "html_unescape"
]
_ACCENTED = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿšž"
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;"))
_PLAIN = "aaaaaaceeeeiiiinooooouuuuyysz"


class StringTransform(Processor):
    """Changes texts letter by letter, by several rules in a row.

    normalise: small letters, no accents, single blanks. truncate: cut to `length` characters. html_escape writes
    < as &lt; and so on; html_unescape reads them back.

    Example:
        type: string_transform
        columns: [city]
        do: [trim, upper]
    """

    LABEL: ClassVar[str] = "Transform text"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "pattern"

    columns: Columns = Field(description="The columns with texts.")
    do: tuple[Rule, ...] = Field(min_length=1, description="The rules, in their order.")
    length: int = Field(default=100, ge=0, description="For truncate: how many characters stay.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        for name in self.columns.of(table):
            value: Any = call("to_string", Column(name)).compile(table)
            for rule in self.do:
                value = self._changed(value, rule)
            table = table.mutate(**{name: value})
        return table

    def _changed(self, value: Any, rule: str) -> Any:
        if rule == "truncate":
            return value.substr(0, self.length)
        if rule in ("html_escape", "html_unescape"):
            return _html(value, escape=rule == "html_escape")
        if rule == "normalise":
            plain = value.lower().translate(_ACCENTED, _PLAIN)
            return plain.re_replace("\\s+", " ").strip()
        return {
            "upper": value.upper,
            "lower": value.lower,
            "capitalize": value.capitalize,
            "trim": value.strip,
        }[rule]()


def _html(value: Any, *, escape: bool) -> Any:
    """& first when writing and last when reading, so that nothing is done twice."""
    for sign, name in _ENTITIES if escape else reversed(_ENTITIES):
        value = value.replace(sign, name) if escape else value.replace(name, sign)
    return value
