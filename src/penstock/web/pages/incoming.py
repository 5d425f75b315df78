"""Bundles that came to this node: imported, looked at, checked, activated; and what is different here."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.bundle import ActivationSettings
from penstock.core.errors import InvalidDefinition
from penstock.deploy import incoming
from penstock.http import uploads
from penstock.web import forms
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
HOME = "/incoming"


@routes.get("/incoming", Permission.MANAGE_DEPLOYMENTS)
def overview(ask: Ask) -> Response:
    return ask.page("incoming/list.html", projects=incoming.overview(ask.node))


@routes.post("/incoming", Permission.MANAGE_DEPLOYMENTS)
def receive(ask: Ask) -> Response:
    with tempfile.TemporaryDirectory(prefix="penstock-") as place:
        sources = uploads.receive(list(ask.files("archive")), Path(place))
        came = incoming.receive(ask.node, sources, key=ask.word("key"), by=ask.me.login)
    key = ask.word("key") or came.project
    return ask.to(f"{HOME}/{key}", f"Bundle {came.bundle} came. Nothing else has changed yet.")


@routes.get("/incoming/{key}", Permission.MANAGE_DEPLOYMENTS)
def listing(ask: Ask, key: str) -> Response:
    return ask.page(
        "incoming/project.html",
        key=key,
        came=incoming.received(ask.node, key),
        active=incoming.active(ask.node, key),
    )


@routes.get("/incoming/{key}/settings", Permission.MANAGE_DEPLOYMENTS)
def settings(ask: Ask, key: str) -> Response:
    return _settings(ask, key, forms.draw(ask, incoming.settings(ask.node, key)))


@routes.post("/incoming/{key}/settings", Permission.MANAGE_DEPLOYMENTS)
def save(ask: Ask, key: str) -> Response:
    values = forms.read(ActivationSettings, ask.form)
    ask.check_seen(f"What is different here for {key}", forms.values_of(incoming.settings(ask.node, key)))
    try:
        incoming.save_settings(ask.node, key, values, by=ask.me.login)
    except InvalidDefinition as wrong:
        drawn = forms.draw(ask, ActivationSettings, values, wrong=wrong)
        return _settings(ask, key, drawn, status=422)
    return ask.to(f"{HOME}/{key}", "Saved. It takes effect with the next activation.")


@routes.get("/incoming/{key}/{bundle}", Permission.MANAGE_DEPLOYMENTS)
def show(ask: Ask, key: str, bundle: str) -> Response:
    return ask.page(
        "incoming/bundle.html", key=key, manifest=incoming.manifest(ask.node, key, bundle),
        found=incoming.compare(ask.node, key, bundle, ask.word("against")),
        others=[b.bundle for b in incoming.received(ask.node, key) if b.bundle != bundle],
        active=incoming.active(ask.node, key),
    )  # fmt: skip


@routes.get("/incoming/{key}/{bundle}/check", Permission.MANAGE_DEPLOYMENTS)
def check(ask: Ask, key: str, bundle: str) -> Response:
    report = incoming.check(ask.node, key, bundle)
    return ask.page("incoming/check.html", key=key, report=report, active=incoming.active(ask.node, key))


@routes.post("/incoming/{key}/{bundle}/activate", Permission.MANAGE_DEPLOYMENTS)
def activate(ask: Ask, key: str, bundle: str) -> Response:
    sure = ask.word("ignore_warnings") == "yes"
    report = incoming.activate(ask.node, key, bundle, ignore_warnings=sure, by=ask.me.login)
    if not report.activated:
        active = incoming.active(ask.node, key)
        return ask.page("incoming/check.html", status=409, key=key, report=report, active=active)
    return ask.to(f"{HOME}/{key}", f"{key} is at bundle {bundle}.")


@routes.post("/incoming/{key}/{bundle}/delete", Permission.MANAGE_DEPLOYMENTS)
def delete(ask: Ask, key: str, bundle: str) -> Response:
    incoming.delete(ask.node, key, bundle, by=ask.me.login)
    return ask.to(f"{HOME}/{key}", f"Bundle {bundle} is gone. The project stays as it is.")


def _settings(ask: Ask, key: str, fields: Any, *, status: int = 200) -> Response:
    saved = forms.values_of(incoming.settings(ask.node, key))
    return ask.page(
        "incoming/settings.html", status=status, key=key, fields=fields, saved=saved, needed=_needed(ask, key)
    )


def _needed(ask: Ask, key: str) -> dict[str, Any]:
    """Connections and scenarios that the newest bundle names: what there is to say something about."""
    came = incoming.received(ask.node, key)
    told = incoming.manifest(ask.node, key, came[0].bundle) if came else None
    scenarios = told.objects.get("scenario", ()) if told else ()
    return {"connections": told.connections if told else {}, "scenarios": scenarios}
