"""What each table recipe is tried on. A recipe without a case fails the suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Case = Mapping[str, Any]
IN: Case = {"input": "rows", "output": "out"}
NUMBERS = ["count", "count_distinct", "sum", "avg", "min", "max", "stddev", "median"]
ORDERED = ["first", "last", "concat"]
BOTH = [{"dataset": "rows"}, {"dataset": "others", "on": [{"left": "kind"}], "prefix": "o_"}]


def joined(how: str, **words: Any) -> Case:
    others = {"dataset": "others", "how": how, "on": [{"left": "kind"}], "prefix": "o_"}
    return {"inputs": [{"dataset": "rows"}, others], "output": "out", **words}


CASES: Mapping[str, list[Case]] = {
    "distinct": [
        {**IN, "columns": ["kind"], "count": "times"},
        {**IN, "columns": ["kind", "ok"]},
        IN,
    ],
    "filter": [
        {**IN, "filter": {"rules": [{"column": "name", "operator": "is empty"}]}},
        {**IN, "filter": {"rules": [{"column": "n", "operator": ">=", "value": "2"}]}},
        {**IN, "filter": {"formula": "x > 1 || kind == 'b'"}},
        {**IN, "filter": {"formula": "contains(name, 'Zoë') || huge > 4000000000000000000"}},
        {**IN, "filter": {"formula": "at >= '2024-01-01T00:00:00+01:00'"}},
    ],
    "group": [
        {
            **IN,
            "keys": ["kind"],
            "aggregates": [
                {"column": "n", "functions": NUMBERS},
                {"column": "x", "functions": ["count", "count_distinct", "min", "max", "sum", "avg"]},
                {"column": "ok", "functions": ["count", "sum", "avg", "min", "max"]},
                {"column": "day", "functions": ["min", "max", "count_distinct"]},
                {"column": "at", "functions": ["min", "max"]},
            ],
        },
        {
            **IN,
            "keys": ["kind"],
            "order": ["i"],
            "aggregates": [
                {"column": "name", "functions": ["min", "max", "count_distinct", *ORDERED]},
                {"column": "n", "functions": ORDERED},
            ],
        },
        {**IN, "aggregates": [{"column": "huge", "functions": ["min", "max", "count", "avg"]}]},
        {
            **IN,
            "keys": ["ok", "kind"],
            "aggregates": [{"name": "half", "formula": "n / 2", "functions": ["sum"]}],
            "pre_filter": {"formula": "n != 0"},
            "post_filter": {"formula": "count > 0"},
        },
    ],
    "join": [
        *(joined(how) for how in ("inner", "left", "right", "full", "left_anti", "right_anti")),
        {
            "inputs": [
                {"dataset": "rows", "columns": ["i"]},
                {"dataset": "others", "how": "cross", "columns": ["j"]},
            ],
            "output": "out",
        },
        joined("inner", unmatched_left="left", unmatched_right="right"),
        {
            "inputs": [
                {"dataset": "rows", "columns": ["i", "n"]},
                {"dataset": "others", "on": [{"left": "n", "right": "j", "operator": "<"}], "columns": ["j"]},
            ],
            "output": "out",
        },
    ],
    "pivot": [
        {
            **IN,
            "rows": ["ok"],
            "column": "kind",
            "cells": [
                {"function": "count"},
                {"function": "avg", "column": "n"},
                {"function": "max", "column": "day"},
            ],
            "modalities": {"keep": "explicit", "values": ["a", "b", ""]},
            "totals": [{"function": "count"}, {"function": "sum", "column": "n"}],
        },
    ],
    "prepare": [
        {
            **IN,
            "steps": [
                {"type": "parse_date", "columns": ["date_text"]},
                {"type": "formula", "column": "double", "formula": "n * 2"},
                {"type": "fill_empty", "columns": ["name"], "value": "nobody"},
                {"type": "delete_columns", "columns": ["json"]},
            ],
        },
    ],
    "sort": [
        {**IN, "order": ["kind", "-n", "i"]},
        {**IN, "order": ["-x", "i"]},
        {**IN, "order": ["name"]},
        {**IN, "order": ["-at", "ok", "i"]},
    ],
    "split": [
        {
            "input": "rows",
            "method": "values",
            "column": "kind",
            "rest": "rest",
            "parts": [{"output": "a", "values": ["a", None]}, {"output": "b", "values": ["b"]}],
        },
        {
            "input": "rows",
            "method": "filters",
            "rest": "rest",
            "parts": [
                {"output": "a", "filter": {"formula": "n > 1"}},
                {"output": "b", "filter": {"formula": "ok"}},
            ],
        },
        {
            "input": "rows",
            "method": "random",
            "parts": [{"output": "a", "share": 0.5}, {"output": "b", "share": 0.5}],
        },
        {
            "input": "rows",
            "method": "random_values",
            "column": "kind",
            "parts": [{"output": "a", "share": 0.5}, {"output": "b", "share": 0.5}],
        },
        {
            "input": "rows",
            "method": "order",
            "order": ["huge", "i"],
            "parts": [{"output": "a", "share": 0.3}, {"output": "b", "share": 0.7}],
        },
    ],
    "stack": [
        {"inputs": ["rows", "others"], "output": "out", "origin_column": "from"},
        {"inputs": ["rows", "others"], "output": "out", "mode": "intersection"},
        {"inputs": ["rows", "others"], "output": "out", "mode": "like", "like": "others"},
    ],
    "sync": [IN],
    "top": [
        {
            **IN,
            "group": ["kind"],
            "order": ["-n", "i"],
            "first": 1,
            "last": 1,
            "rank": "place",
            "rest": "rest",
        },
        {**IN, "order": ["x", "i"], "first": 3},
    ],
    "window": [
        {
            **IN,
            "partition": ["kind"],
            "order": ["i"],
            "columns": [
                {"function": "lag", "column": "n", "name": "before"},
                {"function": "lead", "column": "name", "name": "after"},
                {"function": "row_number", "name": "number"},
                {"function": "rank", "name": "place"},
                {"function": "dense_rank", "name": "dense"},
                {"function": "sum", "column": "n", "name": "running"},
                {
                    "function": "avg",
                    "column": "n",
                    "frame": {"by": "rows", "before": 2, "after": 0},
                    "name": "smooth",
                },
                {"function": "count", "column": "x", "name": "seen"},
                {"function": "min", "column": "day", "name": "earliest"},
            ],
        },
        {
            **IN,
            "columns": [
                {"function": "max", "column": "n", "name": "most"},
                {"function": "stddev", "column": "n", "name": "spread"},
            ],
        },
    ],
}
