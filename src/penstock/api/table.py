"""Every route there is. A file of this folder that holds `ROUTES` is a noun; nothing lists them twice."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path

from penstock import api
from penstock.api.route import Route
from penstock.core.errors import NotFound


@cache
def routes() -> dict[str, Route]:
    """Verb → route."""
    return {route.verb: route for found in by_file().values() for route in found}


@cache
def by_file() -> dict[str, tuple[Route, ...]]:
    """Noun → its routes, in order."""
    listed = [m.name for m in pkgutil.iter_modules(api.__path__) if _is_noun(m.name)]
    return {name: import_module(f"{api.__name__}.{name}").ROUTES for name in listed}


def _is_noun(name: str) -> bool:
    """Whether a file holds routes; told without importing it, so that programs get no server with the table."""
    return "\nROUTES = (" in (Path(api.__path__[0]) / f"{name}.py").read_text(encoding="utf-8")


def route(verb: str) -> Route:
    """The route of a use case. Raises NotFound with the nearest verb."""
    known = routes()
    if verb not in known:
        raise NotFound("use case over HTTP", verb, among=known)
    return known[verb]
