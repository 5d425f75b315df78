"""Comparisons: what differs from the champion, and what two sides of a metric say."""

from __future__ import annotations

import pytest

from penstock.core.comparison import Item, compare, follows_share, performance_drift, with_caution
from penstock.core.errors import Invalid, NotFound


def an_item(name: str, auc: float = 0.8, **fields: object) -> Item:
    return Item(
        **{  # type: ignore[arg-type]
            "id": f"S-FRAUD-authorized-{name}",
            "name": name,
            "prediction_type": "binary",
            "facts": {"algorithm": "logistic_regression"},
            "metrics": {"performance:auc": auc},
            **fields,
        }
    )


@pytest.mark.requirement("M98")
def test_items_of_another_prediction_type_are_refused_by_name():
    with pytest.raises(Invalid, match="fare is regression"):
        compare([an_item("a"), an_item("fare", prediction_type="regression")])


@pytest.mark.requirement("M98")
def test_cells_that_differ_from_the_champion_stand_out():
    items = [an_item("a"), an_item("b", auc=0.9), an_item("c")]
    rows = {row.key: row for row in compare(items, champion=items[0].id).rows}
    assert rows["performance:auc"].stands_out == (False, True, False)
    assert rows["algorithm"].stands_out == (False, False, False)


def test_without_a_champion_the_best_value_of_a_metric_stands_out():
    a = an_item("a", metrics={"performance:auc": 0.8, "performance:logLoss": 0.4, "custom:revenue": 1})
    b = an_item("b", metrics={"performance:auc": 0.9, "performance:logLoss": 0.5, "custom:revenue": 2})
    rows = {
        row.key: row for row in compare([a, b, an_item("c", metrics={}, facts={"algorithm": "ridge"})]).rows
    }
    assert rows["performance:auc"].stands_out == (False, True, False)
    assert rows["performance:logLoss"].stands_out == (True, False, False)
    assert not any(rows["custom:revenue"].stands_out)
    assert not any(rows["algorithm"].stands_out)


@pytest.mark.requirement("M98")
@pytest.mark.parametrize(("rows", "stands_out"), [("100", False), ("10000", True), ("", True)])
def test_a_difference_that_so_few_rows_explain_does_not_stand_out(rows, stands_out):
    items = [an_item(n, auc=v, facts={"rows": rows}) for n, v in (("a", 0.80), ("b", 0.83))]
    found = {row.key: row for row in compare(items, champion=items[0].id).rows}
    assert found["performance:auc"].stands_out == (False, stands_out)


def test_what_one_side_lacks_and_what_always_is_another_do_not_stand_out():
    a = an_item("a", metrics={}, facts={"rows": "1", "version": "x"}, labels={})
    b = an_item("b", facts={"rows": "2", "version": "y"}, labels={"model:name": "b"})
    assert not any(any(row.stands_out) for row in compare([a, b], champion=a.id).rows)


def test_a_metric_one_item_lacks_is_an_empty_cell():
    rows = {row.key: row for row in compare([an_item("a"), an_item("b", metrics={})]).rows}
    assert rows["performance:auc"].values == (0.8, None)


def test_a_champion_that_is_not_compared_is_refused():
    with pytest.raises(NotFound, match="S-FRAUD-authorized-z"):
        compare([an_item("a")], champion="S-FRAUD-authorized-z")


def test_other_gains_are_warned_about():
    items = [an_item("a", parameters={"cost_matrix": "1"}), an_item("b", parameters={"cost_matrix": "2"})]
    assert "cost matrix" in compare(items).warnings[0]


def test_an_empty_comparison_is_empty():
    assert compare([]).rows == ()


@pytest.mark.requirement("M81")
def test_performance_drift_lists_reference_current_and_difference():
    table = performance_drift(
        {"performance:auc": 0.75, "drift:DATA_DRIFT": 0.5},
        {"performance:auc": 0.5, "performance:logLoss": 0.7},
    )
    assert [row.metric_id for row in table] == ["performance:auc", "performance:logLoss"]
    assert (table[0].reference, table[0].current, table[0].difference) == (0.75, 0.5, -0.25)
    assert (table[1].reference, table[1].difference, table[1].better) == (None, None, None)


def test_less_of_a_loss_is_better_and_less_of_a_score_is_worse():
    table = performance_drift(
        {"performance:auc": 0.75, "performance:logLoss": 0.7},
        {"performance:auc": 0.5, "performance:logLoss": 0.6},
    )
    assert [row.better for row in table] == [False, True]


def test_where_shares_moved_scores_that_follow_them_carry_a_caution_and_are_judged_at_the_same_share():
    table = performance_drift(
        {"performance:auc": 0.75, "performance:precision": 0.40, "performance:lift": 1.6},
        {"performance:auc": 0.70, "performance:precision": 0.45, "performance:lift": 1.4},
    )
    told = {
        row.metric_id: row for row in with_caution(table, "The share moved.", {"performance:precision": 0.38})
    }
    assert (told["performance:auc"].caution, told["performance:auc"].better) == ("", False)
    precision = told["performance:precision"]
    assert (precision.difference, precision.at_same_share, precision.better) == (
        pytest.approx(0.05),
        0.38,
        False,
    )
    assert told["performance:lift"].caution == "The share moved."
    assert told["performance:lift"].at_same_share is None


def test_recall_and_roc_auc_do_not_follow_shares_while_precision_and_losses_do():
    following = follows_share()
    assert {"performance:precision", "performance:f1", "performance:logLoss", "performance:lift"} <= following
    assert not {"performance:recall", "performance:auc", "performance:rmse"} & following
