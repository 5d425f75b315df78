"""ColumnsDescribed: columns that others meet have a description."""

from __future__ import annotations

from penstock.core.schema import Column
from tests.kinds.standards.given import facts, found

SCHEMA = (Column(name="day", description="Of departure."), Column(name="x"), Column(name="y"))
RAW = {"raw": {"type": "managed"}}


def test_columns_without_a_description_are_named() -> None:
    told = found("columns_described", facts(datasets=RAW, schemas={"raw": SCHEMA}))
    assert told == ["2 of 3 columns of raw have no description: x, y"]


def test_a_share_is_enough_when_it_says_so() -> None:
    given = facts(datasets=RAW, schemas={"raw": SCHEMA})
    assert found("columns_described", given, minimum=0.33) == []
    assert len(found("columns_described", given, minimum=0.34)) == 1


def test_datasets_in_the_middle_are_nobodys_business() -> None:
    flow = {"datasets": {n: {"type": "managed"} for n in "abc"}, "recipes": {
        "one": {"type": "sync", "input": "a", "output": "b"}, "two": {"type": "sync", "input": "b", "output": "c"},
    }}  # fmt: skip
    given = facts(**flow, schemas=dict.fromkeys("abc", SCHEMA))
    assert [text.split(" of ")[2].split(" ")[0] for text in found("columns_described", given)] == ["a", "c"]


def test_without_columns_it_says_nothing() -> None:
    assert found("columns_described", facts(datasets=RAW)) == ["not applicable"]
