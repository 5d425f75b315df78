"""One version of a forecast against another, on the rows held back from training the new one."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from penstock.ml import forecast_file, forecast_promotion, forecast_training
from penstock.ml.forecast_training import TrainedForecast
from tests.ml.shops import design, sales

NAIVE = ["seasonal_naive"]


@cache
def _trained(days: int, naive: bool, horizon: int) -> TrainedForecast:
    more: dict[str, Any] = {"forecasters": NAIVE} if naive else {}
    return forecast_training.train(design(horizon=horizon, **more), sales(days))


def a_version(folder: Path, name: str, *, days: int = 120, naive: bool = False, horizon: int = 5) -> Path:
    forecast_file.save(_trained(days, naive, horizon), folder / name)
    return folder / name


def test_two_versions_of_the_same_rows_are_compared_by_what_training_said(tmp_path: Path) -> None:
    new, old = a_version(tmp_path, "new"), a_version(tmp_path, "old", naive=True)
    both = forecast_promotion.scores(new, old)
    assert not isinstance(both, str)
    for side, naive in zip(both, (False, True), strict=True):
        told = _trained(120, naive, 5).metrics
        assert side == pytest.approx({code: told[code] for code in side})


def test_after_newer_rows_came_the_active_version_is_asked_for_those_it_has_not_learned(
    tmp_path: Path,
) -> None:
    new, old = a_version(tmp_path, "new", days=140), a_version(tmp_path, "old", naive=True)
    both = forecast_promotion.scores(new, old)
    assert not isinstance(both, str)
    assert both[0]["mase"] < both[1]["mase"]
    again = forecast_promotion.scores(new, new)
    assert not isinstance(again, str)
    assert again[0] == again[1]


def test_rows_the_active_version_has_learned_are_no_test(tmp_path: Path) -> None:
    new, old = a_version(tmp_path, "new"), a_version(tmp_path, "old", days=160)
    said = forecast_promotion.scores(new, old)
    assert isinstance(said, str)
    assert "has learned the rows" in said


def test_forecasts_of_different_things_are_not_compared(tmp_path: Path) -> None:
    new, old = a_version(tmp_path, "new"), a_version(tmp_path, "old", horizon=4)
    assert forecast_promotion.scores(new, old) == (
        "the two versions forecast different things: their horizon differs."
    )


def test_a_version_that_kept_nothing_is_told(tmp_path: Path) -> None:
    new, old = a_version(tmp_path, "new"), a_version(tmp_path, "old")
    (new / "judged.parquet").unlink()
    said = forecast_promotion.scores(new, old)
    assert isinstance(said, str)
    assert "Train it again" in said
