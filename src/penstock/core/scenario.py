"""Scenarios: steps in order, when each runs, how outcomes add up; runs and step runs as facts. All pure."""

from __future__ import annotations

import re
from ast import PyCF_ONLY_AST
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Discriminator, Field, SerializeAsAny, Tag, model_validator

from penstock.core import condition
from penstock.core.errors import FlawAt, nearest
from penstock.core.formula import Formula
from penstock.core.kind import Definition, Described, Kind, of
from penstock.core.outcome import Outcome
from penstock.core.reporter import Reporter
from penstock.core.trigger import Trigger

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext

LEASE = timedelta(seconds=20)
"""How long a worker holds a run without a sign of life; afterwards any other one may take it on."""

RunIf = Literal["no prior step failed", "some prior step failed", "always", "never"]


class OnOutcome(Definition):
    """Run when the outcome so far is one of these."""

    outcome: tuple[Outcome, ...] = Field(min_length=1, description="SUCCESS, WARNING, FAILED.")


class OnCondition(Definition):
    """Run when a formula over the variables of the run is true."""

    condition: Formula = Field(description="Such as stepOutcome_MES_Warn == 'WARNING'.")


MEANT = ("condition", "outcome")


def _no_formula(value: Any) -> Any:
    """The value itself. Raises ValueError for a formula that stands where a word belongs."""
    if isinstance(value, str) and re.search(r"[=!<>&|]", value):
        raise ValueError(f"A formula goes into a setting of its own: {{condition: {value}}}.")
    return value


def _sort_of_condition(value: Any) -> str:
    """Which of the three somebody means, so that an error speaks of that one."""
    near = [word for key in value for word in nearest(str(key), MEANT)] if isinstance(value, Mapping) else []
    if isinstance(value, OnCondition) or near[:1] == ["condition"]:
        return "tagged-condition"
    return "tagged-outcome" if isinstance(value, (OnOutcome, Mapping)) else "tagged-words"


AnyRunIf = Annotated[
    Annotated[RunIf, BeforeValidator(_no_formula), Tag("tagged-words")]
    | Annotated[OnOutcome, Tag("tagged-outcome")]
    | Annotated[OnCondition, Tag("tagged-condition")],
    Discriminator(_sort_of_condition),
]


class Step(Kind):
    """One thing a scenario does. `run(ctx)` does it once and returns what came of it; raising means FAILED."""

    FAMILY: ClassVar[str] = "steps"

    name: str = Field(
        default="", description="Used in variables, such as stepOutcome_<name>; `Step #2` if empty."
    )
    description: str = Field(default="", description="For people.")
    run_if: AnyRunIf = Field(
        default="no prior step failed",
        description="When the step runs; a failed step does not end the scenario.",
    )
    enabled: bool = Field(default=True, description="Off: never runs; its other settings are kept.")
    reset_failure: bool = Field(
        default=False, description="Forget the outcome so far: afterwards it is this step's alone."
    )
    retries: int = Field(default=0, ge=0, le=100, description="How often a FAILED step is tried again.")
    retry_delay: float = Field(default=10.0, ge=0, description="Seconds between tries.")
    proceed_on_failure: bool = Field(default=False, description="FAILED counts as WARNING.")
    warnings_as: Literal[Outcome.WARNING, Outcome.SUCCESS, Outcome.FAILED] = Field(
        default=Outcome.WARNING, description="What WARNING counts as."
    )
    timeout: float | None = Field(
        default=None, gt=0, description="Seconds after which it is FAILED; none = no limit."
    )

    @property
    def caption(self) -> str:
        """What it is called as part of a script when it has no name."""
        return self.kind_name()

    def run(self, ctx: StepContext) -> StepResult:
        raise NotImplementedError


AnyStep = Annotated[SerializeAsAny[Step], *of("steps")]
AnyTrigger = Annotated[SerializeAsAny[Trigger], *of("triggers")]
AnyReporter = Annotated[SerializeAsAny[Reporter], *of("reporters")]


