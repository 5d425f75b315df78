"""Test queries of a deployed service, asked of the nodes that answer now; and code that asks them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core import registry
from penstock.core.connection import secret_name
from penstock.core.deployment import Published, ServiceDeployment
from penstock.core.errors import Invalid, NotReady
from penstock.core.service import Endpoint
from penstock.deploy import deployments, local_nodes, nodes, openapi

if TYPE_CHECKING:
    from penstock.core.node import Node

PATIENCE = 30.0
MOST = 20_000
"""Characters of an answer that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveQuery:
    """A test query that a version brought along."""

    endpoint: str
    name: str
    verb: str
    query: Mapping[str, Any]
    samples: Mapping[str, str]
    """Language → code that asks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAnswer:
    """What a node answered to one."""

    url: str
    endpoint: str
    name: str
    status: int
    """HTTP status; 0 when nothing answered."""
    milliseconds: float
    generation: str
    body: str


def listing(node: Node, deployment: str) -> list[LiveQuery]:
    """The test queries of the versions that answer, and code for each; an endpoint without any is asked with an
    empty object. Of an endpoint that several have, those of the version that is named first."""
    made = _service(node, deployment)
    urls = deployments.show(node, deployment).urls
    found = []
    for endpoint in _endpoints(node, made):
        asked: list[tuple[str, str, Mapping[str, Any]]] = [
            (q.name or f"Query {n}", q.verb or endpoint.VERBS[0], q.query)
            for n, q in enumerate(endpoint.test_queries, start=1)
        ] or [("Query 1", endpoint.VERBS[0], {})]
        for name, verb, query in asked:
            code = openapi.samples(
                made.service, endpoint, query, address=urls[0] if urls else "", keys=_has_keys(node, made)
            )
            found.append(LiveQuery(endpoint=endpoint.name, name=name, verb=verb, query=query, samples=code))
    return found


def run(node: Node, deployment: str, endpoint: str = "", *, by: str = "") -> list[LiveAnswer]:
    """Ask every test query, or those of one endpoint, of every node; a node of this home that does not run is started
    first. Raises NotAllowed; what nodes answer, also refusals, is told and not raised."""
    deployments.check_may_deploy(node, deployment, by=by)
    made = _service(node, deployment)
    shown = deployments.show(node, deployment)
    asked = [query for query in listing(node, deployment) if endpoint in ("", query.endpoint)]
    why = _wake(node, deployment)
    if why:
        return [_silent(url, query, why) for url in shown.urls for query in asked]
    return [_asked(url, made, query, _key(node, made)) for url in shown.urls for query in asked]


def asleep(node: Node, deployment: str) -> list[int]:
    """Ports of this machine where the API node of a deployment does not run, although it was deployed there."""
    shown = deployments.show(node, deployment)
    return nodes.asleep(node, shown.infrastructure) if shown.ever_deployed else []


def _wake(node: Node, deployment: str) -> str:
    """Start the nodes of this home that do not run; why one cannot be started."""
    try:
        for port in asleep(node, deployment):
            local_nodes.started(node, port)
    except NotReady as error:
        return str(error)
    return ""


def _silent(url: str, query: LiveQuery, why: str) -> LiveAnswer:
    return LiveAnswer(
        url=url, endpoint=query.endpoint, name=query.name, status=0, milliseconds=0.0, generation="", body=why
    )


def _asked(url: str, made: ServiceDeployment, query: LiveQuery, key: str) -> LiveAnswer:
    import httpx

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    address = f"{url.rstrip('/')}{openapi.BASE}/{made.service}/{query.endpoint}/{query.verb}"
    began = time.perf_counter()
    try:
        reply = httpx.post(
            address, json=dict(query.query), headers=headers, timeout=PATIENCE, trust_env=False
        )
        status, text = reply.status_code, reply.text
    except httpx.HTTPError as error:
        status, text = 0, str(error)
    took = (time.perf_counter() - began) * 1000
    told = _read(text)
    context = told.get("apiContext") if isinstance(told, dict) else None
    generation = str((context or {}).get("serviceGeneration", ""))
    body = json.dumps(told, indent=1, ensure_ascii=False) if told is not None else text
    return LiveAnswer(
        url=url, endpoint=query.endpoint, name=query.name, status=status, milliseconds=round(took, 3),
        generation=generation, body=body[:MOST],
    )  # fmt: skip


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _endpoints(node: Node, made: ServiceDeployment) -> list[Endpoint]:
    published: Published = node.deployer.get("service", made.published)
    found: dict[str, Endpoint] = {}
    for entry in made.mapping.entries:
        for told in published.package(entry.generation).facts.get("endpoints", ()):
            endpoint = registry.parse("endpoints", told)
            if isinstance(endpoint, Endpoint):
                found.setdefault(endpoint.name, endpoint)
    return list(found.values())


def _has_keys(node: Node, made: ServiceDeployment) -> bool:
    if made.access.method != "as packaged":
        return made.access.method == "api_keys"
    published: Published = node.deployer.get("service", made.published)
    access = published.package(made.mapping.generations[0]).facts.get("access") or {}
    return access.get("method") == "api_keys"


def _key(node: Node, made: ServiceDeployment) -> str:
    """A key of the deployment itself; those of a version are known to their owners only."""
    names = [secret_name(key) for key in made.access.keys]
    return node.secrets.get(names[0]) if names else ""


def _service(node: Node, deployment: str) -> ServiceDeployment:
    made = deployments.show(node, deployment).definition
    if not isinstance(made, ServiceDeployment):
        raise Invalid(f"Deployment {deployment} is of a project, which answers no queries.")
    return made
