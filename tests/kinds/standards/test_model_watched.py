"""ModelWatched: whoever uses a model looks whether it still holds."""

from __future__ import annotations

from tests.kinds.standards.given import facts, found

CHECK = {"type": "numeric_range", "name": "Drift", "metric": "drift:DATA_DRIFT", "maximum": 0.7}
EVALUATE = {"evaluate": {"type": "evaluate", "input": "rows", "model": "late", "store": "mes"}}


def test_a_model_that_nobody_evaluates_is_named() -> None:
    assert found("model_watched", facts(models={"late": {}})) == [
        "No recipe evaluates model late into a store."
    ]


def test_a_store_without_a_check_watches_nothing() -> None:
    given = facts(models={"late": {}}, recipes=EVALUATE, evaluation_stores={"mes": {}})
    assert found("model_watched", given) == ["No store of model late has a check: mes."]


def test_a_store_with_a_check_is_enough() -> None:
    given = facts(models={"late": {}}, recipes=EVALUATE, evaluation_stores={"mes": {"checks": [CHECK]}})
    assert found("model_watched", given) == []


def test_without_a_model_it_says_nothing() -> None:
    assert found("model_watched", facts()) == ["not applicable"]
