"""Labels: where they come from, which one wins, and how they order an axis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from penstock.core import labels

NOON = datetime(2026, 4, 30, 12, 0, tzinfo=UTC)
ALL = labels.Sources(
    evaluated_at=NOON, dataset="april", model="authorized", version="Logistic regression - v1",
    algorithm="logistic_regression", trained_at=NOON - timedelta(days=1), train_dataset="history",
    test_dataset="history",
)  # fmt: skip


@pytest.mark.requirement("M38")
def test_an_evaluation_of_a_model_has_the_eight_automatic_labels():
    assert labels.automatic(ALL) == {
        "evaluation:date": "2026-04-30 12:00:00",
        "evaluation:model-name": "authorized",
        "evaluationDataset:dataset-name": "april",
        "model:name": "Logistic regression - v1",
        "model:algorithm": "logistic_regression",
        "model:date": "2026-04-29 12:00:00",
        "trainDataset:dataset-name": "history",
        "testDataset:dataset-name": "history",
    }


def test_without_a_model_only_what_is_known_is_labelled():
    standalone = labels.automatic(labels.Sources(evaluated_at=NOON, dataset="april"))
    assert set(standalone) == {"evaluation:date", "evaluationDataset:dataset-name"}


def test_dates_are_written_in_utc():
    elsewhere = NOON.astimezone(timezone(timedelta(hours=2)))
    assert labels.date_text(elsewhere) == "2026-04-30 12:00:00"


def test_tags_of_a_dataset_become_labels_when_they_are_pairs():
    assert labels.from_tags(["raw", "region: EU", "a:b:c"], "trainDataset") == {
        "trainDataset:region": "EU",
        "trainDataset:a": "b:c",
    }


def test_a_later_layer_overrides_and_an_empty_label_removes():
    merged = labels.merged({"a": "1", "b": "2"}, {"a": "3", "b": ""})
    assert merged == {"a": "3"}


def test_labels_of_a_version_get_the_model_domain_once():
    assert labels.prefixed({"region": "EU", "model:team": "ml"}, "model") == {
        "model:region": "EU",
        "model:team": "ml",
    }


@pytest.mark.requirement("M38")
@pytest.mark.parametrize(
    ("values", "axis", "ordered"),
    [
        (
            ["2026-10-01 00:00:00", "2026-09-01 00:00:00"],
            "date",
            ["2026-09-01 00:00:00", "2026-10-01 00:00:00"],
        ),
        (["10", "9", "-1e1"], "number", ["-1e1", "9", "10"]),
        (["10", "9", "May"], "text", ["10", "9", "May"]),
        (["nan", "1"], "text", ["1", "nan"]),
    ],
)
def test_dates_sort_by_time_numbers_by_number_and_the_rest_as_text(values, axis, ordered):
    assert labels.axis(values) == axis
    assert labels.in_order(values) == ordered


@pytest.mark.parametrize(
    ("names", "are"),
    [
        (["2013-10", "2013-09"], True), (["2013-10-07"], True), (["2013-Q4", "2014-Q1"], True),
        (["2013", "2014"], True),
        (["2013-10", "again"], False), (["2013-13"], False), (["2013-10-07 10:00:00"], False), ([], False),
    ],
)  # fmt: skip
def test_months_days_and_quarters_are_periods_and_moments_of_a_run_are_none(
    names: list[str], are: bool
) -> None:
    assert labels.are_periods(names) is are
