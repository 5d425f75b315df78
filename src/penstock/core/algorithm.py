"""Algorithm: the base of what can be trained, and how a hyperparameter is left to the search."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from penstock.core.kind import Definition, Kind


class _Between(Definition):
    low: float
    high: float
    log: bool = Field(default=False, description="Orders of magnitude count, not differences.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low >= self.high or (self.log and self.low <= 0):
            raise ValueError("A range needs low < high, and low > 0 when it is logarithmic.")
        return self


class NumberRange(_Between):
    """Any number between two."""


class IntegerRange(_Between):
    """Any whole number between two, both included."""

    low: int
    high: int


_Whole = Annotated[int, Field(ge=1)]
_NotNegative = Annotated[float, Field(ge=0)]
Count = _Whole | tuple[_Whole, ...] | IntegerRange
"""A whole number from 1, a list of them to try, or `{low: 10, high: 500, log: true}`."""
MaybeCount = _Whole | None | tuple[_Whole | None, ...] | IntegerRange
"""The same, where null means without limit."""
Amount = _NotNegative | tuple[_NotNegative, ...] | NumberRange
"""A number from 0, a list of them to try, or a range."""

Space = dict[str, tuple[Any, ...] | NumberRange | IntegerRange]


class Algorithm(Kind):
    """What can be trained. Fields are hyperparameters: a value, or a list or range that the search varies.

    `space()` names the fields left open; `candidate(**chosen)` fixes them; `estimator(…)` of a candidate
    returns a fresh scikit-learn estimator.
    """

    FAMILY: ClassVar[str] = "algorithms"
    LABEL: ClassVar[str] = ""
    SERVES: ClassVar[frozenset[str]] = frozenset({"binary", "multiclass", "regression"})
    TAKES_WEIGHTS: ClassVar[bool] = True
    """False when fitting has no use for row weights, so that class weighting has no effect."""
    EXPENSIVE_TO_EXPLAIN: ClassVar[bool] = False
    """True when Shapley importance is left out of training unless it is asked for."""

    def estimator(self, prediction_type: str, *, seed: int, threads: int) -> Any:
        """A fresh estimator with this candidate's values. Equal results for every number of threads."""
        raise NotImplementedError

    def space(self) -> Space:
        """Field → what may be tried, for the fields that hold a list or a range."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {n: v for n, v in values.items() if isinstance(v, (tuple, NumberRange, IntegerRange))}

    def candidate(self, **chosen: Any) -> Self:
        """A copy with the open fields fixed."""
        return self.changed(**chosen) if chosen else self

    def settings(self) -> dict[str, Any]:
        """Field → value, all of them: what a report shows as the hyperparameters."""
        return self.model_dump(mode="json")
