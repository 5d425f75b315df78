from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from penstock.app import open_node
from penstock.core.errors import BeingBuilt, JobFailed
from penstock.core.job import JobState
from penstock.core.node import Node
from penstock.runtime import holding, jobs, recovery

from .stage import a_node, a_project, do, fill


def staged(home: Path, **settings: Any) -> Node:
    node = a_node(home, a_project({"make": do("", "a"), "copy": do("a", "b")}), **settings)
    fill(node, "a")
    return node


def dies_holding(home: str) -> None:
    with holding.hold(open_node(Path(home)), "P", ["a", "b"], verb="Try again"):
        os._exit(9)


def killed_while_holding(node: Node) -> None:
    assert node.runs.holders() == []  # the home is open before, so that opening it is not what frees them
    child = multiprocessing.get_context("spawn").Process(target=dies_holding, args=(str(node.config.home),))
    child.start()
    child.join()
    assert child.exitcode == 9


def test_what_is_held_is_not_built_until_it_is_let_go(tmp_path: Path) -> None:
    node = staged(tmp_path, wait_for_object=0.05)
    with holding.hold(node, "P", ["a"], verb="Try again"):
        with pytest.raises(JobFailed, match=r"Another version of 'a'.*waiting 0.05 seconds"):
            jobs.build(node, "P", ["a"])
        with (
            pytest.raises(BeingBuilt, match="Another version of 'a'"),
            holding.hold(node, "P", ["a"], verb="Try again"),
        ):
            pass
    assert jobs.build(node, "P", ["a"]).state is JobState.DONE


@pytest.mark.parametrize("who", ["a job", "one who looks", "one who holds", "a home that is opened"])
def test_who_died_holding_something_is_in_nobodys_way(tmp_path: Path, who: str) -> None:
    node = staged(tmp_path)
    killed_while_holding(node)
    assert set(node.runs.held("P")) == {"a", "b"}
    if who == "a job":
        assert jobs.build(node, "P", ["b"]).state is JobState.DONE
    elif who == "one who looks":
        holding.check_free(node, "P", ["a"], verb="Try again")
    elif who == "one who holds":
        with holding.hold(node, "P", ["a"], verb="Try again"):
            assert node.runs.held("P")["a"] != node.runs.held("P").get("b")
    else:
        assert open_node(node.config.home).runs.holders() == []
    assert node.runs.held("P") == {}


def test_who_looks_claims_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = staged(tmp_path)

    def refused(*_: object) -> dict[str, str]:
        raise AssertionError("A process killed after this would leave a claim.")

    monkeypatch.setattr("penstock.store.runs.SqlRuns.claim", refused)
    holding.check_free(node, "P", ["a"], verb="Try again")
    assert node.runs.holders() == []


def test_a_living_process_keeps_what_it_holds(tmp_path: Path) -> None:
    node = staged(tmp_path)
    with holding.hold(node, "P", ["a"], verb="Try again"):
        recovery.recover(node)
        assert set(node.runs.held("P")) == {"a"}
    assert node.runs.held("P") == {}
