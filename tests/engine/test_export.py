"""One file out of a table."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.config import Config
from penstock.core.errors import Invalid
from penstock.engine import export
from penstock.engine.duckdb import DuckDBSession
from penstock.engine.engines import LocalEngines

ROWS = pa.table(
    {
        "t": ["é, \"x\"", "", None],
        "n": [2**62, None, 0],
        "ok": [True, None, False],
        "d": [date(2013, 4, 1), None, None],
        "at": pa.array([datetime(2013, 4, 1, 5, 0, 0, 500_000, tzinfo=UTC), None, datetime(2013, 4, 1, tzinfo=UTC)]),
    }
)  # fmt: skip


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DuckDBSession]:
    engines = LocalEngines(Config(home=tmp_path / "home", threads=1))
    with engines.session() as session:
        yield session
    engines.close()


@pytest.mark.parametrize(
    ("quoting", "first"),
    [("excel", '"é, ""x"""'), ("unix", '"é, \\"x\\""'), ("escape", 'é\\, "x"'), ("none", 'é  "x"')],
)
def test_csv_in_each_quoting_style(session: DuckDBSession, tmp_path: Path, quoting: str, first: str) -> None:
    export.write(session, ibis.memtable(ROWS), tmp_path / "a.csv", quoting=quoting)  # type: ignore[arg-type]
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "t,n,ok,d,at"
    assert lines[1] == f"{first},{2**62},true,2013-04-01,2013-04-01T05:00:00.5Z"
    assert lines[3].endswith(",0,false,,2013-04-01T00:00:00Z")


def test_the_ending_chooses_the_format(session: DuckDBSession, tmp_path: Path) -> None:
    table = ibis.memtable(ROWS)
    for name in ("a.tsv", "a.csv.gz", "a.jsonl", "a.parquet"):
        session.export(table, tmp_path / name)
    assert (tmp_path / "a.tsv").read_text().startswith("t\tn\tok")
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()).startswith(b"t,n,ok")
    assert json.loads((tmp_path / "a.jsonl").read_text().splitlines()[0])["n"] == 2**62
    assert pq.read_table(tmp_path / "a.parquet")["t"].to_pylist() == ROWS["t"].to_pylist()
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [
        "a.csv.gz",
        "a.jsonl",
        "a.parquet",
        "a.tsv",
    ]


def test_an_unknown_ending_is_refused_with_those_we_know(session: DuckDBSession, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"\.csv"):
        session.export(ibis.memtable(ROWS), tmp_path / "a.cvs")
    with pytest.raises(Invalid, match=r"\.parquet"):
        session.export(ibis.memtable(ROWS), tmp_path / "a.docx")
