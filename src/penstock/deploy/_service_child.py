"""What a child process runs to answer test queries: `python -m penstock.deploy._service_child`.

The task comes through standard input as JSON: an unpacked package, connections with their secrets, queries. The answers
go out as one line of JSON. Endpoints are opened by the same kinds as on a real-time node.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penstock.core import registry
from penstock.core.connection import Database, secret_name
from penstock.core.errors import PenstockError
from penstock.core.package import Connected, OpenedPackage
from penstock.core.service import Answering


@dataclass(slots=True)
class _Context:
    """The ConnectionContext: the secrets that came along, nothing else."""

    timeout: float
    secrets: Mapping[str, str]

    def secret(self, text: str) -> str:
        name = secret_name(text)
        return self.secrets[name] if name else text


def main() -> None:
    answer = os.dup(1)
    os.dup2(2, 1)  # what people's code prints is no answer
    task = json.loads(sys.stdin.buffer.read())
    os.write(answer, json.dumps(_answers(task), default=str).encode())


def _answers(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    package = OpenedPackage.of(Path(task["folder"]), lambda name: _connected(task, name))
    opened: dict[str, Answering | dict[str, Any]] = {}
    told = []
    for query in task["queries"]:
        name = query["endpoint"]
        if name not in opened:
            opened[name] = _opened(package, name)
        told.append(_asked(opened[name], query))
    return told


def _opened(package: OpenedPackage, name: str) -> Answering | dict[str, Any]:
    try:
        return package.manifest.endpoint(name).open(package.context(name))
    except PenstockError as error:
        return _problem(error)


def _asked(endpoint: Answering | dict[str, Any], query: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(endpoint, dict):
        return endpoint
    began = time.perf_counter()
    try:
        said = endpoint.answer(query["verb"], query["query"])
    except PenstockError as error:
        return {**_problem(error), "seconds": time.perf_counter() - began}
    return {"status": said.status, "body": said.body, "seconds": time.perf_counter() - began}


def _problem(error: PenstockError) -> dict[str, Any]:
    told = {"errorType": error.code, "message": error.message, "detailedMessage": str(error)}
    return {"status": error.http_status, "body": told, "seconds": 0.0}


def _connected(task: Mapping[str, Any], name: str) -> Connected | None:
    found = task["connections"].get(name)
    if found is None:
        return None
    database = registry.parse("connections", found["definition"])
    assert isinstance(database, Database)
    return Connected(name, database, _Context(float(task["timeout"]), found["secrets"]))


if __name__ == "__main__":
    main()
