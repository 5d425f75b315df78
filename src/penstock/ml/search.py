"""Choosing hyperparameters and the algorithm, on train rows alone: grid, random or Bayesian, within a budget."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from penstock.core.algorithm import Algorithm, IntegerRange, NumberRange, Space
from penstock.core.design import Design, Search
from penstock.core.errors import Aborted
from penstock.core.score import Guess
from penstock.ml import performance, split
from penstock.ml.lesson import Lesson, fit
from penstock.ml.predictor import algorithm_label

Progress = Callable[[str, float | None], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Trial:
    """One candidate and how well it did on the validation rows."""

    algorithm: str
    values: dict[str, Any]
    score: float | None
    spread: float | None
    """Two standard deviations over the folds; None with a single one."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Found:
    """The winner, all open values fixed, and every trial in the order they were made."""

    winner: Algorithm
    trials: tuple[Trial, ...] = ()
    stopped: str = ""
    """Why the search ended early; empty when it came to its end."""


class Suggestions(Protocol):
    """What to try next, and being told how it went."""

    def ask(self) -> dict[str, Any] | None: ...
    def tell(self, score: float | None) -> None: ...


@dataclass(slots=True)
class Budget:
    """When no new candidate is begun. The first one always is."""

    search: Search
    should_stop: ShouldStop
    started: float = field(default_factory=time.monotonic)

    def spent(self) -> str:
        if self.should_stop():
            return "somebody stopped it"
        minutes = self.search.minutes
        if minutes is not None and time.monotonic() - self.started > 60 * minutes:
            return f"the {minutes:g} minutes were over"
        return ""


def search(
    lesson: Lesson, design: Design, *, progress: Progress, should_stop: ShouldStop = lambda: False
) -> Found:
    """Judge candidates on folds of the lesson's rows and keep the best. One fixed candidate needs no judging.

    When stopped, the best so far wins; Aborted when nothing was judged yet.
    """
    algorithms = design.algorithms
    if len(algorithms) == 1 and not algorithms[0].space():
        return Found(algorithms[0])
    budget = Budget(design.search, should_stop)
    parts = split.search_parts(design.search, lesson.truth, lesson.strata, lesson.ordered)
    run = _Run(lesson, design, parts, progress, budget)
    for place, algorithm in enumerate(algorithms):
        run.try_all(algorithm, place)
    return run.found()


@dataclass(slots=True)
class _Run:
    """One search in the making."""

    lesson: Lesson
    design: Design
    parts: list[split.Parts]
    progress: Progress
    budget: Budget
    trials: list[Trial] = field(default_factory=list)
    best: tuple[float, Algorithm] | None = None
    stopped: str = ""

    def try_all(self, algorithm: Algorithm, place: int) -> None:
        limit = self.design.search.iterations
        for done, values in enumerate(self._suggested(algorithm)):
            if limit is not None and done >= limit:
                return
            if self.trials and (self.stopped or self._over()):
                return
            self._try(algorithm.candidate(**values), values, place)

    def _over(self) -> bool:
        self.stopped = self.budget.spent()
        return bool(self.stopped)

    def _suggested(self, algorithm: Algorithm) -> Iterator[dict[str, Any]]:
        self._suggestions = suggestions(algorithm.space(), self.design.search, self._greater())
        while (values := self._suggestions.ask()) is not None:
            yield values

    _suggestions: Suggestions = field(init=False)

    def _try(self, candidate: Algorithm, values: dict[str, Any], place: int) -> None:
        started = time.monotonic()
        scores = self._scores(candidate)
        usable = [s for s in scores if s is not None]
        score = float(np.mean(usable)) if usable and len(usable) == len(scores) else None
        spread = 2 * float(np.std(usable)) if score is not None and len(usable) > 1 else None
        name = algorithm_label(candidate)
        self._suggestions.tell(score)
        self.trials.append(Trial(name, values, score, spread, time.monotonic() - started))
        self._keep(score, candidate)
        shown = "no score" if score is None else f"{score:.4f}"
        self.progress(f"Search: {name} {_words(values)}→ {shown}", self._fraction(place))

    def _scores(self, candidate: Algorithm) -> list[float | None]:
        scores: list[float | None] = []
        for train, test in self.parts:
            if self.trials and self.budget.should_stop():
                self.stopped = "somebody stopped it"
                return [*scores, None]
            scores.append(validate(self.lesson.rows(train), self.lesson.rows(test), candidate, self.design))
        return scores

    def _keep(self, score: float | None, candidate: Algorithm) -> None:
        if score is None:
            return
        goodness = score if self._greater() else -score
        if self.best is None or goodness > self.best[0]:
            self.best = (goodness, candidate)

    def _greater(self) -> bool:
        assert self.design.metric is not None
        return performance.better(self.design.metric)

    def _fraction(self, place: int) -> float:
        iterations = self.design.search.iterations or 10
        inside = min(0.9, (len(self.trials) % iterations) / iterations)
        return 0.6 * (place + inside) / len(self.design.algorithms)

    def found(self) -> Found:
        if self.best is not None:
            return Found(self.best[1], tuple(self.trials), self.stopped)
        if self.stopped:
            raise Aborted(f"The search ended before a candidate was judged: {self.stopped}.")
        raise Aborted(
            "No candidate could be scored on the validation rows.",
            hint="Are there rows of every class in each fold? Fewer folds, or hold_out, may help.",
        )


