"""Dashboards: list, show, publish to, export as PDF or PNG."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import typer

from penstock.cli import _here, _values, output
from penstock.cli.output import AsJson
from penstock.sdk.dashboards import Dashboard

app = typer.Typer(no_args_is_help=True)

FILTERS = typer.Option("", "--filters", help="As the address of a page says them: 'carrier:in(\"UA\")'.")


def _dashboard(name: str) -> Dashboard:
    return _here.project().dashboard(name)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every dashboard; each project starts with one called default."""
    rows = [
        {
            "name": d.name, "title": d.title, "pages": d.pages, "tiles": d.tiles, "owner": d.owner,
            "promoted": d.promoted, "changed": d.changed_at,
        }
        for d in _here.project().dashboards()
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="No dashboard for you yet.")


@app.command()
def show(
    name: str, page: int = typer.Option(1, help="Which page, from 1."), filters: str = FILTERS, as_json: AsJson = False
) -> None:  # fmt: skip
    """What the tiles of a page show now."""
    found = _dashboard(name).page(page, filters=filters)
    if as_json:
        output.print_json(found)
        return
    rows = [
        {"tile": t.key, "type": t.tile.kind_name(), "title": t.title, "as of": t.content.as_of, "shows": _said(t)}
        for t in found.tiles
    ]  # fmt: skip
    output.table(rows, empty=f"The page is empty: penstock dashboard publish scenario NAME --to {name}")


@app.command()
def create(title: str) -> None:
    """A new empty dashboard; its name is made from the title."""
    typer.echo(_here.project().create_dashboard(title).name)


@app.command()
def publish(
    sort: str = typer.Argument(help="scenario, dataset, model, evaluation_store, folder or article."),
    name: str = typer.Argument(help="Of the object."),
    to: str = typer.Option("default", help="The dashboard."),
    page: int = typer.Option(1, help="Which page, from 1."),
    settings: list[str] = typer.Option(
        None, "--set", help="NAME=VALUE of the tile, such as metric='Data Drift' or show=history."
    ),
) -> None:
    """Show an object on a dashboard: last runs, rows, a report; with --set metric=… a metric of it."""
    placed = _dashboard(to).publish(sort, name, page=page, settings=_values.assigned(settings or []))
    typer.echo(f"Tile {placed.key} stands on page {placed.page} of dashboard {to}.")


@app.command()
def copy(
    name: str, key: str = typer.Argument(help="Of the tile, as `show` lists it."),
    page: int = typer.Option(1, help="The page it stands on."),
    to: str = typer.Option("", help="Another dashboard."), to_page: int = typer.Option(0, help="Another page."),
) -> None:  # fmt: skip
    """A second tile like this one, on the same page, another page or another dashboard."""
    placed = _dashboard(name).copy_tile(key, page=page, to=to, to_page=to_page)
    typer.echo(f"Tile {placed.key} stands on page {placed.page} of dashboard {to or name}.")


@app.command()
def promote(name: str, off: bool = typer.Option(False, "--off", help="No longer.")) -> None:
    """List it for people who only read dashboards."""
    _dashboard(name).promote(not off)
    typer.echo(f"Dashboard {name} is {'no longer promoted' if off else 'promoted'}.")


@app.command()
def export(
    name: str,
    target: Path = typer.Argument(help="A .pdf, .png or .jpg file."),
    paper: str = typer.Option(
        "A4 landscape", help="A4, letter (with landscape), screen, or pixels as 1600x900."
    ),
    filters: str = FILTERS,
) -> None:
    """Write it to a PDF or PNG; several pictures come as a zip."""
    typer.echo(str(_dashboard(name).export(target, paper=paper, filters=filters)))


@app.command()
def delete(name: str) -> None:
    """Remove a dashboard; what its tiles show stays."""
    _dashboard(name).delete()
    typer.echo(f"Dashboard {name} is gone.")


def _said(shown: Any) -> str:
    """The first part of a tile in a few words."""
    parts = shown.content.parts
    if not parts:
        return ""
    first = parts[0]
    fields = {f.name: getattr(first, f.name) for f in dataclasses.fields(first)}
    words = [fields.get("value"), fields.get("verdict"), fields.get("says"), fields.get("words")]
    if "course" in fields and hasattr(fields["course"], "points"):
        words = [f"{len(fields['course'].points)} values, last {fields['course'].newest.value:.4g}"]
    if "runs" in fields:
        words = [f"{len(fields['runs'])} runs, last {fields['runs'][0].state}"]
    if "rows" in fields and not any(words):
        words = [f"{fields.get('total') or len(fields['rows'])} rows"]
    return " ".join(str(word) for word in words if word)[:100]
