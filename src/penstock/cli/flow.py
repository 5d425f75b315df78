"""The Flow: show it, preview and run builds, arrange its zones."""

from __future__ import annotations

from pathlib import Path
from typing import cast, get_args

import typer

from penstock.cli import _here, _values, output
from penstock.cli._building import SET, build
from penstock.cli.output import AsJson
from penstock.core.dataset import Rebuild
from penstock.core.errors import Invalid

app = typer.Typer(no_args_is_help=True)
zone = typer.Typer(no_args_is_help=True, help="Zones: list, create, fill, share, rename, delete.")
app.add_typer(zone, name="zone")

ITEMS = typer.Argument(help="Objects or recipes, `zone:NAME`, or `*` for all ends of the Flow.")
NAMES = typer.Argument(help="Objects or recipes.")
MODE = typer.Option(
    "required",
    "--mode",
    "-m",
    help="required: what is stale, upstream. only: just these. all: everything upstream. downstream; "
    "outputs: stale ends downstream; outputs_all.",
)
STOP = typer.Option(False, "--stop-at-zone", help="Look only at recipes in the zones of the targets.")
WITHOUT = typer.Option([], "--without", help="Leave a recipe out of the plan.")


@app.command()
def show(as_json: AsJson = False) -> None:
    """Every recipe in build order with what it reads and writes, by zone."""
    flow = _here.project().flow()
    if as_json:
        output.print_json(flow)
        return
    rows = [
        {"recipe": r.name, "type": r.kind, "reads": r.inputs, "writes": r.outputs, "zone": r.zone}
        for r in flow.recipes
    ]
    output.table(rows, empty="The Flow is empty.")
    for problem in flow.problems:
        typer.secho(str(problem), fg="red")


@app.command()
def preview(
    items: list[str] = ITEMS, mode: str = MODE, stop_at_zone: bool = STOP, without: list[str] = WITHOUT,
    variables: list[str] = SET, as_json: AsJson = False,
) -> None:  # fmt: skip
    """What a build would run, in order, and why. Nothing runs."""
    plan = _here.project().preview(
        *items, mode=mode, stop_at_zone=stop_at_zone, without=without, variables=_values.assigned(variables)
    )
    output.warn(plan.problems)
    if as_json:
        output.print_json(plan)
        return
    rows = [{"recipe": a.recipe, "writes": list(a.outputs), "why": a.reason} for a in plan.activities]
    output.table(rows, empty="Nothing to do.")
    for left in plan.not_run:
        typer.secho(f"{left.name}: {left.why}", fg="bright_black")


