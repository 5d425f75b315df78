"""Importing a model that MLflow saved: its folder is read without MLflow, and becomes one of our model files.

scikit-learn models only. A skops payload is opened with our allow-list, whatever the folder says it trusts. A pickle
can run anything: it is loaded only after an explicit grant, in a child process without our environment variables,
which hands back skops; that is opened like any other.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from penstock.core.errors import ColumnMissing, Failed, Invalid, UntrustedModel
from penstock.core.score import PredictionType
from penstock.ml import model_file, performance, target, trusted
from penstock.ml.cells import CellType
from penstock.ml.predictor import Predictor
from penstock.ml.prepare import FittedAsIs, Preparation
from penstock.ml.scorer import FrameScorer
from penstock.ml.target import Label
from penstock.ml.train import background, starting_row

TYPES: dict[str, CellType] = {
    "double": "number", "float": "number", "long": "integer", "integer": "integer", "string": "text",
    "boolean": "boolean", "datetime": "instant",
}  # fmt: skip
"""MLflow's column types → ours."""

PICKLED = ("pickle", "cloudpickle")
CHILD_SECONDS = 300
CHILD = """
import pickle, sys, warnings
warnings.simplefilter("ignore")
import skops.io
with open(sys.argv[1], "rb") as file:
    model = pickle.load(file)
skops.io.dump(model, sys.argv[2])
"""


@dataclass(frozen=True, slots=True)
class Saved:
    """What an MLmodel file says about a scikit-learn model."""

    folder: Path
    payload: str
    form: str
    columns: Mapping[str, CellType]
    example: str

    @property
    def path(self) -> Path:
        return self.folder / self.payload


def read(folder: Path) -> Saved:
    """Read the MLmodel file. Raises Invalid for another flavour or for inputs that are no columns."""
    about = _yaml(folder / "MLmodel")
    flavours = about.get("flavors") or {}
    if "sklearn" not in flavours:
        raise Invalid(
            f"{folder.name} holds no scikit-learn model but {', '.join(sorted(flavours)) or 'none we know'}.",
            hint="Only MLflow's sklearn flavour can be imported.",
        )
    flavour = flavours["sklearn"]
    payload = str(flavour.get("pickled_model", "model.pkl"))
    if Path(payload).name != payload:
        raise UntrustedModel(f"{folder.name} names a file outside itself: {payload}.")
    example = (about.get("saved_input_example_info") or {}).get("artifact_path", "")
    return Saved(
        folder, payload, str(flavour.get("serialization_format", "pickle")), _columns(about), str(example)
    )


def import_model(
    folder: Path,
    *,
    target_column: str,
    classes: Sequence[Label] | None = None,
    threshold: float = 0.5,
    rows: pa.Table | None = None,
    trust_pickle: bool = False,
) -> Predictor:
    """A predictor over the imported model. `classes`: the labels in the model's order, when you want them checked.

    `rows` (the data it will be evaluated on, or any like it) give background and starting values; without them
    the saved input example does. When they hold the target, its labels must be the model's classes.

    Raises UntrustedModel for a pickle without `trust_pickle` and for parts off our allow-list; Invalid for
    classes that differ, in themselves or in order; ColumnMissing.
    """
    saved = read(folder)
    estimator = _open(saved, trust_pickle)
    if not hasattr(estimator, "predict"):
        raise Invalid(f"{saved.payload} of {folder.name} holds no model but a {type(estimator).__name__}.")
    labels = classes_of(estimator)
    _require_same(labels, classes)
    names = _feature_names(estimator, saved)
    given = rows if rows is not None else _example(saved)
    for name in names:
        if name not in given.column_names:
            raise ColumnMissing(
                name,
                dataset="the data for the import",
                near=given.column_names,
                needed_by="The imported model",
            )
    predictor = _predictor(estimator, labels, names, saved, given, target_column, threshold)
    if rows is not None and target_column in rows.column_names:
        require_classes(predictor, rows)
    return predictor


def convert(folder: Path, out: Path, *, rows: pa.Table | None = None, **settings: Any) -> model_file.Manifest:
    """Import a model and keep it as one of our model files; see `import_model` for the settings."""
    predictor = import_model(folder, rows=rows, **settings)
    given = rows if rows is not None else _example(read(folder))
    return model_file.save_predictor(predictor, given.select(list(predictor.features)), out)


def require_classes(predictor: Predictor, table: pa.Table) -> None:
    """Raise Invalid unless the labels of the target column are exactly the model's classes."""
    if not predictor.classes:
        return
    codes = performance.truth_of(table[predictor.target], predictor.classes, name=predictor.target)
    absent = [n for k, n in enumerate(predictor.class_names) if not (codes == k).any()]
    unknown = table[predictor.target].filter(pa.array(codes == target.UNKNOWN)).unique().to_pylist()
    if absent or unknown:
        also = (
            f" The data has {', '.join(map(str, unknown[:5]))}, which the model does not know."
            if unknown
            else ""
        )
        gone = f" No row has {', '.join(absent)}." if absent else ""
        raise Invalid(
            f"The model's classes are not those of '{predictor.target}'.{gone}{also}",
            hint="Give the target column whose labels the model learned, spelled alike.",
        )


