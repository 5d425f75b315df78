"""Who holds the objects of a project: jobs, which write them, and others who need them to stay as they are for a while.

A hold that is no job's ends with its process, whatever became of that one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from penstock.core.errors import BeingBuilt
from penstock.runtime import recovery

LOOK = 0.05
"""Seconds between two looks at a hold."""

if TYPE_CHECKING:
    from penstock.core.node import Node


def check_free(node: Node, project: str, items: Sequence[str], *, verb: str) -> None:
    """Raise BeingBuilt while a job writes one of the items; `verb` is what to do when it has ended."""
    held = _held(node, project, items)
    if held:
        recovery.recover(node)
        held = _held(node, project, items)
    _refuse(held, verb)


@contextmanager
def hold(node: Node, project: str, items: Sequence[str], *, verb: str) -> Iterator[None]:
    """Nobody builds these items meanwhile. Raises BeingBuilt when somebody does already; `verb` is what to do then."""
    holder = recovery.hold_of(node.clock.new_id(), node.clock.now())
    try:
        held = node.runs.claim(project, items, holder)
        if held:
            recovery.recover(node)
            held = node.runs.claim(project, items, holder)
        _refuse(held, verb)
        yield
    finally:
        node.runs.release(holder)


def wait_for_others(node: Node, project: str, *, enough: Callable[[], bool]) -> None:
    """Wait while somebody puts another version of the project in its place, which takes a moment; not past `enough`."""
    while any(recovery.is_hold(h) for h in node.runs.held(project).values()) and not enough():
        recovery.recover(node)
        time.sleep(LOOK)


def _held(node: Node, project: str, items: Sequence[str]) -> dict[str, str]:
    wanted = set(items)
    return {item: holder for item, holder in node.runs.held(project).items() if item in wanted}


def _refuse(held: Mapping[str, str], verb: str) -> None:
    if held:
        item, holder = min(held.items())
        raise BeingBuilt(f"{words(item, holder)}; nothing was changed.", hint=f"{verb} when that has ended.")


def words(item: str, holder: str) -> str:
    """Who is about an item: 'trips' is being built by job build_1."""
    if recovery.is_hold(holder):
        return f"Another version of '{item}' is being put in its place"
    return f"'{item}' is being built by job {holder}"