def validate(train: Lesson, test: Lesson, candidate: Algorithm, design: Design) -> float | None:
    """The metric of a candidate fitted on some rows, on others; labels by the fixed threshold, or one half."""
    learned = fit(train, candidate)
    matrix, ok = learned.preparation.matrix(test.table)
    values = learned.scorer.raw(matrix[ok])
    cut = design.threshold if isinstance(design.threshold, float) else 0.5
    label = values if not train.count else _labels(values, cut)
    weights = None if test.weights is None else test.weights[ok]
    proba = values if train.count else None
    guess = Guess(label, proba, weights, tuple(range(train.count)), design.metric_settings)
    assert design.metric is not None
    return design.metric.score(test.truth[ok], guess) if ok.any() else None


def _labels(proba: np.ndarray, cut: float) -> np.ndarray:
    return (proba[:, 1] >= cut).astype(np.int64) if proba.shape[1] == 2 else proba.argmax(axis=1)


def suggestions(space: Space, search: Search, greater: bool) -> Suggestions:
    """The strategy's suggestions; a space without open values has one: nothing to set."""
    if not space:
        return _Listed(iter([{}]))
    if search.strategy == "grid":
        return _Listed(iter(grid(space, search)))
    return (
        _Drawn(space, search.seed) if search.strategy == "random" else _Bayesian(space, search.seed, greater)
    )


def grid(space: Space, search: Search) -> list[dict[str, Any]]:
    """Every combination; ranges cut into `steps` values; shuffled with the seed if asked."""
    choices = [[(name, value) for value in _values(open_, search.steps)] for name, open_ in space.items()]
    combinations = [dict(pairs) for pairs in itertools.product(*choices)]
    if search.shuffle:
        order = np.random.default_rng(search.seed).permutation(len(combinations))
        return [combinations[i] for i in order]
    return combinations


def _values(open_: tuple[Any, ...] | NumberRange | IntegerRange, steps: int) -> list[Any]:
    if isinstance(open_, tuple):
        return list(open_)
    spaced = np.geomspace if open_.log else np.linspace
    values = spaced(open_.low, open_.high, steps)
    if isinstance(open_, IntegerRange):
        return sorted({round(float(v)) for v in values})
    return [float(v) for v in values]


@dataclass(slots=True)
class _Listed:
    left: Iterator[dict[str, Any]]

    def ask(self) -> dict[str, Any] | None:
        return next(self.left, None)

    def tell(self, score: float | None) -> None:
        """A list does not learn."""


@dataclass(slots=True)
class _Drawn:
    space: Space
    seed: int
    random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)

    def ask(self) -> dict[str, Any]:
        return {name: self._draw(open_) for name, open_ in self.space.items()}

    def tell(self, score: float | None) -> None:
        """Chance does not learn."""

    def _draw(self, open_: tuple[Any, ...] | NumberRange | IntegerRange) -> Any:
        if isinstance(open_, tuple):
            return open_[self.random.integers(len(open_))]
        if isinstance(open_, IntegerRange) and not open_.log:
            return int(self.random.integers(open_.low, open_.high + 1))
        low, high = (np.log(open_.low), np.log(open_.high)) if open_.log else (open_.low, open_.high)
        value = self.random.uniform(low, high)
        value = float(np.exp(value)) if open_.log else float(value)
        value = min(max(value, open_.low), open_.high)
        return round(value) if isinstance(open_, IntegerRange) else value


class _Bayesian:
    """Optuna's tree-structured Parzen estimator, seeded, asked and told by us."""

    def __init__(self, space: Space, seed: int, greater: bool) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.space = space
        self.study = optuna.create_study(
            direction="maximize" if greater else "minimize", sampler=optuna.samplers.TPESampler(seed=seed)
        )

    def ask(self) -> dict[str, Any]:
        self.trial = self.study.ask()
        return {name: self._suggest(name, open_) for name, open_ in self.space.items()}

    def tell(self, score: float | None) -> None:
        from optuna.trial import TrialState

        if score is None:
            self.study.tell(self.trial, state=TrialState.FAIL)
        else:
            self.study.tell(self.trial, score)

    def _suggest(self, name: str, open_: tuple[Any, ...] | NumberRange | IntegerRange) -> Any:
        if isinstance(open_, tuple):
            return open_[self.trial.suggest_categorical(name, list(range(len(open_))))]
        if isinstance(open_, IntegerRange):
            return self.trial.suggest_int(name, open_.low, open_.high, log=open_.log)
        return self.trial.suggest_float(name, open_.low, open_.high, log=open_.log)


def _words(values: dict[str, Any]) -> str:
    return "".join(f"{n}={v:.4g} " if isinstance(v, float) else f"{n}={v} " for n, v in values.items())
