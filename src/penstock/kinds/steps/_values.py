"""Values that a step gives to variables: fixed ones, and formulas one after the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from penstock.core import outcome_words
from penstock.core.errors import Invalid
from penstock.core.formula import Formula
from penstock.core.variables import expand


def check_names(*groups: Mapping[str, Any]) -> None:
    """Raise ValueError for a name that `${name}` and formulas could not read, or one that is given twice."""
    seen: set[str] = set()
    for name in (name for group in groups for name in group):
        if not re.fullmatch(r"[^\W\d]\w*", name):
            raise ValueError(f"'{name}' is no name for a variable: letters, digits and _, a letter first.")
        if name in seen:
            raise ValueError(f"Variable '{name}' has a fixed value and a formula; keep one of them.")
        seen.add(name)
    if not seen:
        raise ValueError("Give at least one variable, in `values` or in `formulas`.")


def computed(
    values: Mapping[str, Any], formulas: Mapping[str, Formula], known: Mapping[str, Any], *, where: str
) -> dict[str, Any]:
    """The values, and those of the formulas in order; a later line sees the earlier ones."""
    found: dict[str, Any] = dict(expand(values, known, where=where))
    for name, formula in formulas.items():
        names = {**known, **found}
        outcome_words.check(formula, names)
        found[name] = _plain(name, formula.evaluate(names, names))
    return found


def _plain(name: str, value: Any) -> Any:
    """What JSON can keep: instants as ISO text."""
    if value is None or isinstance(value, (str, bool, int, float, list, dict)):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise Invalid(
        f"Variable '{name}' would be a {type(value).__name__}, which cannot be kept.",
        hint="Turn it into text or a number.",
    )
