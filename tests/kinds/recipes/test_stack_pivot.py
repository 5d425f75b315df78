"""Stack and pivot: columns that fit, types that hold everything, columns that stay."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import ibis
import pyarrow as pa
import pytest

from penstock.core.dataset import Snapshot
from penstock.core.errors import ColumnMissing, Invalid, InvalidDefinition, NotReady
from penstock.core.registry import parse
from penstock.core.schema import Column

APRIL = {"id": [1, 2], "n": [2**40, None], "only_april": ["é", ""]}
MAY = {"n": [1.5, 2.0], "id": [3, None], "only_may": [True, None]}


def stack(**more: Any) -> dict[str, Any]:
    return {"type": "stack", "inputs": ["april", "may"], **more}


@pytest.mark.requirement("A18")
def test_a_union_has_all_columns_in_order_of_appearance_and_types_that_hold_both(columns: Any) -> None:
    assert columns(stack(origin_column="month", origin_labels={"may": "5"}), APRIL, MAY) == {
        "id": [1, 2, 3, None],
        "n": [float(2**40), None, 1.5, 2.0],
        "only_april": ["é", "", None, None],
        "only_may": [None, None, True, None],
        "month": ["april", "april", "5", "5"],
    }


def test_intersection_like_and_manual_choose_other_columns(columns: Any) -> None:
    assert list(columns(stack(mode="intersection"), APRIL, MAY)) == ["id", "n"]
    assert list(columns(stack(mode="like", like="may"), APRIL, MAY)) == ["n", "id", "only_may"]
    manual = [{"name": "label", "sources": {"april": "only_april", "may": "id"}}, {"name": "n"}]
    found = columns(stack(mode="manual", columns=manual), APRIL, MAY)
    assert found == {"label": ["é", "", "3", None], "n": [float(2**40), None, 1.5, 2.0]}


def test_repetitions_are_kept(columns: Any) -> None:
    assert columns(stack(), {"a": [1, 1]}, {"a": [1]}) == {"a": [1, 1, 1]}


def test_stacks_that_cannot_work_are_refused(run: Any) -> None:
    with pytest.raises(Invalid, match="no column in common"):
        run(stack(mode="intersection"), {"a": [1]}, {"b": [1]})
    with pytest.raises(ColumnMissing, match="Dataset may has no column 'Id'"):
        run(stack(mode="manual", columns=[{"name": "x", "sources": {"may": "Id"}}]), APRIL, MAY)
    with pytest.raises(InvalidDefinition, match="one of the inputs"):
        parse("recipes", stack(output="o", mode="like", like="june"))


DELAYS = {
    "month": [1, 1, 1, 2, 2, None],
    "origin": ["JFK", "LGA", "JFK", "EWR", None, "JFK"],
    "delay": [10, 20, 30, None, 50, 60],
}


def pivot(**more: Any) -> dict[str, Any]:
    return {
        "type": "pivot",
        "input": "flights",
        "output": "out",
        "rows": ["month"],
        "column": "origin",
        **more,
    }


class Job:
    """Runs a pivot again and again, as builds would, and remembers the output's columns."""

    def __init__(self, place: Any) -> None:
        self.place, self.before, self.rows = place, None, []

    def build(self, definition: dict[str, Any], table: dict[str, Any]) -> list[dict[str, Any]]:
        recipe: Any = parse("recipes", definition)
        recipe.run(
            SimpleNamespace(
                variables={}, recipe_name="r", arrow=self.place.session.arrow, write=self.write,
                previous=lambda name: self.before, read=lambda name: ibis.memtable(pa.table(table)),
            )
        )  # fmt: skip
        return self.rows

    def write(self, name: str, table: Any) -> None:
        self.rows = self.place.rows(table)
        columns = tuple(Column(name=c) for c in table.columns)
        now = datetime.now(UTC)
        self.before = Snapshot(
            id="1", rows=1, bytes=1, files=1, columns=columns, fingerprint="", written_at=now
        )


@pytest.fixture
def job(place: Any) -> Job:
    return Job(place)


