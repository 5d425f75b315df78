"""Metric values in, judgement out: what the tests of checks share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from penstock.core import registry
from penstock.core.check import Check, Judgement
from penstock.core.metric import MetricValue, ObjectKey, encode

KEY = ObjectKey(project="FRAUD", type="evaluation_store", name="mes")


@dataclass
class Given:
    """The stored values a check looks at, as CheckContext describes them."""

    values: Mapping[str, Any] = field(default_factory=dict)
    key: ObjectKey = KEY

    def last_values(self) -> dict[str, MetricValue]:
        return {metric_id: point(metric_id, value) for metric_id, value in self.values.items()}

    def value(self, metric_id: str) -> MetricValue | None:
        return self.last_values().get(metric_id)


def point(metric_id: str, value: Any) -> MetricValue:
    kind, text = encode(value)
    now = datetime.now(UTC)
    return MetricValue(key=KEY, metric_id=metric_id, data_type=kind, value=text, computed_at=now)


def check(**settings: Any) -> Check:
    parsed = registry.parse("checks", settings)
    assert isinstance(parsed, Check)
    return parsed


def judged(stored: Mapping[str, Any], /, **settings: Any) -> Judgement:
    """What a check says of values."""
    ctx: Any = Given(stored)
    return check(name="a check", **settings).judge(ctx)
