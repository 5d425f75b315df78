"""Activities: one recipe, once. It writes aside; all outputs are swapped in together, then measured and judged."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from penstock.core import metric
from penstock.core.counting import counted
from penstock.core.dataset import Snapshot
from penstock.core.errors import Aborted, ActivityFailed, PenstockError
from penstock.core.fingerprint import Fingerprint
from penstock.core.job import ActivityState, BuildRecord
from penstock.core.metric import MetricValue, ObjectKey
from penstock.core.outcome import Verdict
from penstock.core.schema import Schema, appeared, broken, described_like, differences
from penstock.runtime import checks, foretelling, keeping, metrics, states
from penstock.runtime.access import RecipeAccess
from penstock.runtime.contexts import Scratch
from penstock.runtime.logs import ActivityLog

if TYPE_CHECKING:
    from penstock.core.check import CheckResult
    from penstock.core.node import Node
    from penstock.core.project import Project
    from penstock.runtime.events import Watch


class Gate:
    """Who decides about an activity's outputs: itself, by entering to swap them in, or the job, by shutting it.

    Exactly one of the two happens, so that an aborted job never changes data afterwards.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._decided = ""

    def enter(self) -> None:
        """Called by the activity before it swaps. Raises Aborted when the job gave it up."""
        if self._decide("entered") == "shut":
            raise Aborted("The job was aborted.")

    def shut(self) -> bool:
        """Called by the job: True when the activity will not change anything any more."""
        return self._decide("shut") == "shut"

    def _decide(self, wish: str) -> str:
        with self._lock:
            self._decided = self._decided or wish
            return self._decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One activity, ready to run."""

    node: Node
    project: Project
    recipe: str
    job: str
    values: Mapping[str, Any]
    """The resolved variables."""
    fingerprint: Fingerprint
    log: ActivityLog
    tell: Watch
    stop: Callable[[], bool]
    gate: Gate
    update_schemas: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How an activity ended."""

    state: ActivityState
    error: str = ""
    error_code: str = ""
    schemas: Mapping[str, Schema] = field(default_factory=dict)
    """Output → the columns its definition should declare now, when the job updates schemas."""


