"""REST as programs meet it: statuses, headers, problems, pages, conditions, people with few rights."""

from __future__ import annotations

import json
import logging

import pytest

from penstock.runtime import keys, projects
from penstock.testing import KEY, a_project
from tests.api.stage import Stage, a_stage

HERE = f"/api/v1/projects/{KEY}"
PROBLEM = "application/problem+json"


@pytest.fixture
def stage(tmp_path) -> Stage:
    return a_stage(tmp_path)


def test_whoever_shows_no_key_is_told_to_log_in(stage):
    answer = stage.client().get("/api/v1/projects")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["type"] == "not-signed-in"


def test_a_key_that_is_no_good_is_refused(stage):
    assert stage.client("pk_nonsense").get("/api/v1/projects").status_code == 401


def test_a_project_one_may_not_see_is_not_there(stage):
    eve = stage.somebody("eve")
    assert eve.get(HERE).status_code == 404
    assert eve.get("/api/v1/projects/NOWHERE").status_code == 404
    assert eve.get("/api/v1/projects").json() == []
    assert eve.get("/api/v1/project-keys").json() == []


def test_what_one_may_see_but_not_change_is_forbidden(stage):
    bob = stage.somebody("bob", "read")
    assert bob.get(HERE).status_code == 200
    answer = bob.post(f"{HERE}/jobs", json={"targets": ["copied"]})
    assert answer.status_code == 403
    assert answer.json()["permission"] == "write"


def test_a_job_of_a_project_one_may_not_see_is_not_there(stage):
    job = stage.project.build("copied")
    eve = stage.somebody("eve")
    hidden, unknown = (eve.get(f"/api/v1/jobs/{id}").json() for id in (job.id, "build_x"))
    assert (hidden["status"], unknown["status"]) == (404, 404)
    assert hidden["detail"].replace(job.id, "build_x") == unknown["detail"]


def test_a_run_is_found_only_in_its_own_project(stage):
    project = stage.project
    project.define("scenario", "sc", {"steps": []})
    run = project.scenario("sc").run(wait=False)
    a_project(stage.node, key="OTHER")
    assert stage.ann.get(f"{HERE}/runs/{run.id}").status_code == 200
    assert stage.ann.get(f"/api/v1/projects/OTHER/runs/{run.id}").status_code == 404


def test_a_change_is_signed_by_whoever_showed_the_key_whatever_was_sent(stage):
    path = f"{HERE}/definitions/dataset/fresh"
    assert stage.ann.put(path, params={"author": "mallory"}, json={"type": "managed"}).status_code == 422
    answer = stage.ann.put(path, json={"type": "managed"}, headers={"From": "mallory"})
    assert answer.status_code == 200
    assert projects.history(stage.node, KEY)[0].author.startswith("ann ")
    sent = stage.ann.post(f"{HERE}/jobs", json={"targets": ["copied"], "initiator": "mallory"})
    assert sent.status_code == 422
    assert stage.project.build("copied").initiator == "ann"


def test_a_name_that_leads_nowhere_says_the_nearest(stage):
    told = stage.ann.get(f"{HERE}/datasets/rav").json()
    assert (told["type"], told["status"], told["near"]) == ("not-found", 404, ["raw"])


def test_a_broken_definition_names_its_field(stage):
    answer = stage.ann.put(f"{HERE}/definitions/recipe/x", json={"type": "sync", "input": "raw"})
    assert (answer.status_code, answer.json()["type"]) == (422, "invalid-definition")
    assert answer.json()["field"] == "output"


def test_what_the_framework_finds_wrong_is_a_problem_like_any_other(stage):
    answer = stage.ann.get(f"{HERE}/datasets/raw/sample", params={"rows": "many"})
    told = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert (told["type"], told["field"], told["in"]) == ("invalid", "rows", "query")


def test_a_body_that_is_no_json_is_a_problem(stage):
    answer = stage.ann.post(f"{HERE}/jobs", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/v1/nowhere", 404), ("PATCH", HERE, 405)]
)
def test_a_path_or_method_nothing_answers_to_is_a_problem(stage, method, path, status):
    answer = stage.ann.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)


