"""The drifted columns in a letter."""

from __future__ import annotations

from datetime import UTC, datetime

from penstock.core.drift_report import ColumnDrift, DistanceResult, DriftReport, Univariate
from penstock.core.evaluation import Evaluation
from penstock.core.report import EvaluationView
from penstock.kinds.reporters import _moved


def column(name: str, effect: float, *, drifted: bool = True) -> ColumnDrift:
    return ColumnDrift(
        column=name, handling="numerical", default_handling="numerical",
        distances={"ks": DistanceResult(value=effect, p_value=0.0, effect=effect)},
        verdict="drift" if drifted else "inconclusive",
    )  # fmt: skip


def moved(*columns: ColumnDrift) -> list[_moved.Moved]:
    """What a letter says of an evaluation that found these columns."""
    june = datetime(2026, 6, 1, tzinfo=UTC)
    may = Evaluation(project="P", store="mes", id="m", name="May", created_at=june, prediction_type=None)
    report = DriftReport(univariate=Univariate(columns=columns))
    view = EvaluationView(
        evaluation=may, compared_with="the test set", drift=report, no_drift="", differences=(), course=None
    )
    return list(_moved.told(view))


def test_the_column_that_moved_most_comes_first_with_the_longest_bar() -> None:
    [found] = moved(column("a", 0.1), column("b", 0.4), column("c", 0.9, drifted=False))
    assert found.title == "What moved in May: 2 of 3 columns"
    assert [(c.name, c.effect, c.percent) for c in found.columns] == [("b", "0.40", 100), ("a", "0.10", 25)]
    assert found.foot == "Effect size: 0 = as before, 1 = wholly different, beside the test set."


def test_more_than_five_columns_are_counted() -> None:
    [found] = moved(*(column(f"c{n}", 0.1 + n / 100) for n in range(7)))
    assert len(found.columns) == 5
    assert found.foot.startswith("And 2 more. ")


def test_where_nothing_moved_nothing_is_said() -> None:
    assert moved(column("a", 0.01, drifted=False)) == []
