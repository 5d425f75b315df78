"""The global drift score: what it is given, what it says, and that it is right about it."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.drift import ColumnHandling, DriftSettings
from penstock.core.drift_report import GlobalDrift
from penstock.ml.classifier import global_drift
from penstock.ml.intervals import more_than_half, wilson

ROLES = {f"n{k}": "numerical" for k in range(8)}


def side(rows: int, shift: float = 0.0, *, seed: int) -> pa.Table:
    """Eight standard normal features; the first one shifted."""
    values = np.random.default_rng(seed).normal(size=(rows, 8))
    values[:, 0] += shift
    return pa.table({f"n{k}": values[:, k] for k in range(8)})


def score(reference: pa.Table, current: pa.Table, **settings: object) -> GlobalDrift:
    return global_drift(reference, current, settings=DriftSettings(**settings))  # type: ignore[arg-type]


@pytest.mark.requirement("M57")
def test_the_larger_side_is_cut_to_the_smaller_and_the_result_says_so() -> None:
    found = score(side(300, seed=1), side(1_000, seed=2))
    assert (found.reference_rows, found.current_rows, found.drawn_each) == (300, 1_000, 300)
    assert found.sample == "Sample: 600 rows (300 drawn from reference, 300 from current)"
    assert any("Only 300 rows a side" in w for w in found.warnings)


def test_thirty_percent_are_held_out_as_in_the_golden_example() -> None:
    assert score(side(179, seed=1), side(891, seed=2)).held_out == 107


@pytest.mark.requirement("M58")
@pytest.mark.parametrize("seed", range(4))
def test_two_samples_of_one_distribution_score_about_one_half(seed: int) -> None:
    found = score(side(2_000, seed=2 * seed), side(2_000, seed=2 * seed + 1), seed=seed)
    assert found.score is not None
    assert 0.45 <= found.score <= 0.55


@pytest.mark.requirement("M59")
@pytest.mark.parametrize("seed", range(3))
def test_a_shift_is_detected_and_a_larger_one_scores_more(seed: int) -> None:
    reference = side(2_000, seed=10 + seed)
    one, two = (score(reference, side(2_000, shift, seed=20 + seed)) for shift in (1.0, 2.0))
    assert one.score is not None
    assert two.score is not None
    assert two.score > one.score > 0.62
    assert (one.verdict, two.verdict) == ("drift detected", "drift detected")


@pytest.mark.requirement("M60", "M61", "M65")
def test_score_interval_test_and_verdict_follow_from_the_rows_told_right() -> None:
    found = score(side(600, seed=1), side(600, 0.3, seed=2))
    assert found.score == found.correct / found.held_out
    assert (found.lower, found.upper) == wilson(found.correct, found.held_out, 0.95)
    assert found.p_value == more_than_half(found.correct, found.held_out)
    assert found.verdict == ("drift detected" if found.p_value <= 0.05 else "inconclusive")


@pytest.mark.requirement("M61")
def test_without_drift_the_verdict_is_inconclusive_and_more_confidence_widens_the_interval() -> None:
    sides = side(700, seed=3), side(700, seed=4)
    usual, strict = score(*sides), score(*sides, confidence_level=0.99)
    assert usual.verdict == strict.verdict == "inconclusive"
    assert usual.score == strict.score
    assert (strict.lower or 1) < (usual.lower or 0)
    assert (strict.upper or 0) > (usual.upper or 1)


@pytest.mark.requirement("M62")
def test_columns_that_are_no_input_features_change_nothing() -> None:
    reference, current = side(400, seed=5), side(400, 0.5, seed=6)
    plain = global_drift(reference, current, ROLES)
    for word in ("target", "prediction", "proba_1", "rejected"):
        leaky = [
            t.append_column(word, pa.array([n] * t.num_rows)) for n, t in enumerate((reference, current))
        ]
        assert global_drift(*leaky, {**ROLES, word: "rejected"}) == plain
        assert global_drift(*leaky, ROLES) == plain


@pytest.mark.requirement("M63")
def test_excluding_the_only_shifted_column_brings_the_score_back_to_one_half() -> None:
    sides = side(2_000, seed=7), side(2_000, 1.0, seed=8)
    found = score(*sides, columns={"n0": ColumnHandling(enabled=False)})
    assert "n0" not in found.columns
    assert found.score is not None
    assert 0.45 <= found.score <= 0.55


@pytest.mark.requirement("M64")
def test_over_a_hundred_repetitions_without_drift_false_alarms_are_at_most_ten() -> None:
    runs = [score(side(250, seed=2 * n), side(250, seed=2 * n + 1), seed=n) for n in range(100)]
    assert sum(found.verdict == "drift detected" for found in runs) <= 10
    assert np.mean([found.score for found in runs if found.score]) == pytest.approx(0.5, abs=0.012)


@pytest.mark.requirement("M66")
def test_identical_rows_score_one_half_and_raise_an_overlap_warning() -> None:
    same = side(1_000, seed=9)
    found = score(same, same)
    assert found.score == 0.5
    assert any("also in the reference" in w for w in found.warnings)


@pytest.mark.requirement("M66")
@pytest.mark.parametrize("share", [0.2, 0.5])
def test_shared_rows_do_not_pull_the_score_below_one_half(share: float) -> None:
    reference, fresh = side(2_000, seed=11), side(2_000, seed=12)
    kept = int(2_000 * share)
    mixed = pa.concat_tables([reference.slice(0, kept), fresh.slice(kept)])
    found = score(reference, mixed)
    assert found.score is not None
    assert 0.45 <= found.score <= 0.55


def test_identical_rows_of_few_categories_are_told_apart_by_their_shares() -> None:
    random = np.random.default_rng(0)
    a, b = (
        pa.table({"c": random.choice(list("abc"), 2_000, p=p)}) for p in ([0.6, 0.2, 0.2], [0.2, 0.2, 0.6])
    )
    assert (score(a, b).score or 0) > 0.62
    assert score(a, a).score == pytest.approx(0.5, abs=0.05)


@pytest.mark.requirement("M28")
def test_the_same_seed_gives_the_same_result_with_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("penstock.ml.classifier.SMALL", 0)
    sides = side(900, seed=13), side(1_200, 0.4, seed=14)
    assert score(*sides, threads=1) == score(*sides, threads=2) == score(*sides, threads=2)
    assert score(*sides, seed=1) != score(*sides, seed=2)


def test_the_shifted_feature_is_the_most_important_and_importances_sum_to_100() -> None:
    found = score(side(1_000, seed=15), side(1_000, 1.0, seed=16))
    assert max(found.importances, key=lambda name: found.importances[name]) == "n0"
    assert sum(found.importances.values()) == pytest.approx(100)
    assert list(found.importances) == [f"n{k}" for k in range(8)]


def test_categories_missing_values_and_times_are_used() -> None:
    random = np.random.default_rng(0)

    def table(p: float, day: int) -> pa.Table:
        letters = np.where(random.random(800) < p, "a", random.choice(list("bcdefgh"), 800))
        return pa.table(
            {
                "letter": pa.array(np.where(random.random(800) < 0.1, None, letters), pa.string()),
                "flag": pa.array(random.random(800) < 0.5),
                "at": pa.array([dt.datetime(2024, 1, day, int(h)) for h in random.integers(0, 24, 800)]),
                "x": pa.array(np.where(random.random(800) < 0.1, np.inf, random.normal(size=800))),
                "gone": pa.nulls(800, pa.float64()),
            }
        )

    assert (score(table(0.1, 3), table(0.6, 3)).score or 0) > 0.65
    assert (score(table(0.5, 3), table(0.5, 9)).score or 0) > 0.95


def test_an_increasing_number_that_tells_the_sides_apart_is_pointed_out() -> None:
    reference, current = side(600, seed=17), side(600, seed=18)
    ids = [
        reference.append_column("id", pa.array(range(600))),
        current.append_column("id", pa.array(range(600, 1200))),
    ]
    found = score(*ids)
    assert (found.score or 0) > 0.95
    assert any("'id' alone tells the sides apart" in w for w in found.warnings)


def test_without_a_usable_column_there_is_no_score_but_a_reason() -> None:
    found = score(pa.table({"a": [[1]] * 9}), pa.table({"a": [[1]] * 9}))
    assert (found.score, found.p_value, found.verdict) == (None, None, "")
    assert "no column" in found.reason


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_with_hardly_a_row_there_is_no_score_but_a_reason(rows: int) -> None:
    found = score(side(rows, seed=1), side(50, seed=2))
    assert found.score is None
    assert "at least 4 rows" in found.reason


def test_a_few_rows_and_constant_columns_give_a_wide_interval_and_no_error() -> None:
    constant = pa.table({"a": [1.0] * 20, "b": ["x"] * 20})
    found = score(constant, constant)
    assert found.verdict == "inconclusive"
    assert (found.upper or 0) - (found.lower or 1) > 0.4
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_column_that_cannot_be_encoded_is_left_out_with_a_warning() -> None:
    sides = [side(200, seed=n).append_column("word", pa.array(["a", "b"] * 100)) for n in range(2)]
    found = global_drift(*sides, {**ROLES, "word": "numerical"})
    assert "word" not in found.columns
    assert any("'word' was left out of the drift model" in w for w in found.warnings)
