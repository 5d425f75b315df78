"""What a drift analysis found: plain facts, aggregates only, to JSON and back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self, cast

from pydantic import TypeAdapter

from penstock.core import metric
from penstock.core.drift import DRIFT, OF_MISSING, FeatureRisk, Handling, Verdict


@cache
def _adapter(cls: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(type[Any], cls))


class _Plain:
    """To plain JSON values and back; unknown words are left out, so that older programs read newer reports."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values: dicts, lists, texts, numbers, None. Never NaN."""
        return _adapter(cast(Hashable, type(self))).dump_python(self, mode="json")  # type: ignore[no-any-return]

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any]) -> Self:
        return _adapter(cast(Hashable, cls)).validate_python(mapping)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistanceResult:
    """What one distance says of one column; what does not apply is None, and `reason` says why.

    `lower` and `upper` bound the effect at the confidence level asked for.
    """

    value: float | None = None
    p_value: float | None = None
    effect: float | None = None
    lower: float | None = None
    upper: float | None = None
    corrected_p: float | None = None
    """Benjamini-Hochberg over the columns of the same analysis."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Missing values on both sides as shares of the rows; the difference with its interval and test."""

    reference: float
    current: float
    difference: float
    lower: float
    upper: float
    p_value: float
    corrected_p: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Both sides counted over the same bins: numbers between `edges` (one more than bins), or `labels`."""

    reference: tuple[int, ...]
    current: tuple[int, ...]
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    reference_others: int = 0
    """Rows of categories that have no bar of their own."""
    current_others: int = 0
    reference_missing: int = 0
    current_missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDrift(_Plain):
    """One row of the univariate table. An ignored column has a reason and no verdict."""

    column: str
    handling: Handling
    default_handling: Handling
    reason: str = ""
    reference_rows: int = 0
    current_rows: int = 0
    distances: dict[str, DistanceResult] = field(default_factory=dict)
    """Distance kind → result: ks, chi_square, psi, wasserstein, jensen_shannon."""
    missing: Missing | None = None
    histogram: Histogram | None = None
    new_values: tuple[str, ...] = ()
    """Categories only the current side has, most frequent first; at most ten are named."""
    new_values_count: int = 0
    verdict: Verdict | None = None
    because: tuple[str, ...] = ()

    @property
    def drifted(self) -> bool:
        return self.verdict == DRIFT

    @property
    def drifted_by_missing(self) -> bool:
        """Whether its missing values are a reason, or the reason, of its drift."""
        return self.drifted and any(reason.startswith(OF_MISSING) for reason in self.because)

    def test(self) -> DistanceResult | None:
        """The column's own test: KS of numbers, chi-square of categories."""
        return next((d for k in ("ks", "chi_square") if (d := self.distances.get(k))), None)

    def p_value(self) -> float | None:
        """The raw p-value of the column's own test."""
        return d.p_value if (d := self.test()) else None

    def psi(self) -> float | None:
        return d.value if (d := self.distances.get("psi")) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Univariate(_Plain):
    """Every column compared on all rows of both sides, in the order of the reference."""

    columns: tuple[ColumnDrift, ...]
    warnings: tuple[str, ...] = ()
    confidence_level: float = 0.95

    @property
    def drifted(self) -> tuple[str, ...]:
        """Names of the drifting columns, worst first."""
        return tuple(c.column for c in self.ranked() if c.drifted)

    def column(self, name: str) -> ColumnDrift | None:
        return next((c for c in self.columns if c.column == name), None)

    def ranked(self) -> tuple[ColumnDrift, ...]:
        """Drifting columns first, then by p-value, then by PSI; ignored ones last."""

        def worst_first(row: ColumnDrift) -> tuple[bool, bool, float, float]:
            p, psi = row.p_value(), row.psi()
            return (
                not row.drifted,
                row.handling == "ignored",
                1.0 if p is None else p,
                -(0.0 if psi is None else psi),
            )

        return tuple(sorted(self.columns, key=worst_first))

    def explanation(self) -> str:
        """How many columns drift, and how many false alarms raw p-values would have raised by chance."""
        judged = [c for c in self.columns if c.verdict is not None]
        expected = len(judged) * (1 - self.confidence_level)
        return (
            f"{len(self.drifted)} of {len(judged)} columns drift. Looking at {len(judged)} raw p-values, about "
            f"{expected:.1f} would look significant by chance alone; corrected ones allow for that."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalDrift(_Plain):
    """How well a classifier tells current rows from reference rows: 0.5 is no drift, 1 is told apart always."""

    score: float | None = None
    """Data Drift: accuracy on held-out rows."""
    lower: float | None = None
    upper: float | None = None
    p_value: float | None = None
    verdict: str = ""
    """`drift detected`, `inconclusive`, or empty when there is no score."""
    reason: str = ""
    """Why there is no score."""
    confidence_level: float = 0.95
    reference_rows: int = 0
    """Rows given, before the draw."""
    current_rows: int = 0
    drawn_each: int = 0
    held_out: int = 0
    correct: int = 0
    columns: tuple[str, ...] = ()
    importances: dict[str, float] = field(default_factory=dict)
    """Drift feature → importance in the drift model, in % summing to 100."""
    naming: tuple[str, ...] = ()
    """Columns whose values hardly recur between the sides, so that they name the side."""
    score_without_naming: float | None = None
    score_of_rough_naming: float | None = None
    """The score when those columns are cut into ten cells each: as high as before = they truly moved."""
    warnings: tuple[str, ...] = ()

    @property
    def sample(self) -> str:
        """`Sample: 358 rows (179 drawn from reference, 179 from current)`."""
        n = self.drawn_each
        return f"Sample: {2 * n} rows ({n} drawn from reference, {n} from current)"

    @property
    def hypothesis(self) -> str:
        return "No drift (accuracy <= 0.5)"

    def sentence(self) -> str:
        """The finding as people say it, with its interval; or why there is none."""
        if self.score is None or self.lower is None or self.upper is None:
            return f"Data Drift was not computed. {self.reason}".rstrip()
        said = self.verdict or "inconclusive"
        width = f"{self.confidence_level:.0%} interval {self.lower:.2f} to {self.upper:.2f}"
        return f"Data Drift is {self.score:.2f} ({width}): {said}."

    @property
    def rescaled(self) -> float | None:
        """0 = no drift, 1 = told apart always: max(0, 2·(score − 0.5))."""
        return None if self.score is None else max(0.0, 2 * (self.score - 0.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassShare:
    """One row of the fugacity table: share of rows predicted in a class (or a decile), in %."""

    label: str
    reference: float
    current: float
    difference: float
    relative_change: float | None
    """100·(current − reference)/reference; None when the reference has no such row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """Density of a predicted probability, or of the prediction itself, on the same points for both sides."""

    label: str
    points: tuple[float, ...]
    reference: tuple[float, ...]
    current: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionDrift(_Plain):
    """How predictions moved; needs no ground truth."""

    fugacity: tuple[ClassShare, ...] = ()
    densities: tuple[Density, ...] = ()
    psi: float | None = None
    chi_square: DistanceResult | None = None
    ks: DistanceResult | None = None
    reference_rows: int = 0
    current_rows: int = 0
    reason: str = ""
    warnings: tuple[str, ...] = ()


HALF = (
    "It is the share of held-out rows that a classifier puts on the right side, current or reference: "
    "at 0.5 it guesses, at 1 it always knows."
)
"""What the number of Data Drift means, and where its zero lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport(_Plain):
    """One whole drift analysis. A part that was not computed is None."""

    score: GlobalDrift | None = None
    univariate: Univariate | None = None
    prediction: PredictionDrift | None = None
    risks: tuple[FeatureRisk, ...] = ()
    reference: str = ""
    """What the current side was compared with, in words."""
    warnings: tuple[str, ...] = ()

    def sentences(self) -> tuple[str, ...]:
        """What was found, for people: the score and what 0.5 means, then how many columns drift."""
        score = (self.score.sentence(), HALF) if self.score else ()
        return (*score, self.univariate.explanation()) if self.univariate else score

    def metrics(self) -> dict[str, float]:
        """Metric id → value, for the evaluation store; what was not computed is absent."""
        found = {**_score_metrics(self.score), **_univariate_metrics(self.univariate)}
        found |= _prediction_metrics(self.prediction)
        return {name: value for name, value in found.items() if value is not None}


def _score_metrics(score: GlobalDrift | None) -> dict[str, float | None]:
    if score is None:
        return {}
    return {
        metric.DATA_DRIFT: score.score,
        metric.DATA_DRIFT_LOWER: score.lower,
        metric.DATA_DRIFT_UPPER: score.upper,
        metric.DATA_DRIFT_P_VALUE: score.p_value,
    }


def _univariate_metrics(univariate: Univariate | None) -> dict[str, float | None]:
    if univariate is None:
        return {}
    found: dict[str, float | None] = {metric.DRIFTED_COLUMNS: float(len(univariate.drifted))}
    kept = (("ks", "ks", True), ("chi_square", "chi2", True), ("psi", "psi", False))
    for row in univariate.columns:
        for kind, word, as_p in (*kept, ("wasserstein", "wasserstein", False)):
            if (result := row.distances.get(kind)) is not None:
                found[metric.univariate_id(row.column, word)] = result.p_value if as_p else result.value
        if row.missing is not None and row.verdict is not None:
            found[metric.univariate_id(row.column, "missing")] = 100 * row.missing.difference
    found[metric.MIN_KS_P_VALUE] = _best(univariate, "ks", "p_value", smallest=True)
    found[metric.MIN_CHI2_P_VALUE] = _best(univariate, "chi_square", "p_value", smallest=True)
    gone = [100 * row.missing.difference for row in univariate.columns if row.missing and row.verdict]
    found[metric.MAX_MISSING_GROWTH] = max(gone, default=None)
    found[metric.MAX_PSI] = _best(univariate, "psi", "value", smallest=False)
    found[metric.MAX_WASSERSTEIN] = _best(univariate, "wasserstein", "value", smallest=False)
    return found


def _best(univariate: Univariate, kind: str, part: str, *, smallest: bool) -> float | None:
    results = [row.distances[kind] for row in univariate.columns if kind in row.distances]
    values = [v for r in results if (v := getattr(r, part)) is not None]
    return (min if smallest else max)(values, default=None)


def _prediction_metrics(prediction: PredictionDrift | None) -> dict[str, float | None]:
    if prediction is None:
        return {}
    chi_square, ks = prediction.chi_square, prediction.ks
    return {
        metric.PREDICTION_PSI: prediction.psi,
        metric.PREDICTION_CHI2_P_VALUE: chi_square.p_value if chi_square else None,
        metric.PREDICTION_KS_P_VALUE: ks.p_value if ks else None,
    }
