"""Grids: what is kept, for how long, and how cells are written."""

from __future__ import annotations

import gzip
import json
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from penstock.core.native import columns_of
from penstock.core.node import Node
from penstock.runtime import datasets, folders, grids
from penstock.runtime.datasets import Looked
from penstock.runtime.grids import Kept, squeezed
from penstock.testing import KEY, a_node, a_project, fill

CSV = {"type": "files", "folder": "box", "format": {"type": "csv"}, "columns": [{"name": "n", "type": "int"}],
       "marker_file": "_done"}  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    a_project(made, {"datasets/raw": {"type": "managed"}, "folders/box": {}, "datasets/read": CSV})
    fill(made, "raw", n=[1, 2])
    return made


def cells(found: bytes) -> list[list[Any]]:
    told: list[list[Any]] = json.loads(gzip.decompress(found))["cells"]
    return told


def put(node: Node, text: str) -> None:
    path = node.config.home / "month.csv"
    path.write_text(text)
    folders.put(node, KEY, "box", [path])


def test_the_same_rows_are_read_once(node: Node) -> None:
    first = squeezed(node, KEY, "raw")
    assert squeezed(node, KEY, "raw") is first
    assert squeezed(node, KEY, "raw", 1) is not first


def test_other_rows_are_seen_at_once(node: Node) -> None:
    assert cells(squeezed(node, KEY, "raw")) == [[1, 2]]
    fill(node, "raw", n=[3])
    assert cells(squeezed(node, KEY, "raw")) == [[3]]


def test_a_file_that_changed_is_seen_at_once_when_it_is_no_reason_to_build_too(node: Node) -> None:
    put(node, "n\n1\n")
    assert cells(squeezed(node, KEY, "read")) == [[1]]
    put(node, "n\n10\n")
    assert cells(squeezed(node, KEY, "read")) == [[10]]


def test_a_description_that_changed_is_seen_at_once(node: Node) -> None:
    put(node, "n\n1\n")
    squeezed(node, KEY, "read")
    described = [datasets.show(node, KEY, "read").columns[0].changed(description="How many")]
    datasets.describe(node, KEY, "read", described, author="ann")
    told = json.loads(gzip.decompress(squeezed(node, KEY, "read")))
    assert told["columns"][0]["description"] == "How many"


def test_bytes_asked_for_longest_ago_go_first_and_there_is_a_limit() -> None:
    kept = Kept(most=25)
    for key in ("a", "b"):
        kept.find((key,), lambda: b"0123456789")
    kept.find(("a",), lambda: b"made again")
    kept.find(("c",), lambda: b"0123456789")
    assert [key for (key,) in kept.held] == ["a", "c"]
    assert kept.held[("a",)] == b"0123456789"
    kept.find(("d",), lambda: b"x" * 26)
    assert (kept.size, list(kept.held)) == (0, [])


def test_who_asks_for_what_is_being_made_waits_for_it() -> None:
    kept, made, gate = Kept(most=100), list[int](), threading.Event()

    def make() -> bytes:
        made.append(1)
        gate.wait(10)
        return b"x"

    found: list[bytes] = []
    asking = [threading.Thread(target=lambda: found.append(kept.find(("k",), make)[0])) for _ in range(4)]
    for thread in asking:
        thread.start()
    gate.set()
    for thread in asking:
        thread.join()
    assert (found, made) == ([b"x"] * 4, [1])


def test_what_could_not_be_made_is_tried_again() -> None:
    kept = Kept(most=100)

    def fails() -> bytes:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept.find(("k",), fails)
    assert kept.find(("k",), lambda: b"x") == (b"x", True)


def test_cells_are_plain_texts_and_numbers() -> None:
    table = pa.table({
        "text": ["y" * 500, None], "x": [float("nan"), 1.5], "at": [datetime(2013, 1, 2, 3, tzinfo=UTC), None],
        "day": [date(2013, 1, 2), date(2013, 1, 2)], "price": [Decimal("1.10"), None], "some": [[1, 2], None],
    })  # fmt: skip
    looked = Looked(
        columns=columns_of(table.schema), table=table, computed_at=datetime(2026, 1, 1), built_at=None
    )
    told = json.loads(grids.encoded(looked))
    assert told["cells"] == [
        ["y" * 400 + "…", None], ["nan", 1.5], ["2013-01-02 03:00:00+00:00", None], ["2013-01-02", "2013-01-02"],
        ["1.10", None], ["[1, 2]", None],
    ]  # fmt: skip
    assert [c["missing"] for c in told["columns"]] == [0.5, 0, 0.5, 0, 0.5, 0.5]
    assert (told["total"], told["computed_at"]) == (2, "2026-01-01T00:00:00")


def test_whole_numbers_that_a_browser_would_round_go_as_texts() -> None:
    table = pa.table({"id": [9007199262133513001, None, -3], "n": [2**53 - 1, None, -3]})
    looked = Looked(
        columns=columns_of(table.schema), table=table, computed_at=datetime(2026, 1, 1), built_at=None
    )
    told = json.loads(grids.encoded(looked))
    assert told["cells"] == [["9007199262133513001", None, "-3"], [2**53 - 1, None, -3]]


def test_no_rows_are_no_cells_of_each_column() -> None:
    table = pa.table({"n": pa.array([], pa.int64()), "text": pa.array([], pa.string())})
    looked = Looked(
        columns=columns_of(table.schema), table=table, computed_at=datetime(2026, 1, 1), built_at=None
    )
    told = json.loads(grids.encoded(looked))
    assert told["cells"] == [[], []]
    assert [c["missing"] for c in told["columns"]] == [0, 0]
