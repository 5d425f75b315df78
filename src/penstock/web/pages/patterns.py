"""Patterns: every component of the interface on one page, in light and in dark."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from penstock.core import registry
from penstock.core.access import Permission
from penstock.core.errors import InvalidDefinition
from penstock.core.kind import documentation
from penstock.web import forms, posted, signs
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
SPEC: dict[str, Any] = {
    "height": 160,
    "data": {"values": [
        {"month": f"2013-{m:02d}", "value": v, "of": of}
        for of, values in (("current", (0.71, 0.69, 0.66, 0.64, 0.66)), ("reference", (0.7,) * 5))
        for m, v in enumerate(values, start=8)
    ]},
    "mark": {"type": "line", "point": True, "tooltip": True},
    "encoding": {
        "x": {"field": "month", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}},
        "y": {"field": "value", "type": "quantitative", "scale": {"zero": False}, "title": "ROC AUC"},
        "color": {"field": "of", "scale": {"domain": ["current", "reference"], "range": ["#2f6fed", "#e8730c"]}},
    },
}  # fmt: skip
SHOWN = (("steps", "run_checks"), ("rules", "metric_in_range"), ("processors", "fill_empty"))
"""Kinds whose forms stand for all."""


@routes.get("/patterns", Permission.SIGNED_IN)
def patterns(ask: Ask) -> Response:
    return ask.page(
        "patterns/patterns.html", now=datetime.now(UTC), hour=timedelta(hours=1), states=list(signs.STATES), spec=SPEC,
        forms={name: _form(ask, family, name) for family, name in SHOWN},
        wrong=_broken(ask), recipes=list(signs.RECIPES),
    )  # fmt: skip


@routes.get("/patterns/forms/{family}/{name}", Permission.SIGNED_IN)
def form(ask: Ask, family: str, name: str) -> Response:
    """The form of any kind, as it is made: empty, or `?example=yes` filled in with its example."""
    prose, example = documentation(registry.kind(family, name))
    values = posted.yaml(example) if ask.word("example") else {}
    return ask.page(
        "patterns/form.html", family=family, name=name, prose=prose, example=example,
        fields=_form(ask, family, name, values), filled=bool(values),
    )  # fmt: skip


def _form(ask: Ask, family: str, name: str, values: Mapping[str, Any] | None = None) -> Any:
    return forms.draw_kind(ask, family, {"type": name, **(values or {})}, prefix=f"{family}-{name}")


def _broken(ask: Ask) -> Any:
    wrong = InvalidDefinition("This setting is needed and missing.", field="column")
    return forms.draw(ask, registry.kind("rules", "column_unique"), {}, wrong=wrong, prefix="broken")
