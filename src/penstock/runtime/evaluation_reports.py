"""Reports of evaluations: everything the screens of one show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from penstock.core.drift import ColumnHandling, DriftSettings
from penstock.core.errors import Invalid, NotFound
from penstock.core.evaluation import Evaluation
from penstock.runtime import drift, estimated, evaluations, performance, recipes, training
from penstock.runtime.estimated import Estimated
from penstock.runtime.performance import Performance

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

OFFERED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One evaluation as people look at it."""

    evaluation: Evaluation
    performance: Performance
    estimated: Estimated
    """What was expected without looking at ground truth."""
    model: Mapping[str, Any]
    """The model it evaluated, as it was then; empty without one."""
    dataset: Mapping[str, Any]
    settings: DriftSettings
    """What its drift was computed with."""
    reference: str
    """What it was compared with, in words."""
    verdict: str
    """What the global score of drift says; empty when there is none."""
    drifted: Sequence[str]
    """Columns that drift, worst first."""
    judged: int
    """Columns a verdict was found on."""
    model_exists: bool
    train_recipe: str
    """The recipe that trains its model; empty without one."""
    newer: str
    older: str
    forecast: Mapping[str, Any] = field(default_factory=dict)
    """Of a forecast what was judged, by series and by step."""
    series: Sequence[str] = ()
    """The columns that tell its series apart."""
    writer: str = ""
    """The recipe that makes such evaluations; empty of one that was pushed."""


def report(node: Node, project: str, store: str, id: str) -> Report:
    """One evaluation whole. Raises NotFound."""
    loaded = node.projects.load(project)
    loaded.evaluation_store(store)
    shown = evaluations.show(node, project, store, id)
    found, model = drift.show(node, project, store, id), shown.detail.get("model") or {}
    name = shown.evaluation.model
    univariate = found.report.univariate if found.report else None
    before, after = _beside(node, shown.evaluation)
    return Report(
        evaluation=shown.evaluation, model=model,
        performance=performance.of_evaluation(shown.evaluation, shown.detail),
        estimated=estimated.of_evaluation(shown),
        dataset=shown.detail.get("dataset") or {}, settings=drift.settings_of(shown.detail), reference=found.reference,
        verdict=found.report.score.verdict if found.report and found.report.score else "",
        drifted=univariate.drifted if univariate else (),
        judged=sum(c.verdict is not None for c in univariate.columns) if univariate else 0,
        model_exists=name in loaded.models and shown.evaluation.version in _versions(node, project, name),
        train_recipe=next((r for r, recipe in loaded.recipes.items() if name and name in recipe.writes), ""),
        older=before, newer=after, forecast=shown.detail.get("forecast") or {},
        series=(shown.detail.get("design") or {}).get("series") or (), writer=_writer(loaded, shown.evaluation),
    )  # fmt: skip


def keep_handling(
    node: Node, project: str, recipe: str, columns: Mapping[str, ColumnHandling], *, author: str, base: str = ""
) -> None:  # fmt: skip
    """From its next run on a recipe treats columns for drift as was tried: `auto` takes what it said of one away.

    Raises Invalid of a recipe that evaluates nothing, SaveConflict when it is no longer the one `base` was read with.
    """
    found = node.projects.load(project).recipe(recipe)
    kept = getattr(found, "feature_handling", None)
    if kept is None:
        raise Invalid(f"Recipe {recipe} evaluates nothing, so it computes no drift.")
    wanted = {name: how for name, how in {**kept, **columns}.items() if how != ColumnHandling()}
    changed = found.changed(feature_handling=wanted)
    recipes.change(node, project, recipe, changed.to_mapping(), author=author, base=base)


def _writer(project: Project, of: Evaluation) -> str:
    """The recipe that evaluates into the store, the one that reads the dataset and the model before another."""
    making = [r for r, recipe in project.recipes.items() if of.store in recipe.writes]
    reading = [r for r in making if {of.dataset, of.model} - {""} <= set(project.recipes[r].reads)]
    found = (r for r in (*reading, *making) if hasattr(project.recipes[r], "feature_handling"))
    return next(found, "")


def references(node: Node, project: str, of: Evaluation) -> list[tuple[str, str]]:
    """(id, words) of what an evaluation can be compared with: versions first, then evaluations of its type."""
    loaded = node.projects.load(project)
    found = [
        (v.full_id, f"Test set of {m}, {v.name}")
        for m in loaded.models for v in node.models.versions(project, m) if v.prediction_type == of.prediction_type
    ]  # fmt: skip
    for store in loaded.evaluation_stores:
        listed = node.evaluations.list(project, store, limit=OFFERED, newest_first=True)
        found += [
            (e.full_id, f"{store}: {e.name}")
            for e in listed if e.id != of.id and e.sample and e.prediction_type == of.prediction_type
        ]  # fmt: skip
    return found


def importance_of(node: Node, project: str, reference: str) -> Mapping[str, float]:
    """Feature → importance of the model of an evaluation, or of a version; empty when it is not known."""
    owner, type_, name, id = evaluations.parts(node, project, reference)
    try:
        report = (
            training.report(node, owner, name, id)
            if type_ == "model"
            else evaluations.show(node, owner, name, id).detail.get("model") or {}
        )
    except NotFound:
        return {}
    found = report.get("importances") or {}
    return found.get("shapley") or found.get("permutation") or {}


def _versions(node: Node, project: str, model: str) -> set[str]:
    return {v.id for v in node.models.versions(project, model)}


def _beside(node: Node, of: Evaluation) -> tuple[str, str]:
    """The ids of the evaluations before and after, among the newest of the store."""
    ids = [e.id for e in node.evaluations.list(of.project, of.store, limit=OFFERED, newest_first=True)]
    if of.id not in ids:
        return "", ""
    place = ids.index(of.id)
    return ids[place + 1] if place + 1 < len(ids) else "", ids[place - 1] if place else ""
