"""To-dos of a project: a short list for people, kept with its settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from penstock.core.errors import Invalid, NotFound
from penstock.core.project import SETTINGS_FILE, ToDo

if TYPE_CHECKING:
    from penstock.core.node import Node


def add(node: Node, project: str, text: str, *, author: str) -> None:
    """Put one at the end, as one commit."""
    if not text.strip():
        raise Invalid("A to-do needs words.")
    listed = node.projects.load(project).settings.to_dos
    _save(node, project, (*listed, ToDo(text=text.strip())), author, f"To do: {text.strip()}")


def tick(node: Node, project: str, index: int, *, done: bool, author: str) -> None:
    """Mark one, counted from 0, as done or not; who said so, and when, stays with it."""
    listed = list(_listed(node, project, index))
    when = node.clock.now().replace(microsecond=0) if done else None
    listed[index] = listed[index].changed(done=done, done_by=author if done else "", done_at=when)
    _save(node, project, listed, author, f"{'Done' if done else 'To do again'}: {listed[index].text}")


def remove(node: Node, project: str, index: int, *, author: str) -> None:
    """Take one off the list."""
    listed = list(_listed(node, project, index))
    gone = listed.pop(index)
    _save(node, project, listed, author, f"Drop to-do: {gone.text}")


def _listed(node: Node, project: str, index: int) -> tuple[ToDo, ...]:
    listed = node.projects.load(project).settings.to_dos
    if not 0 <= index < len(listed):
        raise NotFound("to-do", str(index + 1), where=f"project {project}")
    return listed


def _save(node: Node, project: str, listed: Iterable[ToDo], author: str, message: str) -> None:
    settings = node.projects.load(project).settings.changed(to_dos=tuple(listed))
    node.projects.save(project, {SETTINGS_FILE: settings}, author=author, message=message)
