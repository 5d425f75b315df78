"""Managed folders: list, put, get and remove files."""

from __future__ import annotations

import shutil
from pathlib import Path

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every managed folder of the project."""
    project = _here.project().definitions()
    rows = [{"name": n, "id": f.id, "about": f.short_description} for n, f in sorted(project.folders.items())]
    output.table(rows, as_json=as_json, empty="No folder yet.")


@app.command()
def files(name: str, as_json: AsJson = False) -> None:
    """The files in a folder."""
    found = _here.project().folder(name).files()
    rows = [{"file": f.path, "bytes": f.size, "modified": output.when(f.modified)} for f in found]
    output.table(rows, as_json=as_json, empty="The folder is empty.")


@app.command()
def put(name: str, files: list[Path], under: str = typer.Option("", help="Sub-folder.")) -> None:
    """Copy files into a folder."""
    typer.echo("\n".join(_here.project().folder(name).put(files, under=under)))


@app.command()
def get(
    name: str, path: str, target: Path = typer.Argument(Path(), help="File or folder to write to.")
) -> None:
    """Copy a file out of a folder."""
    place = target / Path(path).name if target.is_dir() else target
    with _here.project().folder(name).open(path) as source, place.open("wb") as out:
        shutil.copyfileobj(source, out)
    typer.echo(str(place))


@app.command()
def remove(name: str, paths: list[str]) -> None:
    """Delete files of a folder."""
    _here.project().folder(name).remove(paths)
    typer.echo(f"Removed {', '.join(paths)}")
