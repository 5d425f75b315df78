"""Metrics: last values, history, compute, choose what is shown."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core import metric as words

if TYPE_CHECKING:
    from penstock.core.metric import MetricValue

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(item: str, as_json: AsJson = False) -> None:
    """The latest value of every metric of an object; those displayed first."""
    rows = [
        {
            "metric": m.label, "value": _value(m.last), "computed": m.last.computed_at, "id": m.id,
            "by": m.last.origin, "displayed": m.displayed,
        }
        for m in _here.project().item(item).available_metrics() if m.last
    ]  # fmt: skip
    output.table(
        rows, as_json=as_json, empty="No metric yet: build the object, or `penstock metric compute`."
    )


@app.command()
def history(item: str, metric: str, as_json: AsJson = False) -> None:
    """All values of one metric, oldest first."""
    found = _here.project().item(item).metric_history(words.id_of(metric))
    rows = [{"computed": v.computed_at, "value": v.get_value(), "by": v.origin} for v in found]
    output.table(rows, as_json=as_json)


@app.command()
def compute(
    item: str, probe: list[str] = typer.Option(None, help="Only this probe, by name or type."),
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Run the probes of an object now."""
    done = _here.project().item(item).compute_metrics(probes=probe or None)
    if as_json:
        output.print_json(done)
        return
    rows = [
        {"metric": words.label(v.metric_id), "value": v.get_value(), "id": v.metric_id} for v in done.computed
    ]
    output.table(rows, empty="Nothing was computed.")
    output.warn(f"{words.label(s.metric_id)}: {s.reason}" for s in done.skipped)


@app.command()
def display(item: str, metrics: list[str]) -> None:
    """Choose which metrics of an object are shown first, in this order; ids or names."""
    chosen = _here.project().item(item)
    chosen.display_metrics([words.id_of(m) for m in metrics])
    typer.echo(f"{item} shows {', '.join(metrics)} first.")


@app.command()
def dataset(
    item: str, name: str = typer.Option("", help="ITEM_metrics when left out."),
    last_only: bool = typer.Option(False, "--last-only", help="Only the latest value of each metric."),
    of_project: bool = typer.Option(False, "--of-project", help="Of every object of the project."),
) -> None:  # fmt: skip
    """Make a live dataset of the metrics of an object, in its zone."""
    scope = "project" if of_project else "object"
    made = (
        _here.project()
        .item(item)
        .create_history_dataset("metrics", name=name, last_only=last_only, scope=scope)
    )
    typer.echo(f"Dataset {made} is there; it always shows the current values.")


def _value(value: MetricValue) -> Any:
    """The value as people read it; a moment without its zone."""
    return datetime.fromisoformat(value.value) if value.data_type == "DATE" else value.get_value()
