"""Split: one dataset into several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from penstock.core import filter as rows
from penstock.core.chance import SPAN, mixed
from penstock.core.kind import Definition
from penstock.core.names import InputDataset, OutputDataset
from penstock.kinds.recipes._shape import ROW, Before, Order, in_order, keys, numbered
from penstock.kinds.recipes._table import need

if TYPE_CHECKING:
    import ibis.expr.types as ir

Value = bool | int | float | str | None


class Part(Definition):
    """One output and the rows that go there."""

    output: OutputDataset = Field(description="Where these rows go.")
    values: tuple[Value, ...] = Field(default=(), description="method values: the values of the column.")
    share: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="methods random, random_values, order: the share of rows or values.",
    )
    filter: rows.Filter | None = Field(default=None, description="method filters: the rows that are meant.")


class Split(Before):
    """Sends each row of a dataset to one of several outputs; what fits none goes to the rest, or nowhere.

    `values`: by the value of a column. `filters`: to the first part whose filter means it. `random`: by chance;
    the same seed gives the same split. `random_values`: all rows with the same value stay together. `order`:
    sorted first, then cut: the first 80 % here, the rest there.

    Example:
        type: split
        input: transactions
        method: filters
        parts:
          - output: transactions_train
            filter:
              rules:
                - {column: purchase_date, operator: "<", value: "${split_date}"}
        rest: transactions_new
    """

    MAIN: ClassVar[tuple[str, ...]] = ("input", "method", "parts", "rest", "column", "order")

    input: InputDataset = Field(description="The dataset to split.")
    method: Literal["values", "filters", "random", "random_values", "order"] = Field(
        description="What decides where a row goes."
    )
    parts: tuple[Part, ...] = Field(min_length=1, description="The outputs, in order.")
    rest: OutputDataset | None = Field(default=None, description="Where rows go that fit no part.")
    column: str = Field(default="", description="methods values and random_values: the column.")
    order: tuple[Order, ...] = Field(default=(), description="method order: what the rows are sorted by.")
    seed: int = Field(default=1337, description="methods random and random_values.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        outputs = [p.output for p in self.parts] + ([self.rest] if self.rest else [])
        if len(set(outputs)) < len(outputs):
            raise ValueError("Each output may be named once.")
        if self.method in ("values", "random_values") and not self.column:
            raise ValueError(f"method {self.method} needs a column.")
        if self.method == "order" and not self.order:
            raise ValueError("method order needs an order.")
        if self.method == "filters" and any(p.filter is None for p in self.parts):
            raise ValueError("method filters needs a filter in each part.")
        if (
            self.method in ("random", "random_values", "order")
            and sum(p.share for p in self.parts) > 1 + 1e-9
        ):
            raise ValueError("The shares add up to more than 1.")
        return self

    def transform(self, *tables: ir.Table) -> dict[str, ir.Table]:
        table = self.prepared(tables[0], self.input)
        need(
            table,
            [*filter(None, [self.column]), *(o.column for o in self.order)],
            dataset=self.input,
            by="Split",
        )
        if self.method in ("values", "filters"):
            return self._by_condition(table)
        return self._by_position(table)

    def _by_condition(self, table: ir.Table) -> dict[str, ir.Table]:
        import ibis

        found, taken = {}, ibis.literal(False)
        for part in self.parts:
            meant = self._meant(part, table)
            found[part.output] = table.filter(meant & ~taken)
            taken = taken | meant
        return found | ({self.rest: table.filter(~taken)} if self.rest else {})

    def _meant(self, part: Part, table: ir.Table) -> Any:
        if part.filter is not None:
            need(
                table,
                part.filter.expression().columns(),
                dataset=self.input,
                by=f"The filter of {part.output}",
            )
            return part.filter.compile(table)
        import ibis

        column = table[self.column]
        named = [v for v in part.values if v is not None]
        among = [rows.Rule(column=self.column, operator="in", values=tuple(named))] if named else []
        meant: Any = rows.Filter(rules=tuple(among)).compile(table) if among else ibis.literal(False)
        return meant | column.isnull() if None in part.values else meant

    def _by_position(self, table: ir.Table) -> dict[str, ir.Table]:
        """Each row has a place between 0 and 1; the parts cut that line."""
        placed = self._placed(numbered(self._with_number(table)))
        found, start, last = {}, 0.0, len(self.parts) - 1
        for number, part in enumerate(self.parts):
            end = start + part.share
            whole = number == last and abs(end - 1) < 1e-9
            here = (
                (placed["__place"] >= start)
                if whole
                else placed["__place"].between(start, end) & (placed["__place"] < end)
            )
            found[part.output] = self._back(placed.filter(here))
            start = end
        return found | (
            {self.rest: self._back(placed.filter(placed["__place"] >= start))} if self.rest else {}
        )

    def _with_number(self, table: ir.Table) -> ir.Table:
        """Method random_values: a number of each value. It is a column of its own below the one that numbers the
        rows, for an engine would write it out at each of its hundred uses."""
        import ibis

        if self.method != "random_values":
            return table
        digest = table[self.column].cast("string").fill_null("").hexdigest("md5")
        digits = (_hex_digit(digest, i) * 16**i for i in range(7))
        return table.mutate(__number=sum(digits, ibis.literal(0, type="int64")))

    def _placed(self, table: ir.Table) -> ir.Table:
        import ibis

        if self.method == "random":
            return table.mutate(__place=mixed(table[ROW], self.seed) / SPAN)
        if self.method == "order":
            sorted_rows = ibis.window(order_by=keys(table, self.order))
            number = ibis.row_number().over(sorted_rows).cast("int64")
            table = table.mutate(__number=number)
            count = table.count().as_scalar()
            return table.mutate(__place=table["__number"] / count).drop("__number")
        return table.mutate(__place=mixed(table["__number"], self.seed) / SPAN).drop("__number")

    def _back(self, table: ir.Table) -> ir.Table:
        if self.method == "order":
            return table.order_by(keys(table, self.order)).drop(ROW, "__place")
        return in_order(table.drop("__place"))


def _hex_digit(text: Any, position: int) -> Any:
    """The value of one hexadecimal digit of a text, 0 to 15."""
    import ibis

    return ibis.literal("0123456789abcdef").find(text.substr(position, 1)).cast("int64")
