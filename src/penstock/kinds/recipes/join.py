"""Join: rows of several datasets side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator

from penstock.core.errors import Invalid
from penstock.core.names import OutputDataset
from penstock.kinds.recipes import _join
from penstock.kinds.recipes._join import JoinedDataset
from penstock.kinds.recipes._shape import After, kept

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Join(After):
    """Puts rows of two or more datasets side by side where conditions hold, one input after the other.

    A null equals nothing. The key of an equality with the same name on both sides is taken once. A column whose
    name is taken already gets the name of its dataset before it: `weather_year`. Rows come in the order of the
    first input, then of the next.

    Example:
        type: join
        inputs:
          - {dataset: flights}
          - dataset: weather
            how: left
            "on": [{left: origin}, {left: time_hour}]
            columns: [wind_speed, {column: precip, name: rain}]
          - {dataset: planes, "on": [{left: tailnum}], prefix: plane_}
        output: flights_joined
    """

    MAIN: ClassVar[tuple[str, ...]] = ("inputs", "output", "unmatched_left", "unmatched_right")

    inputs: tuple[JoinedDataset, ...] = Field(min_length=2, description="The datasets, in order.")
    output: OutputDataset = Field(description="Where the joined rows go.")
    unmatched_left: OutputDataset | None = Field(
        default=None, description="Two inputs: where rows of the first without a match go."
    )
    unmatched_right: OutputDataset | None = Field(
        default=None, description="Two inputs: where rows of the second without a match go."
    )
    keep_order: bool = Field(
        default=True, description="Rows come in the order of the inputs; off = as they come, which is faster."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        names = [i.called for i in self.inputs]
        if len(set(names)) < len(names):
            raise ValueError("A dataset that is joined twice needs an alias.")
        for joined in self.inputs[1:]:
            if (joined.how == "cross") == bool(joined.on):
                raise ValueError(
                    f"{joined.called}: a cross join takes no condition, every other one needs some."
                )
        if self._unmatched and len(self.inputs) != 2:
            raise ValueError("Rows without a match can be kept when two datasets are joined.")
        return self

    @property
    def _unmatched(self) -> bool:
        return self.unmatched_left is not None or self.unmatched_right is not None

    @property
    def costs_like(self) -> str:
        return "ordered join" if self.keep_order else "join"

    def transform(self, *tables: ir.Table) -> dict[str, ir.Table]:
        by_name = dict(zip(self.reads, tables, strict=True))
        sources = [
            kept(by_name[i.dataset], i.pre_filter, i.dataset, f"The filter of {i.called}")
            for i in self.inputs
        ]
        done = _join.start(self.inputs[0], sources[0])
        for joined, source in zip(self.inputs[1:], sources[1:], strict=True):
            done = _join.step(done, joined, source)
        found = {self.output: self.finished(done.table(self.keep_order))}
        return found | self._rest(sources)

    def _rest(self, sources: list[ir.Table]) -> dict[str, ir.Table]:
        """The rows without a match, with all their columns."""
        if not self._unmatched:
            return {}
        first, second = self.inputs
        if second.how == "cross":
            raise Invalid("In a cross join every row has a match.")
        left, right = sources
        conditions = _join.checked(second, {first.called: left}, right)
        found = {}
        if self.unmatched_left:
            found[self.unmatched_left] = _join.without_match(left, right, conditions, flipped=False)
        if self.unmatched_right:
            found[self.unmatched_right] = _join.without_match(right, left, conditions, flipped=True)
        return found
