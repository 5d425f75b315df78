"""The reference page of the REST interface, written from its table of routes."""

from __future__ import annotations

from penstock.api import table
from penstock.api.cases import case
from penstock.api.route import PREFIX, Route, Upload
from penstock.api.wire import travelling

INTRO = f"""# REST

Written from the code by `make docs`; do not edit. A running server shows the same, with every field, at
`{PREFIX}/docs`, and as OpenAPI at `{PREFIX}/openapi.json`. To begin: [use the REST interface](../howto/use-rest.md).

Paths stand below `{PREFIX}`. `operationId` is the name in the first column, which `penstock.connect()` asks for.
Words in the path are in braces; the others travel in the query of GET and DELETE, in the body of the rest. What begins
something answers 202 at once. Lists take `limit` and `offset`. `may` is the permission it takes."""


def rest() -> str:
    """Every operation by its noun: method, path, words, permission, what it does."""
    parts = [INTRO]
    for noun, routes in table.by_file().items():
        rows = ["| operation | request | words | may |", "|---|---|---|---|", *map(_row, routes)]
        parts += [f"## {noun}", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _row(route: Route) -> str:
    about = case(route.verb).about.partition("\n")[0].replace("|", "\\|")
    path = route.path.replace(":path}", "}")
    return f"| `{route.verb}` | `{route.method} {path}`<br>{about} | {_words(route)} | {route.permission} |"


def _words(route: Route) -> str:
    """What travels beside the path: the body itself, files, and the other words; those in italics may be left out."""
    asked = case(route.verb)
    plain = [f"`{a.wire}`" if a.needed else f"*`{a.wire}`*" for a in travelling(route, asked)]
    body = [f"the body: `{route.whole}`"] if route.whole else []
    sent = {Upload.FILES: ["files"], Upload.FOLDER: ["a folder as a zip file"], Upload.ROWS: ["rows"]}
    return ", ".join([*body, *(sent[route.upload] if route.upload else []), *plain])
