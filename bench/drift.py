"""Drift beside its peers: every column of 1,000,000 rows, a wide table, and the classifier of the global score.

    python bench/drift.py [--quick] [--only columns|wide|classifier] [--columns 1000]

Peers live in environments of their own under .bench/, built once: Evidently 0.7.23 (drift preset, KS and chi-square)
and NannyML 0.13.1 (domain classifier). Each piece of work runs in a fresh process; libraries are imported before the
clock starts, files are read after. Both must come to the same KS p-values, or the bench fails.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

from measure import Measured, in_child, measured, tell

PEERS = {
    "evidently": ["evidently==0.7.23", "pandas<3", "pyarrow"],
    "nannyml": ["nannyml==0.13.1", "pandas<3", "scikit-learn<1.6", "statsmodels", "pyarrow"],
}
KEPT = Path(__file__).resolve().parent.parent / ".bench"
SEED, BATCH = 7, 100_000
NUMBERS, CATEGORIES = [f"n{i}" for i in range(20)], [f"c{i}" for i in range(5)]
ROWS, CLASSIFIED, WIDE = 1_000_000, 10_000, (3_000_000, 300_000)
MUST = {"columns": 25.0, "classifier": 10.0}


def main(only: str, *, quick: bool, wide_columns: int) -> None:
    os.environ.setdefault(
        "OMP_WAIT_POLICY", "passive"
    )  # on a busy machine, threads that spin slow peers down
    scale = 10 if quick else 1
    with tempfile.TemporaryDirectory(dir=_kept()) as name:
        folder = Path(name)
        if only in ("", "columns"):
            columns(folder, ROWS // scale)
        if only in ("", "wide"):
            wide(folder, [n // scale for n in WIDE], wide_columns)
        if only in ("", "classifier"):
            classifier(folder, CLASSIFIED // scale)


def columns(folder: Path, rows: int) -> None:
    """Every column on all rows, Parquet to a stored result."""
    in_child(Path(__file__), "make", str(folder), str(rows))  # a small parent: peak memory is inherited
    ours = min((in_child(Path(__file__), "ours", str(folder)) for _ in range(3)), key=lambda m: m.seconds)
    peer = in_child(Path(__file__), "evidently", str(folder), python=python_of("evidently"))
    agreed = compared(folder)
    table(
        f"Drift of columns, {rows:,} + {rows:,} rows × 25 columns, Parquet to stored result ({agreed})",
        {
            "Penstock: KS, chi-square, PSI, Wasserstein, Jensen-Shannon": ours,
            "Evidently: KS, chi-square": peer,
        },
        must=MUST["columns"],
    )


def compared(folder: Path) -> str:
    """Both sides' KS p-values, column by column. Ends the bench when they differ.

    Chi-square is left out: Evidently takes the reference shares as known (goodness of fit), which makes its
    p-values too small when the reference is a sample; ours is the test of two samples.
    """
    ours, peer = (json.loads((folder / f"{side}.json").read_text()) for side in ("ours", "evidently"))
    worst = max(abs(ours[c] - peer[c]) / max(peer[c], 1e-12) for c in NUMBERS)
    if worst > 1e-6:
        raise SystemExit(f"The KS p-values differ by up to {worst:.2g}:\n{ours}\n{peer}")
    return f"{len(NUMBERS)} KS p-values agree within {worst:.0e}"


def wide(folder: Path, rows: list[int], count: int) -> None:
    """Many numeric columns: seconds and memory for a quarter of them and for all."""
    in_child(Path(__file__), "make_wide", str(folder), str(count), *map(str, rows))
    some, everything = (in_child(Path(__file__), "wide", str(folder), str(n)) for n in (count // 4, count))
    print(f"\nWide: {rows[0]:,} + {rows[1]:,} rows of numbers")
    print(f"{'columns':>10} {'seconds':>9} {'of processor':>13} {'peak MB':>9}")
    for n, found in ((count // 4, some), (count, everything)):
        print(f"{n:>10,} {found.seconds:9.2f} {float(found.result):13.2f} {found.peak_mb:9.0f}")
    ratio = float(everything.result) / float(some.result)
    print(f"four times the columns need {ratio:.2f} times the processor time (must be under 4.5)")


def classifier(folder: Path, rows: int) -> None:
    """The global score: one score of one batch. NannyML scores chunk by chunk; its smallest job is one chunk."""
    in_child(Path(__file__), "make", str(folder), str(rows))  # a small parent: peak memory is inherited
    ours = min(
        (in_child(Path(__file__), "classifier", str(folder)) for _ in range(3)), key=lambda m: m.seconds
    )
    python = python_of("nannyml")
    chunks = {n: in_child(Path(__file__), "nannyml", str(folder), str(n), python=python) for n in (10, 1)}
    table(
        f"Drift classifier, {rows:,} + {rows:,} rows × 25 columns",
        {
            "Penstock: score, interval, test, importances": ours,
            "NannyML domain classifier, 10 chunks": chunks[10],
            "NannyML domain classifier, 1 chunk": chunks[1],
        },
        must=MUST["classifier"],
    )


def table(title: str, found: dict[str, Measured], *, must: float) -> None:
    ours, *peers = found.values()
    print(f"\n{title}\n")
    print(f"{'':60} {'seconds':>8} {'peak MB':>8} {'time ÷ ours':>12}")
    for text, m in found.items():
        print(f"{text:60} {m.seconds:8.2f} {m.peak_mb:8.0f} {m.seconds / ours.seconds:12.1f}")
    told = ["reached" if peer.seconds >= must * ours.seconds else "MISSED" for peer in peers]
    print(f"must be {must:g} times faster: {', '.join(told)}")


def python_of(peer: str) -> str:
    """The interpreter of a peer's environment, which is built when it is not there."""
    home = _kept() / peer
    if not (home / "ready").exists():
        print(f"Building the environment of {peer} in .bench/ …", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", *PEERS[peer]]
        subprocess.run(pip, check=True, stdout=subprocess.DEVNULL)
        (home / "ready").touch()
    return str(home / "bin" / "python")


def _kept() -> Path:
    KEPT.mkdir(exist_ok=True)
    return KEPT


def make(folder: Path, rows: str) -> Measured:
    """20 numbers and 5 categories of ten values; on the current side every second number moved by 0.2 σ."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    random, words = np.random.default_rng(SEED), np.array([f"value {i}" for i in range(10)])
    count = int(rows)
    for side, shift in (("reference", 0.0), ("current", 0.2)):
        data = {n: random.normal(shift * (i % 2), 1, count) for i, n in enumerate(NUMBERS)}
        data |= {c: words[random.integers(0, 10, count)] for c in CATEGORIES}
        pq.write_table(pa.table(data), folder / f"{side}.parquet")
    return measured(lambda: None)


def make_wide(folder: Path, count: str, *rows: str) -> Measured:
    """Standard normal numbers in row groups of 100,000, as a streaming writer leaves them."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    random, columns = np.random.default_rng(SEED), int(count)
    schema = pa.schema([(f"x{i}", pa.float64()) for i in range(columns)])
    for side, n in zip(("reference", "current"), map(int, rows), strict=True):
        path = folder / f"wide_{side}.parquet"
        with pq.ParquetWriter(path, schema, use_dictionary=False, compression="none") as file:
            for start in range(0, n, BATCH):
                part = random.normal(size=(columns, min(BATCH, n - start)))
                file.write_table(pa.table(list(part), schema=schema))
    return measured(lambda: None)


def ours(folder: Path) -> Measured:
    import scipy.special
    import scipy.stats  # noqa: F401

    from penstock.ml.univariate import univariate

    def work() -> str:
        found = univariate(folder / "reference.parquet", folder / "current.parquet")
        (folder / "ours_full.json").write_text(json.dumps(found.to_dict()))
        (folder / "ours.json").write_text(json.dumps({c.column: c.p_value() for c in found.columns}))
        return f"{len(found.drifted)} drifted"

    return measured(work)


def evidently(folder: Path) -> Measured:
    import pandas as pd
    from evidently import DataDefinition, Dataset, Report  # type: ignore[import-not-found]
    from evidently.presets import DataDriftPreset  # type: ignore[import-not-found]

    described = DataDefinition(numerical_columns=NUMBERS, categorical_columns=CATEGORIES)

    def side(name: str) -> object:
        return Dataset.from_pandas(pd.read_parquet(folder / f"{name}.parquet"), data_definition=described)

    def work() -> str:
        preset = DataDriftPreset(num_method="ks", cat_method="chisquare")
        found = Report([preset]).run(side("current"), side("reference")).dict()["metrics"]
        (folder / "evidently_full.json").write_text(json.dumps(found, default=str))
        p = {m["config"]["column"]: float(m["value"]) for m in found if "column" in m["config"]}
        (folder / "evidently.json").write_text(json.dumps(p))
        return f"{len(p)} columns"

    return measured(work)


def wide_columns(folder: Path, count: str) -> Measured:
    from penstock.ml.univariate import univariate

    sides = folder / "wide_reference.parquet", folder / "wide_current.parquet"
    roles = {f"x{i}": "numerical" for i in range(int(count))}

    def work() -> float:
        before = time.process_time()
        univariate(*sides, roles)
        return time.process_time() - before

    return measured(work)


def classified(folder: Path) -> Measured:
    import lightgbm  # noqa: F401
    import pyarrow.parquet as pq
    import scipy.special  # noqa: F401

    from penstock.ml.classifier import global_drift

    def work() -> float | None:
        return global_drift(*(pq.read_table(folder / f"{s}.parquet") for s in ("reference", "current"))).score

    return measured(work)


def nannyml(folder: Path, chunks: str) -> Measured:
    import warnings

    import pandas as pd

    warnings.simplefilter("ignore")
    from nannyml.drift.multivariate.domain_classifier import (  # type: ignore[import-not-found]
        DomainClassifierCalculator,
    )

    def work() -> float:
        calculator = DomainClassifierCalculator(
            feature_column_names=NUMBERS + CATEGORIES,
            treat_as_categorical=CATEGORIES,
            chunk_number=int(chunks),
        )
        calculator.fit(pd.read_parquet(folder / "reference.parquet"))
        found = calculator.calculate(pd.read_parquet(folder / "current.parquet")).to_df()
        return float(found["domain_classifier_auroc"]["value"].iloc[-1])

    return measured(work)


WORKS: dict[str, Callable[..., Measured]] = {
    "make": make, "make_wide": make_wide, "ours": ours, "evidently": evidently, "wide": wide_columns,
    "classifier": classified, "nannyml": nannyml,
}  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] in WORKS:
        work, home, *rest = sys.argv[1:]
        tell(WORKS[work](Path(home), *rest))
    else:
        options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
        options.add_argument("--quick", action="store_true", help="a tenth of the rows")
        options.add_argument(
            "--columns", type=int, default=100, help="columns of the wide table (1000 needs 27 GB)"
        )
        options.add_argument("--only", choices=["columns", "wide", "classifier"], default="", help="one part")
        chosen = options.parse_args()
        main(chosen.only, quick=chosen.quick, wide_columns=chosen.columns)
