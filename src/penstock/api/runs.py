"""Runs of scenarios over HTTP: list them, look at their steps and logs, stop them."""

from __future__ import annotations

from penstock.api.route import Answer, get, post
from penstock.core.access import Permission as P

ONE = "/runs/{run}"

ROUTES = (
    get("scenarios.history", "/projects/{project}/runs", P.SEE_SCENARIOS),
    get("last_runs.find", "/projects/{project}/runs/{word}", P.SEE_SCENARIOS),
    get("scenarios.show", ONE, P.SEE_SCENARIOS),
    get("scenarios.steps", ONE + "/steps", P.SEE_SCENARIOS),
    post("scenarios.abort", ONE + "/abort", P.RUN),
    get("scenarios.log", ONE + "/log", P.SEE_SCENARIOS, answer=Answer.TEXT),
    get("run_log.pieces", ONE + "/log/pieces", P.SEE_SCENARIOS, answer=Answer.PIECES),
)