class Running:
    """One recipe, once: `run()` in a thread of its own, `interrupt()` from any other."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._access: RecipeAccess | None = None

    def run(self) -> Result:
        """Run it to its end, whatever happens inside. The one place where a recipe's exceptions become a state."""
        work = self.work
        started = work.node.clock.now()
        try:
            result = self._run(started)
        except Aborted as error:
            result = Result(state=ActivityState.ABORTED, error=error.message, error_code=error.code)
        except BaseException as error:  # noqa: BLE001  a recipe is other people's code: whatever it raises is its end
            if work.stop():
                result = Result(
                    state=ActivityState.ABORTED, error="The job was aborted.", error_code="aborted"
                )
            else:
                work.log.error(error)
                result = Result(state=ActivityState.FAILED, error=_sentence(error), error_code=_code(error))
        return result

    def interrupt(self) -> None:
        """Stop what the engine computes now; child processes stop by themselves."""
        if self._access is not None:
            self._access.interrupt()

    def _run(self, started: datetime) -> Result:
        work, outputs = self.work, self.work.project.recipe(self.work.recipe).writes
        with ExitStack() as stack:
            inputs = states.observe(
                work.node, work.project, work.project.recipe(work.recipe).reads, work.values
            )
            scratch = Scratch(work.node, f"{work.job}/{work.recipe}")
            stack.callback(scratch.remove)
            self._access = access = RecipeAccess(
                node=work.node, project=work.project, recipe_name=work.recipe, job=work.job,
                variables=work.values, log=work.log, tell=work.tell, stop=work.stop, scratch=scratch, stack=stack,
            )  # fmt: skip
            if foretold := foretelling.before(work.node, work.project, work.recipe):
                work.log.info(foretold)
            work.project.recipe(work.recipe).run(access)
            schemas = self._check_columns(access)
            self._check_written(access)
            work.gate.enter()
            snapshots = self._swap(access)
        verdict = self._measure(outputs, snapshots, started)
        if verdict is None:
            work.node.runs.save_build_records([self._record(o, inputs) for o in outputs])
        return self._ended(verdict, schemas)

    def _swap(self, access: RecipeAccess) -> dict[str, Snapshot]:
        """Make every output visible, then keep versions and evaluations."""
        work = self.work
        keep = work.project.settings.snapshots_kept
        snapshots = keeping.finish(access.aside, job=work.job, keep=keep)
        access.aside.clear()
        for name, staged in access.folders_aside.items():
            put, removed = staged.finish()
            work.log.info(f"{name}: {counted(put, 'file')} written, {removed:,} removed.")
        access.folders_aside.clear()
        for action in access.actions:
            action()
        for name, snapshot in snapshots.items():
            work.log.info(f"{name}: {counted(snapshot.rows, 'row')}, {counted(snapshot.bytes, 'byte')}.")
        return snapshots

    def _check_columns(self, access: RecipeAccess) -> dict[str, Schema]:
        """What the outputs' definitions should say. Raises ActivityFailed where they are strict and differ."""
        found: dict[str, Schema] = {}
        for name, draft in access.aside.items():
            fresh = draft.columns()
            if fresh and (self.work.project.dataset(name).columns or self.work.update_schemas):
                self._compare(name, fresh, found)
        return found

    def _compare(self, name: str, fresh: Schema, found: dict[str, Schema]) -> None:
        dataset = self.work.project.dataset(name)
        changes = differences(dataset.columns, fresh)
        said = "; ".join(str(change) for change in changes)
        if changes and self.work.update_schemas:
            found[name] = described_like(fresh, dataset.columns)
            self.work.log.info(f"The columns of {name} are brought up to date: {said}.")
        elif changes and dataset.schema_mode == "strict":
            raise ActivityFailed(
                f"The columns of {name} differ from its definition: {said}.",
                hint="Correct the recipe, update the columns, or set schema_mode: follow.",
            )
        elif dataset.schema_mode == "follow":
            self._follow(name, dataset.columns, fresh)

    def _follow(self, name: str, declared: Schema, fresh: Schema) -> None:
        """Warn where the data has left its definition, and where it has other columns than before.

        People may declare some columns only, to describe them; those that say no type are of any.
        """
        plain = {c.name for c in declared if c.type == "string"}
        left = broken(differences(declared, fresh), but=plain)
        if left:
            said = "; ".join(map(str, left))
            self.work.log.warning(f"The columns of {name} differ from its definition: {said}.", type="schema")
        before = keeping.snapshot(self.work.node, self.work.project, name)
        seen = {change.column for change in left}
        moved = [c for c in appeared(before.columns, fresh) if c.column not in seen] if before else []
        if moved:
            said = "; ".join(map(str, moved))
            self.work.log.warning(f"{name} has other columns than before: {said}.", type="schema")

    def _check_written(self, access: RecipeAccess) -> None:
        for name in self.work.project.recipe(self.work.recipe).writes:
            if name not in self.work.project.datasets or name in access.aside:
                continue
            if access.previous(name) is None:
                raise ActivityFailed(
                    f"Recipe {self.work.recipe} ended without writing its output {name}.",
                    hint="Write it, or take it out of the outputs.",
                )
            self.work.log.warning(f"{name} was not written; it keeps the rows it had.")

    def _measure(
        self, outputs: tuple[str, ...], snapshots: Mapping[str, Snapshot], started: datetime
    ) -> str | None:  # fmt: skip
        """Record the build, compute what is computed on build, judge it. Returns why it must fail, if it must."""
        work = self.work
        failures: list[str] = []
        for name in outputs:
            report_build(work.node, work.project, name, job=work.job, started=started, success=True,
                         warnings=len(work.log.warnings))  # fmt: skip
            seen = snapshots.get(name)
            metrics.after_build(work.node, work.project, name, snapshot=seen, job=work.job, log=work.log)
            said = checks.after_build(
                work.node, work.project, name, snapshot=seen, job=work.job, log=work.log
            )
            failures += self._judgement(name, said)
        return " ".join(failures) or None

    def _judgement(self, name: str, results: Sequence[CheckResult]) -> list[str]:
        """What fails the build; everything else that is not OK is a warning."""
        for result in results:
            if result.verdict is Verdict.WARNING:
                self.work.log.warning(_said(name, result), type="check")
        errors = [_said(name, result) for result in results if result.verdict is Verdict.ERROR]
        if errors and getattr(self.work.project.item(name), "continue_on_rule_error", False):
            self.work.log.warning(f"{' '.join(errors)} The build goes on, as {name} allows it.", type="check")
            return []
        if not errors:
            return []
        return [*errors, f"The data of {name} is written; nothing downstream is built from it."]

    def _ended(self, verdict: str | None, schemas: Mapping[str, Schema]) -> Result:
        if verdict is not None:
            error = ActivityFailed(verdict, hint="See the checks of the object.")
            self.work.log.error(error)
            return Result(
                state=ActivityState.FAILED, error=error.message, error_code="check-failed", schemas=schemas
            )
        state = ActivityState.WARNING if self.work.log.warnings else ActivityState.DONE
        return Result(state=state, schemas=schemas)

    def _record(self, output: str, inputs: states.Observation) -> BuildRecord:
        work = self.work
        return BuildRecord(
            project=work.project.key, item=output, recipe=work.recipe,
            recipe_fingerprint=work.fingerprint.hash, input_states=inputs.states,
            state=states.state(work.node, work.project, output, work.values), job=work.job,
            built_at=work.node.clock.now(), success=True,
            parts={**work.fingerprint.parts, **{f"input:{i}": d for i, d in inputs.details.items()}},
        )  # fmt: skip


def report_build(
    node: Node, project: Project, item: str, *, job: str, started: datetime, success: bool, warnings: int
) -> None:  # fmt: skip
    """Keep when the build of an object began, how long it took, how it ended: metrics like any other."""
    now = node.clock.now()
    key = ObjectKey(project=project.key, type=project.item_type(item), name=item)
    values: dict[str, object] = {
        metric.BUILD_START_DATE: started,
        metric.BUILD_DURATION: int((now - started).total_seconds() * 1000),
        metric.BUILD_SUCCESS: success,
        metric.WARNING_COUNT: warnings,
    }
    node.metrics.add_values([
        MetricValue(key=key, metric_id=id, data_type=sort, value=text, computed_at=now, origin="build", run_id=job)
        for id, (sort, text) in ((id, metric.encode(value)) for id, value in values.items())
    ])  # fmt: skip


def _said(item: str, result: CheckResult) -> str:
    """`Check 'rows' of prep says ERROR: 2 is below the minimum 5.`"""
    message = f": {result.message.rstrip('.')}" if result.message else ""
    return f"Check '{result.check_name}' of {item} says {result.verdict}{message}."


def _sentence(error: BaseException) -> str:
    if isinstance(error, PenstockError):
        return str(error)
    return f"{type(error).__name__}: {error}".rstrip(": .") + "."


def _code(error: BaseException) -> str:
    return error.code if isinstance(error, PenstockError) else type(error).__name__
