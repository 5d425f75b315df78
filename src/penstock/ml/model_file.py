"""A model as a folder of files that cannot run anything: JSON, Parquet, LightGBM's text, skops, ONNX.

manifest.json       format, design, preparation, classes, threshold, package lock, checksums, golden answers
model.txt           LightGBM's own text form, or
model.skops         a scikit-learn estimator; opened with our allow-list (ml/trusted.py)
model.onnx          only when it was shown to equal scikit-learn; then it scores
golden.parquet      up to 50 rows that are scored again whenever the model is opened
background.parquet  up to 100 prepared train rows, for explanations
report.json         performance, curves, importances, diagnostics, trials; not needed to predict
test.parquet        the test rows with predictions: the reference of drift; not needed to predict
estimation.json     what estimates performance without labels; not needed to predict
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from penstock.core.errors import GoldenBatchMismatch, NoRowModel, UntrustedModel
from penstock.core.kind import Definition
from penstock.core.score import PredictionType
from penstock.ml import booster_text, native_booster, onnx_form, trusted
from penstock.ml.calibration import Calibrator
from penstock.ml.predictor import Predictor
from penstock.ml.prepare import Preparation
from penstock.ml.scorer import FrameScorer, LightgbmScorer, OnnxScorer, Scorer, SklearnScorer
from penstock.ml.train import TrainedModel

FORMAT = 1
GOLDEN_ROWS = 50
GOLDEN_TOLERANCE = 1e-6
"""Of a probability; of a number relative to max(1, |number|)."""

LIGHTGBM, SKOPS, ONNX = "model.txt", "model.skops", "model.onnx"
GOLDEN, BACKGROUND, TEST = "golden.parquet", "background.parquet", "test.parquet"
MANIFEST, REPORT = "manifest.json", "report.json"


class FeatureSchema(Definition):
    """A used column as training saw it."""

    name: str
    type: str


class FrameColumns(Definition):
    """How an imported estimator wants its rows."""

    kinds: tuple[str, ...]
    named: bool


class Golden(Definition):
    """The answers to the golden rows: one row of probabilities, or of one number, each; none where not scored."""

    values: tuple[tuple[float, ...] | None, ...]


class Manifest(Definition):
    """Everything about the model that is not a big array."""

    format: int
    prediction_type: PredictionType
    target: str
    classes: tuple[bool | int | float | str, ...]
    threshold: float | None
    algorithm: str
    preparation: Preparation
    calibrator: Calibrator | None = None
    features: tuple[FeatureSchema, ...]
    start: dict[str, Any]
    payload: Literal["model.txt", "model.skops"]
    onnx_single: bool | None = None
    """Whether the graph takes single precision; None without a graph."""
    frame: FrameColumns | None = None
    scoring: str
    checksums: dict[str, str]
    kept: dict[str, str] = {}
    """Checksums of what is not needed to predict: report, test set."""
    golden: Golden
    python: str
    packages: dict[str, str]
    """Every installed distribution → version."""
    design: dict[str, Any] | None = None
    winner: dict[str, Any] | None = None
    """The algorithm with its hyperparameters fixed, as a retrain without search would take it."""


def save(trained: TrainedModel, folder: Path) -> Manifest:
    """Write a trained model into an empty or new folder, and open it again to make sure.

    Raises UntrustedModel when the estimator holds anything that could not be opened safely.
    """
    folder.mkdir(parents=True, exist_ok=True)
    test = trained.test.select(list(trained.predictor.features))
    write_report(trained, folder)
    return save_predictor(
        trained.predictor,
        test,
        folder,
        design=trained.design.to_mapping(),
        winner=trained.winner.to_mapping(),
    )


def save_predictor(
    predictor: Predictor,
    rows: pa.Table,
    folder: Path,
    *,
    design: dict[str, Any] | None = None,
    winner: dict[str, Any] | None = None,
) -> Manifest:
    """Write what predicting needs. `rows` are rows of the used features; golden ones are taken from them."""
    _make_room(folder)
    payload = _write_payload(predictor.scorer, folder)
    golden = golden_rows(rows)
    pq.write_table(golden, folder / GOLDEN)
    _write_background(predictor, folder)
    frame = predictor.scorer if isinstance(predictor.scorer, FrameScorer) else None
    onnx = predictor.scorer if isinstance(predictor.scorer, OnnxScorer) else None
    files = [payload, GOLDEN, BACKGROUND, *([ONNX] if onnx else [])]
    manifest = Manifest(
        format=FORMAT,
        prediction_type=predictor.prediction_type,
        target=predictor.target,
        classes=predictor.classes,
        threshold=predictor.threshold,
        algorithm=predictor.algorithm,
        preparation=predictor.preparation,
        calibrator=predictor.calibrator,
        features=tuple(FeatureSchema(name=f.name, type=str(f.type)) for f in rows.schema),
        start=dict(predictor.start),
        payload=payload,
        onnx_single=onnx.single if onnx else None,
        frame=None if frame is None else FrameColumns(kinds=frame.kinds, named=frame.named),
        scoring=predictor.scoring or _scoring_sentence(predictor.scorer),
        checksums={name: _checksum(folder / name) for name in files},
        golden=Golden(values=_answers(predictor, golden)),
        python=platform.python_version(),
        packages=installed(),
        design=design,
        winner=winner,
    )
    _write_json(folder / MANIFEST, manifest.model_dump(mode="json"))
    load(folder)
    return manifest


def seal(folder: Path) -> None:
    """Write the checksums of everything else that lies beside the model into its manifest: once all is there."""
    manifest = read_manifest(folder)
    beside = {p.name for p in folder.iterdir() if p.is_file()} - {MANIFEST, *manifest.checksums}
    sealed = manifest.changed(kept={name: _checksum(folder / name) for name in sorted(beside)})
    _write_json(folder / MANIFEST, sealed.model_dump(mode="json"))


def load(folder: Path, *, native: bool = False) -> Predictor:
    """Open a model. Nothing of it is run; the golden rows must get their answers again.

    `native`: LightGBM's library is called without its Python package, as what answers in real time wants it.
    Raises UntrustedModel for a damaged or tampered folder, GoldenBatchMismatch for other answers.
    """
    return opened(folder, native=native).predictor


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """A model, and what was read to open it."""

    predictor: Predictor
    manifest: Manifest
    golden: pa.Table


def opened(folder: Path, *, native: bool = False) -> Opened:
    """As `load`, with what lies beside the predictor."""
    manifest = read_manifest(folder)
    for name in (manifest.payload, GOLDEN, BACKGROUND, *([ONNX] if manifest.onnx_single is not None else [])):
        _require_unchanged(folder, name, manifest)
    predictor = Predictor(
        prediction_type=manifest.prediction_type,
        target=manifest.target,
        classes=manifest.classes,
        threshold=manifest.threshold,
        preparation=manifest.preparation,
        scorer=_scorer(folder, manifest, native),
        calibrator=manifest.calibrator,
        algorithm=manifest.algorithm,
        background=_read_background(folder, manifest.preparation),
        start=manifest.start,
        scoring=manifest.scoring,
    )
    golden = read_rows(folder / GOLDEN)
    _check_golden(predictor, manifest, golden, folder)
    return Opened(predictor, manifest, golden)


def read_rows(path: Path, columns: list[str] | None = None) -> pa.Table:
    """A small file as it is, or some of its columns: those it has. Starts faster than the reader of data sets."""
    with pq.ParquetFile(path) as file:
        known = None if columns is None else [name for name in columns if name in file.schema_arrow.names]
        return file.read(columns=known, use_threads=False)


def read_manifest(folder: Path) -> Manifest:
    """The manifest alone: enough for lists and reports. Raises UntrustedModel when it is not one, NoRowModel when the
    model forecasts: that is opened by ml/forecast_file.py."""
    try:
        mapping = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        found = mapping.get("format") if isinstance(mapping, dict) else None
        if found != FORMAT:
            raise UntrustedModel(
                f"{folder.name} has model format {found}; this Penstock reads format {FORMAT}."
            )
        if mapping.get("prediction_type") == "forecast":
            raise NoRowModel(
                "This version continues series in time; it has no answer for single rows.",
                hint="Use the recipe `forecast` and the endpoint `forecast`.",
            )
        return Manifest.model_validate(mapping)
    except (OSError, ValueError, RecursionError, ValidationError) as error:
        raise UntrustedModel(f"{folder.name} holds no model: {error}") from error


def read_report(folder: Path) -> dict[str, Any]:
    """What training found out: performance, curves, importances, diagnostics, trials."""
    report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    assert isinstance(report, dict)
    return report


def read_test(folder: Path) -> pa.Table:
    """The test rows with probabilities and prediction: the reference of drift."""
    return pq.read_table(folder / TEST)


def fingerprint(folder: Path) -> str:
    """sha256 over what decides predictions: equal models, equal text."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    deciding = {k: v for k, v in manifest.items() if k not in ("python", "packages", "scoring", "kept")}
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()


