"""The Flow: show it, preview and run builds, arrange its zones."""

from __future__ import annotations

import typer

from penstock.cli import _here, _values, output
from penstock.cli._building import SET, build
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True)
zone = typer.Typer(no_args_is_help=True, help="Zones: list, create, fill, share, rename, delete.")
app.add_typer(zone, name="zone")

ITEMS = typer.Argument(help="Objects or recipes, `zone:NAME`, or `*` for all ends of the Flow.")
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
