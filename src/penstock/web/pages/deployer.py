"""The deployer: what is published, where it can go, how everything deployed is."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.deployment import check_id
from penstock.core.errors import Invalid, InvalidDefinition, InvalidName
from penstock.deploy import deployments, infrastructures, monitoring, publishing
from penstock.deploy.publishing import Sort
from penstock.http import uploads
from penstock.web import advice, forms, live
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
PLACES = "/deployer/infrastructures"
LOOK = 5.0
"""Seconds between two looks at what was seen last."""


@routes.get("/deployer", Permission.SIGNED_IN)
def projects(ask: Ask) -> Response:
    return _published(ask, "project")


@routes.get("/deployer/services", Permission.SIGNED_IN)
def services(ask: Ask) -> Response:
    return _published(ask, "service")


@routes.post("/deployer/publish", Permission.SIGNED_IN)
def publish(ask: Ask) -> Response:
    sort = _sort(ask)
    with tempfile.TemporaryDirectory(prefix="penstock-") as place:
        sources = uploads.receive(list(ask.files("archive")), Path(place))
        made = publishing.receive(ask.node, sources, sort=sort, by=ask.me.login)
    return ask.to(_home(sort), f"{made.id} is published.")


@routes.post("/deployer/{sort}/{name}/{package}/delete", Permission.SIGNED_IN)
def delete_package(ask: Ask, sort: str, name: str, package: str) -> Response:
    publishing.delete_package(ask.node, cast("Sort", sort), name, package, by=ask.me.login)
    return ask.back(f"{package} of {name} is gone.")


@routes.get("/deployer/deploy", Permission.SIGNED_IN)
def choose(ask: Ask) -> Response:
    return _choose(ask)


@routes.post("/deployer/deploy", Permission.SIGNED_IN)
def deploy(ask: Ask) -> Response:
    """Update a deployment that is there, or make another one; nothing happens on a node yet."""
    name, package = ask.word("name"), ask.word("package")
    if ask.word("deployment"):
        deployments.choose(ask.node, ask.word("deployment"), package, by=ask.me.login)
        return ask.to(
            f"/deployer/deployments/{ask.word('deployment')}", f"{package} is chosen. Update it next."
        )
    words = {"id": ask.word("id"), "by": ask.me.login}
    id = ask.word("id") or f"{name}-on-{ask.word('infrastructure')}"
    try:
        if _sort(ask) == "service":
            service = ask.word("as")
            deployments.create_service(
                ask.node, name, package, ask.word("infrastructure"), service=service, **words
            )
        else:
            deployments.create(
                ask.node, name, package, ask.word("infrastructure"), key=ask.word("as"), **words
            )
    except Invalid as wrong:
        return _choose(ask, wrong)
    return ask.to(f"/deployer/deployments/{id}/settings", "Look at its settings, then deploy it.")


@routes.get("/deployer/infrastructures", Permission.SIGNED_IN)
def listing(ask: Ask) -> Response:
    return ask.page("deployer/infrastructures.html", infrastructures=infrastructures.listing(ask.node))


@routes.get("/deployer/infrastructures/new", Permission.MANAGE_DEPLOYMENTS)
def new(ask: Ask) -> Response:
    return _new(ask, "", {"type": ask.word("type", "automation_node")})


@routes.post("/deployer/infrastructures/new", Permission.MANAGE_DEPLOYMENTS)
def create(ask: Ask) -> Response:
    name, values = ask.word("infrastructure_name"), forms.read_kind("infrastructures", ask.form)
    try:
        infrastructures.define(ask.node, check_id(name), values, by=ask.me.login)
    except (InvalidDefinition, InvalidName) as wrong:
        return _new(ask, name, values, wrong)
    return ask.to(f"{PLACES}/{name}", "Saved. Try it next.")


@routes.get("/deployer/infrastructures/{name}", Permission.SIGNED_IN)
def show(ask: Ask, name: str) -> Response:
    return _shown(ask, name)


@routes.post("/deployer/infrastructures/{name}", Permission.SIGNED_IN)
def save(ask: Ask, name: str) -> Response:
    there = infrastructures.show(ask.node, name)
    values = forms.read(type(there), ask.form, keep=there)
    ask.check_seen(f"Infrastructure {name}", forms.values_of(there))
    try:
        infrastructures.define(ask.node, name, values, by=ask.me.login)
    except InvalidDefinition as wrong:
        return _shown(ask, name, values, wrong)
    return ask.to(f"{PLACES}/{name}", "Saved. Deployments that exist keep their own connections.")


@routes.post("/deployer/infrastructures/{name}/test", Permission.SIGNED_IN)
def try_(ask: Ask, name: str) -> Response:
    return ask.to(f"{PLACES}/{name}", " ".join(infrastructures.test(ask.node, name, by=ask.me.login)))


@routes.post("/deployer/infrastructures/{name}/delete", Permission.SIGNED_IN)
def delete(ask: Ask, name: str) -> Response:
    infrastructures.delete(ask.node, name, by=ask.me.login)
    return ask.to(PLACES, f"{name} is gone.")


@routes.get("/deployer/monitoring", Permission.SIGNED_IN)
def monitor(ask: Ask) -> Response:
    words = _filters(ask)
    asked = urlencode({word: value for word, value in words.items() if value})
    return ask.page(
        "deployer/monitoring.html", screen=monitoring.screen(ask.node, **words), chosen=words,
        live_at=f"/deployer/monitoring/live?{asked}",
    )  # fmt: skip


@routes.get("/deployer/monitoring/live", Permission.SIGNED_IN)
def live_monitor(ask: Ask) -> Response:
    """What servers see when they look once in a while, and others when they ask."""
    words = _filters(ask)

    def now() -> live.Shown:
        screen = monitoring.screen(ask.node, **words)
        return live.Shown({"monitoring-lines": ask.html("deployer/_monitoring_lines.html", screen=screen)})

    return live.stream(ask, now, every=LOOK)


@routes.post("/deployer/monitoring/refresh", Permission.SIGNED_IN)
def refresh(ask: Ask) -> Response:
    monitoring.refresh(ask.node)
    return ask.back("Every node was asked.")


def _filters(ask: Ask) -> dict[str, str]:
    return {word: ask.word(word) for word in ("health", "sort", "stage", "infrastructure")}


def _published(ask: Ask, sort: Sort) -> Response:
    return ask.page(
        "deployer/published.html", sort=sort, published=publishing.listing(ask.node, sort),
        deployments=deployments.listing(ask.node, sort),
    )  # fmt: skip


def _choose(ask: Ask, wrong: Invalid | None = None) -> Response:
    sort, name = _sort(ask), ask.word("name")
    published = publishing.show(ask.node, sort, name)
    places = infrastructures.listing(ask.node, f"{sort}s")
    return ask.page(
        "deployer/deploy.html", status=422 if wrong else 200, sort=sort, name=name,
        package=published.package(ask.word("package")), there=deployments.candidates(ask.node, name, sort),
        places=[place for place in places if place.may_deploy], wrong=advice.told(wrong) if wrong else "",
    )  # fmt: skip


def _new(ask: Ask, name: str, values: Mapping[str, Any], wrong: Invalid | None = None) -> Response:
    flaw = wrong if isinstance(wrong, InvalidDefinition) else None
    return ask.page(
        "deployer/new_infrastructure.html", status=422 if wrong else 200, name=name,
        fields=forms.draw_kind(ask, "infrastructures", values, wrong=flaw),
        name_wrong="" if flaw or not wrong else advice.told(wrong),
    )  # fmt: skip


def _shown(
    ask: Ask, name: str, values: Mapping[str, Any] | None = None, wrong: InvalidDefinition | None = None
) -> Response:
    there = infrastructures.show(ask.node, name)
    fields = forms.draw(ask, type(there), values, wrong=wrong) if values else forms.draw(ask, there)
    listed = next(one for one in infrastructures.listing(ask.node) if one.name == name)
    return ask.page(
        "deployer/infrastructure.html", status=422 if wrong else 200, one=listed, fields=fields,
        saved=forms.values_of(there), missing=infrastructures.missing_secrets(ask.node, there),
    )  # fmt: skip


def _sort(ask: Ask) -> Sort:
    return "service" if ask.word("sort") == "service" else "project"


def _home(sort: Sort) -> str:
    return "/deployer/services" if sort == "service" else "/deployer"
