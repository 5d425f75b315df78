"""Forecast, and what else is asked of a model that continues series."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from penstock.core.errors import InvalidDefinition, JobFailed
from penstock.testing import KEY, a_project, build, fill, rows
from tests.ml.shops import DESIGN, sales
from tests.web.pages.shopping import shops


def test_series_that_were_never_seen_get_empty_forecasts(tmp_path: Path) -> None:
    node = shops(tmp_path)
    fill(node, "latest", sales(30, ("A", "Z"), ahead=5))
    build(node, "ahead", key=KEY)
    found = rows(node, "ahead")
    assert [r["shop"] for r in found] == ["A"] * 5 + ["Z"] * 5
    assert all(r["forecast"] is not None and r["quantile_0.1"] <= r["quantile_0.9"] for r in found[:5])
    assert all(r["forecast"] is None for r in found[5:])


def test_one_series_that_is_too_short_does_not_keep_the_others_from_their_forecasts(tmp_path: Path) -> None:
    node = shops(tmp_path)
    short = sales(130, ("B",), ahead=5).slice(125)
    fill(node, "latest", pa.concat_tables([sales(130, ("A",), ahead=5), short]))
    build(node, "ahead", key=KEY)
    found = {r["shop"]: r["forecast"] is not None for r in rows(node, "ahead")}
    assert found == {"A": True, "B": False}


@pytest.mark.requirement("D55")
def test_missing_future_externals_are_told_with_series_and_date(tmp_path: Path) -> None:
    node = shops(tmp_path)
    fill(node, "latest", sales())
    with pytest.raises(JobFailed, match="Series shop=A lacks 5 rows with future externals"):
        build(node, "ahead", key=KEY)


def test_score_says_that_a_forecast_has_no_single_rows(tmp_path: Path) -> None:
    node = shops(tmp_path)
    wrong = {"type": "score", "input": "latest", "model": "demand", "output": "scored"}
    a_project(node, {"datasets/scored": {"type": "managed"}, "recipes/wrong": wrong})
    with pytest.raises(JobFailed, match="continues series in time"):
        build(node, "scored", key=KEY)


def test_a_retrain_without_search_keeps_the_way_of_the_active_version(tmp_path: Path) -> None:
    node = shops(tmp_path)
    a_project(node, {"models/demand": {
        "forecast": {**DESIGN, "forecasters": ["seasonal_naive"]}, "search_again": False,
    }})  # fmt: skip
    build(node, "learn_demand", mode="NON_RECURSIVE_FORCED_BUILD", key=KEY)
    assert node.models.version(KEY, "demand").algorithm == "Gradient boosting"


def test_a_model_has_one_sort_of_design(tmp_path: Path) -> None:
    node = shops(tmp_path)
    with pytest.raises(InvalidDefinition, match="not both"):
        a_project(node, {"models/demand": {"forecast": DESIGN, "design": {"target": "sales"}}})
