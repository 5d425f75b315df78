"""Plots and histories: specs that Vega-Lite draws."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import vl_convert

from penstock.core.outcome import Verdict
from penstock.core.report import Course, Limit, Point, by_name
from penstock.core.tile import Axis, Plot
from penstock.drawing.charts import histories, plots, theme

X, Y, C = Axis(field="x", title="x"), Axis(field="y", title="y", sort="number"), Axis(field="c")
ROWS = ({"x": "a", "y": 1, "c": "current"}, {"x": "b", "y": 2, "c": "reference"})


def svg(spec: dict[str, Any]) -> str:
    drawn: str = vl_convert.vegalite_to_svg(spec)
    return drawn


@pytest.mark.parametrize("mark", ["bar", "line", "area", "arc", "point"])
@pytest.mark.parametrize("stack", ["grouped", "stacked", "share"])
def test_every_mark_can_be_drawn_in_every_stacking(mark: Any, stack: Any) -> None:
    plot = Plot(mark=mark, rows=ROWS, x=X, y=Y, color=C, stack=stack, words="in words")
    drawn = svg(plots.spec(plot, size=(300, 200)))
    assert "<path" in drawn
    assert theme.CURRENT in drawn
    assert theme.REFERENCE in drawn


def test_boxes_cells_bins_and_moments_can_be_drawn() -> None:
    box = {"x": "a", "min": 0, "lower": 1, "median": 2, "upper": 3, "max": 4}
    made = [
        Plot(mark="box", rows=(box,), x=X, y=Axis(field="median", sort="number")),
        Plot(mark="cells", rows=({"x": "a", "y": "b", "value": 3},), x=X, y=Axis(field="y")),
        Plot(mark="bar", rows=({"x": 0, "x2": 5, "y": 1},), x=Axis(field="x", sort="number"), y=Y),
        Plot(
            mark="bar", rows=({"x": "2013-01-01", "y": 1},), x=Axis(field="x", sort="time", format="%b"), y=Y
        ),
        Plot(mark="line", rows=({"x": 0.0, "y": 0.2},), x=Axis(field="x", sort="number"), y=Y, diagonal=True),
        Plot(mark="point", rows=({"x": 1, "y": 1, "n": "hour"},), x=Y, y=Y, label=Axis(field="n")),
    ]
    for plot in made:
        assert "<path" in svg(plots.spec(plot, size=(300, 200)))
    assert "hour" in svg(plots.spec(made[-1], size=(300, 200)))


def test_a_name_has_the_colour_it_always_has() -> None:
    scale = theme.colour_scale(("reference", "x", "current", "OK"))
    assert scale["range"] == [theme.REFERENCE, theme.COLOURS[0], theme.CURRENT, theme.VERDICTS["OK"]]


def test_the_specs_of_a_page_carry_no_colour_of_letters() -> None:
    plot = Plot(mark="bar", rows=ROWS, x=X, y=Y)
    assert "labelColor" not in str(plots.spec(plot, ground="page"))
    assert "labelColor" in str(plots.spec(plot, ground="dark"))


def a_course(*values: float, names: bool = True) -> Course:
    at = [datetime(2026, 5, day + 1, tzinfo=UTC) for day in range(len(values))]
    points = tuple(
        Point(at=a, value=v, name=f"n{n}" if names else "")
        for n, (a, v) in enumerate(zip(at, values, strict=True))
    )
    limits = (Limit(value=0.6, verdict=Verdict.WARNING), Limit(value=0.7, verdict=Verdict.ERROR))
    return Course(item="mes", metric_id="m", label="Data Drift", points=points, limits=limits, neutral=0.5)


def test_a_history_has_bands_where_the_check_warns_and_fails() -> None:
    drawn = svg(histories.spec(a_course(0.55, 0.65, 0.75), size=(300, 200)))
    for word in ("warns above 0.6", "fails above 0.7", "0.5 = no drift", "n0"):
        assert word in drawn
    assert theme.VERDICTS["ERROR"] in drawn


def test_points_without_names_are_labelled_by_their_days() -> None:
    assert histories.labels(a_course(1, 2, names=False)) == ["01 May", "02 May"]
    assert "0.55" in histories.words(a_course(0.55))


def of_versions(*seen: tuple[str, str, float]) -> Course:
    """Evaluations of months by model versions, one a day."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    points = tuple(
        Point(at=start.replace(day=n + 1), name=name, version=version, value=value)
        for n, (name, version, value) in enumerate(seen)
    )
    return Course(item="mes", metric_id="m", label="Data Drift", points=by_name(points))


def test_a_month_of_two_model_versions_has_two_points_in_one_place_on_two_lines() -> None:
    course = of_versions(
        ("2013-09", "m - v1", 0.73), ("2013-11", "m - v1", 0.72), ("2013-10", "m - v1", 0.7),
        ("2013-10", "m - v1", 0.77),
        ("2013-10", "m - v2", 0.69),
    )  # fmt: skip
    (curve,) = histories.spec(course)["layer"]
    drawn = [(row["n"], row["version"], row["value"]) for row in curve["data"]["values"]]
    assert drawn == [(0, "m - v1", 0.73), (1, "m - v1", 0.77), (1, "m - v2", 0.69), (2, "m - v1", 0.72)]
    line = next(layer["encoding"]["color"] for layer in curve["layer"] if layer["mark"]["type"] == "line")
    assert line["scale"] == {
        "domain": ["m - v1", "m - v2"],
        "range": [histories.EARLIER[0], theme.CURRENT],
    }
    assert line["legend"] is not None
    assert course.in_time[-1].value == 0.69
    assert "m - v2" in svg(histories.spec(course, size=(300, 200)))


def test_one_value_alone_and_equal_values_can_be_drawn() -> None:
    assert "<path" in svg(histories.spec(a_course(0.5), size=(300, 200)))
    assert histories.sparkline([1.0]) == ""
    assert histories.sparkline([1.0, 1.0]).startswith("<svg")


def test_limits_that_lie_close_say_their_words_at_both_ends() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    points = tuple(Point(at=start.replace(day=n + 1), value=v) for n, v in enumerate((0.1, 0.7)))
    limits = (
        Limit(value=0.70, verdict=Verdict.WARNING, above=True),
        Limit(value=0.72, verdict=Verdict.ERROR, above=True),
        Limit(value=0.20, verdict=Verdict.WARNING, above=False),
    )
    spec = histories.spec(
        Course(metric_id="performance:auc", label="AUC", item="mes", points=points, limits=limits)
    )
    texts = [layer for layer in spec["layer"] if layer.get("mark", {}).get("type") == "text"]
    sides = {layer["data"]["values"][0]["value"]: layer["mark"]["align"] for layer in texts}
    assert sides == {0.70: "left", 0.72: "right", 0.20: "left"}
