"""Settings of scores."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from penstock.core import registry
from penstock.core.score import MetricSettings, Score


@pytest.mark.requirement("M31")
def test_gains_default_to_the_fields_own() -> None:
    costs = MetricSettings().cost_matrix
    assert (costs.tp, costs.fp, costs.tn, costs.fn) == (1, -0.3, 0, 0)


def test_a_share_of_nothing_has_no_lift() -> None:
    with pytest.raises(ValidationError):
        MetricSettings(lift_at=0)


def test_every_score_has_its_own_id_and_serves_something() -> None:
    kinds = [registry.kind("scores", name) for name in registry.names("scores") if "." not in name]
    scores = [k for k in kinds if issubclass(k, Score)]
    assert len({k.CODE for k in scores}) == len(scores) == 26
    assert all(k.CODE and k.LABEL and k.SERVES for k in scores)
