"""Demos: nine months of real flights, and a story of card fraud, from files to judged drift."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import typer

from penstock.cli import _here, _sink, output
from penstock.cli._demo_telling import build, step
from penstock.core.counting import counted
from penstock.core.errors import Conflict, NotFound
from penstock.core.evaluation import Evaluation
from penstock.core.metric import DATA_DRIFT, DATA_DRIFT_LOWER, DATA_DRIFT_UPPER, DRIFTED_COLUMNS
from penstock.core.outcome import Verdict
from penstock.core.report import limits_of
from penstock.sdk.client import EvaluationStore, Home, Model, Project

if TYPE_CHECKING:
    from penstock.cli._demo_nodes import Nodes

app = typer.Typer(no_args_is_help=True, help="Demos: nine months of real flights, and a story of card fraud.")

REPLACE = typer.Option(False, "--replace", help="Delete the project of an earlier demo first.")
SERVE = typer.Option(False, "--serve", envvar="SERVE", help="End with a running studio, until Ctrl-C.")
LEGEND = """
ROC AUC and data drift (± its 95 % interval) come from about 10,000 rows of each
month. Moved: columns that drifted. Cost: dollars that the month's predictions
cost, by the gains in the model's design.
"""
MEANING = """
Data Drift is how often a classifier tells a month from the model's test set,
on rows it has not seen: 0.5 = it cannot, 1.0 = always. A limit under 0.5 would
fire on any fresh data.
"""
PAGE = "mail_of_the_demo.html"
"""Where the mail lies as people see it, in the home."""

AUC, GAIN = "performance:auc", "performance:costMatrixGain"


@app.command()
def flights(replace: bool = REPLACE, studio: bool = SERVE) -> None:
    """A year of real flights out of New York: who will be late, and when does the model stop knowing it?"""
    _tell("flights", replace=replace, studio=studio)


@app.command()
def fraud(replace: bool = REPLACE, studio: bool = SERVE) -> None:
    """Card transactions that are authorised or not; in the last quarter a campaign brings other cards."""
    _tell("fraud", replace=replace, studio=studio)


@app.command()
def postgres() -> None:
    """The card-fraud story twice, in files and in a PostgreSQL that the demo starts: every number is the same."""
    from penstock.cli import _postgres_demo

    home = _here.home(create=True)

    def add(key: str) -> Project:
        if key in [p.key for p in home.projects()]:
            home.delete_project(key)
        return home.add_project(_examples() / "fraud", key=key)

    with _postgres_demo.server_in(_home_folder()) as server:
        _postgres_demo.run(home, add, _script("fraud"), server)


def _tell(name: str, *, replace: bool, studio: bool) -> None:
    """The whole story of one example, and the studio on it when somebody wants to look."""
    started = time.monotonic()
    script = _script(name)
    story = script.STORY
    home = _here.home(create=True)
    with step(f"Taking in project {story['key']}"):
        project = _take_in(home, name, story["key"], replace=replace)
    with step("Copying the source files"), TemporaryDirectory() as folder:
        for dataset, file in script.write(Path(folder)).items():
            project.dataset(dataset).upload([file])
    build(project, "Preparing the data, and writing a file for each month", story["folder"])
    build(project, "Training on January to March", story["model"], mode="only")
    _describe(project, story["model"])
    rows = [_month(project, story, file) for file in _months(project, story)]
    output.console().print(f"\n[bold]{story['title']}[/bold]")
    output.table(rows)
    output.say([*LEGEND.splitlines(), ""])
    _demands(project, story)
    _alert(home, project, story)
    if lacking := _lacks_for_shipping():
        _retrain(project, story)
        output.console().print(lacking)
        _document(project)
        _where_next(project, story, time.monotonic() - started)
    else:
        _ship(project.key, story, started, studio=studio)


def _lacks_for_shipping() -> str:
    """Why nothing can go out from here; empty when it can."""
    if os.environ.get("PENSTOCK_SERVER"):
        return "Other nodes are begun only beside a home of this machine: nothing is deployed."
    if importlib.util.find_spec("penstock_node") is None:
        return "The API node is not installed, so nothing is deployed: pip install penstock-node."
    return ""


def _ship(key: str, story: dict[str, Any], started: float, *, studio: bool) -> None:
    """The last part, with other nodes beside this one; they stay while the studio serves, and end with it."""
    from penstock.app import open_home
    from penstock.cli import _demo_nodes, _ship_demo, serve

    with ExitStack() as kept:
        with step("Starting a studio and an automation node, each a process with a home of its own"):
            nodes = kept.enter_context(_demo_nodes.running(_home_folder().absolute()))
        home = open_home(_home_folder(), base_url=nodes.studio.url)
        _ship_demo.infrastructures(home, nodes)
        tell = _redeployed if "redeploys" in story else _asked_live
        tell(home, home.project(key), story, nodes)
        _ship_demo.overview(home)
        _document(home.project(key))
        _where_next(home.project(key), story, time.monotonic() - started)
        output.console().print(_ship_demo.again(_shown(_home_folder()), nodes), soft_wrap=True)
        if studio:
            nodes.studio.stop()
            _ship_demo.addresses(nodes)
            serve.at_once(nodes.studio.port)


def _asked_live(home: Home, project: Project, story: dict[str, Any], nodes: Nodes) -> None:
    """The retrained model goes out and answers a month; the drift of its queries comes back."""
    from penstock.cli import _ship_demo

    _retrain(project, story)
    _ship_demo.out(home, project, story)
    _ship_demo.month_live(home, project, story, nodes)


def _redeployed(home: Home, project: Project, story: dict[str, Any], nodes: Nodes) -> None:
    """*Retrain and deploy*: a month whose check warns stops it, a month that is content goes out by itself."""
    from penstock.cli import _ship_demo

    _ship_demo.out(home, project, story)
    _retrain(project, story)
    asked = project.dataset(story["new"]).arrow().slice(0, 3).to_pylist()
    rows = [_ship_demo.standing(home, project, story, nodes, asked)]
    with _sink.sink() as taken:
        home.channels.set("office", _office(taken.port))
        for month in (story["warns"], story["fails"]):
            _scenario(project, story, story["redeploys"], month)
            rows.append(_ship_demo.standing(home, project, story, nodes, asked))
    output.console().print("\n[bold]What answers[/bold], asked over HTTP")
    when = ("before", *(f"after {story[month]}" for month in ("warns", "fails")))
    output.table([{"": word, **row} for word, row in zip(when, rows, strict=True)])
    output.console().print("Mails: " + "; ".join(str(mail["Subject"]) for mail in taken.mails))


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
    build(project, f"{month}: score, evaluate with ground truth and without", truth.name, drift.name)
    said = {
        r.metric_id: r.verdict
        for r in (*truth.run_checks(), *drift.run_checks())
        if r.metric_id in (AUC, DATA_DRIFT)
    }
    count = project.dataset(story["scored"]).snapshots()[0].rows
    return _row(month, count, said, {**_latest(truth).metrics, **_latest(drift).metrics})


def _row(month: str, count: int, said: Mapping[str, Verdict], found: Mapping[str, float]) -> dict[str, Any]:
    half = (found[DATA_DRIFT_UPPER] - found[DATA_DRIFT_LOWER]) / 2
    return {
        "month": month,
        "rows": count,
        "ROC AUC": f"{found[AUC]:.3f}",
        "AUC check": said[AUC],
        "data drift": f"{found[DATA_DRIFT]:.3f} ±{half:.3f}",
        "drift check": said[DATA_DRIFT],
        "moved": int(found[DRIFTED_COLUMNS]),
        "cost": round(-found[GAIN] * count),
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
        f"{version.test_rows:,} test rows. {version.scoring}".rstrip()
    )


def _demands(project: Project, story: dict[str, Any]) -> None:
    screen = output.console()
    output.table(
        [
            {"check": c.name, "of": store, "limits": ", ".join(map(str, limits_of(c.demand)))}
            for store in (story["truth"], story["drift"])
            for c in project.evaluation_store(store).checks()
        ]
    )
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
    with _sink.sink() as taken:
        home.channels.set("office", _office(taken.port))
        _scenario(project, story, "data_drift_monitor", story["warns"])
        for mail in taken.mails:
            title = "the mail that was sent, to a mail server of this demo's own"
            screen.print(Panel(escape(_sink.shown(mail)), title=title, width=84))
            (_home_folder() / PAGE).write_text(_sink.page(mail), encoding="utf-8")


def _office(port: int) -> dict[str, Any]:
    return {
        "type": "smtp", "host": "127.0.0.1", "port": port, "encryption": "none",
        "sender": "Penstock <penstock@example.org>",
    }  # fmt: skip


def _retrain(project: Project, story: dict[str, Any]) -> None:
    """*Retrain Model* on the month that drifted most, twice: it retrains, and then it has nothing to do."""
    model = project.model(story["model"])
    for again in (False, True):
        before = _active(model)
        _scenario(project, story, "retrain_model", story["fails"], again=again)
        now = _active(model)
        changed = f" → [green]{now}[/green]" if now != before else ", as before"
        output.console().print(f"Active version: {before}{changed}")
    _compared(project, story)


def _compared(project: Project, story: dict[str, Any]) -> None:
    """How much of a surprise the month is to the version before, and to the one that learned from more months."""
    new, old = (e for e in project.evaluation_store(story["drift"]).evaluations()[:2])
    output.console().print(
        f"Data Drift of {story['fails']}: {old.metrics[DATA_DRIFT]:.3f} beside what the old version learned from, "
        f"{new.metrics[DATA_DRIFT]:.3f} beside what the new one did.",
        soft_wrap=True,
    )


def _active(model: Model) -> str:
    """`LightGBM - v1`: what the active version is called."""
    active = model.active()
    return next((v.name for v in model.versions() if v.id == active), "none")


def _scenario(project: Project, story: dict[str, Any], name: str, month: str, *, again: bool = False) -> None:
    """Choose a month, run a scenario, show its steps and why each ran or was skipped."""
    project.dataset(story["new"]).select_files([f"{month}.csv"])
    project.set_variables({"month": month}, local=True)
    scenario = project.scenario(name)
    said = scenario.definition()
    screen = output.console()
    screen.print(f"\n[bold]Scenario {said.title}[/bold] on {month}{', once more' if again else ''}")
    if not again:
        screen.print(said.short_description)
    with screen.status(f"{said.title} …"):
        run = scenario.run(fail_on="")
    rows = [
        {"step": s.label, "outcome": s.outcome or "skipped", "why": s.why, "note": s.message}
        for s in run.steps()
    ]
    output.table(rows)
    output.console().print(f"Outcome: {output.cell(run.outcome)}")


def _document(project: Project) -> None:
    """The project wiki, with the model document in it: what can be derived is filled in, the rest is asked."""
    with step("Writing the project wiki, with its model document and the document of the Flow"):
        made = project.wiki().generate()
        _attach_flow_document(project)
    output.console().print(
        f"{counted(made.articles, 'article')} in eight sections; {counted(made.open_questions, 'question')} left that "
        "only people can answer"
    )


def _attach_flow_document(project: Project) -> None:
    """The document of the Flow as it is today, beside the picture of the Flow in the wiki."""
    with TemporaryDirectory() as place:
        file = Path(place) / f"{project.key}-flow-{datetime.now(UTC):%Y-%m-%d}.docx"
        project.document(file)
        project.wiki().attach("flow-diagram", [file])


def _where_next(project: Project, story: dict[str, Any], seconds: float) -> None:
    home = _shown(_home_folder())
    say = f"{Path(sys.argv[0])} --home {home} -p {project.key}"
    output.console().print(
        f"\n[green]Done in {seconds:.0f} s.[/green] Where to look next:\n"
        f"  {home / PAGE}   the mail as people see it; open it in a browser\n"
        f"  {say} flow show\n"
        f"  {say} evaluation list {story['truth']}\n"
        f"  {say} evaluation drift {story['drift']}\n"
        f"  {say} flow preview {story['truth']} --mode all\n"
        f"  {say} deployment list\n"
        f"  {say} docs check\n"
        f"  {_shown(project.definitions().path)}   the whole project as files, in git",
        soft_wrap=True,
    )


def _home_folder() -> Path:
    return Path(os.environ.get("PENSTOCK_HOME", "~/.penstock")).expanduser()


def _shown(path: Path) -> Path:
    """A path as people type it where they stand."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


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
