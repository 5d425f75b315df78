"""Old project files become today's, text to text."""

from __future__ import annotations

import pytest

from penstock.core.errors import Refused
from penstock.store import projects as module
from penstock.store import upgrades
from penstock.store.projects import FileProjects


def rename_place(files: upgrades.Texts) -> upgrades.Texts:
    return {file: text.replace("plaze:", "place:") for file, text in files.items()}


def move_notes(files: upgrades.Texts) -> upgrades.Texts:
    return {file.replace("notes.md", "wiki/home.md"): text for file, text in files.items()}


def test_steps_follow_each_other_in_order() -> None:
    through = {3: lambda f: {**f, "x": f["x"] + "3"}, 2: lambda f: {**f, "x": f["x"] + "2"}}
    assert upgrades.upgrade({"x": "1"}, have=1, want=3, through=through) == {"x": "123"}
    assert upgrades.upgrade({"x": "1"}, have=2, want=3, through=through) == {"x": "13"}
    assert upgrades.upgrade({"x": "1"}, have=3, want=3, through=through) == {"x": "1"}


@pytest.mark.parametrize("have", [0, -1, "one", None, True, 99])
def test_a_format_we_do_not_know_is_refused(have: object) -> None:
    with pytest.raises(Refused, match="format"):
        upgrades.check_format("P", have)


def test_an_old_project_opens_upgraded_with_its_comments_as_one_commit(
    projects: FileProjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = projects.path("P")
    (path / "flow/datasets").mkdir(parents=True)
    (path / "project.yaml").write_text("# ours\nformat: 1  # old\n")
    (path / "flow/datasets/a.yaml").write_text("type: outer\nplaze: here  # where\n")
    (path / "notes.md").write_text("plain")
    for place in (upgrades, module):
        monkeypatch.setattr(place, "FORMAT", 3)
    monkeypatch.setattr(upgrades, "steps", lambda: {2: rename_place, 3: move_notes})
    project = projects.load("P")
    assert getattr(project.datasets["a"], "place") == "here"  # noqa: B009
    assert (path / "flow/datasets/a.yaml").read_text() == "type: outer\nplace: here  # where\n"
    assert (path / "project.yaml").read_text() == "# ours\nformat: 3  # old\n"
    assert (path / "wiki/home.md").read_text() == "plain"
    assert not (path / "notes.md").exists()
    assert projects.history("P")[0].message == "Upgrade the files from format 1 to 3"
    assert projects.load("P").settings.format == 3
    assert [r.message for r in projects.history("P")[1:]] == [
        "Edited by hand: flow/datasets/a.yaml, notes.md, project.yaml",
        "Create project P",
    ]


def test_every_step_there_is_leads_to_a_format_we_know() -> None:
    assert all(2 <= number <= upgrades.FORMAT for number in upgrades.steps())
