"""Scenarios: list, show, run, stop, look at runs and logs, switch on and off, rehearse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from penstock.cli import _here, _running, _values, output
from penstock.cli.output import AsJson
from penstock.core import scenario_words
from penstock.core.errors import Invalid
from penstock.core.reporter import Reporter
from penstock.core.scenario import Step
from penstock.core.trigger import Trigger, labels

if TYPE_CHECKING:
    from penstock.core.kind import Kind
    from penstock.core.scenario import Scenario
    from penstock.sdk.scenarios import Run

app = typer.Typer(no_args_is_help=True)

RUN = typer.Argument(help="A run by its id, or the newest one of this scenario.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every scenario: its switch, its last runs (✓ success, ! warning, ✗ failed, ■ aborted), who it runs as."""
    project = _here.project()
    found = project.scenarios()
    if as_json:
        output.print_json([_told(s, [scenario_words.standing(r) for r in s.lately]) for s in found])
        return
    rows = [_told(s, scenario_words.strip(list(s.lately))) for s in found]
    output.table(rows, empty="No scenario yet.", keep=("name", "on", "last_runs", "next_run", "problem"))
    told = set(map(str, project.definitions().problems))
    output.warn(s.problem for s in found if s.problem and s.problem not in told)
    output.warn(warning for s in found for warning in s.warnings)


@app.command()
def show(name: str, as_json: AsJson = False) -> None:
    """A scenario in words: what each step does and when it runs, what starts it, who is told."""
    project = _here.project()
    definition = project.scenario(name).definition()
    [listed] = [s for s in project.scenarios() if s.name == name]
    about = _told(listed, scenario_words.strip(list(listed.lately)))
    steps, triggers, reporters = _steps(definition), _triggers(definition), _reporters(definition)
    if as_json:
        output.print_json(
            {**about, "definition": definition, "steps": steps, "triggers": triggers, "reporters": reporters}
        )
        return
    output.facts({**about, "about": definition.short_description, "on_conflict": definition.on_conflict})
    if definition.kind == "python":
        typer.echo(f"\n{definition.body.rstrip()}\n")
    for rows in ([_in_words(step) for step in steps], triggers, reporters):
        if rows:
            typer.echo()
            output.table(rows)


@app.command()
def run(
    name: str,
    param: list[str] = typer.Option([], "--param", help="NAME=VALUE; steps read scenarioTriggerParam_NAME."),
    follow: bool = typer.Option(False, "--follow", "-f", help="Show each step as it goes, and why it runs."),
    detach: bool = typer.Option(False, "--detach", help="Only ask for the run; a worker does it."),
    fail_on: str = typer.Option("FAILED", help="WARNING: exit with 1 for a warning too."),
    as_json: AsJson = False,
) -> None:
    """Run a scenario: here, unless a worker is faster. Exits with 0 for SUCCESS and WARNING, 1 for FAILED, 130 when
    aborted; Ctrl-C aborts the run."""
    strict = _strict(fail_on)
    asked = _here.project().scenario(name).run(_values.assigned(param), wait=False, trigger="manual")
    if detach:
        _running.show_asked(asked, as_json=as_json)
        return
    _running.wait(asked, follow=follow, quiet=as_json)
    _running.finish(asked, fail_on_warning=strict, as_json=as_json, told=follow)


@app.command()
def abort(name: str) -> None:
    """Stop the run that is going on, with its jobs; steps that always run still clean up."""
    stopped = _here.project().scenario(name).abort()
    typer.echo(f"Asked {name} to stop." if stopped else f"{name} is not running; nothing to stop.")


@app.command()
def runs(
    name: str = typer.Argument("", help="Only runs of this scenario."),
    limit: int = typer.Option(20, "-n", help="How many."),
    finished: bool = typer.Option(False, "--finished", help="Only runs that came to an end."),
    as_json: AsJson = False,
) -> None:
    """Runs, newest first: when, how long, what started them, as whom, how they ended."""
    project, ended = _here.project(), True if finished else None
    found = (project.scenario(name).last_runs if name else project.runs)(limit, finished=ended)
    rows = [_run(r) for r in found]
    output.table(rows, as_json=as_json, empty="No run yet.", keep=("run", "outcome", "not_told", "message"))


@app.command()
def steps(run: str = RUN, as_json: AsJson = False) -> None:
    """One run step by step: how each ended, why it ran or was skipped, its tries, its jobs; who was told."""
    found = _here.project().scenario_run(run)
    if as_json:
        output.print_json({"run": found.record, "steps": found.steps()})
        return
    output.facts(_run(found))
    output.table(_running.rows(found.steps()), empty="No step yet.", keep=_running.KEPT)
    reports = [
        {name: r.get(name) for name in ("name", "state", "why", "notes")} for r in found.record.reports
    ]
    if reports:
        output.table(reports)


@app.command()
def log(
    run: str = RUN, step: str = typer.Argument("", help="A step by its name or key: only its lines."),
    follow: bool = typer.Option(False, "--follow", "-f", help="Go on until the run has ended."),
) -> None:  # fmt: skip
    """The log of a run, or of one of its steps only."""
    found = _here.project().scenario_run(run)
    for piece in found.follow(step) if follow else [found.log(step)]:
        typer.echo(piece, nl=False)


