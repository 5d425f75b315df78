"""Pictures of how good predictions are; each takes one or more sets of curves by name and lays them over each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from penstock.drawing.charts import theme
from penstock.drawing.charts.frames import axis, colours, diagonal, framed, lines, series, upright

Curves = Mapping[str, Any]
"""The curves of one evaluation or version, as ml/curves.py makes them."""
Sets = Mapping[str, Curves]
"""Name → curves: one, or several that are compared."""
SHARE = (0.0, 1.0)


def roc(sets: Sets) -> dict[str, Any]:
    """True positive rate over false positive rate, with the diagonal of guessing."""
    found = _by_class(sets, "roc")
    x = axis("x", "False positive rate", domain=SHARE)
    y = axis("y", "True positive rate (recall)", domain=SHARE)
    return framed(
        [diagonal(), lines(series(found), list(found), x, y)], "ROC curve: " + _areas(sets, "auc"), height=360
    )


def precision_recall(sets: Sets) -> dict[str, Any]:
    """Precision over recall."""
    found = _by_class(sets, "precision_recall")
    x, y = axis("x", "Recall", domain=SHARE), axis("y", "Precision", domain=SHARE)
    words = "Precision over recall: " + _areas(sets, "average_precision")
    return framed([lines(series(found), list(found), x, y)], words, height=360)


def gain(sets: Sets) -> dict[str, Any]:
    """Share of the positives found in the most probable share of the rows, between guessing and a perfect model."""
    found = {name: c["lift"]["gain"] for name, c in sets.items() if c.get("lift")}
    perfect = [c["lift"]["perfect"] for c in sets.values() if c.get("lift")]
    x = axis("x", "Share of rows, most probable first", format=".0%", domain=SHARE)
    y = axis("y", "Share of positives found", format=".0%", domain=SHARE)
    layers = [diagonal(), *_perfect(perfect), lines(series(found), list(found), x, y)]
    return framed(layers, "Cumulative gain of " + ", ".join(found), height=320)


def lift(sets: Sets) -> dict[str, Any]:
    """How many times more positives each tenth of the rows holds than a random tenth."""
    rows = [
        {"tenth": n + 1, "lift": value, "series": name}
        for name, c in sets.items() if c.get("lift") for n, value in enumerate(c["lift"]["by_tenth"])
    ]  # fmt: skip
    names = list(dict.fromkeys(r["series"] for r in rows))
    x = {
        "field": "tenth",
        "type": "ordinal",
        "title": "Tenth of the rows, most probable first",
        "axis": {"labelAngle": 0},
    }
    y = {"field": "lift", "type": "quantitative", "title": "Lift"}
    bars = {
        "data": {"values": rows}, "mark": {"type": "bar", "tooltip": {"content": "data"}},
        "encoding": {"x": x, "y": y, "xOffset": {"field": "series", "sort": names}, "color": colours(names)},
    }  # fmt: skip
    one = {"data": {"values": [{"y": 1}]}, "mark": {"type": "rule", "color": theme.NEUTRAL, "strokeDash": [4, 4]},
           "encoding": {"y": {"field": "y", "type": "quantitative"}}}  # fmt: skip
    return framed([bars, one], "Lift by tenth of the rows", height=320)


def calibration(sets: Sets) -> dict[str, Any]:
    """Observed frequency over predicted probability; on the diagonal, probabilities mean what they say."""
    found = _by_class(sets, "calibration")
    rows = [
        {"n": n, "x": p["predicted"], "y": p["observed"], "rows": p["rows"], "series": name}
        for name, points in found.items() for n, p in enumerate(points or ())
    ]  # fmt: skip
    x, y = axis("x", "Predicted probability", domain=SHARE), axis("y", "Observed frequency", domain=SHARE)
    line = lines(rows, list(found), x, y, point={"size": 36})
    line["encoding"]["tooltip"].append({"field": "rows", "type": "quantitative", "title": "rows"})
    return framed([diagonal(), line], "Calibration of " + ", ".join(found), height=360)


def density(sets: Sets) -> list[tuple[str, dict[str, Any]]]:
    """For each set and class: where the probabilities of its rows lie, and those of the other rows."""
    return [
        (name, _density(found, name))
        for name, found in _by_class(sets, "density").items() if found
    ]  # fmt: skip


def _density(found: Mapping[str, Sequence[float]], name: str) -> dict[str, Any]:
    sides = {"rows of the class": found["class"], "others": found["others"]}
    rows = [
        {"n": n, "x": (n + 0.5) / len(values), "y": value, "series": side}
        for side, values in sides.items() for n, value in enumerate(values)
    ]  # fmt: skip
    x, y = axis("x", "Predicted probability", domain=SHARE), axis("y", "Share of rows", format=".0%")
    y["scale"] = {"zero": True}
    y["stack"] = None
    layer = lines(rows, list(sides), x, y)
    layer["mark"] = {"type": "area", "opacity": 0.35, "line": {"strokeWidth": 2}, "interpolate": "monotone"}
    return framed([layer], f"Density of the predicted probability, {name}", height=240)


SCORES = {"precision": "Precision", "recall": "Recall", "f1": "F1", "accuracy": "Accuracy"}


def decision(
    points: Sequence[Mapping[str, float]], threshold: float | None, *, gain: bool = False
) -> dict[str, Any]:
    """Scores over every cut-off, with the cut-off in use and the one of the best F1 (or the gain alone)."""
    shown = {"gain": "Average gain of a row"} if gain else SCORES
    rows = [
        {"n": n, "x": p["threshold"], "y": p[code], "series": label}
        for code, label in shown.items() for n, p in enumerate(points) if p.get(code) is not None
    ]  # fmt: skip
    x = axis("x", "Threshold", domain=SHARE)
    y = axis("y", next(iter(shown.values())) if gain else "", domain=() if gain else SHARE)
    layers = [lines(rows, list(shown.values()), x, y)]
    code = "gain" if gain else "f1"
    scored = [p for p in points if p.get(code) is not None]
    if scored:
        best = max(scored, key=lambda p: p[code])
        layers += upright(best["threshold"], f"best {'gain' if gain else 'F1'} {best['threshold']:g}")
    if threshold is not None:
        layers += upright(threshold, f"in use {threshold:g}", colour=theme.CURRENT, line=1)
    return framed(layers, f"Scores over the threshold; {threshold} is in use", height=320)


def scatter(sets: Sets) -> dict[str, Any]:
    """Predicted over true value of up to a thousand rows."""
    found = {name: c["scatter"] for name, c in sets.items() if c.get("scatter")}
    rows = series(found)
    ends = [v for r in rows for v in (r["x"], r["y"])] or [0.0, 1.0]
    edge = [{"x": min(ends), "y": min(ends)}, {"x": max(ends), "y": max(ends)}]
    x, y = axis("x", "True value"), axis("y", "Predicted value")
    layers = [
        {
            "data": {"values": edge},
            "mark": {"type": "line", "color": theme.NEUTRAL, "strokeDash": [4, 4]},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "circle", "size": 22, "opacity": 0.5, "tooltip": {"content": "data"}},
            "encoding": {"x": x, "y": y, "color": colours(list(found))},
        },
    ]
    return framed(layers, "Predicted over true values", height=400)


def errors(sets: Sets) -> dict[str, Any]:
    """How often the prediction was off by how much."""
    rows = [
        {"x": e["edges"][n], "x2": e["edges"][n + 1], "rows": count, "series": name}
        for name, c in sets.items() if (e := c.get("errors")) for n, count in enumerate(e["counts"])
    ]  # fmt: skip
    x = axis("x", "Prediction minus truth", bin="binned")
    names = list(dict.fromkeys(r["series"] for r in rows))
    bars = {
        "data": {"values": rows},
        "mark": {"type": "bar", "opacity": 0.7 if len(names) > 1 else 1, "tooltip": {"content": "data"}},
        "encoding": {
            "x": x,
            "x2": {"field": "x2"},
            "y": {"field": "rows", "type": "quantitative", "title": "Rows", "stack": None},
            "color": colours(names),
        },
    }
    return framed([bars], "Distribution of the error", height=320)


CHARTS: Mapping[str, Callable[[Sets], dict[str, Any]]] = {
    "roc": roc,
    "precision-recall": precision_recall,
    "gain": gain,
    "lift": lift,
    "calibration": calibration,
    "scatter": scatter,
    "errors": errors,
}
"""Name → what draws it."""


def _by_class(sets: Sets, part: str) -> dict[str, Any]:
    """Set, and class where there are several, → that part of its curves."""
    found = {}
    for name, curves in sets.items():
        classes = curves.get("by_class") or {}
        for label, drawn in classes.items():
            said = (
                name
                if len(classes) == 1
                else f"class {label}"
                if len(sets) == 1
                else f"{name}, class {label}"
            )
            found[said] = drawn.get(part)
    return {name: part for name, part in found.items() if part}


def _areas(sets: Sets, part: str) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in _by_class(sets, part).items())


def _perfect(shares: Sequence[float]) -> list[dict[str, Any]]:
    return [
        {
            "data": {"values": [{"x": 0, "y": 0, "n": 0}, {"x": share, "y": 1, "n": 1}, {"x": 1, "y": 1, "n": 2}]},
            "mark": {"type": "line", "color": theme.VERDICTS["OK"], "strokeDash": [2, 3], "strokeWidth": 1},
            "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"},
                         "order": {"field": "n", "type": "quantitative"}},
        }
        for share in shares[:1]
    ]  # fmt: skip
