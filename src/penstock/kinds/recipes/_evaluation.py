"""What Evaluate and Standalone evaluate have in common: their settings, and the run from rows to an evaluation."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, SerializeAsAny, model_validator

from penstock.core.drift import ColumnHandling
from penstock.core.errors import InvalidName
from penstock.core.evaluation import check_evaluation_id
from penstock.core.kind import Definition, of
from penstock.core.names import Name
from penstock.core.recipe import Recipe
from penstock.core.sampling import Sampling

PROPOSED_SAMPLING: dict[str, str | int] = {"type": "random_approximate_number", "n": 10_000}
"""What a form proposes when somebody asks for a sample."""


def _id_or_variable(text: str) -> str:
    try:
        return text if "${" in text else check_evaluation_id(text)
    except InvalidName as error:
        raise ValueError(str(error)) from error


class CustomMetric(Definition):
    """A function of yours that returns one number."""

    name: Name = Field(description="Kept and checked as `custom:<name>`.")
    code: str = Field(
        description="Python with a function `metric(truth, prediction, proba, current, reference)`: numpy "
        "arrays, then the evaluated and the reference rows as Arrow tables. Name only the arguments you need; "
        "what there is not is None."
    )


class DriftLimit(Definition):
    """How many rows an evaluation keeps, and compares for drift, at most."""

    rows: int = Field(default=50_000, ge=1, description="Rows at most.")
    megabytes: float = Field(default=8.0, gt=0, description="Size at most, compressed.")


class EvaluationRecipe(Recipe):
    """Settings of every evaluation, with or without a model object."""

    CATEGORY: ClassVar[str] = "ml"
    ENGINES: ClassVar[frozenset[str]] = frozenset({"local", "spark"})

    sampling: Annotated[SerializeAsAny[Sampling], *of("samplings")] | None = Field(
        default=None,
        description="Which rows are evaluated; all when left out. Often about 10,000 at random.",
        json_schema_extra={"proposed": {**PROPOSED_SAMPLING}},
    )
    seed: int = Field(default=1337, description="Of the drift sample and the drift classifier.")
    evaluation_id: Annotated[str, AfterValidator(_id_or_variable)] = Field(
        default="", description="a-z, 0-9 and _; an id that exists is replaced; random when empty."
    )
    evaluation_name: str = Field(default="", description="The date and time of the run when empty.")
    labels: dict[str, str] = Field(
        default_factory=dict,
        description="Key → value, `${variables}` filled in; they win over automatic ones.",
    )
    skip_performance: bool = Field(
        default=False, description="No ground truth is needed: performance is only estimated, drift computed."
    )
    estimate_performance: bool = Field(
        default=True,
        description="Performance is estimated too, which needs no ground truth: from calibrated probabilities, or from "
        "a model of the errors.",
    )
    custom_metrics: tuple[CustomMetric, ...] = Field(default=(), description="Functions of your own.")
    fails_on_warnings: bool = Field(
        default=True, description="A drift computation that fails also fails the run; off: drift stays empty."
    )
    confidence_level: float = Field(
        default=0.95, gt=0.5, lt=1, description="Of the interval; drift is significant at 1 minus it."
    )
    feature_handling: dict[str, ColumnHandling] = Field(
        default_factory=dict, description="Column → how drift treats it, or leaves it out."
    )
    drift_limit: DriftLimit | None = Field(
        default=DriftLimit(), description="Bound of the stored sample; null for none, which costs disk."
    )

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [m.name for m in self.custom_metrics]
        if len(names) != len(set(names)):
            raise ValueError("Two custom metrics have the same name.")
        return self
