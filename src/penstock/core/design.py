"""Design: everything a person decides about a model before it is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SerializeAsAny, field_validator, model_validator

from penstock.core.algorithm import Algorithm
from penstock.core.kind import Definition, Kind, of
from penstock.core.score import MetricSettings, PredictionType, Score

SEED = 1337
DEFAULT_ROWS = 100_000
"""Without a sampling, a model learns from the first 100,000 rows."""

Part = Literal["year", "quarter", "month", "day", "weekday", "day_of_year", "hour", "minute", "epoch"]
DiagnosticGroup = Literal[
    "dataset_sanity", "modelling_parameters", "training_speed", "overfitting", "leakage", "model_check",
    "abnormal_predictions",
]  # fmt: skip


class NumericHandling(Definition):
    """How a number becomes columns of the matrix."""

    type: Literal["numeric"]
    missing: Literal["mean", "median", "constant", "drop"] = Field(
        default="mean",
        description="Fill empty cells from the train rows, or drop the row (no prediction for it).",
    )
    constant: float = Field(default=0.0, description="What fills empty cells when missing is constant.")
    missing_flag: bool = Field(default=False, description="One more column says that the cell was empty.")
    form: Literal["keep", "quantise", "binarise", "flag"] = Field(
        default="keep",
        description="The number; its quantile bin; whether it exceeds a cut; whether there is one at all.",
    )
    rescale: Literal["standard", "min_max", "none"] = Field(
        default="standard", description="Mean 0 and deviation 1; 0 to 1; or as it is."
    )
    bins: int = Field(default=4, ge=2, le=100, description="Number of quantile bins.")
    cut: float | None = Field(default=None, description="Binarise above this; the train mean when left out.")


class CategoryHandling(Definition):
    """How a category becomes columns of the matrix. Values never seen in training count as rare ones."""

    type: Literal["category"]
    encode: Literal["one_hot", "ordinal", "target", "frequency", "hashing", "flag"] = Field(
        default="one_hot",
        description="A column per value; the rank by frequency; the mean target (cross-fitted, smoothed); "
        "the share of rows; a hash bucket; whether there is a value at all.",
    )
    missing: Literal["category", "most_frequent", "constant", "drop"] = Field(
        default="category",
        description="An empty cell is a value of its own, is filled, or its row is dropped.",
    )
    constant: str = Field(default="", description="What fills empty cells when missing is constant.")
    most: int = Field(
        default=100, ge=1, le=10_000, description="The most frequent values kept; the rest are rare."
    )
    buckets: int = Field(default=32, ge=2, le=4096, description="Hash buckets.")
    smoothing: float = Field(
        default=10.0, ge=0, description="Rows of the overall mean mixed into a target mean."
    )


class DatetimeHandling(Definition):
    """How an instant becomes columns of the matrix. Instants with a zone are read in UTC."""

    type: Literal["datetime"]
    parts: tuple[Part, ...] = Field(
        default=("year", "month", "day", "weekday", "hour"), description="One number per part."
    )
    cyclical: bool = Field(
        default=False,
        description="Month, day, weekday, hour and minute as sine and cosine: December lies beside January.",
    )
    missing: Literal["median", "drop"] = Field(
        default="median", description="Of each part, from the train rows."
    )
    rescale: Literal["standard", "min_max", "none"] = Field(default="standard", description="As for numbers.")


Handling = Annotated[NumericHandling | CategoryHandling | DatetimeHandling, Field(discriminator="type")]


class Feature(Definition):
    """What becomes of one column. `reject` alone is short for `{role: reject}`."""

    role: Literal["input", "reject", "weight"] = Field(
        default="input", description="Learned from, left out, or the weight of each row."
    )
    handling: Handling | None = Field(
        default=None, description="Left out: the default for the column's type."
    )


class RandomSplit(Definition):
    """A random share of the rows trains, the rest tests."""

    type: Literal["random"]
    train: float = Field(default=0.8, gt=0, lt=1, description="Share of the rows that train.")
    seed: int = Field(default=SEED, description="Same seed, same split.")
    stratified: bool = Field(default=True, description="Classification: the same class shares on both sides.")


class TimeSplit(Definition):
    """The older rows train, the newer ones test. The search, too, only ever looks forward."""

    type: Literal["time"]
    column: str = Field(description="The column that orders the rows; empty cells come first.")
    train: float = Field(default=0.8, gt=0, lt=1, description="Share of the rows that train.")


class CrossTest(Definition):
    """Every row tests once, in one of k folds; metrics are means ± two deviations. All rows train."""

    type: Literal["cross_test"]
    folds: int = Field(default=5, ge=2, le=50, description="Number of folds.")
    seed: int = Field(default=SEED, description="Same seed, same folds.")


class ExplicitSplit(Definition):
    """The test set is a second dataset, given by the train recipe."""

    type: Literal["explicit"]


Split = Annotated[RandomSplit | TimeSplit | CrossTest | ExplicitSplit, Field(discriminator="type")]


class OptimisedThreshold(Definition):
    """The cut-off that is best on rows held out of the train set; the test set has no say."""

    optimise: Literal["f1", "accuracy", "cost_matrix_gain"] = Field(
        default="f1", description="What is made best."
    )
    held_out: float = Field(default=0.2, gt=0, lt=1, description="Share of the train rows it is judged on.")


class Calibration(Definition):
    """Bends probabilities towards observed frequencies, learned on rows held out of the train set."""

    method: Literal["sigmoid", "isotonic"]
    held_out: float = Field(default=0.2, gt=0, lt=1, description="Share of the train rows kept for it.")


class Search(Definition):
    """How open hyperparameters are chosen, and which algorithm wins. Only train rows take part."""

    strategy: Literal["grid", "random", "bayesian"] = Field(
        default="grid", description="Every combination; draws; or draws guided by what was good so far."
    )
    validation: Literal["k_fold", "hold_out"] = Field(
        default="k_fold", description="How a candidate is judged."
    )
    folds: int = Field(default=5, ge=2, le=50, description="Folds of k_fold.")
    train: float = Field(default=0.8, gt=0, lt=1, description="Train share of hold_out.")
    shuffle: bool = Field(default=True, description="Grid: in random order, so that an interrupt is fair.")
    steps: int = Field(default=5, ge=2, le=50, description="Grid: how many values a range is cut into.")
    iterations: int | None = Field(default=None, ge=1, description="Candidates per algorithm, at most.")
    minutes: float | None = Field(default=None, gt=0, description="No new candidate after so long.")
    seed: int = Field(default=SEED, description="Same seed, same candidates and folds.")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.strategy != "grid" and self.iterations is None and self.minutes is None:
            raise ValueError(f"A {self.strategy} search never ends by itself: give iterations or minutes.")
        return self


class DiagnosticSwitches(Definition):
    """Which warnings are looked for after training."""

    enabled: bool = Field(default=True, description="None at all when off.")
    off: tuple[DiagnosticGroup, ...] = Field(default=(), description="Groups left out.")


class Sensitive(Definition):
    """Groups of people whose outcomes should be comparable. The column may well be left out of the features."""

    column: str = Field(description="The column that says who belongs to which group.")
    reference: str = Field(description="The group that the others are held to.")
    positive: str = Field(default="", description="The wanted outcome; the positive class when empty.")


class Design(Definition):
    """What to predict, from what, how to split, what to try. `target` is enough: all else has defaults."""

    target: str = Field(description="The column to predict.", json_schema_extra={"picked": True})
    prediction_type: PredictionType | None = Field(
        default=None,
        description="Left out: read off the target's values when the design is first trained.",
        json_schema_extra={"nothing": "As the values of the target say"},
    )
    positive: str = Field(
        default="",
        description="Binary: the class whose probability meets the threshold; the last in order if empty.",
        json_schema_extra={"widget": "class"},
    )
    features: dict[str, Feature] = Field(default_factory=dict, description="Column → role and handling.")
    other_columns: Literal["input", "reject"] = Field(
        default="input",
        description="Role of the columns not listed; identifiers and free text are left out anyway.",
    )
    sampling: Annotated[SerializeAsAny[Kind], *of("samplings")] | None = Field(
        default=None, description="Which rows are looked at; the first 100,000 when left out."
    )
    split: Split = Field(default=RandomSplit(type="random"), description="What trains and what tests.")
    metric: Annotated[SerializeAsAny[Score], *of("scores")] | None = Field(
        default=None, description="What is optimised: auc, mroc_auc or r2 when left out."
    )
    metric_settings: MetricSettings = Field(
        default=MetricSettings(), description="Gains, lift point, averaging."
    )
    threshold: Annotated[float, Field(ge=0, le=1)] | OptimisedThreshold = Field(
        default=OptimisedThreshold(), description="Binary: a fixed cut-off, or how to find it."
    )
    weighting: Literal["auto", "none", "class", "sample", "class_and_sample"] = Field(
        default="auto",
        description="Row weights in training. auto: classes weigh alike, times the weight column if any.",
    )
    calibration: Calibration | None = Field(default=None, description="None when left out.")
    algorithms: tuple[Annotated[SerializeAsAny[Algorithm], *of("algorithms")], ...] = Field(
        default=(), description="What to try; a linear model and LightGBM when left out."
    )
    search: Search = Field(default=Search(), description="How to choose.")
    fairness: Sensitive | None = Field(
        default=None,
        description="Binary: measure four kinds of fairness between groups on the test set; they become metrics.",
    )
    importance: Literal["auto", "off", "all"] = Field(
        default="auto",
        description="Shapley and permutation importance; auto leaves Shapley out where it would be slow.",
    )
    diagnostics: DiagnosticSwitches = Field(
        default=DiagnosticSwitches(), description="Warnings after training."
    )
    seed: int = Field(default=SEED, description="Of everything random that has no seed of its own.")

    @field_validator("features", mode="before")
    @classmethod
    def _short_roles(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {name: {"role": f} if isinstance(f, str) else f for name, f in value.items()}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        weights = [name for name, f in self.features.items() if f.role == "weight"]
        if len(weights) > 1:
            raise ValueError(f"Only one column can be the weight; here {' and '.join(weights)} are.")
        if self.weighting in ("sample", "class_and_sample") and not weights:
            raise ValueError(f"Weighting {self.weighting} needs a column with role: weight.")
        if self.target in self.features and self.features[self.target].role != "reject":
            raise ValueError(f"The target '{self.target}' cannot be a feature too.")
        return self

    @property
    def weight_column(self) -> str | None:
        return next((name for name, f in self.features.items() if f.role == "weight"), None)
