"""How demos say what they do: a line that lives while the work lasts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from penstock.cli import output

if TYPE_CHECKING:
    from penstock.sdk.client import Project


@contextmanager
def step(what: str) -> Iterator[Any]:
    """A line that lives while the work lasts, and says afterwards how long it took."""
    screen, started = output.console(), time.monotonic()
    with screen.status(f"{what} …") as status:
        yield status
    screen.print(f"[green]✓[/green] {what} [dim]{time.monotonic() - started:.1f} s[/dim]")


def build(project: Project, what: str, *items: str, mode: str = "required", **options: Any) -> None:
    """Build items as such a step."""
    with step(what) as status:
        project.build(*items, mode=mode, watch=lambda event: status.update(f"{what} … {event}"), **options)
