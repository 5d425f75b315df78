"""FLIGHTS repeated to millions of rows: join, group, score and drift in bounded memory, and what each row costs.

    python bench/scale.py [--rows 1M 10M] [--limit 4GB] [--only join drift] [--keep]

Every piece of work is a process of its own: a build of its recipe on a node whose DuckDB may take half of the limit, or
the drift of every column. A watcher adds up what that process and its children hold, twenty times a second, and kills
them when it is more than the limit. Before each one it is said what it will cost (`core/cost.py`), and after it whether
that was right within a factor of two: in megabytes and in seconds of the processor, which others at work on the machine
do not change. Drift must not cost more per row on more rows.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from measure import Measured, measured, tell

from penstock.core import cost
from penstock.core.cost import Cost
from penstock.core.node import Node

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".bench"
KEY = "SCALE"
BESIDE = ("join", "group", "score", "drift")
"""Work that Spark does, too, when asked (`--spark`)."""
ON_SPARK = {"join": "joined", "group": "grouped", "score": "scored"}
"""Recipes among them, and their outputs."""
WORKS = ("sync", "join", "ordered join", "group", "score", "drift")
"""An ordered join keeps the order of its first input, as a recipe does unless it says `keep_order: false`."""
INSIDE = 0.5
"""Of the limit: what DuckDB may take for itself. Arrow, the interpreter and libraries need the rest."""
MOST_GROWTH = 1.15
"""How much more a row of drift may cost on more rows before that is called growing; less is noise."""
BATCH = 337_000
SPARK = {"spark.driver.memory": "2g", "spark.sql.shuffle.partitions": "8"}
OFTEN = 0.05
DRIFTED = ("month", "dep_delay", "air_time", "distance", "hour", "carrier", "origin", "dest")
ROLES = {name: "categorical" if name in ("carrier", "origin", "dest") else "numerical" for name in DRIFTED}
SUMS = {
    "join": "count(*), sum(distance), sum(temp), count(visib)",
    "score": "count(*), sum(proba_1), sum(proba_1 * distance), sum(prediction::INT)",
}
"""What must be the same of outputs with a row for each row."""


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of work on so many rows."""

    work: str
    rows: int
    columns: int
    foretold: Cost
    seconds: float
    processor: float
    peak_mb: float

    @property
    def is_right(self) -> bool:
        """Whether seconds of the processor and megabytes were foretold within a factor of two."""
        pairs = ((self.foretold.processor, self.processor), (self.foretold.megabytes, self.peak_mb))
        return all(0.5 <= foretold / found <= 2.0 for foretold, found in pairs)


def main(rows: Sequence[int], limit: int, *, works: Sequence[str], spark: bool, keep: bool) -> int:
    """Every work on every number of rows; how many demands were missed."""
    KEPT.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="scale-", dir=KEPT))
    try:
        in_child(["prepare", str(folder)], 0)
        lines = [line for count in rows for line in _all_works(folder, count, limit, works, spark=spark)]
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    return _told(lines, limit)


class Ended(Exception):
    """Work that held too much, or broke."""


def _all_works(folder: Path, rows: int, limit: int, works: Sequence[str], *, spark: bool) -> list[Line]:
    in_child(["make", str(folder), str(rows)], 0)
    heads = f"{'foretold':>28}   {'took':>9} {'processor':>10} {'ns a row':>9} {'peak MB':>9}"
    print(f"\n{rows:,} rows\n{'':8}{heads}", flush=True)
    lines = [_line(folder, rows, work, limit) for work in works]
    for work in (w for w in works if w in BESIDE and spark):
        _beside(folder, rows, work, limit)
    return lines


def _line(folder: Path, rows: int, work: str, limit: int) -> Line:
    columns = _columns(folder, work, rows)
    foretold = cost.estimate(work, rows, columns)
    said = f"{foretold.seconds:.1f} s ({foretold.processor:.1f}) {foretold.megabytes:.0f} MB"
    print(f"{work:8}{said:>28}   ", end="", flush=True)
    try:
        found = in_child([work, str(folder), str(rows), str(limit)], limit)
    except Ended as why:
        print(why, flush=True)
        return Line(work, rows, columns, foretold, math.nan, math.nan, math.inf)
    line = Line(work, rows, columns, foretold, found.seconds, float(found.result), found.peak_mb)
    right = "" if line.is_right else "   foretold wrongly"
    each = line.processor / rows * 1e9
    print(
        f"{line.seconds:>7.1f} s {line.processor:>8.1f} s {each:>9.0f} {line.peak_mb:>9.0f}{right}",
        flush=True,
    )
    return line


