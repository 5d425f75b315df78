"""Probes, metric values and their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import Field

from penstock.core.kind import Kind

MetricType = Literal["BIGINT", "DOUBLE", "STRING", "BOOLEAN", "ARRAY", "DATE"]
Origin = Literal["build", "manual", "scenario", "api"]
ObjectType = Literal["dataset", "folder", "model", "evaluation_store", "project"]

NOT_PARTITIONED = "NP"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectKey:
    """Which object a metric or verdict is about."""

    project: str
    type: ObjectType
    name: str
    partition: str = NOT_PARTITIONED


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricValue:
    """One value of one metric at one moment. `value` is text; `number` its numeric twin when it has one."""

    key: ObjectKey
    metric_id: str
    data_type: MetricType
    value: str
    computed_at: datetime
    origin: Origin = "manual"
    run_id: str = ""
    evaluation_id: str = ""

    @property
    def number(self) -> float | None:
        """The value as a number, or None for texts, lists and dates."""
        if self.data_type in ("BIGINT", "DOUBLE"):
            return float(self.value)
        return float(self.value == "true") if self.data_type == "BOOLEAN" else None


class Probe(Kind):
    """A configured computation that yields one or more metrics of an object.

    Expression probes implement `expressions(table, ctx)`: metric id → an Ibis scalar over the table, so that all
    probes of a dataset become one query. Others implement `measure(ctx)`: metric id → plain value, list or
    (value, type).
    """

    FAMILY: ClassVar[str] = "probes"
    SERVES: ClassVar[frozenset[str]] = frozenset({"dataset"})

    name: str = Field(
        default="", description="Distinguishes two probes of one kind; part of some metric ids."
    )
    enabled: bool = Field(default=True, description="Off: never computed.")
    on_build: bool = Field(default=False, description="Compute after every build of the object.")

    def expressions(self, table: Any, ctx: Any) -> Mapping[str, Any]:
        return {}

    def measure(self, ctx: Any) -> Mapping[str, Any]:
        return {}

    def metric_ids(self, columns: Sequence[str] = ()) -> Sequence[str]:
        """The ids this probe will yield, as far as they are known without computing."""
        return ()
