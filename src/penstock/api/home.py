"""The node over HTTP: its disk, its workers, what waits; and who is asking."""

from __future__ import annotations

from penstock.api.route import get, post
from penstock.core.access import Permission as P

ROUTES = (
    get("home.status", "/status", P.ADMINISTRATOR),
    post("home.tidy", "/tidyings", P.ADMINISTRATOR),
    get("users.identity", "/me", P.SIGNED_IN, signed="login"),
)
