"""Variables over HTTP. A change of some leaves the others alone, whoever changes them at the same time."""

from __future__ import annotations

from penstock.api.route import Answer, delete, get, patch
from penstock.core.access import Permission as P

VARIABLES = "/projects/{project}/variables"

ROUTES = (
    get("variables.levels", VARIABLES, P.READ),
    patch("variables.assign", VARIABLES, P.WRITE, answer=Answer.NOTHING),
    delete("variables.remove", VARIABLES, P.WRITE, answer=Answer.NOTHING),
)
