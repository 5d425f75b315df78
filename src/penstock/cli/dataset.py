"""Datasets: look at rows, choose files, upload, infer columns, export, clear."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True, help="Datasets: look at rows, choose files, upload, export, clear.")


def when(milliseconds: int) -> str:
    """Epoch milliseconds as people read them, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every dataset of the project."""
    project = _here.project().definitions()
    rows = [
        {
            "name": n,
            "type": d.kind_name(),
            "written by": project.producer(n) or "",
            "about": d.short_description,
        }
        for n, d in sorted(project.datasets.items())
    ]
    output.table(rows, as_json=as_json)


@app.command()
def show(name: str, as_json: AsJson = False) -> None:
    """The definition of a dataset, and its last builds."""
    dataset = _here.project().dataset(name)
    found: dict[str, Any] = output.plain(_here.project().definitions().dataset(name))
    found["snapshots"] = [
        {
            "id": s.id,
            "rows": s.rows,
            "bytes": s.bytes,
            "written_at": s.written_at,
            "fingerprint": s.fingerprint[:12],
        }
        for s in dataset.snapshots()
    ]
    output.facts(found, as_json=as_json)


@app.command()
def head(
    name: str, rows: int = typer.Option(20, "-n", help="How many rows."), as_json: AsJson = False
) -> None:
    """The first rows."""
    output.table(_here.project().dataset(name).head(rows).rows, as_json=as_json, empty="No rows.")


@app.command()
def count(name: str) -> None:
    """How many rows there are."""
    typer.echo(_here.project().dataset(name).count())


@app.command()
def columns(name: str, as_json: AsJson = False) -> None:
    """Names, types, meanings and descriptions."""
    rows = [
        {"column": c.name, "type": c.type, "meaning": c.meaning, "description": c.description}
        for c in _here.project().dataset(name).columns()
    ]
    output.table(rows, as_json=as_json)


@app.command()
def infer(
    name: str, save: bool = typer.Option(False, "--save", help="Keep the types."), as_json: AsJson = False
) -> None:
    """Column types as the values suggest them."""
    found = _here.project().dataset(name).infer(save=save)
    output.table([{"column": c.name, "type": c.type} for c in found], as_json=as_json)
    if save and not as_json:
        typer.echo("Saved in the definition.")


@app.command("list-files")
def list_files(name: str, as_json: AsJson = False) -> None:
    """Every file the dataset could read, and which it does."""
    rows = [
        {"file": f.path, "bytes": f.size, "modified": when(f.modified), "selected": selected}
        for f, selected in _here.project().dataset(name).list_files()
    ]
    output.table(rows, as_json=as_json, empty="No file there.")


@app.command("select-files")
def select_files(name: str, files: list[str]) -> None:
    """Read exactly these files, in this order."""
    _here.project().dataset(name).select_files(files)
    typer.echo(f"{name} reads {', '.join(files)}")


@app.command()
def upload(
    name: str, files: list[Path], replace: bool = typer.Option(False, help="Remove the files before.")
) -> None:
    """Copy files to an upload dataset."""
    typer.echo(f"Uploaded {', '.join(_here.project().dataset(name).upload(files, replace=replace))}")


@app.command()
def export(name: str, target: Path) -> None:
    """Write all rows to a csv, tsv, jsonl or parquet file."""
    typer.echo(f"Written to {_here.project().dataset(name).export(target)}")


@app.command()
def clear(name: str) -> None:
    """Empty a managed dataset. External data is never cleared."""
    _here.project().dataset(name).clear()
    typer.echo(f"{name} is empty.")
