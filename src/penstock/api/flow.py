"""The Flow over HTTP: its graph, and what an item is made from."""

from __future__ import annotations

from penstock.api.route import get
from penstock.core.access import Permission as P

FLOW = "/projects/{project}/flow"

ROUTES = (
    get("flow.show", FLOW, P.READ),
    get("flow.upstream", FLOW + "/{item}/upstream", P.READ),
    get("placing.show", "/projects/{project}/recipes/{recipe}/engines", P.READ),
    get("relocating.choices", "/storage-connections", P.SIGNED_IN),
    get("flow.downstream", FLOW + "/{item}/downstream", P.READ),
)
