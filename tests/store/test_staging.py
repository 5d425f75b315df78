"""What a recipe changes in a folder: killed at any moment, it holds the old files or the new ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.core.errors import Failed
from penstock.store.data import DiskData

CHILD = """
import os, signal, sys
from pathlib import Path
from penstock.store import data, staging

home, function, when = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
store = data.DiskData(home)

def die_at(owner, name):
    real, calls = getattr(owner, name), []
    def wrapped(*a, **k):
        calls.append(1)
        if len(calls) == when:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*a, **k)
    setattr(owner, name, wrapped)

staged = store.stage("P", store.folder("P", "f"))
die_at(os if function == "replace" else staging, function)
(staged / "a").unlink()
for name in ("b", "sub/c"):
    (staged / name).parent.mkdir(exist_ok=True)
    (staged / "new").write_text("new")
    (staged / "new").rename(staged / name)
store.finish_folder("P", staged)
"""
OLD = {"a": "old", "b": "old", "z": "old"}
NEW = {"b": "new", "sub/c": "new", "z": "old"}


def made(home: Path) -> DiskData:
    data = DiskData(home)
    for name, text in OLD.items():
        (data.folder("P", "f") / name).write_text(text)
    return data


def held(data: DiskData) -> dict[str, str]:
    root = data.folder("P", "f")
    return {str(p.relative_to(root)): p.read_text() for p in root.rglob("*") if p.is_file()}


def hidden(data: DiskData) -> list[Path]:
    return list(data.root.rglob(".*"))


def replaced(folder: Path, name: str, text: str = "new") -> None:
    aside = folder / ".aside"
    aside.write_text(text)
    aside.rename(folder / name)


@pytest.mark.chaos
@pytest.mark.parametrize(
    ("function", "when", "after"),
    [
        ("sync_file", 1, OLD), ("write_atomically", 1, OLD), ("_carry_out", 1, NEW), ("_keep", 1, NEW),
        ("_keep", 3, NEW), ("sync_folder", 1, NEW), ("forget", 1, NEW), ("remove_folder", 1, NEW),
    ],
)  # fmt: skip
def test_a_process_killed_while_it_swaps_has_swapped_all_or_nothing(
    tmp_path: Path, function: str, when: int, after: dict[str, str]
) -> None:  # fmt: skip
    data = made(tmp_path)
    child = subprocess.run([sys.executable, "-c", CHILD, str(tmp_path), function, str(when)])
    assert child.returncode == -signal.SIGKILL
    data.sweep()
    assert held(data) == after
    assert hidden(data) == []


def test_nothing_is_seen_before_the_end_and_files_that_came_meanwhile_stay(tmp_path: Path) -> None:
    data = made(tmp_path)
    root = data.folder("P", "f")
    staged = data.stage("P", root)
    replaced(staged, "b")
    (staged / "a").unlink()
    assert held(data) == OLD
    (root / "late").write_text("late")
    data.sweep()
    assert data.finish_folder("P", staged) == (1, 1)
    assert held(data) == {"b": "new", "z": "old", "late": "late"}
    assert hidden(data) == []


def test_what_is_discarded_changes_nothing(tmp_path: Path) -> None:
    data = made(tmp_path)
    staged = data.stage("P", data.folder("P", "f"))
    replaced(staged, "b")
    data.discard(staged)
    assert held(data) == OLD
    assert hidden(data) == []


def test_a_file_that_cannot_be_put_in_place_leaves_all_as_it_was(tmp_path: Path) -> None:
    data = made(tmp_path)
    root = data.folder("P", "f")
    staged = data.stage("P", root)
    replaced(staged, "b")
    (staged / "a").unlink()
    replaced(staged, "y")
    (root / "y").mkdir()
    (root / "y" / "late").write_text("late")
    with pytest.raises(Failed, match="It is as it was"):
        data.finish_folder("P", staged)
    assert held(data) == {**OLD, "y/late": "late"}
    assert hidden(data) == []


def test_a_folder_of_the_server_is_staged_within_itself(tmp_path: Path) -> None:
    data, root = DiskData(tmp_path / "home", [tmp_path]), tmp_path / "server"
    root.mkdir()
    (root / "a").write_text("old")
    staged = data.stage("P", root)
    assert staged.is_relative_to(root)
    replaced(staged, "a")
    data.finish_folder("P", staged)
    assert [(p.name, p.read_text()) for p in root.rglob("*")] == [("a", "new")]
    assert hidden(data) == []


@pytest.mark.chaos
def test_half_copied_files_of_the_dead_are_swept_and_those_of_the_living_stay(tmp_path: Path) -> None:
    data = made(tmp_path)
    root, uploads = data.folder("P", "f"), data.uploads("P", "d")
    with subprocess.Popen([sys.executable, "-c", "pass"]) as child:
        child.wait()
    from penstock.store.disk import _host, this_process

    dead = f"{child.pid}-1-{_host()}"
    for place in (root, uploads):
        (place / f".incoming-x-{dead}").touch()
        (place / f".incoming-x-{this_process()}").touch()
        (place / ".2013-07.csv.2c145cb0").touch()
        os.utime(place / ".2013-07.csv.2c145cb0", (0, 0))
        (place / ".app.config").touch()
        os.utime(place / ".app.config", (0, 0))
    data.sweep()
    for place in (root, uploads):
        assert {p.name for p in place.glob(".*")} == {f".incoming-x-{this_process()}", ".app.config"}
