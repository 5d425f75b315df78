"""How Ibis's expressions become Spark SQL, where Ibis 12 does not say what the other engines say."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.datatypes import PySparkType


class Types(PySparkType):
    """Instants say whether they have a zone: `TIMESTAMP` alone means either, as the session is set. JSON is VARIANT:
    as the text Ibis makes of it, `"5"` and `5` were the same."""

    @classmethod
    def _from_ibis_Timestamp(cls, dtype: dt.Timestamp) -> sge.DataType:
        kind = sge.DataType.Type.TIMESTAMPNTZ if dtype.timezone is None else sge.DataType.Type.TIMESTAMPLTZ
        return sge.DataType(this=kind)

    @classmethod
    def _from_ibis_JSON(cls, dtype: dt.JSON) -> sge.DataType:
        return sge.DataType(this=sge.DataType.Type.VARIANT)


class Compiler(PySparkCompiler):
    """The compiler of `Backend`."""

    __slots__ = ()
    type_mapper = Types
    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}  # those of Ibis are methods already, and would replace ours

    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:
        """NaN is a number that is there; Ibis takes it for null on Spark only."""
        return arg.is_(NULL)

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:
        return arg.is_(sg.not_(NULL))

    def visit_IsInf(self, op: Any, *, arg: Any) -> Any:
        """Ibis compares two trees in Python here, which is always false."""
        if not op.arg.dtype.is_floating():
            return sge.false()
        return sg.or_(arg.eq(self.POS_INF), arg.eq(self.NEG_INF))

    def visit_TimestampFromYMDHMS(
        self, op: Any, *, year: Any, month: Any, day: Any, hours: Any, minutes: Any, seconds: Any, **_: Any
    ) -> Any:
        """Ibis has no rule for it on Spark."""
        whole = [self.cast(part, dt.int32) for part in (year, month, day, hours, minutes)]
        return self.f.anon.make_timestamp_ntz(*whole, self.cast(seconds, dt.Decimal(16, 6)))

    def visit_Add(self, op: Any, *, left: Any, right: Any) -> Any:
        """Of 64 bits where Ibis says so: Spark's lengths, positions and small literals are of 32, and overflow."""
        return super().visit_Add(op, left=self._wide(op, left), right=right)

    def visit_Subtract(self, op: Any, *, left: Any, right: Any) -> Any:
        return super().visit_Subtract(op, left=self._wide(op, left), right=right)

    def visit_Multiply(self, op: Any, *, left: Any, right: Any) -> Any:
        return super().visit_Multiply(op, left=self._wide(op, left), right=right)

    def _wide(self, op: Any, arg: Any) -> Any:
        return self.cast(arg, dt.int64) if op.dtype.is_int64() else arg

    def visit_ArrayIndex(self, op: Any, *, arg: Any, index: Any) -> Any:
        """Null outside of the list, and counting backwards from -1; Ibis fails on both."""
        place = self.cast(self.if_(index < 0, index, index + 1), dt.int32)
        return self.f.anon.try_element_at(arg, place)

    def visit_ArrayStringJoin(self, op: Any, *, arg: Any, sep: Any) -> Any:
        """An empty text of an empty list; Ibis gives null."""
        return self.f.anon.array_join(arg, sep)

    def visit_StringSplit(self, op: Any, *, arg: Any, delimiter: Any) -> Any:
        """At a text; Spark takes it for a regular expression."""
        if isinstance(op.delimiter, ops.Literal):
            return self.f.anon.split(arg, sge.convert(_quoted_regex(str(op.delimiter.value))))
        return self.f.anon.split(arg, self.f.concat(sge.convert("\\Q"), delimiter, sge.convert("\\E")))

    def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:
        """Groups are written `\\1` in a formula and `$1` in Java."""
        if isinstance(op.replacement, ops.Literal):
            replacement = sge.convert(_in_java(str(op.replacement.value)))
        return self.f.regexp_replace(arg, _unnamed(op.pattern, pattern), replacement)

    def visit_RegexSearch(self, op: Any, *, arg: Any, pattern: Any) -> Any:
        """Groups with names are written otherwise in Java; as they are asked for by number, they lose them."""
        return super().visit_RegexSearch(op, arg=arg, pattern=_unnamed(op.pattern, pattern))

    def visit_RegexExtract(self, op: Any, *, arg: Any, pattern: Any, index: Any) -> Any:
        return super().visit_RegexExtract(op, arg=arg, pattern=_unnamed(op.pattern, pattern), index=index)

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        if to.is_json():
            return arg if op.arg.dtype.is_json() else self.f.anon.try_parse_json(arg)
        if op.arg.dtype.is_json() and to.is_string():
            return self._json_text(arg)
        if op.arg.dtype.is_floating() and to.is_string():
            return self._number_text(arg)
        return super().visit_Cast(op, arg=arg, to=to)

    def _json_text(self, arg: Any) -> Any:
        """What was read from a text stays that text, blanks and all, as on the other engines."""
        if isinstance(arg, sge.Anonymous) and str(arg.this).lower() == "try_parse_json":
            return self.if_(arg.is_(NULL), NULL, arg.expressions[0].copy())
        return self.f.anon.to_json(arg)

    def visit_TryCast(self, op: Any, *, arg: Any, to: Any) -> Any:
        if to.is_json():
            return self.visit_Cast(op, arg=arg, to=to)
        return super().visit_TryCast(op, arg=arg, to=to)

    def visit_JSONGetItem(self, op: Any, *, arg: Any, index: Any) -> Any:
        if op.index.dtype.is_integer():
            path = self.f.concat(sge.convert("$["), self.cast(index, dt.string), sge.convert("]"))
        else:
            path = self.f.concat(sge.convert("$['"), index, sge.convert("']"))
        if isinstance(op.index, ops.Literal):
            path = sge.convert(_json_path(op.index.value))
        return self.f.anon.try_variant_get(arg, path, sge.convert("variant"))

    def visit_ToJSONArray(self, op: Any, *, arg: Any) -> Any:
        """Ibis has no rule for it on Spark."""
        return self._unwrapped(arg, "ARRAY", "array<variant>")

    def visit_UnwrapJSONString(self, op: Any, *, arg: Any) -> Any:
        """Ibis would send each value through pandas."""
        return self._unwrapped(arg, "STRING", "string")

    def visit_UnwrapJSONInt64(self, op: Any, *, arg: Any) -> Any:
        return self._unwrapped(arg, "BIGINT", "bigint")

    def visit_UnwrapJSONFloat64(self, op: Any, *, arg: Any) -> Any:
        return self._unwrapped(arg, "(BIGINT|DOUBLE|FLOAT|DECIMAL.*)", "double")

    def visit_UnwrapJSONBoolean(self, op: Any, *, arg: Any) -> Any:
        return self._unwrapped(arg, "BOOLEAN", "boolean")

    def _number_text(self, arg: Any) -> Any:
        """1e+16, 10000000.0 and nan, where Java writes 1.0E16, 1.0E7 and NaN."""
        text = self.cast(arg, dt.string)
        digits = self.cast(self.cast(text, dt.Decimal(38, 20)), dt.string)
        fixed = self.f.regexp_replace(
            self.f.regexp_replace(digits, sge.convert("0+$"), sge.convert("")),
            sge.convert(r"\.$"),
            sge.convert(".0"),
        )
        power = self.cast(
            self.f.anon.regexp_extract(text, sge.convert("E(-?[0-9]+)$"), sge.convert(1)), dt.int32
        )
        front = self.f.anon.regexp_extract(
            text, sge.convert(r"^(-?[0-9]+(\.0*[1-9][0-9]*)?)"), sge.convert(1)
        )
        size = self.cast(self.f.abs(power), dt.string)
        padded = self.if_(self.f.anon.length(size).eq(1), self.f.concat(sge.convert("0"), size), size)
        sign = self.if_(power < 0, sge.convert("e-"), sge.convert("e+"))
        absolute = self.f.abs(arg)
        return sge.Case(
            ifs=[
                self.if_(self.f.isnan(arg), sge.convert("nan")),
                self.if_(arg.eq(self.POS_INF), sge.convert("inf")),
                self.if_(arg.eq(self.NEG_INF), sge.convert("-inf")),
                self.if_(self.f.anon.contains(text, sge.convert("E")).eq(sge.false()), text),
                self.if_(sg.and_(absolute >= sge.convert(0.0001), absolute < sge.convert(1e16)), fixed),
            ],
            default=self.f.concat(front, sign, padded),
        )

    def _unwrapped(self, arg: Any, sort: str, kind: str) -> Any:
        """What a JSON value holds, where it is of a sort (a regular expression of Spark's word for it)."""
        word = self.f.anon.schema_of_variant(arg)
        value = self.f.anon.try_variant_get(arg, sge.convert("$"), sge.convert(kind))
        return self.if_(self.f.anon.regexp_like(word, sge.convert(f"^{sort}")), value, NULL)

    def visit_WindowFunction(self, op: Any, *, func: Any, group_by: Any, order_by: Any, **kwargs: Any) -> Any:
        """A window without an order follows the order of the rows, as far as Spark knows one. Ranks and row numbers
        are of 32 bits, and would overflow in what is computed of them."""
        if not order_by and isinstance(op.func, ops.Analytic):
            order_by = (self.f.anon.monotonically_increasing_id(),)
        window = super().visit_WindowFunction(op, func=func, group_by=group_by, order_by=order_by, **kwargs)
        return self.cast(window, op.dtype) if op.dtype.is_integer() else window

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


def _in_java(text: str) -> str:
    """A replacement as Java writes it: `\\1` → `$1`, and a dollar that stands for itself."""
    return re.sub(r"\\(\d)|\\.|\$", _one_in_java, text)


def _one_in_java(found: re.Match[str]) -> str:
    if found[1]:
        return f"${found[1]}"
    return found[0] if found[0].startswith("\\") else r"\$"


def _unnamed(pattern: Any, compiled: Any) -> Any:
    if not isinstance(pattern, ops.Literal):
        return compiled
    return sge.convert(re.sub(r"\(\?P<\w+>", "(", str(pattern.value)).replace("(?i)", "(?iu)"))


def _quoted_regex(text: str) -> str:
    """A regular expression of Java that means the text itself."""
    return "".join(f"\\{c}" if c in r"\.[]{}()<>*+-=!?^$|#" else c for c in text)


def _json_path(key: object) -> str:
    """One step into a JSON value: an element by its number, or a field by its name."""
    if isinstance(key, int):
        return f"$[{key}]"
    return '$["' + str(key).replace('"', '\\"') + '"]'


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