def test_who_misses_a_path_is_told_what_there_is_near_it(stage):
    answer = stage.ann.get(f"{HERE}/datasets").json()
    assert answer["hint"] == f"There is POST. GET {HERE} answers."
    assert stage.ann.get(f"{HERE}/nothing/at/all").json()["hint"] == f"GET {HERE} answers."


def test_a_word_that_a_path_does_not_read_is_refused_with_the_nearest(stage):
    answer = stage.ann.get(f"{HERE}/jobs?sate=DONE")
    assert answer.status_code == 422
    assert "does not read 'sate'. Did you mean state?" in answer.json()["detail"]
    assert stage.ann.get(f"{HERE}?limit=2").json()["hint"] == "It reads none."
    assert stage.ann.get(f"{HERE}?project=OTHER").status_code == 422
    assert stage.ann.post(f"{HERE}/jobs?request_body=1", json={"targets": ["copied"]}).status_code == 422


def test_rows_come_as_json_and_as_lines(stage):
    stage.project.build("copied")
    path = f"{HERE}/datasets/copied/rows"
    rows = stage.ann.get(path, headers={"Accept": "application/json"})
    assert rows.headers["content-type"] == "application/json"
    lines = stage.ann.get(path, headers={"Accept": "application/jsonl"}).text.splitlines()
    assert rows.json() == [json.loads(line) for line in lines]
    assert rows.json() == stage.project.dataset("copied").arrow().to_pylist()
    none = stage.ann.get(path, headers={"Accept": "image/png"})
    assert "application/json" in none.json()["hint"]


