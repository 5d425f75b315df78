"""Reporters of a scenario, tried before they are saved: what they would say of the last run, and one sent as a test."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.runtime import previews
from penstock.web.asking import Ask
from penstock.web.marked import safe
from penstock.web.pages import _cards
from penstock.web.routes import Routes

routes = Routes()
SCENARIO = "/projects/{project}/scenarios/{scenario}"


@routes.post(SCENARIO + "/reporters/preview", Permission.WRITE)
def preview(ask: Ask, scenario: str) -> Response:
    """The messages as they would be, on the last run's values. Nothing is sent."""
    values = _cards.read_one(ask, "reporters", ask.number("number"))
    drafted = previews.draft(ask.node, ask.project, scenario, values)
    shown = [safe(message.html) if message.html else "" for message in drafted.messages]
    return ask.fragment("scenarios/_drafted.html", drafted=drafted, shown=shown, name=scenario)


@routes.post(SCENARIO + "/reporters/try", Permission.WRITE)
def send(ask: Ask, scenario: str) -> Response:
    """Send it now, whatever its condition."""
    values = _cards.read_one(ask, "reporters", ask.number("number"))
    report = previews.send(ask.node, ask.project, scenario, values)
    return ask.fragment("scenarios/_sent.html", report=report)
