"""Page filters: how addresses say them, and which rows they keep."""

from __future__ import annotations

import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.core import page_filters
from penstock.core.errors import Invalid
from penstock.core.page_filters import Chosen, Filtering

values = st.one_of(st.text(max_size=8), st.integers(-999, 999), st.none())
chosen = st.builds(
    Chosen, st.text(min_size=1, max_size=6).filter(lambda t: t == t.strip()), st.sampled_from(["in", "not_in"]),
    st.lists(values, min_size=1, max_size=4).map(tuple),
)  # fmt: skip

ROWS = ibis.memtable(
    pa.table({"carrier": ["UA", "AA", None, "B6"], "distance": pa.array([100, 700, 300, None], pa.int64())})
)


def kept(text: str) -> list[str | None]:
    table = Filtering(page_filters.parse(text)).keep(ROWS)
    return list(table.to_pyarrow()["carrier"].to_pylist())


@given(st.lists(chosen, max_size=3, unique_by=lambda c: c.column))
def test_what_is_chosen_survives_the_way_through_an_address(given_: list[Chosen]) -> None:
    assert page_filters.parse(page_filters.written(given_)) == tuple(given_)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('carrier:in("UA","AA")', ["UA", "AA"]),
        ('carrier:in("UA",NO_VALUE)', ["UA", None]),
        ('carrier:not_in("UA")', ["AA", None, "B6"]),
        ("carrier:not_in(NO_VALUE)", ["UA", "AA", "B6"]),
        ("distance:between(200,700)", ["AA", None]),
        ("distance:between(NO_VALUE,200)", ["UA"]),
        ('distance:between("200","700"),carrier:in("AA")', ["AA"]),
        ('carrier:contains("u")', ["UA"]),
        ("carrier:OFF", ["UA", "AA", None, "B6"]),
        ('nowhere:in("x")', ["UA", "AA", None, "B6"]),
    ],
)
def test_the_rows_that_are_kept(text: str, expected: list[str | None]) -> None:
    assert kept(text) == expected


@pytest.mark.parametrize("text", ["carrier", "carrier:is(1)", 'carrier:in("UA"', "in(1)", 'a:in("b")x'])
def test_what_cannot_be_read_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Invalid, match=r"cannot be read.*column:in"):
        page_filters.parse(text)


def test_the_address_goes_over_the_choice_of_the_panel_and_off_takes_it_away() -> None:
    panel = [Chosen("carrier", "in", ("UA",)), Chosen("distance", "between", (1, None))]
    assert page_filters.over(panel, page_filters.parse('carrier:in("AA")')).of("carrier") == Chosen(
        "carrier", "in", ("AA",)
    )
    off = page_filters.over(panel, page_filters.parse("carrier:OFF"))
    assert off.of("carrier") is None
    assert off.columns == ("distance",)
