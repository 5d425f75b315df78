"""Comparisons kept under a name, over HTTP; `evaluations.compare` puts items side by side without keeping them."""

from __future__ import annotations

from penstock.api.route import Answer, delete, get, post, put
from penstock.core.access import Permission as P

ALL = "/projects/{project}/saved-comparisons"
ONE = ALL + "/{name}"

ROUTES = (
    get("comparing.listing", ALL, P.READ),
    post("comparing.create", ALL, P.WRITE, status=201),
    get("comparing.opened", ONE, P.READ),
    put("comparing.save", ONE, P.WRITE, whole="definition"),
    delete("comparing.delete", ONE, P.WRITE, answer=Answer.NOTHING),
    get("comparing.show", ONE + "/comparison", P.READ),
)
