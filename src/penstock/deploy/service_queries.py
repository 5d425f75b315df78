"""Test queries: made from rows of a dataset, kept with their endpoint, and asked of the service as it stands now."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core import lookup_file
from penstock.core.errors import Failed, Invalid
from penstock.core.package import INTERPRETER, PackedModel, environment_folder
from penstock.core.service import Endpoint, TestQuery
from penstock.deploy import forecast_queries, services
from penstock.deploy import service_packing as packing
from penstock.runtime import datasets, delivering, environments
from penstock.runtime.contexts import work_root

if TYPE_CHECKING:
    from penstock.core.node import Node

CHILD = "penstock.deploy._service_child"
TIMEOUT = 120.0
"""Seconds that all queries may take together, models opened and code loaded."""
MOST_ROWS = 100
LAST_WORDS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRun:
    """One query and what came back."""

    endpoint: str
    verb: str
    name: str
    query: Mapping[str, Any]
    status: int
    """As the real-time node would answer: 200, 400 …"""
    answer: Mapping[str, Any]
    seconds: float

    @property
    def good(self) -> bool:
        return self.status < 400


def generate(
    node: Node, project: str, service: str, endpoint: str, *, dataset: str, rows: int = 5, author: str
) -> tuple[TestQuery, ...]:
    """Keep a query for each of the first rows of a dataset, behind those there are; returns the new ones. An endpoint
    that forecasts gets one for each of the first series instead. Made again, a query takes the place of its namesake.
    """
    if not 1 <= rows <= MOST_ROWS:
        raise Invalid(f"Test queries are made from 1 to {MOST_ROWS} rows, not {rows}.")
    asked = node.projects.load(project).service(service).endpoint(endpoint)
    if asked.FORECASTS:
        made = tuple(forecast_queries.made(node, project, asked, dataset, rows))
    else:
        found = datasets.first(node, project, dataset, rows).to_pylist()
        fields = _fields(node, project, asked)
        made = tuple(_query(asked, row, fields, f"{dataset} {n + 1}") for n, row in enumerate(found))
    others = tuple(q for q in asked.test_queries if q.name not in {new.name for new in made})
    services.change_endpoint(node, project, service, endpoint, author=author, test_queries=(*others, *made))
    return made


def keep(
    node: Node,
    project: str,
    service: str,
    endpoint: str,
    queries: Sequence[Mapping[str, Any]],
    *,
    author: str,
) -> None:
    """Replace the test queries of an endpoint."""
    services.change_endpoint(node, project, service, endpoint, author=author, test_queries=tuple(queries))


def run(node: Node, project: str, service: str, *, endpoint: str = "") -> list[QueryRun]:
    """Ask every test query, of one endpoint or all, in a process of its own, of the definitions and the active models
    of now. What an endpoint refuses is an answer too."""
    defined = node.projects.load(project).service(service)
    asked = [(e, q) for e in defined.endpoints if endpoint in ("", e.name) for q in e.test_queries]
    if endpoint:
        defined.endpoint(endpoint)
    return _run(node, project, service, asked, only=endpoint)


def ask(
    node: Node, project: str, service: str, endpoint: str, query: Mapping[str, Any], *, verb: str = ""
) -> QueryRun:
    """Ask one query that is not kept."""
    asked = node.projects.load(project).service(service).endpoint(endpoint)
    return _run(node, project, service, [(asked, TestQuery(verb=verb, query=dict(query)))], only=endpoint)[0]


def _run(
    node: Node, project: str, service: str, asked: Sequence[tuple[Endpoint, TestQuery]], *, only: str
) -> list[QueryRun]:
    if not asked:
        return []
    work = work_root(node) / f"service-{node.clock.new_id()}"
    work.mkdir(parents=True)
    try:
        packed = packing.pack(node, project, service, "test", work, only=only)
        folder = packed.unpacked(work / "package")
        for name in packed.manifest.environments:
            version = environments.version_for(node, name, project)
            local = environments.local_name(node, project, name)
            place = folder / environment_folder(name)
            place.mkdir(parents=True, exist_ok=True)
            (place / INTERPRETER).write_text(
                str(node.environments.interpreter(local, version.id)), encoding="utf-8"
            )
        queries = [{"endpoint": e.name, "verb": q.verb or e.VERBS[0], "query": q.query} for e, q in asked]
        task = {
            "folder": str(folder),
            "queries": queries,
            "timeout": TIMEOUT,
            "connections": _connections(node, packed),
        }
        answers = _answers(task)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return [_told(e, q, answer, n) for n, ((e, q), answer) in enumerate(zip(asked, answers, strict=True))]


def _told(endpoint: Endpoint, query: TestQuery, answer: Mapping[str, Any], place: int) -> QueryRun:
    return QueryRun(
        endpoint=endpoint.name, verb=query.verb or endpoint.VERBS[0], name=query.name or f"Query {place + 1}",
        query=query.query, status=answer["status"], answer=answer["body"], seconds=answer["seconds"],
    )  # fmt: skip


def _answers(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the child says. Raises Failed when it ends without an answer or takes too long."""
    environment = {name: value for name, value in os.environ.items() if name != "PENSTOCK_SECRET_KEY"}
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, env=environment,
    )  # fmt: skip
    with child:
        try:
            said, printed = child.communicate(json.dumps(task, default=str).encode(), timeout=TIMEOUT)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"The test queries took more than {TIMEOUT:g} seconds and were given up.") from error
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
    if not said:
        words = printed.decode("utf-8", errors="replace").strip()[-LAST_WORDS:]
        raise Failed(
            f"The process that answers test queries ended with exit code {child.returncode}. {words}".strip()
        )
    found: list[dict[str, Any]] = json.loads(said)
    return found


def _connections(node: Node, packed: packing.Packed) -> dict[str, Any]:
    found = {}
    for name in packed.manifest.connections:
        connection = node.connections.get(name)
        secrets = {secret: node.secrets.get(secret) for secret in sorted(delivering.secrets_of(connection))}
        found[name] = {"definition": connection.to_mapping(), "secrets": secrets}
    return found


def _fields(node: Node, project: str, endpoint: Endpoint) -> Sequence[str]:
    """Columns of a row that a query of this endpoint is made of; all of them when it does not say."""
    names = [key.source for lookup in endpoint.lookups() for key in lookup.keys]
    if endpoint.MODEL:
        names += [f.name for f in _model(node, project, endpoint).features]
        looked_up = {column.target for lookup in endpoint.lookups() for column in lookup.columns}
        names = [name for name in names if name not in looked_up]
    for query in getattr(endpoint, "queries", ()):
        names += query.parameters
    return list(dict.fromkeys(names))


def _model(node: Node, project: str, endpoint: Endpoint) -> PackedModel:
    return packing.model_of(node, node.projects.load(project), endpoint)


def _query(endpoint: Endpoint, row: Mapping[str, Any], fields: Sequence[str], name: str) -> TestQuery:
    cells = {k: lookup_file.cell(v) for k, v in row.items() if not fields or k in fields}
    word = "features" if endpoint.MODEL else "data" if endpoint.lookups() else ""
    return TestQuery(name=name, query={word: cells} if word else cells)
