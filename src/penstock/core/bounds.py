"""Four switchable bounds on a number, limits on how many values may break a rule, and the words they judge with."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_serializer, model_validator

from penstock.core.check import Judgement
from penstock.core.errors import FlawAt
from penstock.core.kind import Definition
from penstock.core.outcome import Verdict

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Bound(Definition):
    """One end of a range. In YAML a plain number, or `{value: 0.7, enabled: false}` to keep but not use it."""

    value: int | Finite = Field(default=0.0, description="The bound itself; it lies inside the range.")
    enabled: bool = Field(default=True, description="Off: the value is kept and ignored.")

    @model_validator(mode="before")
    @classmethod
    def _plain_number(cls, raw: Any) -> Any:
        if raw is None:
            return {"enabled": False}
        return {"value": raw} if isinstance(raw, (int, float, str)) else raw

    @model_serializer
    def _as_written(self) -> Any:
        return self.value if self.enabled else {"value": self.value, "enabled": False}


OFF = Bound(enabled=False)
SMALL = 0.01
"""Numbers under this keep all their digits."""
NO_LIMIT = "No limit is switched on, so nothing is judged: type a minimum or a maximum."


class Range(Definition):
    """Hard limits make ERROR, soft limits make WARNING; the limits themselves are inside."""

    minimum: Bound = Field(default=OFF, description="ERROR below it.")
    soft_minimum: Bound = Field(default=OFF, description="WARNING below it.")
    soft_maximum: Bound = Field(default=OFF, description="WARNING above it.")
    maximum: Bound = Field(default=OFF, description="ERROR above it.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """A range that nothing lies in, or a warning that an error always comes before, is a slip of the pen."""
        names = ("minimum", "soft_minimum", "soft_maximum", "maximum")
        used = [(name, bound.value) for name in names if (bound := getattr(self, name)).enabled]
        for (low, less), (high, more) in itertools.pairwise(used):
            if less > more:
                raise FlawAt(f"{low} {less} is above {high} {more}: they must rise.", high)
        return self

    def judge_number(self, number: float) -> Judgement:
        """The verdict on one number, with a message such as `0.52 (> 0.4)`; EMPTY when no limit is in use."""
        if self.is_open:
            return Judgement(Verdict.EMPTY, f"{shown(number)}. {NO_LIMIT}", shown(number))
        for verdict, low, high in self.limits():
            if low.enabled and number < low.value:
                return broken(verdict, number, "<", low)
            if high.enabled and number > high.value:
                return broken(verdict, number, ">", high)
        return Judgement(Verdict.OK, shown(number), shown(number))

    @property
    def is_open(self) -> bool:
        """Whether no limit is in use, so that it can judge nothing."""
        return not any(low.enabled or high.enabled for _, low, high in self.limits())

    def limits(self) -> tuple[tuple[Verdict, Bound, Bound], ...]:
        """(verdict, lower, upper): the hard pair, then the soft pair."""
        return (
            (Verdict.ERROR, self.minimum, self.maximum),
            (Verdict.WARNING, self.soft_minimum, self.soft_maximum),
        )

    def in_words(self) -> str:
        """`between 0 and 10`, `at most 5`, `anything`: the hard pair, or the soft one when there is no hard."""
        for _, low, high in self.limits():
            if low.enabled and high.enabled:
                return f"between {low.value} and {high.value}"
            if low.enabled:
                return f"at least {low.value}"
            if high.enabled:
                return f"at most {high.value}"
        return "anything"


class Tolerance(Definition):
    """How many values may break a rule: none, a number of them, or a share in percent."""

    threshold: Literal["whole", "count", "percentage"] = Field(
        default="whole",
        description="whole: no value may break it. count: a number may. percentage: a share may.",
    )
    soft_maximum: Bound = Field(default=OFF, description="WARNING when more values, or percent, break it.")
    maximum: Bound = Field(default=OFF, description="ERROR when more values, or percent, break it.")

    @model_validator(mode="after")
    def _limits_need_a_unit(self) -> Tolerance:
        limited = self.soft_maximum.enabled or self.maximum.enabled
        if limited and self.threshold == "whole":
            raise ValueError("A maximum needs `threshold: count` or `threshold: percentage`.")
        if not limited and self.threshold != "whole":
            raise ValueError(f"`threshold: {self.threshold}` needs a maximum or a soft_maximum.")
        return self

    def judge_share(self, breaking: int, of: int, what: str) -> Judgement:
        """The verdict on `breaking` values out of `of`; EMPTY when there are no values to judge."""
        if of == 0:
            return Judgement(Verdict.EMPTY, "there is no value to judge")
        percent = 100.0 * breaking / of
        told = f"{breaking:,} of {of:,} values are {what}"
        if self.threshold == "whole":
            return Judgement(Verdict.ERROR if breaking else Verdict.OK, told, shown(breaking))
        number, unit = (percent, " %") if self.threshold == "percentage" else (float(breaking), "")
        for verdict, limit in ((Verdict.ERROR, self.maximum), (Verdict.WARNING, self.soft_maximum)):
            if limit.enabled and number > limit.value:
                said = f"{_apart(number, limit.value)}{unit} (> {limit.value}{unit}): {told}"
                return Judgement(verdict, said, shown(number))
        return Judgement(Verdict.OK, f"{shown(number)}{unit}: {told}", shown(number))

    def tolerance_in_words(self) -> str:
        """` (up to 5 % may break it)`, or nothing when no value may break the rule."""
        limit = self.maximum if self.maximum.enabled else self.soft_maximum
        if self.threshold == "whole":
            return ""
        return f" (up to {limit.value}{' %' if self.threshold == 'percentage' else ' values'} may break it)"


def broken(verdict: Verdict, number: float, sign: str, bound: Bound) -> Judgement:
    """A judgement that names the observed number and the bound it broke."""
    return Judgement(verdict, f"{_apart(number, bound.value)} ({sign} {bound.value})", shown(number))


def shown(number: float) -> str:
    """A number for people: whole numbers plainly, others with six digits, of which four after the point."""
    if isinstance(number, int) or (number.is_integer() and abs(number) < 1e15):
        return str(int(number))
    return f"{round(number, 4) if abs(number) >= SMALL else number:.6g}"


def _apart(number: float, bound: float) -> str:
    """The number with as many digits as it takes to differ from the bound."""
    short = shown(number)
    return short if float(short) != bound else repr(number)


def nothing(what: str) -> Judgement:
    """EMPTY: there is no value to judge."""
    return Judgement(Verdict.EMPTY, f"there is no value of {what}")


def finite(value: Any) -> float | None:
    """A measured number, or None when it is missing, NaN or infinite."""
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def member(value: Any, among: tuple[Any, ...]) -> bool:
    """Whether a value is one of a set: numbers compare as numbers, everything else as text."""
    return any(alike(value, other) for other in among)


def alike(one: Any, other: Any) -> bool:
    return compared(one, other, lambda a, b: bool(a == b))


def compared(one: Any, other: Any, how: Callable[[Any, Any], bool]) -> bool:
    """Compare two values, as numbers when both are numbers, else as text."""
    if _is_number(one) and _is_number(other):
        return how(one, other)
    return how(_text(one), _text(other))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
