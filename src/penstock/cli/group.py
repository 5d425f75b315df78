"""Groups: users who share permissions on this node and rights in its projects."""

from __future__ import annotations

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every group, and what its members may do on the node."""
    rows = [output.plain(group) for group in _here.home().groups.list()]
    output.table(rows, as_json=as_json, empty="No group yet. `penstock group set NAME` makes one.")


@app.command("set")
def set_(
    name: str, description: str = typer.Option(None, help="What the group is for."),
    permission: list[str] = typer.Option(
        None, "--permission", help="What members may do on the node; may be given several times. '' = nothing."
    ),
) -> None:  # fmt: skip
    """Make a group, or change what is told of it."""
    rights = None if not permission else [word for word in permission if word]
    group = _here.home(create=True).groups.save(name, description=description, permissions=rights)
    typer.echo(f"Members of {name} may: {', '.join(group.permissions) or 'what projects give them'}.")


@app.command()
def members(name: str, as_json: AsJson = False) -> None:
    """Who is in a group."""
    rows = [
        {"login": u.login, "name": u.name, "enabled": u.enabled} for u in _here.home().groups.members(name)
    ]
    output.table(rows, as_json=as_json, empty=f"Nobody is in {name}.")


@app.command()
def delete(name: str) -> None:
    """Remove a group; its members lose what it gave them."""
    _here.home().groups.delete(name)
    typer.echo(f"Group {name} is gone.")


@app.command()
def permissions(as_json: AsJson = False) -> None:
    """Every permission there is for the node, and what it means."""
    from penstock.core.access import GLOBAL

    output.table([{"permission": str(p), "meaning": p.meaning} for p in GLOBAL], as_json=as_json)