def _beside(folder: Path, rows: int, work: str, limit: int) -> None:
    """The same work on a local Spark, and whether it comes to the same rows."""
    found = in_child([f"{work}_on_spark", str(folder), str(rows), str(limit)], 0)
    same = in_child(["compare", str(folder), work, str(limit)], 0).result
    on = f"{work} on Spark, its start included"
    print(f"{on:>39}{found.seconds:>7.1f} s {'':>19} {found.peak_mb:>9.0f}   {same}", flush=True)


def _columns(folder: Path, work: str, rows: int) -> int:
    import pyarrow.parquet as pq

    return len(DRIFTED) if work == "drift" else len(pq.read_schema(_source(folder, rows)))


def _told(lines: Sequence[Line], limit: int) -> int:
    drift = [line.processor / line.rows for line in lines if line.work == "drift"]
    demands = {
        f"within {limit / 1e9:g} GB": all(line.peak_mb * 2**20 <= limit for line in lines),
        "foretold within a factor of two": all(line.is_right for line in lines),
    }
    if len(drift) > 1:
        grows = any(later > before * MOST_GROWTH for before, later in itertools.pairwise(drift))
        demands["a row of drift costs no more on more rows"] = not grows
    print()
    for demand, is_met in demands.items():
        print(f"{demand}: {'reached' if is_met else 'MISSED'}")
    return sum(not is_met for is_met in demands.values())


