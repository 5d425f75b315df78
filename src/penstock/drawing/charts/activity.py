"""Activity of a deployment over time: queries and errors a minute, how long answers take, and its health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from penstock.core.activity import Busy, Moment
from penstock.core.health import Health
from penstock.drawing.charts import theme
from penstock.drawing.charts.frames import Rows, axis, framed, lines

HEIGHT, FLAT = 180, 60
"""Of a chart, and of one whose lines all lie at zero."""
CLOCK = {"format": "%H:%M", "tickCount": 6, "labelOverlap": "greedy", "labelSeparation": 8}
SERIES = {"queries": theme.CURRENT, "errors": "#d63939", "p50": theme.CURRENT, "p95": theme.REFERENCE}
HEALTHS = {
    Health.HEALTHY: "#1f9d78", Health.WARNING: "#d98a00", Health.OUT_OF_SYNC: "#d98a00", Health.UNHEALTHY: "#d63939",
    Health.ERROR: "#d63939", Health.UNKNOWN: "#9aa3b2", Health.DISABLED: "#b7bfcc",
}  # fmt: skip


def queries(found: Sequence[Busy]) -> dict[str, Any]:
    """Queries and errors a minute."""
    last = f"{found[-1].queries:.4g} queries and {found[-1].errors:.4g} errors a minute"
    return _lines(found, ("queries", "errors"), "", f"Queries over time; last {last}")


def times(found: Sequence[Busy]) -> dict[str, Any]:
    """p50 and p95 in milliseconds; empty while nothing is known of them."""
    last = ", ".join(
        f"{word} {value:.4g} ms" for word in ("p50", "p95") if (value := getattr(found[-1], word))
    )
    return _lines(found, ("p50", "p95"), "", f"Time to answer; last {last or 'unknown'}")


def by_endpoint(found: Mapping[str, Sequence[Busy]], word: str) -> dict[str, Any]:
    """One measure with a line for each endpoint: `queries`, `errors`, `p50` or `p95`; empty without a value."""
    rows = [
        {"at": one.at.isoformat(), "value": getattr(one, word), "series": name, "n": n}
        for name, moments in found.items() for n, one in enumerate(moments) if getattr(one, word) is not None
    ]  # fmt: skip
    last = {row["series"]: row["value"] for row in rows}
    said = ", ".join(f"{name} {value:.4g}" for name, value in last.items())
    return _drawn(rows, tuple(found), "", f"{word} of each endpoint over time; last {said or 'unknown'}")


def health(moments: Sequence[Moment]) -> dict[str, Any]:
    """A stripe of what was seen, each colour until the next moment."""
    ends = [*(m.at for m in moments[1:]), moments[-1].at]
    rows = [
        {"from": m.at.isoformat(), "to": end.isoformat(), "health": str(m.health)}
        for m, end in zip(moments, ends, strict=True)
    ]
    seen = tuple(dict.fromkeys(m.health for m in moments))
    colour = {"domain": [str(h) for h in seen], "range": [HEALTHS.get(h, theme.NEUTRAL) for h in seen]}
    layer = {
        "data": {"values": rows}, "mark": {"type": "bar", "height": 18, "cornerRadiusEnd": 0},
        "encoding": {
            "x": axis("from", "", type="temporal", axis=CLOCK), "x2": {"field": "to"},
            "color": {"field": "health", "type": "nominal", "scale": colour, "legend": {"title": None}},
            "tooltip": [
                {"field": "health", "type": "nominal"},
                {"field": "from", "type": "temporal", "format": "%d %b %H:%M"},
            ],
        },
    }  # fmt: skip
    return framed([layer], f"Health over time; last {moments[-1].health}", height=40)


def _lines(found: Sequence[Busy], series: Sequence[str], title: str, words: str) -> dict[str, Any]:
    rows = [
        {"at": one.at.isoformat(), "value": getattr(one, word), "series": word, "n": n}
        for word in series for n, one in enumerate(found) if getattr(one, word) is not None
    ]  # fmt: skip
    return _drawn(rows, series, title, words)


def _drawn(rows: Rows, series: Sequence[str], title: str, words: str) -> dict[str, Any]:
    if not rows:
        return {}
    flat = not any(row["value"] for row in rows)
    only_zero = {"scale": {"domain": [0, 1]}, "axis": {"values": [0], "format": "d"}}
    x = axis("at", "", type="temporal", axis=CLOCK)
    y = axis("value", title, **(only_zero if flat else {"scale": {"zero": True}}))
    layer = lines(rows, series, x, y, point=True)
    if set(series) <= SERIES.keys():
        layer["encoding"]["color"]["scale"] = {
            "domain": list(series),
            "range": [SERIES[word] for word in series],
        }
    layer["encoding"]["tooltip"][1]["format"] = "%d %b %H:%M"
    return framed([layer], words, height=FLAT if flat else HEIGHT)
