"""How a model does on parts of the rows."""

from __future__ import annotations

import numpy as np
import pytest

from penstock.core.errors import ColumnMissing, Invalid
from penstock.ml.subpopulations import EMPTY, OTHERS, groups_of, subpopulations

from .models import trained, visits


@pytest.mark.parametrize("target", ["late", "minutes"])
def test_groups_cover_all_rows_and_compare_with_everyone(target: str) -> None:
    found = subpopulations(trained(target).predictor, visits(), "city")
    assert [g.name for g in found.groups][-1] == EMPTY
    assert sum(g.rows for g in found.groups) == found.everyone.rows == 600
    assert sum(g.share for g in found.groups) == pytest.approx(1)
    code = "auc" if target == "late" else "r2"
    for group in found.groups:
        value, whole = group.performance[code], found.everyone.performance[code]
        assert value is not None
        assert whole is not None
        assert group.difference[code] == pytest.approx(value - whole)
    assert set(found.everyone.difference.values()) <= {0.0, None}


def test_actual_is_the_share_of_positives() -> None:
    found = subpopulations(trained().predictor, visits(), "city")
    rows = [r for r in visits().to_pylist() if r["city"] == found.groups[0].name]
    assert found.groups[0].actual == pytest.approx(np.mean([r["late"] for r in rows]))


def test_many_numbers_become_ranges_and_few_stay_values() -> None:
    ranges = list(groups_of(visits(), "minutes"))
    assert len(ranges) == 5
    assert sum(len(g.rows) for g in ranges) == 600
    assert [g.name for g in groups_of(visits(), "count")] == ["0", "1", "2", "3", "4"]
    assert list(groups_of(visits(), "age"))[-1].name == EMPTY


def test_many_words_end_with_the_others() -> None:
    assert list(groups_of(visits(), "id"))[-1].name == OTHERS


def test_groups_too_small_are_only_named() -> None:
    found = subpopulations(trained().predictor, visits(), "id")
    assert len(found.too_small) == 10
    assert [g.name for g in found.groups] == [OTHERS]


def test_the_sample_is_seeded_and_bounded() -> None:
    one, two = (subpopulations(trained().predictor, visits(), "city", rows=100) for _ in range(2))
    assert one == two
    assert one.everyone.rows == 100


def test_what_cannot_be_compared_is_said() -> None:
    with pytest.raises(Invalid, match="several classes"):
        subpopulations(trained("level").predictor, visits(), "city")
    with pytest.raises(ColumnMissing, match="Did you mean city"):
        subpopulations(trained().predictor, visits(), "citi")
