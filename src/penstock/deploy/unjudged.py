"""Why nothing is known yet of the models, the runs or the data of a deployed project, and what would tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from penstock.core import health
from penstock.core.health import Health, ProjectSeen
from penstock.core.names import references

if TYPE_CHECKING:
    from penstock.core.project import Project


THERE = "on the node"


def reasons(project: Project, seen: ProjectSeen) -> dict[str, str]:
    """`model`, `execution`, `data` → why it is UNKNOWN and what to do; what is known has no reason."""
    asked: dict[str, Callable[[Project], str]] = {"model": models, "execution": execution, "data": data}
    found = health.monitored(Health.HEALTHY, seen)
    return {word: why(project) for word, why in asked.items() if getattr(found, word) is Health.UNKNOWN}


def models(project: Project, where: str = THERE) -> str:
    """Why no model is judged; `where` its runs are looked for."""
    if not project.models:
        return "It has no saved model."
    stores = sorted({store for name in project.models for store in judges(project, name)})
    if not stores:
        return f"No Evaluate recipe judges {_listed(project.models)}: add one to the Flow, with checks in its store."
    checked = [name for name in stores if project.evaluation_stores[name].checks]
    if not checked:
        return (
            f"No check stands in evaluation store {_listed(stores)}: add one that says what is good enough."
        )
    what = f"No check of evaluation store {_listed(checked)} has said anything {where} yet."
    return f"{what} {_how(project, checked, 'evaluate', where)}"


def execution(project: Project) -> str:
    """Why no run of a scenario counts."""
    if not project.scenarios:
        return "It has no scenario."
    on = {name: scenario for name, scenario in project.scenarios.items() if scenario.active}
    if not on:
        return (
            "Only scenarios whose triggers are on count, and none is on: switch one on in the settings of the"
            " deployment, then update."
        )
    silent = [name for name, scenario in on.items() if not any(t.active for t in scenario.triggers)]
    if len(silent) == len(on):
        return (
            f"{_scenarios(silent)} {'is' if len(silent) == 1 else 'are'} on, but without a trigger that is on:"
            " nothing starts there by itself. Switch a trigger on where the project is designed and deploy that, or"
            " press Run now on the node."
        )
    starting = [name for name in on if name not in silent]
    return (
        f"{_scenarios(starting)} did not run on the node yet: wait for the trigger, or press Run now there."
    )


def data(project: Project) -> str:
    """Why no data is judged."""
    ruled = [name for name, one in project.datasets.items() if (*getattr(one, "rules", ()), *one.checks)]
    if not ruled:
        return "None of its datasets has rules: add some on the Data quality tab of one."
    return f"No rule of {_listed(ruled)} has said anything {THERE} yet. {_how(project, ruled, 'run them', THERE)}"


def judges(project: Project, model: str) -> set[str]:
    """The evaluation stores that Evaluate recipes with this model fill."""
    found: set[str] = set()
    for recipe in project.recipes.values():
        named = references(recipe)
        if any(r.side == "input" and r.name == model for r in named):
            found |= {r.name for r in named if r.side == "output" and r.name in project.evaluation_stores}
    return found


def _how(project: Project, names: Sequence[str], verb: str, where: str) -> str:
    running = list(_running(project, names))
    if running:
        return (
            f"{_scenarios(running)} would tell: run {'it' if len(running) == 1 else 'one of them'} {where}."
        )
    return f"No scenario does it: {verb} {where} by hand, or add a scenario that does."


def _running(project: Project, names: Sequence[str]) -> Iterator[str]:
    """Scenarios with a step about one of them: those that are on, or all when none of them is."""
    found = [
        scenario for scenario, defined in project.scenarios.items()
        if any(str(item) in names for step in defined.steps for item in getattr(step, "items", ()))
    ]  # fmt: skip
    on = [name for name in found if project.scenarios[name].active]
    yield from on or found


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _scenarios(names: Sequence[str]) -> str:
    return f"Scenario{'s' * (len(names) > 1)} {_listed(names)}"
