"""PostgreSQL's SQL where Ibis says it otherwise than DuckDB does, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis.expr.datatypes as dt
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.postgres import PostgresCompiler

if TYPE_CHECKING:
    import ibis.expr.operations as ops


LARGEST = 709.0
"""The natural logarithm of the largest double, about."""


class Compiler(PostgresCompiler):
    """Ibis's compiler with one meaning for all engines."""

    def visit_Divide(self, op: ops.Divide, *, left: Any, right: Any) -> Any:
        """7 / 2 is 3.5, also for whole numbers."""
        whole = op.left.dtype.is_integer() and op.right.dtype.is_integer()
        return sge.Div(
            this=sge.paren(self.cast(left, dt.float64) if whole else left), expression=sge.paren(right)
        )

    def visit_HexDigest(self, op: ops.HexDigest, *, arg: Any, how: str) -> Any:
        if how != "md5":
            return super().visit_HexDigest(op, arg=arg, how=how)
        return self.f.md5(arg)

    def visit_First(self, op: ops.First, *, arg: Any, where: Any, order_by: Any, include_null: bool) -> Any:
        return self._one(arg, where=where, order_by=order_by, include_null=include_null)

    def visit_Last(self, op: ops.Last, *, arg: Any, where: Any, order_by: Any, include_null: bool) -> Any:
        if order_by:
            turned = [_turned(key) for key in order_by]
            return self._one(arg, where=where, order_by=turned, include_null=include_null)
        listed = self._listed(arg, where=where, order_by=(), include_null=include_null)
        return sge.Bracket(this=sge.paren(listed), expressions=[self.f.cardinality(listed)], offset=1)

    def visit_Cast(self, op: ops.Cast, *, arg: Any, to: dt.DataType) -> Any:
        """A boolean becomes any number by way of int, money by way of numeric; doubles are written as elsewhere."""
        if op.arg.dtype.is_decimal() and to.is_numeric() and op.arg.dtype.precision is not None:
            arg = self.cast(arg, dt.Decimal())
        if op.arg.dtype.is_boolean() and to.is_numeric() and not to.is_int32():
            arg = self.cast(arg, dt.int32)
        if op.arg.dtype.is_floating() and to.is_string():
            return self._number_text(super().visit_Cast(op, arg=arg, to=to))
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_Power(self, op: ops.Power, *, left: Any, right: Any) -> Any:
        """Infinite where it is too large, and 0 where it is too small; PostgreSQL itself would stop."""
        base, exponent = self.cast(left, dt.float64), self.cast(right, dt.float64)
        size = sge.Mul(this=sge.paren(exponent), expression=self.f.ln(self.f.nullif(self.f.abs(base), 0)))
        return sge.Case(
            ifs=[
                self.if_(sge.GT(this=size, expression=sge.convert(LARGEST)), self.POS_INF),
                self.if_(sge.LT(this=size, expression=sge.convert(-LARGEST)), self.cast(sge.convert(0), dt.float64)),
            ],
            default=self.f.pow(base, exponent),
        )  # fmt: skip

    def visit_StringFind(self, op: ops.StringFind, **parts: Any) -> Any:
        """A bigint, as Ibis says, so that what is computed with it is one, too."""
        return self.cast(super().visit_StringFind(op, **parts), dt.int64)

    def visit_StringLength(self, op: ops.StringLength, *, arg: Any) -> Any:
        return self.cast(self.f.length(arg), dt.int64)

    def visit_Substring(self, op: ops.Substring, *, arg: Any, start: Any, length: Any) -> Any:
        """Places are plain ints to PostgreSQL."""
        start = self.cast(start, dt.int32)
        length = None if length is None else self.cast(length, dt.int32)
        return super().visit_Substring(op, arg=arg, start=start, length=length)

    def visit_ArrayStringJoin(self, op: ops.ArrayStringJoin, *, arg: Any, sep: Any) -> Any:
        """Of no elements, an empty text."""
        return self.f.array_to_string(arg, sep)

    def visit_ArrayFilter(self, op: ops.ArrayFilter, *, arg: Any, **parts: Any) -> Any:
        return self._kept_empty(arg, super().visit_ArrayFilter(op, arg=arg, **parts))

    def visit_ArrayMap(self, op: ops.ArrayMap, *, arg: Any, **parts: Any) -> Any:
        return self._kept_empty(arg, super().visit_ArrayMap(op, arg=arg, **parts))

    def visit_StringSplit(self, op: ops.StringSplit, *, arg: Any, delimiter: Any) -> Any:
        """An empty text has one part, which is empty."""
        nothing = sge.EQ(this=arg, expression=sge.convert(""))
        return self.if_(nothing, self.f.array(sge.convert("")), self.f.string_to_array(arg, delimiter))

    def visit_TryCast(self, op: ops.TryCast, *, arg: Any, to: dt.DataType) -> Any:
        """Null for a text that is no such value; PostgreSQL itself would stop."""
        cast = self.visit_Cast(op, arg=arg, to=to)
        if not op.arg.dtype.is_string() or to.is_string():
            return cast
        valid = self.f.pg_input_is_valid(arg, sge.convert(self.type_mapper.to_string(to)))
        return self.if_(valid, cast, sge.null())

    def _kept_empty(self, arg: Any, made: Any) -> Any:
        """A list without elements, where PostgreSQL's aggregate of nothing is null."""
        return self.if_(arg.is_(sge.null()), sge.null(), self.f.coalesce(made, sge.convert("{}")))

    def _number_text(self, text: Any) -> Any:
        """2.0, nan and inf, as other engines write doubles."""
        words = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}
        named = [
            self.if_(sge.EQ(this=text, expression=sge.convert(k)), sge.convert(v)) for k, v in words.items()
        ]
        whole = self.f.regexp_like(text, "^-?[0-9]+$")
        return sge.Case(
            ifs=[*named, self.if_(whole, sge.DPipe(this=text, expression=sge.convert(".0")))], default=text
        )

    def _one(self, arg: Any, *, where: Any, order_by: Any, include_null: bool) -> Any:
        listed = self._listed(arg, where=where, order_by=order_by, include_null=include_null)
        return sge.Bracket(this=sge.paren(listed), expressions=[sge.convert(1)], offset=1)

    def _listed(self, arg: Any, *, where: Any, order_by: Any, include_null: bool) -> Any:
        if not include_null:
            filled = arg.is_(sge.null()).not_()
            where = filled if where is None else sge.And(this=filled, expression=where)
        return self.agg.array_agg(arg, where=where, order_by=order_by)


def _turned(key: Any) -> Any:
    """A sort key the other way round."""
    if not isinstance(key, sge.Ordered):
        return sge.Ordered(this=key, desc=True, nulls_first=True)
    return sge.Ordered(
        this=key.this, desc=not key.args.get("desc"), nulls_first=not key.args.get("nulls_first")
    )
