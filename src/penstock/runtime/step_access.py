"""Step access: everything a step of a scenario may do, as the run's user, until it is given up."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from penstock.core import run_variables
from penstock.core import variables as texts
from penstock.core.errors import Aborted, Conflict, Failed, Invalid, NotReady, Refused
from penstock.core.outcome import Outcome
from penstock.core.scenario import RunState, ScenarioRun, StepResult
from penstock.runtime import (
    asking,
    calling,
    checks,
    datasets,
    evaluations,
    flow_documents,
    folders,
    jobs,
    metrics,
    model_documents,
    printouts,
    project_wiki,
    querying,
    reports,
    training,
    wiki_exports,
)
from penstock.runtime.stopping import LOOK, Stop, Stopping

if TYPE_CHECKING:
    from penstock.core.check import CheckResult
    from penstock.core.job import Job
    from penstock.core.node import Node
    from penstock.core.ports import Clock, Evaluations, Models
    from penstock.core.project import Project
    from penstock.core.reporter import Reporter
    from penstock.core.scenario import Step, StepRun
    from penstock.core.schema import Schema
    from penstock.core.update import Update
    from penstock.runtime.measuring import MetricsRun
    from penstock.runtime.run_log import StepLog
    from penstock.runtime.run_record import Record

NEWEST = 20
"""Evaluations of a store among which those of a job that has just ended are looked for."""
WAIT = 0.2
"""Seconds between two looks at a run that another worker does."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which step, which part of it, which try."""

    position: int
    part: int = 0
    label: str = ""
    attempt: int = 1

    @property
    def key(self) -> str:
        return f"{self.position}.{self.part}" if self.part else str(self.position)

    @property
    def asker(self) -> str:
        """How a run that this step asks for remembers it: the same try asks for the same run."""
        return f"{self.key}/{self.attempt}"


class Going(Protocol):
    """The run that a step is a part of: what it knows, and what it does for its steps."""

    record: Record

    @property
    def node(self) -> Node: ...
    def variables(self, outcome: Outcome, *, until: tuple[int, int] | None = None) -> dict[str, Any]:
        """Every name that has a value, as the run stands or stood before a step."""

    def run_step(
        self, place: Place, step: Step, why: str, *, outcome: Outcome, stopping: Stopping, settings: Any = None
    ) -> StepRun:  # fmt: skip
        """Run a step or a part of one, and keep what came of it."""

    def child(self, run: ScenarioRun) -> ScenarioRun:
        """Do a run that a step of this one asked for. Raises Elsewhere."""

    def script(self, ctx: StepAccess, code: str, code_environment: str) -> StepResult:
        """Run a person's Python, whose parts are steps of this run. Raises Elsewhere."""


