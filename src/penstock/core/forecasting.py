"""Forecasting: the design of a model that continues series in time, and the base of what can be trained for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, SerializeAsAny, field_validator, model_validator

from penstock.core import calendar
from penstock.core.design import SEED
from penstock.core.kind import Definition, Kind, of

if TYPE_CHECKING:
    import numpy as np

Unit = Literal["minute", "hour", "day", "week", "month", "quarter", "year"]
SEASONS: dict[Unit, int] = {
    "minute": 60, "hour": 24, "day": 7, "week": 52, "month": 12, "quarter": 4, "year": 1,
}  # fmt: skip
"""Steps until a pattern usually comes again: an hour of minutes, a day of hours, a week of days, a year of the rest."""
ForecastMetric = Literal["mase", "mape", "smape", "rmse", "mae", "meanQuantileLoss", "coverageError"]
Quantile = Annotated[float, Field(gt=0, lt=1)]


class TimeStep(Definition):
    """What lies between one row of a series and the next."""

    unit: Unit = Field(default="day", description="Days and weeks are those of the design's zone.")
    count: int = Field(default=1, ge=1, le=1000, description="How many of them: 15 minutes, 2 weeks.")

    def __str__(self) -> str:
        return self.unit if self.count == 1 else f"{self.count} {self.unit}s"


class ForecastDesign(Definition):
    """What to continue, in which steps, and how far. `target`, `time` and `horizon` are enough for one daily series.

    Example:
        target: sales
        time: day
        step: {unit: day}
        horizon: 14
        series: [shop]
        externals: [holiday]
    """

    target: str = Field(description="The column to forecast: a number.", json_schema_extra={"picked": True})
    time: str = Field(description="The column with the date or time of each row.")
    step: TimeStep = Field(default=TimeStep(), description="What lies between one row and the next.")
    zone: str = Field(
        default="",
        description="Time zone whose days and hours are meant, such as Europe/Paris; UTC when empty. Times without a "
        "zone are those of its clocks.",
    )
    horizon: int = Field(
        default=7, ge=1, le=1000, description="How many steps after the last row are forecast."
    )
    series: tuple[str, ...] = Field(
        default=(),
        description="Columns that say which series a row belongs to; none: all rows are one series.",
    )
    externals: tuple[str, ...] = Field(
        default=(),
        description="Columns known in advance, such as holidays or prices: numbers, or true and false. Forecasting "
        "needs their values for the whole horizon.",
    )
    quantiles: tuple[Quantile, ...] = Field(
        default=(0.1, 0.5, 0.9), min_length=1, description="Which quantiles come with each forecast, rising."
    )
    season: int | None = Field(
        default=None, ge=1, le=10_000,
        description="Steps until a pattern comes again; by the step when left out: 7 for days, 24 for hours, 12 for "
        "months.",
    )  # fmt: skip
    window: int | None = Field(
        default=None, ge=2, le=20_000,
        description="How many last rows of a series a forecast looks at, and needs; two seasons when left out.",
    )  # fmt: skip
    test_periods: int = Field(
        default=3, ge=1, le=50,
        description="How many horizons at the end of every series are kept from training to judge and to learn the "
        "quantiles on.",
    )  # fmt: skip
    metric: ForecastMetric = Field(
        default="mase", description="What decides which algorithm is kept; lower is better."
    )
    forecasters: tuple[Annotated[SerializeAsAny[Forecaster], *of("forecasters")], ...] = Field(
        default=(), description="What to try; the season before and gradient boosting when left out."
    )
    seed: int = Field(default=SEED, description="Of everything random.")

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        if name == "server":
            raise ValueError("A model goes from machine to machine: name its zone, such as Europe/Paris.")
        if name:
            calendar.zone(name)
        return name

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        named = (self.target, self.time, *self.series, *self.externals)
        twice = next((name for name in named if named.count(name) > 1), "")
        if twice:
            raise ValueError(
                f"Column '{twice}' has two roles: target, time, series and externals must differ."
            )
        if list(self.quantiles) != sorted(set(self.quantiles)):
            raise ValueError("The quantiles must rise: 0.1, 0.5, 0.9.")
        if self.window is not None and self.window <= self.season_steps:
            raise ValueError(f"The window must be longer than the season of {self.season_steps} steps.")
        return self

    @property
    def by_days(self) -> bool:
        """Whether its steps are days or longer, which clock changes lengthen and shorten."""
        return self.step.unit not in ("minute", "hour")

    @property
    def season_steps(self) -> int:
        """Steps until a pattern comes again."""
        if self.season is not None:
            return self.season
        usual = SEASONS[self.step.unit]
        return usual // self.step.count if usual % self.step.count == 0 else 1

    @property
    def window_steps(self) -> int:
        """How many last rows a forecast looks at."""
        return self.window or max(2 * self.season_steps, 8)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it names: time, series, target, externals."""
        return (self.time, *self.series, self.target, *self.externals)


@dataclass(frozen=True, slots=True)
class Windows:
    """n places in series, each with what is known there. Numbers are relative to the level and spread of the window.

    past       (n, window) floats, the oldest first; the last one stands right before the first step asked for
    calendar   (n, horizon, parts) floats: month, day, weekday, hour, minute of each step
    externals  (n, horizon, externals) floats, as they are
    """

    past: np.ndarray
    calendar: np.ndarray
    externals: np.ndarray
    season: int

    @property
    def horizon(self) -> int:
        return int(self.calendar.shape[1])


Continued = Callable[[Windows], "np.ndarray"]
"""Windows → (n, horizon) floats: how each goes on."""


class Forecaster(Kind):
    """A way to continue series. Fields are hyperparameters.

    `learn(windows, wanted)` returns what is kept of the lesson as a text that cannot run anything; `opened(text)`
    answers with it.
    """

    FAMILY: ClassVar[str] = "forecasters"
    LABEL: ClassVar[str] = ""

    def learn(self, windows: Windows, wanted: np.ndarray, *, seed: int) -> str:
        """Learn how windows go on: `wanted` is (n, horizon). An empty text when there is nothing to learn."""
        raise NotImplementedError

    def opened(self, text: str, like: Windows, *, native: bool) -> Continued:
        """What answers. `like` has the shape of what will be asked; `native`: without LightGBM's Python package.
        Raises UntrustedModel for a text that was not written by `learn`."""
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """Field → value, all of them: what a report shows as the hyperparameters."""
        return self.model_dump(mode="json")


ForecastDesign.model_rebuild()
