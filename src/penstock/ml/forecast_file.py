"""A forecast as a folder of files that cannot run anything, beside those of other models (ml/model_file.py).

manifest.json       format, design, what was learned, quantiles of errors, known series, checksums, golden answers
model.txt           LightGBM's own text form; absent when nothing was learned
golden.parquet      rows that are forecast again whenever the model is opened
report.json         measures, by series and by step, and pictures; not needed to forecast
judged.parquet      the forecasts it was judged by, and held.parquet the rows they were made from (ml/judged_rows.py)
"""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from penstock.core import registry
from penstock.core.errors import GoldenBatchMismatch, Invalid, UntrustedModel
from penstock.core.forecasting import ForecastDesign, Forecaster
from penstock.core.kind import Definition
from penstock.ml import forecast_windows, judged_rows, model_file, series
from penstock.ml.forecasts import Forecast, ForecastModel
from penstock.ml.model_file import FORMAT, GOLDEN, GOLDEN_TOLERANCE, LIGHTGBM, MANIFEST, REPORT

if TYPE_CHECKING:
    from penstock.ml.forecast_training import TrainedForecast

KEPT = (REPORT, judged_rows.JUDGED, judged_rows.HELD)


class ForecastManifest(Definition):
    """Everything about the model that is not a big array."""

    format: int
    prediction_type: Literal["forecast"]
    target: str
    algorithm: str
    design: dict[str, Any]
    winner: dict[str, Any]
    """The forecaster that is kept, as a retrain would take it."""
    bands: tuple[tuple[float, ...], ...]
    known: tuple[tuple[str, ...], ...]
    ends: tuple[int, ...] = ()
    """Of each known series the instant of the last row that was learned; empty of versions that did not say yet."""
    scoring: str
    checksums: dict[str, str]
    kept: dict[str, str] = {}
    golden: tuple[tuple[float, ...], ...]
    """Of each golden series its forecasts, then its quantiles."""
    python: str
    packages: dict[str, str]


def save(trained: TrainedForecast, folder: Path) -> ForecastManifest:
    """Write a trained forecast into an empty or new folder, and open it again to make sure."""
    folder.mkdir(parents=True, exist_ok=True)
    model = trained.model
    if model.text:
        (folder / LIGHTGBM).write_text(model.text, encoding="utf-8")
    pq.write_table(trained.golden, folder / GOLDEN)
    _write(folder / REPORT, dict(trained.report))
    judged_rows.keep(folder, trained.test)
    files = [GOLDEN, *([LIGHTGBM] if model.text else [])]
    manifest = ForecastManifest(
        format=FORMAT, prediction_type="forecast", target=model.design.target, algorithm=model.forecaster.LABEL,
        design=model.design.to_mapping(), winner=model.forecaster.to_mapping(),
        bands=tuple(tuple(map(float, row)) for row in model.bands), known=tuple(sorted(model.known)),
        ends=tuple(end for _, end in sorted(model.known.items()) if end is not None),
        scoring=f"{model.forecaster.LABEL} forecasts.", checksums={name: _checksum(folder / name) for name in files},
        kept={name: _checksum(folder / name) for name in KEPT}, golden=_answers(model.forecast(trained.golden)),
        python=platform.python_version(), packages=model_file.installed(),
    )  # fmt: skip
    _write(folder / MANIFEST, manifest.model_dump(mode="json"))
    load(folder)
    return manifest


def load(folder: Path, *, native: bool = False) -> ForecastModel:
    """Open a forecast. Nothing of it is run; the golden rows must get their answers again.

    `native`: LightGBM's library is called without its Python package. Raises UntrustedModel for a damaged or tampered
    folder, GoldenBatchMismatch for other answers, Invalid for a model that predicts rows.
    """
    manifest = read_manifest(folder)
    for name, checksum in manifest.checksums.items():
        if not (folder / name).is_file() or _checksum(folder / name) != checksum:
            raise UntrustedModel(
                f"{name} of {folder.name} is not the file that was saved.",
                hint="Copy the version again, or retrain.",
            )
    golden = model_file.read_rows(folder / GOLDEN)
    model = _model(manifest, folder, golden, native=native)
    _check_golden(model, manifest, golden, folder)
    return model


def read_manifest(folder: Path) -> ForecastManifest:
    """The manifest alone. Raises UntrustedModel when it is none, Invalid when it is that of another sort of model."""
    try:
        mapping = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if isinstance(mapping, dict) and mapping.get("prediction_type") != "forecast":
            raise Invalid(
                f"This version predicts row by row ({mapping.get('prediction_type')}); it does not forecast.",
                hint="Use Score and the endpoint `prediction`, or train a model with a forecast design.",
            )
        if isinstance(mapping, dict) and mapping.get("format") != FORMAT:
            raise UntrustedModel(f"{folder.name} has model format {mapping.get('format')}; we read {FORMAT}.")
        return ForecastManifest.model_validate(mapping)
    except (OSError, ValueError, RecursionError, ValidationError) as error:
        raise UntrustedModel(f"{folder.name} holds no model: {error}") from error


def _model(manifest: ForecastManifest, folder: Path, golden: pa.Table, *, native: bool) -> ForecastModel:
    try:
        design = registry.validate(ForecastDesign, manifest.design)
        forecaster = cast("Forecaster", registry.parse("forecasters", manifest.winner))
        known = _known(manifest)
        text = (folder / LIGHTGBM).read_text(encoding="utf-8") if LIGHTGBM in manifest.checksums else ""
        shape = [one.last(design.window_steps) for one in series.read(golden, design, where=GOLDEN)]
        like, _ = forecast_windows.last(shape[:1], design)
    except (Invalid, UnicodeDecodeError, ValueError) as error:
        raise UntrustedModel(f"{folder.name} holds no forecast that can be opened: {error}") from error
    bands = np.asarray(manifest.bands, dtype=np.float64)
    if bands.shape != (design.horizon, len(design.quantiles)) or not np.isfinite(bands).all():
        raise UntrustedModel(f"The quantiles of {folder.name} do not fit its design.")
    return ForecastModel(
        design=design, forecaster=forecaster, text=text, bands=bands, known=known,
        continued=forecaster.opened(text, like.windows, native=native),
    )  # fmt: skip


def _known(manifest: ForecastManifest) -> dict[tuple[str, ...], int | None]:
    if not manifest.ends:
        return dict.fromkeys(manifest.known)
    return dict(zip(manifest.known, manifest.ends, strict=True))


def _answers(said: list[Forecast]) -> tuple[tuple[float, ...], ...]:
    return tuple(
        (*map(float, one.points), *map(float, one.quantiles.ravel()))
        for one in said
        if one.points is not None and one.quantiles is not None
    )


def _check_golden(model: ForecastModel, manifest: ForecastManifest, golden: pa.Table, folder: Path) -> None:
    found = _answers(model.forecast(golden))
    if [len(row) for row in found] == [len(row) for row in manifest.golden] and all(
        abs(a - b) <= GOLDEN_TOLERANCE * max(1.0, abs(a))
        for then, now in zip(manifest.golden, found, strict=True)
        for a, b in zip(then, now, strict=True)
    ):
        return
    raise GoldenBatchMismatch(
        f"The model in {folder.name} forecasts its golden rows otherwise than when it was saved.",
        hint="Train it again here, or install the packages of its manifest.",
    )


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, allow_nan=False, indent=1), encoding="utf-8")
