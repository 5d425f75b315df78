"""Score: predictions for the rows of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from penstock.core.kind import Definition
from penstock.core.labels import date_text
from penstock.core.names import InputDataset, InputModel, OutputDataset
from penstock.core.recipe import Recipe
from penstock.kinds.recipes import _scoring

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext
    from penstock.core.model import ModelVersion
    from penstock.ml.predictor import Predictor
    from penstock.ml.scoring import ScoreOptions

MODEL, VERSION, SCORED_AT = "model_name", "model_version", "scored_at"


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
        """Stream the input through the model into the output."""
        version = _scoring.version_of(ctx, self.model, self.version)
        predictor = _scoring.opened(ctx, version)
        _scoring.refuse_threshold(self.threshold, version)
        ctx.log.info(f"Scoring {self.input} with {version.model}, version {version.name} ({version.id}).")
        options, needed = self._options(version, ctx), self._needed(predictor, ctx)
        if ctx.place.engine == "spark":
            model = (version, predictor)
            ctx.write(self.output, _scoring.by_workers(ctx, self.input, model, options, columns=needed))
            return
        from penstock.ml.scoring import score_batches

        scored = score_batches(predictor, ctx.stream(self.input, columns=needed), options, dataset=self.input)
        ctx.write(self.output, _scoring.watched(scored, ctx, "scored"))

    def _needed(self, predictor: Predictor, ctx: RecipeContext) -> list[str] | None:
        if self.columns is None:
            return None
        wanted = {*self.columns, *predictor.features}
        present = list(ctx.read(self.input).columns)
        return [name for name in present if name in wanted] or present[:1]

    def _options(self, version: ModelVersion, ctx: RecipeContext) -> ScoreOptions:
        from penstock.ml import scoring

        asked = self.explanations
        explanations = asked and scoring.Explanations(
            method=asked.method, most=asked.number, samples=asked.steps, seed=asked.seed
        )
        said = {MODEL: version.model, VERSION: version.id, SCORED_AT: date_text(ctx.clock.now())}
        return scoring.ScoreOptions(
            columns=self.columns, probabilities=self.output_probabilities, threshold=self.threshold,
            explanations=explanations, metadata=said if self.output_model_metadata else {},
        )  # fmt: skip
