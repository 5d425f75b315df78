"""Rows in, values out: what the tests of probes share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from penstock.core import registry
from penstock.core.config import Config
from penstock.core.dataset import SourceFile
from penstock.core.metric import ObjectKey, Probe, Unavailable
from penstock.core.schema import Schema
from penstock.engine.engines import LocalEngines

KEY = ObjectKey(project="FRAUD", type="dataset", name="transactions")
ENGINES = LocalEngines(Config(home=Path("unused"), threads=1))


@dataclass
class Given:
    """The object a probe looks at, as MeasureContext describes it."""

    columns: Schema = ()
    sizes: Sequence[int] = ()
    row: Mapping[str, Any] = field(default_factory=dict)
    key: ObjectKey = KEY
    asked: list[str] = field(default_factory=list)

    def expand(self, text: str) -> str:
        return text.replace("${least}", "2")

    def files(self) -> list[SourceFile]:
        return [SourceFile(f"{i}.csv", size, 0) for i, size in enumerate(self.sizes)]

    def sql(self, query: str) -> Mapping[str, Any]:
        self.asked.append(query)
        return self.row


def probe(**settings: Any) -> Probe:
    parsed = registry.parse("probes", settings)
    assert isinstance(parsed, Probe)
    return parsed


def measured(rows: Mapping[str, Sequence[Any]] | pa.Table, **settings: Any) -> dict[str, Any]:
    """What an expression probe says of rows: id → value, or the reason as text for what is unavailable."""
    data = rows if isinstance(rows, pa.Table) else pa.table(dict(rows))
    with ENGINES.session() as session:
        table = session.backend.create_table("rows", data)
        ctx: Any = Given(columns=session.columns(table))
        asked = probe(**settings).expressions(table, ctx)
        there = {k: v for k, v in asked.items() if not isinstance(v, Unavailable)}
        reasons = {k: v.reason for k, v in asked.items() if isinstance(v, Unavailable)}
        return session.aggregate(table, there) | reasons
