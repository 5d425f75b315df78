"""Evaluation stores: keep, list, name, label, delete, push and compare evaluations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import comparison, labels, metric
from penstock.core.errors import Invalid, NotFound, Refused
from penstock.core.evaluation import Evaluation, check_evaluation_id
from penstock.core.metric import MetricValue, ObjectKey, Origin
from penstock.core.score import CostMatrix, MetricSettings, PredictionType
from penstock.runtime import keeping, performance, projects, training

if TYPE_CHECKING:
    from penstock.core.dataset import Snapshot
    from penstock.core.model import ModelVersion
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True)
class Page:
    """Some evaluations of a store, and how many there are in all."""

    evaluations: tuple[Evaluation, ...]
    total: int


def page(
    node: Node, project: str, store: str, *, limit: int = 50, offset: int = 0, newest_first: bool = True
) -> Page:
    """One page of a store. Raises NotFound for a store the project does not have."""
    node.projects.load(project).evaluation_store(store)
    found = node.evaluations.list(project, store, limit=limit, offset=offset, newest_first=newest_first)
    return Page(tuple(found), node.evaluations.count(project, store))


@dataclass(frozen=True, slots=True)
class Shown:
    """One evaluation with all that its screens need: curves, drift, settings, model parameters."""

    evaluation: Evaluation
    detail: Mapping[str, Any]


def show(node: Node, project: str, store: str, id: str = "") -> Shown:
    """One evaluation whole; the newest when no id is given. Raises NotFound."""
    found = node.evaluations.get(project, store, id) if id else newest(node, project, store)
    return Shown(found, node.evaluations.detail(found))


def newest(node: Node, project: str, store: str) -> Evaluation:
    """The latest evaluation. Raises NotFound when the store is empty."""
    node.projects.load(project).evaluation_store(store)
    found = node.evaluations.latest(project, store)
    if found is None:
        raise NotFound("evaluation", "latest", where=f"store {store}", hint=f"Build {store} first.")
    return found


def keep(
    node: Node, evaluation: Evaluation, *, detail: Mapping[str, Any], sample: Path | None,
    origin: Origin = "build",
) -> Evaluation:  # fmt: skip
    """Keep an evaluation and put its metrics in the history. One with the same id is replaced, values too."""
    kept = node.evaluations.save(evaluation, detail=detail, sample=sample)
    node.metrics.forget_evaluations(kept.project, kept.store, [kept.id])
    node.metrics.add_values(list(_values(kept, origin)))
    return kept


def push(
    node: Node,
    project: str,
    store: str,
    metrics: Mapping[str, float],
    *,
    id: str = "",
    name: str = "",
    labels_: Mapping[str, str] | None = None,
    prediction_type: PredictionType | None = None,
    dataset: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Evaluation:
    """An evaluation made elsewhere, with any metrics: `custom:<code>` unless the id is one of ours."""
    node.projects.load(project).evaluation_store(store)
    now = node.clock.now()
    automatic = labels.automatic(labels.Sources(evaluated_at=now, dataset=dataset))
    evaluation = Evaluation(
        project=project, store=store, id=check_evaluation_id(id) or node.clock.new_id(),
        name=name or labels.date_text(now), created_at=now, prediction_type=prediction_type, dataset=dataset,
        labels=labels.merged(automatic, labels_ or {}), metrics={_own_id(c): _finite(c, v) for c, v in metrics.items()},
    )  # fmt: skip
    return keep(node, evaluation, detail=detail or {}, sample=None, origin="api")


def rename(node: Node, project: str, store: str, id: str, name: str) -> Evaluation:
    """Give an evaluation another name. Raises Invalid for an empty one."""
    if not name.strip():
        raise Invalid("An evaluation needs a name.", hint="Give some text, such as `May 2026`.")
    node.evaluations.rename(project, store, id, name.strip())
    return node.evaluations.get(project, store, id)


def set_label(node: Node, project: str, store: str, id: str, key: str, value: str) -> Evaluation:
    """Add or change one label; an empty value removes it, an automatic one too."""
    found = node.evaluations.get(project, store, id)
    node.evaluations.set_labels(project, store, id, labels.merged(found.labels, {key: value}))
    return node.evaluations.get(project, store, id)


def remove_label(node: Node, project: str, store: str, id: str, key: str) -> Evaluation:
    """Take one label off. Raises NotFound with the nearest when the evaluation does not carry it."""
    carried = node.evaluations.get(project, store, id).labels
    if key not in carried:
        raise NotFound("label", key, among=carried, where=f"evaluation {id}")
    return set_label(node, project, store, id, key, "")


def delete(node: Node, project: str, store: str, ids: Sequence[str]) -> int:
    """Remove evaluations with their values, so that "last value" is the newest survivor's. Returns how many.

    Raises NotFound, before anything is removed, for one that is not there.
    """
    for id in ids:
        node.evaluations.get(project, store, id)
    gone = node.evaluations.delete(project, store, ids)
    node.metrics.forget_evaluations(project, store, ids)
    return gone


def delete_all(node: Node, project: str, store: str) -> int:
    """Empty a store."""
    everything = [e.id for e in node.evaluations.list(project, store)]
    return delete(node, project, store, everything)


def compare(node: Node, project: str, items: Iterable[str], *, champion: str = "") -> comparison.Comparison:
    """Versions (`S-…`, or `model/version`) and evaluations (`ME-…`, or `store/evaluation`) side by side.

    Raises Invalid for items of different prediction types, NotFound for an unknown one.
    """
    found = [item(node, project, reference) for reference in items]
    chosen = item(node, project, champion).id if champion else ""
    return comparison.compare(found, champion=chosen)


def item(node: Node, project: str, reference: str) -> comparison.Item:
    """The version or evaluation that a full id, or `object/id`, names."""
    owner, type_, name, id = parts(node, project, reference)
    if type_ == "model":
        version = node.models.version(owner, name, id)
        return comparison.of_version(version, _measured_with(node, version))
    evaluation = node.evaluations.get(owner, name, id)
    return comparison.of_evaluation(evaluation, _parameters(node.evaluations.detail(evaluation)))


def at_threshold(
    node: Node, project: str, store: str, id: str, threshold: float, costs: CostMatrix | None = None
) -> dict[str, float | None]:
    """Confusion, precision, recall, F1 and gain of a binary evaluation at another cut-off (the nearest 0.01).

    Scores of probabilities do not depend on it. Raises Invalid for an evaluation without probabilities.
    """
    shown = show(node, project, store, id)
    found = performance.cut(performance.of_evaluation(shown.evaluation, shown.detail), threshold, costs)
    return {name: value for name, value in asdict(found).items() if name != "costs"}


def export_sample(node: Node, project: str, store: str, id: str) -> Path:
    """The Parquet file with the rows an evaluation kept for drift. Raises NotFound when it kept none."""
    found = node.evaluations.get(project, store, id)
    path = node.evaluations.sample(found)
    if path is None:
        raise NotFound("sample", id, where=f"evaluation store {store}", hint="It was pushed without rows.")
    return path


def export_to_dataset(
    node: Node, project: str, store: str, id: str, dataset: str, *, author: str
) -> Snapshot:
    """The kept rows of an evaluation as a managed dataset, which is made when the project does not have it."""
    import pyarrow.parquet as pq

    sample = export_sample(node, project, store, id)
    loaded = node.projects.load(project)
    if dataset not in loaded.items:
        projects.define(node, project, "dataset", dataset, {"type": "managed"}, author=author)
    elif not loaded.dataset(dataset).MANAGED or loaded.producer(dataset):
        raise Refused(
            f"Dataset {dataset} is written by something else.", hint="Give the name of a new dataset."
        )
    draft = keeping.of(node, node.projects.load(project), dataset).begin()
    with keeping.discarded(draft), node.engines.session() as session:
        draft.write(session, pq.read_table(sample))
        return draft.finish(job="", keep=loaded.settings.snapshots_kept)


def parts(node: Node, project: str, reference: str) -> tuple[str, str, str, str]:
    """(project, model or evaluation_store, its name, id) of a full id or `object/id`."""
    full = re.fullmatch(r"(S|ME)-([A-Z][A-Z0-9_]*)-(\w+)-(\w+)", reference)
    if full:
        sort, owner, name, id = full.groups()
        return owner, "model" if sort == "S" else "evaluation_store", name, id
    name, slash, id = reference.partition("/")
    loaded = node.projects.load(project)
    if not slash and name not in loaded.items:
        raise Invalid(
            f"'{reference}' names neither an evaluation nor a version.",
            hint="Write STORE/ID for an evaluation, or MODEL/VERSION for a version.",
        )
    return project, loaded.item_type(name), name, id


def _parameters(detail: Mapping[str, Any]) -> dict[str, str]:
    settings = detail.get("task", {}).get("metric_settings", {})
    return _as_words(settings) if settings else {}


def _measured_with(node: Node, version: ModelVersion) -> dict[str, str]:
    """What the metrics of a version depend on; nothing where it was imported without rows."""
    try:
        design = training.report(node, version.project, version.model, version.id).get("design")
    except NotFound:
        return {}
    return _as_words(design.get("metric_settings") or {}) if design else {}


def _as_words(settings: Mapping[str, Any]) -> dict[str, str]:
    """Gains, lift point, averaging: with what was left out, so that two sides compare."""
    whole = MetricSettings.model_validate(settings).model_dump()
    gains = ", ".join(f"{sort} {gain:g}" for sort, gain in whole.pop("cost_matrix").items())
    return {"cost_matrix": gains, **{key: str(value) for key, value in whole.items()}}


def _values(evaluation: Evaluation, origin: Origin) -> Iterable[MetricValue]:
    e = evaluation
    key = ObjectKey(project=e.project, type="evaluation_store", name=e.store)
    for metric_id, value in e.metrics.items():
        data_type, text = metric.encode(value)
        yield MetricValue(
            key=key, metric_id=metric_id, data_type=data_type, value=text, computed_at=e.created_at,
            origin=origin, run_id=e.job, evaluation_id=e.id,
        )  # fmt: skip


def _own_id(code: str) -> str:
    return code if ":" in code else metric.custom_id(code)


def _finite(code: str, value: float) -> float:
    try:
        metric.encode(value)
    except metric.NoValue as error:
        raise Invalid(f"Metric {code} cannot be kept: {error.message}") from error
    return value
