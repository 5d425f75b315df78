"""What a version keeps beside its model, and how an evaluation reads it: design, report, and the test set.

test.parquet           rows of the test set with predictions, within the drift limit: what the drift classifier reads
test_profile.parquet   a mergeable profile of every feature over all test rows: what univariate drift reads
test_predictions.parquet  the predictions of all test rows: what prediction drift reads
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from penstock.core import metric, registry
from penstock.core.design import Design
from penstock.core.score import MetricSettings
from penstock.kinds.recipes._drifting import Reference
from penstock.ml import rows as on_disk
from penstock.ml import task as tasks
from penstock.ml.between import Side

if TYPE_CHECKING:
    from penstock.core.algorithm import Algorithm
    from penstock.core.contexts import RecipeContext
    from penstock.core.model import ModelVersion
    from penstock.ml.predictor import Predictor
    from penstock.ml.profile import ColumnProfile
    from penstock.ml.rows import Rows
    from penstock.ml.task import Task
    from penstock.ml.train import TrainedModel

TEST, PROFILE, PREDICTIONS = "test.parquet", "test_profile.parquet", "test_predictions.parquet"


def write(trained: TrainedModel, folder: Path) -> None:
    """Everything a version keeps: the model, its report, its test set and the profile of it."""
    from penstock.ml import columns, model_file

    model_file.save(trained, folder)
    rows = on_disk.opened(folder / TEST)
    columns.write_profiles(folder / PROFILE, _profiles(rows, roles(trained.predictor)))
    names = [*trained.predictor.proba_columns, "prediction"]
    on_disk.written(rows.reader(names), folder / PREDICTIONS)
    on_disk.sample(rows, on_disk.Limit(), folder / "drawn", seed=trained.design.seed)
    (folder / "drawn").replace(folder / TEST)


def _profiles(rows: Rows, wanted: Mapping[str, str]) -> Iterator[ColumnProfile]:
    """Profiles of the columns that have one; drift says of the others that the reference has no such column."""
    from penstock.ml.columns import columns_of
    from penstock.ml.extract import NotComparable

    source = columns_of(rows.file)
    for name, how in wanted.items():
        with suppress(NotComparable):
            yield source.profile(name, cast(Any, how))


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
    from penstock.ml import model_file

    folder = ctx.models().files(version.project, version.model, version.id)
    manifest = model_file.read_manifest(folder)
    design = registry.validate(Design, manifest.design) if manifest.design else None
    winner = registry.parse("algorithms", manifest.winner) if manifest.winner else None
    report = model_file.read_report(folder) if (folder / model_file.REPORT).is_file() else {}
    return Kept(version, folder, design, cast("Algorithm | None", winner), report)


def roles(predictor: Predictor) -> dict[str, str]:
    """Input feature → numerical or categorical, as the model handles it."""
    return {feature.name: _role(feature) for feature in predictor.preparation.features}


def _role(feature: Any) -> str:
    if feature.type == "as_is":
        return "numerical" if feature.trained in ("integer", "number", "instant") else "categorical"
    return "categorical" if feature.type == "category" else "numerical"


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


def side(folder: Path, rows: int, task: Task) -> Side:
    """The test set of a version as one side of a comparison."""
    return Side(
        sample=folder / TEST, rows=rows, profile=folder / PROFILE,
        guessed=tasks.guessed(on_disk.opened(folder / PREDICTIONS), task),
    )  # fmt: skip


def reference(of: Kept, task: Task) -> Reference | None:
    """The version's test set as the reference of drift; None for a version that kept none."""
    v, file = of.version, of.folder / TEST
    if not file.is_file():
        return None
    rows = on_disk.opened(file)
    return Reference(
        id=v.full_id, description=f"the test set of {v.model}, version {v.name} ({v.test_rows:,} rows)",
        side=side(of.folder, v.test_rows, task),
        metrics={metric.performance_id(code): value for code, value in v.metrics.items()},
        truth=tasks.truth(rows, task) if task.target in rows.names else None,
    )  # fmt: skip
