"""Reports of models: everything the page of one, of all, and of one version shows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from penstock.core import metric
from penstock.core.errors import Invalid, NotFound
from penstock.core.model import ModelVersion, SavedModel
from penstock.core.project import file_of
from penstock.core.revision import Revision
from penstock.runtime import performance, status, store_reports, training
from penstock.runtime.performance import Performance
from penstock.runtime.status import Status
from penstock.runtime.store_reports import Heading

if TYPE_CHECKING:
    from penstock.core.node import Node

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One model in the list of a project."""

    name: str
    model: SavedModel
    versions: int
    active: ModelVersion | None
    scores: tuple[float, ...]
    """The main metric of its versions, oldest first."""
    status: Status
    """The worst check of the stores that watch it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One model as people look at it."""

    name: str
    model: SavedModel
    versions: Sequence[ModelVersion]
    """Newest first."""
    active: str
    headings: tuple[Heading, ...]
    train_recipe: str
    train_dataset: str
    stores: tuple[str, ...]
    """Evaluation stores that watch it."""
    status: Status
    changed: Revision | None

    @property
    def main(self) -> Heading | None:
        return next((h for h in self.headings if h.main), None)

    @property
    def scores(self) -> tuple[float, ...]:
        """The main metric of its versions, oldest first."""
        found = (v.metrics.get(v.main_metric) for v in reversed(self.versions))
        return tuple(score for score in found if score is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionReport:
    """One version with everything that was found out when it was trained."""

    version: ModelVersion
    is_active: bool
    performance: Performance
    detail: Mapping[str, Any]
    """Empty for a version that was imported without rows."""
    train_recipe: str
    is_explained: bool
    """Whether it has rows to explain it on."""

    @property
    def importances(self) -> Mapping[str, Any]:
        return self.detail.get("importances") or {}

    @property
    def start(self) -> Row:
        """The typical train row: what-if begins with it."""
        return self.detail.get("start") or {}

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(self.detail.get("features") or self.start)

    @property
    def ranked(self) -> tuple[str, ...]:
        """The features, the most important first."""
        weights = self.importances.get("shapley") or self.importances.get("permutation") or {}
        return tuple(sorted(self.features, key=lambda f: -weights.get(f, 0.0)))


def everything(node: Node, project: str) -> list[Line]:
    """Every model of a project."""
    loaded = node.projects.load(project)
    found = []
    for name, model in loaded.models.items():
        versions, active = node.models.versions(project, name), node.models.active(project, name)
        chosen = next((v for v in versions if v.id == active), None)
        scores = [v.metrics.get(v.main_metric) for v in reversed(versions)]
        found.append(Line(
            name=name, model=model, versions=len(versions), active=chosen,
            scores=tuple(s for s in scores if s is not None), status=status.of_models(node, project, name),
        ))  # fmt: skip
    return found


def report(node: Node, project: str, name: str) -> Report:
    """One model with its versions. Raises NotFound."""
    loaded = node.projects.load(project)
    versions = training.versions(node, project, name)
    train = next(((r, recipe) for r, recipe in loaded.recipes.items() if name in recipe.writes), None)
    saves = node.projects.history(project, file_of("model", name), limit=1)
    return Report(
        name=name, model=loaded.model(name), versions=versions, active=node.models.active(project, name),
        headings=_headings(versions), train_recipe=train[0] if train else "",
        train_dataset=next(iter(train[1].reads), "") if train else "",
        stores=tuple(status.fed_stores(loaded, name)), status=status.of_models(node, project, name),
        changed=saves[0] if saves else None,
    )  # fmt: skip


def version(node: Node, project: str, model: str, id: str = "") -> VersionReport:
    """One version; the active one without an id. Raises NotFound, or NoActiveVersion."""
    loaded = node.projects.load(project)
    found = training.versioned(node, project, model, id)
    try:
        detail = training.report(node, project, model, found.id)
    except NotFound:
        detail = {}
    return VersionReport(
        version=found, is_active=node.models.active(project, model) == found.id, detail=detail,
        performance=performance.of_version(found, detail),
        is_explained=bool(detail) and found.test_rows > 0 and found.prediction_type != "forecast",
        train_recipe=next((r for r, recipe in loaded.recipes.items() if model in recipe.writes), ""),
    )  # fmt: skip


def imagined(of: VersionReport, typed: Mapping[str, str]) -> dict[str, Any]:
    """What was typed as cells of the typical row: numbers stay numbers, an empty field is an empty cell.

    Raises Invalid for a text where the model reads a number.
    """
    return {
        name: _cell(name, text, of.start.get(name)) for name, text in typed.items() if name in of.features
    }


def _cell(name: str, text: str, usual: Any) -> Any:
    if text == "":
        return None
    if isinstance(usual, bool):
        return text.lower() in ("true", "yes", "1")
    if isinstance(usual, int) and re.fullmatch(r"[-+]?\d+", text):
        return int(text)
    if isinstance(usual, (int, float)):
        try:
            return float(text)
        except ValueError as error:
            raise Invalid(f"{name}: '{text}' is not a number.") from error
    return datetime.fromisoformat(text) if isinstance(usual, datetime) else text


def _headings(versions: Sequence[ModelVersion]) -> tuple[Heading, ...]:
    main = next((v.main_metric for v in versions if v.main_metric), "")
    codes = dict.fromkeys(c for v in versions for c in v.metrics)
    ids = sorted(map(metric.performance_id, codes), key=lambda i: i != metric.performance_id(main))
    return tuple(
        Heading(
            id=i, label=metric.label(i), about=store_reports.about(i), main=i == metric.performance_id(main)
        )
        for i in ids
    )
