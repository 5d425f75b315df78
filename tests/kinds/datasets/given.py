"""A DatasetContext over a temporary folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from penstock.core.dataset import Dataset, Snapshot
from penstock.core.errors import Refused
from penstock.core.files import LocalFiles
from penstock.core.registry import parse


@dataclass
class Surroundings:
    """What a dataset kind may ask; `place` is the open session of tests/kinds/conftest.py."""

    place: Any
    base: Path
    name: str = "flights"
    values: dict[str, str] = field(default_factory=dict)
    current: Snapshot | None = None
    history: Sequence[Any] = ()
    every_row: bool = False

    @property
    def backend(self) -> Any:
        return self.place.backend

    @property
    def work(self) -> Path:
        return self.base / "work"

    def expand(self, text: str) -> str:
        for name, value in self.values.items():
            text = text.replace(f"${{{name}}}", value)
        return text

    def folder(self, name: str) -> LocalFiles:
        return LocalFiles(self.base / name)

    def connected(self, connection: str, path: str) -> LocalFiles:
        return LocalFiles(self.base / connection / self.expand(path))

    def uploads(self) -> Path:
        return self.base / "uploads"

    def server_path(self, path: str) -> Path:
        found = Path(path).resolve()
        if not found.is_relative_to(self.base.resolve()):
            raise Refused(f"{path} is outside")
        return found

    def snapshot(self) -> Snapshot | None:
        return self.current

    def snapshot_files(self) -> list[Path]:
        return sorted((self.base / "snapshot").glob("*.parquet"))

    def metric_history(self, scope: str, item: str, last_only: bool) -> Sequence[Any]:
        self.asked = (scope, item, last_only)
        return self.history

    check_history = metric_history

    def rows(self, dataset: Dataset) -> list[dict[str, Any]]:
        return self.place.rows(dataset.read(self))


def dataset(**fields: Any) -> Any:
    """A dataset as YAML would give it."""
    return parse("datasets", fields)
