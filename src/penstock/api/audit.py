"""The audit log over HTTP, for administrators."""

from __future__ import annotations

from penstock.api.route import get
from penstock.core.access import Permission as P

ROUTES = (get("audit.latest", "/audit", P.ADMINISTRATOR),)
