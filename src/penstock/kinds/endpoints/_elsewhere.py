"""A Python function that answers in a code environment: processes of that Python, asked by lines of JSON."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from penstock.core.environment import variables_of
from penstock.core.errors import AnswerFailed, BadQuery
from penstock.core.service import Answer, Record

CHILD = Path(__file__).with_name("_function_child.py")


class FunctionElsewhere:
    """An opened function, in processes of its own: one for each query that is answered at the same time."""

    blocking = True

    def __init__(self, python: Path, endpoint: Mapping[str, Any], library: Path) -> None:
        self._python, self._first = python, {"endpoint": dict(endpoint), "library": str(library)}
        self._name = str(endpoint["name"])
        self._idle: list[subprocess.Popen[str]] = []
        self._all: list[subprocess.Popen[str]] = []
        self._lock = threading.Lock()
        self._put_back(self._begun())

    def answer(self, verb: str, query: Mapping[str, Any]) -> Answer:
        with self._lock:
            child = self._idle.pop() if self._idle else None
        child = child or self._begun()
        told = self._asked(child, {"verb": verb, "query": dict(query)})
        self._put_back(child)
        _check(told)
        record = Record(dict(query), dict(told["body"]))
        return Answer(told["body"], [record], told["timing"], told["status"], told["headers"])

    def close(self) -> None:
        with self._lock:
            children, self._all, self._idle = self._all, [], []
        for child in children:
            _end(child)

    def _begun(self) -> subprocess.Popen[str]:
        """A process that has run the code of the endpoint. Raises AnswerFailed with what it raised."""
        child = subprocess.Popen(
            [str(self._python), "-u", "-P", str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            encoding="utf-8", env=variables_of(str(self._python), os.environ), start_new_session=True,
        )  # fmt: skip
        with self._lock:
            self._all.append(child)
        told = self._asked(child, self._first)
        if "error" in told:
            self._drop(child)
            _check(told)
        return child

    def _asked(self, child: subprocess.Popen[str], asked: Mapping[str, Any]) -> dict[str, Any]:
        assert child.stdin is not None
        assert child.stdout is not None
        line = ""
        with suppress(BrokenPipeError):
            child.stdin.write(json.dumps(asked) + "\n")
            child.stdin.flush()
            line = child.stdout.readline()
        if not line:
            self._drop(child)
            raise AnswerFailed(f"The process of endpoint {self._name} ended before it answered.")
        told: dict[str, Any] = json.loads(line)
        return told

    def _put_back(self, child: subprocess.Popen[str]) -> None:
        with self._lock:
            self._idle.append(child)

    def _drop(self, child: subprocess.Popen[str]) -> None:
        with self._lock, suppress(ValueError):
            self._all.remove(child)
        _end(child)


def _check(told: Mapping[str, Any]) -> None:
    """Raise what the process told, as the same sort of error."""
    if "error" not in told:
        return
    if told["http_status"] == BadQuery.http_status:
        raise BadQuery(told["error"], hint=told["hint"])
    raise AnswerFailed(told["error"], status=told["http_status"], hint=told["hint"])


def _end(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()