def in_child(arguments: Sequence[str], limit: int) -> Measured:
    """Run one piece of work in a process of its own, and kill it when it and its children hold more than the limit."""
    script = str(Path(__file__).resolve())
    with subprocess.Popen(
        [sys.executable, script, "--work", *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as child:
        watch = Watch(child, limit)
        watch.start()
        assert child.stdout is not None
        said = child.stdout.read()
    watch.join()
    if child.returncode:
        why = f"held more than {limit / 1e9:g} GB" if watch.was_killed else f"ended with {child.returncode}"
        raise Ended(f"{arguments[0]} {why}")
    found = Measured(**json.loads(said.strip().splitlines()[-1]))
    return Measured(found.seconds, max(found.peak_mb, watch.peak / 2**20), found.before_mb, found.result)


class Watch(threading.Thread):
    """Adds up the resident memory of a process and all its children for as long as it lives."""

    def __init__(self, child: subprocess.Popen[str], limit: int) -> None:
        super().__init__(daemon=True)
        self.peak, self.was_killed = 0, False
        self._child, self._limit = child, limit

    def run(self) -> None:
        while self._child.poll() is None:
            self.peak = max(self.peak, self._held())
            if self._limit and self.peak > self._limit:
                self.was_killed = True
                self._child.kill()
                return
            time.sleep(OFTEN)

    def _held(self) -> int:
        import psutil

        try:
            family = [psutil.Process(self._child.pid)]
            family += family[0].children(recursive=True)
            return sum(one.memory_info().rss for one in family)
        except psutil.NoSuchProcess:
            return 0


def prepare(folder: Path) -> Measured:
    """The tables of the package, FLIGHTS as Parquet with what is to be foretold, and a node with the recipes."""
    import duckdb

    tables = _package(folder)
    duckdb.sql(f"""
        COPY (
            SELECT * REPLACE (CAST(time_hour AS TIMESTAMP) AS time_hour),
                CASE WHEN arr_delay > 15 THEN 1 ELSE 0 END AS is_late
            FROM read_csv('{tables["flights"]}', nullstr='NA')
        ) TO '{folder / "flights.parquet"}' (FORMAT parquet)
    """)
    duckdb.sql(f"""
        COPY (SELECT * REPLACE (CAST(time_hour AS TIMESTAMP) AS time_hour)
              FROM read_csv('{tables["weather"]}', nullstr='NA'))
        TO '{folder / "weather.parquet"}' (FORMAT parquet)
    """)
    return measured(lambda: _train(folder))


def _package(folder: Path) -> dict[str, Path]:
    sys.path.insert(0, str(ROOT / "examples"))
    from flights_demo import write

    found: dict[str, Path] = write(folder / "package")
    return found


def _train(folder: Path) -> None:
    from penstock.testing import build

    node = _node(folder, 2 * 10**9)
    for name, recipe in _objects(folder).items():
        node.projects.save(KEY, {f"flow/{name}.yaml": _yaml(recipe)}, author="bench", message=name)
    build(node, "late", key=KEY)


def _objects(folder: Path) -> dict[str, dict[str, Any]]:
    def files(name: str) -> dict[str, Any]:
        return {"type": "server_files", "path": str(folder / name), "format": "parquet"}

    features = ("dep_delay", "carrier", "origin", "dest", "distance", "hour", "month", "air_time")
    every = (
        "year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time", "arr_delay",
        "carrier", "flight", "tailnum", "origin", "dest", "air_time", "distance", "hour", "minute", "time_hour",
    )  # fmt: skip
    rejected = {name: "reject" for name in every if name not in features}
    design = {
        "target": "is_late", "features": rejected, "importance": "off", "algorithms": [{"type": "lightgbm"}],
        "sampling": {"type": "random_number", "n": 50_000, "seed": 7}, "search": {"validation": "hold_out"},
    }  # fmt: skip
    found: dict[str, dict[str, Any]] = {
        "datasets/small": files("flights.parquet"),
        "datasets/weather": files("weather.parquet"),
        "datasets/flights": files("big"),
        "datasets/copied": {"type": "managed"},
        "datasets/joined": {"type": "managed"},
        "datasets/joined_in_order": {"type": "managed"},
        "datasets/grouped": {"type": "managed"},
        "datasets/scored": {"type": "managed"},
        "models/late": {"design": design},
        "recipes/train": {"type": "train", "input": "small", "model": "late"},
        "recipes/sync": {"type": "sync", "input": "flights", "output": "copied"},
        "recipes/join": {
            "type": "join", "output": "joined", "keep_order": False,
            "inputs": [{"dataset": "flights"}, {"dataset": "weather", "on": [{"left": "origin"}, {"left": "time_hour"}],
                                                "columns": ["temp", "wind_speed", "visib"]}],
        },
        "recipes/group": {
            "type": "group", "input": "flights", "output": "grouped", "keys": ["carrier", "month", "dest"],
            "aggregates": [{"column": "arr_delay", "functions": ["avg", "stddev", "max"]},
                           {"column": "tailnum", "functions": ["count_distinct"]}],
        },
        "recipes/score": {"type": "score", "input": "flights", "model": "late", "output": "scored"},
    }  # fmt: skip
    found["recipes/ordered_join"] = {**found["recipes/join"], "output": "joined_in_order", "keep_order": True}
    for name in ON_SPARK:
        recipe = found[f"recipes/{name}"]
        output = f"{recipe['output']}_on_spark"
        found[f"datasets/{output}"] = {"type": "managed"}
        found[f"recipes/{name}_on_spark"] = {**recipe, "output": output, "engine": "spark"}
    return found


def _yaml(values: dict[str, Any]) -> str:
    return json.dumps(values)  # JSON is YAML


def _node(folder: Path, limit: int) -> Node:
    from penstock.app import open_node
    from penstock.runtime import connections

    memory = f"{int(limit * INSIDE) // 10**6}MB"
    settings: dict[str, Any] = {"user": "bench", "memory": memory, "server_roots": (folder,)}
    node = open_node(folder / "home", **settings)
    if "spark" not in node.connections.names():
        connections.define(node, "spark", {"type": "spark", "master": "local[2]", "settings": SPARK})
    if KEY not in set(node.projects.keys()):
        node.projects.create(KEY, title="FLIGHTS repeated", author="bench")
    return node


def _source(folder: Path, rows: int) -> Path:
    return folder / "big" / f"{rows}.parquet"


def make(folder: Path, rows: str) -> Measured:
    """FLIGHTS again and again to so many rows, a little later each time, in row groups as a streaming writer leaves
    them; what was there before goes."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    shutil.rmtree(folder / "big", ignore_errors=True)
    (folder / "big").mkdir()
    source = pq.read_table(folder / "flights.parquet")
    at = source.column_names.index("dep_delay")
    left, copy = int(rows), 0
    with pq.ParquetWriter(_source(folder, int(rows)), source.schema, compression="zstd") as writer:
        while left > 0:
            delays = pc.cast(pc.add(source["dep_delay"], copy % 5), source.schema.field(at).type)
            part = source.set_column(at, source.schema.field(at), delays).slice(0, min(left, len(source)))
            writer.write_table(pa.table(part), row_group_size=BATCH)
            left, copy = left - len(part), copy + 1
    return measured(lambda: None)


def built(output: str) -> Callable[[Path, str, str], Measured]:
    """The build of one output, of its own recipe alone."""

    def work(folder: Path, rows: str, limit: str) -> Measured:
        from penstock.testing import build

        node = _node(folder, int(limit))
        return measured(processor(lambda: build(node, output, mode="only", key=KEY)))

    return work


def drift(folder: Path, rows: str, limit: str) -> Measured:
    """The drift of eight columns on all rows, against the year itself."""
    big = _source(folder, int(rows))
    return measured(processor(lambda: _compared(folder, big, "drift")))


def drift_on_spark(folder: Path, rows: str, limit: str) -> Measured:
    """The same by profiles of partitions, which Spark's workers make and this process merges."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from penstock.core.placement import Place
    from penstock.ml.partial import SCHEMA, PartialColumns, Profiling, handling_of

    node, big, profiles = _node(folder, int(limit)), _source(folder, int(rows)), folder / "profiles"
    shutil.rmtree(profiles, ignore_errors=True)
    of_file = pq.read_schema(big)
    schema = pa.schema([of_file.field(name) for name in DRIFTED])
    wanted = Profiling(handling_of(schema, ROLES))

    def work() -> None:
        with node.engines.session(Place("spark", "spark")) as opened:
            session: Any = opened
            table = session.parquet([big]).select(*DRIFTED)
            session.write_parquet(session.mapped(table, wanted, SCHEMA), profiles)
        _compared(folder, PartialColumns(sorted(profiles.glob("*.parquet")), schema), "drift_on_spark")

    return measured(processor(work))


def _compared(folder: Path, current: Any, name: str) -> None:
    from penstock.ml.univariate import univariate

    found = univariate(folder / "flights.parquet", current, ROLES)
    (folder / f"{name}.json").write_text(json.dumps(asdict(found), default=str))


def compare(folder: Path, work: str, limit: str) -> Measured:
    """Whether both engines came to the same: every group, every number of drift, or how many rows there are and the
    sums of them."""
    same = _same_drift(folder) if work == "drift" else _same_rows(folder, work, int(limit))
    return Measured(0.0, 0.0, 0.0, "the same" if same else "OTHER NUMBERS")


def _same_drift(folder: Path) -> bool:
    here, there = (
        json.loads((folder / f"{name}.json").read_text(), parse_float=lambda text: f"{float(text):.9g}")
        for name in ("drift", "drift_on_spark")
    )
    return bool(here == there)


def _same_rows(folder: Path, work: str, limit: int) -> bool:
    import duckdb

    node, output = _node(folder, limit), ON_SPARK[work]
    here, there = (
        f"read_parquet({[str(f) for f in node.data.files(KEY, name)]})"
        for name in (output, f"{output}_on_spark")
    )
    if work in SUMS:
        (one,), (other,) = (
            duckdb.sql(f"SELECT {SUMS[work]} FROM {side}").fetchall() for side in (here, there)
        )
        return all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(one, other, strict=True))
    columns = [name for name, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM {here}").fetchall()]
    told = ", ".join(f"round({c}, 6) AS {c}" if c.endswith(("avg", "stddev")) else c for c in columns)
    both = [f"SELECT {told} FROM {side}" for side in (here, there)]
    rest = duckdb.sql(f"({both[0]} EXCEPT {both[1]}) UNION ALL ({both[1]} EXCEPT {both[0]})").fetchall()
    return not rest


def processor(work: Callable[[], object]) -> Callable[[], float]:
    """Seconds of the processor that work takes, all its threads together: what a busy machine does not change."""

    def timed() -> float:
        before = time.process_time()
        work()
        return time.process_time() - before

    return timed


DONE: dict[str, Callable[..., Measured]] = {
    "prepare": prepare, "make": make, "sync": built("copied"), "join": built("joined"),
    "ordered join": built("joined_in_order"), "group": built("grouped"),
    "score": built("scored"), "drift": drift, "join_on_spark": built("joined_on_spark"),
    "group_on_spark": built("grouped_on_spark"), "score_on_spark": built("scored_on_spark"),
    "drift_on_spark": drift_on_spark, "compare": compare,
}  # fmt: skip


def _rows(text: str) -> int:
    """`10M` → 10,000,000"""
    return int(float(text[:-1]) * {"k": 1e3, "m": 1e6}[text[-1].lower()]) if not text.isdigit() else int(text)


def _bytes(text: str) -> int:
    return int(float(text.upper().removesuffix("GB")) * 1e9)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work, home, *rest = sys.argv[2:]
        tell(DONE[work](Path(home), *rest))
    else:
        options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
        options.add_argument("--rows", nargs="+", type=_rows, default=[1_000_000, 10_000_000])
        options.add_argument("--limit", type=_bytes, default=_bytes("4GB"))
        options.add_argument("--only", nargs="+", choices=WORKS, default=list(WORKS), help="some of the work")
        options.add_argument("--spark", action="store_true", help="all but sync on a local Spark, too")
        options.add_argument("--keep", action="store_true", help="leave the data in .bench/")
        chosen = options.parse_args()
        sys.exit(main(chosen.rows, chosen.limit, works=chosen.only, spark=chosen.spark, keep=chosen.keep))
