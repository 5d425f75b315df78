"""The reference page of the command line, written from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import typer

from penstock.cli import nouns

INTRO = """# Commands

Written from the code by `make docs`; do not edit. `penstock --help` and `penstock NOUN VERB --help` say the same.

`penstock [--home FOLDER] [-p PROJECT] NOUN VERB …`. The project may be left out when there is one, when you stand in
its folder, or with `PENSTOCK_PROJECT`. Every
`list` and `show`, and most others, take `--json` and print what programs read.

Exit codes: 0 fine, 1 failed or ERROR, 2 words we cannot accept, 3 not found, 4 somebody else was faster, 5 refused,
6 something must exist first, 7 a file that we will not open, 130 stopped with Ctrl-C."""


def commands() -> str:
    """Every noun and verb: what it does, its words, its options."""
    parts = [INTRO]
    for noun, caption in nouns().items():
        group: Any = typer.main.get_command(import_module(f"penstock.cli.{noun}").app)
        parts += [f"## {noun}", caption, *_verbs(group, f"penstock {noun}")]
    return "\n\n".join(parts) + "\n"


def _verbs(group: Any, words: str) -> Iterator[str]:
    """The verbs of a noun; a noun within it (`flow zone`) like its own, one that is a verb itself (`work`) alone."""
    if not hasattr(group, "commands"):
        yield _verb(group, words)
        return
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _verbs(command, f"{words} {name}")
        else:
            yield _verb(command, f"{words} {name}")


def _verb(command: Any, words: str) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [
        p for p in command.params if p.param_type_name == "option" and p.name not in ("help", "as_json")
    ]
    usage = " ".join([words, *(_word(a) for a in arguments)])
    told = [f"`{usage}` {_line(command.help)}"]
    told += [f"- `{_word(a)}` {a.help}" for a in arguments if getattr(a, "help", "")]
    told += [f"- `{'`, `'.join(o.opts)}` {o.help or ''}".rstrip() for o in options]
    return "\n".join(told[:1] + ([""] if told[1:] else []) + told[1:])


def _word(argument: Any) -> str:
    word = str(argument.name).upper() + (" …" if argument.nargs == -1 else "")
    return word if argument.required else f"[{word}]"


def _line(help: str) -> str:
    return " ".join(help.split())
