"""The steps of a Prepare recipe as they are drawn: one by one, each with its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core import registry
from penstock.core.errors import InvalidDefinition, KindMissing
from penstock.runtime import prepare_steps
from penstock.web import forms

if TYPE_CHECKING:
    from markupsafe import Markup

    from penstock.web.asking import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnStep:
    """One step of the list."""

    index: int
    type: str
    title: str
    fields: Markup | str
    is_off: bool
    is_open: bool
    error: str = ""


def drawn(
    ask: Ask, values: Mapping[str, Any], columns: Sequence[str], wrong: InvalidDefinition | None = None
) -> list[DrawnStep]:
    """Every step of a recipe's settings, closed unless something is wrong in it."""
    steps = values.get("steps") or ()
    return [one(ask, step, i, columns, wrong=_inside(wrong, i)) for i, step in enumerate(steps)]


def one(
    ask: Ask, values: Mapping[str, Any], index: int, columns: Sequence[str], *,
    wrong: InvalidDefinition | None = None, is_open: bool = False,
) -> DrawnStep:  # fmt: skip
    """One step. A type that is not there is told in it."""
    type = str(values.get("type", ""))
    try:
        kind = registry.kind("processors", type)
    except KindMissing as missing:
        return DrawnStep(
            index=index, type=type, title=type, fields="", is_off=False, is_open=True, error=str(missing)
        )
    fields = forms.draw(
        ask,
        kind,
        values,
        wrong=wrong,
        prefix=f"steps.{index}",
        without={"disabled"},
        more={"columns": columns},
    )
    return DrawnStep(
        index=index, type=type, title=prepare_steps.title(values), fields=fields,
        is_off=bool(values.get("disabled")), is_open=is_open or wrong is not None,
    )  # fmt: skip


def _inside(wrong: InvalidDefinition | None, index: int) -> InvalidDefinition | None:
    """What is wrong with one step, its fields named from there."""
    start = f"steps.{index}"
    found = [
        InvalidDefinition(w.problem, field=w.field.removeprefix(start).lstrip("."), hint=w.hint)
        for w in ((wrong, *wrong.also) if wrong else ())
        if w.field == start or w.field.startswith(f"{start}.")
    ]
    if not found:
        return None
    found[0].also = tuple(found[1:])
    return found[0]
