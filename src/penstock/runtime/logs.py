"""Logs of jobs and activities: plain lines with a time stamp, written as they come, read while they grow."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from penstock.core.access import Permission
from penstock.core.errors import NotFound, PenstockError
from penstock.runtime import guards
from penstock.runtime.events import Event, Watch

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.ports import Clock

MOST_WARNINGS = 1000
"""Warnings of one activity that are kept in its row; the log has all of them."""


class JobLog:
    """The log of a whole job: its own lines, and those of its activities with the recipe's name before them.

    Every line goes through `mask`, which takes out sealed values.
    """

    def __init__(self, path: Path, clock: Clock, mask: Callable[[str], str] = str) -> None:
        self._clock, self.mask = clock, mask
        self._lock = threading.Lock()
        self._file: TextIO | None = path.open("a", encoding="utf-8")

    def info(self, message: str) -> None:
        self.line("INFO", message)

    def warning(self, message: str, *, type: str = "warning") -> None:
        self.line("WARN", message)

    def error(self, message: str) -> None:
        self.line("ERROR", message)

    def line(self, level: str, message: str, *, recipe: str = "") -> str:
        """Write a message; every line of it carries time and level. Returns the text without the recipe."""
        stamp = f"{self._clock.now():%Y-%m-%dT%H:%M:%S.%f}"[:-3] + f"Z [{level}]"
        lines = self.mask(message).splitlines() or [""]
        with self._lock:
            if self._file is not None:
                mark = f" [{recipe}]" if recipe else ""
                self._file.writelines(f"{stamp}{mark} {line}\n" for line in lines)
                self._file.flush()
        return "".join(f"{stamp} {line}\n" for line in lines)

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


class ActivityLog:
    """The log of one activity (the Log a recipe sees). Its lines stand in the job's log too."""

    def __init__(self, path: Path, job: JobLog, recipe: str, tell: Watch, job_id: str) -> None:
        self.warnings: list[str] = []
        self.recipe, self._job, self._tell, self._job_id = recipe, job, tell, job_id
        self._lock = threading.Lock()
        self._file: TextIO | None = path.open("a", encoding="utf-8")

    def info(self, message: str) -> None:
        self._write("INFO", message)

    def warning(self, message: str, *, type: str = "warning") -> None:
        """A line that is counted: the activity ends `done with warnings`, never failed, because of it."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(message)
        self._write("WARN", message if type == "warning" else f"{type}: {message}")

    def error(self, error: BaseException) -> None:
        """Why the activity failed: our own errors as their sentence, everything else with its traceback."""
        if isinstance(error, PenstockError):
            return self._write("ERROR", str(error))
        lines = traceback.format_exception(type(error), error, error.__traceback__)
        return self._write("ERROR", "".join(lines).rstrip())

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _write(self, level: str, message: str) -> None:
        message = self._job.mask(message)
        text = self._job.line(level, message, recipe=self.recipe)
        with self._lock:
            if self._file is not None:
                self._file.write(text)
                self._file.flush()
        self._tell(Event(what="log", job=self._job_id, recipe=self.recipe, state=level, message=message))


def read(node: Node, job: str, recipe: str = "") -> str:
    """The log of a job, or of one of its activities only. Raises NotFound for either."""
    return "".join(pieces(node, job, recipe))


def pieces(node: Node, job: str, recipe: str = "", *, start: int = 0) -> Iterator[str]:
    """What a log holds from a byte offset on; call again with the offset reached to follow a running one."""
    found = node.runs.job(job)
    guards.require(node, Permission.READ, found.project)
    if recipe:
        known = [a.recipe for a in node.runs.activities(found.id)]
        if recipe not in known:
            raise NotFound("activity", recipe, among=known, where=f"job {job}")
    return _pieces(node.runs.log_path(job, recipe), start)


def _pieces(path: Path, start: int) -> Iterator[str]:
    if path.exists():
        with path.open("rb") as file:
            file.seek(start)
            yield file.read().decode("utf-8", errors="replace")


@contextmanager
def job_log(node: Node, job: str) -> Iterator[JobLog]:
    """The open log of a job."""
    log = JobLog(node.runs.log_path(job), node.clock, node.secrets.mask)
    try:
        yield log
    finally:
        log.close()