class Scenario(Described):
    """What happens by itself: steps in order (or a Python script), what starts it, who is told.

    Example:
        title: Retrain Model
        triggers:
          - {type: time, name: Weekly, every: 1 week, active: false}
        steps:
          - {type: build, name: Build MES, items: [mes_for_input_drift]}
          - {type: run_checks, name: Run MES checks, items: [mes_for_input_drift]}
          - {type: build, name: Build model, items: [authorized], run_if: some prior step failed, reset_failure: true}
    """

    kind: Literal["steps", "python"] = Field(
        default="steps", description="A list of steps, or a script in the .py file beside this one."
    )
    active: bool = Field(default=False, description="The auto-trigger switch: off, triggers do nothing.")
    steps: tuple[AnyStep, ...] = Field(default=(), description="Done in this order.")
    triggers: tuple[AnyTrigger, ...] = Field(default=(), description="Each may start a run.")
    reporters: tuple[AnyReporter, ...] = Field(default=(), description="Who is told, when and how.")
    run_as: str = Field(default="", description="Who it acts as; the last person who changed it when empty.")
    on_conflict: Literal["cancel", "queue one"] = Field(
        default="cancel", description="A run asked for during a run is cancelled, or one waits."
    )
    max_duration: float | None = Field(
        default=None, gt=0, description="Seconds after which a run is stopped as FAILED."
    )
    mark_as_test: bool = Field(default=False, description="Counts as a test in overviews.")
    body: str = Field(default="", description="The script, of kind python; kept in the .py file.")

    @model_validator(mode="after")
    def _names_differ(self) -> Scenario:
        slugs = [slug(label) for label in self.labels]
        for position, word in enumerate(slugs):
            if word in slugs[:position]:
                said = f"'{self.label(slugs.index(word))}' and '{self.label(position)}'"
                message = f"Variables could not tell the steps {said} apart; rename one."
                raise FlawAt(message, "steps", position)
        return self

    @model_validator(mode="after")
    def _steps_or_script(self) -> Scenario:
        if self.kind == "python" and self.steps:
            raise FlawAt("A scenario of kind python has a script and no steps.", "steps")
        if self.kind == "steps" and self.body:
            raise ValueError("A scenario of steps has no script; say kind: python, or use a python step.")
        script(self.body)
        return self

    @property
    def labels(self) -> list[str]:
        return [self.label(position) for position in range(len(self.steps))]

    def label(self, position: int) -> str:
        """The name of a step, or `Step #2`; positions count from 0, labels from 1."""
        return self.steps[position].name or f"Step #{position + 1}"


