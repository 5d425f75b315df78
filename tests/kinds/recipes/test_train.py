"""Train: a new version with everything that must stay with it."""

from __future__ import annotations

import pytest

from penstock.runtime import jobs, training
from recipes.fraud import trained


@pytest.mark.requirement("M91")
def test_a_retrain_adds_a_version_and_activates_it(tmp_path):
    node = trained(tmp_path)
    jobs.build(node, "P", ["authorized"])
    versions = training.versions(node, "P", "authorized")
    assert [v.name for v in versions] == ["Logistic regression - v2", "Logistic regression - v1"]
    assert training.active(node, "P", "authorized") == versions[0].id
