"""The step that makes a bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.outcome import Outcome
from penstock.deploy import bundles, publishing
from penstock.store.git import Repository
from tests.runtime.acts import KEY, a_scenario, a_stage, run, steps


@pytest.mark.requirement("A92", "D14", "D97")
def test_each_run_makes_the_next_bundle_and_later_steps_find_its_id(tmp_path: Path) -> None:
    node = a_stage(tmp_path)
    after = {"type": "define_variables", "name": "after", "formulas": {"seen": "bundle_id"}}
    a_scenario(node, "ship", {"type": "create_bundle", "bundle": "v", "notes": "of ${projectKey}"}, after)
    ids = [steps(node, run(node, "ship"))["after"].output["seen"] for _ in range(3)]
    assert ids == ["v", "v1", "v2"]
    assert bundles.made(node, KEY)[0].notes == f"of {KEY}"
    assert set(Repository(node.projects.path(KEY)).tags()) == {"bundle/v", "bundle/v1", "bundle/v2"}


@pytest.mark.requirement("D07")
def test_the_remembered_content_is_used(tmp_path: Path) -> None:
    node = a_stage(tmp_path, {"datasets/raw": {"type": "managed"}})
    from penstock.testing import fill

    fill(node, "raw", n=[1])
    bundles.choose(node, KEY, {"datasets": ["raw"]}, by="ann")
    a_scenario(node, "ship", {"type": "create_bundle"})
    assert run(node, "ship").outcome is Outcome.SUCCESS
    assert bundles.made(node, KEY)[0].datasets == ("raw",)


def test_an_id_that_is_taken_fails_the_step_when_it_must_be_that_one(tmp_path: Path) -> None:
    node = a_stage(tmp_path)
    a_scenario(node, "ship", {"type": "create_bundle", "bundle": "v1", "unique": False, "name": "make"})
    assert run(node, "ship").outcome is Outcome.SUCCESS
    second = run(node, "ship")
    assert second.outcome is Outcome.FAILED
    assert "already" in steps(node, second)["make"].message


def test_a_secret_fails_the_step(tmp_path: Path) -> None:
    node = a_stage(tmp_path)
    node.projects.save(KEY, {"lib/k.py": 'PASSWORD = "hunter22"\n'}, author="ann", message="Oops")
    a_scenario(node, "ship", {"type": "create_bundle"})
    assert run(node, "ship").outcome is Outcome.FAILED
    assert bundles.made(node, KEY) == []


@pytest.mark.requirement("D11", "D13")
def test_it_publishes_on_the_deployer_when_asked(tmp_path: Path) -> None:
    node = a_stage(tmp_path)
    a_scenario(node, "ship", {"type": "create_bundle", "publish": True})
    assert run(node, "ship").outcome is Outcome.SUCCESS
    (published,) = publishing.show(node, "project", KEY).packages
    assert (published.id, published.source.project) == ("v", KEY)
    bundles.delete(node, KEY, "v", by="ann")
    assert publishing.archive_of(node, "project", KEY, "v").stat().st_size == published.bytes
