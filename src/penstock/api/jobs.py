"""Jobs over HTTP: start them, preview them, look at them, stop them."""

from __future__ import annotations

from penstock.api.route import Answer, get, post
from penstock.core.access import Permission as P

OF_PROJECT = "/projects/{project}/jobs"
ONE = "/jobs/{job}"

ROUTES = (
    get("jobs.history", OF_PROJECT, P.READ),
    post("jobs.start", OF_PROJECT, P.WRITE, status=202, repeats=True, fixed={"origin": "api"}),
    post("jobs.preview", "/projects/{project}/plans", P.READ),
    get("jobs.show", ONE, P.READ),
    get("jobs.activities", ONE + "/activities", P.READ),
    post("jobs.abort", ONE + "/abort", P.WRITE),
    post("jobs.start_again", ONE + "/again", P.WRITE, status=202, repeats=True),
    get("logs.read", ONE + "/log", P.READ, answer=Answer.TEXT),
    get("logs.pieces", ONE + "/log/pieces", P.READ, answer=Answer.PIECES),
)
