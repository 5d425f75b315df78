"""How good predictions are, as the screens of a version and of an evaluation show it: the same facts of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from penstock.core import metric
from penstock.core.errors import Invalid
from penstock.core.score import CostMatrix, ModelTask
from penstock.runtime import store_reports

if TYPE_CHECKING:
    from penstock.core.evaluation import Evaluation
    from penstock.core.model import ModelVersion

SORTS = ("tp", "fp", "tn", "fn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One score with what it means."""

    id: str
    label: str
    value: float | None
    about: str
    main: bool
    spread: float | None = None
    """± two deviations over the folds of a cross-test."""
    reason: str = ""
    """Why there is no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Scores and curves of a version on its test set, or of an evaluation on its data."""

    prediction_type: ModelTask | None
    target: str
    classes: tuple[str, ...]
    scores: tuple[Scored, ...]
    curves: Mapping[str, Any]
    threshold: float | None
    costs: CostMatrix
    rows: int
    reason: str = ""
    """Why nothing was measured; empty when something was."""
    measured_on: str = ""

    @property
    def cuts(self) -> Sequence[Mapping[str, float]]:
        """Everything that moves with the threshold, at 0.00, 0.01 … 1.00; empty unless binary with probabilities."""
        found: Sequence[Mapping[str, float]] = self.curves.get("decision") or ()
        return found

    @property
    def by_class(self) -> tuple[float, ...]:
        """Rows with a truth of each class, in their order; empty where they are not known."""
        if self.cuts:
            point = self.cuts[0]
            return point["fp"] + point["tn"], point["tp"] + point["fn"]
        matrix: Sequence[Sequence[float]] = self.curves.get("confusion") or ()
        return tuple(sum(row) for row in matrix)

    @property
    def screens(self) -> tuple[str, ...]:
        """Which screens have something to show, in their order."""
        if self.reason:
            return ()
        if self.prediction_type == "forecast":
            return ("forecast", "series", "metrics")
        if self.prediction_type == "regression":
            return ("scatter", "errors", "metrics")
        if not self.curves.get("by_class"):
            return ("confusion", "metrics")
        binary = ("decision", "lift") if self.prediction_type == "binary" else ()
        return ("confusion", *binary, "calibration", "roc", "precision-recall", "density", "metrics")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A binary model at one threshold: four sorts of rows, what follows from them, and what they gain."""

    threshold: float
    tp: float
    fp: float
    tn: float
    fn: float
    accuracy: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    total_gain: float
    gain: float | None
    costs: CostMatrix = field(default_factory=CostMatrix)

    @property
    def rows(self) -> float:
        return self.tp + self.fp + self.tn + self.fn


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassShift:
    """The share of a class moved between two sides: scores that follow it moved without the model's doing."""

    name: str
    reference: float
    """Of 1."""
    current: float
    p_value: float
    effect: float
    at_same_share: Mapping[str, float] = field(default_factory=dict)
    """Metric id → the current value, had the share stayed that of the reference."""

    @property
    def says(self) -> str:
        """`The share of 1 went from 24.2 % to 32.0 % (chi-square p < 0.0001).`"""
        p = "< 0.0001" if self.p_value < 0.0001 else f"= {self.p_value:.4f}"
        moved = f"{self.reference:.1%} to {self.current:.1%}".replace("%", " %")
        return f"The share of {self.name} went from {moved} (chi-square p {p})."


def cut(of: Performance, threshold: float | None = None, costs: CostMatrix | None = None) -> Cut:
    """Confusion, precision, recall, F1 and gain at a threshold: the one in use, or else the nearest 0.01.

    Scores of probabilities do not depend on it. Raises Invalid where there is no threshold to move.
    """
    if not of.cuts:
        raise Invalid("There is no threshold to move: it is not binary, has no probabilities, or no truth.")
    wanted = threshold if threshold is not None else of.threshold if of.threshold is not None else 0.5
    in_use = _in_use(of)
    point = min([in_use, *of.cuts] if in_use else of.cuts, key=lambda p: abs(p["threshold"] - wanted))
    gains = costs or of.costs
    rows = sum(point[sort] for sort in SORTS)
    total = sum(getattr(gains, sort) * point[sort] for sort in SORTS)
    return Cut(
        **{k: v for k, v in point.items() if k != "gain"}, total_gain=total, gain=total / rows if rows else None,
        costs=gains,
    )  # fmt: skip


def _in_use(of: Performance) -> Mapping[str, Any] | None:
    """The cut of the threshold in use, which may lie between two of the chart: its rows are the confusion matrix."""
    from penstock.ml.measures import Counts

    matrix: Sequence[Sequence[float]] = of.curves.get("confusion") or ()
    if of.threshold is None or len(matrix) != 2:
        return None
    (tn, fp), (fn, tp) = matrix
    c = Counts(tp=tp, fp=fp, tn=tn, fn=fn)
    rates = {"accuracy": c.accuracy, "precision": c.precision, "recall": c.recall, "f1": c.f1}
    return {"threshold": of.threshold, "tp": tp, "fp": fp, "tn": tn, "fn": fn, **rates}


