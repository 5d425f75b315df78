"""Code environments and plugins over HTTP: built behind the answer, read by those who read the project."""

from __future__ import annotations

import zipfile
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from penstock.core.errors import Conflict, NotFound
from penstock.testing import KEY, a_project
from tests.api.stage import Stage, a_stage

USING = {"datasets/out": {"type": "managed"},
         "recipes/who": {"type": "python", "outputs": ["out"], "body": "", "code_environment": "bare"}}  # fmt: skip


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return a_stage(tmp_path)


def built(environments: Any, name: str) -> Any:
    """The environment once its build, which goes on behind the answer, has ended."""
    end = monotonic() + 30
    while environments.show(name).state == "building":
        assert monotonic() < end
        sleep(0.02)
    return environments.show(name)


@pytest.mark.requirement("D70", "D72")
def test_an_environment_is_built_from_afar_and_seen_in_its_projects(stage: Stage, tmp_path: Path) -> None:
    environments = stage.home.environments
    assert environments.create("bare", description="Nothing").state in ("building", "ready")
    assert built(environments, "bare").state == "ready"
    with pytest.raises(Conflict):
        environments.create("bare")
    a_project(stage.node, USING)
    [used] = stage.project.environments.list()
    assert used.name == "bare"
    with zipfile.ZipFile(stage.project.environments.download("bare", tmp_path)) as opened:
        assert "actual/requirements.txt" in opened.namelist()
    [usage] = environments.usages("bare")
    assert (usage.project, usage.sort, usage.name) == (KEY, "recipe", "who")
    with pytest.raises(NotFound):
        stage.project.environments.show("other")


def test_plugins_are_seen_from_afar(stage: Stage) -> None:
    [example] = stage.home.plugins.list()
    assert example.kinds["checks"] == ("even",)
    assert list(stage.home.plugins.usages("example")) == []
