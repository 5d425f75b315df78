"""Keeps which requirement lines were proved by the last run, for `make requirements`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

RESULTS = Path(__file__).parent.parent / ".pytest_requirements.json"
_proved: dict[str, dict[str, str]] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark in item.iter_markers("requirement"):
            item.user_properties += [("requirement", line) for line in mark.args]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or report.outcome != "passed":
        for name, line in report.user_properties:
            if name == "requirement":
                _proved.setdefault(str(line), {})[report.nodeid] = report.outcome


def pytest_sessionfinish(session: pytest.Session) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ or not _proved:
        return
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for line, outcomes in _proved.items():
        known[line] = {**known.get(line, {}), **outcomes}
    RESULTS.write_text(json.dumps(known, indent=1, sort_keys=True))
