"""What commands that run a scenario share: steps as they come, Ctrl-C, the table at the end, the exit code."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from penstock.cli import output
from penstock.cli._building import STOPPED
from penstock.core.outcome import Outcome
from penstock.core.scenario_words import seconds, standing

if TYPE_CHECKING:
    from penstock.core.scenario import ScenarioRun, StepRun
    from penstock.sdk.scenarios import Run

KEPT = ("step", "outcome", "message", "jobs")
"""Columns of steps that are shown on any screen."""
LOOK = 0.2
"""Seconds between two looks at a run that is followed."""
COLORS = {"SUCCESS": "green", "WARNING": "yellow", "FAILED": "red", "ABORTED": "red"}


def wait(run: Run, *, follow: bool, quiet: bool) -> None:
    """Wait for the end of a run, which this process does unless a worker is faster. Ctrl-C stops the run."""
    if quiet:
        run.wait(fail_on="")
        return
    with output.console().status(f"Run {run.id} …") as line, _steps_told(run, follow=follow):
        run.wait(fail_on="", watch=_on(line))


def show_asked(run: Run, *, as_json: bool) -> None:
    """A run that was only asked for."""
    if as_json:
        output.print_json(run.record)
    else:
        typer.echo(f"Run {run.id} waits for a worker, such as `penstock work`.")


def finish(run: Run, *, fail_on_warning: bool, as_json: bool, told: bool) -> None:
    """Show what became of a run and end the command as it ended."""
    if as_json:
        output.print_json({"run": run.record, "steps": run.steps()})
    else:
        if not told:
            output.table(rows(run.steps()), empty="No step ran.", keep=KEPT)
        output.warn(complaints(run))
        typer.secho(ending(run), fg=COLORS.get(standing(run.record), "yellow"))
    code = exit_code(run, fail_on_warning=fail_on_warning)
    if code:
        raise typer.Exit(code)


def exit_code(run: Run, *, fail_on_warning: bool) -> int:
    """0 SUCCESS, and WARNING unless that counts as a failure; 130 ABORTED; 1 everything else."""
    if run.outcome is Outcome.ABORTED:
        return STOPPED
    fine = {Outcome.SUCCESS} if fail_on_warning else {Outcome.SUCCESS, Outcome.WARNING}
    return 0 if run.outcome in fine else 1


def ending(run: Run) -> str:
    """`Run 2026-11-20-10-01-57-674: WARNING in 3.2 s. Run checks: Data Drift is 0.65.`"""
    return f"Run {run.id}: {told(run.record)}"


def told(run: ScenarioRun) -> str:
    """`WARNING in 3.2 s. Run checks: Data Drift is 0.65.`"""
    took = seconds(run.started_at, run.ended_at)
    return f"{standing(run)}{'' if took is None else f' in {took:.1f} s'}. {run.message}".rstrip()


def complaints(run: Run) -> Iterator[str]:
    """What did not go well with telling people; it never changes how a run ended."""
    for report in run.record.reports:
        if report.get("state") == "failed":
            yield f"Reporter {report.get('name')} did not tell: {report.get('why')}"
        yield from (f"Reporter {report.get('name')}: {note}" for note in report.get("notes", ()))


def rows(steps: Sequence[StepRun]) -> list[dict[str, Any]]:
    """Steps of a run as rows of a table."""
    return [
        {
            "step": s.label, "outcome": _standing(s), "seconds": seconds(s.started_at, s.ended_at),
            "why": s.why, "message": s.message, "tries": s.attempts, "jobs": list(s.jobs), "key": s.key, "type": s.type,
        }
        for s in steps
    ]  # fmt: skip


def _standing(step: StepRun) -> str:
    return str(step.outcome or step.state)


def _on(line: Any) -> Callable[[Any], None]:
    def told(event: Any) -> None:
        if event.what in ("progress", "activity", "log") and event.message:
            line.update(str(event))

    return told


@contextmanager
def _steps_told(run: Run, *, follow: bool) -> Iterator[None]:
    """Print each step when it begins, ends or is skipped, whoever does the run."""
    if not follow:
        yield
        return
    over, told = threading.Event(), _Told(run)

    def watch() -> None:
        while not over.wait(LOOK):
            told.look()

    thread = threading.Thread(target=watch, name="follow", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        told.look()


class _Told:
    """What was said of a run already."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._begun: dict[str, int] = {}
        self._ended: set[str] = set()

    def look(self) -> None:
        """Say what is new, the ends of parts before the end of their step."""
        steps = self._run.steps()
        for whole in (s for s in steps if not s.part):
            self._begin(whole)
            for part in (s for s in steps if s.part and s.position == whole.position):
                self._begin(part)
                self._end(part)
            self._end(whole)

    def _begin(self, step: StepRun) -> None:
        if step.state != "SKIPPED" and self._begun.get(step.key) != step.attempts:
            self._begun[step.key] = step.attempts
            again = f" Try {step.attempts}." if step.attempts > 1 else ""
            typer.echo(f"{_indent(step)}▶ {step.label}: {step.why}{again}")

    def _end(self, step: StepRun) -> None:
        if step.state != "RUNNING" and step.key not in self._ended:
            self._ended.add(step.key)
            said, color = _end(step)
            typer.secho(f"{_indent(step)}  {said}", fg=color)


def _indent(step: StepRun) -> str:
    return "    " if step.part else ""


def _end(step: StepRun) -> tuple[str, str | None]:
    """What is said of a step that ended or was skipped, and its colour."""
    if step.state == "SKIPPED":
        return f"{step.label} skipped: {step.why}", "bright_black"
    took = seconds(step.started_at, step.ended_at)
    return f"{step.outcome} {step.label} ({took:.1f} s) {step.message}".rstrip(), COLORS.get(
        str(step.outcome)
    )
