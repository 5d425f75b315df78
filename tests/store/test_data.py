"""Managed data on disk: killed at any moment, it stays readable."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.store.data import DiskData

CHILD = """
import os, signal, sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
from penstock.store import data as module

home, function, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
store = module.DiskData(home)

def die_at(owner, name, when):
    real, calls = getattr(owner, name), []
    def wrapped(*a, **k):
        calls.append(1)
        if len(calls) == when:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*a, **k)
    setattr(owner, name, wrapped)

written = store.begin("P", "d")
owner = Path if function == "rename" else module
die_at(owner, function, count)
for part in range(2):
    pq.write_table(pa.table({"n": [part]}), written / f"part-{part}.parquet")
store.finish("P", "d", written, job="", keep=1)
"""

MOMENTS = [
    ("sync_file", 1), ("sync_file", 2), ("hash_into", 2), ("write_atomically", 1), ("rename", 1), ("sync_folder", 1),
    ("write_atomically", 2), ("_drop_beyond", 1), ("remove_folder", 1),
]  # fmt: skip


def built(home: Path, values: list[int]) -> DiskData:
    data = DiskData(home)
    written = data.begin("P", "d")
    pq.write_table(pa.table({"n": values}), written / "part-0.parquet")
    data.finish("P", "d", written, job="", keep=1)
    return data


def rows(data: DiskData) -> list[int]:
    return [value for f in data.files("P", "d") for value in pq.read_table(f).column("n").to_pylist()]


@pytest.mark.chaos
@pytest.mark.parametrize(("function", "count"), MOMENTS)
def test_a_writer_killed_at_any_moment_leaves_whole_data_and_sweep_tidies(
    tmp_path: Path, function: str, count: int
) -> None:
    data = built(tmp_path, [7])
    child = subprocess.run([sys.executable, "-c", CHILD, str(tmp_path), function, str(count)], check=False)
    assert child.returncode == -signal.SIGKILL
    assert rows(data) in ([7], [0, 1])
    before = rows(data)
    data.sweep()
    assert rows(data) == before
    place = tmp_path / "data/P/datasets/d/NP"
    assert [p for p in place.glob(".*") if p.is_dir()] == []
    assert data.sweep() == 0
    built(tmp_path, [8])
    assert rows(data) == [8]


@pytest.mark.chaos
def test_who_writes_next_removes_what_a_killed_writer_left(tmp_path: Path) -> None:
    function, count = MOMENTS[0]
    data = built(tmp_path, [7])
    subprocess.run([sys.executable, "-c", CHILD, str(tmp_path), function, str(count)], check=False)
    place = tmp_path / "data/P/datasets/d/NP"
    left = {p.name for p in place.glob(".writing-*")}
    assert left
    mine = data.begin("P", "d")
    assert [p.name for p in place.glob(".writing-*")] == [mine.name]


def test_sweep_leaves_what_a_living_process_is_writing(tmp_path: Path) -> None:
    data = DiskData(tmp_path)
    written = data.begin("P", "d")
    assert data.sweep() == 0
    assert written.exists()


def test_sweep_leaves_what_another_host_is_writing(tmp_path: Path) -> None:
    elsewhere = tmp_path / "data/P/datasets/d/NP" / f".writing-abc-{2**22 + 1}-1-ffffffff"
    elsewhere.mkdir(parents=True)
    assert DiskData(tmp_path).sweep() == 0


def test_snapshots_get_younger_even_when_the_clock_goes_back(tmp_path: Path) -> None:
    class Backwards:
        year = 2030

        def now(self) -> datetime:
            self.year -= 1
            return datetime(self.year, 1, 1, tzinfo=UTC)

        def new_id(self, length: int = 12) -> str:
            return os.urandom(length).hex()[:length]

    data = DiskData(tmp_path, clock=Backwards())
    for n in range(3):
        written = data.begin("P", "d")
        pq.write_table(pa.table({"n": [n]}), written / "part-0.parquet")
        data.finish("P", "d", written, job="", keep=5)
    assert rows(data) == [2]
    assert len(data.snapshots("P", "d")) == 3


def test_readers_always_find_whole_data_while_writers_swap(tmp_path: Path) -> None:
    data, ended, seen = built(tmp_path, [0]), threading.Event(), []

    def read() -> None:
        while not ended.is_set():
            snapshot = data.snapshot("P", "d")
            seen.append(snapshot is not None and snapshot.rows == 1)

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(20):
        written = data.begin("P", "d")
        pq.write_table(pa.table({"n": [n]}), written / "part-0.parquet")
        data.finish("P", "d", written, job="", keep=3)
    ended.set()
    reader.join()
    assert seen
    assert all(seen)


def test_data_follows_a_renamed_object(tmp_path: Path) -> None:
    data = built(tmp_path, [7])
    (data.uploads("P", "d") / "x.csv").write_text("a")
    data.move("P", "d", "better")
    assert data.snapshot("P", "d") is None
    assert data.snapshot("P", "better") is not None
    assert (data.uploads("P", "better") / "x.csv").exists()
