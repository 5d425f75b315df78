"""Drift of an evaluation as its screens ask for it: as stored, or worked out again under other terms. Keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from penstock.core import comparison
from penstock.core.analysis import Scored
from penstock.core.comparison import Difference
from penstock.core.drift import DriftSettings
from penstock.core.drift_report import DriftReport
from penstock.core.errors import Invalid, NotFound
from penstock.core.evaluation import Evaluation
from penstock.core.model import ModelVersion
from penstock.runtime import evaluations, performance, training
from penstock.runtime.performance import ClassShift, Performance

if TYPE_CHECKING:
    from penstock.core.node import Node

TEST = "test.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftView:
    """What the drift screens of one evaluation show."""

    evaluation: Evaluation
    reference_id: str
    reference: str
    """What it was compared with, in words."""
    report: DriftReport | None
    reason: str
    """Why there is no report; empty when there is one."""
    performance: tuple[Difference, ...]
    performance_reason: str
    """Why performance cannot be compared; empty when it can."""
    shift: ClassShift | None = None
    """How the shares of the classes moved under the performance; None while they did not."""
    stored: bool
    """True: computed at evaluation time and kept. False: worked out now, and not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reference:
    id: str
    scored: Scored
    metrics: Mapping[str, float]


def show(
    node: Node,
    project: str,
    store: str,
    id: str = "",
    *,
    reference: str = "",
    settings: DriftSettings | None = None,
) -> DriftView:
    """The drift of an evaluation (the newest without an id).

    With a reference – an evaluation or a version, as `store/id`, `model/id` or a full id – or other settings it is
    worked out again from the samples that were kept; the stored metrics stay what they are.

    Raises Invalid for a reference of another prediction type, NotFound where no rows were kept.
    """
    shown = evaluations.show(node, project, store, id)
    if not reference and settings is None:
        return _stored(node, shown)
    of = _reference(node, project, shown, reference)
    current = _of_evaluation(node, shown.evaluation, shown.detail)
    _refuse_other_type(of.scored, current)
    report = node.analyses.drift(
        of.scored, current, settings or settings_of(shown.detail), roles=_roles(shown.detail),
        importance=_importance(shown.detail),
    )  # fmt: skip
    return _with_performance(node, shown, of.metrics, settings, DriftView(
        evaluation=shown.evaluation, reference_id=of.id, reference=of.scored.description, report=report, reason="",
        performance=(), performance_reason="", stored=False,
    ))  # fmt: skip


def _stored(node: Node, shown: evaluations.Shown) -> DriftView:
    drift = shown.detail.get("drift") or {}
    of = drift.get("reference") or {}
    found = drift.get("report")
    gone = drift.get("error") or (drift.get("possible") or {}).get("input") or "It was not computed."
    return _with_performance(node, shown, of.get("metrics", {}), None, DriftView(
        evaluation=shown.evaluation, reference_id=of.get("id", ""), reference=of.get("description", ""),
        report=DriftReport.from_dict(found) if found else None, reason="" if found else gone,
        performance=(), performance_reason="", stored=True,
    ))  # fmt: skip


def _with_performance(
    node: Node, shown: evaluations.Shown, before: Mapping[str, float], settings: DriftSettings | None, view: DriftView
) -> DriftView:  # fmt: skip
    """The view with both sides' scores, and with what to think of them where the shares of the classes moved."""
    reason = _performance_reason(shown)
    if reason:
        return replace(view, performance_reason=reason)
    found = comparison.performance_drift(before, shown.evaluation.metrics)
    reference = (
        performance_of(node, shown.evaluation.project, view.reference_id) if view.reference_id else None
    )
    if reference is None or reference.reason:
        return replace(view, performance=found)
    confidence = (settings or settings_of(shown.detail)).confidence_level
    moved = performance.shift(
        reference, performance.of_evaluation(shown.evaluation, shown.detail), confidence
    )
    if moved is None:
        return replace(view, performance=found)
    return replace(
        view, shift=moved, performance=comparison.with_caution(found, moved.says, moved.at_same_share)
    )


