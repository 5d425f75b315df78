"""How Ibis's expressions become Spark SQL, where Ibis 12 does not say what the other engines say."""

from __future__ import annotations

from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.datatypes import PySparkType


class Types(PySparkType):
    """Instants say whether they have a zone: `TIMESTAMP` alone means either, as the session is set."""

    @classmethod
    def _from_ibis_Timestamp(cls, dtype: dt.Timestamp) -> sge.DataType:
        kind = sge.DataType.Type.TIMESTAMPNTZ if dtype.timezone is None else sge.DataType.Type.TIMESTAMPLTZ
        return sge.DataType(this=kind)


class Compiler(PySparkCompiler):
    """The compiler of `Backend`."""

    __slots__ = ()
    type_mapper = Types

    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:
        """NaN is a number that is there; Ibis takes it for null on Spark only."""
        return arg.is_(NULL)

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:
        return arg.is_(sg.not_(NULL))

    def visit_WindowFunction(self, op: Any, *, func: Any, group_by: Any, order_by: Any, **kwargs: Any) -> Any:
        """A window without an order follows the order of the rows, as far as Spark knows one."""
        if not order_by and isinstance(op.func, ops.Analytic):
            order_by = (self.f.anon.monotonically_increasing_id(),)
        return super().visit_WindowFunction(op, func=func, group_by=group_by, order_by=order_by, **kwargs)

    def visit_First(self, op: Any, *, arg: Any, where: Any, order_by: Any, include_null: bool) -> Any:
        """With an order, and with nulls beside a condition: Ibis refuses both on Spark."""
        return self._end("first", arg, _kept(arg, where, include_null), order_by)

    def visit_Last(self, op: Any, *, arg: Any, where: Any, order_by: Any, include_null: bool) -> Any:
        return self._end("last", arg, _kept(arg, where, include_null), order_by)

    def visit_GroupConcat(self, op: Any, *, arg: Any, sep: Any, where: Any, order_by: Any) -> Any:
        """With an order, which Ibis refuses on Spark; null of no value at all."""
        if not order_by:
            return super().visit_GroupConcat(op, arg=arg, sep=sep, where=where, order_by=order_by)
        some = _kept(arg, where, False)
        x = sge.to_identifier("x")
        texts = self.f.anon.transform(
            self._sorted(arg, some, order_by), sge.Lambda(this=_part(x, "v"), expressions=[x])
        )
        empty = self.f.anon.count_if(some).eq(0)
        return self.if_(empty, NULL, self.f.anon.array_join(texts, sep))

    def visit_ArrayCollect(
        self, op: Any, *, arg: Any, where: Any, order_by: Any, include_null: bool, distinct: bool
    ) -> Any:
        """With an order, which Ibis refuses on Spark."""
        if not order_by or distinct:
            return super().visit_ArrayCollect(
                op, arg=arg, where=where, order_by=order_by, include_null=include_null, distinct=distinct
            )
        x = sge.to_identifier("x")
        items = self._sorted(arg, _kept(arg, where, include_null), order_by)
        return self.f.anon.transform(items, sge.Lambda(this=_part(x, "v"), expressions=[x]))

    def _end(self, side: str, arg: Any, where: Any, order_by: Any) -> Any:
        """The first or last value of a group; where the keys go one way, without keeping the group in memory."""
        if not order_by:
            return _where(self.f.anon[side](arg), where)
        up, down = _all_up(order_by), _all_down(order_by)
        if up or down:
            name = "min_by" if up == (side == "first") else "max_by"
            return _where(self.f.anon[name](arg, self.f.anon.struct(*(o.this for o in order_by))), where)
        found = self._sorted(arg, where, order_by)
        return _part(self.f.anon.try_element_at(found, sge.convert(1 if side == "first" else -1)), "v")

    def _sorted(self, arg: Any, where: Any, order_by: Any) -> Any:
        """The values of a group as a list of structs, whose field `v` is the value, in an order."""
        fields: list[Any] = [sge.convert("v"), arg]
        steps: list[Any] = []
        left, right = sge.to_identifier("l"), sge.to_identifier("r")
        for number, key in enumerate(order_by):
            first, last = (0, 1) if key.args.get("nulls_first") else (1, 0)
            fields += [
                sge.convert(f"n{number}"),
                self.if_(key.this.is_(NULL), sge.convert(first), sge.convert(last)),
            ]
            fields += [sge.convert(f"k{number}"), key.this]
            for name, down in ((f"n{number}", False), (f"k{number}", bool(key.args.get("desc")))):
                a, b = _part(left, name), _part(right, name)
                steps += [
                    self.if_(a < b, sge.convert(1 if down else -1)),
                    self.if_(a > b, sge.convert(-1 if down else 1)),
                ]
        items = _where(self.f.anon.collect_list(self.f.anon.named_struct(*fields)), where)
        order = sge.Lambda(this=sge.Case(ifs=steps, default=sge.convert(0)), expressions=[left, right])
        return self.f.anon.array_sort(items, order)


def _kept(arg: Any, where: Any, include_null: bool) -> Any:
    """The condition under which a row counts; None = always."""
    there = None if include_null else arg.is_(sg.not_(NULL))
    return sg.and_(where, there) if where is not None and there is not None else (where or there)


def _where(aggregate: Any, condition: Any) -> Any:
    return (
        aggregate if condition is None else sge.Filter(this=aggregate, expression=sge.Where(this=condition))
    )


def _part(struct: Any, name: str) -> Any:
    return sge.Dot(this=struct.copy(), expression=sge.to_identifier(name))


def _all_up(order_by: Any) -> bool:
    return all(not o.args.get("desc") and o.args.get("nulls_first") for o in order_by)


def _all_down(order_by: Any) -> bool:
    return all(o.args.get("desc") and not o.args.get("nulls_first") for o in order_by)