def script(code: str) -> str:
    """The code itself. Raises ValueError, naming the line, when Python would not read it."""
    try:
        compile(code, "the script", "exec", flags=PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        said = error.msg.rstrip(".?!") + ("?" if error.msg.endswith("?") else ".")
        raise ValueError(f"Line {error.lineno} of the script: {said}") from error
    return code


def slug(label: str) -> str:
    """A step's name as a bare word of formulas: `Step #2` → `Step_2`, `Run MES checks` → `Run_MES_checks`."""
    return re.sub(r"\W+", "_", label).strip("_")


class RunState(StrEnum):
    """Where a run of a scenario is."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    """Never began: another run was going on, or nobody could run it."""
    MISSED = "MISSED"
    """A time that passed and started nothing, kept to be seen with the reason."""

    @property
    def final(self) -> bool:
        return self not in (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class StepResult:
    """What came of one try of a step."""

    outcome: Outcome
    output: Any = None
    """JSON-able; later steps read it as stepOutput_<name>."""
    message: str = ""
    jobs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRun:
    """One step of one run: tried so often, ended so, or skipped and why. (run, position, part) is its key."""

    run: str
    position: int
    """Where it stands in the list of steps, from 0."""
    part: int = 0
    """0 = the step itself; from 1: what the script of that step did through the scenario API, in order."""
    label: str
    type: str
    state: Literal["RUNNING", "DONE", "SKIPPED"]
    why: str
    """A sentence: why it ran or was skipped."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The step as it was asked for, as JSON; how a script that is run again knows what it did already."""
    attempts: int = 0
    outcome: Outcome | None = None
    output: Any = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    """What it defined for the rest of the run."""
    message: str = ""
    jobs: tuple[str, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def key(self) -> str:
        """How people and logs call it: `2`, or `2.1` for a part."""
        return f"{self.position}.{self.part}" if self.part else str(self.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRun:
    """One run of a scenario: a row that any worker may take on."""

    id: str
    """Sortable: 2026-11-20-10-01-57-674, with something random behind when taken."""
    project: str
    scenario: str
    definition: Mapping[str, Any]
    """The scenario as it was when the run was asked for; edits made meanwhile do not affect it."""
    state: RunState
    asked_at: datetime
    asked_by: str
    run_as: str
    trigger: str = "manual"
    """Name of the trigger; `manual`, `api`, `scenario` otherwise."""
    trigger_type: str = "manual"
    params: Mapping[str, Any] = field(default_factory=dict)
    parent: str = ""
    """The run whose step asked for this one."""
    parent_step: str = ""
    """Which step and attempt of it: `0.2/1` = step 0, its part 2, attempt 1. Asked again, it is the same run."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    message: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """Run-scoped variables it began with; what steps define stands in their StepRun."""
    reports: tuple[Mapping[str, Any], ...] = ()
    """What became of each reporter: name, sent or not, why."""
    owner: str = ""
    """Which worker has it, and by which claim."""
    lease_until: datetime | None = None
    """By when its worker will have been heard of again; for people. Clocks jump, so nobody decides by it."""
    beats: int = 0
    """Signs of life so far. A worker is taken for dead when somebody sees this stand still for a lease."""
    takes: int = 0
    """How often a worker took it on since its last finished step: a step that kills its workers is given up."""
    abort_requested: bool = False

    @property
    def failed_reports(self) -> tuple[Mapping[str, Any], ...]:
        """Of those who should have told people, the ones that did not manage to."""
        return tuple(report for report in self.reports if report.get("state") == "failed")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether a step runs now, and the sentence that says why."""

    runs: bool
    why: str


def asked(step: Step, outcome: Outcome, names: Mapping[str, Any]) -> Asked:
    """The execution rule of one step, given the outcome so far. Raises our errors for a condition that cannot be
    judged: the step then is FAILED with that message."""
    if not step.enabled:
        return Asked(False, "It is switched off.")
    match step.run_if:
        case "never":
            return Asked(False, "It is set to never run.")
        case "always":
            return Asked(True, "It always runs.")
        case "some prior step failed":
            failed = outcome is Outcome.FAILED
            return Asked(failed, "A prior step failed." if failed else "No prior step failed.")
        case OnOutcome(outcome=wanted):
            return Asked(outcome in wanted, f"The outcome so far is {outcome}.")
        case OnCondition(condition=formula):
            holds = condition.holds(formula, names)
            return Asked(holds, f"{formula} is {'true' if holds else 'not true'}.")
    well = outcome in (Outcome.SUCCESS, Outcome.WARNING)
    return Asked(well, "No prior step failed." if well else f"The outcome so far is {outcome}.")


def settled(step: Step, outcome: Outcome) -> Outcome:
    """The outcome a step counts with, after `warnings_as` and `proceed_on_failure`."""
    if outcome is Outcome.WARNING:
        outcome = Outcome(step.warnings_as)
    return Outcome.WARNING if outcome is Outcome.FAILED and step.proceed_on_failure else outcome


def after(step: Step, before: Outcome, outcome: Outcome) -> Outcome:
    """The outcome of the run after a step that ran."""
    return outcome if step.reset_failure else Outcome.worst([before, outcome])
