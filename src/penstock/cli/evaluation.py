"""Evaluations: list, show, compare, drift, label, delete, push."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core import metric
from penstock.core.errors import Invalid

app = typer.Typer(no_args_is_help=True, help="Evaluations: list, show, compare, drift, label, delete, push.")


@app.command()
def stores(as_json: AsJson = False) -> None:
    """Every evaluation store of the project."""
    project = _here.project().definitions()
    rows = [
        {"name": n, "written by": project.producer(n) or "", "about": s.short_description}
        for n, s in sorted(project.evaluation_stores.items())
    ]
    output.table(rows, as_json=as_json)


@app.command("list")
def list_(store: str, limit: int = typer.Option(50, "-n", help="How many."), as_json: AsJson = False) -> None:
    """The evaluations of a store, newest first, with their metrics."""
    found = _here.project().evaluation_store(store).evaluations(limit=limit)
    if as_json:
        output.print_json(found)
        return
    shown = metric.headline_ids({m for e in found for m in e.metrics})
    rows = [
        {
            "id": e.id, "name": e.name, "dataset": e.dataset, "model": e.model, "version": e.version, "rows": e.rows,
            **{metric.label(m): e.metrics.get(m) for m in shown}, "diagnostics": len(e.diagnostics),
        }
        for e in found
    ]  # fmt: skip
    output.table(rows, empty="No evaluation yet: build the store.")


@app.command()
def show(
    store: str, id: str = typer.Argument("", help="The newest when left out."), as_json: AsJson = False
) -> None:
    """One evaluation: metrics, labels, diagnostics; --json adds curves, drift and settings."""
    found = _here.project().evaluation_store(store).show(id)
    if as_json:
        output.print_json(found)
        return
    e = found.evaluation
    output.facts(
        {
            "name": e.name,
            "id": e.full_id,
            "dataset": e.dataset,
            "rows": e.rows,
            "model": e.model,
            "version": e.version,
        }
    )
    output.table([{"metric": metric.label(m), "value": v, "id": m} for m, v in e.metrics.items()])
    output.table([{"label": k, "value": v} for k, v in e.labels.items()])
    output.table([dict(d) for d in e.diagnostics], empty="Diagnostics: nothing to report.")


@app.command()
def drift(
    store: str, id: str = typer.Argument("", help="The newest when left out."),
    reference: str = typer.Option("", help="Another evaluation to compare with: STORE/ID."), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Input drift of an evaluation, column by column, worst first."""
    report = _here.project().evaluation_store(store).drift(id, reference=reference)
    if as_json:
        output.print_json(report)
        return
    for line in report.sentences():
        typer.echo(line)
    output.table(report.rows())


@app.command()
def compare(items: list[str], champion: str = typer.Option("", help="The item others are measured by."),
            as_json: AsJson = False) -> None:  # fmt: skip
    """Compare evaluations (STORE/ID) and model versions (MODEL/VERSION) of one prediction type."""
    output.print_json(_here.project().compare(items, champion=champion))


@app.command()
def rename(store: str, id: str, name: str) -> None:
    """Give an evaluation another name."""
    _here.project().evaluation_store(store).rename(id, name)


@app.command()
def label(store: str, id: str, key: str, value: str) -> None:
    """Set a label of an evaluation."""
    _here.project().evaluation_store(store).label(id, key, value)


@app.command()
def delete(store: str, ids: list[str]) -> None:
    """Remove evaluations."""
    typer.echo(f"{_here.project().evaluation_store(store).delete(ids)} evaluations removed.")


@app.command("export-sample")
def export_sample(store: str, id: str, target: Path) -> None:
    """Write the stored drift sample of an evaluation to a Parquet file."""
    target.write_bytes(_here.project().evaluation_store(store).sample(id).read_bytes())
    typer.echo(str(target))


@app.command()
def push(
    store: str, metrics: list[str], name: str = typer.Option("", help="Name of the evaluation.")
) -> None:
    """Add an evaluation made elsewhere: METRIC=VALUE …"""
    values: dict[str, float] = {}
    for text in metrics:
        key, _, value = text.partition("=")
        try:
            values[key] = float(json.loads(value))
        except (ValueError, TypeError) as error:
            raise Invalid(f"'{text}' is not METRIC=NUMBER.", hint="For example: auc=0.71") from error
    typer.echo(_here.project().evaluation_store(store).push(values, name=name).full_id)
