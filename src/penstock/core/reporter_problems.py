"""What is wrong with the reporters of a scenario that can be known before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

from penstock.core import outcome_words
from penstock.core.errors import InvalidExpression, did_you_mean
from penstock.core.formula import Formula
from penstock.core.names import is_variable_name
from penstock.core.project import Project
from penstock.core.reporter import Flaw, Outlook, Path, Reporter
from penstock.core.run_variables import OF_REPORTERS, OF_RUN
from penstock.core.scenario import Scenario
from penstock.core.variable_problems import set_by_scenarios

TEMPLATES = "templates"
OF_TRIGGER = "scenarioTriggerParam_"

Read = Callable[[str], str | None]
StepFlaw = Callable[[str, Path], str | None]
"""The name of a variable and who uses it → what is wrong with it; None when it is not about a step."""


def reporters(scenario: Scenario) -> Iterator[tuple[Path, Reporter]]:
    """Every reporter with its place: those of the scenario, and those that steps send by."""
    for position, reporter in enumerate(scenario.reporters):
        yield ("reporters", position), reporter
    for position, step in enumerate(scenario.steps):
        for name, inner in dict(step).items():
            if isinstance(inner, Reporter):
                yield ("steps", position, name), inner


@dataclass(frozen=True)
class Surroundings:
    """What the reporters of all scenarios of a project are judged by, worked out once and only when there is one."""

    project: Project
    read: Read
    files: tuple[str, ...] = ()
    """The files in `templates/`, by name."""

    @cached_property
    def names(self) -> frozenset[str]:
        return known_names(self.project)

    @cached_property
    def code(self) -> frozenset[str]:
        return _words_of_code(self.project)


def problems(around: Surroundings, scenario: Scenario, step_flaw: StepFlaw) -> Iterator[Flaw]:
    """Each with its place in the scenario."""
    for path, reporter in reporters(scenario):
        known = _Known(names=around.names, code=around.code, step_flaw=step_flaw)
        outlook = Outlook(around.project, partial(known.flaw, path=path), around.read, around.files)
        for inner, message in dict.fromkeys(reporter.flaws(outlook)):
            yield (*path, *inner), message


def known_names(project: Project) -> frozenset[str]:
    """Every name that surely has a value when a reporter of this project tells."""
    set_ = {*project.settings.variables, *project.local_variables, *set_by_scenarios(project)}
    return frozenset({*OF_RUN, *OF_REPORTERS, "projectKey", *set_})


@dataclass(frozen=True, slots=True)
class _Known:
    names: frozenset[str]
    code: frozenset[str]
    """Words in the scripts of the project: any of them may be a variable that a script sets."""
    step_flaw: StepFlaw

    def flaw(self, use: str, path: Path) -> str:
        """What is wrong with the name or formula of a `${…}`."""
        if use in self.names or (is_variable_name(use) and self._is_set_somewhere(use)):
            return ""
        about_step = self.step_flaw(use, path)
        if about_step == "":
            return ""
        try:
            formula = Formula(use)
        except InvalidExpression as error:
            return about_step or f"${{{use}}} is neither a variable nor a formula. {error.message}"
        found = [*outcome_words.flaws(formula), *(self._name(name, path) for name in formula.columns())]
        return next(filter(None, found), "")

    def _name(self, name: str, path: Path) -> str:
        if name in self.names or self._is_set_somewhere(name):
            return ""
        about_step = self.step_flaw(name, path)
        if about_step is not None:
            return about_step
        return (
            f"Nothing gives the variable '{name}' a value.{did_you_mean(name, self.names)} "
            f"If something else does, give it a default."
        )

    def _is_set_somewhere(self, name: str) -> bool:
        return name.startswith(OF_TRIGGER) or name in self.code


def _words_of_code(project: Project) -> frozenset[str]:
    scenarios = project.scenarios.values()
    code = [s.body for s in scenarios] + [str(getattr(t, "code", "")) for s in scenarios for t in s.steps]
    return frozenset(word for text in code for word in re.findall(r"[^\W\d]\w*", text))
