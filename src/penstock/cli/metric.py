"""Metrics: last values, history, compute."""

from __future__ import annotations

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core import metric as words

app = typer.Typer(no_args_is_help=True, help="Metrics: last values, history, compute.")


@app.command("list")
def list_(item: str, as_json: AsJson = False) -> None:
    """The latest value of every metric of an object."""
    found = _here.project().item(item).metrics()
    rows = [
        {"metric": words.label(m), "value": v.value, "computed": v.computed_at, "by": v.origin, "id": m}
        for m, v in sorted(found.items())
    ]
    output.table(
        rows, as_json=as_json, empty="No metric yet: build the object, or `penstock metric compute`."
    )


@app.command()
def history(item: str, metric: str, as_json: AsJson = False) -> None:
    """All values of one metric, oldest first."""
    found = _here.project().item(item).metric_history(words.id_of(metric))
    output.table(
        [{"computed": v.computed_at, "value": v.value, "by": v.origin} for v in found], as_json=as_json
    )


@app.command()
def compute(item: str, as_json: AsJson = False) -> None:
    """Run the probes of an object now."""
    done = _here.project().item(item).compute_metrics()
    if as_json:
        output.print_json(done)
        return
    output.table(
        [{"metric": words.label(v.metric_id), "value": v.value, "id": v.metric_id} for v in done.computed]
    )
    for skipped in done.skipped:
        typer.secho(str(skipped), fg="yellow")
