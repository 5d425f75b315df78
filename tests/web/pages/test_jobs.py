"""Pages of jobs: the list, one job with why each part ran, its log, and what can be done."""

from __future__ import annotations

from pathlib import Path

from penstock.core.node import Node
from penstock.runtime import evaluations
from penstock.testing import a_node, a_project, build, fill
from tests.web.browser import a_browser
from tests.web.pages.modelled import a_bank

COPY = {
    "datasets/raw": {"type": "managed"},
    "datasets/copied": {"type": "managed"},
    "recipes/copy": {"type": "sync", "input": "raw", "output": "copied"},
}


def _built(folder: Path, **columns: list[int]) -> tuple[Node, str]:
    node = a_node(folder)
    a_project(node, COPY)
    if columns:
        fill(node, "raw", **columns)
    return node, build(node, "copied", no_fail=True).id


def test_a_project_without_jobs_says_what_would_stand_here(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    assert "No job yet" in a_browser(node).get("/projects/DEMO/jobs").text


def test_the_list_names_what_was_built_and_leads_to_the_job(tmp_path: Path) -> None:
    node, job = _built(tmp_path, n=[1, 2])
    for address in ("/jobs", "/projects/DEMO/jobs"):
        page = a_browser(node).get(address)
        assert f"/projects/DEMO/jobs/{job}" in page.links
        assert "copied" in page.text


def test_a_state_narrows_the_list(tmp_path: Path) -> None:
    node, job = _built(tmp_path, n=[1])
    assert f"/projects/DEMO/jobs/{job}" not in a_browser(node).get("/projects/DEMO/jobs?state=FAILED").links


def test_a_job_says_why_each_recipe_ran_and_what_it_made(tmp_path: Path) -> None:
    node, job = _built(tmp_path, n=[1])
    page = a_browser(node).get(f"/projects/DEMO/jobs/{job}")
    assert "never built" in page.text
    assert "/projects/DEMO/flow?select=copied" in page.links


def test_a_failed_job_shows_the_error_first(tmp_path: Path) -> None:
    node, job = _built(tmp_path)
    page = a_browser(node).get(f"/projects/DEMO/jobs/{job}")
    found = node.runs.job(job)
    assert found.error
    assert page.text.index(found.error[:20]) < page.text.index("Why it runs")


def test_the_log_comes_as_a_file(tmp_path: Path) -> None:
    node, job = _built(tmp_path, n=[1])
    answer = a_browser(node).get(f"/projects/DEMO/jobs/{job}/log?activity=copy")
    assert "copy" in answer.text


def test_a_job_is_run_again(tmp_path: Path) -> None:
    node, job = _built(tmp_path, n=[1])
    location = a_browser(node).post(f"/projects/DEMO/jobs/{job}/again").location
    again = location.rsplit("/", 1)[1]
    while not node.runs.job(again).state.final:
        pass
    assert again != job
    assert node.runs.job(again).targets == ("copied",)


def test_aborting_what_has_ended_does_no_harm(tmp_path: Path) -> None:
    node, job = _built(tmp_path, n=[1])
    a_browser(node).post(f"/projects/DEMO/jobs/{job}/abort")
    assert node.runs.job(job).state == "DONE"


def test_a_job_of_another_project_is_not_found(tmp_path: Path) -> None:
    node, job = _built(tmp_path, n=[1])
    a_project(node, key="OTHER")
    a_browser(node).get(f"/projects/OTHER/jobs/{job}", status=404)


def test_the_list_of_all_projects_leaves_out_what_one_may_not_read(tmp_path: Path) -> None:
    node, job = _built(tmp_path, n=[1])
    address = f"/projects/DEMO/jobs/{job}"
    assert address in a_browser(node, rights=("read",)).get("/jobs").links
    assert address not in a_browser(node, login="eve", rights=()).get("/jobs").links


def test_a_job_leads_to_the_model_version_and_the_evaluation_that_it_made(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    [version] = node.models.versions("DEMO", "authorized")
    page = browser.get(f"/projects/DEMO/jobs/{version.job}")
    assert f"/projects/DEMO/models/authorized/versions/{version.id}" in page.links
    may = evaluations.show(node, "DEMO", "mes", "may").evaluation
    assert "/projects/DEMO/evaluations/mes/may" in browser.get(f"/projects/DEMO/jobs/{may.job}").links
