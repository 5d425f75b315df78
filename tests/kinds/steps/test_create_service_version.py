from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.outcome import Outcome
from penstock.deploy import services
from tests.runtime.acts import KEY, a_scenario, a_stage, named, run, steps

STEP = {"type": "create_service_version", "service": "tools", "version": "v", "variable": "version_id"}


@pytest.mark.requirement("D99")
def test_each_run_makes_the_next_version_and_later_steps_know_its_id(tmp_path: Path) -> None:
    node = a_stage(tmp_path)
    services.create(node, KEY, "tools", author="ann")
    function = {"type": "python_function", "name": "one", "code": "def one(): return 1"}
    services.save_endpoint(node, KEY, "tools", function, author="ann")
    read = {"type": "define_variables", "formulas": {"told": "version_id"}}
    a_scenario(
        node, "ship", {**STEP, "release_notes": "By ${scenarioName}."}, named("read", read), author="ben"
    )
    for expected in ("v", "v1"):
        assert steps(node, run(node, "ship"))["read"].output == {"told": expected}
    newest = services.versions(node, KEY, "tools")[0]
    assert (newest.version, newest.created_by, newest.release_notes) == ("v1", "ben", "By ship.")


@pytest.mark.requirement("D98")
def test_a_version_that_cannot_be_made_fails_the_step(tmp_path: Path) -> None:
    node = a_stage(tmp_path)
    services.create(node, KEY, "tools", author="ann")
    a_scenario(node, "ship", STEP)
    assert run(node, "ship").outcome is Outcome.FAILED
    assert services.versions(node, KEY, "tools") == []
