"""Versions of saved models: keep, activate, delete, report; the model's metrics are its active version's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import fairness as fairness_of
from penstock.core import labels, metric
from penstock.core.errors import Invalid, NotFound, PenstockError
from penstock.core.metric import MetricValue, ObjectKey, Origin
from penstock.core.model import ModelVersion
from penstock.core.promotion import Candidate

if TYPE_CHECKING:
    from penstock.core.analysis import Imported, ImportSettings
    from penstock.core.node import Node
    from penstock.core.promotion import Promotion

REPORT, MANIFEST = "report.json", "manifest.json"
KEPT_OF_MANIFEST = ("design", "winner", "threshold", "classes", "target", "start", "python", "packages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """What changed for everything downstream when another version became the active one."""

    version: ModelVersion
    before: ModelVersion | None
    notices: tuple[str, ...]


def versions(node: Node, project: str, model: str) -> list[ModelVersion]:
    """All versions, newest first. Raises NotFound for a model the project does not have."""
    node.projects.load(project).model(model)
    return node.models.versions(project, model)


def active(node: Node, project: str, model: str) -> str:
    """Id of the active version, or an empty text."""
    node.projects.load(project).model(model)
    return node.models.active(project, model)


def keep(node: Node, version: ModelVersion, files: Path, *, activate: bool, origin: Origin = "build") -> None:
    """Keep a new version; when it becomes the active one, its metrics become the model's."""
    node.models.add(version, files, activate=activate)
    if activate:
        node.metrics.add_values(list(_values(node, version, origin)))


def activate(node: Node, project: str, model: str, id: str, *, by: str) -> Activation:
    """Make a version the active one, by Score, Evaluate and retraining used from now on."""
    chosen = node.models.version(project, model, id)
    now_active = node.models.active(project, model)
    before = node.models.version(project, model, now_active) if now_active else None
    node.models.activate(project, model, id, by=by)
    if now_active != id:
        node.metrics.add_values(list(_values(node, chosen, "manual")))
    return Activation(version=chosen, before=before, notices=tuple(_notices(before, chosen)))


def promote(
    node: Node, project: str, model: str, id: str = "", *, by: str, metric: str = "", margin: float = 0.0,
    store: str = "",
) -> Promotion:  # fmt: skip
    """Make a version (the newest without an id) the active one if it is better by a margin; else leave it be.

    Both are compared by a score (its main metric unless named) on the same test rows, or on evaluations of the same
    data in a store; the answer says what was found. Raises Invalid for an unknown score, NotReady without a version.
    """
    from penstock.ml import promotion

    loaded = node.projects.load(project)
    loaded.model(model)
    if store:
        loaded.evaluation_store(store)
    score = metric or _main_metric(node, project, model)
    asked = Candidate(project=project, model=model, version=id, metric=score, margin=margin, store=store)
    try:
        kept = promotion.Kept(node.models, node.evaluations, node.analyses.forecast_scores)
        found = promotion.judged(asked, kept)
    except ValueError as unknown:
        raise Invalid(str(unknown)) from unknown
    if found.promoted:
        activate(node, project, model, found.candidate, by=by)
    return found


def _main_metric(node: Node, project: str, model: str) -> str:
    newest = node.models.versions(project, model)[:1]
    return newest[0].main_metric if newest and newest[0].main_metric else "auc"


def delete(node: Node, project: str, model: str, ids: Sequence[str]) -> int:
    """Remove versions. Raises ActiveVersion, before anything is removed, when the active one is among them.

    Evaluations of a removed version stay readable.
    """
    for id in ids:
        node.models.version(project, model, id)
    in_use = node.models.active(project, model)
    for id in sorted(ids, key=lambda id: id != in_use):
        node.models.delete(project, model, id)
    return len(ids)


def report(node: Node, project: str, model: str, id: str = "") -> Mapping[str, Any]:
    """Everything that was found out when a version was trained: design, scores, pictures, importance."""
    version = node.models.version(project, model, id)
    folder = node.models.files(project, model, version.id)
    if not (folder / REPORT).is_file():
        raise NotFound(
            "report", version.id, where=f"model {model}", hint="It was imported without an evaluation."
        )
    manifest = {key: value for key, value in _json(folder / MANIFEST).items() if key in KEPT_OF_MANIFEST}
    return {**manifest, **_json(folder / REPORT)}


def predict(
    node: Node, project: str, model: str, rows: Any, *, version: str = "", threshold: float | None = None
) -> Any:
    """What a version, the active one if none is named, says of rows: Arrow, `proba_<class>` and `prediction`."""
    return node.analyses.predict(_files(node, project, model, version), rows, threshold=threshold)


def what_if(
    node: Node, project: str, model: str, changes: Mapping[str, Any] | None = None, *, version: str = ""
) -> Mapping[str, Any]:
    """The typical train row, some cells changed: what the model says of it, and why."""
    return node.analyses.what_if(_files(node, project, model, version), changes or {})


