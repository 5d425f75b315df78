"""The pictures of a model's performance as parts of a tile: from the curves a version or an evaluation keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from penstock.core.errors import Invalid
from penstock.core.tile import Axis, Heading, Part, Plot, Table, number

Curve = Literal[
    "confusion", "roc", "precision recall", "calibration", "lift", "density", "decision", "errors", "scatter"
]
CURVES: tuple[str, ...] = (
    "confusion", "roc", "precision recall", "calibration", "lift", "density", "decision", "errors", "scatter",
)  # fmt: skip


def name(screen: str) -> str:
    """What people call a screen: `ROC`, `Precision recall`."""
    return "ROC" if screen == "roc" else screen.capitalize()


def part(curves: Mapping[str, Any] | None, screen: str, threshold: float | None = None) -> Part:
    """One picture. Raises Invalid, saying why, for one that there is not."""
    drawn = _DRAWN[screen](curves or {}, threshold)
    if drawn is None:
        raise Invalid(
            f"There is no {screen} here.", hint="It needs the truth, and for most curves probabilities."
        )
    return drawn


def importance(weights: Mapping[str, float], words: str) -> Plot:
    """How much each feature counts, the most important first."""
    order = sorted(weights, key=lambda feature: -weights[feature])[:20]
    rows = tuple({"feature": feature, "share": 100 * weights[feature]} for feature in order)
    return Plot(
        mark="bar", rows=rows, x=Axis(field="feature", order=tuple(order)), horizontal=True,
        y=Axis(field="share", title="% of all importance", sort="number"), words=words,
    )  # fmt: skip


def _line(
    series: Mapping[str, Mapping[str, Any]], x: str, y: str, *, diagonal: bool = False, words: str = ""
) -> Plot:
    points = [
        {"x": a, "y": b, "of": name}
        for name, curve in series.items()
        for a, b in zip(curve["x"], curve["y"], strict=True)
    ]
    several = len(series) > 1
    return Plot(
        mark="line", rows=tuple(points), x=Axis(field="x", title=x, sort="number"),
        y=Axis(field="y", title=y, sort="number"), color=Axis(field="of", title="class") if several else None,
        diagonal=diagonal, words=words,
    )  # fmt: skip


def _by_class(curves: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {
        c: found[name] for c, found in (curves.get("by_class") or {}).items() if found and found.get(name)
    }


def _roc(curves: Mapping[str, Any], threshold: float | None) -> Part | None:
    series = _by_class(curves, "roc")
    areas = [f"{number(c['auc'])}" for c in (curves.get("by_class") or {}).values() if c and c.get("auc")]
    words = f"ROC curve; area below it {', '.join(areas)}"
    return (
        _line(series, "false positive rate", "true positive rate", diagonal=True, words=words)
        if series
        else None
    )


def _precision_recall(curves: Mapping[str, Any], threshold: float | None) -> Part | None:
    series = _by_class(curves, "precision_recall")
    return _line(series, "recall", "precision", words="Precision against recall") if series else None


def _calibration(curves: Mapping[str, Any], threshold: float | None) -> Part | None:
    bins = _by_class(curves, "calibration")
    series = {
        c: {"x": [b["predicted"] for b in found], "y": [b["observed"] for b in found]}
        for c, found in bins.items()
        if isinstance(found, Sequence)
    }
    words = "Observed frequency against predicted probability"
    return (
        _line(series, "predicted probability", "observed frequency", diagonal=True, words=words)
        if series
        else None
    )


def _lift(curves: Mapping[str, Any], threshold: float | None) -> Part | None:
    lift = curves.get("lift")
    if not lift:
        return None
    series = {"model": lift["gain"]}
    return _line(series, "share of rows", "share of positives found", diagonal=True, words="Cumulative gain")


def _density(curves: Mapping[str, Any], threshold: float | None) -> Part | None:
    found = next(iter(_by_class(curves, "density").items()), None)
    if found is None:
        return None
    label, sides = found
    places = len(sides["class"])
    rows = [
        {"x": (n + 0.5) / places, "y": 100 * share, "of": of}
        for of, shares in ((f"truly {label}", sides["class"]), ("others", sides["others"]))
        for n, share in enumerate(shares)
    ]
    return Plot(
        mark="line", rows=tuple(rows), x=Axis(field="x", title=f"predicted probability of {label}", sort="number"),
        y=Axis(field="y", title="% of rows", sort="number"), color=Axis(field="of"),
        words="How predicted probabilities are spread, by the truth",
    )  # fmt: skip


def _decision(curves: Mapping[str, Any], threshold: float | None) -> Part | None:
    points = curves.get("decision")
    if not points:
        return None
    shown = ("precision", "recall", "f1")
    rows = [
        {"x": p["threshold"], "y": p[name], "of": name}
        for name in shown
        for p in points
        if p.get(name) is not None
    ]
    return Plot(
        mark="line", rows=tuple(rows), x=Axis(field="x", title="threshold", sort="number"),
        y=Axis(field="y", title="", sort="number"), color=Axis(field="of", order=shown),
        words="Precision, recall and F1 by threshold",
    )  # fmt: skip


def _confusion(curves: Mapping[str, Any], threshold: float | None) -> Part | None:
    cells, classes = curves.get("confusion"), curves.get("classes")
    if not cells or not classes:
        return None
    heads = (
        Heading(name="truth", title="truth"),
        *(Heading(name=c, title=f"said {c}", align="right") for c in classes),
    )
    rows = tuple(
        (str(c), *(_share(n, sum(line)) for n in line)) for c, line in zip(classes, cells, strict=True)
    )
    return Table(columns=heads, rows=rows)


def _share(count: float, of: float) -> str:
    return f"{number(count)} ({count / of:.0%})" if of else number(count)


def _errors(curves: Mapping[str, Any], threshold: float | None) -> Part | None:
    found = curves.get("errors")
    if not found:
        return None
    table = found.get("table") or {k: v for k, v in found.items() if isinstance(v, float)}
    heads = (Heading(name="of", title="prediction − truth"), Heading(name="value", title="", align="right"))
    return Table(columns=heads, rows=tuple((name, number(value)) for name, value in table.items()))


def _scatter(curves: Mapping[str, Any], threshold: float | None) -> Part | None:
    points = curves.get("scatter")
    if not points:
        return None
    rows = tuple({"x": x, "y": y} for x, y in zip(points["x"], points["y"], strict=True))
    return Plot(
        mark="point", rows=rows, x=Axis(field="x", title="truth", sort="number"), diagonal=True,
        y=Axis(field="y", title="prediction", sort="number"), words="Prediction against truth",
    )  # fmt: skip


_DRAWN = {
    "confusion": _confusion, "roc": _roc, "precision recall": _precision_recall, "calibration": _calibration,
    "lift": _lift, "density": _density, "decision": _decision, "errors": _errors, "scatter": _scatter,
}  # fmt: skip