def shift(reference: Performance, current: Performance, confidence: float) -> ClassShift | None:
    """How the shares of the classes moved between two sides: None while they did not, or it is not known.

    The chi-square test of homogeneity at the confidence says whether; see `ml/shares.py`.
    """
    from penstock.ml import shares

    if reference.classes != current.classes or len(reference.by_class) != len(current.by_class):
        return None
    found = shares.shift(reference.by_class, current.by_class) if reference.by_class else None
    if found is None or not found.moved(confidence):
        return None
    n = _most_moved(found.reference, found.current, binary=bool(current.cuts))
    return ClassShift(
        name=current.classes[n], reference=found.reference[n], current=found.current[n], p_value=found.p_value,
        effect=found.effect, at_same_share=_at_share(current, found.reference[n]) if current.cuts else {},
    )  # fmt: skip


def _most_moved(reference: Sequence[float], current: Sequence[float], *, binary: bool) -> int:
    """The positive class of two; else the class whose share moved most."""
    return 1 if binary else max(range(len(reference)), key=lambda n: abs(current[n] - reference[n]))


def _at_share(of: Performance, share: float) -> dict[str, float]:
    """Scores of the threshold in use, had the share of positives been another; by metric id."""
    from penstock.ml import shares
    from penstock.ml.measures import Counts

    point = cut(of)
    found = shares.at_share(Counts(**{sort: getattr(point, sort) for sort in SORTS}), share)
    if found is None:
        return {}
    values = {
        "accuracy": found.accuracy, "precision": found.precision, "f1": found.f1,
        "costMatrixGain": found.gain(of.costs),
    }  # fmt: skip
    return {metric.performance_id(code): v for code, v in values.items() if v is not None}


def of_evaluation(e: Evaluation, detail: Mapping[str, Any]) -> Performance:
    """What an evaluation, with its detail, says of its model on its data."""
    task, found = detail.get("task") or {}, detail.get("performance") or {}
    metrics = {i: v for i, v in e.metrics.items() if i.startswith(("performance:", "custom:"))}
    reason = found.get("reason") or ("" if metrics else "The evaluation has no performance metrics.")
    unavailable = {metric.performance_id(c): why for c, why in (found.get("unavailable") or {}).items()}
    return Performance(
        prediction_type=e.prediction_type,
        target=task.get("target", ""),
        classes=tuple(map(str, task.get("classes", ()))),
        scores=_scores(metrics, e.main_metric, unavailable=unavailable),
        curves=found.get("curves") or {},
        threshold=task.get("threshold"),
        costs=_costs(task.get("metric_settings")),
        rows=int(found.get("rows") or e.rows),
        reason=reason,
        measured_on=f"{e.dataset} ({e.name})",
    )


def of_version(version: ModelVersion, report: Mapping[str, Any]) -> Performance:
    """What training found out about a version, on its test set."""
    metrics = {metric.performance_id(c): v for c, v in version.metrics.items()}
    spread = {metric.performance_id(c): v for c, v in (report.get("spread") or {}).items()}
    unavailable = {metric.performance_id(c): why for c, why in (report.get("unavailable") or {}).items()}
    settings = (report.get("design") or {}).get("metric_settings")
    main = metric.performance_id(version.main_metric) if version.main_metric else ""
    return Performance(
        prediction_type=version.prediction_type, target=version.target, classes=version.classes,
        scores=_scores(metrics, main, spread=spread, unavailable=unavailable), curves=report.get("curves") or {},
        threshold=version.threshold, costs=_costs(settings), rows=version.test_rows,
        reason="" if metrics else "The version was imported without rows to measure it on.",
        measured_on="its test set",
    )  # fmt: skip


def _scores(
    metrics: Mapping[str, float], main: str, *, spread: Mapping[str, float | None] | None = None,
    unavailable: Mapping[str, str] | None = None,
) -> tuple[Scored, ...]:  # fmt: skip
    ids = [*metrics, *(i for i in unavailable or {} if i not in metrics)]
    ordered = sorted(ids, key=lambda i: i != main)
    return tuple(
        Scored(
            id=i, label=metric.label(i), value=metrics.get(i), about=store_reports.about(i), main=i == main,
            spread=(spread or {}).get(i), reason=(unavailable or {}).get(i, ""),
        )
        for i in ordered
    )  # fmt: skip


def _costs(settings: Mapping[str, Any] | None) -> CostMatrix:
    given = (settings or {}).get("cost_matrix")
    return CostMatrix.model_validate(given) if given else CostMatrix()
