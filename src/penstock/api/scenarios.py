"""Scenarios over HTTP: design, switch, run, rehearse."""

from __future__ import annotations

from penstock.api.route import Answer, get, post, put
from penstock.core.access import Permission as P

ALL = "/projects/{project}/scenarios"
ONE = ALL + "/{scenario}"

ROUTES = (
    get("scenarios.listing", ALL, P.SEE_SCENARIOS),
    get("scenarios.definition", ONE, P.READ),
    get("scenarios.check_known", ONE + "/exists", P.SEE_SCENARIOS, answer=Answer.NOTHING),
    get("readiness.of_scenario", ONE + "/lacks", P.READ),
    put("scenarios.save", ONE, P.WRITE, whole="definition"),
    put("scenarios.switch", ONE + "/active", P.WRITE),
    post("scenarios.start", ONE + "/runs", P.RUN, status=202, repeats=True),
    post("scenarios.abort_current", ONE + "/abort", P.RUN),
    post("scenarios.dry_run", ONE + "/rehearsals", P.READ),
    get("last_runs.current", ONE + "/runs/current", P.SEE_SCENARIOS),
    get("scenarios.last_successful", ONE + "/runs/last-successful", P.SEE_SCENARIOS),
    get("last_runs.average_duration", ONE + "/runs/average-duration", P.SEE_SCENARIOS),
    get("upcoming.slots", ONE + "/slots", P.SEE_SCENARIOS),
    post("triggers.fire", ONE + "/triggers/{trigger}/fire", P.RUN, status=202, repeats=True),
    get("readiness.of_project", "/projects/{project}/lacks", P.READ),
    get("upcoming.of_project", "/projects/{project}/slots", P.SEE_SCENARIOS),
    get("triggers.next_runs", "/projects/{project}/triggers", P.SEE_SCENARIOS),
)
