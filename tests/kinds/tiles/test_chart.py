"""Charts: every number is that of all rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import InvalidDefinition
from penstock.core.tile import Figure, Plot, Table
from penstock.runtime import dashboards
from penstock.testing import KEY, a_node
from tests.kinds.tiles.shown import a_world, furnished, part, shown, told
from tests.servers import Postgres, warehouse


@pytest.fixture(scope="module", params=["here", "in PostgreSQL"])
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """With the flights here, and where a database computes with them."""
    folder = tmp_path_factory.mktemp("charts")
    if request.param == "here":
        return a_world(folder)
    server = request.getfixturevalue("postgres_server")
    found = Postgres(str(server.pgdata), "postgres", "postgres", Path(server.log))
    return furnished(warehouse(a_node(folder), found), connection="warehouse")


def chart(**settings: Any) -> dict[str, Any]:
    return {"type": "chart", "dataset": "flights", **settings}


def drawn(node: Any, **settings: Any) -> list[tuple[Any, ...]]:
    """The points of a plot: x, colour if there is one, y."""
    plot = part(node, chart(**settings))
    assert isinstance(plot, Plot)
    return [(p["x"], *((p["color"],) if "color" in p else ()), p["y"]) for p in plot.rows]


def test_bars_count_rows_of_each_value_and_of_none(node: Any) -> None:
    assert drawn(node, by="carrier") == [("AA", 2), ("UA", 3), ("no value", 1)]


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("sum", [4.0, 6.0, 6.0]), ("avg", [4.0, 2.0, 6.0]), ("min", [4.0, 1.0, 6.0]), ("max", [4.0, 3.0, 6.0]),
     ("median", [4.0, 2.0, 6.0]), ("count", [1, 3, 1]), ("distinct", [1, 3, 1])],
)  # fmt: skip
def test_measures_are_exact_and_leave_missing_values_out(
    node: Any, aggregation: str, expected: list[float]
) -> None:
    found = drawn(node, by="carrier", measures=[{"aggregation": aggregation, "column": "delay"}])
    assert [y for _, y in found] == expected


def test_colours_split_each_bar(node: Any) -> None:
    found = drawn(node, by="carrier", split="origin", stack="stacked")
    assert ("UA", "EWR", 2) in found
    assert ("UA", "JFK", 1) in found
    assert sum(y for *_, y in found) == 6


def test_the_largest_come_first_and_the_rest_become_others(node: Any) -> None:
    assert drawn(node, by={"column": "carrier", "most": 1, "order": "largest first"}) == [
        ("UA", 3),
        ("others", 3),
    ]


def test_an_average_over_others_is_that_of_their_rows_not_of_their_averages(node: Any) -> None:
    measures = [{"aggregation": "avg", "column": "delay"}]
    found = dict(drawn(node, by={"column": "carrier", "most": 1}, measures=measures))
    assert found["others"] == 5.0


def test_dates_are_cut_or_only_a_part_of_them(node: Any) -> None:
    months = drawn(node, shape="line", by={"column": "at", "part": "month"})
    assert [(x[:7], y) for x, y in months] == [("2013-01", 2), ("2013-02", 2), ("2013-03", 2)]
    assert drawn(node, by={"column": "at", "part": "quarter of year"}) == [("Q1", 6)]
    assert drawn(node, by={"column": "at", "part": "month of year"})[0] == ("Jan", 2)


def test_numbers_fall_into_bins_of_one_width_of_a_size_or_of_equal_counts(node: Any) -> None:
    by = {"column": "distance", "bins": "number", "bin_count": 5}
    assert drawn(node, shape="histogram", by=by) == [
        (100.0, 1),
        (200.0, 1),
        (300.0, 1),
        (400.0, 1),
        (500.0, 2),
    ]
    assert drawn(node, by={"column": "distance", "bins": "size", "bin_size": 250}) == [
        (0.0, 2),
        (250.0, 2),
        (500.0, 2),
    ]
    quarters = drawn(node, by={"column": "distance", "bins": "quantiles", "bin_count": 2})
    assert [y for _, y in quarters] == [3, 3]


def test_shares_sums_so_far_and_changes(node: Any) -> None:
    def y(show: str) -> list[Any]:
        return [v for _, v in drawn(node, by="origin", measures=[{"show": show}])]

    assert y("share") == [50.0, 50.0]
    assert y("cumulative") == [3, 6]
    assert y("difference") == [None, 0]


def test_several_measures_have_one_colour_each(node: Any) -> None:
    measures = ["count", {"aggregation": "max", "column": "distance"}]
    assert ("EWR", "max of distance", 400) in drawn(node, by="origin", measures=measures)


def test_a_box_plot_has_the_quartiles(node: Any) -> None:
    measures = [{"aggregation": "avg", "column": "distance"}]
    plot = part(node, chart(shape="box", by="origin", measures=measures))
    ewr = next(row for row in plot.rows if row["x"] == "EWR")
    assert (ewr["min"], ewr["lower"], ewr["median"], ewr["upper"], ewr["max"]) == (100, 200, 300, 350, 400)


def test_a_scatter_plot_says_how_many_rows_it_draws(node: Any) -> None:
    measures = [{"aggregation": "avg", "column": "delay"}]
    full = shown(node, chart(shape="scatter", by="distance", measures=measures))
    assert len(full.parts[0].rows) == 5
    assert full.badge == ""


def test_a_pivot_table_and_plain_numbers(node: Any) -> None:
    table = part(node, chart(shape="pivot", by="carrier", split="origin"))
    assert isinstance(table, Table)
    assert [c.title for c in table.columns] == ["carrier", "EWR", "JFK"]
    assert table.rows == (("AA", "1", "1"), ("UA", "2", "1"), ("no value", None, "1"))
    (figure,) = shown(node, chart(shape="kpi", measures=[{"aggregation": "sum", "column": "distance"}])).parts
    assert isinstance(figure, Figure)
    assert figure.value == "2,100"


def test_a_sample_is_told_on_the_tile(node: Any) -> None:
    found = shown(node, chart(by="carrier", sampling={"type": "first", "n": 2}))
    assert found.badge.startswith("sample:")
    assert [p["y"] for p in found.parts[0].rows] == [2]


def test_filters_of_the_chart_and_of_the_page_both_hold(node: Any) -> None:
    settings = {"pages": [{"tiles": [
        {"type": "filters", "dataset": "flights", "columns": ["origin"]},
        chart(by="carrier", filter={"rules": [{"column": "distance", "operator": ">", "value": 100}]}),
    ]}]}  # fmt: skip
    dashboards.save(node, KEY, "filtered", settings, author="ann")
    page = dashboards.show(node, KEY, "filtered", filters='origin:in("EWR")')
    plot = next(p for tile in page.tiles for p in tile.content.parts if isinstance(p, Plot))
    assert [(p["x"], p["y"]) for p in plot.rows] == [("AA", 1), ("UA", 1)]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"by": "carier"}, "Did you mean carrier"),
        ({"by": {"column": "carrier", "part": "month"}}, "no date"),
        ({"by": {"column": "carrier", "bins": "number"}}, "no number"),
        ({"by": "origin", "measures": [{"aggregation": "sum", "column": "carrier"}]}, "no number"),
    ],
)
def test_what_does_not_fit_the_data_is_told_on_the_tile(
    node: Any, settings: dict[str, Any], said: str
) -> None:
    assert said in told(node, chart(**settings)).says


@pytest.mark.parametrize(
    "settings", [{}, {"by": "a", "shape": "box"}, {"by": "a", "measures": [{"aggregation": "sum"}]}]
)
def test_a_chart_that_says_too_little_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidDefinition):
        dashboards.as_tile(chart(**settings))


def test_without_rows_it_says_so(node: Any) -> None:
    rules = [{"column": "distance", "operator": ">", "value": 10_000}]
    assert "no rows" in told(node, chart(by="carrier", filter={"rules": rules})).says
