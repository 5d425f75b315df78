"""Logs of runs and their steps: one file a step, and all of it in the run's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from penstock.core.access import Permission
from penstock.runtime import guards
from penstock.runtime.events import Event, Watch
from penstock.runtime.logs import JobLog

if TYPE_CHECKING:
    from penstock.core.node import Node

RunLog = JobLog
"""The log of a whole run: its own lines, and those of its steps with their names before them."""


class StepLog:
    """The log of one step (the Log a step sees)."""

    def __init__(self, file: TextIO, run_log: RunLog, run: str, label: str, tell: Watch) -> None:
        self._file, self._run_log, self._run, self._label, self._tell = file, run_log, run, label, tell
        self._lock = threading.Lock()

    def info(self, message: str) -> None:
        self._write("INFO", message)

    def warning(self, message: str, *, type: str = "warning") -> None:
        self._write("WARN", message)

    def error(self, message: str) -> None:
        self._write("ERROR", message)

    def _write(self, level: str, message: str) -> None:
        text = self._run_log.line(level, message, recipe=self._label)
        with self._lock:
            if not self._file.closed:
                self._file.write(text)
                self._file.flush()
        self._tell(Event(what="log", run=self._run, step=self._label, state=level, message=message))


@contextmanager
def run_log(node: Node, run: str) -> Iterator[RunLog]:
    """The open log of a run."""
    log = JobLog(node.scenario_runs.log_path(run), node.clock)
    try:
        yield log
    finally:
        log.close()


@contextmanager
def step_log(node: Node, log: RunLog, run: str, step: tuple[str, str], tell: Watch) -> Iterator[StepLog]:
    """The open log of a step, given as (key, name)."""
    key, label = step
    with node.scenario_runs.log_path(run, key).open("a", encoding="utf-8") as file:
        yield StepLog(file, log, run, label, tell)


def read(node: Node, run: str, step: str = "") -> str:
    """The log of a run, or of one of its steps: by name, or by key (`2`, `2.1`). Raises NotFound for either."""
    return "".join(pieces(node, run, step))


def pieces(node: Node, run: str, step: str = "", *, start: int = 0) -> Iterator[str]:
    """What a log holds from a byte offset on; call again with the offset reached to follow a running one."""
    found = node.scenario_runs.run(run)
    guards.require(node, Permission.SEE_SCENARIOS, found.project)
    return _pieces(node.scenario_runs.log_path(found.id, key_of(node, found.id, step) if step else ""), start)


def _pieces(path: Path, start: int) -> Iterator[str]:
    if path.exists():
        with path.open("rb") as file:
            file.seek(start)
            yield file.read().decode("utf-8", errors="replace")


def key_of(node: Node, run: str, step: str) -> str:
    """The key of a step of a run by its name or key. Raises NotFound with the nearest name."""
    from penstock.core.errors import NotFound

    known = {word: s.key for s in node.scenario_runs.steps(run) for word in (s.key, s.label)}
    if step not in known:
        raise NotFound("step", step, among=known, where=f"run {run}")
    return known[step]
