"""Forecast: a saved model that continues series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.names import InputModel
from penstock.core.package import JSON_TYPES
from penstock.core.service import Endpoint

if TYPE_CHECKING:
    from penstock.core.package import EndpointContext
    from penstock.kinds.endpoints._forecasting import Forecasts


class Forecast(Endpoint):
    """Continues series: asked with their last rows as `items`, it answers with the horizon behind each of them.

    Rows without a target give the future externals, when the model needs some: one for each step of the horizon.

    Example:
        type: forecast
        name: sales_ahead
        model: sales_forecast
    """

    VERBS: ClassVar[tuple[str, ...]] = ("forecast",)
    EVENT: ClassVar[str] = "forecast-query"
    MODEL: ClassVar[bool] = True
    FORECASTS: ClassVar[bool] = True
    MAIN: ClassVar[tuple[str, ...]] = ("name", "model")

    model: InputModel = Field(
        description="The saved model; its active version is frozen into each version of the service."
    )

    def open(self, ctx: EndpointContext) -> Forecasts:
        from penstock.kinds.endpoints._forecasting import Forecasts
        from penstock.ml import forecast_file

        return Forecasts(forecast_file.load(ctx.model_files(), native=True))

    def operations(self, model: Mapping[str, Any] | None) -> dict[str, Any]:
        listed = (model or {}).get("features") or ()
        item = {"type": "object", "properties": {f["name"]: {"type": JSON_TYPES[f["type"]]} for f in listed}}
        request = {
            "type": "object",
            "properties": {"items": {"type": "array", "items": item}, "context": {"type": "object"}},
            "required": ["items"],
        }
        numbers = {"type": "array", "items": {"type": "number"}}
        row = {
            "forecast": {"type": "number"}, "ignored": {"type": "boolean"}, "quantiles": numbers,
            "quantilesValues": numbers, "time": {"type": "string", "format": "date-time"},
            "timeseriesIdentifier": {"type": "object"},
        }  # fmt: skip
        results = {"type": "array", "items": {"type": "object", "properties": row}}
        return {
            "forecast": {"request": request, "answer": {"type": "object", "properties": {"results": results}}}
        }
