"""How every command shows what it found: a table or facts for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from penstock.cli._columns import chosen, widths
from penstock.core.counting import counted

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

_COLORS = {
    "OK": "green", "DONE": "green", "SUCCESS": "green",
    "WARNING": "yellow", "MISSED": "yellow", "RUNNING": "blue", "QUEUED": "blue",
    "EMPTY": "dim", "SKIPPED": "dim", "CANCELLED": "dim", "inconclusive": "dim",
    "ERROR": "red", "FAILED": "red", "ABORTED": "red", "drift": "red", "drift detected": "red",
}  # fmt: skip


def plain(value: Any) -> Any:
    """The value as JSON knows it: no number that is none, dates as ISO texts, what has no twin as text."""
    if isinstance(value, BaseModel):
        mapping = getattr(value, "to_mapping", value.model_dump)
        return plain(mapping())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return [plain(v) for v in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (str, int)) else str(value)


def print_json(value: Any) -> None:
    """The value as JSON, for programs."""
    typer.echo(json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False))


def table(
    rows: Sequence[Mapping[str, Any]], *, as_json: bool = False, empty: str = "Nothing here yet.",
    verbatim: bool = False, keep: Collection[str] = (),
) -> None:  # fmt: skip
    """Rows with the same keys as a table; the keys are the headings, `_` read as a space unless `verbatim`.

    A screen gets as many columns as fit, of those that say anything, and the names of the others; `keep` names those
    that are never left out. A pipe or a file gets all of them, unbroken.
    """
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo(empty)
        return
    screen = console()
    headings = list(rows[0])
    if screen.is_terminal and not verbatim:
        headings = [
            h for n, h in enumerate(headings) if not n or any(map(bare, (row.get(h) for row in rows)))
        ]
    titles = headings if verbatim else [h.replace("_", " ") for h in headings]
    columns = [
        [title, *(bare(row.get(h)) for row in rows)] for title, h in zip(titles, headings, strict=True)
    ]
    numbers = [_is_number(rows[0][h]) for h in headings]
    if not screen.is_terminal:
        typer.echo("\n".join(_lines(columns, numbers)))
        return
    kept = {n for n, h in enumerate(headings) if h in keep}
    fitting = chosen(columns, screen.width, kept) if kept else dict(enumerate(widths(columns, screen.width)))
    shown, is_number = [columns[n] for n in fitting], [numbers[n] for n in fitting]
    screen.print(_drawn(shown, is_number, list(fitting.values())))
    hidden = [h for n, h in enumerate(headings) if n not in fitting]
    if hidden:
        told = f"and {counted(len(hidden), 'more column')}: {', '.join(hidden)}. --json shows all, and so does a pipe."
        screen.print(told, style="dim")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _drawn(columns: Sequence[Sequence[str]], numbers: Sequence[bool], fitting: Sequence[int]) -> Any:
    """The columns that fit, as a table for a screen."""
    from rich import box
    from rich.table import Table

    shown = Table(box=box.SIMPLE, pad_edge=False, show_edge=False, collapse_padding=True, header_style="bold")
    for cells, number, width in zip(columns, numbers, fitting, strict=False):
        shown.add_column(cells[0], justify="right" if number else "left", overflow="fold", width=width)
    for line in zip(*(cells[1:] for cells in columns[: len(fitting)]), strict=True):
        shown.add_row(*map(_colored, line))
    return shown


def _lines(columns: Sequence[Sequence[str]], numbers: Sequence[bool]) -> Iterable[str]:
    """Every column whole, side by side: what `grep`, `cut` and a reader of a log want."""
    aligned = []
    for cells, number in zip(columns, numbers, strict=True):
        flat = [" ".join(cell.split()) for cell in cells]
        width = max(map(len, flat))
        aligned.append([cell.rjust(width) if number else cell.ljust(width) for cell in flat])
    yield from ("  ".join(line).rstrip() for line in zip(*aligned, strict=True))


def facts(value: Mapping[str, Any], *, as_json: bool = False) -> None:
    """One object as lines of `name  value`."""
    if as_json:
        print_json(value)
        return
    from rich.table import Table

    shown = Table.grid(padding=(0, 2))
    for name, fact in value.items():
        if fact not in (None, "", (), [], {}):
            shown.add_row(f"[dim]{name.replace('_', ' ')}[/dim]", cell(fact))
    console().print(shown)


def cell(value: Any) -> str:
    """One value as people read it, with its colour."""
    return _colored(bare(value))


def _colored(text: str) -> str:
    from rich.markup import escape

    color = "dim" if text == "–" else _COLORS.get(text)
    return f"[{color}]{escape(text)}[/{color}]" if color else escape(text)


def bare(value: Any) -> str:
    """One value as people read it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1e5 else f"{value:,.0f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, Mapping):
        return ", ".join(f"{k}={bare(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(bare(v) for v in value)
    return str(value.value if isinstance(value, Enum) else value)


ENDLESS = 10_000
"""Width of what is no screen: there nothing is broken."""


def when(milliseconds: int) -> str:
    """Epoch milliseconds as people read them, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def one_line(text: str, width: int) -> str:
    """The text on one line of a screen, without markup; what is too much becomes …"""
    from rich.markup import escape

    flat = " ".join(text.split())
    return escape(flat if len(flat) <= width else f"{flat[: width - 1]}…")


def say(lines: Iterable[str]) -> None:
    """Sentences, broken between words."""
    for line in lines:
        console().print(line, markup=False)


def warn(lines: Iterable[str]) -> None:
    """Lines people should see, on stderr, where they do not spoil JSON."""
    for line in lines:
        typer.secho(line, fg="yellow", err=True)


def console() -> Any:
    """Where tables go."""
    from rich.console import Console

    screen = Console(highlight=False)
    if not screen.is_terminal:
        screen.width = ENDLESS
    return screen
