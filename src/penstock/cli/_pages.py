"""The reference page of the command line, written from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import typer

from penstock.cli import nouns

INTRO = """# Commands

Written from the code by `make docs`; do not edit. `penstock --help` and `penstock NOUN VERB --help` say the same.

`penstock [--home FOLDER] [-p PROJECT] NOUN VERB …`. The home is the folder of `--home`, else that of `PENSTOCK_HOME`,
else the one whose project you stand in (`HOME/projects/KEY`, or a folder in it), else `~/.penstock`. The project may be
left out when there is only one, when you stand in its folder, or with `PENSTOCK_PROJECT`.

Words in capitals are yours to choose, those in brackets may be left out, `[OPTIONS]` are in the table below. Many
commands take `--json` and print what programs read. On a screen a table shows the columns that fit; in a pipe, all.

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
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    told = [o for o in options if o.name != "as_json"]
    needed = [f"{o.opts[0]} {_metavar(o)}" for o in told if o.required]
    usage = " ".join(
        [words, *map(_word, arguments), *needed, *(["[OPTIONS]"] if len(told) > len(needed) else [])]
    )
    rows = [_row(_word(a), a) for a in arguments if a.help or not a.required]
    rows += [_row("`, `".join(o.opts), o) for o in told]
    heading = ["", "| word | value | default | meaning |", "|---|---|---|---|"]
    json = " Takes `--json`." if len(options) > len(told) else ""
    return "\n".join([f"`{usage}` {_line(command.help)}{json}", *([*heading, *rows] if rows else [])])


def _row(called: str, word: Any) -> str:
    return f"| `{called}` | {_kind(word)} | {_default(word)} | {_line(word.help or '')} |"


def _word(argument: Any) -> str:
    word = str(argument.name).upper() + (" …" if argument.nargs == -1 else "")
    return word if argument.required else f"[{word}]"


def _metavar(option: Any) -> str:
    return str(option.name).upper()


_KINDS = {"str": "text", "int": "whole number", "float": "number", "bool": "", "Path": "path"}


def _kind(word: Any) -> str:
    """`text`, `whole number`, `path`; nothing for a switch, which is given or not."""
    name = word.bare_type().removeprefix("list[").removesuffix("]")
    kind = _KINDS.get(name, name)
    if getattr(word, "is_flag", False):
        return "switch"
    return f"{kind}, may be repeated" if getattr(word, "multiple", False) or word.nargs == -1 else kind


def _default(word: Any) -> str:
    if word.required:
        return "**needed**"
    return "" if word.default in (None, "", False, [], ()) else f"`{word.default}`"


def _line(help: str) -> str:
    return " ".join(help.split()).replace("|", "\\|")
