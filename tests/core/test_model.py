"""Saved models are a few lines of YAML; versions are facts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition
from penstock.core.model import ModelVersion, SavedModel


def test_a_saved_model_is_written_as_short_as_it_was_read() -> None:
    mapping = {
        "design": {"target": "late", "algorithms": [{"type": "lightgbm", "trees": 50}]},
        "activation": "manual",
        "version_labels": {"period": "${period}"},
    }
    model = registry.validate(SavedModel, mapping)
    assert model.to_mapping() == mapping
    assert registry.validate(SavedModel, model.to_mapping()) == model


def test_a_version_has_a_full_id() -> None:
    version = ModelVersion(
        project="FLIGHTS", model="delay", id="v1", name="LightGBM - v1", created_at=datetime(2026, 1, 1, tzinfo=UTC),
        prediction_type="binary", target="late", algorithm="LightGBM",
    )  # fmt: skip
    assert version.full_id == "S-FLIGHTS-delay-v1"


def test_an_unknown_word_is_answered_with_the_nearest() -> None:
    with pytest.raises(
        InvalidDefinition, match=r"design.targett: There is no setting 'targett'.*Did you mean target"
    ):
        registry.validate(SavedModel, {"design": {"targett": "late"}})
