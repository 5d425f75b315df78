"""The command line: one file per noun, loaded when it is typed. `penstock --help` imports none of them."""

from __future__ import annotations

import os
import pkgutil
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from penstock.core.errors import PenstockError, did_you_mean


def nouns() -> dict[str, str]:
    """Every noun → the first line of its file, read without importing it."""
    listed = pkgutil.iter_modules(__path__)
    return {m.name: _caption(m.name) for m in listed if not m.name.startswith("_") and m.name != "output"}


def _caption(noun: str) -> str:
    first = (Path(__file__).parent / f"{noun}.py").read_text(encoding="utf-8").split("\n", 1)[0]
    return first.strip('"')


class Nouns(TyperGroup):
    """The group of all nouns; a noun's module is imported only when one of its verbs is wanted."""

    _listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        return list(nouns())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        known = nouns()
        if cmd_name not in known:
            ctx.fail(f"There is no command '{cmd_name}'.{did_you_mean(cmd_name, known)}")
        if self._listing:
            return TyperCommand(cmd_name, help=known[cmd_name])
        module = __import__(f"{__name__}.{cmd_name}", fromlist=["app"])
        module.app.info.help, module.app.rich_markup_mode = known[cmd_name], None
        module.app._add_completion = False
        return typer.main.get_command(module.app)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False


app = typer.Typer(
    cls=Nouns,
    name="penstock",
    help="Build, score, evaluate, notice drift, retrain: machine learning in production, from plain files.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=False)
def _global(
    home: Path = typer.Option(
        None,
        "--home",
        help="Folder of the node; otherwise PENSTOCK_HOME, the home of the project we stand in, or ~/.penstock.",
    ),
    server: str = typer.Option(
        "",
        "--server",
        help="Address of a Penstock server to work on; otherwise PENSTOCK_SERVER. The key comes from PENSTOCK_API_KEY.",
    ),
    project: str = typer.Option(
        "", "--project", "-p", help="Key of the project; otherwise PENSTOCK_PROJECT, or the one we stand in."
    ),
) -> None:
    _given.clear()
    typed = {"--home": str(home or ""), "--server": server, "-p": project}
    _given.update({option: value for option, value in typed.items() if value})
    if server:
        os.environ["PENSTOCK_SERVER"] = server
    if home and not server:
        os.environ.pop("PENSTOCK_SERVER", None)
    if home:
        os.environ["PENSTOCK_HOME"] = str(home.resolve())
    if project:
        os.environ["PENSTOCK_PROJECT"] = project


_given: dict[str, str] = {}
"""The options before the noun, as they were typed."""


def command(*words: str) -> str:
    """A command to paste, for the home and project this one is about."""
    given = [word for option in _given.items() for word in option]
    return shlex.join(["penstock", *given, *words])


typed: list[str] = []
"""The words of this command line, as they were typed."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; our errors become plain words on stderr and an exit code."""
    typed[:] = sys.argv[1:] if arguments is None else arguments
    try:
        app(args=None if arguments is None else list(arguments), prog_name="penstock")
    except PenstockError as error:
        for problem in (error, *getattr(error, "also", ())):
            typer.secho(str(problem), fg="red", err=True)
        sys.exit(error.exit_code)
