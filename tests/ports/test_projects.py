"""What every keeper of projects keeps. Files, comments and git are in tests/store/test_projects.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.core.errors import Conflict, InvalidDefinition, NotFound, SaveConflict
from penstock.core.evaluation import EvaluationStore
from penstock.core.model import SavedModel
from penstock.core.ports import Projects
from penstock.store.projects import FileProjects

ADAPTERS: dict[str, Callable[[Path], Projects]] = {"files": FileProjects}
MODEL, STORE = "flow/models/m.yaml", "flow/evaluations/s.yaml"


@pytest.fixture(params=ADAPTERS)
def projects(request: pytest.FixtureRequest, tmp_path: Path) -> Projects:
    projects = ADAPTERS[request.param](tmp_path)
    projects.create("P", title="Trial", author="Eva")
    return projects


def save(projects: Projects, title: str) -> str:
    return projects.save("P", {MODEL: SavedModel(title=title)}, author="Eva", message=title)


def test_a_project_comes_and_goes(projects: Projects) -> None:
    projects.create("Q", title="", author="Eva")
    assert projects.keys() == ["P", "Q"]
    with pytest.raises(Conflict):
        projects.create("Q", title="", author="Eva")
    projects.delete("Q")
    with pytest.raises(NotFound):
        projects.load("Q")


def test_what_is_saved_is_loaded_and_several_files_are_one_commit(projects: Projects) -> None:
    files = {MODEL: SavedModel(title="M"), STORE: EvaluationStore(title="S")}
    commit = projects.save("P", files, author="Eva", message="Both")
    project = projects.load("P")
    assert (project.models["m"], project.evaluation_stores["s"]) == (files[MODEL], files[STORE])
    assert projects.history("P")[0].id == commit
    projects.save("P", {MODEL: None}, author="Eva", message="Without")
    assert projects.load("P").models == {}


def test_nothing_is_saved_when_something_is_wrong_or_somebody_was_faster(projects: Projects) -> None:
    _, read = projects.read("P", "project.yaml")
    with pytest.raises(InvalidDefinition):
        projects.save("P", {MODEL: SavedModel(), STORE: "nonsense: 1\n"}, author="Eva", message="x")
    projects.set_variables("P", {"a": 1}, author="Jo")
    with pytest.raises(SaveConflict):
        projects.save(
            "P", {"project.yaml": "format: 1\n", MODEL: SavedModel()},
            author="Eva", message="x", base={"project.yaml": read},
        )  # fmt: skip
    assert projects.load("P").items == {}
    assert projects.validate("P") == []


def test_history_diff_and_revert_go_together(projects: Projects) -> None:
    first, second = save(projects, "one"), save(projects, "two")
    assert "+title: two" in projects.diff("P", first, second)
    assert [r.id for r in projects.history("P", MODEL)] == [second, first]
    projects.revert("P", first, author="Eva")
    assert projects.load("P").models["m"].title == "one"
    assert projects.diff("P", first) == ""


def test_a_renamed_object_is_found_under_its_new_name_only(projects: Projects) -> None:
    save(projects, "one")
    projects.rename("P", "m", "better", author="Eva")
    assert list(projects.load("P").models) == ["better"]


def test_standard_and_local_variables_are_told_apart(projects: Projects) -> None:
    projects.set_variables("P", {"a": 1}, author="Eva")
    projects.set_variables("P", {"a": 2}, author="Eva", local=True)
    project = projects.load("P")
    assert (project.settings.variables, project.local_variables) == ({"a": 1}, {"a": 2})
