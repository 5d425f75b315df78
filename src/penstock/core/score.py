"""Score: the base of what says how good predictions are, and the settings and arrays it is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from penstock.core.kind import Definition, Kind

if TYPE_CHECKING:
    import numpy as np

PredictionType = Literal["binary", "multiclass", "regression"]
ModelTask = Literal["binary", "multiclass", "regression", "forecast"]
"""What a saved model does: predict a row of its own, or continue series (core/forecasting.py)."""
PREDICTION_TYPES: tuple[PredictionType, ...] = ("binary", "multiclass", "regression")


class CostMatrix(Definition):
    """What one row of each sort gains; a cost is a negative gain."""

    tp: float = Field(default=1.0, description="Gain of a true positive.")
    fp: float = Field(default=-0.3, description="Gain of a false positive.")
    tn: float = Field(default=0.0, description="Gain of a true negative.")
    fn: float = Field(default=0.0, description="Gain of a false negative.")


class MetricSettings(Definition):
    """How scores are computed: gains, lift point, averaging over classes."""

    cost_matrix: CostMatrix = Field(default=CostMatrix(), description="Gains of the four outcomes, per row.")
    lift_at: float = Field(
        default=0.4, gt=0, le=1, description="Share of the rows, most probable first, that lift looks at."
    )
    averaging: Literal["weighted", "unweighted"] = Field(
        default="weighted",
        description="Multiclass: one-vs-all values averaged by class weight, or all classes alike.",
    )


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is known of a guess of how series go on, besides its numbers.

    series     (n,) whose row each is: a place in `naive`
    naive      (series,) mean absolute error of saying the value a season before; NaN where it is not known
    quantiles  (n, levels) floats, or None where the quantiles cannot be judged
    levels     what each of them is: 0.1, 0.9
    """

    series: np.ndarray
    naive: np.ndarray
    quantiles: np.ndarray | None
    levels: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """What was predicted for the rows of one evaluation, as numpy arrays.

    label    (n,) integer class codes 0..k-1 in the order of the classes, or (n,) float for regression
    proba    (n, k) floats, or None when the model gives no probabilities
    weights  (n,) sample weights, or None
    """

    label: np.ndarray
    proba: np.ndarray | None = None
    weights: np.ndarray | None = None
    classes: tuple[Any, ...] = ()
    settings: MetricSettings = field(default_factory=MetricSettings)
    reference: Any = None
    """A `pa.Table` sampled from the version's test set; only custom scores look at it."""
    ahead: Ahead | None = None
    """Of forecasts only."""


class Score(Kind):
    """How good predictions are. A kind names its id, its direction and the prediction types it serves.

    `score(truth, guess)` receives the true values – (n,) integer class codes, or (n,) floats for regression –
    and a `Guess` of the same n rows. It returns a float, or None when the score cannot be computed (one class
    only, no probabilities): never NaN.
    """

    FAMILY: ClassVar[str] = "scores"
    CODE: ClassVar[str] = ""
    """The id under which the value is kept, shown and checked: costMatrixGain, logLoss."""
    LABEL: ClassVar[str] = ""
    SERVES: ClassVar[frozenset[str]] = frozenset()
    GREATER_IS_BETTER: ClassVar[bool] = True
    NEEDS_PROBA: ClassVar[bool] = False
    NEEDS_LABEL: ClassVar[bool] = False
    """True when the value follows from the predicted labels, so that a threshold moves it."""
    FOLLOWS_SHARE: ClassVar[bool] = False
    """True when the value moves with the shares of the classes, though every class is recognised as well as before."""

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        raise NotImplementedError
