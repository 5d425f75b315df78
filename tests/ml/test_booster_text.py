"""LightGBM's text form is checked before compiled code follows its trees."""

from __future__ import annotations

import re

import numpy as np
import pytest

from penstock.core.errors import UntrustedModel
from penstock.ml import booster_text
from penstock.ml.scorer import LightgbmScorer

from .models import TARGETS, trained


def text_of(target: str) -> tuple[str, int, int]:
    predictor = trained(target).predictor
    assert isinstance(predictor.scorer, LightgbmScorer)
    return predictor.scorer.text(), len(predictor.preparation.columns), len(predictor.classes)


@pytest.mark.parametrize("target", TARGETS)
def test_every_prediction_type_comes_back(target: str) -> None:
    text, width, classes = text_of(target)
    predictor = trained(target).predictor
    opened = booster_text.open_booster(text, predictor.prediction_type, width=width, classes=classes)
    rows = np.random.default_rng(0).normal(size=(20, width))
    again = LightgbmScorer(opened, predictor.prediction_type)
    np.testing.assert_array_equal(again.raw(rows), predictor.scorer.raw(rows))


@pytest.mark.parametrize(
    ("key", "place", "value"),
    [
        ("left_child", 0, "0"),
        ("left_child", 0, "30"),
        ("right_child", 1, "-99"),
        ("right_child", 1, "0"),
        ("split_feature", 0, "999"),
        ("split_feature", 0, "-1"),
    ],
)
def test_a_tree_that_points_outside_itself_is_refused(key: str, place: int, value: str) -> None:
    text, width, classes = text_of("late")

    def forge(line: re.Match[str]) -> str:
        words = line.group(2).split()
        words[place] = value
        return f"{line.group(1)}{' '.join(words)}"

    forged = re.sub(rf"^({key}=)(.*)$", forge, text, count=1, flags=re.M)
    assert forged != text
    with pytest.raises(UntrustedModel, match="points outside itself"):
        booster_text.check(forged, "binary", width=width, classes=classes)


@pytest.mark.parametrize(
    ("old", "new"),
    [("num_cat=0", "num_cat=1"), ("is_linear=0", "is_linear=1"), ("leaf_value=", "leaf_value=0 ")],
)
def test_other_sorts_of_trees_are_refused(old: str, new: str) -> None:
    text, width, classes = text_of("late")
    with pytest.raises(UntrustedModel, match="points outside itself"):
        booster_text.check(text.replace(old, new, 1), "binary", width=width, classes=classes)


def test_a_text_for_another_task_is_refused() -> None:
    text, width, classes = text_of("late")
    for kind, wide in (("regression", width), ("binary", width + 1)):
        with pytest.raises(UntrustedModel, match="does not fit"):
            booster_text.check(text, kind, width=wide, classes=classes)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "tree", "tree\nmax_feature_idx=x", "\nTree=0\nnum_leaves=2"])
def test_a_damaged_text_is_refused(text: str) -> None:
    with pytest.raises(UntrustedModel, match="damaged"):
        booster_text.open_booster(text, "binary", width=3, classes=2)
