"""Filters of a page of a dashboard: what panels and addresses choose, and which rows that keeps. All pure.

In an address they read `pageFilters=carrier:in("UA","AA"),distance:between(0,500),dest:not_in("BOS",NO_VALUE)`;
`column:contains("north")` keeps texts, `column:OFF` takes a panel's own choice away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from penstock.core.errors import Invalid
from penstock.core.expression import Expression, call
from penstock.core.filter import Rule, Scalar, joined

NO_VALUE = "NO_VALUE"
Operator = Literal["in", "not_in", "between", "contains", "OFF"]
HINT = (
    'Write column:in("a","b"), column:not_in("a"), column:between(1,5), column:contains("a") or column:OFF.'
)

_VALUE = r'"(?:[^"\\]|\\.)*"|NO_VALUE|[^,()"\s]+'
_ONE = re.compile(
    rf'\s*(?P<column>"(?:[^"\\]|\\.)*"|[^,:()"]+):'
    rf"(?:(?P<off>OFF)|(?P<operator>in|not_in|between|contains)\((?P<values>(?:{_VALUE})?(?:\s*,\s*(?:{_VALUE}))*)\))"
    r"\s*(?:,|$)"
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen of one column."""

    column: str
    operator: Operator
    values: tuple[Any, ...] = ()
    """Texts and numbers; None stands for no value. Of `between` the lowest and the highest, None = no bound."""

    def expression(self) -> Expression | None:
        """True for the rows it keeps; None when it keeps all."""
        match self.operator:
            case "in" | "not_in" if self.values:
                return self._listed()
            case "between":
                return self._between()
            case "contains" if self.values and self.values[0]:
                text = str(self.values[0])
                return Rule(
                    column=self.column, operator="contains", value=text, ignore_case=True
                ).expression()
        return None

    def _listed(self) -> Expression:
        empty = Rule(column=self.column, operator="is empty").expression()
        some = tuple(cast("Scalar", v) for v in self.values if v is not None)
        parts = [Rule(column=self.column, operator="in", values=some).expression()] if some else []
        inside = joined("either", [*parts, empty] if None in self.values else parts)
        if self.operator == "in":
            return inside
        return call("opposite", call("coalesce", call("truth", inside), False))

    def _between(self) -> Expression | None:
        low, high = (*self.values, None, None)[:2]
        bounds = [(">=", low), ("<=", high)]
        rules = [
            Rule(column=self.column, operator=cast("Any", o), value=v).expression()
            for o, v in bounds
            if v is not None
        ]
        return joined("both", rules) if rules else None


@dataclass(frozen=True, slots=True)
class Filtering:
    """Everything that is chosen on a page for one dataset."""

    chosen: tuple[Chosen, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(c.column for c in self.chosen if c.expression() is not None)

    def of(self, column: str) -> Chosen | None:
        return next((c for c in self.chosen if c.column == column), None)

    def without(self, column: str) -> Filtering:
        return Filtering(tuple(c for c in self.chosen if c.column != column))

    def keep(self, table: Any) -> Any:
        """Only the rows meant of an `ibis.Table`; what is chosen of columns it does not have is left out."""
        parts = [c.expression() for c in self.chosen if c.column in table.columns]
        there = [part for part in parts if part is not None]
        if not there:
            return table
        return table.filter(call("truth", joined("both", there)).compile(table))


def parse(text: str) -> tuple[Chosen, ...]:
    """What an address says. Raises Invalid for what we cannot read, with an example."""
    found: dict[str, Chosen] = {}
    position = 0
    while position < len(text):
        one = _ONE.match(text, position)
        if one is None:
            raise Invalid(f"The filter '{text[position:][:80]}' cannot be read.", hint=HINT)
        column = _text(one["column"])
        values = tuple(_value(v) for v in re.findall(_VALUE, one["values"] or ""))
        found[column] = Chosen(column, cast("Operator", one["off"] or one["operator"]), values)
        position = one.end()
    return tuple(found.values())


def written(chosen: Iterable[Chosen]) -> str:
    """The same as an address says it."""
    return ",".join(_written(one) for one in chosen)


def over(defaults: Sequence[Chosen], chosen: Sequence[Chosen]) -> Filtering:
    """What a panel chooses by itself, and what the address says over it, column by column."""
    both = {c.column: c for c in (*defaults, *chosen)}
    return Filtering(tuple(c for c in both.values() if c.operator != "OFF"))


def of_datasets(panels: Mapping[str, Sequence[Chosen]], chosen: Sequence[Chosen]) -> Mapping[str, Filtering]:
    """Dataset of a panel → what is chosen for it."""
    return {dataset: over(defaults, chosen) for dataset, defaults in panels.items()}


def _written(one: Chosen) -> str:
    plain = re.fullmatch(r"[\w .-]+", one.column)
    column = one.column if plain else json.dumps(one.column, ensure_ascii=False)
    if one.operator == "OFF":
        return f"{column}:OFF"
    values = ",".join(NO_VALUE if v is None else json.dumps(v, ensure_ascii=False) for v in one.values)
    return f"{column}:{one.operator}({values})"


def _text(word: str) -> str:
    word = word.strip()
    return str(json.loads(word)) if word.startswith('"') else word


def _value(word: str) -> Any:
    if word == NO_VALUE:
        return None
    try:
        value = json.loads(word)
    except ValueError:
        return word
    return value if isinstance(value, str | int | float) else word
