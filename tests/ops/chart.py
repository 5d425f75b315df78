"""The templates of the chart, rendered: the part of Go's template language that they use, and strictly so.

A value that is not there, or a word that is not known, is an error; Helm itself would write nothing in its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from penstock.store.yaml import parse

CHART = Path(__file__).parents[2] / "ops/helm/penstock"
TAG = re.compile(r"(\s*)\{\{(-?)\s*(.*?)\s*(-?)\}\}(\s*)", re.DOTALL)
DOCUMENTS = re.compile(r"^---$", re.MULTILINE)


def values(**changes: Any) -> dict[str, Any]:
    """values.yaml, with some of it changed."""
    found: dict[str, Any] = parse((CHART / "values.yaml").read_text(), file="values.yaml").value
    return {**found, **changes}


def rendered(values: Mapping[str, Any], release: str = "prod") -> list[dict[str, Any]]:
    """Every manifest of the chart."""
    root = {"Values": values, "Release": {"Name": release}}
    found = []
    for file in sorted((CHART / "templates").glob("*.yaml")):
        text = "".join(_written(iter(_pieces(file.read_text())), {"": root, "$": root}))
        found += [parse(part, file=file.name).value for part in DOCUMENTS.split(text) if part.strip()]
    return found


def used(text: str) -> set[str]:
    """The values that a template names from the root."""
    return set(re.findall(r"\$?\.Values((?:\.\w+)+)", text))


def _pieces(text: str) -> list[str | tuple[str]]:
    """Text and tags by turns; a dash takes the white space on its side."""
    found: list[str | tuple[str]] = []
    at = 0
    for match in TAG.finditer(text):
        before, left, inside, right, after = match.groups()
        found.append(text[at : match.start()] + ("" if left else before))
        found.append((inside,))
        at = match.end() if right else match.end() - len(after)
    return [*found, text[at:]]


def _written(pieces: Iterator[str | tuple[str]], scope: Mapping[str, Any]) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
            continue
        word, _, rest = piece[0].partition(" ")
        if word == "end":
            return
        if word == "if":
            body = _body(pieces)
            if _value(rest, scope):
                yield from _written(iter(body), scope)
        elif word == "range":
            names, _, source = rest.partition(":=")
            key, value = (name.strip() for name in names.split(","))
            body = _body(pieces)
            for name, item in sorted(_value(source.strip(), scope).items()):
                yield from _written(iter(body), {**scope, key: name, value: item})
        else:
            yield _said(piece[0], scope)


def _body(pieces: Iterator[str | tuple[str]]) -> list[str | tuple[str]]:
    """Everything until the `end` that belongs to the tag just read."""
    found: list[str | tuple[str]] = []
    depth = 1
    for piece in pieces:
        if isinstance(piece, tuple):
            word = piece[0].partition(" ")[0]
            depth += (word in ("if", "range")) - (word == "end")
            if not depth:
                return found
        found.append(piece)
    raise AssertionError("a tag is not ended")


def _said(expression: str, scope: Mapping[str, Any]) -> str:
    source, *pipes = (part.strip() for part in expression.split("|"))
    assert pipes in ([], ["quote"]), expression
    value = _value(source, scope)
    assert not isinstance(value, dict | list), expression
    return json.dumps(str(value)) if pipes else str(value)


def _value(source: str, scope: Mapping[str, Any]) -> Any:
    head, *steps = source.split(".")
    found = scope[head]
    for step in steps:
        found = found[step]
    return found
