"""What each processor of Prepare is tried on. A processor without a case fails the suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Case = Mapping[str, Any]

CASES: Mapping[str, list[Case]] = {
    "bin": [
        {"column": "n", "boundaries": [0, 5], "output": "size"},
        {"column": "x", "width": 2, "output": "size", "label": "number"},
        {"column": "n", "quantiles": 3, "output": "size"},
    ],
    "cast": [
        {"columns": ["x"], "to": "string"},
        {"columns": ["n"], "to": "string"},
        {"columns": ["number_text"], "to": "double"},
        {"columns": ["number_text"], "to": "bigint"},
        {"columns": ["x"], "to": "int"},
        {"columns": ["date_text"], "to": "date"},
        {"columns": ["day"], "to": "datetime_tz"},
        {"columns": ["at"], "to": "string"},
        {"columns": ["ok"], "to": "int"},
        {"columns": ["n"], "to": "boolean"},
        {"columns": ["date_text"], "to": "datetime"},
    ],
    "clip": [
        {"columns": ["n", "x"], "lower": 0, "upper": 5},
        {"columns": ["n"], "lower": 0, "outside": "clear"},
    ],
    "concatenate": [
        {"columns": ["name", "kind", "n"], "separator": "-", "output": "all"},
        {"columns": ["name", "kind"], "separator": "|", "skip_empty": True, "output": "all"},
    ],
    "copy_column": [{"column": "name", "output": "again"}],
    "date_difference": [
        {"column": "day", "to_column": "moment", "unit": unit, "output": "apart"}
        for unit in ("years", "months", "days", "hours")
    ],
    "delete_columns": [{"columns": ["name", "x"]}],
    "extract_date_parts": [
        {
            "column": column,
            "parts": [
                "year",
                "quarter",
                "month",
                "week",
                "day",
                "day_of_year",
                "weekday",
                "hour",
                "minute",
                "second",
            ],
        }
        for column in ("at", "day", "moment")
    ],
    "extract_numbers": [
        {"column": "number_text", "output": "number"},
        {"column": "name", "output": "number", "most": 2},
    ],
    "extract_regex": [{"column": "date_text", "pattern": "(?P<year>[0-9]{4})-([0-9]+)", "found": "is_date"}],
    "fill_empty": [
        {"columns": ["name"], "value": "nobody"},
        {"columns": ["n"], "method": "mean"},
        {"columns": ["x"], "method": "median"},
        {"columns": ["kind"], "method": "mode"},
        {"columns": ["n"], "method": "previous", "order_by": ["i"]},
        {"columns": ["day"], "method": "next", "order_by": ["i"]},
        {"columns": ["n"], "value": 0},
    ],
    "filter_rows": [
        {"action": "remove", "rules": [{"column": "n", "operator": "between", "values": [0, 5]}]},
        {"action": "keep", "formula": "isEmpty(name) || x > 1"},
        {"action": "clear", "columns": ["n", "x"], "formula": "n < 0"},
    ],
    "find_replace": [
        {
            "columns": ["kind"],
            "match": "complete",
            "replacements": [{"find": "a", "replace": "A!"}, {"find": "", "replace": "empty"}],
        },
        {
            "columns": ["name"],
            "match": "substring",
            "ignore_case": True,
            "replacements": [{"find": "b", "replace": "_"}],
        },
        {"columns": ["name"], "match": "regex", "replacements": [{"find": "[a-z]+", "replace": "<$0>"}]},
    ],
    "flag_rows": [
        {"output": "flag", "formula": "n > 1"},
        {"output": "flag", "rules": [{"column": "name", "operator": "is empty"}]},
    ],
    "fold": [
        {"columns": ["name", "kind"], "name": "which", "value": "what"},
        {"columns": ["n", "huge"], "name": "which", "value": "what", "skip_empty": True},
    ],
    "format_date": [
        {"column": c, "format": "%d/%m/%Y %H:%M", "output": "text"} for c in ("day", "at", "moment")
    ],
    "formula": [{"column": "double", "formula": "n * 2 + x"}, {"column": "name", "formula": "upper(name)"}],
    "group": [
        {
            "steps": [
                {"type": "string_transform", "columns": ["name"], "do": ["trim"]},
                {"type": "remove_empty", "columns": ["name"]},
            ]
        }
    ],
    "if_then_else": [
        {
            "column": "size",
            "otherwise": "none",
            "cases": [
                {"when": {"rules": [{"column": "n", "operator": ">", "value": 5}]}, "then": "large"},
                {"when": {"formula": "x > 1"}, "then": "other"},
            ],
        }
    ],
    "impute": [
        {"columns": ["n", "x", "kind", "ok"], "numbers": "median", "others": "mode", "flag": True},
        {"columns": ["n", "name"], "numbers": "mean", "others": "constant", "constant": "?"},
    ],
    "keep_columns": [{"columns": ["i", "name"]}],
    "move_column": [{"columns": ["n"], "to": "start"}],
    "parse_date": [
        {"columns": ["date_text"], "formats": ["%d/%m/%Y", "%Y-%m-%d"], "output": "parsed"},
        {"columns": ["date_text"], "formats": ["%Y-%m-%d"], "zone": "Europe/Paris"},
        {"columns": ["date_text"], "to": "date"},
        {"columns": ["date_text"]},
    ],
    "remove_empty": [
        {"columns": ["name", "n"], "when": "any"},
        {"columns": ["name", "kind"], "when": "all", "keep": True},
    ],
    "rename": [{"columns": {"name": "called", "n": "number"}}],
    "round": [
        {"columns": ["x"], "decimals": 1},
        {"columns": ["x"], "direction": "up"},
        {"columns": ["n"], "decimals": -1},
    ],
    "split_column": [
        {"column": "name", "separator": ",", "parts": 2, "prefix": "part_"},
        {"column": "name", "separator": ";", "parts": 2, "prefix": "part_", "rest": "keep", "from_end": True},
    ],
    "string_transform": [
        {"columns": ["name"], "do": [word], "length": 3}
        for word in (
            "upper",
            "lower",
            "capitalize",
            "trim",
            "normalise",
            "truncate",
            "html_escape",
            "html_unescape",
        )
    ],
    "switch_case": [
        {
            "column": "kind",
            "cases": [{"value": "a", "then": "first"}, {"value": "b", "then": "second"}],
            "otherwise": "other",
            "output": "word",
        },
        {"column": "kind", "cases": [{"value": "a", "then": "first"}], "keep_others": True, "output": "word"},
    ],
    "unfold": [
        {
            "column": "kind",
            "modalities": ["a", "b"],
            "value": "n",
            "by": ["ok"],
            "aggregate": aggregate,
            "prefix": "k_",
        }
        for aggregate in ("sum", "count", "max")
    ],
}
