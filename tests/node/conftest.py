"""One design node for all: it signs packages, and its model is trained once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .packages import Design, RunningNode, function, node

SLOW = "import time\ndef slow(seconds=0.0):\n    time.sleep(seconds)\n    return 'done'\n"
ODD = "def odd(**words):\n    raise ValueError('not today')\n"


@pytest.fixture(scope="session")
def design(tmp_path_factory: pytest.TempPathFactory) -> Design:
    return Design(tmp_path_factory.mktemp("design"))


@pytest.fixture(scope="session")
def package(design: Design) -> Path:
    """Version v1 of `flights`: a model and some functions."""
    from .packages import PREDICTION

    endpoints = [PREDICTION, function(), function("slow", SLOW), function("odd", ODD)]
    return design.package(endpoints=endpoints)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, design: Design, package: Path) -> Iterator[RunningNode]:
    """A node of one process that answers with v1."""
    pool = {"ceil": 1, "queue": 1, "timeout": 10_000}
    home = tmp_path_factory.mktemp("node") / "one"
    with node(home, design, pool=pool, body_megabytes=0.2) as found:
        found.deploy(package)
        yield found
