"""Checks and rules of an item over HTTP: what they said, run them, try one that is not saved."""

from __future__ import annotations

from penstock.api.route import get, post
from penstock.core.access import Permission as P

ITEM = "/projects/{project}/items/{item}"

ROUTES = (
    get("checks.latest", ITEM + "/checks", P.READ),
    post("checks.run", ITEM + "/checks", P.WRITE),
    get("checks.history", ITEM + "/checks/history", P.READ),
    post("checks.test", ITEM + "/checks/trials", P.WRITE),
    get("status.of_item", ITEM + "/status", P.READ),
    get("status.of_data", "/projects/{project}/status/data", P.READ),
    get("status.of_models", "/projects/{project}/status/models", P.READ),
)
