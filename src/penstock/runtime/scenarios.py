"""Scenarios: ask for runs, do them, stop them, look at them; switch them on and off; rehearse them."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from penstock.core import registry
from penstock.core.access import Permission
from penstock.core.errors import (
    Aborted,
    EditedByHand,
    Invalid,
    InvalidDefinition,
    Refused,
    RunFailed,
    did_you_mean,
)
from penstock.core.names import check_name
from penstock.core.outcome import Outcome
from penstock.core.project import file_of
from penstock.core.rehearsal import Rehearsed, rehearse
from penstock.core.scenario import Scenario, ScenarioRun, StepRun
from penstock.runtime import (
    asking,
    audit,
    baseline,
    calling,
    guards,
    identity,
    last_runs,
    readiness,
    run_log,
    variables,
    worker,
)
from penstock.runtime.events import Watch
from penstock.runtime.stepping import execute

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

FailOn = Literal["FAILED", "WARNING", ""]
"""Which outcomes are errors for whoever waits: FAILED; WARNING too; none."""
LATELY = 10
"""So many runs are shown of a scenario in a list."""
WAIT = 0.1
"""Seconds between two looks at a run that another worker does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A scenario in a list."""

    name: str
    title: str
    kind: str
    active: bool
    triggers: int
    run_as: str
    """As whom it would run now; empty when nobody can."""
    problem: str
    """Why it cannot run, when it cannot."""
    warnings: tuple[str, ...]
    """What this node lacks so that its reporters can send."""
    changed_by: str
    changed_at: datetime | None
    lately: tuple[ScenarioRun, ...]
    """The newest runs, queued, running or ended; newest first."""
    next_run: datetime | None
    """When its triggers by time start it next; None while it is off."""

    @property
    def last(self) -> ScenarioRun | None:
        """The newest run."""
        return next(iter(self.lately), None)


def listing(node: Node, project: str) -> list[Listed]:
    """Every scenario of a project, by name; those whose files could not be read with their problem."""
    loaded = node.projects.load(project)
    broken = loaded.broken("scenario")
    return [
        _broken(node, project, name, broken[name]) if name in broken else _listed(node, loaded, name)
        for name in sorted({*loaded.scenarios, *broken})
    ]


def listed(node: Node, project: str, scenario: str) -> Listed:
    """One scenario as it stands in the list. Raises NotFound with the nearest name."""
    loaded = node.projects.load(project)
    broken = loaded.broken("scenario")
    if scenario in broken:
        return _broken(node, project, scenario, broken[scenario])
    return _listed(node, loaded, scenario)


def definition(node: Node, project: str, scenario: str) -> Scenario:
    """The scenario as its file says now. Raises NotFound with the nearest name."""
    return node.projects.load(project).scenario(scenario)


def save(
    node: Node, project: str, scenario: str, definition: Scenario | Mapping[str, Any], *, author: str,
    message: str = "", base: str = "",
) -> Scenario:  # fmt: skip
    """Create or replace a scenario, as one commit; its author is whom it runs as from now on.

    `base` is the content hash of the file that was changed; without it nobody looks. Raises InvalidDefinition naming
    file, line and field, SaveConflict when somebody else saved since, and Refused when somebody who is no
    administrator chooses as whom it runs.
    """
    after = definition if isinstance(definition, Scenario) else registry.validate(Scenario, definition)
    before = node.projects.load(project).scenarios.get(check_name(scenario))
    identity.check_run_as(node, before, after, author=author)
    calling.check_saved(node, project, scenario, after)
    file = file_of("scenario", scenario)
    node.projects.save(
        project, {file: after}, author=author, message=message or f"Define scenario {scenario}",
        base={file: base} if base else None,
    )  # fmt: skip
    baseline.note(node, project)
    return after


def switch(node: Node, project: str, scenario: str, active: bool, *, author: str) -> Scenario | None:
    """Turn the auto-trigger switch on or off. Whoever does it is the last author, so the scenario runs as them.

    Off always works: in files that are not well formed only that one line is changed, as an edit by hand, and None
    comes back when they cannot be read at all.
    """
    check_known(node, project, scenario)
    try:
        now = definition(node, project, scenario)
        if now.active == active:
            baseline.note(node, project)
            return now
        message = f"Turn scenario {scenario} {'on' if active else 'off'}"
        return save(node, project, scenario, now.changed(active=active), author=author, message=message)
    except (InvalidDefinition, EditedByHand):
        if active:
            raise
    node.projects.amend(project, file_of("scenario", scenario), {"active": False})
    node.scenario_runs.forget_triggers(project, scenario)
    return node.projects.load(project).scenarios.get(scenario)


def check_known(node: Node, project: str, scenario: str) -> None:
    """Raise NotFound, with the nearest name, for a scenario that has no file; a broken file is one."""
    last_runs.check_known(node, project, scenario)


def start(
    node: Node, project: str, scenario: str, *, by: str = "", params: Mapping[str, Any] | None = None,
    trigger: str = "manual",
) -> ScenarioRun:  # fmt: skip
    """Ask for a run by hand (`trigger="api"`: by a program); whoever waits for it, or a worker, does it.

    Runs of this machine's dead processes go back on the queue first. Raises Conflict when another run is going on.
    """
    return asking.start(node, project, scenario, by=by, params=params, trigger=trigger)


def run_and_wait(
    node: Node, project: str, scenario: str, *, by: str = "", params: Mapping[str, Any] | None = None,
    fail_on: FailOn = "FAILED", watch: Watch | None = None,
) -> ScenarioRun:  # fmt: skip
    """Run a scenario and wait for its end: here, unless a worker takes the run first.

    Raises RunFailed when it ends FAILED (or WARNING, with `fail_on="WARNING"`; never, with an empty one), Aborted
    when somebody stopped it, Conflict when another run of it is going on. Ctrl-C stops the run, with its clean-up.
    """
    run = start(node, project, scenario, by=by, params=params)
    return wait(node, run.id, watch=watch, fail_on=fail_on)


def wait(
    node: Node, run: str, *, watch: Watch | None = None, work: bool = True, fail_on: FailOn = ""
) -> ScenarioRun:  # fmt: skip
    """A run once it has ended. With `work` this process does it, as soon as it is the run's turn and unless another
    worker was faster. Ctrl-C stops the run, which cleans up. Raises as `run_and_wait` does when `fail_on` is given."""
    over = threading.Event()
    only = worker.Settings(only=run, lanes=1, execute=partial(execute, watch=watch))
    settings = {"stop": over, "until": partial(_ended, node, run), "settings": only}
    thread = threading.Thread(target=worker.work, args=(node,), kwargs=settings, name=f"wait for {run}")
    if work:
        thread.start()
    try:
        while not _ended(node, run):
            _pause(thread, node, run)
    finally:
        over.set()
        if work:
            thread.join()
    return judged(node.scenario_runs.run(run), fail_on)


def judged(run: ScenarioRun, fail_on: FailOn = "FAILED") -> ScenarioRun:
    """The run itself when it ended well enough. Raises RunFailed or Aborted otherwise."""
    if run.outcome is Outcome.SUCCESS or not fail_on:
        return run
    if run.outcome is Outcome.ABORTED:
        raise Aborted(f"Run {run.id} of scenario {run.scenario} was aborted.")
    if run.outcome is Outcome.WARNING and fail_on != "WARNING":
        return run
    raise RunFailed(
        f"Run {run.id} of scenario {run.scenario} ended {run.outcome or run.state}. {run.message}".rstrip(),
        hint=f"See its log: `penstock scenario log {run.id}`.",
    )


def abort(node: Node, run: str) -> bool:
    """Ask a run, done by this or any other process, to stop. False when it had ended; twice does no harm."""
    found = _found(node, run, Permission.RUN)
    audit.note(node, "scenario-abort", project=found.project, object=f"scenario:{found.scenario}", run=run)
    return node.scenario_runs.request_abort(run)


def abort_current(node: Node, project: str, scenario: str) -> bool:
    """Stop the run of a scenario that is going on, and the one in line; False when there is none."""
    check_known(node, project, scenario)
    going_on = node.scenario_runs.runs(project, scenario, finished=False)
    stopped = [run for run in going_on if abort(node, run.id)]
    return bool(stopped)


def show(node: Node, run: str) -> ScenarioRun:
    """One run as it stands. Raises NotFound for an unknown id."""
    return _found(node, run)


def steps(node: Node, run: str) -> list[StepRun]:
    """The steps of a run so far, in order; what a script did stands behind its step."""
    return node.scenario_runs.steps(_found(node, run).id)


def log(node: Node, run: str, step: str = "") -> str:
    """The log of a run, or of one of its steps by name or key. Raises NotFound for either."""
    return run_log.read(node, _found(node, run).id, step)


def history(
    node: Node, project: str = "", scenario: str = "", *, finished: bool | None = None,
    since: datetime | None = None, limit: int = 50, offset: int = 0,
) -> list[ScenarioRun]:  # fmt: skip
    """Runs, newest first. `finished=True` = those that came to an end, False = queued or running, None = all rows."""
    if scenario:
        check_known(node, project, scenario)
    return node.scenario_runs.runs(
        project, scenario, finished=finished, since=since, limit=limit, offset=offset
    )


def last_successful(node: Node, project: str, scenario: str) -> ScenarioRun | None:
    """The newest run that ended SUCCESS; WARNING does not count."""
    runs = history(node, project, scenario, finished=True, limit=0)
    return next((run for run in runs if run.outcome is Outcome.SUCCESS), None)


def dry_run(
    node: Node, project: str, scenario: str, outcomes: Mapping[str, str] | None = None
) -> list[Rehearsed]:
    """Which steps would run, and how the run would end, if steps ended as supposed; SUCCESS unless said otherwise."""
    loaded = node.projects.load(project)
    supposed = {name: _outcome(outcome) for name, outcome in (outcomes or {}).items()}
    return rehearse(loaded.scenario(scenario), supposed, variables.resolve(node, loaded))


def _found(node: Node, run: str, permission: Permission = Permission.SEE_SCENARIOS) -> ScenarioRun:
    """A run, once the caller may do this in its project: its id alone says nothing about that."""
    found = node.scenario_runs.run(run)
    guards.require(node, permission, found.project)
    return found


def _outcome(word: str) -> Outcome:
    if word not in list(Outcome):
        raise Invalid(f"There is no outcome '{word}'.{did_you_mean(word, Outcome)}")
    return Outcome(word)


def _ended(node: Node, run: str) -> bool:
    return node.scenario_runs.run(run).state.final


def _pause(thread: threading.Thread, node: Node, run: str) -> None:
    try:
        thread.join(WAIT) if thread.is_alive() else time.sleep(WAIT)
    except KeyboardInterrupt:
        node.scenario_runs.request_abort(run)


def _listed(node: Node, loaded: Project, name: str) -> Listed:
    found, project = loaded.scenario(name), loaded.key
    changed = node.projects.last_change(project, file_of("scenario", name))
    runs = node.scenario_runs.runs(project, name, limit=LATELY)
    who, problem = "", ""
    try:
        asking.check_sound(node, project, name)
    except (Refused, InvalidDefinition) as unsound:
        problem = str(unsound)
    try:
        who = identity.run_as(node, loaded, name)
    except Refused as refused:
        problem = problem or str(refused)
    return Listed(
        name=name, title=found.title, kind=found.kind, active=found.active, triggers=len(found.triggers),
        run_as=who, problem=problem, warnings=tuple(map(str, readiness.lacks(node, loaded, name))),
        changed_by=changed[0] if changed else "",
        changed_at=changed[1] if changed else None, lately=tuple(runs),
        next_run=_next_run(found, node.clock.now()),
    )  # fmt: skip


def _broken(node: Node, project: str, name: str, problem: InvalidDefinition) -> Listed:
    """A scenario whose files cannot be read: on as long as its triggers wait for somebody to mend it."""
    changed = node.projects.last_change(project, file_of("scenario", name))
    return Listed(
        name=name, title="", kind="", active=bool(node.scenario_runs.trigger_states(project, name)), triggers=0,
        run_as="", problem=str(problem), warnings=(), changed_by=changed[0] if changed else "",
        changed_at=changed[1] if changed else None,
        lately=tuple(node.scenario_runs.runs(project, name, limit=LATELY)), next_run=None,
    )  # fmt: skip


def _next_run(scenario: Scenario, now: datetime) -> datetime | None:
    slots = [t.next_look(now) for t in scenario.triggers if scenario.active and t.active and t.SLOTS]
    return min((slot for slot in slots if slot), default=None)
