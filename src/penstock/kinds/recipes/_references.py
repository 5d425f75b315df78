"""What a version keeps beside its model, as an evaluation needs it: design, report, and the test set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from penstock.core import metric, registry
from penstock.core.counting import counted
from penstock.core.design import Design
from penstock.core.score import MetricSettings
from penstock.kinds.recipes._subject import Reference
from penstock.ml import estimation, model_file, test_set
from penstock.ml import rows as on_disk
from penstock.ml import task as tasks

if TYPE_CHECKING:
    from penstock.core.algorithm import Algorithm
    from penstock.core.contexts import RecipeContext
    from penstock.core.model import ModelVersion
    from penstock.ml.rows import Rows
    from penstock.ml.task import Task
    from penstock.ml.train import TrainedModel


def write(trained: TrainedModel, folder: Path) -> None:
    """Everything a version keeps: the model, its report, its test set, its estimator of performance."""
    model_file.save(trained, folder)
    test_set.keep(folder, trained.test, trained.predictor)
    estimation.keep(folder, trained.test, trained.predictor)
    model_file.seal(folder)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a version keeps, read from its folder."""

    version: ModelVersion
    folder: Path
    design: Design | None
    """As the version was trained; None for an imported one."""
    winner: Algorithm | None
    report: Mapping[str, Any]

    @property
    def metric_settings(self) -> MetricSettings:
        """Gains, lift point and averaging of the design."""
        return self.design.metric_settings if self.design else MetricSettings()

    def weight_column(self, rows: Rows) -> str:
        """The weight column that training metrics used, where the rows have it."""
        used = self.design is not None and self.design.weighting in ("sample", "class_and_sample")
        name = self.design.weight_column if self.design and used else None
        return name if name is not None and name in rows.names else ""


def kept(ctx: RecipeContext, version: ModelVersion) -> Kept:
    """What a version keeps beside its model."""
    folder = ctx.models().files(version.project, version.model, version.id)
    manifest = model_file.read_manifest(folder)
    design = registry.validate(Design, manifest.design) if manifest.design else None
    winner = registry.parse("algorithms", manifest.winner) if manifest.winner else None
    report = model_file.read_report(folder) if (folder / model_file.REPORT).is_file() else {}
    return Kept(version, folder, design, cast("Algorithm | None", winner), report)


def facts(of: Kept) -> dict[str, Any]:
    """What an evaluation says of its model, readable when the version is long gone."""
    v, report = of.version, of.report
    return {
        "full_id": v.full_id, "model": v.model, "version": v.id, "name": v.name, "algorithm": v.algorithm,
        "trained_at": v.created_at.isoformat(), "train_dataset": v.train_dataset, "train_rows": v.train_rows,
        "test_rows": v.test_rows, "features": list(report.get("features", ())), "scoring": v.scoring,
        "hyperparameters": report.get("hyperparameters", {}), "importances": report.get("importances"),
        "calibration": of.design.calibration.method if of.design and of.design.calibration else "none",
    }  # fmt: skip


def importance(of: Kept) -> dict[str, float] | None:
    """Feature → importance in the model: Shapley where it was computed, else permutation; None without."""
    found = of.report.get("importances") or {}
    return found.get("shapley") or found.get("permutation")


def reference(of: Kept, task: Task) -> Reference | None:
    """The version's test set as the reference of drift; None for a version that kept none."""
    if not test_set.is_kept(of.folder):
        return None
    v, rows = of.version, on_disk.opened(of.folder / test_set.TEST)
    return Reference(
        id=v.full_id, description=f"the test set of {v.model}, version {v.name} ({counted(v.test_rows, 'row')})",
        side=test_set.side(of.folder, v.test_rows, task),
        metrics={metric.performance_id(code): value for code, value in v.metrics.items()},
        truth=tasks.truth(rows, task) if task.target in rows.names else None,
    )  # fmt: skip
