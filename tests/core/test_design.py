"""A design on paper: short forms, defaults, and what is written back."""

from __future__ import annotations

import pytest

from penstock.core import registry
from penstock.core.design import Design, OptimisedThreshold, RandomSplit
from penstock.core.errors import InvalidDefinition


def test_defaults_are_those_of_the_field() -> None:
    design = Design(target="late")
    assert design.split == RandomSplit(type="random", train=0.8, seed=1337)
    assert design.threshold == OptimisedThreshold(optimise="f1")
    assert (design.search.validation, design.search.folds, design.search.seed) == ("k_fold", 5, 1337)
    assert design.metric_settings.cost_matrix.fp == -0.3
    assert design.metric_settings.lift_at == 0.4
    assert design.to_mapping() == {"target": "late"}


def test_short_forms_become_whole_ones() -> None:
    design = registry.validate(
        Design, {"target": "late", "features": {"id": "reject"}, "algorithms": ["ridge"], "metric": "rmse"}
    )
    assert design.to_mapping()["features"] == {"id": {"role": "reject"}}
    assert design.to_mapping()["metric"] == {"type": "rmse"}


def test_a_threshold_is_a_number_or_a_way_to_find_it() -> None:
    assert registry.validate(Design, {"target": "y", "threshold": 0.4}).threshold == 0.4
    found = registry.validate(Design, {"target": "y", "threshold": {"optimise": "accuracy"}}).threshold
    assert found == OptimisedThreshold(optimise="accuracy")


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        ({"threshold": 1.4}, "threshold"),
        ({"split": {"type": "random", "train": 1.0}}, "split"),
        ({"split": {"type": "time"}}, "split"),
        ({"calibration": {"method": "platt"}}, "calibration"),
        ({"algorithms": [{"type": "lightgbn"}]}, "algorithms"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(mapping: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidDefinition, match=field):
        registry.validate(Design, {"target": "y", **mapping})
