"""Counts, times and live drift."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from penstock_node import metrics

from .packages import QUERY, Design, RunningNode, function, node


def value(text: str, name: str, **labels: str) -> float:
    """The value of one line of Prometheus' text."""
    for line in text.splitlines():
        found = re.fullmatch(rf"{name}(?:\{{(.*)\}})? ([-+.e\d]+)", line)
        if found and all(f'{k}="{v}"' in (found[1] or "") for k, v in labels.items()):
            return float(found[2])
    raise AssertionError(f"no {name} {labels} in\n{text}")


@pytest.mark.requirement("D65")
def test_counts_of_all_processes_match_what_was_sent(tmp_path: Path, design: Design) -> None:
    odd = function("odd", "def odd():\n    raise ValueError('no')\n")
    with node(tmp_path / "node", design, workers=2) as running:
        running.deploy(
            design.package("v1", endpoints=[{"type": "prediction", "name": "late", "model": "late"}, odd])
        )
        for _ in range(30):
            running.post("flights/late/predict", QUERY)
        running.post("flights/late/predict-multi", {"items": [QUERY] * 5})
        for _ in range(4):
            running.post("flights/odd/run", {})
        text = running.ask("GET", "/metrics")[1]
        _, told = running.admin("GET", "metrics")
    assert value(text, "penstock_requests_total", endpoint="late", generation="v1") == 31
    assert value(text, "penstock_records_total", endpoint="late") == 35
    assert value(text, "penstock_errors_total", endpoint="odd") == 4
    assert value(text, "penstock_request_seconds_bucket", endpoint="late", le="+Inf") == 31
    (late,) = [m for m in told if m["endpoint"] == "late"]
    assert (late["count"], late["errors"]) == (31, 0)
    assert 0 < late["p50"] <= late["p95"]


def test_live_drift_rises_when_the_queries_change(tmp_path: Path, design: Design) -> None:
    def drift(running: RunningNode, age: float) -> float:
        draw = random.Random(4)

        def cell(middle: float) -> float | None:
            return None if draw.random() < 0.1 else middle + draw.gauss(0, 1)

        items = [{"features": {**QUERY["features"], "age": cell(age)}} for _ in range(200)]
        assert running.post("flights/late/predict-multi", {"items": items})[0] == 200
        return value(running.ask("GET", "/metrics")[1], "penstock_live_drift_psi", feature="age")

    found = []
    for age in (0.0, 4.0):
        with node(tmp_path / f"node-{age}", design, drift_rows=200) as running:
            running.deploy(design.package("v1"))
            found.append(drift(running, age))
    assert found[0] < 1 < found[1]


def test_names_are_written_so_that_no_line_breaks() -> None:
    counts = {('a"b\n', "e", "v1"): metrics.merged([metrics.Counted().told()])}
    assert 'service="a\\"b\\n"' in metrics.exposition(counts, {}, {})
