"""Settings in plain words: what nearly every recipe and check has is said as a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core import registry
from penstock.core.check import Check
from penstock.runtime.documenting import plain

SAID: list[tuple[Any, str]] = [
    ({"rules": [{"column": "day", "operator": "<", "value": "${until}"}]}, "day < ${until}"),
    ({"match": "any", "rules": [{"column": "a", "operator": "is empty"}, {"column": "b", "operator": "in",
     "values": [1, 2]}]}, "a is empty or b in 1, 2"),
    ({"rules": [{"column": "a", "operator": "between", "values": [1, 9]}, {"match": "any", "rules": [
        {"column": "b", "operator": "is true"}, {"column": "c", "operator": ">", "other_column": "d"}]}]},
     "a between 1 and 9 and (b is true or c > d)"),
    ([{"dataset": "flights"}, {"dataset": "weather", "on": [{"left": "origin"}, {"left": "hour"}]},
      {"dataset": "airports", "how": "inner", "on": [{"left": "dest", "right": "faa"}],
       "columns": [{"column": "name", "name": "dest_name"}, {"column": "alt"}]}],
     "flights; weather by origin and hour; airports (inner) by dest = faa, taking name as dest_name, alt"),
    ([{"output": "train", "filter": {"rules": [{"column": "x", "operator": "==", "value": 1}]}}], "train where x == 1"),
    ({"type": "filter_rows", "action": "remove"}, "filter rows (action: remove)"),
    (["a", "b"], "a, b"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "said"), SAID, ids=lambda v: str(v)[:40])
@pytest.mark.requirement("D82")
def test_conditions_joins_and_splits_are_said_as_sentences(value: Any, said: str) -> None:
    assert plain.words(value) == said


def test_a_check_says_its_metric_and_when_it_warns_and_fails() -> None:
    check = registry.validate(
        Check,
        {
            "type": "numeric_range",
            "name": "x",
            "metric": "drift:DATA_DRIFT",
            "soft_maximum": 0.6,
            "maximum": 0.7,
        },
    )
    assert plain.demand(check) == "Data Drift warns above 0.6, fails above 0.7"
