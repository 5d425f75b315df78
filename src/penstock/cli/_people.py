"""`penstock project people`: who has which rights in a project, and what is authorised for dashboards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson

if TYPE_CHECKING:
    from penstock.core.access import People

app = typer.Typer(no_args_is_help=True, help="Who has which rights in the project.")


@app.command()
def show(as_json: AsJson = False) -> None:
    """The owner, and every user and group with their rights."""
    _tell(_here.project(warn=False).people.show(), as_json)


@app.command()
def grant(
    right: list[str] = typer.Argument(None, help="Rights, such as `read` or 'run scenarios'; none = take all away."),
    user: str = typer.Option("", help="Who gets them."), group: str = typer.Option("", help="Which group gets them."),
) -> None:  # fmt: skip
    """Say what a user or a group may do, in place of what it was. Nobody gives a right they lack."""
    _tell(_here.project(warn=False).people.grant(right or [], user=user, group=group))


@app.command()
def owner(login: str) -> None:
    """Hand the project over."""
    _tell(_here.project(warn=False).people.set_owner(login))


@app.command()
def visibility(
    which: str = typer.Argument(help="private, or discoverable: all may know that it is there."),
) -> None:
    """Who may know that the project is there."""
    _tell(_here.project(warn=False).people.set_visibility(which))


@app.command()
def rights(as_json: AsJson = False) -> None:
    """Every right there is in a project, and what it means."""
    from penstock.core.access import GRANTABLE

    output.table([{"right": str(p), "meaning": p.meaning} for p in GRANTABLE], as_json=as_json)


@app.command()
def authorise(
    sort: str = typer.Argument("", help="dataset, folder, model, evaluation_store or scenario."),
    name: str = typer.Argument("", help="Its name."),
    right: list[str] = typer.Option(["READ"], "--right", help="READ, or RUN for scenarios."),
    remove: bool = typer.Option(False, "--remove", help="Take it off the list."), as_json: AsJson = False,
) -> None:  # fmt: skip
    """What people with only dashboards may see on them; without a name the list is shown."""
    people = _here.project(warn=False).people
    listed = people.authorise(sort, name, [] if remove else right) if name else people.authorised()
    rows = [{"sort": a.sort, "name": a.name, "rights": [str(r) for r in a.rights]} for a in listed]
    output.table(rows, as_json=as_json, empty="Nothing is authorised for people with only dashboards.")


def _tell(people: People, as_json: bool = False) -> None:
    if as_json:
        output.print_json(people)
        return
    rows: list[dict[str, Any]] = [{"who": people.owner or "nobody", "as": "owner", "may": "everything"}]
    for sort, held in (("user", people.users), ("group", people.groups)):
        rows += [{"who": name, "as": sort, "may": sorted(given)} for name, given in sorted(held.items())]
    output.table(rows)
    typer.echo(f"The project is {people.visibility}.")
