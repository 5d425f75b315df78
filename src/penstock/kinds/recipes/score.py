"""Score: predictions for the rows of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from penstock.core.kind import Definition
from penstock.core.names import InputDataset, InputModel, OutputDataset
from penstock.core.recipe import Recipe

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext


class Explanations(Definition):
    """Which features made each prediction what it is, as one JSON object a row."""

    method: Literal["shapley", "ice"] = Field(default="shapley", description="How influence is estimated.")
    number: int = Field(default=3, ge=1, le=100, description="Most influential features per row.")
    seed: int = Field(default=1337, description="Same seed, same explanations.")
    steps: int = Field(
        default=100, ge=25, le=400, description="Shapley: draws; four times more, twice as exact."
    )


class Score(Recipe):
    """Adds a model's predictions to the rows of a dataset.

    Classification adds `proba_<class>` for each class and `prediction`, regression `prediction`. The target is
    not needed. A row without a needed value that may not be filled in keeps its place with empty predictions.

    Example:
        type: score
        input: transactions_new
        model: authorized
        output: transactions_scored
    """

    MAIN: ClassVar[tuple[str, ...]] = ("input", "model", "output", "output_probabilities", "threshold")
    CATEGORY: ClassVar[str] = "ml"
    ENGINES: ClassVar[frozenset[str]] = frozenset({"local", "spark"})

    input: InputDataset = Field(description="Rows to score.")
    model: InputModel = Field(description="The saved model.")
    output: OutputDataset = Field(description="The rows with predictions.")
    version: str = Field(default="", description="Id of a version; the active one when empty.")
    columns: tuple[str, ...] | None = Field(
        default=None, description="Input columns to carry over; all of them when left out."
    )
    output_probabilities: bool = Field(default=True, description="Classification: add `proba_<class>`.")
    threshold: Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=None, description="Binary: another cut-off than the version's."
    )
    explanations: Explanations | None = Field(
        default=None, description="Add `explanations`; much slower. None when left out."
    )
    output_model_metadata: bool = Field(
        default=False, description="Add which model and version scored the row, and when."
    )

    def run(self, ctx: RecipeContext) -> None:
        from penstock.kinds.recipes import _scoring

        _scoring.score(self, ctx)
