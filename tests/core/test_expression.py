"""Expressions: what they use, what they answer, and that values and tables agree."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.core.errors import InvalidExpression, UndefinedVariable
from penstock.core.expression import constant
from penstock.core.formula import Formula, evaluated
from penstock.core.grammar import parse

DECIMALS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda f: round(f, 3))
NUMBERS = st.one_of(st.none(), st.integers(-1000, 1000), DECIMALS)
TEXTS = st.one_of(
    st.none(), st.text("abXY 12.,-éß", max_size=6), st.sampled_from(["", "12", "1e2", "2013-04-01"])
)
MOMENTS = st.one_of(
    st.none(),
    st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1)).map(lambda m: m.replace(microsecond=0)),
)
FORMULAS = [
    "n + m", "n - m * 2", "n / m", "n % m", "-n", "abs(n) + sign(m)", "floor(n)", "ceil(n)", "round(n)", "round(n, 1)",
    "n > m", "n <= m && m != 3", "n == m || t == u", "!(n < m)", "isNull(n) || n > 0", "if(n > m, n, m)",
    "coalesce(n, m, 0)", "min(n, m)", "max(n, m, 1)", "isIn(n, 1, 2, m)", "n > t", "toNumber(t)", "toInteger(t)",
    "t + u", "t + 1", "concat(t, '-', n)", "lower(t)", "trim(t)", "length(t)", "substring(t, 1, 3)", "substring(t, n)",
    "replace(t, 'a', u)", "contains(t, u)", "startsWith(t, u)", "endsWith(t, 'a')", "indexOf(t, u)", "t < u",
    "matches(t, '[0-9]+')", "extract(t, '([0-9]+)[.]?', 1)", "replaceRegex(t, '[ab]+', '_')", "isEmpty(t)",
    "split(t, ',')[0]", "join(split(t, ','), '-')", "padLeft(t, 4, '0')", "reverse(t)", "truth(t)",
    "asDate(t)", "d < e", "d >= t", "year(d) * 100 + month(d)", "weekday(d)", "week(d)", "dayOfYear(d)", "quarter(d)",
    "inc(d, 1, 'month')", "inc(d, n % 1000, 'days')", "trunc(d, 'week')", "trunc(d, 'quarter')", "trunc(d, 'hour')",
    "diff(d, e, 'days')", "diff(d, e, 'months')", "diff(d, e, 'years')", "diff(d, e, 'hours')",
    "formatDate(d, '%d/%m/%y %H:%M')",
    "asDate(formatDate(d, '%d %b %Y'), '%d %b %Y')", "asDate(toString(d)) == d", "toString(d)",
    "sqrt(n)", "log(n)", "pow(n, 2)", "exp(m / 100)",
]  # fmt: skip


@pytest.fixture(scope="module")
def backend() -> Any:
    return ibis.duckdb.connect()


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, int | float) and not isinstance(right, bool):
        return left == pytest.approx(right, rel=1e-9, abs=1e-9)
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


@pytest.mark.parametrize("formula", FORMULAS)
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_values_and_tables_give_the_same_answers(formula: str, data: st.DataObject, backend: Any) -> None:
    row = st.fixed_dictionaries(
        {"n": NUMBERS, "m": NUMBERS, "t": TEXTS, "u": TEXTS, "d": MOMENTS, "e": MOMENTS}
    )
    rows = data.draw(st.lists(row, min_size=1, max_size=12))
    for name in ("n", "m"):
        whole = all(r[name] is None or isinstance(r[name], int) for r in rows)
        rows = [{**r, name: r[name] if r[name] is None or whole else float(r[name])} for r in rows]
    types = {
        name: pa.float64() if any(isinstance(r[name], float) for r in rows) else pa.int64() for name in "nm"
    }
    fields = {**types, "t": pa.string(), "u": pa.string(), "d": pa.timestamp("us"), "e": pa.timestamp("us")}
    table = ibis.memtable(pa.Table.from_pylist(rows, schema=pa.schema(fields)))
    tree = parse(formula)
    found = backend.to_pyarrow(table.select(answer=tree.compile(table)))["answer"].to_pylist()
    expected = [evaluated(tree, r) for r in rows]
    assert all(map(same, found, expected)), list(zip(rows, found, expected, strict=True))


def test_an_expression_lists_its_columns_in_order_and_its_variables() -> None:
    tree = parse("b + a * b > variables['limit'] || c == '${word} and $${not}' && d < ${top|default:3}")
    assert tree.columns() == ("b", "a", "c", "d")
    assert tree.variables() == {"limit", "word", "top"}


def test_a_missing_column_is_an_error_with_the_nearest_name() -> None:
    table = ibis.memtable(pa.table({"amount": [1]}))
    with pytest.raises(InvalidExpression, match=r"no column 'amont'.*character 5.*Did you mean amount"):
        parse("1 + amont").compile(table)


def test_a_name_without_a_value_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(UndefinedVariable, match=r"stepOutcome_MES_War.*Did you mean stepOutcome_MES_Warn"):
        Formula("stepOutcome_MES_War == 'x'").evaluate({"stepOutcome_MES_Warn": "WARNING"})


def test_a_typed_reference_keeps_the_type_and_is_null_when_undefined() -> None:
    assert Formula("variables['limit'] * 2").evaluate({}, {"limit": 4}) == 8
    assert Formula("variables['limit']").evaluate({}) is None
    assert Formula("variables['list'][1]").evaluate({}, {"list": ["a", "b"]}) == "b"


def test_a_pasted_variable_is_an_expression_of_its_own() -> None:
    assert Formula("2 * ${sum}").evaluate({}, {"sum": "1 + 2"}) == 6
    assert Formula("${column} > 5").evaluate({"fare": 7}, {"column": "fare"}) is True
    assert Formula("${missing|default:4} + 1").evaluate({}) == 5


def test_a_variable_inside_quotes_cannot_break_out_of_them() -> None:
    assert Formula("name == '${who}'").evaluate({"name": "x"}, {"who": "x' || '1' == '1"}) is False


def test_an_undefined_pasted_variable_is_named() -> None:
    with pytest.raises(UndefinedVariable, match=r"'start_dat'.*Did you mean start_date"):
        Formula("d > '${start_dat}'").evaluate({"d": date(2013, 1, 1)}, {"start_date": "2013-01-01"})


@pytest.mark.requirement("A74")
def test_the_record_count_is_read_from_the_output_of_a_metrics_step() -> None:
    output = {"PROJ.ds_NP": {"computed": [{"metricId": "basic:COUNT_COLUMNS", "value": "9"},
                                          {"metricId": "records:COUNT_RECORDS", "value": "336776"}]}}  # fmt: skip
    formula = (
        "filter(parseJson(stepOutput_the_metrics)['PROJ.ds_NP'].computed, x, "
        "x.metricId == 'records:COUNT_RECORDS')[0].value"
    )
    assert Formula(formula).evaluate({"stepOutput_the_metrics": json.dumps(output)}) == "336776"
    assert Formula(f"toNumber({formula}) > 1000").evaluate({"stepOutput_the_metrics": output}) is True


@pytest.mark.parametrize("value", [None, True, 5, 2.5, "it's", [1, 2], {"a": [1, "x"]}, datetime(2013, 4, 1)])
def test_any_json_value_can_stand_in_an_expression(value: Any) -> None:
    assert Formula(str(constant(value))).evaluate({}) == value


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("day > '2013-01-31' && day <= '2013-02-01'", [False, True, False, None]),
        ("day == '2013-01-31'", [True, False, False, None]),
        ("at >= '2013-02-01T08:00:00+01:00'", [False, True, True, None]),
        ("at < day", [False, False, False, None]),
        ("flag == true", [True, False, None, True]),
        ("toString(flag)", ["true", "false", None, "true"]),
        ("small * small", [10000, 4, 9, None]),
    ],
)
def test_comparisons_know_the_type_of_their_columns(formula: str, answer: list[Any], backend: Any) -> None:
    rows = {
        "day": pa.array([date(2013, 1, 31), date(2013, 2, 1), date(2013, 2, 2), None], pa.date32()),
        "at": pa.array(["2013-01-31", "2013-02-01T07:00", "2013-02-03", None]).cast(pa.timestamp("us")),
        "flag": pa.array([True, False, None, True]),
        "small": pa.array([100, 2, 3, None], pa.int8()),
    }
    table = ibis.memtable(pa.table(rows))
    found = backend.to_pyarrow(table.select(answer=parse(formula).compile(table)))["answer"].to_pylist()
    assert found == answer
    assert [Formula(formula).evaluate(row) for row in pa.table(rows).to_pylist()] == answer


def test_json_columns_are_read_by_field_and_item(backend: Any) -> None:
    table = ibis.memtable(pa.table({"j": ['{"a": {"b": [5, "x"]}, "t": "2013-04-01"}', "null", None]}))
    columns = {
        "number": parse("parseJson(j).a.b[0] + 1").compile(table),
        "text": parse("concat(parseJson(j).a.b[1])").compile(table),
        "late": parse("parseJson(j).t > '2013-03-31'").compile(table),
    }
    found = backend.to_pyarrow(table.select(**columns)).to_pylist()
    assert found[0] == {"number": 6.0, "text": "x", "late": True}
    assert found[1:] == [{"number": None, "text": "", "late": None}] * 2


def test_the_deepest_formula_we_accept_runs_on_a_table(backend: Any) -> None:
    table = ibis.memtable(pa.table({"a": [1]}))
    tree = parse(" + ".join(["a"] * 59))
    assert backend.to_pyarrow(table.select(x=tree.compile(table)))["x"].to_pylist() == [59]


def test_a_nest_that_would_become_a_huge_query_is_refused(backend: Any) -> None:
    table = ibis.memtable(pa.table({"a": [1.0]}))
    with pytest.raises(InvalidExpression, match="too complicated"):
        parse("round(" * 20 + "a" + ")" * 20).compile(table)
    nested = parse("replace(" * 50 + "'x'" + ", 'x', 'xy')" * 50)
    assert backend.to_pyarrow(table.select(x=nested.compile(table)))["x"].to_pylist() == ["x" + "y" * 50]


def test_not_a_number_is_null_in_values_and_in_tables(backend: Any) -> None:
    table = ibis.memtable(pa.table({"x": [1.0, float("nan"), 30.0]}))
    for formula, answer in {
        "x > 15": [False, None, True],
        "isNull(x)": [False, True, False],
        "x + 1": [2.0, None, 31.0],
    }.items():
        found = backend.to_pyarrow(table.select(a=parse(formula).compile(table)))["a"].to_pylist()
        assert found == answer
        assert [Formula(formula).evaluate({"x": x}) for x in (1.0, float("nan"), 30.0)] == answer
