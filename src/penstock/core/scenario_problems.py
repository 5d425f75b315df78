"""Everything wrong with the scenarios of a project that can be known before one runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from penstock.core import calls, outcome_words, reporter_problems
from penstock.core.errors import InvalidDefinition, did_you_mean
from penstock.core.flow import WORDS
from penstock.core.formula import Formula
from penstock.core.names import Reference, local_references
from penstock.core.project import Project, file_of
from penstock.core.scenario import Scenario, slug
from penstock.core.variables import names_in

Path = tuple[str | int, ...]
PREFIXES = ("stepOutcome_", "stepResult_", "stepOutput_")


def problems(
    project: Project, *, read: reporter_problems.Read | None = None, templates: Collection[str] = ()
) -> list[InvalidDefinition]:
    """Steps, triggers and reporters that name what is not there, conditions about steps that are not there or come
    later, texts of reporters that cannot be filled in; each with file and field.

    `read` gives the text of a file of the project, `templates` are the names of those in `templates/`.
    """
    around = reporter_problems.Surroundings(project, read or (lambda file: None), tuple(templates))
    return project.without_echoes(
        InvalidDefinition(message, file=file_of("scenario", name), field=".".join(map(str, path)))
        for name, scenario in project.scenarios.items()
        for path, message in (
            *_objects(project, scenario),
            *_calls(project, name),
            *_steps(scenario),
            *_outcomes(scenario),
            *_reporters(around, scenario),
        )
    )


def _objects(project: Project, scenario: Scenario) -> Iterator[tuple[Path, str]]:
    for reference in local_references(scenario, project.key):
        message = _flaw(project, reference)
        if message:
            yield reference.path, message


def _calls(project: Project, name: str) -> Iterator[tuple[Path, str]]:
    """Steps that would run the scenario they belong to, over others too."""

    def called_by(of: calls.Called) -> list[calls.Called]:
        found = project.scenarios.get(of[1]) if of[0] == project.key else None
        return [called for _, called in calls.calls(found, project.key)] if found else []

    start = (project.key, name)
    for path, called in calls.calls(project.scenarios[name], project.key):
        way = calls.circle(start, called, called_by)
        if way:
            yield path, calls.told(way)


def _flaw(project: Project, reference: Reference) -> str:
    name = reference.name
    if name == "*" or "${" in name:
        return ""
    if name.startswith("zone:"):
        return _missing("zone", name.removeprefix("zone:"), project.zones.zones)
    if reference.types == ("scenario",):
        return _missing("scenario", name, project.scenarios)
    if name not in project.items:
        return _missing("object", name, project.items)
    actual = project.item_type(name)
    wanted = " or ".join(WORDS[sort] for sort in reference.types)
    return "" if actual in reference.types else f"'{name}' is {WORDS[actual]}; {wanted} belongs here."


def _missing(what: str, name: str, among: Mapping[str, object]) -> str:
    return "" if name in among else f"There is no {what} '{name}'.{did_you_mean(name, among)}"


def _steps(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """Formulas and texts that speak of a step which is not there, or not yet there."""
    if scenario.kind == "python":
        return  # its steps are known only when its script runs
    labels = scenario.labels
    told = [path for path, _ in reporter_problems.reporters(scenario)]
    for path, text in _texts(scenario, ()):
        if not isinstance(text, Formula) and any(path[: len(reporter)] == reporter for reporter in told):
            continue  # texts of reporters hold formulas as well, and are looked at by themselves
        for name in sorted(_variables(text)):
            prefix = next((p for p in PREFIXES if name.startswith(p)), "")
            if prefix:
                message = _step_flaw(labels, name.removeprefix(prefix), path)
                if message:
                    yield path, message


def _outcomes(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """Formulas that compare an outcome with a word that is none."""
    for path, text in _texts(scenario, ()):
        if isinstance(text, Formula):
            for message in outcome_words.flaws(text):
                yield path, message


def _reporters(around: reporter_problems.Surroundings, scenario: Scenario) -> Iterator[tuple[Path, str]]:
    def step_flaw(name: str, path: Path) -> str | None:
        prefix = next((p for p in PREFIXES if name.startswith(p)), "")
        if not prefix:
            return None
        return (
            "" if scenario.kind == "python" else _step_flaw(scenario.labels, name.removeprefix(prefix), path)
        )

    yield from reporter_problems.problems(around, scenario, step_flaw)


def _step_flaw(labels: list[str], label: str, path: Path) -> str:
    known = {word: position for position, own in enumerate(labels) for word in (own, slug(own))}
    if label not in known:
        return f"No step is called '{label}'.{did_you_mean(label, map(slug, labels))}"
    here = path[1] if path[0] == "steps" else len(labels)
    if known[label] < int(here):
        return ""
    return f"Step '{labels[known[label]]}' comes later, so nothing is known about it here."


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text in a nest of definitions, with its place."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name), (*path, name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))


def _variables(text: str) -> frozenset[str]:
    if isinstance(text, Formula):
        return frozenset(text.columns()) | text.variables()
    return frozenset(names_in(text))
