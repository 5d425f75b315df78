"""API services: list, designer with endpoints, test queries, versions, who may ask, documents and code that asks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import BadQuery, InvalidDefinition, PenstockError, SaveConflict
from penstock.core.kind import Described
from penstock.core.service import ApiService
from penstock.deploy import deployments, publishing, service_monitoring, service_queries, services
from penstock.deploy.services import MadeKey, OpenedService
from penstock.web import advice, forms
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
ALL = "/projects/{project}/services"
ONE = ALL + "/{service}"
ENDPOINT = ONE + "/endpoints/{endpoint}"
VERSION = ONE + "/versions/{version}"
Refused = InvalidDefinition | SaveConflict | None


@routes.get(ALL, Permission.READ)
def listing(ask: Ask) -> Response:
    return ask.page(
        "services/list.html", services=services.listing(ask.node, ask.project),
        models=_pairs(ask.node.projects.load(ask.project).models),
    )  # fmt: skip


@routes.post(ALL, Permission.WRITE)
def create(ask: Ask) -> Response:
    made = services.create(
        ask.node, ask.project, ask.word("title"), model=ask.word("model"), author=ask.me.login
    )
    return ask.to(ask.url("services", made), "Made. Try it next, then make a version.")


@routes.get(ONE, Permission.READ)
def show(ask: Ask, service: str) -> Response:
    shown = _opened(ask, service)
    project = ask.node.projects.load(ask.project)
    return ask.page(
        "services/endpoints.html",
        shown=shown,
        datasets=_pairs(project.datasets),
    )


@routes.get(ONE + "/settings", Permission.READ)
def settings(ask: Ask, service: str) -> Response:
    return _settings(ask, service)


@routes.post(ONE + "/settings", Permission.WRITE)
def save(ask: Ask, service: str) -> Response:
    shown = _opened(ask, service)
    values = forms.read(ApiService, ask.form, keep=shown.service)
    try:
        services.save(ask.node, ask.project, service, values, author=ask.me.login, base=ask.word("base"))
    except (InvalidDefinition, SaveConflict) as refused:
        return _settings(ask, service, values, refused)
    return ask.to(ask.url("services", service, "settings"), "Saved.")


@routes.post(ONE + "/delete", Permission.WRITE)
def delete(ask: Ask, service: str) -> Response:
    services.delete(ask.node, ask.project, service, author=ask.me.login)
    return ask.to(
        ask.url("services"), f"Service {service} is gone; its versions stay where they are deployed."
    )


# endpoints ------------------------------------------------------------------------------------------------------------


@routes.get(ONE + "/endpoints/new", Permission.WRITE)
def new_endpoint(ask: Ask, service: str) -> Response:
    return _endpoint(ask, service, "", {"type": ask.word("type", "prediction")})


@routes.post(ONE + "/endpoints/new", Permission.WRITE)
def add_endpoint(ask: Ask, service: str) -> Response:
    return _saved(ask, service, "", forms.read_kind("endpoints", ask.form))


@routes.get(ENDPOINT, Permission.READ)
def endpoint(ask: Ask, service: str, endpoint: str) -> Response:
    found = _opened(ask, service).service.endpoint(endpoint)
    return _endpoint(ask, service, endpoint, forms.values_of(found))


@routes.post(ENDPOINT, Permission.WRITE)
def save_endpoint(ask: Ask, service: str, endpoint: str) -> Response:
    _opened(ask, service).service.endpoint(endpoint)
    return _saved(ask, service, endpoint, forms.read_kind("endpoints", ask.form))


@routes.post(ENDPOINT + "/delete", Permission.WRITE)
def delete_endpoint(ask: Ask, service: str, endpoint: str) -> Response:
    services.delete_endpoint(ask.node, ask.project, service, endpoint, author=ask.me.login)
    return ask.to(ask.url("services", service), f"Endpoint {endpoint} is gone.")


@routes.post(ENDPOINT + "/monitor", Permission.WRITE)
def monitor(ask: Ask, service: str, endpoint: str) -> Response:
    made = service_monitoring.create(
        ask.node, ask.project, service, endpoint, author=ask.me.login, labels=ask.word("labels"),
        key=ask.word("key"), label_key=ask.word("label_key"),
    )  # fmt: skip
    return ask.to(
        ask.url("flow", zone=made.zone), f"Zone {made.zone}: build {made.store} once queries have come."
    )


# test queries ---------------------------------------------------------------------------------------------------------


@routes.get(ONE + "/test", Permission.READ)
def test_page(ask: Ask, service: str) -> Response:
    return _test(ask, service)


@routes.post(ONE + "/test", Permission.WRITE)
def run(ask: Ask, service: str) -> Response:
    """Ask every test query of the service as it stands."""
    return _test(ask, service, runs=service_queries.run(ask.node, ask.project, service))


@routes.post(ENDPOINT + "/ask", Permission.WRITE)
def ask_one(ask: Ask, service: str, endpoint: str) -> Response:
    """Ask one query, and keep it if wanted."""
    text = str(ask.form.get("query", ""))
    try:
        query = _query(text)
    except PenstockError as wrong:
        return _test(ask, service, typed=text, wrong=advice.told(wrong), status=422)
    if ask.word("keep"):
        kept = _opened(ask, service).service.endpoint(endpoint).test_queries
        listed = [*(q.to_mapping() for q in kept), {"query": query, "verb": ask.word("verb")}]
        service_queries.keep(ask.node, ask.project, service, endpoint, listed, author=ask.me.login)
    asked = service_queries.ask(ask.node, ask.project, service, endpoint, query, verb=ask.word("verb"))
    return _test(ask, service, runs=[asked], typed=text)


@routes.post(ENDPOINT + "/test-queries", Permission.WRITE)
def generate(ask: Ask, service: str, endpoint: str) -> Response:
    made = service_queries.generate(
        ask.node, ask.project, service, endpoint, dataset=ask.word("dataset"), rows=ask.number("rows", 5, most=100),
        author=ask.me.login,
    )  # fmt: skip
    return ask.to(ask.url("services", service, "test"), f"{len(made)} test queries. Ask them next.")


@routes.post(ENDPOINT + "/test-queries/{place}/delete", Permission.WRITE)
def forget(ask: Ask, service: str, endpoint: str, place: str) -> Response:
    kept = _opened(ask, service).service.endpoint(endpoint).test_queries
    listed = [q.to_mapping() for n, q in enumerate(kept) if str(n) != place]
    service_queries.keep(ask.node, ask.project, service, endpoint, listed, author=ask.me.login)
    return ask.to(ask.url("services", service, "test"), "The query is gone.")


# versions -------------------------------------------------------------------------------------------------------------


@routes.get(ONE + "/versions", Permission.READ)
def versions(ask: Ask, service: str) -> Response:
    shown = _opened(ask, service)
    proposed = services.next_version(ask.node, ask.project, service)
    return ask.page("services/versions.html", shown=shown, proposed=proposed)


@routes.post(ONE + "/versions", Permission.WRITE)
def create_version(ask: Ask, service: str) -> Response:
    made = services.create_version(
        ask.node,
        ask.project,
        service,
        ask.word("version"),
        author=ask.me.login,
        release_notes=ask.word("notes"),
    )
    if ask.word("publish"):
        publishing.service_version(ask.node, ask.project, service, made.version, by=ask.me.login)
        return ask.to(_published(service), f"Version {made.version} is made and published.")
    return ask.to(ask.url("services", service, "versions"), f"Version {made.version} is made.")


@routes.get(VERSION, Permission.READ)
def version(ask: Ask, service: str, version: str) -> Response:
    manifest = services.manifest(ask.node, ask.project, service, version)
    facts = services.version(ask.node, ask.project, service, version)
    return ask.page("services/version.html", shown=_opened(ask, service), manifest=manifest, facts=facts)


@routes.get(VERSION + "/download", Permission.EXPORT)
def download(ask: Ask, service: str, version: str) -> Response:
    file = services.archive(ask.node, ask.project, service, version)
    return ask.download(file.read_bytes(), f"{service}-{version}.zip", "application/zip")


@routes.post(VERSION + "/publish", Permission.WRITE)
def publish(ask: Ask, service: str, version: str) -> Response:
    publishing.service_version(ask.node, ask.project, service, version, by=ask.me.login)
    return ask.to(_published(service), f"Version {version} is published.")


@routes.post(VERSION + "/delete", Permission.WRITE)
def delete_version(ask: Ask, service: str, version: str) -> Response:
    services.delete_version(ask.node, ask.project, service, version)
    return ask.to(ask.url("services", service, "versions"), f"Version {version} is gone here.")


# who may ask ----------------------------------------------------------------------------------------------------------


@routes.get(ONE + "/security", Permission.READ)
def security(ask: Ask, service: str) -> Response:
    return _security(ask, service)


@routes.post(ONE + "/security", Permission.WRITE)
def set_access(ask: Ask, service: str) -> Response:
    services.set_access(ask.node, ask.project, service, ask.word("method"), author=ask.me.login)
    return ask.to(ask.url("services", service, "security"), "Saved. It holds for versions made from now on.")


@routes.post(ONE + "/keys", Permission.WRITE)
def create_key(ask: Ask, service: str) -> Response:
    made = services.create_key(
        ask.node, ask.project, service, author=ask.me.login, label=ask.word("label"), days=ask.number("days")
    )
    return _security(ask, service, made)


@routes.post(ONE + "/keys/{key}/revoke", Permission.WRITE)
def revoke(ask: Ask, service: str, key: str) -> Response:
    services.revoke_key(ask.node, ask.project, service, key, author=ask.me.login)
    return ask.to(ask.url("services", service, "security"), "Revoked: it opens no version made from now on.")


@routes.get(ONE + "/code", Permission.READ)
def code(ask: Ask, service: str) -> Response:
    """How to ask, as code, and the OpenAPI document."""
    shown = _opened(ask, service)
    address = ask.word("address") or _deployed_at(ask, service)
    found = {
        e.name: services.samples(ask.node, ask.project, service, e.name, address=address)
        for e in shown.service.endpoints
    }
    try:
        document = json.dumps(services.document(ask.node, ask.project, service), indent=2)
    except PenstockError as error:
        document = advice.told(error)
    return ask.page("services/code.html", shown=shown, samples=found, document=document, address=address)


# pages ----------------------------------------------------------------------------------------------------------------


def _published(service: str) -> str:
    return f"/deployer/services#published-{service}"


def _deployed_at(ask: Ask, service: str) -> str:
    """Where a deployment of it answers under this name; empty when none does that the caller may see."""
    for listed in deployments.listing(ask.node, "service", published=service):
        shown = deployments.show(ask.node, listed.id)
        if shown.ever_deployed and shown.urls and getattr(shown.definition, "service", "") == service:
            return shown.urls[0]
    return ""


def _opened(ask: Ask, service: str) -> OpenedService:
    return services.show(ask.node, ask.project, service)


def _settings(
    ask: Ask, service: str, values: Mapping[str, Any] | None = None, refused: Refused = None
) -> Response:
    shown = _opened(ask, service)
    wrong, conflict = forms.told(refused)
    only = ["openapi", *Described.MEANINGLESS]
    given = forms.values_of(shown.service) if values is None else values
    fields = forms.draw(ask, ApiService, given, only=only, wrong=wrong)
    return ask.page(
        "services/settings.html", status=forms.status(refused), shown=shown, fields=fields, conflict=conflict
    )


def _endpoint(
    ask: Ask, service: str, endpoint: str, values: Mapping[str, Any], refused: Refused = None
) -> Response:
    wrong, conflict = forms.told(refused)
    fields = forms.draw_kind(ask, "endpoints", values, wrong=wrong)
    return ask.page(
        "services/endpoint.html", status=forms.status(refused), shown=_opened(ask, service), endpoint=endpoint,
        fields=fields, conflict=conflict,
    )  # fmt: skip


def _saved(ask: Ask, service: str, was: str, values: Mapping[str, Any]) -> Response:
    try:
        services.save_endpoint(
            ask.node, ask.project, service, values, author=ask.me.login, was=was, base=ask.word("base")
        )
    except (InvalidDefinition, SaveConflict) as refused:
        return _endpoint(ask, service, was, values, refused)
    return ask.to(ask.url("services", service), "Saved. Try it next.")


def _test(
    ask: Ask, service: str, *, runs: Any = (), typed: str = "", wrong: str = "", status: int = 200
) -> Response:
    shown = _opened(ask, service)
    chosen = ask.word("endpoint") or next((e.name for e in shown.service.endpoints), "")
    named = next((e for e in shown.service.endpoints if e.name == chosen), None)
    blank = services.proposed(ask.node, ask.project, service, chosen) if named else None
    proposed = json.dumps(blank, indent=2) if named else ""
    return ask.page(
        "services/test.html", status=status, shown=shown, runs=runs, chosen=chosen, named=named, wrong=wrong,
        typed=typed or proposed, datasets=_pairs(ask.node.projects.load(ask.project).datasets),
        verbs=_pairs(named.VERBS if named else ()),
    )  # fmt: skip


def _security(ask: Ask, service: str, made: MadeKey | None = None) -> Response:
    return ask.page("services/security.html", shown=_opened(ask, service), made=made)


def _pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    """Names as the options of a choice."""
    return [(name, name) for name in names]


def _query(text: str) -> dict[str, Any]:
    """A typed query. Raises BadQuery."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadQuery(f"That is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise BadQuery("A query is a JSON object: {…}.")
    return found
