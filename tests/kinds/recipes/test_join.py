"""Join: seven ways, conditions of every sort, names that never collide, rows without a match."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from penstock.core.errors import ColumnMissing, Invalid, InvalidDefinition, NotFound
from penstock.core.registry import parse

FLIGHTS = {"origin": ["JFK", "LGA", None, "EWR", "jfk "], "hour": [1, 2, 3, 4, 5]}
WEATHER = {"origin": ["JFK", "JFK", "EWR", None, "BOS"], "temp": [10.0, 11.0, None, 13.0, 14.0]}


def join(how: str, **more: Any) -> dict[str, Any]:
    second = {"dataset": "weather", "how": how, **more}
    if how != "cross" and "on" not in second:
        second["on"] = [{"left": "origin"}]
    return {"type": "join", "inputs": [{"dataset": "flights"}, second], "output": "out"}


@pytest.mark.requirement("A17")
@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("inner", [("JFK", 1, 10.0), ("JFK", 1, 11.0), ("EWR", 4, None)]),
        (
            "left",
            [
                ("JFK", 1, 10.0), ("JFK", 1, 11.0), ("LGA", 2, None), (None, 3, None), ("EWR", 4, None),
                ("jfk ", 5, None),
            ],
        ),
        (
            "right",
            [("JFK", 1, 10.0), ("JFK", 1, 11.0), ("EWR", 4, None), (None, None, 13.0), ("BOS", None, 14.0)],
        ),
        (
            "full",
            [
                ("JFK", 1, 10.0), ("JFK", 1, 11.0), ("LGA", 2, None), (None, 3, None), ("EWR", 4, None),
                ("jfk ", 5, None), (None, None, 13.0), ("BOS", None, 14.0),
            ],
        ),
    ],
)  # fmt: skip
def test_the_ways_that_put_columns_side_by_side_take_the_key_once(
    run: Any, how: str, expected: list[Any]
) -> None:
    assert [tuple(r.values()) for r in run(join(how), FLIGHTS, WEATHER)] == expected


@pytest.mark.requirement("A17")
def test_anti_joins_keep_what_has_no_match_and_only_its_columns(run: Any) -> None:
    assert [r["hour"] for r in run(join("left_anti"), FLIGHTS, WEATHER)] == [2, 3, 5]
    assert run(join("right_anti"), FLIGHTS, WEATHER) == [
        {"origin": None, "temp": 13.0}, {"origin": "BOS", "temp": 14.0},
    ]  # fmt: skip


@pytest.mark.requirement("A17")
def test_a_cross_join_gives_every_pair_in_order(run: Any) -> None:
    rows = run(join("cross"), {"a": [1, 2]}, {"b": ["x", "y"]})
    assert [tuple(r.values()) for r in rows] == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]


@pytest.mark.requirement("A17")
def test_rows_without_a_match_go_to_outputs_of_their_own(ran: Any) -> None:
    definition = {**join("inner"), "unmatched_left": "lonely", "unmatched_right": "unused"}
    found = ran(definition, FLIGHTS, WEATHER)
    assert len(found["out"]) == 3
    assert [r["hour"] for r in found["lonely"]] == [2, 3, 5]
    assert [r["temp"] for r in found["unused"]] == [13.0, 14.0]


def test_case_and_blanks_may_be_ignored(run: Any) -> None:
    on = [{"left": "origin", "ignore_case": True, "trim": True}]
    assert [r["hour"] for r in run(join("inner", on=on), FLIGHTS, WEATHER)] == [1, 1, 4, 5, 5]


def test_several_keys_and_inequalities_all_must_hold(run: Any) -> None:
    on = [{"left": "k"}, {"left": "at", "right": "since", "operator": ">="}]
    rows = run(join("left", on=on), {"k": ["a", "a"], "at": [1, 5]}, {"k": ["a", "a"], "since": [2, 4]})
    assert [tuple(r.values()) for r in rows] == [("a", 1, None), ("a", 5, 2), ("a", 5, 4)]


def test_a_name_that_is_taken_gets_its_dataset_before_it_and_a_prefix_or_a_choice_avoids_that(
    run: Any,
) -> None:
    left, right = {"k": [1], "year": [2013]}, {"k": [1], "year": [1999], "seats": [100]}
    on = [{"left": "k"}]
    assert run(join("left", on=on), left, right) == [
        {"k": 1, "year": 2013, "weather_year": 1999, "seats": 100}
    ]
    assert run(join("left", on=on, prefix="p_"), left, right)[0] == {
        "k": 1, "year": 2013, "p_year": 1999, "p_seats": 100,
    }  # fmt: skip
    picked = ["seats", {"column": "year", "name": "built"}]
    assert run(join("left", on=on, columns=picked), left, right) == [
        {"k": 1, "year": 2013, "seats": 100, "built": 1999}
    ]


def test_three_datasets_one_of_them_twice(run: Any) -> None:
    definition = {
        "type": "join",
        "inputs": [
            {"dataset": "flights"},
            {
                "dataset": "airports",
                "alias": "start",
                "on": [{"left": "origin", "right": "faa"}],
                "prefix": "from_",
            },
            {
                "dataset": "airports",
                "alias": "end",
                "on": [{"left": "dest", "right": "faa"}],
                "prefix": "to_",
            },
        ],
    }
    airports = {"faa": ["JFK", "LAX"], "city": ["New York", "Los Angeles"]}
    rows = run(definition, {"origin": ["JFK"], "dest": ["LAX"]}, airports)
    assert rows == [
        {
            "origin": "JFK", "dest": "LAX", "from_faa": "JFK", "from_city": "New York", "to_faa": "LAX",
            "to_city": "Los Angeles",
        }
    ]  # fmt: skip


def test_left_columns_may_come_from_any_earlier_input(run: Any) -> None:
    definition = {
        "type": "join",
        "inputs": [
            {"dataset": "a"},
            {"dataset": "b", "on": [{"left": "k"}]},
            {"dataset": "c", "on": [{"left": "m", "of": "b"}]},
        ],
    }
    rows = run(definition, {"k": [1], "m": [0]}, {"k": [1], "m": [7]}, {"m": [7, 0], "z": ["yes", "no"]})
    assert rows == [{"k": 1, "m": 0, "b_m": 7, "c_m": 7, "z": "yes"}]


def test_filters_of_an_input_and_of_the_result(run: Any) -> None:
    definition = join("left", pre_filter={"formula": "temp > 10"})
    definition["post_filter"] = {"rules": [{"column": "temp", "operator": "is not empty"}]}
    assert [r["temp"] for r in run(definition, FLIGHTS, WEATHER)] == [11.0]


@pytest.mark.parametrize(
    ("on", "error", "said"),
    [
        ([{"left": "orign"}], ColumnMissing, r"flights has no column 'orign'.*Did you mean origin"),
        ([{"left": "origin", "right": "orign"}], ColumnMissing, "weather has no column 'orign'"),
        ([{"left": "origin", "of": "flight"}], NotFound, "Did you mean flights"),
        ([{"left": "hour", "right": "origin"}], Invalid, "int64.*string"),
    ],
)
def test_conditions_that_cannot_hold_are_named_before_anything_runs(
    run: Any, on: list[dict[str, Any]], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        run(join("left", on=on), FLIGHTS, WEATHER)


def test_a_join_that_makes_no_sense_is_refused_when_it_is_saved() -> None:
    with pytest.raises(InvalidDefinition, match="needs an alias"):
        parse(
            "recipes", {**join("left"), "inputs": [{"dataset": "a"}, {"dataset": "a", "on": [{"left": "k"}]}]}
        )
    with pytest.raises(InvalidDefinition, match="takes no condition"):
        parse("recipes", join("cross", on=[{"left": "k"}]))
    with pytest.raises(InvalidDefinition, match="needs some"):
        parse("recipes", join("left", on=[]))


def test_rows_come_in_the_order_of_the_first_input_however_large_the_second(run: Any) -> None:
    left = {"k": [i % 7 for i in range(5000)], "id": list(range(5000))}
    right = {"k": list(range(20_000)), "v": list(range(20_000))}
    rows = run(join("inner", on=[{"left": "k"}]), left, right)
    assert [r["id"] for r in rows] == list(range(5000))


def test_no_rows_on_either_side(run: Any) -> None:
    nothing = pa.table({"origin": pa.array([], pa.string()), "temp": pa.array([], pa.float64())})
    assert run(join("inner"), FLIGHTS, nothing) == []
    assert len(run(join("left"), FLIGHTS, nothing)) == 5
