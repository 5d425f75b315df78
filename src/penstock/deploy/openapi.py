"""What a service documents of itself: OpenAPI 2.0 (Swagger), which clients of API nodes read; and code that asks it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from penstock.core.package import PackageManifest
from penstock.core.service import Endpoint

BASE = "/public/api/v1"
PROBLEM = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("errorType", "message", "detailedMessage")},
}
PROBLEMS = {
    "400": "A question that cannot be answered as it stands.",
    "401": "No key, or none that works.",
    "500": "The model or code failed.",
}


def document(manifest: PackageManifest) -> dict[str, Any]:
    """The Swagger 2.0 document of a version: every endpoint with every verb, its keys if it needs any."""
    paths: dict[str, Any] = {}
    for endpoint in manifest.endpoints:
        packed = manifest.models.get(endpoint.name)
        model = packed.model_dump(mode="json") if packed else None
        for verb, told in endpoint.operations(model).items():
            method = "get" if verb in endpoint.GET_VERBS else "post"
            paths[f"/{endpoint.name}/{verb}"] = {method: _operation(endpoint, verb, told, method)}
    found: dict[str, Any] = {
        "swagger": "2.0",
        "info": {
            "title": manifest.title or manifest.service, "version": manifest.version,
            "description": manifest.description,
        },
        "basePath": f"{BASE}/{manifest.service}",
        "consumes": ["application/json"], "produces": ["application/json"], "paths": paths,
    }  # fmt: skip
    if manifest.access.method == "api_keys":
        found["securityDefinitions"] = {
            "key": {"type": "basic", "description": "The key as the user, no password."}
        }
        found["security"] = [{"key": []}]
    return found


def _operation(endpoint: Endpoint, verb: str, told: Mapping[str, Any], method: str) -> dict[str, Any]:
    answers = {"200": {"description": "The answer.", "schema": _old(told["answer"])}}
    answers |= {code: {"description": says, "schema": PROBLEM} for code, says in PROBLEMS.items()}
    return {
        "operationId": f"{endpoint.name}_{verb.replace('-', '_')}", "summary": endpoint.description or verb,
        "parameters": _parameters(told["request"], method), "responses": answers,
    }  # fmt: skip


def _parameters(request: Mapping[str, Any], method: str) -> list[dict[str, Any]]:
    if method == "post":
        return [{"name": "query", "in": "body", "required": True, "schema": _old(request)}]
    fields: Mapping[str, Any] = request.get("properties") or {}
    return [
        {"name": name, "in": "query", "required": False, "type": of.get("type", "string")}
        for name, of in fields.items()
    ]


def _old(schema: Any) -> Any:
    """JSON Schema as OpenAPI 2.0 has it, which knows no lists of types and no empty list of what is required."""
    if isinstance(schema, Mapping):
        found = {name: _old(value) for name, value in schema.items() if (name, value) != ("required", [])}
        if isinstance(found.get("type"), list):
            found["type"] = next(t for t in found["type"] if t != "null")
            found["x-nullable"] = True
        return found
    return [_old(part) for part in schema] if isinstance(schema, list) else schema


def samples(
    service: str, endpoint: Endpoint, query: Mapping[str, Any], *, address: str, keys: bool
) -> Mapping[str, str]:
    """How to ask an endpoint, as code: curl and Python."""
    verb = endpoint.VERBS[0]
    url = f"{address.rstrip('/')}{BASE}/{service}/{endpoint.name}/{verb}"
    body = json.dumps(query, ensure_ascii=False)
    quoted = body.replace("'", "'\\''")
    login = ' -u "$API_KEY:" \\\n ' if keys else ""
    curl = f"curl -X POST {url} \\\n {login} -H 'Content-Type: application/json' \\\n  -d '{quoted}'"
    return {"curl": curl, "python": _python(url, query, keys=keys)}


def _python(url: str, query: Mapping[str, Any], *, keys: bool) -> str:
    lines = [
        "import json",
        *(["import os"] if keys else []),
        "from urllib.request import Request, urlopen",
        "",
    ]
    headers = '{"Content-Type": "application/json"}'
    if keys:
        headers = '{"Content-Type": "application/json", "Authorization": f"Bearer {os.environ[\'API_KEY\']}"}'
    lines += [
        f"query = {_literal(query)}",
        f'request = Request("{url}", json.dumps(query).encode(), {headers})',
    ]
    return "\n".join([*lines, "with urlopen(request) as answer:", "    print(json.load(answer))", ""])


def _literal(value: Any) -> str:
    """A JSON value as Python writes it."""
    if isinstance(value, Mapping):
        return (
            "{"
            + ", ".join(f"{json.dumps(str(k), ensure_ascii=False)}: {_literal(v)}" for k, v in value.items())
            + "}"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_literal(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def example(endpoint: Endpoint, features: Sequence[str] = ()) -> dict[str, Any]:
    """A question to show: the first test query, or an empty one of the right form."""
    for query in endpoint.test_queries:
        if query.verb in ("", endpoint.VERBS[0]):
            return dict(query.query)
    if endpoint.FORECASTS:
        return {"items": [dict.fromkeys(features)]}
    if endpoint.MODEL:
        return {"features": dict.fromkeys(features)}
    return _blank(endpoint.operations(None)[endpoint.VERBS[0]]["request"]) or {}


def _blank(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a request needs, or may have where it does not say, with nothing filled in."""
    fields: Mapping[str, Any] = schema.get("properties") or {}
    return {name: _blank(fields.get(name, {})) for name in schema.get("required", fields)} or None
