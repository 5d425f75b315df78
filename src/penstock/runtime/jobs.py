"""Jobs: build objects of a project, preview what that would do, stop it, do it again."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from penstock.core import plan, variable_problems
from penstock.core.access import Permission
from penstock.core.errors import Aborted, Conflict, Invalid, JobFailed
from penstock.core.flow import Flow, problems
from penstock.core.job import Activity, BuildMode, Job, JobState
from penstock.core.plan import Plan
from penstock.core.scope import Request, scope, targets_of
from penstock.runtime import audit, guards, housekeeping, people, recovery, soundness, states, variables
from penstock.runtime.events import Watch, unwatched
from penstock.runtime.running import JobRun

if TYPE_CHECKING:
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What else somebody may say about a build."""

    without: Sequence[str] = ()
    """Recipes taken out of the plan by hand."""
    stop_at_zone: bool = False
    """Look upstream only inside the zones of the targets."""
    update_schemas: bool = False
    """Bring the declared columns of every output up to date, instead of warning or refusing."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """Values for this job alone, over those of the project."""
    origin: Literal["manual", "scenario", "api", "schedule"] = "manual"
    scenario_run: str = ""


DEFAULTS = Options()
RECENT = 500
"""Jobs that one process has begun lately, at most."""


class Words(TypedDict, total=False):
    """The same, as keyword arguments of `preview`, `build` and `start`."""

    without: Sequence[str]
    stop_at_zone: bool
    update_schemas: bool
    variables: Mapping[str, Any]
    origin: Literal["manual", "scenario", "api", "schedule"]
    scenario_run: str


@dataclass(frozen=True, slots=True)
class Started:
    """A job that runs in the background."""

    node: Node
    job: Job
    _thread: threading.Thread

    def ended(self, seconds: float = 0.0) -> bool:
        """Whether it has ended; waits up to so many seconds for that."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def wait(self, *, no_fail: bool = False) -> Job:
        """The job once it has ended. Raises JobFailed or Aborted unless it is DONE or `no_fail` is set."""
        self._thread.join()
        return judged(self.node.runs.job(self.job.id), no_fail)


def preview(
    node: Node, project: str, targets: Sequence[str], mode: BuildMode | str = BuildMode.REQUIRED, *,
    options: Options = DEFAULTS, **words: Unpack[Words],
) -> Plan:  # fmt: skip
    """What a build would do, in order and with reasons. Runs nothing and keeps nothing."""
    options = replace(options, **words)
    flow = Flow.of(node.projects.load(project))
    request = _request(node, flow, targets, mode, options)
    values = variables.resolve(node, flow.project, options.variables)
    made = plan.make(flow, request, states.facts(node, flow, request, values))
    undefined = variable_problems.problems(flow.project, values, recipes=made.recipes)
    return replace(made, problems=tuple(map(str, undefined)))


def build(
    node: Node, project: str, targets: Sequence[str], mode: BuildMode | str = BuildMode.REQUIRED, *,
    initiator: str = "", no_fail: bool = False, watch: Watch | None = None, options: Options = DEFAULTS,
    **words: Unpack[Words],
) -> Job:  # fmt: skip
    """Build objects and wait. `targets` are items, recipes, `zone:NAME` or `*`; `mode` an id or a word for one.

    Raises JobFailed or Aborted unless the job is DONE or `no_fail` is set. What cannot even begin is refused before
    there is a job: an unknown mode or name, a write-protected target, a Flow that runs in a circle.
    """
    chosen = replace(options, **words)
    run = _submit(node, project, targets, mode, initiator=initiator, watch=watch, options=chosen)
    return judged(run.run(), no_fail)


def start(
    node: Node, project: str, targets: Sequence[str], mode: BuildMode | str = BuildMode.REQUIRED, *,
    initiator: str = "", watch: Watch | None = None, options: Options = DEFAULTS, **words: Unpack[Words],
) -> Started:  # fmt: skip
    """Like `build`, without waiting: the job runs in threads of this process."""
    chosen = replace(options, **words)
    run = _submit(node, project, targets, mode, initiator=initiator, watch=watch, options=chosen)
    thread = threading.Thread(target=run.run, name=run.job.id, daemon=True)
    thread.start()
    return Started(node, run.job, thread)


def start_again(node: Node, job: str, *, initiator: str = "", watch: Watch | None = None) -> Started:
    """Like `again`, without waiting."""
    old = _found(node, job, Permission.WRITE)
    return start(
        node, old.project, old.targets, old.mode, initiator=initiator, watch=watch, options=_options(old)
    )


def abort(node: Node, job: str) -> bool:
    """Ask a job, of this or any other process, to stop. False when it had ended already; twice does no harm."""
    _found(node, job, Permission.WRITE)
    audit.note(node, "flow-job-abort", object=f"job:{job}")
    return node.runs.request_abort(job)


def stop_here(node: Node, *, seconds: float) -> list[str]:
    """Stop the jobs that run in this process, and give them so long to clean up: for a server that ends."""
    recent = node.runs.jobs(limit=RECENT)
    mine = [job.id for job in recent if job.owner == recovery.owner() and not job.state.final]
    for job in mine:
        node.runs.request_abort(job)
    until = time.monotonic() + seconds
    while time.monotonic() < until and any(not node.runs.job(job).state.final for job in mine):
        time.sleep(0.1)
    return mine


