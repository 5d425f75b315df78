"""Cards: the steps, triggers or reporters of a scenario in one form: a card and a form each, any of them shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from penstock.core import registry
from penstock.core.errors import InvalidDefinition, KindMissing
from penstock.core.kind import Kind
from penstock.runtime import scenario_editing
from penstock.runtime.scenario_editing import Family, Sketch
from penstock.web import advice, forms, shapes
from penstock.web.asking import Ask

COMMON: Mapping[str, Sequence[tuple[str, tuple[str, ...]]]] = {
    "steps": (
        ("When it runs", ("run_if", "enabled", "reset_failure")),
        ("How it counts", ("proceed_on_failure", "warnings_as", "retries", "retry_delay", "timeout")),
        ("About it", ("description",)),
    ),
    "triggers": (("How often it looks", ("check", "grace", "check_again", "timeout")), ("About it", ("description",))),
    "reporters": (("When it tells", ("on", "when", "active", "timeout")),),
}  # fmt: skip
"""Fields that stand under a heading of their own, after those of the kind."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some fields of the form, with their heading."""

    title: str
    fields: Markup


@dataclass(frozen=True, slots=True)
class Card:
    """One of them as it is shown."""

    number: int
    family: Family
    sketch: Sketch
    summary: str
    groups: Sequence[Group]
    lacks: Sequence[str]
    wrong: bool


def cards(
    ask: Ask, family: Family, listed: Iterable[Mapping[str, Any]], *, wrong: InvalidDefinition | None = None,
    lacks: Sequence[InvalidDefinition] = (), labels: Sequence[str] = (),
) -> list[Card]:  # fmt: skip
    """All of them; `wrong` speaks of the whole scenario, as do `lacks`, which are no errors. `labels` are those of
    its steps."""
    return [
        card(
            ask, family, values, number, wrong=scenario_editing.at(wrong, f"{family}.{number}"),
            lacks=[advice.of(p.problem) for p in lacks if p.field.startswith(f"{family}.{number}.")],
            labels=labels,
        )
        for number, values in enumerate(listed)
    ]  # fmt: skip


def card(
    ask: Ask, family: Family, values: Mapping[str, Any], number: int, *, wrong: InvalidDefinition | None = None,
    lacks: Sequence[str] = (), labels: Sequence[str] = (),
) -> Card:  # fmt: skip
    sketch = scenario_editing.sketch(family, values, number + 1, ask.project)
    try:
        kind = registry.kind(family, str(values.get("type", "")))
    except KindMissing as missing:
        said = Group("", Markup('<p class="state error">{}</p>').format(missing.message))
        return Card(number, family, sketch, "", [said], lacks, True)
    more = {"formula": scenario_editing.conditions(labels)}
    groups = [
        Group(title, _drawn(ask, kind, values, f"{family}.{number}", only, wrong, more))
        for title, only in _groups(family, kind)
    ]
    return Card(number, family, sketch, shapes.summary(kind), groups, lacks, bool(wrong or sketch.wrong))


def read(ask: Ask, family: Family) -> list[dict[str, Any]]:
    """What was posted, in the order of the cards."""
    numbers = [n for n in ask.words(f"{family}.order") if n.isdigit()]
    return [forms.read_kind(family, ask.form, f"{family}.{n}") for n in numbers]


def read_one(ask: Ask, family: Family, number: int) -> dict[str, Any]:
    return forms.read_kind(family, ask.form, f"{family}.{number}")


def _groups(family: Family, kind: type[Kind]) -> list[tuple[str, tuple[str, ...]]]:
    """The kind's own fields first, then those under their headings, as far as it has them."""
    names = [one.name for one in shapes.in_reading_order(kind)]
    own_words = {n for n in vars(kind).get("__annotations__", {}) if n not in ("check", "timeout")}
    common = [
        (title, tuple(n for n in wanted if n in names and n not in own_words))
        for title, wanted in COMMON[family]
    ]
    apart = {n for _, wanted in common for n in wanted}
    apart |= {"name"}
    own = tuple(n for n in names if n not in apart)
    return [("", ("name",)), *([("", own)] if own else []), *((t, wanted) for t, wanted in common if wanted)]


def _drawn(
    ask: Ask, kind: type[Kind], values: Mapping[str, Any], prefix: str, only: Sequence[str],
    wrong: InvalidDefinition | None, more: Mapping[str, Sequence[str]],
) -> Markup:  # fmt: skip
    """Some of the fields; what is wrong elsewhere is said there, what is wrong nowhere in the first group."""
    every = (wrong, *wrong.also) if wrong else ()
    fields = {one.name for one in shapes.fields(kind)}
    is_first = "name" in only
    ours = [
        w for w in every
        if (w.field.split(".")[0] in only) or (is_first and w.field.split(".")[0] not in fields)
    ]  # fmt: skip
    return forms.draw(
        ask, kind, values, only=only, prefix=prefix, wrong=scenario_editing.together(ours), more=more
    )
