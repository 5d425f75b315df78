"""Saves that die half-way, and saves from several processes at once."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from penstock.core.errors import Conflict, Refused
from penstock.store.disk import locked
from penstock.store.projects import FileProjects
from penstock.store.saving import Journal

DYING = """
import os, signal, sys
from pathlib import Path
from penstock.store import saving
from penstock.store.projects import FileProjects

home, function, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
places = {"put": (saving.Journal, "_put"), "commit": (saving.Repository, "commit"), "end": (Path, "unlink")}
owner, name = places[function]
real, calls = getattr(owner, name), []

def wrapped(*a, **k):
    calls.append(1)
    if len(calls) == count:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*a, **k)

setattr(owner, name, wrapped)
files = {"lib/a.py": "new a", "lib/b.py": "new b", "lib/c.py": None}
FileProjects(home).save("P", files, author="Eva", message="Three files")
"""

SAVING = """
import sys
from pathlib import Path
from penstock.store.projects import FileProjects
projects = FileProjects(Path(sys.argv[1]))
for n in range(8):
    projects.set_variables("P", {f"{sys.argv[2]}_{n}": n}, author=sys.argv[2])
"""


def library(projects: FileProjects) -> dict[str, str]:
    folder = projects.path("P") / "lib"
    return {file.name: file.read_text() for file in sorted(folder.glob("*.py"))}


OLD = {"a.py": "old a", "b.py": "old b", "c.py": "old c"}
NEW = {"a.py": "new a", "b.py": "new b"}


@pytest.fixture
def prepared(tmp_path: Path) -> FileProjects:
    projects = FileProjects(tmp_path)
    projects.create("P", title="", author="Eva")
    projects.save("P", {f"lib/{n}": t for n, t in OLD.items()}, author="Eva", message="Old")
    return projects


def die(projects: FileProjects, function: str, count: int) -> None:
    command = [sys.executable, "-c", DYING, str(projects.home), function, str(count)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL


@pytest.mark.chaos
@pytest.mark.parametrize(
    ("function", "count"), [("put", 1), ("put", 2), ("put", 3), ("commit", 1), ("end", 2)]
)
def test_a_save_that_dies_half_way_is_finished_by_whoever_comes_next(
    prepared: FileProjects, function: str, count: int
) -> None:
    die(prepared, function, count)
    prepared.load("P")
    assert library(prepared) == NEW
    assert prepared.uncommitted("P") == []
    assert [r.message for r in prepared.history("P")][:2] == ["Three files", "Old"]
    prepared.save("P", {"lib/a.py": "newer"}, author="Eva", message="Next")


@pytest.mark.chaos
def test_what_a_person_wrote_after_the_death_is_kept_and_reported(prepared: FileProjects) -> None:
    die(prepared, "put", 2)
    (prepared.path("P") / "lib/b.py").write_text("by hand")
    prepared.load("P")
    assert library(prepared) == {"a.py": "new a", "b.py": "by hand"}
    assert prepared.uncommitted("P") == ["lib/b.py"]


def test_saves_of_several_processes_follow_each_other_and_none_is_lost(prepared: FileProjects) -> None:
    names = ["x", "y", "z"]
    children = [subprocess.Popen([sys.executable, "-c", SAVING, str(prepared.home), name]) for name in names]
    assert [child.wait() for child in children] == [0, 0, 0]
    expected = {f"{name}_{n}": n for name in names for n in range(8)}
    assert dict(prepared.load("P").settings.variables) == expected
    assert len(prepared.history("P")) == 2 + 24


def test_a_lock_held_by_another_is_waited_for_and_then_named(tmp_path: Path) -> None:
    with locked(tmp_path / "l"), pytest.raises(Conflict, match="project P is in use by process"):
        _take(tmp_path / "l")
    _take(tmp_path / "l")


def _take(path: Path) -> None:
    with locked(path, wait=0.02, what="project P"):
        pass


@pytest.mark.chaos
def test_the_lock_of_a_dead_process_is_free(tmp_path: Path) -> None:
    program = "import os, sys; from pathlib import Path; from penstock.store.disk import locked\n"
    program += "with locked(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "l")], check=False)
    assert (tmp_path / "l").read_text().isdigit()
    _take(tmp_path / "l")


def test_a_file_that_leads_out_of_the_project_is_not_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "project")
    (tmp_path / "project").mkdir()
    with pytest.raises(Refused):
        journal.save({"../out.yaml": b"x"}, author="ann", message="Out", at=datetime(2026, 1, 1, tzinfo=UTC))
    assert not (tmp_path / "out.yaml").exists()
    assert not journal.pending
