"""Lists and last values stay quick when there is very much."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert

from penstock.core.evaluation import Evaluation
from penstock.core.metric import MetricValue, ObjectKey
from penstock.store.blobs import DiskBlobs
from penstock.store.database import Database
from penstock.store.evaluations import SqlEvaluations
from penstock.store.metrics import SqlMetrics
from penstock.store.rows import to_json
from penstock.store.tables import evaluations

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@contextmanager
def asked(database: Database) -> Iterator[list[str]]:
    """How the database reads each query asked meanwhile: the lines of its plans."""
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    plans: list[str] = []
    event.listen(database.engine, "before_cursor_execute", note)
    yield plans
    event.remove(database.engine, "before_cursor_execute", note)
    explain = "EXPLAIN" if database.on_server else "EXPLAIN QUERY PLAN"
    with database.read() as connection:
        for statement, parameters in statements:
            if statement.startswith("SELECT"):
                told = connection.exec_driver_sql(f"{explain} {statement}", parameters)
                plans += [str(row[-1]) for row in told]


def assert_no_scan(plans: list[str]) -> None:
    assert plans
    whole = [p for p in plans if p.startswith("SCAN") or "Seq Scan" in p]
    assert not [p for p in whole if "Seq Scan on latest_values" not in p], (
        "twenty rows are read quickest as a whole"
    )


def counted(database: Database) -> Database:
    """A server knows how much there is once it has counted, which it does by itself now and then."""
    if database.on_server:
        with database.write() as connection:
            connection.exec_driver_sql("ANALYZE")
    return database


def test_a_page_of_a_large_store_is_read_along_an_index(database: Database, tmp_path: Path) -> None:
    metrics = {f"metric_{n}": n / 7 for n in range(15)}
    facts = to_json(
        Evaluation(
            project="P", store="s", id="e", name="n", created_at=NOON, prediction_type="binary",
            labels={"model:algorithm": "lightgbm"}, metrics=metrics,
        )
    )  # fmt: skip
    row = {"project": "P", "store": "s", "detail": "", "sample": "", "created_at": NOON}
    with database.write() as connection:
        rows = [row | {"id": f"e{n}", "facts": facts | {"id": f"e{n}"}} for n in range(2_000)]
        connection.execute(insert(evaluations), rows)
    store = SqlEvaluations(database, DiskBlobs(tmp_path))
    with asked(counted(database)) as plans:
        page = store.list("P", "s", limit=100, newest_first=True)
        assert store.latest("P", "s") == page[0]
    assert (page[0].id, len(page), store.count("P", "s")) == ("e1999", 100, 2_000)
    assert_no_scan(plans)
    assert not [p for p in plans if "TEMP B-TREE" in p or "Sort" in p], "the order comes from the index"


def test_last_values_are_read_along_an_index(database: Database, tmp_path: Path) -> None:
    metrics, key = SqlMetrics(database), ObjectKey(project="P", type="dataset", name="d")
    for block in range(10):
        metrics.add_values(
            [
                MetricValue(
                    key=key, metric_id=f"m{n % 20}", data_type="BIGINT", value=str(n),
                    computed_at=NOON + timedelta(seconds=block * 10_000 + n), evaluation_id=f"e{block}",
                )
                for n in range(2_000)
            ]
        )  # fmt: skip
    with asked(counted(database)) as plans:
        last = metrics.last(key)
    assert len(last) == 20
    assert last["m3"].value == "1983"
    assert_no_scan(plans)


@pytest.mark.parametrize("text", ["nan", "inf"])
def test_a_number_that_is_none_is_never_stored(database: Database, tmp_path: Path, text: str) -> None:
    store = SqlEvaluations(database, DiskBlobs(tmp_path))
    bad = Evaluation(
        project="P", store="s", id="e", name="n", created_at=NOON, prediction_type=None,
        metrics={"auc": float(text)},
    )  # fmt: skip
    with pytest.raises(Exception, match="not JSON compliant"):
        store.save(bad, detail={}, sample=None)
    assert store.count("P", "s") == 0
