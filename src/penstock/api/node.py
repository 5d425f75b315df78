"""The node itself over HTTP: what its processes say, and what code runs in."""

from __future__ import annotations

from penstock.api.route import Answer, get
from penstock.core.access import Permission as P

ROUTES = (
    get("node_logs.listing", "/node-logs", P.ADMINISTRATOR),
    get("node_logs.read", "/node-logs/{name}", P.ADMINISTRATOR, answer=Answer.TEXT),
    get("code_environment.show", "/code-environment", P.SIGNED_IN),
)
