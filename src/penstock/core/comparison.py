"""Comparisons of versions and evaluations: one table of facts and metrics, and where its columns differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Literal

from penstock.core import labels, metric
from penstock.core.errors import Invalid, NotFound
from penstock.core.evaluation import Evaluation
from penstock.core.model import ModelVersion
from penstock.core.score import ModelTask
from penstock.core.standing_out import Value, best, differing

if TYPE_CHECKING:
    from penstock.core.score import Score

Section = Literal["information", "labels", "metrics", "parameters"]
PERFORMANCE = metric.performance_id("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One metric on two sides. `better` is None when the metric has no direction, or a side is missing.

    `caution` says why a difference is not the model's doing, where the shares of the classes moved under a metric that
    follows them; `at_same_share` is the current value had they stayed, where that can be worked out, and `better`
    then judges that one.
    """

    metric_id: str
    label: str
    reference: float | None
    current: float | None
    difference: float | None
    better: bool | None
    caution: str = ""
    at_same_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is compared: a version measured on its test set, or an evaluation measured on its dataset."""

    id: str
    """Full id: `S-…` or `ME-…`."""
    name: str
    prediction_type: ModelTask | None
    facts: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What metrics depend on: gains, lift point, averaging. A difference here makes them not comparable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: a text (or None) per item, and which of them stand out."""

    section: Section
    key: str
    label: str
    values: tuple[str | float | None, ...]
    stands_out: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Items side by side. With a champion, what differs from it stands out, numbers only when they do beyond noise;
    without one, the best value of each metric."""

    prediction_type: ModelTask | None
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
    among = _Among(against, tuple(_measured_on(item) for item in items))
    rows = [
        *_rows("information", [item.facts for item in items], among),
        *_rows("labels", [item.labels for item in items], among),
        *_rows("metrics", [item.metrics for item in items], among),
        *_rows("parameters", [item.parameters for item in items], among),
    ]
    return Comparison(
        prediction_type=items[0].prediction_type if items else None, items=tuple(items),
        champion=champion, rows=tuple(rows), warnings=tuple(_warnings(rows)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Among:
    """Who is compared: which one is the champion, and how many rows each was measured on."""

    champion: int | None
    rows: tuple[int, ...]

    def stands_out(self, section: Section, key: str, values: Sequence[Value]) -> tuple[bool, ...]:
        if self.champion is not None:
            return differing(key, values, self.champion, self.rows)
        return best(values, upwards=greater_is_better().get(key) if section == "metrics" else None)


def _measured_on(item: Item) -> int:
    rows = item.facts.get("rows", "")
    return int(rows) if rows.isdigit() else 0


def with_caution(
    found: Sequence[Difference], caution: str, at_same_share: Mapping[str, float]
) -> tuple[Difference, ...]:
    """Differences of metrics that follow the shares of the classes, with why that matters here."""
    following = follows_share()
    return tuple(
        _cautioned(d, caution, at_same_share.get(d.metric_id)) if d.metric_id in following else d
        for d in found
    )


def _cautioned(of: Difference, caution: str, value: float | None) -> Difference:
    better = _judged(of.metric_id, of.reference, value) if value is not None else of.better
    return replace(of, caution=caution, at_same_share=value, better=better)


@cache
def follows_share() -> frozenset[str]:
    """Metric ids that move with the shares of the classes though every class is recognised as before."""
    return frozenset(metric.performance_id(kind.CODE) for kind in _scores() if kind.FOLLOWS_SHARE)


@cache
def greater_is_better() -> Mapping[str, bool]:
    """Metric id → whether more is better, for every score of the catalogue."""
    return {metric.performance_id(kind.CODE): kind.GREATER_IS_BETTER for kind in _scores()}


def _scores() -> list[type[Score]]:
    from penstock.core import registry
    from penstock.core.score import Score

    kinds = [registry.kind("scores", name) for name in registry.names("scores")]
    return [kind for kind in kinds if issubclass(kind, Score)]


def _difference(metric_id: str, reference: float | None, current: float | None) -> Difference:
    return Difference(
        metric_id=metric_id, label=metric.label(metric_id), reference=reference, current=current,
        difference=None if reference is None or current is None else current - reference,
        better=_judged(metric_id, reference, current),
    )  # fmt: skip


def _judged(metric_id: str, reference: float | None, current: float | None) -> bool | None:
    upwards = greater_is_better().get(metric_id)
    if reference is None or current is None or upwards is None or reference == current:
        return None
    return (current > reference) == upwards


def _refuse_mixed(items: Sequence[Item]) -> None:
    kinds = {item.prediction_type for item in items}
    if len(kinds) > 1:
        said = ", ".join(f"{item.name} is {item.prediction_type or 'without a model'}" for item in items)
        raise Invalid(
            f"Only items of one prediction type can be compared: {said}.", hint="Take out the odd ones."
        )


def _rows(section: Section, maps: Sequence[Mapping[str, Value]], among: _Among) -> list[Row]:
    keys = dict.fromkeys(key for each in maps for key in each)
    return [_row(section, key, tuple(each.get(key) for each in maps), among) for key in keys]


def _row(section: Section, key: str, values: tuple[Value, ...], among: _Among) -> Row:
    label = metric.label(key) if section == "metrics" else key.replace("_", " ").capitalize()
    return Row(
        section=section,
        key=key,
        label=key if section == "labels" else label,
        values=values,
        stands_out=among.stands_out(section, key, values),
    )


def _warnings(rows: Sequence[Row]) -> list[str]:
    """A side that does not say how it was measured is no other way of measuring."""
    odd = [
        r.label for r in rows if r.section == "parameters" and len({v for v in r.values if v is not None}) > 1
    ]
    return [
        f"These items were measured with another {name.lower()}: their values do not compare." for name in odd
    ]
