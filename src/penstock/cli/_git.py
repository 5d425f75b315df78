"""`penstock project remote`, `penstock project branch`, and `fetch`, `push`, `pull`, `drop`: sharing through git."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.counting import counted

if TYPE_CHECKING:
    from penstock.core.version_control import RemoteStanding, VersionStanding

remote = typer.Typer(no_args_is_help=True, help="Repositories elsewhere that the project is shared through.")
branch = typer.Typer(no_args_is_help=True, help="Branches of the project.")
NAME = typer.Option("origin", "--remote", help="Which repository elsewhere.")


def enter(app: typer.Typer) -> None:
    """Put the verbs beside the others of `penstock project`."""
    app.add_typer(remote, name="remote")
    app.add_typer(branch, name="branch")
    for verb in (fetch, push, pull, drop):
        app.command()(verb)


@remote.command("list")
def remotes(as_json: AsJson = False) -> None:
    """Every repository elsewhere, and how far it was from here when it was last asked."""
    found = _here.project(warn=False).git.show().remotes
    output.table(
        [_row(one) for one in found], as_json=as_json, empty="The project is shared through no repository."
    )


@remote.command()
def add(
    address: str = typer.Argument(
        help="https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH, or a folder here."
    ),
    name: str = typer.Option("origin", help="What it is called here."),
    user: str = typer.Option("", help="The login there."),
    secret: str = typer.Option("", help="Name of a sealed value: a token of https, a private key of ssh."),
) -> None:
    """Share the project with a repository elsewhere. It has no password in its address: seal it as a secret."""
    address = str(Path(address).resolve()) if Path(address).is_dir() else address
    _here.project(warn=False).git.add_remote(address, name=name, user=user, secret=secret)
    typer.echo(f"{name} is {address}")


@remote.command("remove")
def forget(name: str) -> None:
    """Forget a repository elsewhere. It stays as it is."""
    _here.project(warn=False).git.remove_remote(name)
    typer.echo(f"{name} is forgotten.")


@branch.command("list")
def branches(as_json: AsJson = False) -> None:
    """Every branch and tag, and which one is checked out."""
    found = _here.project(warn=False).git.show()
    rows = [
        {"name": b.name, "sort": "branch", "commit": b.commit[:10], "current": b.current}
        for b in found.branches
    ]
    rows += [{"name": t, "sort": "tag", "commit": id[:10], "current": False} for t, id in found.tags.items()]
    output.table(rows, as_json=as_json)


@branch.command()
def create(
    name: str,
    start: str = typer.Option("", "--at", help="A commit, branch, tag, or origin/NAME; here when left out."),
) -> None:
    """A new branch. The project stays on the one it is on."""
    _here.project(warn=False).git.create_branch(name, start)
    typer.echo(f"There is a branch {name}. Go there: penstock project branch switch {name}")


@branch.command()
def switch(name: str) -> None:
    """Let the definitions be those of another branch. Data stays as it is; a build brings it up to date."""
    found = _here.project(warn=False).git.switch(name)
    typer.echo(f"The project is on branch {found.branch}, at {found.commit[:10]}.")


def fetch(name: str = NAME) -> None:
    """Ask a repository elsewhere what it has. No file changes."""
    _tell(_here.project(warn=False).git.fetch(name), name)


def push(name: str = NAME) -> None:
    """Bring the commits of the current branch there."""
    _tell(_here.project(warn=False).git.push(name), name)


def pull(name: str = NAME) -> None:
    """Bring their commits below ours. Nothing changes when a file was changed on both sides."""
    _tell(_here.project(warn=False).git.pull(name), name)


def drop(
    name: str = typer.Option(
        "", "--to-remote", help="Drop also every commit that is not in this repository."
    ),
    yes: bool = typer.Option(False, "--yes", help="Do not ask."),
) -> None:
    """Drop what was edited by hand since the last commit. Data stays as it is."""
    project = _here.project(warn=False)
    if not yes:
        typer.confirm(_what_goes(project.git.show(), name), abort=True)
    found = project.git.drop(name)
    typer.echo(f"Every file is as at {found.commit[:10]}.")


def _what_goes(found: VersionStanding, name: str) -> str:
    ahead = next((r.ahead for r in found.remotes if r.remote.name == name), 0)
    commits = f" and {counted(ahead, 'commit')}" if name else ""
    return f"Drop what was edited in {counted(len(found.pending), 'file')}{commits}?"


def _row(one: RemoteStanding) -> dict[str, Any]:
    return {
        "name": one.remote.name, "address": one.remote.address, "ahead": one.ahead, "behind": one.behind,
        "secret": one.remote.secret,
    }  # fmt: skip


def _tell(found: VersionStanding, name: str) -> None:
    one = next(r for r in found.remotes if r.remote.name == name)
    typer.echo(one.told(found.branch))
