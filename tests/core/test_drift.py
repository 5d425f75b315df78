"""The rule that says when a column drifts, how columns are handled, and which drift is possible when."""

from __future__ import annotations

import pytest

from penstock.core.drift import (
    ColumnHandling,
    DriftSettings,
    Evidence,
    enough,
    feature_risks,
    judge,
    possible,
    resolve,
)

SETTINGS = DriftSettings()


def evidence(rows: int = 1000, **known: float | int) -> Evidence:
    sizes = {"reference_rows": rows, "current_rows": rows, "reference_size": rows, "current_size": rows}
    return Evidence(**{**sizes, **known})  # type: ignore[arg-type]


def test_a_significant_effect_above_the_tolerance_is_drift() -> None:
    verdict, because = judge(evidence(test_p=0.001, effect=0.2), SETTINGS)
    assert verdict == "drift"
    assert "effect 0.20" in because[0]


@pytest.mark.parametrize("known", [{"test_p": 1e-30, "effect": 0.008}, {"test_p": 0.2, "effect": 0.2}])
def test_neither_significance_nor_size_alone_is_drift(known: dict[str, float]) -> None:
    assert judge(evidence(1_000_000, **known), SETTINGS) == ("inconclusive", ())


def test_a_psi_that_sampling_explains_is_not_drift() -> None:
    assert judge(evidence(psi=0.3, psi_p=0.4), SETTINGS)[0] == "inconclusive"
    assert judge(evidence(psi=0.3, psi_p=0.001), SETTINGS)[0] == "drift"
    assert judge(evidence(psi=0.19, psi_p=0.001), SETTINGS)[0] == "inconclusive"


def test_the_psi_threshold_is_a_setting() -> None:
    assert judge(evidence(psi=0.15, psi_p=0.001), DriftSettings(psi_threshold=0.1))[0] == "drift"


def test_missing_values_alone_can_be_drift() -> None:
    verdict, because = judge(evidence(missing_p=1e-6, missing_difference=0.1), SETTINGS)
    assert verdict == "drift"
    assert "+10.0 percentage points" in because[0]


def test_eight_rows_are_never_drift() -> None:
    assert judge(evidence(8, test_p=1e-9, effect=1.0, psi=9.0, psi_p=1e-9), SETTINGS)[0] == "not enough data"


def test_a_column_that_went_missing_drifts_although_too_few_values_are_left_to_test() -> None:
    known = {"current_size": 3, "missing_p": 0.0, "missing_difference": 0.99, "test_p": 1e-9, "effect": 1.0}
    verdict, because = judge(evidence(1000, **known), SETTINGS)
    assert verdict == "drift"
    assert len(because) == 1


def test_few_values_without_missing_drift_are_not_enough() -> None:
    assert judge(evidence(1000, reference_size=3, current_size=4), SETTINGS)[0] == "not enough data"


def test_enough_rows_follow_from_the_power_to_see_a_large_shift() -> None:
    assert enough(41, 41)
    assert not enough(40, 40)
    assert enough(21, 1_000_000)
    assert not enough(0, 1_000_000)


def test_the_confidence_level_sets_the_significance() -> None:
    assert DriftSettings(confidence_level=0.99).significance == 0.01
    assert SETTINGS.significance == 0.05
    assert judge(evidence(test_p=0.02, effect=0.2), DriftSettings(confidence_level=0.99))[0] == "inconclusive"


def test_auto_takes_the_role_and_falls_back_on_the_type() -> None:
    auto = ColumnHandling()
    assert resolve(auto, role="categorical", by_type="numerical").handling == "categorical"
    assert resolve(auto, role=None, by_type="numerical").handling == "numerical"


def test_a_rejected_feature_is_ignored_unless_switched_on() -> None:
    rejected = resolve(ColumnHandling(), role="rejected", by_type="numerical")
    assert rejected.handling == "ignored"
    assert "rejected" in rejected.reason
    forced = resolve(ColumnHandling(handling="numerical"), role="rejected", by_type="numerical")
    assert (forced.handling, forced.default) == ("numerical", "ignored")


def test_a_column_switched_off_is_ignored_and_says_so() -> None:
    off = resolve(ColumnHandling(enabled=False), role="numerical", by_type="numerical")
    assert off.handling == "ignored"
    assert "Switched off" in off.reason


@pytest.mark.requirement("M82")
def test_performance_drift_is_unavailable_with_a_reason_when_performance_was_skipped() -> None:
    can = possible(has_truth=True, skipped_performance=True)
    assert "skipped" in can.performance
    assert (can.input, can.prediction) == ("", "")


def test_without_truth_performance_drift_says_so_and_the_rest_is_possible() -> None:
    can = possible(has_truth=False)
    assert "no ground truth" in can.performance
    assert can.prediction == ""


def test_without_a_reference_nothing_is_possible() -> None:
    can = possible(has_truth=True, has_reference=False)
    assert can.input == can.prediction == can.performance == "There is no reference to compare with."


@pytest.mark.requirement("M75")
def test_the_importance_scatter_has_one_dot_per_drift_feature_and_both_axes_sum_to_100() -> None:
    dots = feature_risks({"a": 6.0, "b": 3.0, "c": 1.0}, {"a": 0.5, "b": 0.1, "c": 0.2, "target_like": 9.0})
    assert [d.column for d in dots] == ["a", "b", "c"]
    assert sum(d.drift for d in dots) == pytest.approx(100)
    assert sum(d.model or 0 for d in dots) == pytest.approx(100)


def test_only_features_high_on_both_axes_are_risky() -> None:
    dots = feature_risks({"both": 10.0, "drifted": 9.0, "important": 1.0}, {"both": 1.0, "important": 1.0})
    assert {d.column: d.risky for d in dots} == {"both": True, "drifted": False, "important": False}


def test_without_model_importances_the_second_axis_is_left_out() -> None:
    assert [(d.model, d.risky) for d in feature_risks({"a": 1.0}, None)] == [(None, False)]


def test_importances_that_are_all_zero_are_shared_alike() -> None:
    assert [d.drift for d in feature_risks({"a": 0.0, "b": 0.0}, {})] == [50.0, 50.0]
