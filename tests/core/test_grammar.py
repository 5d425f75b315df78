"""The grammar: what parses to what, how errors read, and that text and tree are two forms of one thing."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.core.errors import InvalidExpression
from penstock.core.expression import Bound, Call, Column, Each, Expression, Literal, Variable, call
from penstock.core.grammar import parse

COLUMNS = st.sampled_from(["a", "amount", "odd name", "it's", "x", "true", "Größe", "variables"]).map(Column)
LITERALS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8).filter(lambda t: "${" not in t),
).map(Literal)
VARIABLES = st.text(min_size=1, max_size=5).map(Variable)
LEAVES: st.SearchStrategy[Expression] = st.one_of(COLUMNS, LITERALS, VARIABLES)
TWO = ["add", "subtract", "multiply", "divide", "modulo", "equal", "not_equal", "less", "less_or_equal",
       "greater", "greater_or_equal", "both", "either", "item", "concat", "coalesce", "starts_with"]  # fmt: skip
ONE = ["negate", "opposite", "lower", "is_null", "array", "abs"]


def _larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.builds(lambda f, a: Call(f, (a,)), st.sampled_from(ONE), inner),
        st.builds(lambda f, a, b: Call(f, (a, b)), st.sampled_from(TWO), inner, inner),
        st.builds(lambda a, b, c: Call("if_else", (a, b, c)), inner, inner, inner),
        st.builds(lambda a, b: Each("filter", a, "x", Call("greater", (Bound("x"), b))), inner, inner),
        st.builds(lambda a, n: Call("field", (a, Literal(n))), inner, st.sampled_from(["name", "computed"])),
    )


@given(st.recursive(LEAVES, _larger, max_leaves=12))
def test_the_text_of_a_tree_parses_to_the_same_tree(tree: Expression) -> None:
    assert parse(str(tree)) == tree


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("1+2*3", "1 + 2 * 3"),
        ("(1+2)*3", "(1 + 2) * 3"),
        ("a-b-c", "a - b - c"),
        ("a-(b-c)", "a - (b - c)"),
        ("a and b or not c == d", "a && b || !(c == d)"),
        ("!a == b", "!a == b"),
        ("isNull(a)", "is_null(a)"),
        ("a == null", "is_null(a)"),
        ("a != null", "!is_null(a)"),
        ("city.trim().toLowercase()", "lower(trim(city))"),
        ("`odd name` + val('x y') + numval(\"n\")", "val('odd name') + val('x y') + to_number(n)"),
        ("strval('x')", "to_string(x)"),
        ("if(a > 1, 'yes', \"no\")", "if_else(a > 1, 'yes', 'no')"),
        ("[1, 2][0]", "[1, 2][0]"),
        ('variables["x y"]', "variables['x y']"),
        ("-2 - -3", "-2 - -3"),
        ("'it\\'s'", "'it\\'s'"),
        (r"matches(a, '\d+')", r"matches(a, '\\d+')"),
        ("filter(list, x, x.n > y)[0].value", "field(filter(list, x, field(x, 'n') > y)[0], 'value')"),
    ],
)
def test_a_text_has_one_normal_form(text: str, normal: str) -> None:
    assert str(parse(text)) == normal
    assert parse(normal) == parse(text)


@pytest.mark.parametrize(
    ("text", "character", "words"),
    [
        ("", 1, "empty"),
        ("1 +", 4, "A value is missing"),
        ("a = 1", 3, "Write == to compare"),
        ("a & b", 3, "Write &&"),
        ("upper(a", 8, "')'"),
        ("uper(a)", 1, "Did you mean upper"),
        ("isNul(a)", 1, "Did you mean is_null"),
        ("'open", 1, "closing quote"),
        ("1 < 2 < 3", 7, "do not chain"),
        ("substring(a)", 1, "takes 2 to 3 values, here are 1"),
        ("pow(1, 2, 3)", 1, "takes 2 values, here are 3"),
        ("d > 2013-04-01", 10, "go in quotes"),
        ("a b", 3, "'b' is not expected"),
        ("variables[x]", 11, "name in quotes"),
        ("filter(a, 1, true)", 11, "name for one element"),
        ("a ? b", 3, "'?' means nothing here"),
        ("__import__('os')", 1, "no function '__import__'"),
        ("9" * 400, 1, "too large"),
        ("1e999", 1, "too large"),
        ("a + matches(b, '(')", 5, "not a regular expression"),
        ("inc(d, 1, 'fortnight')", 1, "not a unit of time"),
        ("asDate(t, '%Q')", 1, "not one we can read"),
        ("datePart(d, 'yeer')", 1, "Did you mean year"),
    ],
)
def test_an_error_names_the_character_and_what_would_be_right(text: str, character: int, words: str) -> None:
    with pytest.raises(InvalidExpression) as raised:
        parse(text)
    assert raised.value.position == character - 1
    assert f"Character {character}: " in str(raised.value)
    assert words in str(raised.value)


@given(st.text(max_size=40))
def test_any_text_parses_or_is_refused_in_our_own_words(text: str) -> None:
    with contextlib.suppress(InvalidExpression):
        assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    "text", ["(" * 500, "-" * 500 + "1", "+".join("a" * 500), "[" * 200, "a" * 10_001, "!" * 900]
)
def test_deep_and_long_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidExpression):
        parse(text)


def test_a_name_for_an_element_hides_a_column_only_inside_the_filter() -> None:
    tree: Any = parse("filter(list, x, x == val('x')) == x")
    assert tree.columns() == ("list", "x")
    assert tree.arguments[0].body == call("equal", Bound("x"), Column("x"))
