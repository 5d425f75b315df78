"""How every command shows what it found: a table or facts for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Annotated, Any

import typer
from pydantic import BaseModel

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
    verbatim: bool = False,
) -> None:  # fmt: skip
    """Rows with the same keys as a table; the keys are the headings, `_` read as a space unless `verbatim`."""
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo(empty)
        return
    from rich import box
    from rich.table import Table

    screen = console()
    headings, hidden = _fitting(rows, screen.width)
    shown = Table(box=box.SIMPLE, pad_edge=False, show_edge=False, collapse_padding=True, header_style="bold")
    for index, heading in enumerate(headings):
        sample = rows[0][heading]
        number = isinstance(sample, (int, float)) and not isinstance(sample, bool)
        side: Any = "right" if number else "left"
        title = heading if verbatim else heading.replace("_", " ")
        shown.add_column(title, justify=side, overflow="fold", no_wrap=not index)
    for row in rows:
        shown.add_row(*(cell(row.get(h)) for h in headings))
    screen.print(shown)
    if hidden:
        names = ", ".join(hidden)
        screen.print(f"[dim]and {len(hidden)} more columns: {names}. --json shows all.[/dim]")


def _fitting(rows: Sequence[Mapping[str, Any]], width: int) -> tuple[list[str], list[str]]:
    """The headings that fit a screen side by side without breaking words to pieces, and those that do not."""
    headings = list(rows[0])
    used = 0
    for index, heading in enumerate(headings):
        values = max((len(bare(row.get(heading))) for row in rows[:50]), default=0)
        most = values if index == 0 else 18
        used += min(max(len(heading), min(values, most)), 60) + 2 * (index > 0)
        if used > width and index >= 3:
            return headings[:index], headings[index:]
    return headings, []


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
    from rich.markup import escape

    if value is None:
        return "[dim]–[/dim]"
    text = bare(value)
    color = _COLORS.get(text)
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


def when(milliseconds: int) -> str:
    """Epoch milliseconds as people read them, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M")


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

    return Console(highlight=False)