@app.command("build")
def build_(
    items: list[str] = ITEMS, mode: str = MODE, stop_at_zone: bool = STOP, without: list[str] = WITHOUT,
    update_schemas: bool = typer.Option(False, "--update-schemas", help="Update declared columns as recipes run."),
    variables: list[str] = SET, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Build objects; by default only what is stale. Exits with 1 when the job fails; Ctrl-C aborts it."""
    build(
        _here.project(), items, mode=mode, variables=variables, as_json=as_json,
        stop_at_zone=stop_at_zone, without=without, update_schemas=update_schemas,
    )  # fmt: skip


@app.command()
def tag(
    items: list[str] = NAMES, add: list[str] = typer.Option([], "--add", help="A tag to give."),
    remove: list[str] = typer.Option([], "--remove", help="A tag to take away."),
) -> None:  # fmt: skip
    """Give tags to objects and recipes, and take tags away, as one commit."""
    _here.project().selection(*items).tag(*add, remove=remove)
    typer.echo(f"{', '.join(items)}: {_listed('+', add)}{_listed('-', remove)}")


@app.command()
def tags(as_json: AsJson = False) -> None:
    """Every tag, with how many objects carry it."""
    found = _here.project().tags()
    output.table([{"tag": t, "objects": n} for t, n in found.items()], as_json=as_json, empty="No tags yet.")


@app.command()
def protect(
    items: list[str] = NAMES,
    rebuild: str = typer.Option("write_protected", "--as", help="normal, explicit or write_protected."),
) -> None:
    """Whether builds may replace what is in some objects: never, only when named, or as usual."""
    _here.project().selection(*items).set_rebuild(_rebuild(rebuild))
    typer.echo(f"{', '.join(items)}: {rebuild.replace('_', ' ')}")


@app.command()
def connection(
    items: list[str] = NAMES,
    to: str = typer.Option(..., "--to", help="A connection; `files` for files of this node."),
    rows: bool = typer.Option(False, "--rows", help="Bring the rows along; else the next build fills them."),
    drop: bool = typer.Option(False, "--drop", help="Remove the old rows."),
) -> None:
    """Let datasets live on another connection: their tables are made by the next build, or filled at once."""
    target = "" if to == "files" else to
    moved = _here.project().selection(*items).change_connection(target, rows=rows, drop=drop)
    for name in moved.datasets:
        brought = f", {moved.copied[name]:,} rows copied" if name in moved.copied else ""
        typer.echo(f"{name} → {to}{brought}{', old rows dropped' if name in moved.dropped else ''}")
    if not moved.datasets:
        typer.echo("They live there already.")


@app.command()
def clear(items: list[str] = NAMES) -> None:
    """Remove the data of objects; their definitions stay. What lives outside is left as it is."""
    kept = _here.project().selection(*items).clear()
    output.warn(one.why for one in kept)
    typer.echo(f"{len(items) - len(kept)} of {len(items)} cleared.")


@app.command()
def copy(items: list[str] = NAMES, ending: str = typer.Option("_copy", help="Of the new names.")) -> None:
    """Copy the definitions of objects and recipes; a recipe with what it writes."""
    for old, new in _here.project().selection(*items).copy(ending).items():
        typer.echo(f"{old} → {new}")


@app.command("delete")
def delete_(
    items: list[str] = NAMES,
    keep_data: bool = typer.Option(False, "--keep-data", help="Leave the data of managed objects."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Only tell what would go."),
    as_json: AsJson = False,
) -> None:
    """Delete objects with the recipes that cannot be without them. Refused while a scenario names one."""
    chosen = _here.project().selection(*items)
    found = chosen.impact() if dry_run else chosen.delete(data=not keep_data)
    if as_json:
        output.print_json(found)
        return
    typer.echo(f"{'Would delete' if dry_run else 'Deleted'} {', '.join((*found.items, *found.recipes))}.")
    if found.left_alone:
        typer.echo(f"Nothing makes any more: {', '.join(found.left_alone)}.")
    output.warn(found.named_by)


@app.command()
def picture(target: Path = typer.Argument(help="A file that ends in .svg or .png.")) -> None:
    """The Flow as a picture."""
    from penstock.drawing import flow as drawing

    found = _here.project().flow()
    if target.suffix not in (".svg", ".png"):
        raise Invalid(f"{target.name} is no picture: end it in .svg or .png.")
    drawn = drawing.png(found) if target.suffix == ".png" else drawing.svg(found).encode()
    target.write_bytes(drawn)
    typer.echo(f"Wrote {target}.")


def _listed(sign: str, words: list[str]) -> str:
    return "".join(f" {sign}{word}" for word in words)


def _rebuild(word: str) -> Rebuild:
    chosen = word.replace("-", "_")
    for known in get_args(Rebuild):
        if chosen == known:
            return cast("Rebuild", known)
    raise Invalid(f"'{word}' is not one of normal, explicit, write_protected.")


@zone.command("list")
def zones(as_json: AsJson = False) -> None:
    """The zones and what lies in them."""
    rows = [
        {
            "zone": z.name,
            "items": z.items,
            "recipes": z.recipes,
            "reads_from_elsewhere": z.ghosts,
            "shared": z.shared,
        }
        for z in _here.project().zones.list()
    ]
    output.table(rows, as_json=as_json)


@zone.command()
def create(name: str, color: str = typer.Option("", help="As #rrggbb.")) -> None:
    """A new, empty zone."""
    _here.project().zones.create(name, color=color)
    typer.echo(f"Zone {name} is there.")


@zone.command()
def rename(name: str, new: str) -> None:
    """Another name for a zone, the default one too."""
    _here.project().zones.rename(name, new)
    typer.echo(f"Zone {name} is called {new}.")


@zone.command()
def color(name: str, color: str) -> None:
    """Another colour, as #rrggbb."""
    _here.project().zones.recolor(name, color)
    typer.echo(f"Zone {name} is {color}.")


@zone.command()
def delete(name: str) -> None:
    """Delete a zone; what lay in it falls back into the default one."""
    _here.project().zones.delete(name)
    typer.echo(f"Zone {name} is gone.")


@zone.command()
def move(
    names: list[str], to: str = typer.Option(..., "--to", help="Name of the zone."),
    new: bool = typer.Option(False, "--new", help="Make the zone first."),
) -> None:  # fmt: skip
    """Move objects and recipes to a zone; a recipe and all its outputs go together."""
    _here.project().zones.move(names, to, new=new)
    typer.echo(f"{', '.join(names)} in zone {to}.")


@zone.command()
def share(item: str, into: str) -> None:
    """Show an object of one zone in another too."""
    _here.project().zones.share(item, into)
    typer.echo(f"{item} is shown in zone {into} too.")


@zone.command()
def unshare(item: str, from_zone: str) -> None:
    """No longer show an object in a zone it does not lie in."""
    _here.project().zones.unshare(item, from_zone)
    typer.echo(f"{item} is not shown in zone {from_zone} any more.")


@app.command()
def document(
    target: Path = typer.Argument(..., help="File to write: .docx, .pdf or .md."),
    template: Path = typer.Option(None, help="A .docx of yours with placeholders and loops, to be filled."),
) -> None:
    """The document of the whole Flow: every object described, in the order in which data goes."""
    warnings = _here.project().document(target, template=template)
    typer.echo(f"{target.with_suffix('.zip') if target.suffix == '.md' else target} describes the Flow.")
    output.warn(list(warnings))
