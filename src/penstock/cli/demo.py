"""Demos: nine months of real flights, and a story of card fraud, from files to judged drift."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer

from penstock.cli import _here, _sink, output
from penstock.core.errors import Conflict, NotFound
from penstock.core.evaluation import Evaluation
from penstock.core.metric import DATA_DRIFT, DATA_DRIFT_LOWER, DATA_DRIFT_UPPER, DRIFTED_COLUMNS
from penstock.sdk.client import EvaluationStore, Home, Project

app = typer.Typer(no_args_is_help=True, help="Demos: nine months of real flights, and a story of card fraud.")

REPLACE = typer.Option(False, "--replace", help="Delete the project of an earlier demo first.")
LEGEND = """
ROC AUC and data drift (with its 95 % interval) come from about 10,000 rows of
each month. Drifted: columns that moved. Estimated cost: dollars that wrong
predictions of the month cost, by the gains in the model's design.
"""
MEANING = """
Data Drift is how often a classifier tells a month from the model's test set, on
rows it has not seen: 0.5 = it cannot, 1.0 = always. A limit under 0.5 would fire
on any fresh data.
"""

AUC, GAIN = "performance:auc", "performance:costMatrixGain"


@app.command()
def flights(replace: bool = REPLACE) -> None:
    """A year of real flights out of New York: who will be late, and when does the model stop knowing it?"""
    _tell("flights", replace=replace)


@app.command()
def fraud(replace: bool = REPLACE) -> None:
    """Card transactions that are authorised or not; in the last quarter a campaign brings other cards."""
    _tell("fraud", replace=replace)


def _tell(name: str, *, replace: bool) -> None:
    """The whole story of one example."""
    started = time.monotonic()
    script = _script(name)
    story = script.STORY
    home = _here.home(create=True)
    with _step(f"Taking in project {story['key']}"):
        project = _take_in(home, name, story["key"], replace=replace)
    with _step("Copying the source files"), TemporaryDirectory() as folder:
        for dataset, file in script.write(Path(folder)).items():
            project.dataset(dataset).upload([file])
    _build(project, "Preparing the data, and writing a file for each month", story["folder"])
    _build(project, "Training on January to March", story["model"], mode="only")
    _describe(project, story["model"])
    rows = [_month(project, story, file) for file in _months(project, story)]
    output.console().print(f"\n[bold]{story['title']}[/bold]")
    output.table(rows)
    output.say(LEGEND.splitlines())
    _verdicts(project, story)
    _alert(home, project, story)
    _retrain(project, story)
    _where_next(project, story, time.monotonic() - started)


def _take_in(home: Home, name: str, key: str, *, replace: bool) -> Project:
    if key in [p.key for p in home.projects()]:
        if not replace:
            raise Conflict(
                f"There is a project {key} already.",
                hint="Run this with --replace, or in another home: --home FOLDER.",
            )
        home.delete_project(key)
    return home.add_project(_examples() / name)


def _months(project: Project, story: dict[str, Any]) -> list[str]:
    return [f.path for f in project.folder(story["folder"]).files()]


def _month(project: Project, story: dict[str, Any], file: str) -> dict[str, Any]:
    """One month: choose its file, score, evaluate with ground truth and without, judge."""
    month = Path(file).stem
    project.dataset(story["new"]).select_files([file])
    project.set_variables({"month": month}, local=True)
    truth, drift = (project.evaluation_store(story[s]) for s in ("truth", "drift"))
    _build(project, f"{month}: score, evaluate with ground truth and without", truth.name, drift.name)
    for store in (truth, drift):
        store.run_checks()
    count = project.dataset(story["scored"]).snapshots()[0].rows
    return _row(month, count, _latest(truth), _latest(drift))


def _row(month: str, count: int, truth: Evaluation, drift: Evaluation) -> dict[str, Any]:
    found = drift.metrics
    interval = f"{found[DATA_DRIFT]:.2f} [{found[DATA_DRIFT_LOWER]:.2f}, {found[DATA_DRIFT_UPPER]:.2f}]"
    return {
        "month": month,
        "rows": count,
        "ROC AUC": round(truth.metrics[AUC], 3),
        "data drift": interval,
        "drifted": int(found[DRIFTED_COLUMNS]),
        "estimated cost": round(-truth.metrics[GAIN] * count),
    }


def _latest(store: EvaluationStore) -> Evaluation:
    found = store.latest()
    if found is None:
        raise NotFound("evaluation", "latest", where=store.name)
    return found


def _describe(project: Project, model: str) -> None:
    version = project.model(model).versions()[0]
    score = version.metrics.get(version.main_metric)
    output.console().print(
        f"  {version.algorithm}, {version.train_rows:,} train rows, {version.main_metric} {score:.3f} on the "
        f"{version.test_rows:,} test rows. {version.scoring}"
    )


def _verdicts(project: Project, story: dict[str, Any]) -> None:
    screen = output.console()
    for store in (story["truth"], story["drift"]):
        screen.print(f"[bold]Checks of {store}[/bold], newest evaluation")
        rows = [
            {"check": c.name, "verdict": c.last.verdict, "message": c.last.message}
            for c in project.evaluation_store(store).checks()
            if c.last
        ]
        output.table(rows)
    output.say(MEANING.splitlines())
    drifts = project.evaluation_store(story["drift"])
    for warning in {
        d["message"] for e in drifts.evaluations() for d in e.diagnostics if d["type"] == "naming"
    }:
        screen.print(f"[yellow]{warning}[/yellow]")


def _alert(home: Home, project: Project, story: dict[str, Any]) -> None:
    """*Data drift monitor* on a month whose check only warns: a real mail, to a server of our own."""
    from rich.markup import escape
    from rich.panel import Panel

    screen = output.console()
    screen.print(f"[bold]Scenario Data drift monitor[/bold], {story['warns']}")
    with _sink.sink() as taken:
        home.channels.set("office", _office(taken.port))
        _scenario(project, story, "data_drift_monitor", story["warns"])
        for mail in taken.mails:
            screen.print(Panel(escape(_sink.shown(mail)), title="the mail that was sent", width=100))


def _office(port: int) -> dict[str, Any]:
    return {
        "type": "smtp", "host": "127.0.0.1", "port": port, "encryption": "none",
        "sender": "Penstock <penstock@example.org>",
    }  # fmt: skip


def _retrain(project: Project, story: dict[str, Any]) -> None:
    """*Retrain Model* on the month that drifted most, twice: it retrains, and then it has nothing to do."""
    screen, model = output.console(), project.model(story["model"])
    for time_ in ("", ", once more"):
        screen.print(f"\n[bold]Scenario Retrain Model[/bold], {story['fails']}{time_}")
        before = model.active()
        _scenario(project, story, "retrain_model", story["fails"])
        now = model.active()
        screen.print(
            f"Active version: {before}" + (f" → [green]{now}[/green]" if now != before else ", as before")
        )


def _scenario(project: Project, story: dict[str, Any], scenario: str, month: str) -> None:
    """Choose a month, run a scenario, show its steps and why each ran or was skipped."""
    project.dataset(story["new"]).select_files([f"{month}.csv"])
    project.set_variables({"month": month}, local=True)
    with output.console().status(f"{scenario} …"):
        run = project.scenario(scenario).run(fail_on="")
    rows = [
        {"step": s.label, "outcome": s.outcome or "skipped", "why": s.why, "note": s.message}
        for s in run.steps()
    ]
    output.table(rows)
    output.console().print(f"Outcome: {output.cell(run.outcome)}")


def _where_next(project: Project, story: dict[str, Any], seconds: float) -> None:
    home = Path(os.environ.get("PENSTOCK_HOME", "~/.penstock"))
    shown = home.relative_to(Path.cwd()) if home.is_relative_to(Path.cwd()) else home
    say = f"{Path(sys.argv[0])} --home {shown} -p {project.key}"
    output.console().print(
        f"[green]Done in {seconds:.0f} s.[/green] Where to look next:\n"
        f"  {say} flow show\n"
        f"  {say} evaluation list {story['truth']}\n"
        f"  {say} evaluation drift {story['drift']}\n"
        f"  {say} flow preview {story['truth']} --mode all\n"
        f"  {project.definitions().path}   the whole project as files, in git",
        soft_wrap=True,
    )


def _build(project: Project, what: str, *items: str, mode: str = "required", **options: Any) -> None:
    with _step(what) as status:
        project.build(*items, mode=mode, watch=lambda event: status.update(f"{what} … {event}"), **options)


@contextmanager
def _step(what: str) -> Iterator[Any]:
    """A line that lives while the work lasts, and says afterwards how long it took."""
    screen, started = output.console(), time.monotonic()
    with screen.status(f"{what} …") as status:
        yield status
    screen.print(f"[green]✓[/green] {what} [dim]{time.monotonic() - started:.1f} s[/dim]")


def _script(name: str) -> Any:
    """`examples/<name>_demo.py`: where its data comes from, and the names of its story."""
    file = _examples() / f"{name}_demo.py"
    spec = importlib.util.spec_from_file_location(f"{name}_demo", file)
    if spec is None or spec.loader is None:
        raise NotFound("demo", name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _examples() -> Path:
    """The examples: inside the installed package, or beside `src` in a checkout."""
    package = Path(__file__).parent.parent
    places = [package / "examples", package.parent.parent / "examples"]
    return next(p for p in places if p.is_dir())