def write_report(trained: TrainedModel, folder: Path) -> None:
    """The report and the scored test rows beside the model."""
    _write_json(folder / REPORT, trained.report.as_mapping())
    pq.write_table(trained.test, folder / TEST)


def installed() -> dict[str, str]:
    """Every installed distribution and its version, by name."""
    found = {d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]}
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def golden_rows(rows: pa.Table) -> pa.Table:
    """Up to 50 rows spread over the table, and one with every cell empty."""
    last, count = max(0, rows.num_rows - 1), min(GOLDEN_ROWS, rows.num_rows)
    places = np.unique(np.linspace(0, last, count).astype(np.int64))
    empty = pa.table({f.name: pa.nulls(1, f.type) for f in rows.schema})
    return pa.concat_tables([rows.take(pa.array(places, pa.int64())), empty], promote_options="permissive")


def _make_room(folder: Path) -> None:
    """Files of an older model would stay beside the new one's."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (LIGHTGBM, SKOPS, ONNX, GOLDEN, BACKGROUND, MANIFEST):
        (folder / name).unlink(missing_ok=True)


def _answers(predictor: Predictor, rows: pa.Table) -> tuple[tuple[float, ...] | None, ...]:
    matrix, ok = predictor.preparation.matrix(rows)
    found: list[tuple[float, ...] | None] = [None] * len(ok)
    places = np.flatnonzero(ok)
    values = predictor.values(matrix[places]).reshape(len(places), -1)
    for place, row in zip(places, values, strict=True):
        found[place] = tuple(float(v) for v in row)
    return tuple(found)


def _check_golden(predictor: Predictor, manifest: Manifest, golden: pa.Table, folder: Path) -> None:
    found = _answers(predictor, golden)
    pairs = list(zip(manifest.golden.values, found, strict=False))
    wrong = [i for i, (then, now) in enumerate(pairs) if not _same(then, now)]
    if wrong or len(found) != len(manifest.golden.values):
        changed = _changed_packages(manifest.packages)
        raise GoldenBatchMismatch(
            f"The model in {folder.name} answers {len(wrong)} of {len(found)} golden rows otherwise than when it "
            f"was saved.{changed}",
            hint="Train it again here, or install the packages of its manifest.",
        )


def _same(then: tuple[float, ...] | None, now: tuple[float, ...] | None) -> bool:
    if then is None or now is None:
        return then is now
    return len(then) == len(now) and all(
        abs(a - b) <= GOLDEN_TOLERANCE * max(1.0, abs(a)) for a, b in zip(then, now, strict=True)
    )


def _changed_packages(then: dict[str, str]) -> str:
    now = installed()
    watched = ("scikit-learn", "lightgbm", "numpy", "scipy", "onnxruntime", "pyarrow")
    changed = [
        f"{n} {then[n]} → {now.get(n, 'none')}" for n in watched if n in then and now.get(n) != then[n]
    ]
    return f" Changed since: {', '.join(changed)}." if changed else ""


def _write_payload(scorer: Scorer, folder: Path) -> Literal["model.txt", "model.skops"]:
    if isinstance(scorer, LightgbmScorer):
        (folder / LIGHTGBM).write_text(scorer.text(), encoding="utf-8")
        return "model.txt"
    if isinstance(scorer, OnnxScorer):
        (folder / ONNX).write_bytes(scorer.graph)
        assert scorer.source is not None  # only freshly trained models are written
        scorer = scorer.source
    assert isinstance(scorer, (SklearnScorer, FrameScorer))
    (folder / SKOPS).write_bytes(trusted.dumps(scorer.estimator))
    return "model.skops"


def _scorer(folder: Path, manifest: Manifest, native: bool) -> Scorer:
    count = len(manifest.classes)
    if manifest.payload == LIGHTGBM:
        return _lightgbm(folder, manifest, native)
    if manifest.onnx_single is not None:
        return onnx_form.open_graph((folder / ONNX).read_bytes(), count, single=manifest.onnx_single)
    estimator = trusted.loads((folder / SKOPS).read_bytes())
    if manifest.frame is not None:
        names = manifest.preparation.names
        return FrameScorer(estimator, count, names, manifest.frame.kinds, manifest.frame.named)
    return SklearnScorer(estimator, count)


def _lightgbm(folder: Path, manifest: Manifest, native: bool) -> LightgbmScorer:
    try:
        text = (folder / LIGHTGBM).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UntrustedModel(f"The LightGBM text of {folder.name} is no text: {error}") from error
    width, classes = len(manifest.preparation.columns), len(manifest.classes)
    opened = native_booster.open_booster if native else booster_text.open_booster
    booster = opened(text, manifest.prediction_type, width=width, classes=classes)
    return LightgbmScorer(booster, manifest.prediction_type)


def _scoring_sentence(scorer: Scorer) -> str:
    if scorer.form == "lightgbm":
        return "LightGBM scores, from its own text form."
    return "scikit-learn scores."


def _write_background(predictor: Predictor, folder: Path) -> None:
    columns = {str(i): predictor.background[:, i] for i in range(predictor.background.shape[1])}
    pq.write_table(pa.table({k: pa.array(v) for k, v in columns.items()}), folder / BACKGROUND)


def _read_background(folder: Path, preparation: Preparation) -> np.ndarray:
    table = read_rows(folder / BACKGROUND)
    columns = [c.to_numpy() for c in table.columns]
    kind = np.dtype(object if preparation.as_is else float)
    return np.column_stack(columns).astype(kind) if columns else np.empty((0, len(preparation.columns)), kind)


def _require_unchanged(folder: Path, name: str, manifest: Manifest) -> None:
    path = folder / name
    if not path.is_file() or _checksum(path) != manifest.checksums.get(name):
        raise UntrustedModel(
            f"{name} of {folder.name} is not the file that was saved.",
            hint="Copy the version again, or retrain.",
        )


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, allow_nan=False, indent=1, default=_plain), encoding="utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
