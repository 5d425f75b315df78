"""Performance as the screens show it: the threshold moved, and shares of classes that moved under the scores."""

from __future__ import annotations

from dataclasses import replace

import pytest

from penstock.core.errors import Invalid
from penstock.core.score import CostMatrix
from penstock.runtime.performance import Performance, cut, shift


def measured(
    *, tp: float, fp: float, tn: float, fn: float, classes: tuple[str, ...] = ("0", "1")
) -> Performance:
    point = {"threshold": 0.5, "tp": tp, "fp": fp, "tn": tn, "fn": fn, "gain": 0.0}
    rates = {"accuracy": 0.0, "precision": tp / (tp + fp), "recall": tp / (tp + fn), "f1": 0.0}
    return Performance(
        prediction_type="binary", target="y", classes=classes, scores=(), curves={"decision": [{**point, **rates}]},
        threshold=0.5, costs=CostMatrix(), rows=int(tp + fp + tn + fn),
    )  # fmt: skip


REFERENCE = measured(tp=160, fp=80, tn=720, fn=40)  # share 0.2, hits 0.8, false alarms 0.1


def test_the_same_model_on_more_positives_has_a_caution_and_the_old_precision_at_the_old_share() -> None:
    current = measured(tp=400, fp=50, tn=450, fn=100)  # share 0.5, hits 0.8, false alarms 0.1
    found = shift(REFERENCE, current, 0.95)
    assert found is not None
    assert found.says == "The share of 1 went from 20.0 % to 50.0 % (chi-square p < 0.0001)."
    assert found.at_same_share["performance:precision"] == pytest.approx(160 / 240)
    assert found.at_same_share["performance:f1"] == pytest.approx(2 * 160 / (2 * 160 + 80 + 40))


def test_the_same_share_gives_no_caution() -> None:
    assert shift(REFERENCE, measured(tp=120, fp=200, tn=600, fn=80), 0.95) is None


def test_other_classes_are_not_compared() -> None:
    assert shift(REFERENCE, measured(tp=1, fp=1, tn=1, fn=9, classes=("a", "b")), 0.95) is None


def test_of_three_classes_the_one_that_moved_most_is_told() -> None:
    def of(*matrix: tuple[int, ...]) -> Performance:
        return Performance(
            prediction_type="multiclass", target="y", classes=("a", "b", "c"), scores=(),
            curves={"confusion": matrix}, threshold=None, costs=CostMatrix(), rows=300,
        )  # fmt: skip

    found = shift(of((90, 10, 0), (0, 100, 0), (0, 0, 100)), of((40, 0, 0), (0, 110, 0), (0, 0, 150)), 0.95)
    assert found is not None
    assert (found.name, found.at_same_share) == ("a", {})


def test_the_threshold_in_use_is_cut_exactly_though_it_lies_between_two_of_the_chart() -> None:
    chart = [{"threshold": t, "tp": 5.0, "fp": 5.0, "tn": 5.0, "fn": 5.0, "gain": 0.0} for t in (0.51, 0.52)]
    of = replace(
        measured(tp=160, fp=80, tn=720, fn=40), threshold=0.515,
        curves={"decision": [{**p, "accuracy": 0.5, "precision": 0.5, "recall": 0.5, "f1": 0.5} for p in chart],
                "confusion": ((720.0, 80.0), (40.0, 160.0))},
    )  # fmt: skip
    found = cut(of)
    assert (found.threshold, found.tp, found.fp, found.tn, found.fn) == (0.515, 160, 80, 720, 40)
    assert found.recall == pytest.approx(0.8)
    assert cut(of, 0.51).tp == 5


def test_a_threshold_that_is_not_there_cannot_be_moved() -> None:
    with pytest.raises(Invalid, match="no threshold to move"):
        cut(Performance(
            prediction_type="regression", target="y", classes=(), scores=(), curves={}, threshold=None,
            costs=CostMatrix(), rows=1,
        ))  # fmt: skip
