"""Python functions of services in code environments: tried in the studio, packed with wheels, answered by a node."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from penstock.core.errors import AnswerFailed, BadQuery, EnvironmentMissing
from penstock.core.package import OpenedPackage
from penstock.deploy import service_packing, service_queries, services
from penstock.kinds.endpoints._elsewhere import FunctionElsewhere
from penstock.runtime import environments
from penstock.testing import KEY, a_node, a_project
from tests.node.packages import RunningNode
from tests.wheels import a_wheel, only

CODE = "import pst_colour\ndef shade(dark):\n    return {'version': pst_colour.VERSION, 'dark': dark}\n"
SHADE = {"type": "python_function", "name": "shade", "code": CODE}


@pytest.mark.slow
@pytest.mark.requirement("D72")
def test_a_function_answers_in_its_environment_in_the_studio_and_on_a_node(tmp_path: Path) -> None:
    from penstock_node.disk import Shelf
    from penstock_node.settings import Home

    studio = a_node(tmp_path)
    a_wheel(tmp_path / "wheelhouse", "pst_colour", "1.0")
    wanted = {"packages": ["pst_colour==1.0"], "options": only(tmp_path / "wheelhouse")}
    environments.create(studio, "colours", wanted, by="ann")
    project = a_project(studio)
    chosen = project.settings.changed(code_environment="colours")
    studio.projects.save(KEY, {"project.yaml": chosen}, author="ann", message="Choose")
    studio.projects.save(KEY, {"services/paint.yaml": "access: {method: public}\n"},
                         author="ann", message="A service")  # fmt: skip
    services.save_endpoint(studio, KEY, "paint", SHADE, author="ann")
    answer = {"version": "1.0", "dark": True}
    assert service_queries.ask(studio, KEY, "paint", "shade", {"dark": True}).answer["response"] == answer
    services.create_version(studio, KEY, "paint", "v1", author="ann")
    node = RunningNode(tmp_path / "node", name="api1")
    Shelf(Home(node.home)).keys.trust(studio.node_keys.own(), by="test", at=datetime.now(UTC))
    node.start()
    try:
        node.deploy(services.archive(studio, KEY, "paint", "v1"), "paint")
        status, told = node.post("paint/shade/run", {"dark": True})
        assert (status, told.get("response")) == (200, answer)
        assert node.post("paint/shade/run", {"light": 1})[0] == 400
    finally:
        node.stop()


def test_a_package_whose_environment_was_not_built_says_so_with_a_code(tmp_path: Path) -> None:
    studio = a_node(tmp_path)
    environments.create(studio, "bare", {}, by="ann")
    a_project(studio)
    studio.projects.save(
        KEY, {"services/paint.yaml": "access: {method: public}\n"}, author="ann", message="One"
    )
    plain = {
        "type": "python_function",
        "name": "one",
        "code": "def one(): return 1",
        "code_environment": "bare",
    }
    services.save_endpoint(studio, KEY, "paint", plain, author="ann")
    packed = service_packing.pack(studio, KEY, "paint", "v1", tmp_path)
    package = OpenedPackage.of(packed.unpacked(tmp_path / "package"))
    with pytest.raises(EnvironmentMissing, match="bare of endpoint one is not built") as raised:
        package.manifest.endpoint("one").open(package.context("one"))
    assert raised.value.code == "environment-missing"


def test_errors_of_the_other_process_are_the_same_and_its_end_is_told(tmp_path: Path) -> None:
    studio = a_node(tmp_path)
    environments.create(studio, "bare", {}, by="ann")
    python = environments.interpreter(studio, a_project(studio), "bare")
    assert python is not None
    ends = "return os._exit(3) if x < 0 else {'pid': os.getpid(), 'x': 1 / x}"
    code = f"import os\ndef f(x):\n    print('noise')\n    {ends}\n"
    opened = FunctionElsewhere(python, {"name": "f", "code": code, "function": ""}, tmp_path)
    try:
        found = opened.answer("run", {"x": 2})
        assert found.body["response"]["x"] == 0.5
        assert found.body["response"]["pid"] != os.getpid()
        with pytest.raises(BadQuery, match="does not take"):
            opened.answer("run", {"y": 2})
        with pytest.raises(AnswerFailed, match="ZeroDivisionError"):
            opened.answer("run", {"x": 0})
        with pytest.raises(AnswerFailed, match="ended before it answered"):
            opened.answer("run", {"x": -1})
        assert opened.answer("run", {"x": 1}).status == 200, "the next query has a process of its own"
    finally:
        opened.close()
    with pytest.raises(AnswerFailed, match="no such thing"):
        FunctionElsewhere(
            python, {"name": "f", "code": f"raise ValueError('no such thing')\n{code}"}, tmp_path
        )
