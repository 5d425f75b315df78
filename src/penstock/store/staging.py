"""Managed folders written aside: a run works on its own view of the files, which is swapped in whole or not at all.

data/<KEY>/folders/.staged-<id>-<process>/   base.json   what the folder held when the run began
                                             files/      the run's view: hard links to the old files, and new ones
                                             plan.json   written once the run ended well; from then on it is done
                                             before/     links to what the swap replaces, to undo one that fails

A folder of the server keeps that within itself; a file `.staged-<id>-<process>.at` here says where.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from penstock.core.errors import Failed
from penstock.store.disk import left_behind, remove_folder, sync_file, sync_folder, write_atomically

STAGED = ".staged-"
BASE, FILES, PLAN, BEFORE, POINTER = "base.json", "files", "plan.json", "before", ".at"

Mark = tuple[int, int, int]
"""inode, size, nanoseconds of the last change"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a swap does: paths that are removed, then paths that get new content."""

    root: Path
    removed: tuple[str, ...]
    placed: tuple[str, ...]

    @classmethod
    def read(cls, ticket: Path) -> Plan | None:
        try:
            told = json.loads((ticket / PLAN).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        root = Path(os.path.normpath(ticket / told["root"]))
        return cls(root, tuple(told["removed"]), tuple(told["placed"]))

    def write(self, ticket: Path) -> None:
        told = {
            "root": os.path.relpath(self.root, ticket),
            "removed": self.removed,
            "placed": self.placed,
        }
        write_atomically(ticket / PLAN, json.dumps(told, indent=1).encode())


def begin(folders: Path, root: Path, name: str) -> Path:
    """A view of a folder that can be changed without anybody seeing it; `name` ends in the process's mark."""
    ticket = (folders if root.parent == folders else root) / f"{STAGED}{name}"
    (ticket / FILES).mkdir(parents=True)
    if ticket.parent != folders:
        folders.mkdir(parents=True, exist_ok=True)
        write_atomically(folders / f"{STAGED}{name}{POINTER}", str(ticket).encode())
    base: dict[str, Mark] = {}
    for path in _paths(root):
        _link(root / path, ticket / FILES / path)
        base[path] = _mark(ticket / FILES / path)
    write_atomically(ticket / BASE, json.dumps({"root": str(root), "files": base}).encode())
    return ticket / FILES


def is_staged(files: Path) -> bool:
    """Whether a path is what `begin` gave."""
    return files.name == FILES and files.parent.name.startswith(STAGED)


def finish(folders: Path, files: Path) -> tuple[int, int]:
    """Make a view what the folder holds; returns how many files were written and how many removed.

    Files that came into the folder meanwhile stay. Raises Failed, with everything as it was, when a file cannot be
    put in place; a crash is made good by `settle`.
    """
    ticket = files.parent
    plan = _planned(ticket)
    for path in plan.placed:
        sync_file(files / path)
    plan.write(ticket)
    try:
        _carry_out(ticket, plan)
    except OSError as error:
        _undo(ticket, plan)
        forget(folders, files)
        raise Failed(
            f"The files could not be put into {plan.root.name}: {error}. It is as it was."
        ) from error
    forget(folders, files)
    return len(plan.placed), len(plan.removed)


def forget(folders: Path, files: Path) -> None:
    """Drop a view and what was written to it."""
    ticket = files.parent
    (ticket / PLAN).unlink(missing_ok=True)  # first: what is half removed is never carried out
    remove_folder(ticket)
    (folders / f"{ticket.name}{POINTER}").unlink(missing_ok=True)


def settle(folders: Path) -> int:
    """Complete the swaps that dead processes had begun, and drop what they only prepared; returns how many."""
    found = [ticket for ticket in _tickets(folders) if left_behind(ticket.name.split("-", 2)[2])]
    for ticket in found:
        plan = Plan.read(ticket)
        if plan is not None:
            _carry_out(ticket, plan)
        forget(folders, ticket / FILES)
    for doomed in folders.glob(".dropped-*"):
        shutil.rmtree(doomed, ignore_errors=True)
    return len(found)


def _tickets(folders: Path) -> Iterator[Path]:
    for path in sorted(folders.glob(f"{STAGED}*")):
        yield Path(path.read_text()) if path.suffix == POINTER else path


def _planned(ticket: Path) -> Plan:
    told = json.loads((ticket / BASE).read_text(encoding="utf-8"))
    root, base = Path(told["root"]), told["files"]
    now = set(_paths(ticket / FILES))
    placed = [path for path in sorted(now) if _is_changed(ticket / FILES / path, root / path, base.get(path))]
    return Plan(root, tuple(sorted(set(base) - now)), tuple(placed))


def _is_changed(staged: Path, old: Path, base: Sequence[int] | None) -> bool:
    """Whether the run wrote a file. A copy with the same size and time is looked at byte by byte."""
    if base is None:
        return True
    inode, size, changed = _mark(staged)
    if (size, changed) != tuple(base[1:]):
        return True
    return inode != base[0] and not (old.exists() and filecmp.cmp(staged, old, shallow=False))


def _carry_out(ticket: Path, plan: Plan) -> None:
    """Removals, then replacements, one file after the other. Does what is still to do when done again."""
    touched = {plan.root}
    for path in plan.removed:
        _keep(ticket, plan.root, path)
        (plan.root / path).unlink(missing_ok=True)
    for path in plan.placed:
        staged, target = ticket / FILES / path, plan.root / path
        if not staged.exists():
            continue  # placed before a crash
        if target.is_dir():
            _remove_empty(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        _keep(ticket, plan.root, path)
        os.replace(staged, target)
        touched.add(target.parent)
    for folder in touched:
        sync_folder(folder)


def _keep(ticket: Path, root: Path, path: str) -> None:
    """Remember the file that is about to go."""
    if (root / path).is_file() and not (ticket / BEFORE / path).exists():
        _link(root / path, ticket / BEFORE / path)


def _undo(ticket: Path, plan: Plan) -> None:
    for path in plan.placed:
        if not (ticket / FILES / path).exists() and not (ticket / BEFORE / path).exists():
            (plan.root / path).unlink(missing_ok=True)
    for path in (*plan.removed, *plan.placed):
        if (ticket / BEFORE / path).exists():
            (plan.root / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(ticket / BEFORE / path, plan.root / path)


def _remove_empty(folder: Path) -> None:
    """Folders without files make room for a file of that name."""
    for inner in sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True):
        inner.rmdir()
    folder.rmdir()


def _paths(root: Path) -> list[str]:
    found = (p.relative_to(root) for p in root.rglob("*") if p.is_file())
    return sorted(p.as_posix() for p in found if not p.parts[0].startswith(STAGED))


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copy2(source, target)


def _mark(file: Path) -> Mark:
    seen = file.stat()
    return seen.st_ino, seen.st_size, seen.st_mtime_ns
