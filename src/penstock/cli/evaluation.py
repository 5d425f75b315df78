"""Evaluations: list, show, compare, drift, label, delete, push."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from penstock.cli import _here, _values, output
from penstock.cli.output import AsJson
from penstock.core import metric
from penstock.core.counting import counted
from penstock.core.drift_report import DistanceResult
from penstock.core.errors import Invalid, NotReady

if TYPE_CHECKING:
    from penstock.core.comparison import Comparison
    from penstock.core.drift_report import ColumnDrift
    from penstock.core.evaluation import Evaluation

app = typer.Typer(no_args_is_help=True)

NEWEST = typer.Argument("", help="The newest when left out.")


@app.command()
def stores(as_json: AsJson = False) -> None:
    """Every evaluation store of the project."""
    project = _here.project().definitions()
    rows = [
        {"name": n, "written_by": project.producer(n) or "", "about": s.short_description}
        for n, s in sorted(project.evaluation_stores.items())
    ]
    output.table(rows, as_json=as_json, empty="No evaluation store yet.")


@app.command("list")
def list_(store: str, limit: int = typer.Option(50, "-n", help="How many."), as_json: AsJson = False) -> None:
    """The evaluations of a store, newest first, with their metrics."""
    found = _here.project().evaluation_store(store).evaluations(limit=limit)
    if as_json:
        output.print_json(found)
        return
    mains = dict.fromkeys(e.main_metric for e in found if e.main_metric != metric.DATA_DRIFT)
    main = [m for m in mains if any(m in e.metrics for e in found)]
    output.table([_line(e, main) for e in found], empty=f"No evaluation yet: penstock flow build {store}")


@app.command()
def show(store: str, id: str = NEWEST, as_json: AsJson = False) -> None:
    """One evaluation: metrics beside the reference's, labels, diagnostics. --json adds curves, drift, settings."""
    kept = _here.project().evaluation_store(store)
    found = kept.show(id)
    if as_json:
        output.print_json(found)
        return
    e = found.evaluation
    output.facts(
        {
            "name": e.name, "id": e.full_id, "evaluated": e.created_at, "dataset": e.dataset, "rows": e.rows,
            "model": e.model, "version": e.version,
        }
    )  # fmt: skip
    view = kept.drift(e.id)
    compared = {d.metric_id: d for d in view.performance}
    output.table(
        [
            {
                "metric": metric.label(m), "value": value, "reference": d.reference if (d := compared.get(m)) else None,
                "change": d.difference if d else None,
            }
            for m, value in e.metrics.items() if not m.startswith("univariate:")
        ]
    )  # fmt: skip
    output.table([{"label": k, "value": v} for k, v in e.labels.items()], empty="No labels.")
    output.table([dict(d) for d in e.diagnostics], empty="Diagnostics: nothing to report.")


