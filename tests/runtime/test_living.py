"""A process that lives is never taken for dead because somebody set the clock."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from penstock.runtime import recovery
from penstock.store import disk

ASK = "import time; from penstock.runtime import recovery; from penstock.store import disk; " \
    "print(recovery.owner(), disk.this_process(), flush=True); input()"  # fmt: skip


@pytest.fixture
def other() -> Iterator[tuple[str, str]]:
    """The two marks of a process that lives, and dies afterwards."""
    pipe = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", ASK], **pipe) as process:  # type: ignore[call-overload]
        owner, mark = process.stdout.readline().split()
        yield owner, mark
        process.kill()
        process.wait()
    assert recovery.is_gone(owner)
    assert disk.left_behind(mark)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_setting_the_clock_kills_nobody(other: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    booted = psutil.boot_time()
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: booted + 3600)
    owner, mark = other
    assert not recovery.is_gone(owner)
    assert not disk.left_behind(mark)


def test_another_process_that_got_the_same_number_is_another_one(other: tuple[str, str]) -> None:
    owner, mark = other
    host, pid, started = owner.rsplit(":", 2)
    assert recovery.is_gone(f"{host}:{pid}:{int(started) + 1}")
    pid, started, host = mark.split("-")
    assert disk.left_behind(f"{pid}-{int(started) + 1}-{host}")
