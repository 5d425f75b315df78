"""The catalogue: every kind there is, ours and of plugins, with what it does and an example."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core import reference, registry
from penstock.core.access import Permission
from penstock.core.errors import NotFound
from penstock.core.kind import documentation
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/catalogue", Permission.SIGNED_IN)
def families(ask: Ask) -> Response:
    found = {f: (documentation(registry.base(f))[0], list(registry.names(f))) for f in registry.FAMILIES}
    return ask.page("catalogue/families.html", families=found)


@routes.get("/catalogue/{family}", Permission.SIGNED_IN)
def family(ask: Ask, family: str) -> Response:
    if family not in registry.FAMILIES:
        raise NotFound("family of kinds", family, among=registry.FAMILIES)
    shared = registry.base(family).model_fields
    kinds = {
        n: reference.section(n, registry.kind(family, n), without=shared) for n in registry.names(family)
    }
    about = documentation(registry.base(family))[0]
    return ask.page("catalogue/family.html", family=family, about=about, kinds=kinds)
