"""Models: train, versions, activate, report, what-if, import."""

from __future__ import annotations

from pathlib import Path

import typer

from penstock.cli import _here, output
from penstock.cli.flow import finish, watching
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True, help="Models: train, versions, activate, report, what-if, import.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every saved model."""
    project = _here.project()
    rows = [
        {
            "name": n, "target": m.design.target if m.design else "", "active": project.model(n).active(),
            "versions": len(project.model(n).versions()), "about": m.short_description,
        }
        for n, m in sorted(project.definitions().models.items())
    ]  # fmt: skip
    output.table(rows, as_json=as_json)


@app.command()
def train(name: str, as_json: AsJson = False) -> None:
    """Train a new version; it becomes the active one unless the model says `activation: manual`."""
    project = _here.project()
    project.model(name)
    with watching(quiet=as_json) as watch:
        job = project.build(name, mode="only", watch=watch, no_fail=True)
    finish(project, job, as_json=as_json)


@app.command()
def versions(name: str, as_json: AsJson = False) -> None:
    """All versions, newest first."""
    model = _here.project().model(name)
    active = model.active()
    rows = [
        {
            "version": v.id, "active": v.id == active, "name": v.name, "trained": v.created_at,
            "algorithm": v.algorithm, v.main_metric or "metric": v.metrics.get(v.main_metric),
            "diagnostics": len(v.diagnostics), "scoring": v.scoring,
        }
        for v in model.versions()
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="No version yet: `penstock model train`.")


@app.command()
def activate(name: str, version: str) -> None:
    """Make a version the active one: Score and Evaluate use it from now on."""
    changed = _here.project().model(name).activate(version)
    typer.echo(f"{version} is the active version of {name}.")
    for notice in changed.notices:
        typer.secho(notice, fg="yellow")


@app.command()
def delete(name: str, versions: list[str]) -> None:
    """Remove versions. The active one is never removed; evaluations of removed ones stay readable."""
    typer.echo(f"{_here.project().model(name).delete(versions)} versions removed.")


@app.command()
def report(name: str, version: str = typer.Argument("", help="The active one when left out.")) -> None:
    """Everything measured at training, as JSON."""
    output.print_json(_here.project().model(name).report(version))


@app.command("import-mlflow")
def import_mlflow(
    name: str,
    folder: Path,
    trust_pickle: bool = typer.Option(False, help="Open its pickle, in a child process."),
) -> None:
    """Add a version from an MLflow model folder."""
    version = _here.project().model(name).import_mlflow(folder, trust_pickle=trust_pickle)
    typer.echo(f"Version {version.id} of {name}: {version.algorithm}")
