"""Four measures of fairness, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from penstock.core.errors import Invalid
from penstock.ml import fairness as measures
from penstock.ml.fairness import fairness
from penstock.ml.measures import Counts
from penstock.ml.scoring import score_table

from .models import trained, visits


def test_the_rates_of_a_group() -> None:
    assert measures.rates(Counts(tp=30, fp=10, tn=50, fn=10)) == {
        "positive_rate": 0.4,
        "true_positive_rate": 0.75,
        "false_positive_rate": pytest.approx(1 / 6),
        "positive_predictive_value": 0.75,
    }


def test_disparity_is_the_largest_distance_from_the_reference_group() -> None:
    predictor, table = trained().predictor, visits(500, 3)
    found = fairness(predictor, table, "city", reference="Bonn")
    rows = score_table(predictor, table).to_pylist()
    rate = {
        c: np.mean([r["prediction"] for r in rows if r["city"] == c]) for c in ("Bonn", "Graz", "Bern", None)
    }
    recall = {c: np.mean([r["prediction"] for r in rows if r["city"] == c and r["late"] == 1]) for c in rate}
    assert found.disparity["demographic_parity"] == pytest.approx(
        max(abs(v - rate["Bonn"]) for v in rate.values())
    )
    assert found.disparity["equality_of_opportunity"] == pytest.approx(
        max(abs(v - recall["Bonn"]) for v in recall.values())
    )
    odds, chance = found.disparity["equalised_odds"], found.disparity["equality_of_opportunity"]
    assert odds is not None
    assert chance is not None
    assert odds >= chance


@pytest.mark.requirement("D89")
def test_every_rate_of_every_group_is_what_counting_by_hand_gives() -> None:
    predictor, table = trained().predictor, visits(500, 3)
    found = fairness(predictor, table, "city", reference="Bonn")
    rows = score_table(predictor, table).to_pylist()
    for group in found.groups:
        of = [r for r in rows if (r["city"] or "(empty)") == group.group]
        said = [r for r in of if r["prediction"] == 1]
        true, false = [r for r in of if r["late"] == 1], [r for r in of if r["late"] == 0]
        assert group.rows == len(of)
        assert group.rates == {
            "positive_rate": pytest.approx(len(said) / len(of)),
            "true_positive_rate": pytest.approx(sum(r["prediction"] == 1 for r in true) / len(true)),
            "false_positive_rate": pytest.approx(sum(r["prediction"] == 1 for r in false) / len(false)),
            "positive_predictive_value": pytest.approx(sum(r["late"] == 1 for r in said) / len(said)),
        }


@pytest.mark.requirement("D89")
def test_groups_of_less_than_thirty_rows_are_named_and_so_is_the_group_furthest_away() -> None:
    table = visits(500, 3)
    kept, counted = [], 0
    for row, city in enumerate(table["city"].to_pylist()):
        counted += city == "Graz"
        if city != "Graz" or counted <= 29:
            kept.append(row)
    found = fairness(trained().predictor, table.take(kept), "city", reference="Bonn")
    assert "Graz" in found.too_small
    assert "Bonn" not in found.too_small
    base = next(g for g in found.groups if g.group == "Bonn").rates["positive_rate"]
    assert base is not None
    far = {g.group: abs(rate - base) for g in found.groups if (rate := g.rates["positive_rate"]) is not None}
    assert found.worst["demographic_parity"] == max(far, key=lambda g: far[g])


def test_the_other_outcome_may_be_the_wanted_one() -> None:
    found = fairness(trained().predictor, visits(500, 3), "city", reference="Bonn", positive="0")
    assert found.positive == "0"
    usual = fairness(trained().predictor, visits(500, 3), "city", reference="Bonn")
    assert found.disparity["demographic_parity"] == pytest.approx(usual.disparity["demographic_parity"])
    assert found.disparity["equality_of_opportunity"] != usual.disparity["equality_of_opportunity"]


def test_the_reference_alone_has_nothing_to_differ_from() -> None:
    table = visits(500, 3)
    bonn = table.filter([c == "Bonn" for c in table["city"].to_pylist()])
    assert set(fairness(trained().predictor, bonn, "city", reference="Bonn").disparity.values()) == {None}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"reference": "Rome"}, "'Rome' is no group"),
        ({"reference": "Bonn", "positive": "2"}, "'2' is no class"),
    ],
)
def test_unknown_words_are_refused_with_those_there_are(arguments: dict[str, str], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        fairness(trained().predictor, visits(), "city", **arguments)


def test_only_binary_models_are_compared() -> None:
    with pytest.raises(Invalid, match="binary"):
        fairness(trained("minutes").predictor, visits(), "city", reference="Bonn")
