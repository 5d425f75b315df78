"""The Prepare recipe: steps in order, disabled ones skipped, errors that name the step."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa
import pytest

from penstock.core import registry
from penstock.core.errors import Invalid, InvalidDefinition
from penstock.core.variables import expand, used


def a_prepare(*steps: dict[str, Any]) -> Any:
    return registry.parse(
        "recipes", {"type": "prepare", "input": "raw", "output": "clean", "steps": list(steps)}
    )


def prepared(recipe: Any, **columns: Any) -> dict[str, list[Any]]:
    table = ibis.memtable(pa.table(columns))
    return dict(ibis.duckdb.connect().to_pyarrow(recipe.transform(table)).to_pydict())


def test_steps_follow_each_other_and_disabled_ones_are_skipped() -> None:
    recipe = a_prepare(
        {"type": "formula", "column": "b", "formula": "a * 2"},
        {"type": "delete_columns", "columns": ["a"], "disabled": True, "comment": "maybe later"},
        {"type": "filter_rows", "formula": "b > 2"},
    )
    assert prepared(recipe, a=[1, 2, None]) == {"a": [2], "b": [4]}
    assert recipe.reads == ("raw",)
    assert recipe.writes == ("clean",)


def test_no_step_at_all_is_a_copy() -> None:
    assert prepared(a_prepare(), a=["x", None]) == {"a": ["x", None]}


def test_a_failing_step_is_named_with_its_number() -> None:
    recipe = a_prepare(
        {"type": "rename", "columns": {"a": "b"}}, {"type": "formula", "column": "c", "formula": "a + 1"}
    )
    with pytest.raises(Invalid, match=r"Step 2 \(formula\): There is no column 'a'"):
        prepared(recipe, a=[1])


def test_a_broken_step_is_refused_at_save_with_its_place() -> None:
    with pytest.raises(InvalidDefinition, match=r"steps\.1\.formula: Character 1: .*Did you mean round"):
        a_prepare(
            {"type": "remove_empty", "columns": "a"}, {"type": "formula", "column": "c", "formula": "roud(a)"}
        )


@pytest.mark.requirement("A11")
def test_variables_in_steps_take_their_values_at_run_time() -> None:
    recipe = a_prepare(
        {
            "type": "filter_rows",
            "comment": "from ${start_date}",
            "rules": [{"column": "day", "operator": "between", "values": ["${start_date}", "${end_date}"]}],
        },
        {"type": "formula", "column": "x", "formula": "n * ${factor} + variables['offset']"},
        {"type": "keep_columns", "columns": ["${kept}", "x"]},
    )
    assert used(recipe) == {"start_date", "end_date", "factor", "offset", "kept"}
    columns = {"day": ["2013-01-01", "2013-02-01", "2013-03-01"], "n": [1, 2, 3]}
    values = {"start_date": "2013-01-15", "end_date": "2013-02-15", "factor": 10, "offset": 5, "kept": "day"}
    assert prepared(expand(recipe, values), **columns) == {"day": ["2013-02-01"], "x": [25]}
    later = expand(recipe, {**values, "end_date": "2013-12-31"})
    assert prepared(later, **columns)["x"] == [25, 35]


def test_a_long_chain_of_steps_stays_one_small_query() -> None:
    steps = [{"type": "formula", "column": "a", "formula": "a + a"} for _ in range(30)]
    texts = [
        {"type": "string_transform", "columns": "t", "do": ["trim", "lower", "normalise"]} for _ in range(10)
    ]
    words = [{"find": f"w{n}", "replace": f"w{n + 1}"} for n in range(12)]
    recipe = a_prepare(*steps, *texts, {"type": "find_replace", "columns": "t", "replacements": words})
    table = ibis.memtable(pa.table({"a": [1], "t": ["W0 "]}))
    assert len(ibis.to_sql(recipe.transform(table))) < 100_000
    assert prepared(recipe, a=[1], t=["W0 "]) == {"a": [2**30], "t": ["w12"]}


def test_the_columns_of_the_output_are_known_before_it_runs() -> None:
    from penstock.core.schema import Column

    recipe = a_prepare(
        {"type": "parse_date", "columns": "t"},
        {"type": "extract_date_parts", "column": "t", "parts": ["month"]},
        {"type": "impute", "numbers": "mean"},
        {"type": "flag_rows", "output": "late", "formula": "n > 15"},
    )
    found = recipe.schemas({"raw": (Column(name="t"), Column(name="n", type="int"))})["clean"]
    assert [(c.name, c.type) for c in found] == [
        ("t", "datetime"), ("t_month", "double"), ("n", "double"), ("late", "tinyint"),
    ]  # fmt: skip


def test_every_step_we_have_can_be_done_inside_a_database() -> None:
    assert a_prepare({"type": "formula", "column": "x", "formula": "1"}).untranslatable() == []
