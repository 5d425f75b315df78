"""Code environments: built aside, swapped in, used by code, kept while used."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import Conflict, Failed, InvalidDefinition, InvalidName, NotFound, NotReady, Refused
from penstock.core.node import Node
from penstock.runtime import environments
from penstock.testing import a_node, a_project, build, rows
from tests.wheels import a_wheel, only

WHO = (
    "from penstock import Dataset; import pst_colour; Dataset('out').write([{'version': pst_colour.VERSION}])"
)


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheelhouse"
    a_wheel(folder, "pst_colour", "1.0", needs=["pst_shade"])
    a_wheel(folder, "pst_colour", "2.0")
    a_wheel(folder, "pst_shade", "0.1")
    return folder


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_node(tmp_path)


def wanted(wheels: Path, *packages: str, **more: Any) -> dict[str, Any]:
    return {"packages": list(packages), "options": only(wheels), **more}


def code(text: str = WHO, **more: Any) -> dict[str, Any]:
    recipe = {"type": "python", "outputs": ["out"], "body": text, **more}
    return {"datasets/out": {"type": "managed"}, "recipes/who": recipe}


@pytest.mark.slow
@pytest.mark.requirement("D69", "D71")
def test_an_environment_says_what_is_in_it_and_a_failed_update_leaves_it_as_it_was(
    node: Node, wheels: Path
) -> None:
    shown = environments.create(node, "colours", wanted(wheels, "pst_colour==1.0"), by="ann")
    assert shown.version is not None
    assert shown.state == "ready"
    assert shown.version.python.startswith("3.")
    assert shown.version.requested == ("pst_colour==1.0",)
    assert shown.version.actual == ("pst_colour==1.0", "pst_shade==0.1")
    assert {line.partition("==")[0] for line in shown.version.base} >= {"pandas", "pyarrow", "penstock"}
    with zipfile.ZipFile(environments.archived(node, "colours")) as opened:
        assert opened.read("requirements.txt") == b"pst_colour==1.0\n"
        assert opened.read("actual/requirements.txt") == b"pst_colour==1.0\npst_shade==0.1\n"
    with pytest.raises(Failed, match="nothing-like-this"):
        environments.define(node, "colours", wanted(wheels, "nothing-like-this"), by="ann")
    after = environments.show(node, "colours")
    assert after.version == shown.version
    assert after.state == "failed"
    assert "nothing-like-this" in environments.log(node, "colours")
    a_project(node, code(code_environment="colours"))
    build(node, "out")
    assert rows(node, "out") == [{"version": "1.0"}]


def test_code_runs_in_the_environment_of_the_project_unless_it_names_another(node: Node) -> None:
    environments.create(node, "bare", {}, by="ann")
    text = "import sys; from penstock import Dataset; Dataset('out').write([{'prefix': sys.prefix}])"
    project = a_project(node, code(text))
    changed = project.settings.changed(code_environment="bare")
    node.projects.save("DEMO", {"project.yaml": changed}, author="ann", message="Choose")
    build(node, "out")
    version = node.environments.version("bare")
    assert version is not None
    assert rows(node, "out") == [{"prefix": str(node.environments.folder("bare", version.id) / "venv")}]
    assert environments.interpreter(node, node.projects.load("DEMO"), "builtin") is None


def test_code_whose_environment_is_not_there_says_so(node: Node) -> None:
    project = a_project(node)
    with pytest.raises(NotReady, match="Code environment missing is not here") as raised:
        environments.interpreter(node, project, "missing")
    assert "penstock environment create missing" in raised.value.hint


@pytest.mark.requirement("D72")
def test_every_use_is_found_and_keeps_the_environment(node: Node) -> None:
    environments.create(node, "bare", {}, by="ann")
    named = {"code_environment": "bare"}
    a_project(node, {**code(**named), "models/judge": named})
    node.projects.save("DEMO", {
        "scenarios/nightly.yaml": "steps:\n- {type: python, name: look, code: 'pass', code_environment: bare}\n",
        "services/scorer.yaml": "endpoints:\n- {type: python_function, name: risk, code: 'def f(): pass', "
        "code_environment: bare}\n",
    }, author="ann", message="Use it")  # fmt: skip
    found = {(u.sort, u.name, u.part) for u in environments.usages(node, "bare")}
    assert found == {
        ("recipe", "who", ""), ("model", "judge", ""), ("scenario step", "nightly", "look"),
        ("endpoint", "scorer", "risk"),
    }  # fmt: skip
    with pytest.raises(Refused, match="recipe who of DEMO"):
        environments.delete(node, "bare", by="ann")
    assert environments.names(node) == ["builtin", "bare"]


def test_one_that_nothing_uses_goes_with_its_folder(node: Node) -> None:
    environments.create(node, "bare", {}, by="ann")
    environments.delete(node, "bare", by="ann")
    assert environments.names(node) == ["builtin"]
    with pytest.raises(NotFound, match="code environment"):
        environments.show(node, "bare")


def test_a_build_whose_process_died_has_failed_and_its_leftovers_go(node: Node) -> None:
    environments.create(node, "bare", {}, by="ann")
    half = node.environments.folder("bare", "half")
    half.mkdir()
    last = node.environments.last_build("bare")
    assert last is not None
    text = last.changed(state="RUNNING", process="1-1-00000000").model_dump_json()
    (node.config.home / "environments" / "bare" / "build.json").write_text(
        text.replace("00000000", _host(node))
    )
    assert environments.show(node, "bare").state == "failed"
    environments.build(node, "bare", by="ann")
    assert not half.exists()


def _host(node: Node) -> str:
    from penstock.store.disk import this_process

    return this_process().rpartition("-")[2]


def test_names_and_lines_are_looked_at(node: Node) -> None:
    with pytest.raises(InvalidName, match="own"):
        environments.create(node, "builtin", {}, by="ann")
    with pytest.raises(InvalidName):
        environments.create(node, "../up", {}, by="ann")
    with pytest.raises(InvalidDefinition, match="option of pip"):
        environments.create(node, "bare", {"packages": ["-r /etc/passwd"]}, by="ann")
    with pytest.raises(InvalidDefinition, match="--target"):
        environments.create(node, "bare", {"options": ["--target /"]}, by="ann")
    with pytest.raises(InvalidDefinition, match="password"):
        environments.create(
            node, "bare", {"options": ["--find-links https://ann:secret@host/wheels"]}, by="ann"
        )
    environments.create(node, "bare", {}, by="ann")
    with pytest.raises(Conflict):
        environments.create(node, "bare", {}, by="ann")


@pytest.mark.requirement("D70")
def test_a_reader_of_a_project_sees_its_environments_and_no_others(node: Node) -> None:
    environments.create(node, "bare", {}, by="ann")
    environments.create(node, "other", {}, by="ann")
    a_project(node, code(code_environment="bare"))
    assert [shown.name for shown in environments.of_project(node, "DEMO")] == ["bare"]
    assert environments.archived_of_project(node, "DEMO", "bare").is_file()
    with pytest.raises(NotFound):
        environments.in_project(node, "DEMO", "other")
