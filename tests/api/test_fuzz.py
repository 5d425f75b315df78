"""Whatever is sent, the answer is never a fault of ours: requests made up from the OpenAPI by schemathesis."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.api.stage import Stage, a_stage

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis

EXAMPLES = 4
"""Requests for each operation; its paths lead to things that are there."""
NO_TRANSPORT = frozenset({"cookies", "timeout", "verify", "cert", "allow_redirects", "stream"})


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = a_stage(tmp_path)
    stage.project.define("scenario", "sc", {"steps": []})
    stage.project.define("folder", "fo", {})
    stage.project.build("copied")
    return stage


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_no_request_that_can_be_made_up_is_answered_with_a_fault_of_ours(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "penstock.http.problems")  # and back again for whoever reads it next
    there = {
        "project": "DEMO", "name": "raw", "item": "copied", "scenario": "sc", "job": stage.project.jobs()[0].id,
    }  # fmt: skip
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", stage.app)
    faults = [fault for found in schema.get_all_operations() for fault in _faults(stage, found.ok(), there)]
    assert not faults


def _faults(stage: Stage, operation: Any, there: dict[str, str]) -> list[str]:
    """What went wrong with one operation."""
    found: list[str] = []
    if (operation.method, operation.path) == ("delete", "/api/v1/projects/{project}"):
        return found

    @seed(20261121)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        case.path_parameters = {w: there.get(w, v) for w, v in (case.path_parameters or {}).items()}
        sent = case.as_transport_kwargs(base_url="http://testserver")
        answer = stage.ann.request(**{k: v for k, v in sent.items() if k not in NO_TRANSPORT})
        if answer.status_code >= 500:
            found.append(f"{operation.method} {operation.path} {sent.get('params')} {sent.get('json')}")
        elif answer.is_error:
            assert answer.headers["content-type"] == "application/problem+json"

    send()
    return found
