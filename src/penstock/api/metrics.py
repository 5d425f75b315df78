"""Metrics of an item over HTTP: what there is, its history, compute it now."""

from __future__ import annotations

from penstock.api.route import Answer, get, post, put
from penstock.core.access import Permission as P

METRICS = "/projects/{project}/items/{item}/metrics"

ROUTES = (
    get("metrics.available", METRICS, P.READ),
    post("metrics.compute", METRICS, P.WRITE),
    put("metrics.display", METRICS + "/displayed", P.WRITE, whole="metric_ids", answer=Answer.NOTHING),
    get("metrics.history", METRICS + "/history", P.READ),
    post("metrics.create_metrics_dataset", METRICS + "/datasets", P.WRITE, status=201),
)