def classes_of(estimator: Any) -> tuple[Label, ...]:
    """The labels a classifier gives, in the order of its probabilities; empty for a regressor."""
    found = getattr(estimator, "classes_", None)
    return () if found is None else tuple(v.item() if isinstance(v, np.generic) else v for v in found)


def _predictor(
    estimator: Any,
    labels: tuple[Label, ...],
    names: tuple[str, ...],
    saved: Saved,
    rows: pa.Table,
    target_column: str,
    threshold: float,
) -> Predictor:
    kinds = tuple(saved.columns.get(name, "number") for name in names)
    features = tuple(FittedAsIs(type="as_is", name=n, trained=k) for n, k in zip(names, kinds, strict=True))
    preparation = Preparation(features=features)
    matrix, _ = preparation.matrix(rows)
    return Predictor(
        prediction_type=_prediction_type(labels),
        target=target_column,
        classes=labels,
        threshold=threshold if len(labels) == 2 else None,
        preparation=preparation,
        scorer=FrameScorer(estimator, len(labels), names, kinds, hasattr(estimator, "feature_names_in_")),
        algorithm=_last_step(estimator),
        background=background(matrix, 1337),
        start=starting_row(rows.select(list(names))),
        scoring="scikit-learn scores: an imported pipeline that prepares its own rows.",
    )


def _prediction_type(labels: tuple[Label, ...]) -> PredictionType:
    return "regression" if not labels else "binary" if len(labels) == 2 else "multiclass"


def _last_step(estimator: Any) -> str:
    steps = getattr(estimator, "steps", None)
    return type(steps[-1][1] if steps else estimator).__name__


def _open(saved: Saved, trust_pickle: bool) -> Any:
    if saved.form == "skops":
        return trusted.loads(saved.path.read_bytes())
    if saved.form not in PICKLED:
        raise UntrustedModel(f"{saved.folder.name} is saved as {saved.form}, which we do not open.")
    if not trust_pickle:
        raise UntrustedModel(
            f"{saved.payload} of {saved.folder.name} is a pickle: loading it can run anything.",
            hint="If you trust who made it, import with trust_pickle; or save it from MLflow in the skops format.",
        )
    return trusted.loads(_unpickled(saved.path))


def _unpickled(path: Path) -> bytes:
    """The pickle as skops bytes, made in a child process that sees none of our environment variables."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "model.skops"
        command = [sys.executable, "-I", "-c", CHILD, str(path.resolve()), str(out)]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env={},
                capture_output=True,
                text=True,
                timeout=CHILD_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Failed(f"Loading {path.name} took more than {CHILD_SECONDS} seconds.") from error
        if done.returncode or not out.is_file():
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise Failed(
                f"{path.name} could not be loaded: {last}",
                hint="It may need other package versions: see requirements.txt in its folder.",
            )
        return out.read_bytes()


def _require_same(labels: tuple[Label, ...], wanted: Sequence[Label] | None) -> None:
    if wanted is None:
        return
    own, given = [target.text_of(v) for v in labels], [target.text_of(v) for v in wanted]
    if own != given:
        why = "in another order" if sorted(own) == sorted(given) else "others"
        raise Invalid(
            f"The model's classes are {', '.join(own)}; you gave {why}: {', '.join(given)}.",
            hint="Another order would swap the probabilities without a sign of it.",
        )


def _feature_names(estimator: Any, saved: Saved) -> tuple[str, ...]:
    named = getattr(estimator, "feature_names_in_", None)
    names = tuple(saved.columns) if named is None else tuple(str(n) for n in named)
    if not names:
        raise Invalid(
            f"{saved.folder.name} does not say which columns it wants.",
            hint="Save it with a signature of columns.",
        )
    return names


def _columns(about: Mapping[str, Any]) -> dict[str, CellType]:
    inputs = json.loads((about.get("signature") or {}).get("inputs") or "[]")
    found: dict[str, CellType] = {}
    for column in inputs:
        if column.get("type") not in TYPES or "name" not in column:
            raise Invalid(f"Input {column.get('name', 'without a name')} of the model is no plain column.")
        found[str(column["name"])] = TYPES[column["type"]]
    return found


def _example(saved: Saved) -> pa.Table:
    path = saved.folder / Path(saved.example).name
    if not saved.example or not path.is_file():
        raise Invalid("The folder has no input example.", hint="Give rows of the kind the model will score.")
    example = json.loads(path.read_text(encoding="utf-8"))
    rows = [dict(zip(example["columns"], row, strict=True)) for row in example["data"]]
    return pa.Table.from_pylist(rows)


def _yaml(path: Path) -> dict[str, Any]:
    try:
        about = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError, UnicodeDecodeError) as error:
        raise Invalid(f"{path.parent.name} has no MLmodel file we can read: {error}") from error
    if not isinstance(about, dict):
        raise Invalid(f"The MLmodel file of {path.parent.name} is no mapping.")
    return about