@dataclass(kw_only=True)
class StepAccess:
    """The StepContext: one try of one step."""

    stepping: Going
    step: Step
    place: Place
    log: StepLog
    stopping: Stopping
    outcome: Outcome
    """Of the run so far."""
    stopped: threading.Event = field(default_factory=threading.Event)
    """Set when the step was given up; nothing it does has an effect then."""
    jobs: list[str] = field(default_factory=list)
    defined: dict[str, Any] = field(default_factory=dict)

    @property
    def node(self) -> Node:
        return self.stepping.node

    @property
    def run(self) -> ScenarioRun:
        return self.stepping.record.run

    @property
    def label(self) -> str:
        return self.place.label

    @property
    def clock(self) -> Clock:
        return self.node.clock

    @property
    def project(self) -> Project:
        """As its files say now."""
        return self.node.projects.load(self.run.project)

    @cached_property
    def _variables(self) -> dict[str, Any]:
        until = (self.place.position, self.place.part) if self.place.part else None
        return self.stepping.variables(self.outcome, until=until)

    @property
    def variables(self) -> Mapping[str, Any]:
        return {**self._variables, **self.defined} if self.defined else self._variables

    def expand(self, text: str) -> str:
        return texts.expand_text(text, self.variables, where=f"step {self.label}") if "${" in text else text

    def should_stop(self) -> bool:
        return self.stopped.is_set() or self.stopping() is not None or self.stepping.record.lease.gone()

    # the Flow -----------------------------------------------------------------------------------------------------

    def build(self, items: Sequence[str], mode: str, **options: Any) -> Job:
        self._check()
        values = {**self.run.variables, **run_variables.for_recipes(self._of_run())}
        started = jobs.start(
            self.node, self.run.project, items, mode, initiator=self.run.run_as, watch=self.stepping.record.tell,
            variables=values, origin="scenario", scenario_run=self.run.id, **options,
        )  # fmt: skip
        self.jobs.append(started.job.id)
        self.log.info(f"Job {started.job.id}: {', '.join(items)}.")
        while not started.ended(LOOK):
            if self.should_stop():
                jobs.abort(self.node, started.job.id)
        return self.node.runs.job(started.job.id)

    def ran(self, job: Job) -> int:
        return len(self.node.runs.activities(job.id))

    def diagnostics(self, job: Job) -> int:
        project = self.project
        made: list[Any] = [v for name in project.models for v in self.node.models.versions(job.project, name)]
        for store in project.evaluation_stores:
            made += self.node.evaluations.list(job.project, store, limit=NEWEST, newest_first=True)
        messages = {d["message"] for one in made if one.job == job.id for d in one.diagnostics}
        warnings = [w for a in self.node.runs.activities(job.id) for w in a.warnings]
        return sum(warning in messages for warning in warnings)

    def compute_metrics(self, item: str) -> MetricsRun:
        self._check()
        return metrics.compute(
            self.node, self.run.project, item, origin="scenario", run_id=self.run.id, variables=self._of_run()
        )

    def run_checks(self, item: str, *, skip_auto_run: bool = False) -> Sequence[CheckResult]:
        self._check()
        chosen = None
        if skip_auto_run:
            demands = checks.demands(self.project, item)
            chosen = [d.key for d in demands if d.enabled and not checks.runs_on_build(d)]
        return checks.run(
            self.node, self.run.project, item, checks=chosen, origin="scenario", run_id=self.run.id,
            variables=self._of_run(),
        )  # fmt: skip

    def clear(self, item: str) -> None:
        self._check()
        match self.project.item_type(item):
            case "dataset":
                datasets.clear(self.node, self.run.project, item)
            case "folder":
                folders.clear(self.node, self.run.project, item)
            case "evaluation_store":
                evaluations.delete_all(self.node, self.run.project, item)
            case _:
                raise Refused(
                    f"'{item}' is a model; its versions are not cleared.", hint="Delete them one by one."
                )
        self.log.info(f"{item} is empty.")

    def reload_schema(self, dataset: str) -> Schema:
        self._check()
        return datasets.reload(self.node, self.run.project, dataset, author=self.run.run_as)

    def query(self, sql: str, limit: int, connection: str = "") -> Mapping[str, Any]:
        self._check()
        if connection:
            querying.check_allowed(self.node, connection, self.run.run_as)
        return querying.query(
            self.node, self.project, self.variables, sql, limit=limit, connection=connection,
            stop=self.should_stop,
        )  # fmt: skip

    def models(self) -> Models:
        return self.node.models

    def evaluations(self) -> Evaluations:
        return self.node.evaluations

    def activate(self, model: str, version: str) -> None:
        self._check()
        training.activate(self.node, self.run.project, model, version, by=self.run.run_as)

    # shipping -----------------------------------------------------------------------------------------------------

    def update_deployment(
        self, deployment: str, package: str, *, ignore_warnings: bool = False, full: bool = False
    ) -> Update:
        self._check()
        return self.node.shipping.update_deployment(
            deployment, package, ignore_warnings=ignore_warnings, full=full, by=self.run.run_as,
            should_stop=self.should_stop,
        )  # fmt: skip

    def create_bundle(self, id: str, *, unique: bool, notes: str, publish: bool, as_project: str) -> str:
        self._check()
        return self.node.shipping.create_bundle(
            self.run.project, id, unique=unique, notes=notes, publish=publish, as_project=as_project,
            by=self.run.run_as,
        )  # fmt: skip

    def create_service_version(
        self, service: str, version: str, *, unique: bool, notes: str, publish: bool, as_service: str
    ) -> str:
        self._check()
        return self.node.shipping.create_service_version(
            self.run.project, service, version, unique=unique, notes=notes, publish=publish, as_service=as_service,
            by=self.run.run_as,
        )  # fmt: skip

    # the run ------------------------------------------------------------------------------------------------------

    def define(self, values: Mapping[str, Any]) -> None:
        self._check()
        self.defined |= _kept(values)

    def set_project_variables(self, values: Mapping[str, Any], *, local: bool = False) -> None:
        self._check()
        self.node.projects.set_variables(self.run.project, _kept(values), author=self.run.run_as, local=local)
        self.__dict__.pop("_variables", None)

    def send(self, reporter: Reporter) -> str:
        self._check()
        steps = self.stepping.record.steps()
        report = reports.send(self.node, self.run, steps, reporter, self.variables)
        for note in report.notes:
            self.log.info(note)
        if not report.sent:
            raise Failed(report.why)
        return report.why

    def export_dashboard(
        self, name: str, folder: str, *, file: str, form: str, paper: str, filters: str
    ) -> str:
        self._check()
        return printouts.export_to_folder(
            self.node, self.run.project, name, folder, file=file, form=form, paper=paper, filters=filters
        )

    def create_model_document(self, model: str, folder: str, **settings: Any) -> tuple[str, Sequence[str]]:
        self._check()
        return model_documents.to_folder(
            self.node, self.run.project, model, folder, by=self.run.run_as, **settings
        )

    def create_flow_document(self, folder: str, **settings: Any) -> tuple[str, Sequence[str]]:
        self._check()
        return flow_documents.to_folder(self.node, self.run.project, folder, **settings)

    def refresh_wiki(self) -> Sequence[str]:
        self._check()
        return project_wiki.generate(self.node, self.run.project, author=self.run.run_as).written

    def untrue_articles(self) -> Mapping[str, str]:
        self._check()
        found = project_wiki.untrue(self.node, self.run.project)
        if found is None:
            raise NotReady(
                "The project wiki was never generated.", hint="Refresh it once: penstock wiki generate."
            )
        return found

    def export_wiki(self, article: str, folder: str, **settings: Any) -> str:
        self._check()
        return wiki_exports.export_to_folder(self.node, self.run.project, folder, article=article, **settings)

    def python(self, code: str, code_environment: str = "") -> StepResult:
        self._check()
        return self.stepping.script(self, code, code_environment)

    def run_scenario(
        self, scenario: str, *, project: str = "", params: Mapping[str, Any] | None = None
    ) -> ScenarioRun:
        self._check()
        project = project or self.run.project
        calling.check_no_circle(self.node, self.run, project, scenario)
        run = asking.ask(
            self.node, project, scenario, by=self.run.run_as, params=params, variables=self._handed_down(),
            trigger=self.run.scenario, trigger_type="scenario", parent=self.run, parent_step=self.place.asker,
        )  # fmt: skip
        if run.state is RunState.CANCELLED:
            raise Conflict(
                f"Scenario {scenario} is running already, so no other run of it was begun.",
                hint="Wait for it, or set its on_conflict to `queue one`.",
            )
        calling.check_no_deadlock(self.node, self.run, run)
        self.log.info(f"Run {run.id} of scenario {scenario}.")
        return self._awaited(run)

    def _handed_down(self) -> dict[str, Any]:
        """The variables a scenario begins with that this step runs: those this run began with or defined so far."""
        here = (self.place.position, self.place.part)
        before = [s for s in self.stepping.record.steps() if (s.position, s.part) < here]
        return {**self.run.variables, **run_variables.defined(before), **self.defined}

    def _awaited(self, run: ScenarioRun) -> ScenarioRun:
        """The run once it has ended: done here, unless another worker was faster."""
        lease = self.stepping.record.lease
        asked_to_stop = False
        while not run.state.final:
            if self._is_unwanted() and not asked_to_stop:
                self.node.scenario_runs.request_abort(run.id)
                asked_to_stop = True
            mine = self.node.scenario_runs.claim(lease.owner, self.clock.now(), lease.length, run=run.id)
            if mine is not None:
                return self._done_here(mine)
            if lease.gone():
                raise Aborted("This worker lost the run.")
            self.stopped.wait(WAIT)
            run = self.node.scenario_runs.run(run.id)
        return run

    def _is_unwanted(self) -> bool:
        """Whether what this step waits for should stop: not when another worker takes the run on."""
        return self.should_stop() and not self.stepping.record.lease.gone()

    def _done_here(self, run: ScenarioRun) -> ScenarioRun:
        """Do a run in this thread; another one passes the wish to stop on to it."""
        over = threading.Event()

        def pass_on() -> None:
            while not over.wait(LOOK):
                if self._is_unwanted():
                    self.node.scenario_runs.request_abort(run.id)
                    return

        thread = threading.Thread(target=pass_on, name=f"stop of {run.id}", daemon=True)
        thread.start()
        try:
            return self.stepping.child(run)
        finally:
            over.set()
            thread.join()

    def _check(self) -> None:
        if self.stopped.is_set():
            raise Aborted("The step was given up.")

    def _of_run(self) -> dict[str, Any]:
        """The variables of the run alone, without those every job resolves by itself."""
        return {**self.stepping.record.variables(self.outcome), **self.defined}


def stopped_with(ctx: StepAccess) -> Stop | None:
    """For what a script does through its step: it ends when the step does."""
    if ctx.stopped.is_set():
        return Stop(Outcome.ABORTED, "Its script was stopped.")
    return ctx.stopping()


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON keeps them. Raises Invalid for one that it cannot keep."""
    try:
        kept: dict[str, Any] = json.loads(json.dumps(dict(values), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise Invalid(f"A variable must be a value that JSON can keep: {error}.") from error
    return kept
