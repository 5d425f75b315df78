"""API services over HTTP: a remote program does what the studio does; API nodes send their journals."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from penstock.core.errors import Conflict, NotFound
from penstock.testing import KEY, a_project, rows
from tests.api.stage import Stage, a_stage

FUNCTION = {"type": "python_function", "name": "add", "code": "def add(a, b=1):\n    return a + b\n"}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return a_stage(tmp_path)


def test_a_service_is_made_tried_and_packed_from_afar(stage: Stage, tmp_path: Path) -> None:
    service = stage.project.create_service("Tools")
    service.save_endpoint(FUNCTION)
    assert service.ask("add", {"a": 1}).answer == {"response": 2}
    service.keep_queries("add", [{"name": "one", "query": {"a": 1}}, {"query": {"z": 1}}])
    assert [r.status for r in service.run_queries()] == [200, 400]
    made = service.create_version("v1", release_notes="First.")
    assert (made.version, made.created_by, made.endpoints) == ("v1", "ann", {"add": "python_function"})
    with pytest.raises(Conflict):
        service.create_version("v1")
    assert service.create_version("v1", unique=True).version == "v11"
    assert [v.version for v in service.versions()] == ["v11", "v1"]
    file = service.download("v1", tmp_path / "v1.zip")
    with zipfile.ZipFile(file) as package:
        assert {"manifest.json", "signature.json"} <= set(package.namelist())
    service.delete_version("v1")
    with pytest.raises(NotFound):
        service.version("v1")
    assert [s.name for s in stage.project.services()] == ["tools"]
    assert "/add/run" in service.openapi()["paths"]


@pytest.mark.requirement("D46")
def test_a_key_is_told_once(stage: Stage) -> None:
    service = stage.project.create_service("Tools")
    made = service.create_key("shop")
    assert made.secret.startswith("sk_")
    assert made.secret not in stage.ann.get(f"/api/v1/projects/{KEY}/services/tools").text


@pytest.mark.requirement("D63")
def test_journals_come_as_json_lines_and_only_from_who_may(stage: Stage) -> None:
    message = {
        "project": KEY,
        "service": "bank",
        "endpoint": "p",
        "features": {"a": 1},
        "result": {"prediction": 2.5},
    }
    body = "".join(
        json.dumps({"timestamp": "2026-01-02T03:04:05Z", "message": message}) + "\n" for _ in range(2)
    )
    sent = {"content": body, "headers": {"Content-Type": "application/x-ndjson"}}
    address = "/api/v1/journal?node=api1&segment=s-1"
    assert stage.client().post(address, **sent).status_code == 401
    assert stage.somebody("bob", "write").post(address, **sent).status_code == 403
    for _ in range(2):
        answer = stage.ann.post(address, **sent)
        assert (answer.status_code, answer.json()["kept"]) == (200, 2)
    assert stage.ann.post("/api/v1/journal?node=..&segment=s", **sent).status_code == 422
    a_project(stage.node, {"datasets/log": {"type": "api_log", "service": "bank", "endpoint": "p"}})
    assert [r["message.result.prediction"] for r in rows(stage.node, "log")] == [2.5, 2.5]
