"""What looks wrong with a model or its data: warnings with a type and a sentence, never failures.

Every rule is one small function with its number beside it. A rule without the facts it needs says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from penstock.core.design import DiagnosticGroup, DiagnosticSwitches
from penstock.core.score import PredictionType
from penstock.ml import target

SMALL_SET = 1_000
DIFFERENT_TARGET = 0.05
"""p-value below which the target of test and train rows is called different."""
RARE_CLASS = 0.06
"""A class with a smaller share is called rare: 94 to 6 and beyond."""
DROPPED_ROWS = 0.5
TOO_GOOD_AUC = 0.98
TOO_GOOD_R2 = 0.98
DOMINANT_FEATURE = 0.8
SAME_CLASS = 0.99
LOW_R2 = 0.1
SLOW_SECONDS = 120.0
MANY_LEAVES, MANY_TREES = 0.5, 0.1
NOT_BETTER = 0.05


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One warning."""

    group: DiagnosticGroup
    type: str
    message: str

    def as_mapping(self) -> dict[str, str]:
        return {"type": self.type, "group": self.group, "message": self.message}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules look at; everything may be missing."""

    prediction_type: PredictionType
    classes: tuple[Any, ...] = ()
    train_target: np.ndarray | None = None
    """(n,) class codes or numbers."""
    test_target: np.ndarray | None = None
    train_rows: int | None = None
    test_rows: int | None = None
    dropped_by: Mapping[str, int] = field(default_factory=dict)
    """Column → train rows that its drop rule took out."""
    dropped_rows: int = 0
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    shapley: Mapping[str, float] = field(default_factory=dict)
    predicted: np.ndarray | None = None
    """(m,) predicted class codes of the test rows."""
    truth: np.ndarray | None = None
    """(m,) their true class codes or numbers."""
    leaves: Sequence[float] = ()
    """Leaves of each tree, as a share of the train rows."""
    pure_trees: Sequence[bool] = ()
    """Whether all leaves of each tree hold one class only."""
    seconds: float = 0.0
    failures: Mapping[str, str] = field(default_factory=dict)
    """What could not be computed → why."""


def diagnose(facts: Facts, switches: DiagnosticSwitches | None = None) -> tuple[Diagnostic, ...]:
    """Every rule that is switched on, in order."""
    switches = switches or DiagnosticSwitches()
    if not switches.enabled:
        return ()
    found = [d for rule in RULES for d in rule(facts)]
    return tuple(d for d in found if d.group not in switches.off)


def small_train(f: Facts) -> list[Diagnostic]:
    """Fewer than 1,000 train rows."""
    return _few(f.train_rows, "train_set_too_small", "train")


def small_test(f: Facts) -> list[Diagnostic]:
    """Fewer than 1,000 test rows."""
    return _few(f.test_rows, "test_set_too_small", "test")


def different_target(f: Facts) -> list[Diagnostic]:
    """Chi-square (classes) or Kolmogorov-Smirnov (numbers) of the target, test against train: p < 0.05."""
    if f.train_target is None or f.test_target is None or not len(f.train_target) or not len(f.test_target):
        return []
    p = _ks_p(f) if f.prediction_type == "regression" else _chi_square_p(f)
    if p is None or p >= DIFFERENT_TARGET:
        return []
    test = "Kolmogorov-Smirnov" if f.prediction_type == "regression" else "chi-square"
    message = (
        f"The target is distributed differently in test and train rows ({test} p = {p:.2g}, below 0.05)."
    )
    return [Diagnostic("dataset_sanity", "target_distribution_differs", message)]


def imbalanced(f: Facts) -> list[Diagnostic]:
    """A class with less than 6 % of the train rows; with k classes, less than 6 % / (k − 1)."""
    if f.prediction_type == "regression" or f.train_target is None or not len(f.train_target):
        return []
    shares = np.bincount(f.train_target, minlength=len(f.classes)) / len(f.train_target)
    limit = RARE_CLASS / (len(f.classes) - 1)
    named = zip(f.classes, shares, strict=True)
    rare = [f"{target.text_of(c)} ({share:.1%})" for c, share in named if share < limit]
    if not rare:
        return []
    return [Diagnostic("dataset_sanity", "imbalanced_classes", f"Rare in the train rows: {', '.join(rare)}.")]


def missing_classes(f: Facts) -> list[Diagnostic]:
    """A class of the model that the test rows never show."""
    if f.prediction_type == "regression" or f.test_target is None or not len(f.test_target):
        return []
    absent = [target.text_of(c) for k, c in enumerate(f.classes) if not (f.test_target == k).any()]
    if not absent:
        return []
    message = f"No test row has class {', '.join(absent)}: scores say nothing about it."
    return [Diagnostic("dataset_sanity", "missing_classes", message)]


def dropped_rows(f: Facts) -> list[Diagnostic]:
    """More than 50 % of the train rows dropped by feature handling."""
    total = (f.train_rows or 0) + f.dropped_rows
    if not total or f.dropped_rows <= DROPPED_ROWS * total:
        return []
    columns = ", ".join(
        f"{name} ({rows:,})" for name, rows in sorted(f.dropped_by.items(), key=lambda i: -i[1])
    )
    message = f"{f.dropped_rows:,} of {total:,} train rows were dropped for empty cells: {columns}."
    return [Diagnostic("modelling_parameters", "rows_dropped", message)]


def failed(f: Facts) -> list[Diagnostic]:
    """A custom metric, or another part of the report, that could not be computed."""
    return [
        Diagnostic("modelling_parameters", "calculation_failed", f"Calculation of {what} failed: {why}")
        for what, why in f.failures.items()
    ]


def slow(f: Facts) -> list[Diagnostic]:
    """Training took more than two minutes."""
    if f.seconds <= SLOW_SECONDS:
        return []
    return [Diagnostic("training_speed", "slow_training", f"Training took {f.seconds / 60:.1f} minutes.")]


def pure_leaves(f: Facts) -> list[Diagnostic]:
    """Classification: all leaves of all trees hold one class only."""
    if f.prediction_type == "regression" or not f.pure_trees or not all(f.pure_trees):
        return []
    message = "Every leaf of every tree holds rows of one class only: the trees may know the rows by heart."
    return [Diagnostic("overfitting", "pure_leaves", message)]


def many_leaves(f: Facts) -> list[Diagnostic]:
    """Regression: more than 10 % of the trees have more leaves than half the rows."""
    if f.prediction_type != "regression" or not len(f.leaves):
        return []
    share = float(np.mean(np.asarray(f.leaves) > MANY_LEAVES))
    if share <= MANY_TREES:
        return []
    message = (
        f"{share:.0%} of the trees have more leaves than half the train rows: they may know them by heart."
    )
    return [Diagnostic("overfitting", "too_many_leaves", message)]


def too_good(f: Facts) -> list[Diagnostic]:
    """ROC AUC above 0.98, or R2 above 0.98."""
    for code, limit in (("auc", TOO_GOOD_AUC), ("mrocAUC", TOO_GOOD_AUC), ("r2", TOO_GOOD_R2)):
        value = f.metrics.get(code)
        if value is not None and value > limit:
            message = f"{code} is {value:.3f}, above {limit}: does a feature give the answer away?"
            return [Diagnostic("leakage", "too_good_to_be_true", message)]
    return []


def dominant_feature(f: Facts) -> list[Diagnostic]:
    """One feature has more than 80 % of the Shapley importance."""
    strongest = max(f.shapley.items(), key=lambda item: item[1], default=("", 0.0))
    if strongest[1] <= DOMINANT_FEATURE or len(f.shapley) < 2:
        return []
    message = f"'{strongest[0]}' alone has {strongest[1]:.0%} of the importance: would it be known in time?"
    return [Diagnostic("leakage", "feature_dominates", message)]


def no_better_than_dummy(f: Facts) -> list[Diagnostic]:
    """Classification: accuracy not above the largest class's share, exact one-sided binomial test, p ≥ 0.05,
    and ROC AUC no better than chance either; with rare classes accuracy alone would accuse good models."""
    if f.prediction_type == "regression" or f.predicted is None or f.truth is None or not len(f.truth):
        return []
    from scipy.stats import binomtest

    share = float(np.bincount(f.truth).max() / len(f.truth))
    right = int((f.predicted == f.truth).sum())
    auc = f.metrics.get("auc") if f.prediction_type == "binary" else f.metrics.get("mrocAUC")
    if auc is not None and _above_chance(auc, f.truth):
        return []
    if share < 1 and binomtest(right, len(f.truth), share, alternative="greater").pvalue < NOT_BETTER:
        return []
    message = f"{right:,} of {len(f.truth):,} test rows right is no better than always saying the same class."
    return [Diagnostic("model_check", "not_better_than_dummy", message)]


def low_r2(f: Facts) -> list[Diagnostic]:
    """R2 below 0 (worse than the mean), or below 0.1."""
    r2 = f.metrics.get("r2")
    if r2 is None or r2 >= LOW_R2:
        return []
    if r2 < 0:
        return [Diagnostic("model_check", "worse_than_mean", f"R2 is {r2:.3f}: the mean would do better.")]
    return [Diagnostic("model_check", "low_r2", f"R2 is {r2:.3f}: little of the target is explained.")]


def same_class(f: Facts) -> list[Diagnostic]:
    """More than 99 % of the rows get the same class."""
    if f.prediction_type == "regression" or f.predicted is None or not len(f.predicted):
        return []
    shares = np.bincount(f.predicted, minlength=len(f.classes)) / len(f.predicted)
    if shares.max() <= SAME_CLASS:
        return []
    name = target.text_of(f.classes[int(shares.argmax())])
    message = f"{shares.max():.1%} of the rows are predicted as {name}."
    return [Diagnostic("abnormal_predictions", "almost_always_same_class", message)]


RULES = (
    small_train, small_test, different_target, imbalanced, missing_classes, dropped_rows, failed, slow, pure_leaves,
    many_leaves, too_good, dominant_feature, no_better_than_dummy, low_r2, same_class,
)  # fmt: skip


def _few(rows: int | None, kind: str, side: str) -> list[Diagnostic]:
    if rows is None or rows >= SMALL_SET:
        return []
    return [Diagnostic("dataset_sanity", kind, f"Only {rows:,} {side} rows; below 1,000 results are shaky.")]


def _ks_p(f: Facts) -> float | None:
    from scipy.stats import ks_2samp

    assert f.train_target is not None
    assert f.test_target is not None
    exact = max(len(f.train_target), len(f.test_target)) <= SMALL_SET
    train, test = f.train_target.astype(np.float64), f.test_target.astype(np.float64)
    return float(ks_2samp(train, test, method="exact" if exact else "asymp").pvalue)


def _chi_square_p(f: Facts) -> float | None:
    from scipy.stats import chi2_contingency

    assert f.train_target is not None
    assert f.test_target is not None
    table = np.stack(
        [np.bincount(t[t >= 0], minlength=len(f.classes)) for t in (f.train_target, f.test_target)]
    )
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or not table.sum(axis=1).all():
        return None
    return float(chi2_contingency(table, correction=False).pvalue)


def _above_chance(auc: float, truth: np.ndarray) -> bool:
    """Whether an AUC exceeds 0.5 by more than 1.645 standard errors √((a + b + 1) / 12ab) of the rank test."""
    sizes = np.bincount(truth)
    a = float(sizes.min() if len(sizes) > 1 else 0)
    b = float(len(truth) - a)
    return a > 0 and auc > 0.5 + 1.645 * float(np.sqrt((a + b + 1) / (12 * a * b)))