def performance_of(node: Node, project: str, reference: str) -> Performance | None:
    """Scores and curves of an evaluation or a version by its full id, or `object/id`; None when it kept none, or is
    gone."""
    owner, type_, name, id = evaluations.parts(node, project, reference)
    try:
        if type_ != "model":
            shown = evaluations.show(node, owner, name, id)
            return performance.of_evaluation(shown.evaluation, shown.detail)
        version = node.models.version(owner, name, id)
        return performance.of_version(version, training.report(node, owner, name, id))
    except NotFound:
        return None


def _performance_reason(shown: evaluations.Shown) -> str:
    if not any(name.startswith(comparison.PERFORMANCE) for name in shown.evaluation.metrics):
        possible = (shown.detail.get("drift") or {}).get("possible") or {}
        return possible.get("performance") or "The evaluation has no performance metrics."
    return ""


def _reference(node: Node, project: str, shown: evaluations.Shown, asked: str) -> _Reference:
    wanted = asked or ((shown.detail.get("drift") or {}).get("reference") or {}).get("id", "")
    if not wanted.startswith("S-") and "/" not in wanted and not wanted.startswith("ME-"):
        if asked:
            raise Invalid(
                f"'{asked}' names no reference.",
                hint="Write STORE/ID for an evaluation, or MODEL/VERSION for the test set of a version.",
            )
        raise NotFound(
            "reference", wanted, where=f"evaluation {shown.evaluation.id}",
            hint="Its rows were not kept: choose an evaluation or a version as the reference.",
        )  # fmt: skip
    owner, type_, name, id = evaluations.parts(node, project, wanted)
    if type_ == "model":
        return _version_reference(node, node.models.version(owner, name, id))
    found = node.evaluations.get(owner, name, id)
    return _Reference(
        id=found.full_id,
        scored=_of_evaluation(node, found, node.evaluations.detail(found)),
        metrics=found.metrics,
    )


def _version_reference(node: Node, version: ModelVersion) -> _Reference:
    from penstock.core import metric

    task = version.row_task
    test = node.models.files(version.project, version.model, version.id) / TEST
    if not test.is_file():
        raise NotFound(
            "test set", version.id, where=f"model {version.model}", hint="It was imported without rows."
        )
    scored = Scored(
        sample=test, description=f"the test set of {version.model}, version {version.name}",
        prediction_type=task, classes=version.classes,
        probabilities=tuple(f"proba_{c}" for c in version.classes),
    )  # fmt: skip
    metrics = {metric.performance_id(code): value for code, value in version.metrics.items()}
    return _Reference(id=version.full_id, scored=scored, metrics=metrics)


def _of_evaluation(node: Node, evaluation: Evaluation, detail: Mapping[str, Any]) -> Scored:
    task = detail.get("task") or {}
    return Scored(
        sample=evaluations.export_sample(node, evaluation.project, evaluation.store, evaluation.id),
        description=f"evaluation {evaluation.name} of {evaluation.store}",
        prediction_type=task.get("prediction_type"), prediction=task.get("prediction", ""),
        classes=tuple(task.get("classes", ())), probabilities=tuple(task.get("probabilities", ())),
        threshold=task.get("threshold") if task.get("threshold_decides") else None,
    )  # fmt: skip


def _refuse_other_type(reference: Scored, current: Scored) -> None:
    a, b = reference.prediction_type, current.prediction_type
    if a and b and a != b:
        raise Invalid(
            f"A {b} evaluation cannot be compared with {reference.description}, which is {a}.",
            hint="Choose a reference of the same prediction type.",
        )


def settings_of(detail: Mapping[str, Any]) -> DriftSettings:
    """The settings the evaluation was made with."""
    own = detail.get("settings") or {}
    given = {
        "confidence_level": own.get("confidence_level"),
        "columns": own.get("feature_handling"),
        "seed": own.get("seed"),
    }
    return DriftSettings.model_validate({k: v for k, v in given.items() if v is not None})


def _roles(detail: Mapping[str, Any]) -> Mapping[str, str] | None:
    found: Mapping[str, str] | None = (detail.get("drift") or {}).get("roles")
    return found


def _importance(detail: Mapping[str, Any]) -> Mapping[str, float] | None:
    found = (detail.get("model") or {}).get("importances") or {}
    return found.get("shapley") or found.get("permutation")
