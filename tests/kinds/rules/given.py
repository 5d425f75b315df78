"""Rows in, judgement out: what the tests of rules share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from penstock.core import registry
from penstock.core.check import Judgement
from penstock.core.config import Config
from penstock.core.dataset import SourceFile
from penstock.core.metric import MetricValue, ObjectKey, encode
from penstock.core.rule import Rule
from penstock.core.schema import Schema
from penstock.engine.engines import LocalEngines

ENGINES = LocalEngines(Config(home=Path("unused"), threads=1))
KEY = ObjectKey(project="FRAUD", type="dataset", name="transactions")


@dataclass
class Given:
    """The object a rule looks at, as MeasureContext describes it."""

    columns: Schema = ()
    expected: Schema = ()
    sizes: Sequence[int] = ()
    metrics: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    """(item, metric id) → value."""
    histories: Mapping[str, Sequence[MetricValue]] = field(default_factory=dict)
    key: ObjectKey = KEY
    project: Any = field(default_factory=lambda: SimpleNamespace(key="FRAUD"))

    def expand(self, text: str) -> str:
        return text

    def files(self) -> list[SourceFile]:
        return [SourceFile(f"{i}.csv", size, 0) for i, size in enumerate(self.sizes)]

    def history(self, metric_id: str) -> Sequence[MetricValue]:
        return self.histories.get(metric_id, ())

    def metric(self, metric_id: str, item: str = "") -> MetricValue | None:
        if (item, metric_id) not in self.metrics:
            return None
        kind, text = encode(self.metrics[item, metric_id])
        return MetricValue(
            key=KEY, metric_id=metric_id, data_type=kind, value=text, computed_at=datetime.now(UTC)
        )


def rule(**settings: Any) -> Rule:
    parsed = registry.parse("rules", settings)
    assert isinstance(parsed, Rule)
    return parsed


def judged(
    rows: Mapping[str, Sequence[Any]] | pa.Table, given: Given | None = None, **settings: Any
) -> Judgement:
    """What a rule says of rows."""
    data = rows if isinstance(rows, pa.Table) else pa.table(dict(rows))
    chosen = rule(**settings)
    with ENGINES.session() as session:
        table = session.backend.create_table("rows", data)
        ctx: Any = given or Given(columns=session.columns(table))
        return chosen.judge(session.aggregate(table, chosen.expressions(table, ctx)), ctx)
