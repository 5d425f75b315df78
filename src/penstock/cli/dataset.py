"""Datasets: look at rows, choose files, upload, infer columns, export, clear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from penstock.cli import _here, command, output
from penstock.cli.output import AsJson
from penstock.core.counting import counted

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every dataset of the project."""
    project = _here.project().definitions()
    rows = [
        {
            "name": n,
            "type": d.kind_name(),
            "written_by": project.producer(n) or "",
            "about": d.short_description,
        }
        for n, d in sorted(project.datasets.items())
    ]
    output.table(rows, as_json=as_json, empty="No dataset yet.")


@app.command()
def create(name: str, files: list[Path]) -> None:
    """Upload files as a new dataset: its format is detected, text columns stay text until inferred."""
    made = _here.project().create_dataset(name, files)
    for doubt in made.doubts():
        typer.secho(doubt, fg="yellow", err=True)
    typer.echo(f"{name} has {counted(len(made.show().columns), 'column')}.")
    typer.echo(f"Give them types: {command('dataset', 'infer', name, '--save')}")


@app.command()
def show(name: str, as_json: AsJson = False) -> None:
    """The definition of a dataset, and its last builds."""
    dataset = _here.project().dataset(name)
    found: dict[str, Any] = {"name": name, **output.plain(dataset.show())}
    columns = found.pop("columns", [])
    builds = [
        {
            "snapshot": s.id,
            "rows": s.rows,
            "bytes": s.bytes,
            "written": s.written_at,
            "fingerprint": s.fingerprint[:12],
        }
        for s in dataset.snapshots()
    ]
    if as_json:
        output.print_json({**found, "columns": columns, "snapshots": builds})
        return
    output.facts(found)
    if columns:
        rows = [(c, ("name", "type", "meaning", "description")) for c in columns]
        output.table([{"column" if k == "name" else k: c.get(k, "") for k in keys} for c, keys in rows])
    if builds:
        output.table(builds)


@app.command()
def head(
    name: str, rows: int = typer.Option(20, "-n", help="How many rows."), as_json: AsJson = False
) -> None:
    """The first rows."""
    found = _here.project().dataset(name).head(rows)
    if as_json:
        output.print_json(found)
        return
    output.table(found.rows, empty="No rows.", verbatim=True)
    built = f", built {output.cell(found.built_at)}" if found.built_at else ""
    typer.echo(f"{counted(len(found.rows), 'row')}, looked at {output.cell(found.computed_at)}{built}")


@app.command()
def lineage(name: str, column: str, as_json: AsJson = False) -> None:
    """Where a column comes from and where it goes, over all recipes."""
    found = _here.project().dataset(name).lineage(column)
    rows = [
        {
            "way": way, "from": f"{r.source}.{r.source_column}", "by": r.recipe,
            "becomes": f"{r.target}.{r.target_column}",
            "sure": "told" if r.told else "yes" if r.sure else "same name",
        }
        for way, relations in (("up", found.upstream), ("down", found.downstream)) for r in relations
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="It comes from outside, and nothing is made of it.")


@app.command()
def count(name: str) -> None:
    """How many rows there are."""
    typer.echo(_here.project().dataset(name).count())


@app.command()
def columns(name: str, as_json: AsJson = False) -> None:
    """Names, types, meanings and descriptions, as the data has them now."""
    rows = [
        {"column": c.name, "type": c.type, "meaning": c.meaning, "description": c.description}
        for c in _here.project().dataset(name).columns()
    ]
    output.table(rows, as_json=as_json, empty="No columns.")


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
        {"file": f.path, "bytes": f.size, "modified": output.when(f.modified), "selected": selected}
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
    name: str, files: list[Path],
    replace: bool = typer.Option(False, "--replace", help="Remove the files that were there before."),
) -> None:  # fmt: skip
    """Copy files to an upload dataset that exists; `create` makes one."""
    typer.echo(f"Uploaded {', '.join(_here.project().dataset(name).upload(files, replace=replace))}")


@app.command("remove-files")
def remove_files(name: str, files: list[str]) -> None:
    """Remove files of an upload dataset; the others stay."""
    _here.project().dataset(name).remove_files(files)
    typer.echo(f"Removed {', '.join(files)}")


@app.command()
def export(name: str, target: Path) -> None:
    """Write all rows to a csv, tsv, jsonl or parquet file."""
    typer.echo(f"Written to {_here.project().dataset(name).export(target)}")


@app.command()
def clear(name: str) -> None:
    """Empty a managed dataset. External data is never cleared."""
    _here.project().dataset(name).clear()
    typer.echo(f"{name} is empty.")
