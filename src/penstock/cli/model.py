"""Models: train, versions, activate, report, explain, what-if, import."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import typer

from penstock.cli import _here, _values, output
from penstock.cli._building import SET, build
from penstock.cli.output import AsJson
from penstock.core import metric
from penstock.core.analysis import ImportSettings
from penstock.core.counting import counted
from penstock.core.fairness import FEWEST

app = typer.Typer(no_args_is_help=True)

VERSION = typer.Option("", "--version", help="Id of a version; the active one when left out.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every saved model."""
    project = _here.project()
    rows = [
        {
            "name": n, "target": m.target, "active": project.model(n).active(),
            "versions": len(project.model(n).versions()), "about": m.short_description,
        }
        for n, m in sorted(project.definitions().models.items())
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="No model yet.")


@app.command()
def train(name: str, variables: list[str] = SET, as_json: AsJson = False) -> None:
    """Train a new version; it becomes the active one unless the model says `activation: manual`."""
    project = _here.project()
    project.model(name)
    build(project, [name], mode="only", variables=variables, as_json=as_json)


@app.command()
def versions(name: str, as_json: AsJson = False) -> None:
    """All versions, newest first."""
    model = _here.project().model(name)
    active, found = model.active(), model.versions()
    if as_json:
        output.print_json([{**output.plain(v), "active": v.id == active} for v in found])
        return
    rows = [
        {
            "version": v.id, "active": v.id == active, _label(v.main_metric): v.metrics.get(v.main_metric),
            "algorithm": v.algorithm, "trained": v.created_at, "diagnostics": len(v.diagnostics), "name": v.name,
        }
        for v in found
    ]  # fmt: skip
    output.table(rows, empty=f"No version yet: penstock model train {name}")


@app.command()
def show(name: str, version: str = VERSION, as_json: AsJson = False) -> None:
    """One version: where it comes from, its scores, its diagnostics."""
    v = _here.project().model(name).version(version)
    if as_json:
        output.print_json(v)
        return
    fields = {f.name: getattr(v, f.name) for f in dataclasses.fields(v)}
    output.facts({k: f for k, f in fields.items() if k not in ("metrics", "labels", "diagnostics")})
    output.table([{"score": _label(code), "value": value} for code, value in v.metrics.items()])
    output.table([dict(d) for d in v.diagnostics], empty="Diagnostics: nothing to report.")


@app.command()
def activate(name: str, version: str) -> None:
    """Make a version the active one: Score and Evaluate use it from now on."""
    changed = _here.project().model(name).activate(version)
    typer.echo(f"{version} is the active version of {name}.")
    output.warn(changed.notices)


@app.command()
def delete(name: str, versions: list[str]) -> None:
    """Remove versions. The active one is never removed; evaluations of removed ones stay readable."""
    typer.echo(f"{counted(_here.project().model(name).delete(versions), 'version')} removed.")


@app.command()
def report(name: str, version: str = VERSION) -> None:
    """Everything measured at training, as JSON."""
    output.print_json(_here.project().model(name).report(version))


