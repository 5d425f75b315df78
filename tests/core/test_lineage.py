"""Lineage as rules: following, people's words over what is found, descriptions that go on."""

from __future__ import annotations

import pytest

from penstock.core.lineage import Lineage, Relation, proposals, trace
from penstock.core.schema import Column


def to(source: str, target: str, *, sure: bool = True) -> Relation:
    (a, x), (b, y) = source.split("."), target.split(".")
    return Relation(a, x, b, y, f"{a}_to_{b}", sure)


CHAIN = [to("a.x", "b.x"), to("a.y", "b.sum"), to("b.x", "c.x"), to("b.sum", "c.sum"), to("a.x", "b.sum")]


@pytest.mark.requirement("D95")
def test_both_ways_are_followed_nearest_first() -> None:
    up, _ = trace(CHAIN, "c", "sum", up=True)
    assert [(r.source, r.source_column) for r in up] == [("b", "sum"), ("a", "x"), ("a", "y")]
    down, _ = trace(CHAIN, "a", "x", up=False)
    assert {(r.target, r.target_column) for r in down} == {("b", "x"), ("b", "sum"), ("c", "x"), ("c", "sum")}


def test_a_circle_is_walked_once() -> None:
    found, _ = trace([to("a.x", "b.x"), to("b.x", "a.x")], "a", "x", up=False)
    assert len(found) == 2


def test_what_lies_beyond_the_limit_is_counted() -> None:
    row = [to(f"d{n}.x", f"d{n + 1}.x") for n in range(10)]
    found, cut = trace(row, "d0", "x", up=False, most=3)
    assert [r.target for r in found] == ["d1", "d2", "d3"]
    assert cut == 1


def test_words_of_people_follow_a_renamed_dataset() -> None:
    told = Lineage.model_validate(
        {"known": {"b": {"x": [{"dataset": "a", "column": "x"}]}}, "only_known": ["b"]}
    )
    assert told.renamed("a", "z").known["b"]["x"][0].dataset == "z"
    assert told.renamed("b", "z") == Lineage.model_validate(
        {"known": {"z": {"x": [{"dataset": "a", "column": "x"}]}}, "only_known": ["z"]}
    )


@pytest.mark.requirement("D90")
def test_descriptions_go_on_to_copies_and_never_over_words_that_are_there() -> None:
    schemas = {
        "a": (Column(name="x", description="The x."), Column(name="y", description="The y.")),
        "b": (Column(name="x"), Column(name="sum")),
        "c": (Column(name="x"), Column(name="sum", description="Mine.")),
    }
    assert {(p.dataset, p.column): (p.description, str(p.of)) for p in proposals(CHAIN, schemas)} == {
        ("b", "x"): ("The x.", "a.x"), ("c", "x"): ("The x.", "b.x"),
    }  # fmt: skip


def test_a_guess_proposes_nothing() -> None:
    schemas = {"a": (Column(name="x", description="The x."),), "b": (Column(name="x"),)}
    assert proposals([to("a.x", "b.x", sure=False)], schemas) == []