def test_a_fault_of_ours_is_told_without_its_insides(stage, monkeypatch, caplog):
    def broken(*_: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("penstock.store.projects.FileProjects.keys", broken)
    log = logging.getLogger("penstock.http.problems")
    monkeypatch.setattr(log, "handlers", [*log.handlers, caplog.handler])
    answer = stage.ann.get("/api/v1/status")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "hunter2" in caplog.text


def test_head_is_get_without_its_body(stage):
    got, head = (stage.ann.request(method, f"{HERE}/datasets/raw") for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == got.headers["etag"]


def test_options_says_what_a_path_takes(stage):
    answer = stage.ann.options(f"{HERE}/variables")
    assert answer.status_code == 204
    assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"
    assert stage.ann.options("/api/v1/nowhere").status_code == 404


def test_a_list_comes_in_pages_with_the_way_to_the_next(stage):
    for number in range(5):
        a_project(stage.node, key=f"P{number}")
    first = stage.ann.get("/api/v1/projects", params={"limit": 2})
    assert first.headers["x-total-count"] == "6"
    assert first.headers["link"] == '</api/v1/projects?limit=2&offset=2>; rel="next"'
    last = stage.ann.get("/api/v1/projects", params={"limit": 2, "offset": 4})
    assert [p["key"] for p in last.json()] == ["P3", "P4"]
    assert last.headers["link"] == '</api/v1/projects?limit=2&offset=2>; rel="prev"'


def test_jobs_come_in_pages_newest_first(stage):
    ids = [stage.project.build("copied").id for _ in range(3)]
    page = stage.ann.get(f"{HERE}/jobs", params={"limit": 2})
    assert [j["id"] for j in page.json()] == ids[:0:-1]
    assert 'rel="next"' in page.headers["link"]


def test_what_did_not_change_is_not_sent_again(stage):
    first = stage.ann.get(f"{HERE}/datasets/raw")
    again = stage.ann.get(f"{HERE}/datasets/raw", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_save_over_somebody_elses_save_is_refused_with_the_difference(stage):
    path = f"{HERE}/definitions/dataset/raw"
    seen = stage.ann.get(path).headers["etag"]
    stage.ann.put(path, json={"type": "managed", "title": "Theirs"})
    mine = stage.ann.put(path, json={"type": "managed", "title": "Mine"}, headers={"If-Match": seen})
    assert (mine.status_code, mine.json()["type"]) == (412, "changed-meanwhile")
    assert '-  "title": "Theirs"' in mine.json()["diff"]
    assert '+  "title": "Mine"' in mine.json()["diff"]
    now = stage.ann.get(path)
    assert now.json()["title"] == "Theirs"
    saved = stage.ann.put(path, json={"type": "managed"}, headers={"If-Match": now.headers["etag"]})
    assert saved.status_code == 200


def test_whoever_saves_again_and_again_needs_not_look_in_between(stage):
    path = f"{HERE}/definitions/dataset/raw"
    tag = stage.ann.get(path).headers["etag"]
    for title in ("One", "Two"):
        saved = stage.ann.put(path, json={"type": "managed", "title": title}, headers={"If-Match": tag})
        assert saved.status_code == 200
        tag = saved.headers["etag"]
    assert stage.ann.get(path).headers["etag"] == tag


def test_a_definition_can_be_made_only_if_there_is_none(stage):
    path, condition = f"{HERE}/definitions/dataset/", {"If-None-Match": "*"}
    assert stage.ann.put(path + "raw", json={"type": "managed"}, headers=condition).status_code == 412
    assert stage.ann.put(path + "fresh", json={"type": "managed"}, headers=condition).status_code == 200


def test_a_scenario_is_saved_only_over_what_was_seen(stage):
    path = f"{HERE}/scenarios/sc"
    stage.ann.put(path, json={"steps": []})
    stale = {"If-Match": '"something-else"'}
    assert stage.ann.put(path, json={"steps": [], "title": "x"}, headers=stale).status_code == 412


def test_a_start_that_is_sent_twice_begins_one_job(stage):
    key = {"Idempotency-Key": "a-retry"}
    first, again = (stage.ann.post(f"{HERE}/jobs", json={"targets": ["copied"]}, headers=key) for _ in "12")
    assert (first.status_code, first.headers["location"]) == (202, f"/api/v1/jobs/{first.json()['id']}")
    assert again.json()["id"] == first.json()["id"]
    assert len(stage.project.jobs()) == 1
    other = stage.ann.post(f"{HERE}/jobs", json={"targets": ["raw"]}, headers=key)
    assert other.status_code == 422


def test_a_start_that_failed_may_be_sent_again_with_the_same_key(stage):
    key = {"Idempotency-Key": "k2"}
    assert stage.ann.post(f"{HERE}/jobs", json={"targets": ["later"]}, headers=key).status_code == 404
    stage.project.define("dataset", "later", {"type": "managed"})
    stage.project.define("recipe", "make", {"type": "sync", "input": "raw", "output": "later"})
    assert stage.ann.post(f"{HERE}/jobs", json={"targets": ["later"]}, headers=key).status_code == 202


def test_two_scripts_that_set_variables_lose_none_of_them(stage):
    stage.ann.patch(f"{HERE}/variables", json={"values": {"a": 1}})
    stage.ann.patch(f"{HERE}/variables", json={"values": {"b": [1, 2]}})
    found = {v["name"]: v["value"] for v in stage.ann.get(f"{HERE}/variables").json()}
    assert (found["a"], found["b"]) == (1, [1, 2])


def test_a_project_key_works_in_its_project_alone(stage):
    _ = stage.secret
    made = keys.create_for_project(stage.node, KEY, ["read"], by="ann")
    robot = stage.client(made.secret)
    assert robot.get(HERE).status_code == 200
    assert robot.get("/api/v1/status").status_code == 403
    a_project(stage.node, key="OTHER")
    assert robot.get("/api/v1/projects/OTHER").status_code == 404


def test_a_body_without_end_is_cut_off(stage):
    answer = stage.ann.patch(
        f"{HERE}/variables",
        content=b"x" * 10,
        headers={"Content-Length": str(1 << 40), "Content-Type": "text/plain"},
    )
    assert answer.status_code == 413


def test_the_reference_page_needs_nothing_from_elsewhere(stage):
    page = stage.client().get("/api/v1/docs")
    assert page.status_code == 200
    assert "jobs.start" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
