"""The reference page of the interface: made from its own OpenAPI, without anything from elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from penstock.api.route import PREFIX

STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{margin-bottom:0}h2{margin-top:2.5rem;text-transform:capitalize;border-bottom:1px solid #8884}
details{border:1px solid #8884;border-radius:.4rem;margin:.4rem 0;padding:.4rem .8rem}summary{cursor:pointer}
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}.m{display:inline-block;min-width:4.2rem;font-weight:700}
.p{opacity:.75;float:right}.s{display:block;opacity:.75;margin-left:1.1rem}nav a{margin-right:.8rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}
@media(max-width:40rem){.p{float:none;display:block}}
"""
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"}


def page(app: FastAPI) -> Callable[[Request], Awaitable[Response]]:
    """The page of an application."""

    async def answer(request: Request) -> Response:
        return HTMLResponse(_page(app.openapi(), app.openapi_url or ""), headers=HEADERS)

    return answer


def _page(told: dict[str, Any], where: str) -> str:
    by_noun: dict[str, list[str]] = {}
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            shown = _operation(method, path.removeprefix(PREFIX), operation, told["components"]["schemas"])
            by_noun.setdefault(operation["tags"][0], []).append(shown)
    ways = f"<nav>{''.join(f'<a href=#{n}>{escape(n)}</a> ' for n in sorted(by_noun))}</nav>"
    nouns = "".join(f"<h2 id={n}>{escape(n)}</h2>{''.join(found)}" for n, found in sorted(by_noun.items()))
    about = "".join(f"<p>{_marked(p)}</p>" for p in told["info"]["description"].split("\n\n"))
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Penstock REST</title><style>{STYLE}</style><h1>Penstock REST</h1>"
        f"<p>Version {escape(told['info']['version'])} · paths stand below <code>{PREFIX}</code> · "
        f"<a href='{where}'>OpenAPI</a></p>{about}{ways}{nouns}</html>"
    )


def _operation(method: str, path: str, told: dict[str, Any], schemas: dict[str, Any]) -> str:
    about = "".join(f"<p>{_marked(part)}</p>" for part in told.get("description", "").split("\n\n"))
    rows = "".join(_parameter(p) for p in told.get("parameters", ()))
    content = told.get("requestBody", {}).get("content", {})
    forms = [f"<code>{escape(m)}</code> {_type(form.get('schema', {}))}" for m, form in content.items()]
    rows += "".join(_fields(form.get("schema", {}), schemas) for form in content.values())
    body = f"<p>Body: {', '.join(forms)}</p>"
    return (
        f"<details id='{escape(told['operationId'])}'><summary><span class=m>{method.upper()}</span> "
        f"<code>{escape(path)}</code> <span class=p>{escape(told['x-permission'])}</span>"
        f"<span class=s>{_marked(told.get('summary', ''))}</span></summary>{about}"
        f"{f'<table>{rows}</table>' if rows else ''}{body if forms else ''}"
        f"<p>Operation: <code>{escape(told['operationId'])}</code></p></details>"
    )


def _fields(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    """The words of a body, one line each."""
    found = schemas.get(schema.get("$ref", "").rpartition("/")[2], {})
    needed = found.get("required", ())
    fields = found.get("properties", {}).items()
    return "".join(
        _parameter({"name": name, "in": "body", "schema": of, "required": name in needed})
        for name, of in fields
    )


def _parameter(told: dict[str, Any]) -> str:
    need = "" if told.get("required") else "optional"
    kind = _type(told.get("schema", {}))
    return f"<tr><td><code>{escape(told['name'])}</code><td>{told['in']}<td>{kind}<td>{need}"


def _type(schema: dict[str, Any]) -> str:
    several = [_word(part) for part in schema.get("anyOf", ())]
    return f"<code>{escape(' or '.join(w for w in several if w != 'null') or _word(schema))}</code>"


def _word(schema: dict[str, Any]) -> str:
    """The name of a type."""
    if schema.get("type") == "array":
        return f"list of {_word(schema.get('items', {}))}".rstrip()
    return str(
        schema.get("$ref", "").rpartition("/")[2] or schema.get("format") or schema.get("type") or "any"
    )


def _marked(text: str) -> str:
    """`code` as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))
