"""Promote model: make a new version the active one if it is better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator

from penstock.core.names import TargetModel, TargetStore
from penstock.core.outcome import Outcome
from penstock.core.promotion import Candidate
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class PromoteModel(Step):
    """Makes the newest version of a model the active one when a metric is better by a margin; else leaves it be.

    Both versions are compared on the same test rows, or on evaluations of the same data in a store. Where there is
    nothing the same to compare on, nothing is promoted and the step is WARNING. For models with manual activation.
    Of a forecast both are compared on the rows held back from training the new version, which the active one has not
    learned; `metric: MASE`, or another score of forecasts.

    Example:
        type: promote_model
        model: authorized
        metric: ROC AUC
        by: 0.01
    """

    model: TargetModel = Field(description="The saved model.")
    version: str = Field(default="", description="Id of the version to promote; the newest one when empty.")
    metric: str = Field(
        default="ROC AUC",
        description="A score, by its name or id; the main metric of the version when empty.",
    )
    by: float = Field(default=0.0, ge=0, description="How much better it must be at least.")
    store: TargetStore | None = Field(
        default=None, description="Compare the newest evaluations of both versions in this store."
    )

    @field_validator("metric")
    @classmethod
    def _known(cls, metric: str) -> str:
        from penstock.ml import promotion

        if metric and "${" not in metric:
            promotion.score_of(metric)
        return metric

    def run(self, ctx: StepContext) -> StepResult:
        from penstock.ml import forecast_promotion, promotion
        from penstock.ml.promotion import Kept

        asked = Candidate(
            project=ctx.project.key, model=ctx.expand(self.model), version=ctx.expand(self.version),
            metric=ctx.expand(self.metric), margin=self.by, store=ctx.expand(self.store) if self.store else "",
        )  # fmt: skip
        found = promotion.judged(asked, Kept(ctx.models(), ctx.evaluations(), forecast_promotion.scores))
        if found.promoted:
            ctx.activate(found.model, found.candidate)
        ctx.log.info(found.why)
        output: dict[str, Any] = found.told()
        return StepResult(
            Outcome.SUCCESS if found.comparable else Outcome.WARNING, output=output,
            message="" if found.comparable else found.why,
        )  # fmt: skip
