"""NAME=VALUE, as people type it on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from penstock.core.errors import Invalid
from penstock.core.variables import typed


def assigned(texts: Iterable[str]) -> dict[str, Any]:
    """`["a=1", "b=x"]` → `{"a": 1, "b": "x"}`. Raises Invalid for one without a name or `=`."""
    return {name: typed(given) for name, given in map(_pair, texts)}


def numbers(texts: Iterable[str]) -> dict[str, float]:
    """The same, for values that must be numbers. Raises Invalid for another."""
    found = assigned(texts)
    for name, given in found.items():
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            raise Invalid(f"'{name}={given}' is not NAME=NUMBER.", hint="For example: auc=0.71")
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, given = text.partition("=")
    if not (name and equals):
        raise Invalid(f"'{text}' is not NAME=VALUE.", hint="For example: start_date=2013-04-01")
    return name, given
