"""A chart worked out: queries over all rows of a dataset, exact, and what of the answers is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, cast

from penstock.core.errors import Invalid
from penstock.core.tile import Axis, Content, Figure, Heading, Mark, Plot, Table, content, notice, number
from penstock.kinds.tiles._keys import NONE, OTHERS, Key, column_of, key

if TYPE_CHECKING:
    from penstock.core.chart import Aggregation, Chart, Dimension, Measure

X, C = "by_", "split_"
MOST_GROUPS = 50_000
Rows = Sequence[Mapping[str, Any]]
Ask = Callable[[Any], Rows]


def drawn(chart: Chart, table: Any, ask: Ask) -> Content:
    """The chart over a table; `ask` runs an Ibis table. Raises ColumnMissing and Invalid, naming what is wrong."""
    match chart.shape:
        case "kpi":
            return _figures(chart, table, ask)
        case "scatter":
            return _scatter(chart, table, ask)
        case "box":
            return _boxes(chart, table, ask)
    grouped = _grouped(chart, table, ask)
    if not grouped.rows:
        return notice("There are no rows to draw.", "Loosen the filters, or build the dataset.")
    return _pivot(chart, grouped) if chart.shape == "pivot" else _plot(chart, grouped)


@dataclass(frozen=True, slots=True)
class Grouped:
    """Answers of a query, one row a group, in the order they are shown."""

    rows: list[dict[str, Any]]
    """`by_` and `split_` as labels, m0, m1 … as plain numbers."""
    x: Key
    without: int
    """Rows that have no value to stand at on the scale."""


# numbers alone -------------------------------------------------------------------------------------------------------


def _figures(chart: Chart, table: Any, ask: Ask) -> Content:
    asked = {f"m{n}": worked_out(table, m) for n, m in enumerate(chart.measures)}
    found = ask(table.aggregate(**asked))[0]
    return content(
        *(
            Figure(label=m.label, value=number(plain(found[f"m{n}"])) or "–")
            for n, m in enumerate(chart.measures)
        )
    )


# groups --------------------------------------------------------------------------------------------------------------


def _grouped(chart: Chart, table: Any, ask: Ask) -> Grouped:
    assert chart.by is not None
    continuous = chart.shape in ("line", "area", "histogram")
    by = chart.by
    if chart.shape == "histogram" and by.bins == "none" and column_of(table, by.column).type().is_numeric():
        by = by.changed(bins="number")
    x = key(table, by, ask, continuous=continuous)
    c = key(table, chart.split, ask, continuous=False) if chart.split else None
    shown = table.mutate(**{X: x.expression}, **({C: c.expression} if c else {}))
    shown = _with_others(shown, X, x, by, chart, ask)
    if c and chart.split:
        shown = _with_others(shown, C, c, chart.split, chart, ask)
    asked = {f"m{n}": worked_out(shown, m) for n, m in enumerate(chart.measures)}
    query = shown.group_by([X, C] if c else [X]).aggregate(groups_=shown.count(), **asked)
    found = [dict(row) for row in ask(query.limit(MOST_GROUPS))]
    for row in found:
        row |= {name: plain(row[name]) for name in asked}
    return _in_order(found, x, c, chart)


def _with_others(table: Any, name: str, made: Key, dimension: Dimension, chart: Chart, ask: Ask) -> Any:
    """The table where the values of a key beyond the largest `most` are put together as `others`."""
    import ibis

    if not made.can_overflow:
        return table
    largest = table.group_by(name).aggregate(m0=worked_out(table, chart.measures[0]), n_=table.count())
    first = ibis.desc("n_") if chart.measures[0].aggregation in ("min", "avg", "median") else ibis.desc("m0")
    found = ask(largest.order_by([first, ibis.asc(name)]).limit(dimension.most + 1))
    if len(found) <= dimension.most:
        return table
    kept = [row[name] for row in found[: dimension.most]]
    text = table[name].cast("string").fill_null(NONE)
    return table.mutate(
        **{name: text.isin([NONE if k is None else _text(k, made) for k in kept]).ifelse(text, OTHERS)}
    )


def _text(value: Any, made: Key) -> str:
    """A key as the database writes it as text."""
    return str(value)


def _in_order(found: list[dict[str, Any]], x: Key, c: Key | None, chart: Chart) -> Grouped:
    assert chart.by is not None
    without = sum(row["groups_"] for row in found if row[X] is None and x.sort != "text")
    rows = [row for row in found if row[X] is not None or x.sort == "text"]
    rows.sort(key=lambda row: (_rank(row.get(C)), _rank(row[X])))
    if chart.by.order != "value":
        totals: dict[Any, float] = {}
        for row in rows:
            totals[row[X]] = totals.get(row[X], 0.0) + float(row["m0"] or 0)
        sign = -1 if chart.by.order == "largest first" else 1
        rows.sort(key=lambda row: (row[X] == OTHERS, sign * totals[row[X]], _rank(row[X])))
    for row in rows:
        row[X] = row[X] if row[X] == OTHERS else x.label(row[X])
        if c:
            row[C] = row[C] if row[C] == OTHERS else c.label(row[C])
    for n, measure in enumerate(chart.measures):
        _restated(rows, f"m{n}", measure)
    return Grouped(rows, x, without)


def _restated(rows: list[dict[str, Any]], name: str, measure: Measure) -> None:
    """The values as shares, sums so far or differences, in the order of the rows and for each colour alone."""
    if measure.show == "share":
        total = sum(row[name] or 0 for row in rows)
        for row in rows:
            row[name] = 100 * (row[name] or 0) / total if total else None
    if measure.show in ("cumulative", "difference"):
        for series in {row.get(C): None for row in rows}:
            own = [row for row in rows if row.get(C) == series]
            values = [row[name] or 0 for row in own]
            changed = list(accumulate(values)) if measure.show == "cumulative" else [
                None, *(b - a for a, b in pairwise(values))
            ]  # fmt: skip
            for row, value in zip(own, changed, strict=True):
                row[name] = value


def _rank(value: Any) -> tuple[int, Any]:
    """Numbers and dates by size, texts by the alphabet, `others` and nothing last."""
    if value is None or value in (NONE, OTHERS):
        return 3, ""
    if isinstance(value, bool | int | float):
        return 0, float(value)
    return (1, value.isoformat()) if isinstance(value, date | datetime) else (2, str(value))


# pictures ------------------------------------------------------------------------------------------------------------


def _plot(chart: Chart, grouped: Grouped) -> Content:
    assert chart.by is not None
    x, rows = grouped.x, grouped.rows
    several = len(chart.measures) > 1
    points: list[dict[str, Any]] = []
    for n, measure in enumerate(chart.measures):
        for row in rows:
            point = {"x": row[X], "y": row[f"m{n}"]}
            if x.width:
                point["x2"] = row[X] + x.width if isinstance(row[X], int | float) else row[X]
            if several or chart.split:
                point["color"] = measure.label if several else row[C]
            points.append(point)
    order = tuple(dict.fromkeys(str(row[X]) for row in rows)) if x.sort == "text" else ()
    colours = tuple(dict.fromkeys(str(p["color"]) for p in points if "color" in p))
    title = chart.by.title or chart.by.column
    by = Axis(field="x", title=title, sort=cast("Any", x.sort), format=x.format, order=order)
    y = Axis(
        field="y", title="" if several else chart.measures[0].label, sort="number", format=_format(chart)
    )
    mark: Mark = cast("Mark", {"histogram": "bar", "pie": "arc"}.get(chart.shape, chart.shape))
    color: Axis | None = None
    if mark == "arc":
        color = by
    elif colours:
        name = "" if several else (chart.split.title or chart.split.column if chart.split else "")
        color = Axis(field="color", title=name, order=tuple(colours))
    plot = Plot(
        mark=mark, rows=tuple(points), x=by, y=y, color=color, stack=chart.stack, horizontal=chart.horizontal,
        words=_words(chart, points),
    )  # fmt: skip
    return content(plot, badge=_without(grouped.without, title))


def _format(chart: Chart) -> str:
    return ".1f" if all(m.show == "share" for m in chart.measures) else ""


def _without(rows: int, column: str) -> str:
    return f"{rows:,} rows without {column} are not drawn" if rows else ""


def _words(chart: Chart, points: Sequence[Mapping[str, Any]]) -> str:
    """The chart for readers without pictures: what it is, and its highest and lowest point."""
    known = [p for p in points if p["y"] is not None]
    title = chart.by.title or chart.by.column if chart.by else ""
    said = f"{chart.shape} chart of {', '.join(m.label for m in chart.measures)} by {title}"
    if not known:
        return said
    high, low = max(known, key=lambda p: p["y"]), min(known, key=lambda p: p["y"])
    return f"{said}: highest {number(high['y'])} at {high['x']}, lowest {number(low['y'])} at {low['x']}."


def _pivot(chart: Chart, grouped: Grouped) -> Content:
    assert chart.by is not None
    columns = _pivot_columns(chart, grouped.rows)
    lines: dict[str, dict[str, str]] = {}
    for row in grouped.rows:
        line = lines.setdefault(str(row[X]), {})
        for n, measure in enumerate(chart.measures):
            line[_pivot_name(chart, measure, row)] = number(row[f"m{n}"])
    heads = (Heading(name="by", title=chart.by.title or chart.by.column),)
    return content(
        Table(
            columns=heads + tuple(Heading(name=c, title=c, align="right") for c in columns),
            rows=tuple((label, *(line.get(c) for c in columns)) for label, line in lines.items()),
        ),
        badge=_without(grouped.without, chart.by.column),
    )


def _pivot_columns(chart: Chart, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    splits = sorted({row.get(C) for row in rows}, key=_rank) if chart.split else [None]
    return [_pivot_name(chart, m, {C: s}) for s in splits for m in chart.measures]


def _pivot_name(chart: Chart, measure: Measure, row: Mapping[str, Any]) -> str:
    if not chart.split:
        return measure.label
    return str(row[C]) if len(chart.measures) == 1 else f"{row[C]}: {measure.label}"


def _boxes(chart: Chart, table: Any, ask: Ask) -> Content:
    """Least, quartiles and greatest of each group."""
    assert chart.by is not None
    x = key(table, chart.by, ask, continuous=False)
    value = _number_column(table, chart.measures[0].column)
    asked = {
        "min": value.min(), "lower": value.quantile(0.25), "median": value.quantile(0.5),
        "upper": value.quantile(0.75), "max": value.max(), "n_": value.count(),
    }  # fmt: skip
    query = (
        table.mutate(**{X: x.expression})
        .group_by(X)
        .aggregate(**{n: e.cast("float64") for n, e in asked.items()})
    )
    found = sorted((dict(r) for r in ask(query.limit(MOST_GROUPS)) if r["n_"]), key=lambda r: -r["n_"])
    found = sorted(found[: chart.by.most], key=lambda row: _rank(row[X]))
    if not found:
        return notice("There are no rows to draw.")
    rows = tuple(
        {"x": str(x.label(r[X])), **{n: r[n] for n in ("min", "lower", "median", "upper", "max")}}
        for r in found
    )
    return content(
        Plot(
            mark="box", rows=rows, stack="grouped",
            x=Axis(field="x", title=chart.by.title or chart.by.column, order=tuple(r["x"] for r in rows)),
            y=Axis(field="median", title=chart.measures[0].column, sort="number"),
            words=f"Least, quartiles and greatest of {chart.measures[0].column} by {chart.by.column}.",
        )
    )  # fmt: skip


def _scatter(chart: Chart, table: Any, ask: Ask) -> Content:
    from penstock.core import registry
    from penstock.core.sampling import Sampling

    assert chart.by is not None
    x, y = _number_column(table, chart.by.column), _number_column(table, chart.measures[0].column)
    split = {"color": column_of(table, chart.split.column).cast("string")} if chart.split else {}
    both = table.select(x=x, y=y, **split).filter(lambda t: t.x.notnull() & t.y.notnull())
    total = int(ask(both.aggregate(n=both.count()))[0]["n"])
    chance = registry.parse("samplings", {"type": "random_number", "n": chart.points})
    assert isinstance(chance, Sampling)
    found = ask(both if total <= chart.points else chance.take(both))
    if not found:
        return notice("There are no rows to draw.")
    rows = tuple({n: plain(v) for n, v in row.items()} for row in found)
    measured = chart.measures[0].title or chart.measures[0].column
    title = chart.by.title or chart.by.column
    plot = Plot(
        mark="point", rows=rows, x=Axis(field="x", title=title, sort="number"),
        y=Axis(field="y", title=measured, sort="number"),
        color=Axis(field="color", title=chart.split.title or chart.split.column) if chart.split else None,
        words=f"{measured} against {title}, {len(rows):,} rows.",
    )  # fmt: skip
    return content(plot, badge=f"{len(rows):,} of {total:,} rows, at random" if len(rows) < total else "")


def _number_column(table: Any, name: str) -> Any:
    column = column_of(table, name)
    if not column.type().is_numeric():
        raise Invalid(f"'{name}' is no number.", hint="Choose a column of numbers, or count it.")
    return column


def worked_out(table: Any, measure: Measure) -> Any:
    """A measure as an Ibis scalar over a table, or over its groups."""
    if not measure.column:
        return table.count()
    column = column_of(table, measure.column)
    if measure.aggregation in ("sum", "avg", "median"):
        column = _number_column(table, measure.column)
        if column.type().is_boolean():
            column = column.cast("int64")
    how: dict[Aggregation, Callable[[], Any]] = {
        "count": lambda: column.count(), "sum": lambda: column.sum(), "avg": lambda: column.mean(),
        "median": lambda: column.quantile(0.5), "min": lambda: column.min(), "max": lambda: column.max(),
        "distinct": lambda: column.nunique(),
    }  # fmt: skip
    return how[measure.aggregation]()


def plain(value: Any) -> Any:
    """A value as JSON has it: numbers bare, dates as ISO text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    made = float(value)
    if not math.isfinite(made):
        return None
    return int(made) if made.is_integer() and abs(made) < 2**53 and not isinstance(value, float) else made
