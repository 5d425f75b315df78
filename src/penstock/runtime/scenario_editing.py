"""Editing scenarios: what a step, trigger or reporter would do, in words, before it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from penstock.core import registry, scenario_words
from penstock.core.complaints import MISSING
from penstock.core.errors import Invalid, InvalidDefinition
from penstock.core.kind import Kind, documentation
from penstock.core.outcome import Outcome
from penstock.core.reporter import Reporter
from penstock.core.scenario import Step, slug
from penstock.core.trigger import Trigger
from penstock.runtime import scenario_reports

Family = Literal["steps", "triggers", "reporters"]
ORDER: Mapping[str, Sequence[str]] = {
    "steps": ("build", "run_checks", "compute_metrics", "python", "run_scenario"),
    "triggers": ("time", "dataset_changed"),
    "reporters": ("mail",),
}
"""What most people look for, first."""
BEGINNINGS: Mapping[str, Mapping[str, Any]] = {
    "time": {"every": "1 day"}, "send_message": {"run_if": "always"},
}  # fmt: skip
"""What stands in a new one of a kind before anybody typed: news of a failure are no use when only good ones come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """One of them on its card: what it is called, what it does, when, and what is wrong with it."""

    title: str
    type: str
    what: str
    when: str
    is_off: bool
    wrong: str = ""
    needs: tuple[str, ...] = ()
    """Settings that are still empty and must not stay so."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind somebody may add."""

    type: str
    sentence: str


def offers(family: Family) -> list[Offer]:
    """Every kind of a family, the usual ones first."""
    first = ORDER[family]
    names = sorted(registry.names(family), key=lambda n: (first.index(n) if n in first else 99, n))
    return [Offer(n, documentation(registry.kind(family, n))[0].split("\n")[0]) for n in names]


def fresh(type: str, family: Family = "steps", taken: Sequence[str] = ()) -> dict[str, Any]:
    """A new one of a kind, as its form begins. A step is named after its kind, with a number where steps of these
    names are there already."""
    own = (
        free_name(type.rpartition(".")[2].replace("_", " ").capitalize(), taken) if family == "steps" else ""
    )
    return {"type": type, **({"name": own} if own else {}), **BEGINNINGS.get(type, {})}


def free_name(name: str, taken: Sequence[str]) -> str:
    """The name itself, or with the first number that makes it differ: `Build`, `Build 2`."""
    numbered = (f"{name} {number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in numbered if other not in taken)


def sketch(family: Family, values: Mapping[str, Any], number: int, project: str) -> Sketch:
    """How it stands on its card. What cannot be read is said on it; `number` counts from 1."""
    type = str(values.get("type", ""))
    plain = Sketch(
        title=str(values.get("name") or f"{type or family} #{number}").replace("_", " "), type=type, what="",
        when="", is_off=False,
    )  # fmt: skip
    try:
        made = registry.parse(family, values)
    except Invalid as wrong:
        every = (wrong, *wrong.also) if isinstance(wrong, InvalidDefinition) else ()
        missing = tuple(_setting(one.field) for one in every if one.problem == MISSING)
        other = next((one for one in every if one.problem != MISSING), None)
        if missing and other is None:
            return replace(plain, needs=missing)
        said = f"{_setting(other.field)}: {other.problem}" if other is not None else str(wrong)
        return replace(plain, wrong=said.lstrip(": "))
    return _in_words(plain, made, number, project)


def conditions(labels: Sequence[str]) -> list[str]:
    """Conditions that people often want, for a scenario with these steps."""
    outcomes = [
        f"outcome == '{word}'" for word in (Outcome.FAILED, Outcome.WARNING, Outcome.SUCCESS, Outcome.ABORTED)
    ]
    words = (Outcome.WARNING, Outcome.FAILED)
    return [*outcomes, *(f"stepOutcome_{slug(label)} == '{word}'" for label in labels for word in words)]


def at(wrong: InvalidDefinition | None, path: str) -> InvalidDefinition | None:
    """What is wrong below a place of a definition, as if that stood alone; None when nothing is."""
    every = (wrong, *wrong.also) if wrong else ()
    found = [_moved(w, path) for w in every if w.field == path or w.field.startswith(f"{path}.")]
    return together(found)


def together(problems: Sequence[InvalidDefinition]) -> InvalidDefinition | None:
    """Several problems as one error."""
    if not problems:
        return None
    first, *others = problems
    made = InvalidDefinition(first.problem, file=first.file, line=first.line, field=first.field)
    made.also = tuple(others)
    return made


def _moved(wrong: InvalidDefinition, path: str) -> InvalidDefinition:
    return InvalidDefinition(wrong.problem, field=wrong.field.removeprefix(path).lstrip("."))


def _setting(field: str) -> str:
    """`reporter.to` → `to`, as people say it; a number is the item of a list."""
    words = [word for word in field.split(".") if word and not word.isdigit()]
    return words[-1].replace("_", " ") if words else ""


def _in_words(plain: Sketch, made: Kind, number: int, project: str) -> Sketch:
    match made:
        case Step():
            when = ", ".join(filter(None, (scenario_words.condition(made), _counts(made))))
            what = ", ".join(scenario_reports.subjects(made, project))
            title = made.name or f"Step #{number}"
            return replace(plain, title=title, what=what, when=when, is_off=not made.enabled)
        case Trigger():
            title = made.name or made.kind_name()
            return replace(plain, title=title, when=made.words, is_off=not made.active)
        case Reporter():
            return replace(
                plain, title=made.name or made.kind_name(), when=_told(made), is_off=not made.active
            )
    raise Invalid(f"{made.kind_name()} is no part of a scenario.")


def _counts(step: Step) -> str:
    return scenario_words.counts(step).replace("forgets the outcome so far", "then forgets the failure")


def _told(reporter: Reporter) -> str:
    when = f" if {reporter.when}" if reporter.when is not None else ""
    to = getattr(reporter, "to", "")
    people = f", to {to if isinstance(to, str) else ', '.join(map(str, to))}" if to else ""
    return f"at the {reporter.on}{when}{people}"


def family(word: str) -> Family:
    """Raises Invalid for a word that is no part of a scenario."""
    if word not in ORDER:
        raise Invalid(f"A scenario has no {word}.", hint="It has steps, triggers and reporters.")
    return cast("Family", word)
