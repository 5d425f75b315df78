"""The Engines port: DuckDB for tables, a child process for people's Python."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from penstock.core.config import Config
from penstock.engine import process
from penstock.engine.duckdb import DuckDBSession, Instance


class LocalEngines:
    """Everything is computed in this process, but people's Python, which runs beside it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._instance = Instance(config)

    @contextlib.contextmanager
    def session(self) -> Iterator[DuckDBSession]:
        """A place to compute for one activity; what is still open is closed at the end."""
        session = DuckDBSession(self._instance)
        try:
            yield session
        finally:
            session.close()

    def run_python(
        self,
        *,
        code: Path,
        environment: Mapping[str, str],
        log: Callable[[str], None],
        should_stop: Callable[[], bool],
        work: Path,
    ) -> None:
        """Run a Python file in a child process. Raises ActivityFailed, or Aborted when it was stopped."""
        process.run(
            code,
            environment=environment,
            log=log,
            should_stop=should_stop,
            work=work,
            grace=self._config.abort_grace,
        )

    def close(self) -> None:
        """Free the memory; the next session opens afresh."""
        self._instance.close()