def partial_dependence(
    node: Node, project: str, model: str, feature: str, *, version: str = ""
) -> Mapping[str, Any]:
    """How the prediction moves with one feature, over the version's test set."""
    return node.analyses.partial_dependence(_files(node, project, model, version), feature)


def explanations(
    node: Node, project: str, model: str, *, rows: int = 5, version: str = ""
) -> Mapping[str, Any]:
    """The lowest and the highest predictions of the test set, each with what made it so."""
    return node.analyses.explanations(_files(node, project, model, version), rows)


def subpopulations(
    node: Node, project: str, model: str, column: str, *, version: str = ""
) -> Mapping[str, Any]:
    """How the model does on each value of a column of its test set."""
    return node.analyses.subpopulations(_files(node, project, model, version), column)


def fairness(
    node: Node,
    project: str,
    model: str,
    column: str,
    reference: str,
    *,
    positive: str = "",
    version: str = "",
) -> Mapping[str, Any]:
    """Four fairness measures between the groups of a column of the test set."""
    files = _files(node, project, model, version)
    return node.analyses.fairness(files, column, reference=reference, positive=positive)


def import_mlflow(
    node: Node, project: str, model: str, source: Path, settings: ImportSettings, *,
    name: str = "", activate: bool = True, by: str = "",
) -> ModelVersion:  # fmt: skip
    """Keep a model that MLflow saved as a version. With rows that hold the target it is measured on them.

    Raises UntrustedModel for a pickle nobody trusted, Invalid for classes that are not the model's.
    """
    node.projects.load(project).model(model)
    id = node.clock.new_id()
    out = node.config.home / "work" / f"import-{id}"
    try:
        found = node.analyses.import_mlflow(source, out, settings)
        version = _imported(node, (project, model, id), found, settings)
        version = replace(version, name=name or f"{found.algorithm} - imported", created_by=by)
        keep(node, version, out, activate=activate, origin="api")
    finally:
        shutil.rmtree(out, ignore_errors=True)
    return version


def _imported(
    node: Node, where: tuple[str, str, str], found: Imported, settings: ImportSettings
) -> ModelVersion:
    project, model, id = where
    return ModelVersion(
        project=project, model=model, id=id, name="", created_at=node.clock.now(), origin="mlflow",
        prediction_type=found.prediction_type, target=settings.target, algorithm=found.algorithm,
        classes=found.classes, threshold=found.threshold, metrics=found.metrics, test_rows=found.test_rows,
        features=len(found.features), scoring=found.scoring, fingerprint=found.fingerprint,
    )  # fmt: skip


def _files(node: Node, project: str, model: str, version: str) -> Path:
    found = versioned(node, project, model, version)
    return node.models.files(project, model, found.id)


def versioned(node: Node, project: str, model: str, version: str = "") -> ModelVersion:
    """One version; the active one without an id. Raises NotFound, or NoActiveVersion."""
    node.projects.load(project).model(model)
    return node.models.version(project, model, version)


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _values(node: Node, version: ModelVersion, origin: Origin) -> Iterable[MetricValue]:
    key = ObjectKey(project=version.project, type="model", name=version.model)
    now = node.clock.now()
    scores = {metric.performance_id(code): value for code, value in version.metrics.items()}
    for id, value in {**scores, **_fairness_gaps(node, version)}.items():
        data_type, text = metric.encode(value)
        yield MetricValue(
            key=key, metric_id=id, data_type=data_type, value=text, computed_at=now,
            origin=origin, run_id=version.job or version.id,
        )  # fmt: skip


def _fairness_gaps(node: Node, version: ModelVersion) -> dict[str, float]:
    """The largest gap of each measure of fairness, when the design of a version asks for it and it can be measured."""
    if version.prediction_type != "binary" or version.origin != "trained":
        return {}
    files = node.models.files(version.project, version.model, version.id)
    manifest = _json(files / MANIFEST) if (files / MANIFEST).is_file() else {}
    asked = (manifest.get("design") or {}).get("fairness")
    if not asked:
        return {}
    try:
        found = node.analyses.fairness(
            files, asked["column"], reference=asked["reference"], positive=asked.get("positive", "")
        )
    except PenstockError:  # the test set has no such group: the page and the document say so
        return {}
    return {fairness_of.metric_id(m): gap for m, gap in found["disparity"].items() if gap is not None}


def _notices(before: ModelVersion | None, after: ModelVersion) -> Iterable[str]:
    if before is None:
        return
    if before.classes != after.classes:
        yield f"The classes were {', '.join(before.classes)}; they are {', '.join(after.classes)} now."
    if before.threshold != after.threshold:
        yield f"The threshold was {_number(before.threshold)}; it is {_number(after.threshold)} now."
    if before.features != after.features:
        yield f"The model used {before.features} features; it uses {after.features} now."
    if before.id != after.id:
        moment = labels.date_text(after.created_at)
        yield f"The next evaluations compare with the test set of {after.name}, trained {moment}."


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"
