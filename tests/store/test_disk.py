"""Files that are either whole or not there."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from penstock.store import disk
from penstock.store.disk import left_behind, locked, remove_folder, this_process, write_atomically


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "new" / "f"
    write_atomically(file, b"old")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            write_atomically(file, b"new")
    assert file.read_bytes() == b"old"
    assert os.listdir(file.parent) == ["f"]


def test_readers_never_see_half_a_file(tmp_path: Path) -> None:
    file, seen, ended = tmp_path / "f", set(), threading.Event()
    write_atomically(file, b"a" * 100_000)

    def read() -> None:
        while not ended.is_set():
            data = file.read_bytes()
            seen.add((data[:1], len(data), len(set(data))))

    reader = threading.Thread(target=read)
    reader.start()
    for letter in (b"b", b"a") * 20:
        write_atomically(file, letter * 100_000)
    ended.set()
    reader.join()
    assert seen <= {(b"a", 100_000, 1), (b"b", 100_000, 1)}


def test_a_folder_vanishes_with_all_it_holds_and_may_be_gone_already(tmp_path: Path) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    remove_folder(tmp_path / "d")
    remove_folder(tmp_path / "d")
    assert list(tmp_path.iterdir()) == []


def test_one_thread_at_a_time_holds_a_lock(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(20):
            with locked(tmp_path / "l"):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 80
    assert max(most) == 1


def test_only_a_process_of_this_host_that_is_gone_left_something_behind() -> None:
    program = "from penstock.store.disk import this_process; print(this_process())"
    dead = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()
    pid, started, host = this_process().split("-")
    assert left_behind(dead)
    assert not left_behind(this_process())
    assert left_behind(f"{pid}-{int(started) - 1000}-{host}"), "another process has that number now"
    assert not left_behind(dead.replace(host, "0" * 8))
    assert not left_behind("nonsense")


def test_a_process_that_was_killed_is_gone_before_its_parent_notices() -> None:
    program = "from penstock.store.disk import this_process; print(this_process(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        mark = child.stdout.readline().strip()
        assert not left_behind(mark)
        child.kill()
        os.waitid(
            os.P_PID, child.pid, os.WEXITED | os.WNOWAIT
        )  # it has ended, and nobody has asked for its result
        assert left_behind(mark)


def test_a_child_of_a_fork_has_a_mark_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = this_process()
    monkeypatch.setattr(disk.os, "getpid", os.getppid)
    assert this_process() != mine
