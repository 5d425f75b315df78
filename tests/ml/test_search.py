"""The search: every strategy, its budgets, and the best so far when somebody stops it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from penstock.core.algorithm import IntegerRange, NumberRange
from penstock.core.design import Search
from penstock.core.errors import Aborted
from penstock.ml import design as designs
from penstock.ml import search
from penstock.ml.lesson import lesson_of
from penstock.ml.search import Found

from .models import design, visits

TREE: dict[str, Any] = {"type": "decision_tree", "max_depth": [1, 2, 4, 6], "min_leaf": [1, 20]}


def run(algorithm: dict[str, Any] = TREE, *, stop_after: int | None = None, **settings: Any) -> Found:
    done = designs.complete(design(algorithm=algorithm, search=settings), visits())
    told: list[str] = []
    truth = visits()["late"].to_numpy()
    lesson = lesson_of(done, visits(), truth, None, count=2, threads=1)
    return search.search(
        lesson,
        done,
        progress=lambda message, fraction: told.append(message),
        should_stop=lambda: stop_after is not None and len(told) >= stop_after,
    )


def test_a_grid_tries_every_combination_and_keeps_the_best() -> None:
    found = run(folds=3)
    assert len(found.trials) == 8
    best = max(found.trials, key=lambda t: t.score or 0)
    assert found.winner.settings()["max_depth"] == best.values["max_depth"]
    assert not found.winner.space()


def test_a_range_in_a_grid_is_cut_into_steps() -> None:
    space = {"a": IntegerRange(low=1, high=100, log=True), "b": NumberRange(low=0, high=1)}
    tried = search.grid(space, Search(steps=3, shuffle=False))
    assert sorted({t["a"] for t in tried}) == [1, 10, 100]
    assert sorted({t["b"] for t in tried}) == [0, 0.5, 1]


@pytest.mark.parametrize("strategy", ["random", "bayesian"])
def test_iterations_bound_a_search_and_seeds_repeat_it(strategy: str) -> None:
    algorithm = {"type": "decision_tree", "max_depth": {"low": 1, "high": 8}, "min_leaf": [1, 5, 25]}
    once = run(algorithm, strategy=strategy, iterations=4, validation="hold_out")
    again = run(algorithm, strategy=strategy, iterations=4, validation="hold_out")
    assert len(once.trials) == 4
    assert [(t.values, t.score) for t in once.trials] == [(t.values, t.score) for t in again.trials]
    assert all(1 <= t.values["max_depth"] <= 8 and t.values["min_leaf"] in (1, 5, 25) for t in once.trials)


def test_random_draws_stay_inside_logarithmic_ranges() -> None:
    space = {"c": NumberRange(low=1e-3, high=1e3, log=True), "n": IntegerRange(low=2, high=9, log=True)}
    drawn = search.suggestions(space, Search(strategy="random", iterations=1), True)
    values = [drawn.ask() for _ in range(300)]
    found = np.array([v["c"] for v in values if v])
    assert found.min() >= 1e-3
    assert found.max() <= 1e3
    assert 0.3 < (found < 1).mean() < 0.7
    assert {v["n"] for v in values if v} == set(range(2, 10))


def test_stopping_keeps_the_best_so_far() -> None:
    found = run(stop_after=3, folds=2)
    assert len(found.trials) == 3
    assert found.stopped == "somebody stopped it"


def test_the_minutes_end_a_search_after_the_first_candidate() -> None:
    found = run(minutes=1e-9, validation="hold_out")
    assert len(found.trials) == 1
    assert "minutes were over" in found.stopped


def test_one_fixed_candidate_needs_no_judging() -> None:
    assert run({"type": "decision_tree"}).trials == ()


def test_a_search_that_could_score_nothing_says_so() -> None:
    done = designs.complete(design(algorithm=TREE), visits())
    truth = np.zeros(600, dtype=np.int64)
    truth[0] = 1  # one positive row: no fold has both classes to judge
    lesson = lesson_of(done, visits(), truth, None, count=2, threads=1)
    with pytest.raises(Aborted, match="No candidate could be scored"):
        search.search(lesson, done, progress=lambda message, fraction: None)


def test_a_loss_is_made_small() -> None:
    done = designs.complete(
        design(algorithm=TREE, metric="log_loss", search={"validation": "hold_out"}), visits()
    )
    lesson = lesson_of(done, visits(), visits()["late"].to_numpy(), None, count=2, threads=1)
    found = search.search(lesson, done, progress=lambda message, fraction: None)
    best = min(found.trials, key=lambda t: t.score or 9)
    assert found.winner.settings()["max_depth"] == best.values["max_depth"]
