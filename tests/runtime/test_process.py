from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.config import Config
from penstock.core.errors import ActivityFailed
from penstock.core.metric import MetricValue, ObjectKey
from penstock.engine.engines import LocalEngines
from penstock.runtime import process

KEY = ObjectKey(project="FRAUD", type="dataset", name="transactions")


def called(tmp_path: Path, code: str, values: Mapping[str, MetricValue] | None = None) -> Any:
    rows = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"x": [1, 2, 3]}), rows)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "shared.py").write_text("LIMIT = 7\n")
    (tmp_path / "work").mkdir()
    node: Any = SimpleNamespace(engines=LocalEngines(Config(home=tmp_path)))
    task = process.Task(
        code=code, key=KEY, columns=["x"], rows=[rows], path="", library=tmp_path / "lib", values=values
    )
    return process.call(node, task, work=tmp_path / "work", log=lambda line: None, should_stop=lambda: False)


def test_a_probe_sees_the_rows_the_partition_and_the_project_library(tmp_path: Path) -> None:
    code = """
import pyarrow.compute as pc
from shared import LIMIT

def process(dataset, partition):
    total = pc.sum(dataset.arrow()["x"])
    batches = sum(b.num_rows for b in dataset.batches())
    return {"total": total, "name": dataset.name, "columns": dataset.columns, "batches": batches,
            "limit": (LIMIT, "DOUBLE"), "partition": partition}
"""
    assert called(tmp_path, code) == {
        "total": 6,
        "name": "transactions",
        "columns": ["x"],
        "batches": 3,
        "limit": (7, "DOUBLE"),
        "partition": "NP",
    }


def test_dates_numpy_numbers_and_nan_come_back_as_they_were(tmp_path: Path) -> None:
    code = """
import datetime, numpy as np

def process(dataset):
    return [datetime.date(2026, 1, 2), datetime.datetime(2026, 1, 2, 3), np.float64(0.5), np.int64(3), np.nan]
"""
    day, instant, number, whole, nothing = called(tmp_path, code)
    assert (day, instant, number, whole) == (date(2026, 1, 2), datetime(2026, 1, 2, 3), 0.5, 3)
    assert nothing != nothing


@pytest.mark.requirement("A51")
@pytest.mark.parametrize(
    "head",
    [
        "def process(values)",
        "def process(values, obj)",
        "def process(values, obj, partition)",
        "def process(values, *rest)",
    ],
)
def test_a_check_is_given_as_much_as_it_asks_for(tmp_path: Path, head: str) -> None:
    point = MetricValue(key=KEY, metric_id="m", data_type="BIGINT", value="4", computed_at=datetime.now(UTC))
    code = f"{head}:\n    return ('WARNING', f'value {{values[\"m\"].get_value()}}')\n"
    assert called(tmp_path, code, {"m": point}) == ("WARNING", "value 4")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def process(dataset):\n    raise ValueError('too few rows')", "ValueError: too few rows"),
        ("x = 1", "NameError: the code has no function `process`"),
        ("def process(:", "SyntaxError"),
        ("def process(dataset):\n    return object()", "cannot be kept as a value"),
    ],
)
def test_what_goes_wrong_in_the_code_is_said_in_one_line(tmp_path: Path, code: str, said: str) -> None:
    with pytest.raises(ActivityFailed, match=said):
        called(tmp_path, code)


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("def process(a): pass", 1),
        ("def process(a, b): pass", 2),
        ("def process(a, /, b, c): pass", 3),
        ("def process(*all): pass", 3),
        ("process = print", 3),
        ("def process(", 3),
    ],
)
def test_the_number_of_parameters_is_seen_without_running_the_code(code: str, count: int) -> None:
    assert process.parameters(code) == count
