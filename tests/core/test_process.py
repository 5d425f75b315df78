"""Whether a process still runs, with /proc and without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.core import process

SLEEPS = [sys.executable, "-c", "print(flush=True); input()"]


@pytest.fixture(params=["with /proc", "without"])
def child(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[subprocess.Popen[bytes]]:
    if request.param == "without":
        if shutil.which("ps") is None:
            pytest.skip("there is no ps: Debian's package procps has it")
        monkeypatch.setattr(process, "PROC", tmp_path)
    with subprocess.Popen(SLEEPS, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        started.stdout.readline()
        yield started
        started.kill()


def test_a_process_has_the_same_digits_as_long_as_it_runs(child: subprocess.Popen[bytes]) -> None:
    since = process.started(child.pid)
    assert since.isdigit()
    assert since == process.started(child.pid)
    assert process.is_running(child.pid, since)
    assert not process.is_running(child.pid, "1")


def test_a_process_that_was_killed_has_ended_before_its_parent_notices(
    child: subprocess.Popen[bytes],
) -> None:
    since = process.started(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not process.is_running(child.pid, since)
    with pytest.raises(ProcessLookupError):
        process.started(child.pid)
    child.wait()
    assert not process.is_running(child.pid, since)
