"""Routes: the addresses of one noun's pages. Each names the permission it needs."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from penstock.core.access import Permission

Page = Callable[..., Any]
"""Called with an Ask and the named parts of the address; returns a Response. It runs in the thread pool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address, for one method."""

    method: str
    path: str
    permission: Permission
    page: Page

    @property
    def name(self) -> str:
        """`datasets.show`"""
        return f"{self.page.__module__.rpartition('.')[2]}.{self.page.__name__}"


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes of one file. The functions keep their names; `{project}` in a path stands in `ask.project`."""

    listed: list[Route] = field(default_factory=list)

    def get(self, path: str, permission: Permission) -> Callable[[Page], Page]:
        """Show something."""
        return self._route("GET", path, permission)

    def post(self, path: str, permission: Permission) -> Callable[[Page], Page]:
        """Change something."""
        return self._route("POST", path, permission)

    def _route(self, method: str, path: str, permission: Permission) -> Callable[[Page], Page]:
        def keep(page: Page) -> Page:
            self.listed.append(Route(method=method, path=path, permission=permission, page=page))
            return page

        return keep


def every() -> list[Route]:
    """Every route of every file in `pages`, fixed words before named parts so that `new` is no name."""
    return sorted((route for routes in _found() for route in routes.listed), key=_rank)


def _found() -> Iterator[Routes]:
    from penstock.web import pages

    for module in sorted(m.name for m in pkgutil.iter_modules(pages.__path__) if not m.name.startswith("_")):
        yield importlib.import_module(f"{pages.__name__}.{module}").routes


def _rank(route: Route) -> tuple[list[bool], str]:
    return [part.startswith("{") for part in route.path.split("/")], route.path
