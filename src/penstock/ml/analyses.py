"""The Analyses port, computed in this process. Light to import: the numbers come in when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from penstock.core.errors import NoRowModel

if TYPE_CHECKING:
    from pathlib import Path

    from penstock.core.analysis import Imported, ImportSettings, Scored
    from penstock.core.drift import DriftSettings
    from penstock.core.drift_report import DriftReport
    from penstock.core.promotion import ForecastScores


class LocalAnalyses:
    """Every verb is a function of `ml/on_demand.py`."""

    def drift(
        self, reference: Scored, current: Scored, settings: DriftSettings, *,
        roles: Mapping[str, str] | None = None, importance: Mapping[str, float] | None = None,
    ) -> DriftReport:  # fmt: skip
        from penstock.ml import on_demand

        return on_demand.drift(reference, current, settings, roles, importance)

    def judge(self, files: Path) -> None:
        from penstock.ml import forecast_file, model_file

        try:
            model_file.load(files)
        except NoRowModel:
            forecast_file.load(files)

    def forecast_scores(self, new: Path, old: Path) -> ForecastScores:
        from penstock.ml import forecast_promotion

        return forecast_promotion.scores(new, old)

    def predict(self, files: Path, rows: Any, *, threshold: float | None = None) -> Any:
        from penstock.ml import on_demand

        return on_demand.predict(files, rows, threshold)

    def what_if(self, files: Path, changes: Mapping[str, Any]) -> dict[str, Any]:
        from penstock.ml import on_demand

        return on_demand.what_if(files, changes)

    def partial_dependence(self, files: Path, feature: str) -> dict[str, Any]:
        from penstock.ml import on_demand

        return on_demand.partial_dependence(files, feature)

    def explanations(self, files: Path, rows: int = 5) -> dict[str, Any]:
        from penstock.ml import on_demand

        return on_demand.explanations(files, rows)

    def subpopulations(self, files: Path, column: str) -> dict[str, Any]:
        from penstock.ml import on_demand

        return on_demand.subgroups(files, column)

    def fairness(self, files: Path, column: str, *, reference: str, positive: str = "") -> dict[str, Any]:
        from penstock.ml import on_demand

        return on_demand.fair(files, column, reference, positive)

    def import_mlflow(self, source: Path, out: Path, settings: ImportSettings) -> Imported:
        from penstock.ml import on_demand

        return on_demand.import_mlflow(source, out, settings)
