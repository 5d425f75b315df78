"""An open session, and a place to read files in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from penstock.core.config import Config
from penstock.engine.duckdb import DuckDBSession
from penstock.engine.engines import LocalEngines


@dataclass
class Place:
    """What formats see of a DatasetContext."""

    session: DuckDBSession
    work: Path
    name: str = "flights"
    every_row: bool = False

    @property
    def backend(self) -> Any:
        return self.session.backend

    def rows(self, table: Any) -> list[dict[str, Any]]:
        return self.session.arrow(table).to_pylist()


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngines]:
    engines = LocalEngines(Config(home=tmp_path_factory.mktemp("home"), threads=2))
    yield engines
    engines.close()


@pytest.fixture
def session(engines: LocalEngines) -> Iterator[DuckDBSession]:
    with engines.session() as session:
        yield session


@pytest.fixture
def place(session: DuckDBSession, tmp_path: Path) -> Place:
    return Place(session, tmp_path / "work")