@app.command()
def drift(
    store: str, id: str = NEWEST,
    reference: str = typer.Option("", help="Compare with this instead: STORE/ID or MODEL/VERSION."),
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """The drift an evaluation found, column by column, worst first."""
    view = _here.project().evaluation_store(store).drift(id, reference=reference)
    if as_json:
        output.print_json(view)
        return
    if view.report is None:
        raise NotReady(f"Evaluation {view.evaluation.id} has no drift. {view.reason}")
    output.say([f"Compared with {view.reference}.", *view.report.sentences()])
    if view.report.univariate:
        output.table([_column(c) for c in view.report.univariate.ranked()])
    output.warn(view.report.warnings)


@app.command()
def compare(
    items: list[str] = typer.Argument(help="STORE/ID or MODEL/VERSION, or full ids."),
    champion: str = typer.Option("", help="The item others are measured by."), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Compare evaluations and model versions of one prediction type, side by side.

    * marks what differs from the champion by more than so few rows explain; without one, the best value of a metric.
    """
    found = _here.project().compare(items, champion=champion)
    if as_json:
        output.print_json(found)
        return
    output.table(list(_side_by_side(found, items)), verbatim=True)
    differs = f"* differs from {champion}, by more than chance among so few rows explains."
    output.say(
        [
            differs
            if found.champion
            else "* the best value. --champion ITEM marks what differs from it instead."
        ]
    )
    output.warn(found.warnings)


@app.command()
def rename(store: str, id: str, name: str) -> None:
    """Give an evaluation another name."""
    _here.project().evaluation_store(store).rename(id, name)
    typer.echo(f"{id} is called {name}.")


@app.command()
def label(
    store: str, id: str, key: str, value: str = typer.Argument("", help="None takes the label off.")
) -> None:
    """Set a label of an evaluation, or take it off."""
    _here.project().evaluation_store(store).label(id, key, value)
    typer.echo(f"{key}: {value}" if value else f"{key} is off.")


@app.command()
def delete(store: str, ids: list[str]) -> None:
    """Remove evaluations."""
    typer.echo(f"{counted(_here.project().evaluation_store(store).delete(ids), 'evaluation')} removed.")


@app.command()
def threshold(store: str, id: str, cut: float, as_json: AsJson = False) -> None:
    """Confusion, precision, recall and gain of a binary evaluation at another cut-off."""
    output.facts(_here.project().evaluation_store(store).at_threshold(id, cut), as_json=as_json)


@app.command("export-sample")
def export_sample(
    store: str, id: str, target: Path = typer.Argument(None, help="A Parquet file to write."),
    dataset: str = typer.Option("", help="A managed dataset instead; made when there is none."),
) -> None:  # fmt: skip
    """Write the rows an evaluation kept for drift to a Parquet file, or to a dataset."""
    kept = _here.project().evaluation_store(store)
    if dataset:
        kept.sample_dataset(id, dataset)
    elif target:
        shutil.copyfile(kept.sample(id), target)
    else:
        raise Invalid("Where to? Name a file, or --dataset NAME.")
    typer.echo(f"Written to {dataset or target}")


@app.command()
def push(
    store: str, metrics: list[str] = typer.Argument(help="METRIC=NUMBER; ids of ours, or any code."),
    name: str = typer.Option("", help="Name of the evaluation; its date when left out."),
    dataset: str = typer.Option("", help="Name of what was evaluated."),
) -> None:  # fmt: skip
    """Add an evaluation made elsewhere."""
    pushed = (
        _here.project().evaluation_store(store).push(_values.numbers(metrics), name=name, dataset=dataset)
    )
    typer.echo(pushed.full_id)


def _line(e: Evaluation, main: Iterable[str]) -> dict[str, Any]:
    """What tells evaluations apart first: performance, drift with its interval, drifted columns."""
    drifted = e.metrics.get(metric.DRIFTED_COLUMNS)
    return {
        "id": e.id, "name": e.name, "rows": e.rows, **{metric.label(m): e.metrics.get(m) for m in main},
        "Data Drift": _interval(e), "drifted": None if drifted is None else int(drifted), "dataset": e.dataset,
        "model": e.model, "version": e.version, "evaluated": e.created_at, "warnings": len(e.diagnostics),
    }  # fmt: skip


def _interval(e: Evaluation) -> str | None:
    value, low, high = (
        e.metrics.get(m) for m in (metric.DATA_DRIFT, metric.DATA_DRIFT_LOWER, metric.DATA_DRIFT_UPPER)
    )
    if value is None:
        return None
    return f"{value:.2f}" if low is None or high is None else f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _column(c: ColumnDrift) -> dict[str, Any]:
    test = c.test() or DistanceResult()
    return {
        "column": c.column, "verdict": c.verdict, "p": _short(test.p_value),
        "corrected": _short(test.corrected_p), "PSI": _short(c.psi()), "effect": _short(test.effect),
        "because": " ".join(c.because) or c.reason, "handling": c.handling,
    }  # fmt: skip


def _short(value: float | None) -> float | None:
    """Two digits that count."""
    return None if value is None else float(f"{value:.2g}")


def _side_by_side(found: Comparison, called: Sequence[str]) -> Iterable[dict[str, Any]]:
    """A line a fact, the metrics right after what was measured; items under the names they were asked for by."""
    order = ("information", "metrics", "parameters", "labels")
    for row in sorted(found.rows, key=lambda row: order.index(row.section)):
        if row.key.startswith("univariate:"):
            continue
        told = zip(called, row.values, row.stands_out, strict=True)
        yield {"": row.label, **{n: f"{output.bare(v)}{' *' if mark else ''}" for n, v, mark in told}}
