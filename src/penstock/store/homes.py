"""Homes on the disk: how one is known, and which one somebody stands in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from penstock.core.errors import Conflict, NotFound

MARKS = ("projects", "config.yaml", "state.db")
"""A folder with one of these is a home."""


def is_home(folder: Path) -> bool:
    """Whether a node was at home there before."""
    return any(os.path.exists(folder / mark) for mark in MARKS)


def around(place: Path) -> Path | None:
    """The home of the project whose folder, `HOME/projects/KEY` or one in it, is `place`; None anywhere else."""
    for folder in (place, *place.parents):
        if folder.parent.name == "projects" and os.path.exists(folder / "project.yaml"):
            return folder.parent.parent
    return None


def require(home: Path) -> None:
    """Raise NotFound, with the homes beside it, for a folder that is none. An empty folder may become one."""
    if is_home(home) or (home.is_dir() and not any(home.iterdir())):
        return
    raise NotFound(
        "home", str(home), among=map(str, _beside(home)),
        hint="Mistyped? To make one there: `penstock home create`, in Python penstock.open(…, create=True).",
    )  # fmt: skip


def make(home: Path) -> None:
    """Make an empty home. Raises Conflict where there is one, or a folder that holds something else."""
    if is_home(home):
        raise Conflict(f"{home} is a home already.", hint="See what is in it: `penstock home status`.")
    if home.is_file() or (home.is_dir() and any(home.iterdir())):
        raise Conflict(f"{home} holds something else.", hint="Choose a new or an empty folder.")
    (home / "projects").mkdir(parents=True)


def amend(home: Path, settings: Mapping[str, Any]) -> None:
    """Write settings into `config.yaml`; all other lines stay as they are."""
    from penstock.store.disk import write_atomically
    from penstock.store.yaml_edit import amended

    file = home / "config.yaml"
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    write_atomically(file, amended(text, settings).encode())


def _beside(home: Path) -> Iterator[Path]:
    try:
        yield from (folder for folder in home.parent.iterdir() if is_home(folder))
    except OSError:  # what cannot be looked at has no homes to offer
        return
