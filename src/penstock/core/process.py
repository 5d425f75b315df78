"""Processes of this machine: when one began, and whether it still runs."""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256
from pathlib import Path

ENDED = ("Z", "X", "x")
"""States of a process that has ended and whose parent has not noticed yet."""
PROC = Path("/proc")


def started(pid: int) -> str:
    """When a process began, as digits that stay when the clock is set: another process never has the same pid and
    digits. Raises ProcessLookupError when there is none or it has ended, PermissionError when it cannot be told."""
    try:
        facts = (PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()
        boot = (PROC / "sys/kernel/random/boot_id").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return _asked(pid)
    state, ticks = facts[0], facts[19]
    if state in ENDED:
        raise ProcessLookupError(pid)
    return f"{int(boot[:8], 16)}{int(ticks):012d}"


def is_running(pid: int, since: str) -> bool:
    """Whether the process that had these digits still runs. One that cannot be told is taken for running."""
    try:
        return started(pid) == since
    except ProcessLookupError:
        return False
    except PermissionError:
        return True


def runs(pid: int) -> bool:
    """Whether any process has this pid. One that cannot be told is taken for running."""
    try:
        return bool(started(pid))
    except ProcessLookupError:
        return False
    except PermissionError:
        return True


def _asked(pid: int) -> str:
    """The same where there is no /proc."""
    os.kill(pid, 0)
    command = ["ps", "-o", "state=,lstart=", "-p", f"{pid}"]
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    told = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    ).stdout.split()
    if not told or told[0].startswith(ENDED):
        raise ProcessLookupError(pid)
    return f"{int.from_bytes(sha256(' '.join(told[1:]).encode()).digest()[:6])}"
