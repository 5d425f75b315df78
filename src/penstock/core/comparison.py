"""Comparisons of versions and evaluations: one table of facts and metrics, and where its columns differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from penstock.core import labels, metric
from penstock.core.errors import Invalid, NotFound
from penstock.core.evaluation import Evaluation
from penstock.core.model import ModelVersion
from penstock.core.score import PredictionType

PERFORMANCE = metric.performance_id("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One metric on two sides. `better` is None when the metric has no direction, or a side is missing."""

    metric_id: str
    label: str
    reference: float | None
    current: float | None
    difference: float | None
    better: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is compared: a version measured on its test set, or an evaluation measured on its dataset."""

    id: str
    """Full id: `S-…` or `ME-…`."""
    name: str
    prediction_type: PredictionType | None
    facts: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What metrics depend on: gains, lift point, averaging. A difference here makes them not comparable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: a text (or None) per item, and which of them stand out."""

    section: Literal["information", "labels", "metrics", "parameters"]
    key: str
    label: str
    values: tuple[str | float | None, ...]
    stands_out: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Items side by side. Without a champion a whole row stands out where its values are not all alike."""

    prediction_type: PredictionType | None
    items: tuple[Item, ...]
    champion: str
    rows: tuple[Row, ...]
    warnings: tuple[str, ...] = ()


def performance_drift(reference: Mapping[str, float], current: Mapping[str, float]) -> tuple[Difference, ...]:
    """Every performance metric of either side: reference, current, current − reference, better or worse.

    Both are metric id → value; ids of other families are left out. The order is the reference's.
    """
    ids = [i for i in dict.fromkeys((*reference, *current)) if i.startswith(PERFORMANCE)]
    return tuple(_difference(i, reference.get(i), current.get(i)) for i in ids)


def of_evaluation(evaluation: Evaluation, parameters: Mapping[str, str] | None = None) -> Item:
    """An evaluation as an item of a comparison."""
    e = evaluation
    facts = {
        "model": e.model,
        "version": e.version,
        "algorithm": e.labels.get(labels.MODEL_ALGORITHM, ""),
        "train_date": e.labels.get(labels.MODEL_DATE, ""),
        "train_dataset": e.labels.get(labels.TRAIN_DATASET, ""),
        "evaluation_dataset": e.dataset,
        "evaluation_date": labels.date_text(e.created_at),
        "rows": str(e.rows),
    }
    return Item(
        id=e.full_id, name=e.name, prediction_type=e.prediction_type, facts=facts,
        labels=e.labels, metrics=e.metrics, parameters=parameters or {},
    )  # fmt: skip


def of_version(version: ModelVersion, parameters: Mapping[str, str] | None = None) -> Item:
    """A model version as an item of a comparison, measured on its test set."""
    v = version
    facts = {
        "model": v.model,
        "version": v.id,
        "algorithm": v.algorithm,
        "train_date": labels.date_text(v.created_at),
        "train_dataset": v.train_dataset,
        "evaluation_dataset": v.train_dataset,
        "evaluation_date": labels.date_text(v.created_at),
        "rows": str(v.test_rows),
    }
    return Item(
        id=v.full_id, name=v.name, prediction_type=v.prediction_type, facts=facts, labels=v.labels,
        metrics={metric.performance_id(code): value for code, value in v.metrics.items()},
        parameters=parameters or {},
    )  # fmt: skip


def compare(items: Sequence[Item], *, champion: str = "") -> Comparison:
    """Put items side by side.

    Raises Invalid when they do not share one prediction type, NotFound when the champion is not among them.
    """
    _refuse_mixed(items)
    if champion and champion not in {item.id for item in items}:
        raise NotFound("champion", champion, among=[item.id for item in items], where="this comparison")
    against = next((n for n, item in enumerate(items) if item.id == champion), None)
    rows = [
        *_rows("information", [item.facts for item in items], against),
        *_rows("labels", [item.labels for item in items], against),
        *_rows("metrics", [item.metrics for item in items], against),
        *_rows("parameters", [item.parameters for item in items], against),
    ]
    return Comparison(
        prediction_type=items[0].prediction_type if items else None, items=tuple(items),
        champion=champion, rows=tuple(rows), warnings=tuple(_warnings(rows)),
    )  # fmt: skip


@cache
def greater_is_better() -> Mapping[str, bool]:
    """Metric id → whether more is better, for every score of the catalogue."""
    from penstock.core import registry
    from penstock.core.score import Score

    kinds = [registry.kind("scores", name) for name in registry.names("scores")]
    return {
        metric.performance_id(kind.CODE): kind.GREATER_IS_BETTER for kind in kinds if issubclass(kind, Score)
    }


def _difference(metric_id: str, reference: float | None, current: float | None) -> Difference:
    change = None if reference is None or current is None else current - reference
    upwards = greater_is_better().get(metric_id)
    better = None if change is None or upwards is None or change == 0 else (change > 0) == upwards
    return Difference(
        metric_id=metric_id, label=metric.label(metric_id), reference=reference, current=current,
        difference=change, better=better,
    )  # fmt: skip


def _refuse_mixed(items: Sequence[Item]) -> None:
    kinds = {item.prediction_type for item in items}
    if len(kinds) > 1:
        said = ", ".join(f"{item.name} is {item.prediction_type or 'without a model'}" for item in items)
        raise Invalid(
            f"Only items of one prediction type can be compared: {said}.", hint="Take out the odd ones."
        )


def _rows(
    section: Literal["information", "labels", "metrics", "parameters"],
    maps: Sequence[Mapping[str, str]] | Sequence[Mapping[str, float]],
    against: int | None,
) -> list[Row]:
    keys = dict.fromkeys(key for each in maps for key in each)
    return [_row(section, key, tuple(each.get(key) for each in maps), against) for key in keys]


def _row(
    section: Literal["information", "labels", "metrics", "parameters"],
    key: str,
    values: tuple[str | float | None, ...],
    against: int | None,
) -> Row:
    base = values[against if against is not None else 0]
    differs = tuple(not _alike(value, base) for value in values)
    stands_out = differs if against is not None else (any(differs),) * len(values)
    label = metric.label(key) if section == "metrics" else key.replace("_", " ").capitalize()
    return Row(
        section=section,
        key=key,
        label=key if section == "labels" else label,
        values=values,
        stands_out=stands_out,
    )


def _alike(a: str | float | None, b: str | float | None) -> bool:
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=1e-12)
    return a == b


def _warnings(rows: Sequence[Row]) -> list[str]:
    """A side that does not say how it was measured is no other way of measuring."""
    odd = [
        r.label for r in rows if r.section == "parameters" and len({v for v in r.values if v is not None}) > 1
    ]
    return [
        f"These items were measured with another {name.lower()}: their values do not compare." for name in odd
    ]