def show(node: Node, job: str) -> Job:
    """One job as it stands. Raises NotFound for an unknown id."""
    return _found(node, job)


def activities(node: Node, job: str) -> list[Activity]:
    """The activities of a job, in the order of its plan. Raises NotFound for an unknown id."""
    return node.runs.activities(_found(node, job).id)


def history(node: Node, project: str = "", *, state: str = "", limit: int = 50, offset: int = 0) -> list[Job]:
    """Jobs, newest first: of one project or of all that the caller may read, in one state or in any."""
    who = guards.asking()
    if project or who is None or who.is_administrator:
        return node.runs.jobs(project, state=state, limit=limit, offset=offset)
    seen = people.visible(node, who, Permission.READ)
    found = [j for key in seen for j in node.runs.jobs(key, state=state, limit=offset + limit)]
    return sorted(found, key=lambda j: (j.created_at, j.id), reverse=True)[offset : offset + limit]


def again(
    node: Node, job: str, *, initiator: str = "", no_fail: bool = False, watch: Watch | None = None
) -> Job:  # fmt: skip
    """Run a job once more: the same targets, mode and options, on the project as it is now."""
    old = node.runs.job(job)
    return build(
        node,
        old.project,
        old.targets,
        old.mode,
        initiator=initiator,
        no_fail=no_fail,
        watch=watch,
        options=_options(old),
    )


def _found(node: Node, job: str, permission: Permission = Permission.READ) -> Job:
    """A job, once the caller may do this in its project: its id alone says nothing about that."""
    found = node.runs.job(job)
    guards.require(node, permission, found.project)
    return found


def _options(job: Job) -> Options:
    """What was said about a job when it was asked for."""
    known: dict[str, Any] = {k: v for k, v in job.options.items() if k in Options.__dataclass_fields__}
    return Options(**{**known, "without": tuple(known.get("without", ()))})


def _submit(
    node: Node, project: str, targets: Sequence[str], mode: BuildMode | str, *,
    initiator: str, watch: Watch | None, options: Options,
) -> JobRun:  # fmt: skip
    recovery.recover(node)
    housekeeping.when_due(node)
    node.projects.settle(project, author=node.config.user)
    flow = Flow.of(node.projects.load(project))
    request = _request(node, flow, targets, mode, options)
    _check_flow(flow, request)
    values = variables.resolve(node, flow.project, options.variables)
    author = initiator or node.config.user
    now = node.clock.now()
    job = _kept(node, Job(
        id=_id(request.targets, now), project=project, mode=request.mode, targets=tuple(targets),
        initiator=author, created_at=now, origin=options.origin, scenario_run=options.scenario_run,
        owner=recovery.owner(), options=asdict(options) | {"without": list(options.without)},
    ))  # fmt: skip
    audit.note(
        node, "flow-job-start", project=project, object=f"job:{job.id}", by=author, targets=list(targets),
        mode=str(request.mode), origin=options.origin,
    )  # fmt: skip
    return JobRun(
        node=node, flow=flow, request=request, values=values, job=job, tell=watch or unwatched,
        update_schemas=options.update_schemas,
    )  # fmt: skip


def _request(
    node: Node, flow: Flow, targets: Sequence[str], mode: BuildMode | str, options: Options
) -> Request:
    if not targets:
        raise Invalid(
            "A build needs a target.", hint="Name an object, `zone:NAME`, or `*` for all ends of the Flow."
        )
    for recipe in options.without:
        flow.project.recipe(recipe)
    request = Request(
        targets=targets_of(flow, targets), mode=BuildMode.parse(mode), without=frozenset(options.without),
        stop_at_zone=options.stop_at_zone,
    )  # fmt: skip
    scope(flow, request)
    soundness.check(node, flow, request, targets)
    return request


def _check_flow(flow: Flow, request: Request) -> None:
    """Refuse a Flow that is broken where this build would go."""
    reached = scope(flow, request).recipes
    files = {f"flow/recipes/{name}.yaml" for name in reached}
    for problem in problems(flow.project):
        if problem.file in files or "circle" in problem.problem:
            raise problem


def _id(targets: Sequence[str], moment: datetime) -> str:
    """`build_<target>_NP_2015-09-28T09-17-37.455`"""
    stamp = f"{moment:%Y-%m-%dT%H-%M-%S}.{moment.microsecond // 1000:03d}"
    return f"build_{targets[0] if targets else 'nothing'}_NP_{stamp}"


def _kept(node: Node, job: Job) -> Job:
    """The job with a row of its own; two of one target and millisecond get something random after their id."""
    try:
        node.runs.add_job(job)
    except Conflict:
        job = replace(job, id=f"{job.id}-{node.clock.new_id(4)}")
        node.runs.add_job(job)
    return job


def judged(job: Job, no_fail: bool = False) -> Job:
    """The job itself when it is DONE. Raises JobFailed or Aborted otherwise, unless `no_fail` is set."""
    if job.state is JobState.DONE or no_fail:
        return job
    if job.state is JobState.ABORTED:
        raise Aborted(f"Job {job.id} was aborted.")
    hint = "" if f"penstock job log {job.id}" in job.error else f"See its log: `penstock job log {job.id}`."
    raise JobFailed(f"Job {job.id} failed. {job.error}", hint=hint)
