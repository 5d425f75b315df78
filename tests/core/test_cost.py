"""What work will take, foretold from rows and columns."""

from __future__ import annotations

import pytest

from penstock.core import cost
from penstock.core.cost import Cost


@pytest.mark.parametrize("work", ["join", "ordered join", "group", "score", "drift", "prepare"])
def test_more_rows_and_columns_never_cost_less(work: str) -> None:
    small, long, wide = (cost.estimate(work, r, c) for r, c in ((10**6, 20), (10**7, 20), (10**6, 200)))
    assert small.seconds < long.seconds
    assert small.processor < long.processor
    assert small.seconds <= wide.seconds
    assert small.megabytes <= min(long.megabytes, wide.megabytes)


@pytest.mark.parametrize(
    ("work", "rows", "columns", "processor", "megabytes"),
    [
        ("sync", 1_000_000, 20, 2.9, 573), ("sync", 10_000_000, 20, 10.9, 983),
        ("join", 1_000_000, 20, 2.7, 342), ("join", 100_000_000, 20, 95.5, 429),
        ("ordered join", 1_000_000, 20, 2.5, 564), ("ordered join", 10_000_000, 20, 14.5, 2203),
        ("ordered join", 100_000_000, 20, 190.2, 2270),
        ("group", 1_000_000, 20, 1.6, 235), ("group", 100_000_000, 20, 7.9, 248),
        ("score", 1_000_000, 20, 7.6, 500), ("score", 10_000_000, 20, 54.5, 570),
        ("score", 100_000_000, 20, 601.8, 618),
        ("drift", 1_000_000, 8, 0.6, 269), ("drift", 10_000_000, 8, 1.6, 352), ("drift", 100_000_000, 8, 8.7, 369),
    ],
)  # fmt: skip
def test_what_the_bench_measured_is_foretold_within_a_factor_of_two(
    work: str, rows: int, columns: int, processor: float, megabytes: float
) -> None:
    found = cost.estimate(work, rows, columns)
    assert 0.5 <= found.processor / processor <= 2
    assert 0.5 <= found.megabytes / megabytes <= 2


def test_a_machine_is_told_by_the_median_of_what_work_took_there() -> None:
    foretold = Cost(seconds=10, processor=15, megabytes=100)
    assert cost.calibrated([]) == 1
    assert cost.calibrated([(foretold, 30.0), (foretold, 20.0), (foretold, 900.0)]) == 3
    assert cost.calibrated([(foretold, 1e6)]) == 10
    slow = cost.estimate("join", 10**7, 20, factor=3)
    assert slow.seconds == pytest.approx(3 * cost.estimate("join", 10**7, 20).seconds)


def test_a_cost_is_told_in_words() -> None:
    told = cost.sentence(Cost(seconds=250, processor=400, megabytes=1830), 100_000_000, 20)
    assert told == "100,000,000 rows × 20 columns: about 4 minutes and 1.8 GB."
    assert "about 1 s and 90 MB" in cost.sentence(Cost(seconds=0.1, processor=0.1, megabytes=90), 10, 2)
    assert "about 2.0 hours" in cost.sentence(Cost(seconds=7200, processor=1, megabytes=90), 10, 2)
