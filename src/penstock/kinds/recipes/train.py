"""Train: a new version of a saved model."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.names import InputDataset, OutputModel
from penstock.core.recipe import Recipe

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext


class Train(Recipe):
    """Trains a saved model as its design says, and keeps the result as a new version.

    What to predict, from what and how lies in the model (`flow/models/<model>.yaml`: `design`, or `forecast` for series
    in time), so that a retrain needs nothing else. The new version becomes the active one unless the model's
    activation is manual.

    Example:
        type: train
        input: transactions_known
        model: authorized
    """

    CATEGORY: ClassVar[str] = "ml"

    input: InputDataset = Field(description="Rows to learn from, with the target.")
    test: InputDataset | None = Field(
        default=None, description="Rows to test on, when the design's split is explicit."
    )
    model: OutputModel = Field(description="The saved model that gets a new version.")

    def run(self, ctx: RecipeContext) -> None:
        from penstock.kinds.recipes import _forecasting, _training

        origin = _training.Origin(ctx, self.model, self.input, self.test)
        train = _training.train if origin.model.forecast is None else _forecasting.train
        train(origin)
