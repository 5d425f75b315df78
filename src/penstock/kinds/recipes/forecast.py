"""Forecast: how series go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.names import InputDataset, InputModel, OutputDataset
from penstock.core.recipe import Recipe

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext


class Forecast(Recipe):
    """Continues every series of a dataset: `horizon` rows after its last one, with quantiles.

    Rows without a target behind the last known value give the future externals, when the model needs some. The output
    has the columns of the series, the time, `forecast` and `quantile_0.1` and so on.

    Example:
        type: forecast
        input: sales
        model: sales_forecast
        output: sales_ahead
    """

    MAIN: ClassVar[tuple[str, ...]] = ("input", "model", "output")
    CATEGORY: ClassVar[str] = "ml"

    input: InputDataset = Field(description="The last rows of every series, and those ahead with externals.")
    model: InputModel = Field(description="The saved model, with a forecast design.")
    output: OutputDataset = Field(description="The horizon of every series.")
    version: str = Field(default="", description="Id of a version; the active one when empty.")

    def run(self, ctx: RecipeContext) -> None:
        from penstock.kinds.recipes import _forecasting, _scoring

        version = _scoring.version_of(ctx, self.model, self.version)
        _forecasting.forecast(ctx, version, self.input, self.output)
