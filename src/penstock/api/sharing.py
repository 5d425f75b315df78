"""Sharing over HTTP: what other projects read of one, and what it reads of others."""

from __future__ import annotations

from penstock.api.route import get, put
from penstock.core.access import Permission as P

ONE = "/projects/{project}/shared"

ROUTES = (
    get("sharing.shown", ONE, P.READ),
    get("sharing.received", "/projects/{project}/received", P.READ),
    put("sharing.share", ONE + "/{name}", P.SHARE),
)
