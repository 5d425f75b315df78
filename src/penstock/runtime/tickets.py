"""Tickets: files that somebody has sent and a form has not taken yet, so that they need not be chosen again."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.core.node import Node

KEPT = 24 * 3600
"""Seconds until files that nobody came back for are removed."""


def begin(node: Node, *, by: str) -> str:
    """A ticket for files that are about to come in. What was left behind for a day goes."""
    place = _place(node)
    place.mkdir(parents=True, exist_ok=True)
    now = node.clock.now().timestamp()
    for old in place.iterdir():
        if now - old.stat().st_mtime > KEPT:
            shutil.rmtree(old, ignore_errors=True)
    ticket = secrets.token_urlsafe(16)
    folder(node, ticket, by=by).mkdir()
    return ticket


def folder(node: Node, ticket: str, *, by: str) -> Path:
    """Where the files of a ticket lie. It is nobody else's: another login finds nothing there."""
    owner = hashlib.sha256(by.encode()).hexdigest()[:12]
    is_ours = re.fullmatch(r"[\w-]{22}", ticket)
    return _place(node) / f"{owner}.{ticket if is_ours else 'none'}"


def files(node: Node, ticket: str, *, by: str) -> Sequence[Path]:
    """The files of a ticket, by name; none when it was taken, is somebody else's, or is too old."""
    there = folder(node, ticket, by=by)
    return sorted(f for f in there.iterdir() if f.is_file()) if ticket and there.is_dir() else []


def drop(node: Node, ticket: str, *, by: str) -> None:
    """Remove its files."""
    if ticket:
        shutil.rmtree(folder(node, ticket, by=by), ignore_errors=True)


def _place(node: Node) -> Path:
    return node.config.home / "work" / "tickets"