@pytest.mark.requirement("A18")
def test_values_become_columns_most_frequent_first_rows_sorted_nulls_first(job: Job) -> None:
    cells = [{"function": "count"}, {"function": "avg", "column": "delay"}]
    assert job.build(pivot(cells=cells, totals=[{"function": "sum", "column": "delay"}]), DELAYS) == [
        {
            "month": None, "delay_sum": 60, "JFK_count": 1, "JFK_delay_avg": 60.0, "EWR_count": 0,
            "EWR_delay_avg": None, "LGA_count": 0, "LGA_delay_avg": None,
        },
        {
            "month": 1, "delay_sum": 60, "JFK_count": 2, "JFK_delay_avg": 20.0, "EWR_count": 0,
            "EWR_delay_avg": None, "LGA_count": 1, "LGA_delay_avg": 20.0,
        },
        {
            "month": 2, "delay_sum": 50, "JFK_count": 0, "JFK_delay_avg": None, "EWR_count": 1,
            "EWR_delay_avg": None, "LGA_count": 0, "LGA_delay_avg": None,
        },
    ]  # fmt: skip


@pytest.mark.requirement("A19")
def test_a_second_run_keeps_its_columns_whatever_values_come_and_go(job: Job) -> None:
    first = list(job.build(pivot(), DELAYS)[0])
    rows = job.build(pivot(), {"month": [3, 3], "origin": ["BOS", "JFK"], "delay": [1, 2]})
    assert list(rows[0]) == first
    assert rows == [{"month": 3, "JFK_count": 1, "EWR_count": 0, "LGA_count": 0}]


@pytest.mark.requirement("A19")
def test_columns_are_found_out_again_when_asked_to(job: Job) -> None:
    job.build(pivot(), DELAYS)
    rows = job.build(pivot(recompute_schema=True), {"month": [3], "origin": ["BOS"], "delay": [1]})
    assert rows == [{"month": 3, "BOS_count": 1}]


def test_other_cells_find_their_columns_out_anew(job: Job) -> None:
    job.build(pivot(), DELAYS)
    rows = job.build(
        pivot(cells=[{"function": "max", "column": "delay"}]), {"month": [3], "origin": ["BOS"], "delay": [1]}
    )
    assert rows == [{"month": 3, "BOS_delay_max": 1}]


@pytest.mark.parametrize(
    ("modalities", "stems"),
    [
        ({"keep": "top", "top": 2}, ["JFK", "EWR"]),
        ({"keep": "min_occurrences", "min_occurrences": 2}, ["JFK"]),
        ({"keep": "explicit", "values": ["LGA", "BOS"]}, ["LGA", "BOS"]),
        ({"keep": "all"}, ["EWR", "JFK", "LGA"]),
    ],
)
def test_which_values_become_columns_can_be_chosen(
    job: Job, modalities: dict[str, Any], stems: list[str]
) -> None:
    [row, *_] = job.build(pivot(modalities=modalities), DELAYS)
    assert list(row) == ["month", *(f"{stem}_count" for stem in stems)]


def test_names_can_be_slugs_and_values_of_one_slug_share_a_column(job: Job) -> None:
    table = {"month": [1, 1, 1], "origin": ["New York!", "new-york", "É"], "delay": [1, 2, 3]}
    [row] = job.build(pivot(names="slug", cells=[{"function": "sum", "column": "delay"}]), table)
    assert row["new_york_delay_sum"] == 3


def test_without_row_columns_all_others_identify_a_row(job: Job) -> None:
    table = {"a": [1, 1], "b": [2, 2], "k": ["x", "y"], "v": [5, 6]}
    definition = {
        "type": "pivot", "input": "t", "output": "o", "column": "k",
        "cells": [{"function": "sum", "column": "v"}],
    }  # fmt: skip
    assert job.build(definition, table) == [{"a": 1, "b": 2, "x_v_sum": 5, "y_v_sum": 6}]


def test_columns_are_known_beforehand_only_when_they_are_listed() -> None:
    inputs = {"flights": tuple(Column(name=n) for n in ("month", "origin"))}
    listed: Any = parse("recipes", pivot(modalities={"keep": "explicit", "values": ["JFK"]}))
    assert [c.name for c in listed.schemas(inputs)["out"]] == ["month", "JFK_count"]
    unknown: Any = parse("recipes", pivot())
    with pytest.raises(NotReady, match="once it has run"):
        unknown.schemas(inputs)
