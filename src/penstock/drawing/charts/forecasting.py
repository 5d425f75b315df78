"""Pictures of forecasts: a series, what was said of its last steps, and how sure that was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from penstock.drawing.charts import theme
from penstock.drawing.charts.frames import framed


def fan(drawn: Mapping[str, Any], target: str, title: str) -> dict[str, Any]:
    """The rows before, the forecast with the band between its outer quantiles, and what really came."""
    past = [
        {"t": t, "y": y, "series": "actual"} for t, y in zip(drawn["past_times"], drawn["past"], strict=True)
    ]
    came = [{"t": t, "y": y, "series": "actual"} for t, y in zip(drawn["times"], drawn["truth"], strict=True)]
    said = [
        {"t": t, "y": y, "series": "forecast"} for t, y in zip(drawn["times"], drawn["forecast"], strict=True)
    ]
    x = {"field": "t", "type": "temporal", "title": None}
    y = {"field": "y", "type": "quantitative", "title": target, "scale": {"zero": False}}
    scale = {"domain": ["actual", "forecast"], "range": [theme.REFERENCE, theme.CURRENT]}
    tip = [
        {"field": "series", "type": "nominal"}, {"field": "t", "type": "temporal", "title": "at"},
        {"field": "y", "type": "quantitative", "format": ",.4~g", "title": target},
    ]  # fmt: skip
    lines = {
        "data": {"values": [*past, *came, *said]}, "mark": {"type": "line", "point": {"size": 18}},
        "encoding": {"x": x, "y": y, "tooltip": tip, "color": {"field": "series", "type": "nominal", "scale": scale,
                                                               "title": None}},
    }  # fmt: skip
    layers = [lines] if drawn["quantiles"] is None else [_band(drawn, x, y), lines]
    return framed(layers, f"{title}: {target}, forecast and actual", height=260)


def errors(by_step: Sequence[float | None], target: str) -> dict[str, Any]:
    """The mean absolute error of each step ahead."""
    rows = [{"step": n + 1, "error": error} for n, error in enumerate(by_step) if error is not None]
    bars = {
        "data": {"values": rows}, "mark": {"type": "bar", "color": theme.CURRENT, "tooltip": {"content": "data"}},
        "encoding": {
            "x": {"field": "step", "type": "ordinal", "title": "Steps ahead", "axis": {"labelAngle": 0}},
            "y": {"field": "error", "type": "quantitative", "title": f"Mean absolute error of {target}"},
        },
    }  # fmt: skip
    return framed([bars], "Mean absolute error by step", height=220)


def _band(drawn: Mapping[str, Any], x: Mapping[str, Any], y: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        {"t": t, "low": q[0], "high": q[-1]} for t, q in zip(drawn["times"], drawn["quantiles"], strict=True)
    ]
    return {
        "data": {"values": rows}, "mark": {"type": "area", "opacity": 0.2, "color": theme.CURRENT},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }  # fmt: skip
