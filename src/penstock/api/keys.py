"""API keys over HTTP. The secret of a key is in the answer that makes it, and in no other."""

from __future__ import annotations

from penstock.api.route import delete, get, post
from penstock.core.access import Permission as P

ROUTES = (
    get("keys.mine", "/keys", P.SIGNED_IN),
    post("keys.create_personal", "/keys", P.SIGNED_IN, status=201),
    delete("keys.revoke", "/keys/{id}", P.SIGNED_IN),
    get("keys.of_project", "/projects/{project}/keys", P.EDIT_PERMISSIONS),
    post("keys.create_for_project", "/projects/{project}/keys", P.EDIT_PERMISSIONS, status=201),
    get("keys.listing", "/node/keys", P.ADMINISTRATOR),
    post("keys.create_global", "/node/keys", P.ADMINISTRATOR, status=201),
)
