"""Bundles on the disk: those made here, those that came, which one is active, and what is under way.

home/bundles/<KEY>/made/<id>.zip        received/<id>.zip
                   active.json          the bundle whose state the project has here
                   journal.json         an activation past its point of no return: to be finished by whoever comes next
                   .work-<id>-<process>/    what is prepared; swept away when its process is gone
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from penstock.core.bundle import Side, check_bundle_id
from penstock.core.errors import Conflict, NotFound, Unsafe
from penstock.core.names import check_project_key
from penstock.core.ports import Clock
from penstock.store.clock import SystemClock
from penstock.store.disk import (
    left_behind,
    locked,
    remove_folder,
    sync_file,
    sync_folder,
    this_process,
    write_atomically,
)

WORK = ".work-"
JOURNAL = "journal"


class DiskBundles:
    """The Bundles port on a folder of the home."""

    def __init__(self, home: Path, *, clock: Clock | None = None) -> None:
        self.root, self.clock = home / "bundles", clock or SystemClock()

    def listed(self, project: str, side: Side) -> list[str]:
        found = self._place(project, side).glob("*.zip")
        return [path.stem for path in sorted(found, key=lambda p: (p.stat().st_mtime_ns, p.name))]

    def projects(self, side: Side) -> list[str]:
        return sorted({path.parent.parent.name for path in self.root.glob(f"*/{side}/*.zip")})

    def path(self, project: str, side: Side, id: str) -> Path:
        path = self._place(project, side) / f"{check_bundle_id(id)}.zip"
        if not path.is_file():
            raise NotFound("bundle", id, among=self.listed(project, side), where=f"project {project}")
        return path

    def keep(self, project: str, side: Side, id: str, file: Path) -> Path:
        """Take a finished file in, for good. Raises Conflict, and leaves the first as it is, for a taken id."""
        target = self._place(project, side) / f"{check_bundle_id(id)}.zip"
        target.parent.mkdir(parents=True, exist_ok=True)
        sync_file(file)
        try:
            os.link(file, target)
        except FileExistsError as taken:
            raise Conflict(
                f"There is a bundle '{id}' of {project} already.",
                hint="Choose another id, or delete that one.",
            ) from taken
        file.unlink()
        sync_folder(target.parent)
        return target

    def delete(self, project: str, side: Side, id: str) -> None:
        self.path(project, side, id).unlink()

    def work(self, project: str) -> Path:
        """A fresh folder that nobody else looks at; what dead processes left beside it is gone."""
        self._sweep(project)
        folder = self._home(project) / f"{WORK}{self.clock.new_id(8)}-{this_process()}"
        folder.mkdir(parents=True)
        return folder

    def forget(self, work: Path) -> None:
        """Remove a folder of `work`."""
        if work.name.startswith(WORK):
            remove_folder(work)

    def turn(self, project: str, *, wait: float = 60.0) -> AbstractContextManager[None]:
        """Be the only one who activates something in a project. Raises Conflict when somebody else is for too long."""
        return locked(
            self._home(project) / ".lock", wait=wait, what=f"the activation of a bundle of {project}"
        )

    def record(self, project: str, name: str) -> Mapping[str, Any] | None:
        """What is noted under a name; None when nothing is."""
        try:
            told = json.loads((self._home(project) / f"{name}.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as broken:
            raise Unsafe(f"{self._home(project) / name}.json is not whole: {broken}.") from broken
        return told if isinstance(told, dict) else None

    def note(self, project: str, name: str, value: Mapping[str, Any] | None) -> None:
        """Note something in one step, or forget it (None)."""
        file = self._home(project) / f"{name}.json"
        if value is not None:
            write_atomically(file, json.dumps(value, indent=1, sort_keys=True).encode())
        elif file.exists():
            file.unlink()
            sync_folder(file.parent)

    def folder(self, project: str, name: str) -> Path:
        """A folder of `work` by its name."""
        return self._home(project) / name

    def unfinished(self) -> list[str]:
        """Projects with an activation that went past its point of no return and did not end."""
        return sorted(file.parent.name for file in self.root.glob(f"*/{JOURNAL}.json"))

    def delete_project(self, project: str) -> None:
        """Drop what a deleted project had here."""
        remove_folder(self._home(project))

    def _sweep(self, project: str) -> None:
        journal = self.record(project, JOURNAL) or {}
        for folder in self._home(project).glob(f"{WORK}*"):
            mark = folder.name.removeprefix(WORK).partition("-")[2]
            if folder.name != journal.get("work") and left_behind(mark):
                shutil.rmtree(folder, ignore_errors=True)

    def _home(self, project: str) -> Path:
        return self.root / check_project_key(project)

    def _place(self, project: str, side: Side) -> Path:
        return self._home(project) / side
