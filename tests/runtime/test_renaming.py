from __future__ import annotations

from pathlib import Path

import pytest

from penstock.app import open_node
from penstock.core import metric
from penstock.core.errors import BeingBuilt
from penstock.core.job import BuildMode, Job
from penstock.core.metric import ObjectKey
from penstock.core.node import Node
from penstock.runtime import datasets, folders, jobs, projects, recovery


def a_chain(tmp_path: Path) -> Node:
    """inbox (folder) → source → copy → middle → again → end, all built"""
    node = open_node(tmp_path / "home", user="ann")
    node.projects.create("DEMO", title="", author="ann")
    files = {
        "flow/folders/inbox.yaml": "{}\n",
        "flow/datasets/source.yaml": "type: files\nfolder: inbox\nformat: csv\n",
        "flow/datasets/middle.yaml": "type: managed\n",
        "flow/datasets/end.yaml": "type: managed\n",
        "flow/recipes/copy.yaml": "type: sync\ninput: source\noutput: middle\n",
        "flow/recipes/again.yaml": "type: sync\ninput: middle\noutput: end\n",
    }
    node.projects.save("DEMO", files, author="ann", message="A chain")
    (tmp_path / "april.csv").write_text("n\n1\n")
    folders.put(node, "DEMO", "inbox", [tmp_path / "april.csv"])
    jobs.build(node, "DEMO", ["end"])
    return node


@pytest.mark.requirement("A26")
@pytest.mark.parametrize("name", ["middle", "end", "source", "inbox", "copy"])
def test_a_renamed_object_keeps_its_data_and_nothing_becomes_stale(tmp_path: Path, name: str) -> None:
    node = a_chain(tmp_path)
    projects.rename(node, "DEMO", name, f"{name}_2", author="ann")
    end = "end_2" if name == "end" else "end"
    assert jobs.preview(node, "DEMO", [end]).activities == ()
    assert datasets.count(node, "DEMO", end) == 1


def test_what_was_stale_before_a_rename_is_stale_after_it(tmp_path: Path) -> None:
    node = a_chain(tmp_path)
    (tmp_path / "may.csv").write_text("n\n2\n")
    folders.put(node, "DEMO", "inbox", [tmp_path / "may.csv"])
    projects.rename(node, "DEMO", "middle", "centre", author="ann")
    made = jobs.preview(node, "DEMO", ["end"])
    assert [(a.recipe, a.reason) for a in made.activities] == [
        ("copy", "input source changed: 1 file added"),
        ("again", "an input will be rebuilt: centre"),
    ]


def test_the_metrics_follow(tmp_path: Path) -> None:
    node = a_chain(tmp_path)
    projects.rename(node, "DEMO", "end", "final", author="ann")
    assert metric.BUILD_SUCCESS in node.metrics.last(ObjectKey(project="DEMO", type="dataset", name="final"))
    assert node.metrics.last(ObjectKey(project="DEMO", type="dataset", name="end")) == {}


def test_an_object_under_construction_is_not_renamed(tmp_path: Path) -> None:
    node = a_chain(tmp_path)
    job = Job(
        id="j", project="DEMO", mode=BuildMode.REQUIRED, targets=("end",), initiator="ann",
        created_at=node.clock.now(), owner=recovery.owner(),
    )  # fmt: skip
    node.runs.add_job(job)
    node.runs.claim("DEMO", ["end"], "j")
    with pytest.raises(BeingBuilt, match="job j"):
        projects.rename(node, "DEMO", "end", "final", author="ann")
