"""Batch scoring with LightGBM, 1,000,000 rows × 25 columns: ours, streamed, against scikit-learn on the whole frame.

    python bench/scoring.py [rows]

Both models learn from the same 100,000 rows: 20 numbers (imputed, rescaled), 5 categories of ten values (one-hot),
100 trees. Peers are measured in processes of their own: a scikit-learn pipeline on the pandas frame, and LightGBM
on a numpy matrix that is already prepared, which skips half the work.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import Measured, in_child, measured, tell

TRAIN_ROWS, SEED = 100_000, 7
NUMBERS, CATEGORIES = [f"n{i}" for i in range(20)], [f"c{i}" for i in range(5)]


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, rows)
        in_child(Path(__file__), "train", name)
        found = {
            work: best_of(work, name) for work in ("ours", "frame", "frame_in_memory", "matrix_in_memory")
        }
    print(f"Batch scoring, {rows:,} rows × 25 columns, LightGBM 100 trees\n")
    print(f"{'':42} {'seconds':>8} {'peak MB':>8} {'time ÷ ours':>12} {'memory ÷ ours':>14}")
    for work, text in LABELS.items():
        m, ours = found[work], found["ours"]
        ratios = f"{m.seconds / ours.seconds:12.2f} {m.peak_mb / ours.peak_mb:14.2f}"
        print(f"{text:42} {m.seconds:8.2f} {m.peak_mb:8.0f} {ratios}")


LABELS = {
    "ours": "Penstock: Parquet → scored batches",
    "frame": "pandas + scikit-learn: Parquet → proba",
    "frame_in_memory": "scikit-learn predict_proba, frame in memory",
    "matrix_in_memory": "LightGBM predict_proba, prepared matrix",
}


def best_of(work: str, folder: str, times: int = 3) -> Measured:
    return min((in_child(Path(__file__), work, folder) for _ in range(times)), key=lambda m: m.seconds)


def make(folder: Path, rows: int) -> None:
    """Seeded data in two Parquet files: train.parquet and rows.parquet."""
    random = np.random.default_rng(SEED)
    writer = None
    for name, count in (("train", TRAIN_ROWS), ("rows", rows)):
        for start in range(0, count, TRAIN_ROWS):
            table = batch(random, min(TRAIN_ROWS, count - start))
            writer = writer or pq.ParquetWriter(folder / f"{name}.parquet", table.schema)
            writer.write_table(table)
        assert writer is not None
        writer.close()
        writer = None


def batch(random: np.random.Generator, rows: int) -> pa.Table:
    numbers = {n: random.normal(size=rows) for n in NUMBERS}
    codes = {c: random.integers(0, 10, rows) for c in CATEGORIES}
    words = np.array([f"value {i}" for i in range(10)])
    score = numbers["n0"] + 0.5 * numbers["n1"] * numbers["n2"] + 0.2 * codes["c0"] - 1
    target = (random.random(rows) < 1 / (1 + np.exp(-score))).astype(np.int64)
    return pa.table(numbers | {c: words[v] for c, v in codes.items()} | {"y": target})


def train(folder: Path) -> None:
    """Our model in model/, the peers' in peer.joblib."""
    import joblib
    from lightgbm import LGBMClassifier
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    from penstock.core import registry
    from penstock.core.design import Design
    from penstock.ml import model_file
    from penstock.ml.train import train as train_model

    table = pq.read_table(folder / "train.parquet")
    design = registry.validate(
        Design, {"target": "y", "importance": "off", "algorithms": [{"type": "lightgbm"}]}
    )
    model_file.save(train_model(design, table), folder / "model")
    frame = table.to_pandas()
    prepare = ColumnTransformer(
        [
            ("n", make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS),
            ("c", OneHotEncoder(handle_unknown="ignore", sparse_output=False), CATEGORIES),
        ]
    )
    peer = make_pipeline(prepare, LGBMClassifier(verbosity=-1, n_jobs=2))
    joblib.dump(peer.fit(frame[NUMBERS + CATEGORIES], frame["y"]), folder / "peer.joblib")


def ours(folder: Path) -> Measured:
    from penstock.ml import model_file, scoring

    model = model_file.load(folder / "model")
    source = pq.ParquetFile(folder / "rows.parquet")

    def work() -> int:
        reader = pa.RecordBatchReader.from_batches(
            source.schema_arrow, source.iter_batches(batch_size=65_536)
        )
        return sum(b.num_rows for b in scoring.score_batches(model, reader))

    return measured(work)


def frame(folder: Path) -> Measured:
    import joblib
    import pandas as pd

    peer = joblib.load(folder / "peer.joblib")

    def work() -> int:
        rows = pd.read_parquet(folder / "rows.parquet")
        return len(peer.predict_proba(rows[NUMBERS + CATEGORIES]))

    return measured(work)


def frame_in_memory(folder: Path) -> Measured:
    import joblib
    import pandas as pd

    peer = joblib.load(folder / "peer.joblib")
    rows = pd.read_parquet(folder / "rows.parquet")[NUMBERS + CATEGORIES]
    return measured(lambda: len(peer.predict_proba(rows)))


def matrix_in_memory(folder: Path) -> Measured:
    import warnings

    import joblib
    import pandas as pd

    warnings.simplefilter("ignore")
    peer = joblib.load(folder / "peer.joblib")
    rows = peer[:-1].transform(pd.read_parquet(folder / "rows.parquet")[NUMBERS + CATEGORIES])
    return measured(lambda: len(peer[-1].predict_proba(rows)))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        main(int(sys.argv[1]) if len(sys.argv) == 2 else 1_000_000)
    elif sys.argv[1] == "train":
        tell(measured(lambda: train(Path(sys.argv[2]))))
    else:
        works = {w.__name__: w for w in (ours, frame, frame_in_memory, matrix_in_memory)}
        tell(works[sys.argv[1]](Path(sys.argv[2])))
