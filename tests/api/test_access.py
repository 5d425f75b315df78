"""Who may do what over REST: users, keys, rights, and what routes alone cannot see."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import NotAllowed, NotFound, NotSignedIn
from penstock.runtime import audit, scenarios
from penstock.testing import KEY, a_project

from .stage import Stage, a_stage

STEPS = {"steps": [{"type": "define_variables", "values": {"x": 1}}]}
RUNS = f"/api/v1/projects/{KEY}/scenarios"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = a_stage(tmp_path)
    scenarios.save(made.node, KEY, "free", STEPS, author="ann")
    scenarios.save(made.node, KEY, "robot", {**STEPS, "run_as": "ann"}, author="ann")
    return made


@pytest.mark.requirement("A70")
def test_with_only_run_scenarios_a_program_runs_one_with_run_as_and_no_other(stage: Stage) -> None:
    bob = stage.somebody("bob", "run scenarios")
    started = bob.post(f"{RUNS}/robot/runs", json={})
    assert (started.status_code, started.json()["run_as"], started.json()["asked_by"]) == (202, "ann", "bob")
    refused = bob.post(f"{RUNS}/free/runs", json={})
    assert (refused.status_code, refused.json()["type"]) == (403, "not-allowed")
    run = started.json()["id"]
    reader = stage.somebody("reader", "read")
    assert reader.get(f"/api/v1/runs/{run}").status_code == 200
    assert reader.post(f"/api/v1/runs/{run}/abort").status_code == 403
    assert stage.somebody("stranger").get(f"/api/v1/runs/{run}").status_code == 404
    assert bob.post(f"/api/v1/runs/{run}/abort").status_code == 200


@pytest.mark.requirement("A97", "A100")
def test_the_audit_names_the_person_and_the_run_whom_it_runs_as(stage: Stage) -> None:
    stage.somebody("bob", "run scenarios").post(f"{RUNS}/robot/runs", json={})
    (record, *_) = audit.latest(stage.node, msg_type="scenario-run")
    assert (record["user"], record["source"], record["run_as"]) == ("bob", "personal key", "ann")
    assert (record["address"], record["project"], record["object"]) == ("testclient", KEY, "scenario:robot")


def test_users_groups_and_rights_are_kept_from_afar(stage: Stage) -> None:
    home = stage.home
    home.groups.save("ops", permissions=["manage connections"], description="Runs it")
    home.users.add("eva", name="Eva", groups=["ops"])
    assert [u.login for u in home.groups.members("ops")] == ["eva"]
    assert home.users.link("eva").path.startswith("/welcome/")
    assert home.users.change("eva", email="e@x").email == "e@x"
    stage.project.people.grant(["read", "export datasets"], user="eva")
    told = stage.project.people.show()
    assert {str(right) for right in told.users["eva"]} == {"read", "export datasets"}
    stage.project.people.set_visibility("discoverable")
    assert [a.name for a in stage.project.people.authorise("dataset", "raw")] == ["raw"]
    assert not home.users.disable("eva").enabled
    with pytest.raises(NotFound, match="Did you mean eva"):
        home.users.show("evaa")
    assert "user-disable" in [r["msgType"] for r in home.audit.latest(5)]


@pytest.mark.requirement("A100")
def test_keys_made_from_afar_act_as_they_should(stage: Stage) -> None:
    a_project(stage.node, key="OTHER")
    made = stage.home.api_keys.create_for_project(KEY, ["read"], label="robot")
    robot = stage.client(made.secret)
    assert robot.get("/api/v1/me").json()["login"] == f"key:{made.key.id}"
    assert robot.get("/api/v1/project-keys").json() == [KEY]
    assert robot.get(f"/api/v1/projects/{KEY}").status_code == 200
    assert robot.get("/api/v1/projects/OTHER").status_code == 404
    assert robot.delete(f"/api/v1/projects/{KEY}").status_code == 403
    assert robot.post("/api/v1/keys", json={}).status_code == 403
    mine = stage.home.api_keys.create("laptop", days=1)
    assert next(k.label for k in stage.home.api_keys.mine()) == "laptop"
    assert stage.client(mine.secret).get("/api/v1/me").json()["login"] == "ann"
    stage.home.api_keys.revoke(made.key.id)
    assert robot.get("/api/v1/me").status_code == 401


def test_nobody_signs_with_anothers_name(stage: Stage) -> None:
    bob = stage.somebody("bob", "read", "edit permissions")
    sent = {"permissions": ["write"], "user": "bob", "by": "ann"}
    assert bob.put(f"/api/v1/projects/{KEY}/people", json=sent).status_code == 422
    del sent["by"]
    refused = bob.put(f"/api/v1/projects/{KEY}/people", json=sent)
    assert (refused.status_code, "nobody passes on a right" in refused.text) == (403, True)


def test_code_needs_its_permission_over_rest_too(stage: Stage) -> None:
    bob = stage.somebody("bob", "write")
    sent = {"type": "python", "inputs": ["raw"], "outputs": ["copied"], "body": "print(1)"}
    refused = bob.put(f"/api/v1/projects/{KEY}/definitions/recipe/copy", json=sent)
    assert (refused.status_code, "write code" in refused.text) == (403, True)


def test_the_client_raises_what_the_server_said(stage: Stage) -> None:
    from penstock.api.remote import connect

    with pytest.raises(NotSignedIn):
        connect("http://testserver", "pk_wrong", client=stage.client("pk_wrong")).keys()
    secret = stage.home.api_keys.create_for_project(KEY, ["read"]).secret
    robot = connect("http://testserver", secret, client=stage.client(secret))
    with pytest.raises(NotAllowed, match="administrator"):
        robot.users.list()
