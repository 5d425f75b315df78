"""Steps of Prepare while they are written: rows of a sample after each, errors at their step, proposals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.node import Node
from penstock.core.schema import Column
from penstock.runtime import prepare_steps
from penstock.testing import a_node, a_project, fill

TYPES = ("string", "int", "double", "boolean", "date", "datetime_tz")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    a_project(made, {"datasets/raw": {"type": "managed"}})
    fill(made, "raw", city=[" Ulm", "Bonn", None], size=[1, 2, 3])
    return made


def _shown(node: Node, *steps: dict[str, Any], after: int | None = None) -> prepare_steps.Prepared:
    values = {"type": "prepare", "input": "raw", "output": "clean", "steps": list(steps)}
    return prepare_steps.show(node, "DEMO", "clean", values, after)


TRIM = {"type": "string_transform", "columns": ["city"], "do": ["trim"]}
TWICE = {"type": "formula", "column": "twice", "formula": "size * 2"}


def test_without_steps_the_rows_are_those_of_the_input(node: Node) -> None:
    seen = _shown(node)
    assert [row["size"] for row in seen.rows] == [1, 2, 3]
    assert (seen.after, seen.rows_before, seen.rows_after) == (0, 3, 3)


def test_cells_and_columns_that_the_last_step_changed_are_marked(node: Node) -> None:
    seen = _shown(node, TRIM, TWICE, after=1)
    assert [seen.changed(row, "city") for row in range(3)] == [True, False, False]
    assert _shown(node, TRIM, TWICE).fresh == {"twice"}


def test_rows_and_columns_that_are_gone_are_told(node: Node) -> None:
    seen = _shown(node, {"type": "remove_empty", "columns": ["city"]})
    assert (seen.rows_before, seen.rows_after) == (3, 2)
    assert not seen.changed(0, "city")
    assert _shown(node, {"type": "delete_columns", "columns": ["size"]}).gone == ("size",)


def test_a_step_that_misses_a_column_is_told_at_its_place_and_the_rows_before_it_are_shown(
    node: Node,
) -> None:
    seen = _shown(node, TRIM, {"type": "round", "columns": ["sise"]}, TWICE)
    assert [bool(step.error) for step in seen.steps] == [False, True, False]
    assert "size" in seen.steps[1].error
    assert seen.after == 1


def test_a_step_whose_settings_are_wrong_is_told_at_its_place(node: Node) -> None:
    seen = _shown(node, TRIM, {"type": "formula", "column": "x", "formula": "1 +"}, {"type": "nothing"})
    assert not seen.steps[0].error
    assert seen.steps[1].error
    assert seen.steps[2].error
    assert seen.after == 1


def test_a_step_that_fails_only_on_rows_is_told_at_its_place(node: Node) -> None:
    fill(node, "raw", city=["1", "x"], size=[1, 2])
    seen = _shown(node, {"type": "formula", "column": "n", "formula": "to_integer(pow(10, size * 400))"})
    assert seen.after == 0 or not seen.steps[0].error


def test_an_input_that_was_never_built_is_told(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    assert "not been built" in _shown(node, TRIM).error


def test_each_step_offers_the_columns_that_stand_before_it(node: Node) -> None:
    seen = _shown(node, TWICE, TRIM)
    assert seen.steps[0].columns == ("city", "size")
    assert seen.steps[1].columns == ("city", "size", "twice")


@pytest.mark.parametrize("type", TYPES)
def test_what_is_proposed_for_a_column_is_a_processor_with_fields_it_has(type: Any) -> None:
    for proposal in prepare_steps.proposals(Column(name="a", type=type)):
        kind = registry.kind("processors", str(proposal.values["type"]))
        assert set(proposal.values) - {"type"} <= set(kind.model_fields)


def test_every_processor_is_offered_by_its_label() -> None:
    offered = {offer.type for offer in prepare_steps.processors()}
    assert offered == set(registry.names("processors"))


def test_a_step_is_called_by_its_label_and_what_it_touches() -> None:
    step = {"type": "rename", "columns": {"a": "b"}, "comment": "why"}
    assert prepare_steps.title(step) == "Rename columns: a → b"


def test_a_date_is_proposed_in_the_formats_its_texts_have_and_they_read_them(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    fill(node, "raw", day=["10.02.2025", "2025-01-02", "n/a", "1.3.2025"])
    cells = ["10.02.2025", "2025-01-02", "n/a", "1.3.2025"]
    column = Column(name="day", type="string")
    step = next(p.values for p in prepare_steps.proposals(column, cells) if p.label == "Parse as a date")
    assert step["formats"] == ["dd.MM.yyyy", "yyyy-MM-dd"]
    read = _shown(node, dict(step)).grid["rows"]
    assert [str(row[0])[:10] for row in read] == ["2025-02-10", "2025-01-02", "None", "2025-03-01"]