@app.command()
def explain(
    name: str, feature: str = typer.Argument("", help="How the prediction moves with it; all features when left out."),
    version: str = VERSION, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Which features matter; or how the prediction moves with one of them."""
    model = _here.project().model(name)
    if feature:
        found = model.partial_dependence(feature, version=version)
        points = zip(found["at"], found["value"], found["share"], strict=True)
        rows = [{feature: at, "influence": value, "share_of_rows": share} for at, value, share in points]
    else:
        weights = model.report(version)["importances"]
        rows = _importances(weights)
        output.warn([weights["note"]] if weights.get("note") else [])
    output.table(rows, as_json=as_json, empty="No importance was computed.")


@app.command("what-if")
def what_if(
    name: str, changes: list[str] = typer.Argument(None, help="FEATURE=VALUE, over the typical row."),
    version: str = VERSION, as_json: AsJson = False,
) -> None:  # fmt: skip
    """What the model says of the typical row with some features changed, and why."""
    found = _here.project().model(name).what_if(_values.assigned(changes or []), version=version)
    if as_json:
        output.print_json(found)
        return
    output.facts({"prediction": found["prediction"], **found["probabilities"]})
    output.table(
        [{"feature": f, "value": found["row"].get(f), "influence": w} for f, w in found["influences"]]
    )


@app.command()
def subpopulations(name: str, column: str, version: str = VERSION, as_json: AsJson = False) -> None:
    """How the model does on each value of a column of its test set."""
    found = _here.project().model(name).subpopulations(column, version=version)
    if as_json:
        output.print_json(found)
        return
    everyone = [found["everyone"], *found["groups"]]
    rows = [
        {k: g[k] for k in ("name", "rows", "share", "actual", "predicted")} | g["performance"]
        for g in everyone
    ]
    output.table(rows)
    if found["too_small"]:
        output.warn([f"Too few rows to judge: {', '.join(found['too_small'])}."])


@app.command()
def fairness(
    name: str, column: str, reference: str = typer.Option(..., help="The group the others are held to."),
    positive: str = typer.Option("", help="The wanted outcome; the last class when left out."),
    version: str = VERSION, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Four fairness measures between the groups of a column of the test set; 0 is fair."""
    found = _here.project().model(name).fairness(column, reference, positive=positive, version=version)
    if as_json:
        output.print_json(found)
        return
    output.facts(found["disparity"])
    output.table([{"group": g["group"], "rows": g["rows"], **g["rates"]} for g in found["groups"]])
    if found["too_small"]:
        output.warn([f"Fewer than {FEWEST} rows, which may be chance: {', '.join(found['too_small'])}."])


@app.command()
def document(
    name: str, target: Path = typer.Argument(..., help="File to write: .docx, .pdf or .md."),
    template: Path = typer.Option(None, help="A .docx of yours with placeholders, to be filled."),
    version: str = VERSION,
) -> None:  # fmt: skip
    """The document of a version: how it was made, how good it is, where it runs and who watches it."""
    warnings = _here.project().model(name).document(target, version=version, template=template)
    written = target.with_suffix(".zip") if target.suffix == ".md" else target
    typer.echo(f"{written} describes {name}.")
    output.warn(list(warnings))


@app.command()
def template(target: Path = typer.Argument(..., help="File to write: .docx.")) -> None:
    """A sample template of model documents: our outline in placeholders, to begin your own with."""
    typer.echo(f"{_here.home().model_document_template(target)}: change it, then fill it with --template.")


@app.command()
def card(
    name: str, target: Path = typer.Argument(..., help="File to write: .md or .json."), version: str = VERSION,
) -> None:  # fmt: skip
    """The model card of a version: on one page for people, or as JSON for programs."""
    typer.echo(f"{_here.project().model(name).card(target, version=version)} describes {name}.")


@app.command("import-mlflow")
def import_mlflow(
    name: str, folder: Path, target: str = typer.Option(..., help="The column it predicts."),
    classes: list[str] = typer.Option([], "--class", help="Labels in the model's order, to be checked."),
    rows: Path = typer.Option(None, help="A Parquet file of rows, to measure it on."),
    trust_pickle: bool = typer.Option(False, "--trust-pickle", help="Open its pickle, in a child process."),
) -> None:  # fmt: skip
    """Add a version from an MLflow model folder."""
    settings = ImportSettings(target=target, classes=tuple(classes), rows=rows, trust_pickle=trust_pickle)
    version = _here.project().model(name).import_mlflow(folder, settings)
    typer.echo(f"Version {version.id} of {name}: {version.algorithm}. {version.scoring}")


def _label(code: str) -> str:
    return metric.label(metric.performance_id(code)) if code else "score"


def _importances(weights: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {k: w for k in ("shapley", "permutation") if (w := weights.get(k))}
    first: dict[str, float] = next(iter(kinds.values()), {})
    ranked = sorted(first, key=lambda f: -first[f])
    return [{"feature": f, **{k: w.get(f) for k, w in kinds.items()}} for f in ranked]