@app.command()
def save(
    name: str, file: Path = typer.Argument(None, help="Taken from this YAML file; as its own file stands otherwise.")
) -> None:  # fmt: skip
    """Keep a scenario that was written by hand, as a save of yours: it runs as you from now on."""
    from penstock.store.yaml import read_mapping

    project = _here.project()
    if file is None:
        project.scenario(name).save(project.scenario(name).definition())
    elif file.is_file():
        project.define("scenario", name, read_mapping(file))
    else:
        raise Invalid(f"There is no file {file}.")
    typer.echo(f"Scenario {name} is saved.")
    output.warn(map(str, project.scenario(name).warnings()))


@app.command()
def history(name: str, as_json: AsJson = False) -> None:
    """Who changed a scenario when, newest first."""
    rows = [
        {"commit": c.id[:10], "time": c.time, "author": c.author, "message": c.message}
        for c in _here.project().scenario(name).saves()
    ]
    output.table(rows, as_json=as_json, empty="It was never saved.")


@app.command()
def switch(name: str, to: str = typer.Argument(help="on or off.")) -> None:
    """Turn the auto-trigger switch on or off; from then on it runs as you."""
    if to not in ("on", "off"):
        raise typer.BadParameter("Say on or off.")
    project = _here.project()
    project.scenario(name).switch(to == "on")
    [listed] = [s for s in project.scenarios() if s.name == name]
    if listed.problem:
        output.warn([listed.problem])
    following = f"; next run {output.bare(listed.next_run)} UTC" if listed.next_run else ""
    typer.echo(f"{name} is {to}{following}.")


@app.command("dry-run")
def dry_run(
    name: str, suppose: list[str] = typer.Option([], "--suppose", help="STEP=FAILED: how a step would end."),
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Which steps would run, and how it would end, if steps ended as supposed; SUCCESS otherwise. Nothing runs."""
    given = {step: str(outcome) for step, outcome in _values.assigned(suppose).items()}
    found = _here.project().scenario(name).dry_run(given)
    rows = [
        {"step": r.label, "runs": r.runs, "outcome": r.outcome, "run_so_far": r.afterwards, "why": r.why}
        for r in found
    ]
    output.table(rows, as_json=as_json, empty="No step yet.")
    if found and not as_json:
        typer.echo(f"The run would end {found[-1].afterwards}.")


def _strict(fail_on: str) -> bool:
    if fail_on.upper() not in ("FAILED", "WARNING"):
        raise typer.BadParameter("--fail-on is FAILED or WARNING.")
    return fail_on.upper() == "WARNING"


def _told(listed: Any, lately: Any) -> dict[str, Any]:
    return {
        "name": listed.name, "on": listed.active, "last_runs": lately, "next_run": listed.next_run,
        "run_as": listed.run_as, "changed_by": listed.changed_by, "changed_at": listed.changed_at,
        "title": listed.title, "problem": listed.problem or " ".join(listed.warnings),
    }  # fmt: skip


def _run(run: Run) -> dict[str, Any]:
    record = run.record
    took = scenario_words.seconds(record.started_at, record.ended_at)
    return {
        "run": run.id, "outcome": scenario_words.standing(record),
        "not_told": [r.get("name") for r in record.failed_reports], "scenario": record.scenario, "seconds": took,
        "trigger": record.trigger, "run_as": record.run_as, "asked_by": record.asked_by,
        "started": record.started_at, "message": record.message,
    }  # fmt: skip


def _steps(definition: Scenario) -> list[dict[str, Any]]:
    return [
        {
            "step": definition.label(position), "type": step.kind_name(), "runs": scenario_words.condition(step),
            "does": _does(step, Step), "counts": scenario_words.counts(step),
        }
        for position, step in enumerate(definition.steps)
    ]  # fmt: skip


def _in_words(step: dict[str, Any]) -> dict[str, Any]:
    """The same for a narrow screen: all that is said of when it runs in one place."""
    when = "; ".join(filter(None, (step["runs"], step["counts"])))
    return {"step": step["step"], "type": step["type"], "runs": when, "does": step["does"]}


def _does(kind: Kind, family: type[Kind]) -> str:
    """The settings of a kind that not all of its family have; those are said elsewhere."""
    common = {"type", *family.model_fields}
    return output.bare({name: value for name, value in kind.to_mapping().items() if name not in common})


def _triggers(definition: Scenario) -> list[dict[str, Any]]:
    named = zip(labels(definition.triggers), definition.triggers, strict=True)
    return [
        {"trigger": label, "type": t.kind_name(), "on": t.active, "fires": _does(t, Trigger)}
        for label, t in named
    ]


def _reporters(definition: Scenario) -> list[dict[str, Any]]:
    return [
        {
            "reporter": r.name or r.kind_name(), "type": r.kind_name(), "active": r.active, "on": r.on,
            "when": str(r.when or "always"), "tells": _does(r, Reporter),
        }
        for r in definition.reporters
    ]  # fmt: skip
