"""Keeps which requirement lines were proved by the last run, for `make requirements`."""

from __future__ import annotations

import compileall
import gc
import json
import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # a shell that runs us in the background ignores Ctrl-C for us
    signal.signal(signal.SIGINT, signal.default_int_handler)  # … and would for every child we press it on

pytest_plugins = [
    "tests.servers",
    "tests.object_store",
    "tests.wire",
    "tests.states.new_homes",
    "tests.states.whole_suite",
    "tests.mariadb",
]

RESULTS = Path(__file__).parent.parent / ".pytest_requirements.json"
_proved: dict[str, dict[str, str]] = {}


SLOW = (
    "api/", "chaos/", "cli/", "docs/", "drawing/", "http/", "load/", "walks", "web/", "kinds/algorithms/",
    "kinds/recipes/test_e", "kinds/recipes/test_s", "kinds/recipes/test_tr", "kinds/recipes/test_python",
    "kinds/recipes/test_on", "kinds/processors/test_parse_date", "engine/test_process", "ml/test_mlflow",
    "ml/test_classifier", "ml/test_strangers", "ml/test_model_file", "ml/test_search", "ml/test_train",
    "runtime/test_drift", "runtime/test_evaluations", "runtime/test_mission", "runtime/test_recovery",
    "store/test_data.", "store/test_database", "store/test_saving", "store/test_yaml_edit",
)  # fmt: skip
"""Where whole stories, child processes and trainings are tested: left out of `make test-fast`."""
LONG = (
    "walks_web/", "load/", "security/test_markup", "web/test_old_tabs", "walks/", "chaos/test_worker_killed",
    "api/test_fuzz", "deploy/test_deployer_node", "web/test_links",
)  # fmt: skip
"""Where a test takes half a minute and more: begun first, so that none is left when everything else is done."""
SERVERS = ("spark", "spark_machines", "spark_server", "mariadb", "mariadb_server", "s3_server")
"""What takes long to start, once in each process: the tests that ask for one are done one after the other."""


def pytest_configure(config: pytest.Config) -> None:
    """Tests start hundreds of processes: none compiles us again where Python is told to keep nothing compiled."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        for folder in ("src", "node/src"):
            compileall.compile_dir(Path(__file__).parent.parent / folder, quiet=2)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded to collect 16,000 tests stays until the end: nobody looks through it for garbage again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def nobody_waits_for_the_disk() -> Iterator[None]:
    """No test cuts the power of this machine: what a process wrote outlives it without `fsync`, of which a test with a
    project has about twenty. Processes that a test starts do wait."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda handle: None)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and str(item.path.relative_to(here)).startswith(SLOW):
            item.add_marker(pytest.mark.slow)
        for mark in item.iter_markers("requirement"):
            item.user_properties += [("requirement", line) for line in mark.args]
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """When it is its turn; those with the same number stay in their random order."""
    if item.nodeid.removeprefix("tests/").startswith(LONG):
        return 0
    given = item.callspec.params if hasattr(item, "callspec") else {}
    asked = (*getattr(item, "fixturenames", ()), given.get("engine"))
    return next((n for n, server in enumerate(SERVERS, 1) if server in asked), len(SERVERS) + 1)


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
