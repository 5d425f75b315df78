"""People's Python in a child process: its own session, its output in the log, killed as a whole tree."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

from penstock.core.environment import variables_of
from penstock.core.errors import Aborted, ActivityFailed

if TYPE_CHECKING:
    import psutil

LAUNCHER = "penstock.sdk.launch"
LONGEST_LINE = 32_768
"""Characters after which a line is logged in pieces."""


def run(
    code: Path,
    *,
    environment: Mapping[str, str],
    log: Callable[[str], None],
    should_stop: Callable[[], bool],
    work: Path,
    python: Path | None = None,
    grace: float = 5.0,
) -> None:
    """Run a Python file to its end. Raises ActivityFailed with the last line of its traceback, or Aborted."""
    with _child(code, environment, work, python) as child:
        tail: deque[str] = deque(maxlen=400)
        for line in _lines(child, should_stop):
            if line is None:
                kill(child, grace)
                raise Aborted("The work was stopped, and its processes ended.")
            tail.append(line)
            log(line)
        status = child.wait()
    if status != 0:
        raise ActivityFailed(_reason(status, list(tail), code), hint="See its log.")


def kill(child: subprocess.Popen[bytes], grace: float) -> None:
    """End a child and everything it started: asked first, killed after `grace` seconds."""
    import psutil

    family = _family(child.pid)
    _signal_group(child.pid, signal.SIGTERM)
    for process in family:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(family, timeout=grace)
    _signal_group(child.pid, signal.SIGKILL)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    child.wait()


@contextlib.contextmanager
def _child(
    code: Path, environment: Mapping[str, str], work: Path, python: Path | None
) -> Iterator[subprocess.Popen[bytes]]:
    """The child, in a session of its own. It watches a pipe of ours and dies when we die."""
    ours, theirs = _pipe()
    child = subprocess.Popen(
        [str(python or sys.executable), "-u", "-P", "-m", LAUNCHER, str(code)],
        cwd=work,
        env={**_ours(python), **environment, "PENSTOCK_PARENT_FD": str(theirs), "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(theirs,),
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield child
    finally:
        os.close(ours)
        kill(child, 0) if child.poll() is None else _signal_group(child.pid, signal.SIGKILL)
        if child.stdout is not None:
            child.stdout.close()


def _ours(python: Path | None) -> dict[str, str]:
    """Our environment without the key of the node's secrets: people's code has no use for it."""
    return variables_of(str(python or ""), os.environ)


def _pipe() -> tuple[int, int]:
    """(the end we hold, the end the child reads)."""
    theirs, ours = os.pipe()
    return ours, theirs


def _lines(child: subprocess.Popen[bytes], should_stop: Callable[[], bool]) -> Iterator[str | None]:
    """What the child prints, line by line, until it ends; None once when it should stop."""
    assert child.stdout is not None
    rest, asked = b"", time.monotonic()
    for piece in _pieces(child, child.stdout):
        *lines, rest = (rest + piece).split(b"\n")
        yield from (_text(line) for line in lines)
        if len(rest) > LONGEST_LINE:
            yield _text(rest)
            rest = b""
        if time.monotonic() - asked > 0.1:
            asked = time.monotonic()
            if should_stop():
                yield None
                return
    if rest:
        yield _text(rest)


def _pieces(child: subprocess.Popen[bytes], out: IO[bytes]) -> Iterator[bytes]:
    """Bytes as they come, empty ones while nothing does. Ends with the child, even if its children live on."""
    with selectors.DefaultSelector() as selector:
        selector.register(out, selectors.EVENT_READ)
        while True:
            ended = child.poll() is not None
            ready = selector.select(timeout=0 if ended else 0.1)
            piece = os.read(out.fileno(), 65_536) if ready else b""
            if (ended and not piece) or (ready and not piece):
                return
            yield piece


def _reason(status: int, lines: list[str], code: Path) -> str:
    if status < 0:
        name = signal.Signals(-status).name
        return f"The process was ended by {name}." + (
            " Perhaps it needed too much memory." if name == "SIGKILL" else ""
        )
    said = last_of_traceback(lines)
    if not said:
        return f"The process ended with exit code {status}."
    if not _traceback(lines):
        return f"{said} (exit code {status})."
    line = line_of(lines, str(code))
    place = f" ({code.name}, line {line})" if line and not code.name.startswith("_") else ""
    ended = said.rstrip(".") + place
    return ended if ended.endswith(("!", "?")) else f"{ended}."


def line_of(lines: list[str], file: str) -> int:
    """The last line of this file that the traceback names; 0 without one."""
    found = [re.match(r'  File "(.+)", line (\d+)', line) for line in _traceback(lines)]
    return next((int(m[2]) for m in reversed(found) if m and m[1] == file), 0)


def last_of_traceback(lines: list[str]) -> str:
    """The line that names the exception, or the last line printed when there is no traceback."""
    return next((line for line in _traceback(lines) if line and not line[0].isspace()), "") or next(
        (line.strip() for line in reversed(lines) if line.strip()), ""
    )


def _traceback(lines: list[str]) -> list[str]:
    """What follows the last beginning of a traceback."""
    starts = [i for i, line in enumerate(lines) if line.startswith("Traceback (most recent call last)")]
    return lines[starts[-1] + 1 :] if starts else []


def _family(pid: int) -> list[psutil.Process]:
    import psutil

    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _text(line: bytes) -> str:
    return line.decode("utf-8", errors="replace").rstrip("\r")
