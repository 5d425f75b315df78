"""Where the homes of tests keep their state.

`PENSTOCK_TEST_STATE=postgresql pytest …`: every home of every test keeps it on PostgreSQL. Without that word tests
marked `both_states` run twice: on SQLite, as all do, and on PostgreSQL.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from . import penstock_states

SORTS = ("sqlite", "postgresql")
KEPT = 20
_left: deque[Path] = deque()
ON_SERVER = os.environ.get("PENSTOCK_TEST_STATE") == "postgresql"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "sqlite: about the file of SQLite; left out when the state is elsewhere"
    )
    config.addinivalue_line("markers", "both_states: runs on SQLite and on PostgreSQL, every time")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marked = {mark.name for mark in metafunc.definition.iter_markers()}
    if "both_states" in marked and "sqlite" not in marked and not ON_SERVER:
        metafunc.parametrize("state_of_homes", SORTS, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if ON_SERVER:
        for item in items:
            if item.get_closest_marker("sqlite"):
                item.add_marker(pytest.mark.skip(reason="it is about the file of SQLite"))


@pytest.fixture(scope="session", autouse=ON_SERVER)
def every_state_elsewhere(request: pytest.FixtureRequest) -> Iterator[None]:
    """From here on homes have databases, in this process and in those it starts."""
    with elsewhere(request.getfixturevalue("state_server")):
        yield


@pytest.fixture(autouse=True)
def state_of_homes(request: pytest.FixtureRequest) -> Iterator[None]:
    """For a test marked `both_states`: homes made in it have databases, when it is the turn of PostgreSQL."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield
        return
    with elsewhere(request.getfixturevalue("state_server")):
        yield
        _forget(request.node.funcargs.get("tmp_path"))


@contextmanager
def elsewhere(host: str) -> Iterator[None]:
    """Inside, homes have databases at a server."""
    import penstock.store.database  # noqa: F401  what is patched must be there

    folders = [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(penstock_states.SERVER, host)
        patched.setenv("PYTHONPATH", os.pathsep.join(folders))
        penstock_states.install(patched.setattr)
        yield


@pytest.fixture(autouse=ON_SERVER)
def no_state_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    """What tests leave in their folders may stay for whoever looks; databases would fill the disk. Those of the last
    tests stay too: a thread that a test left behind may still look at its own."""
    yield
    _forget(request.node.funcargs.get("tmp_path"))


def _forget(folder: Path | None) -> None:
    if folder:
        _left.append(folder)
    if len(_left) > KEPT:
        penstock_states.drop_below(_left.popleft())
