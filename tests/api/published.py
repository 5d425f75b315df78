"""What was published of the REST interface, as lines: operations, what they take, what they answer.

`python -m tests.api.published` adds what is new to `published.txt`. Lines are taken out of it by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FILE = Path(__file__).with_name("published.txt")
MAY, MUST = "may", "must"


def lines(told: dict[str, Any]) -> list[str]:
    """An OpenAPI document as sorted lines."""
    found: set[str] = set()
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            found.update(_operation(f"{method.upper()} {path}", operation))
    for name, schema in told["components"]["schemas"].items():
        found.update(_fields(name, schema))
    return sorted(found)


def demands(found: list[str]) -> dict[str, set[str]]:
    """Operation → what it cannot do without."""
    by_operation: dict[str, set[str]] = {}
    for line in found:
        operation, separator, rest = line.partition(f" {MUST} ")
        if separator:
            by_operation.setdefault(operation, set()).add(rest)
    return by_operation


def _operation(name: str, told: dict[str, Any]) -> Iterator[str]:
    yield f"{name} is {told['operationId']}"
    for parameter in told.get("parameters", ()):
        need = MUST if parameter.get("required") else MAY
        yield f"{name} {need} {parameter['in']} {parameter['name']}: {_type(parameter['schema'])}"
    body = told.get("requestBody", {})
    for media, content in body.get("content", {}).items():
        yield f"{name} {MUST if body.get('required') else MAY} body {media}: {_type(content['schema'])}"
    for status, answer in told["responses"].items():
        for media, content in answer.get("content", {}).items():
            if status != "default" and "problem" not in media:
                yield f"{name} gives {status} {media}: {_type(content.get('schema', {}))}"


def _fields(name: str, schema: dict[str, Any]) -> Iterator[str]:
    is_request = name.endswith("Request")
    for field, told in schema.get("properties", {}).items():
        need = MUST if is_request and field in schema.get("required", ()) else MAY
        yield f"{name} {need if is_request else 'has'} {field}: {_type(told)}"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(sorted(_type(part) for part in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or schema.get("const") or "any")


def now() -> list[str]:
    """The lines of this program."""
    from penstock.api.site import site
    from penstock.testing import a_node

    with TemporaryDirectory() as folder:
        return lines(site(a_node(Path(folder))).openapi())


def read() -> list[str]:
    """The lines that were published."""
    return FILE.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    before = set(read()) if FILE.exists() else set()
    FILE.write_text("\n".join(sorted(before | set(now()))) + "\n", encoding="utf-8")
