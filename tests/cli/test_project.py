"""Projects from the command line."""

from __future__ import annotations

import shutil

import pytest

from .bank import Bank


def test_a_project_is_made_shown_and_deleted(empty: Bank) -> None:
    assert empty.ok("project", "list").out.startswith("No project yet")
    assert "projects/NEW" in empty.ok("project", "create", "NEW", "--title", "A title").out
    assert empty.ok("project", "list", "--json").json[0]["title"] == "A title"
    empty.ok("project", "delete", "NEW", "--yes")
    assert empty.ok("project", "list", "--json").json == []


def test_validate_names_file_line_and_nearest_word_and_exits_with_2(own: Bank) -> None:
    assert own.ok("project", "validate").out == "Everything is well formed.\n"
    file = own.project.definitions().path / "flow/recipes/score_it.yaml"
    file.write_text(file.read_text().replace("input:", "inptu:"))
    said = own.run("project", "validate")
    assert said.code == 2
    assert "flow/recipes/score_it.yaml:2" in said.out
    assert "input" in said.out
    [problem, *_] = own.run("project", "validate", "--json").json
    assert (problem["file"], problem["line"]) == ("flow/recipes/score_it.yaml", 2)


def test_a_rename_a_diff_and_a_revert_are_saves_people_can_follow(own: Bank) -> None:
    before = own.ok("project", "history", "--json").json[0]["commit"]
    own.ok("project", "rename", "scored", "predicted")
    assert "output: predicted" in own.ok("project", "diff", before).out
    assert own.ok("dataset", "count", "predicted").out == "300\n"
    own.ok("project", "revert", before)
    assert own.ok("recipe", "show", "score_it", "--json").json["output"] == "scored"
    assert len(own.ok("project", "history", "--json").json) == 3


def test_removing_what_something_names_is_refused(own: Bank) -> None:
    assert own.run("project", "remove", "may").code == 2
    own.ok("project", "remove", "large_ones")
    own.ok("project", "remove", "large")
    assert "large" not in own.ok("project", "show", "--json").json["datasets"]


@pytest.mark.requirement("A06")
def test_descriptions_survive_a_copy_of_the_folder_taken_in_elsewhere(
    own: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = own.home.parent / "COPY"
    shutil.copytree(own.project.definitions().path, copy)
    other = Bank(own.home.parent / "other", monkeypatch)
    other.ok("project", "add", str(copy))
    shown = other.ok("dataset", "show", "history", "--json").json
    assert shown["short_description"] == "Purchases so far"
    assert shown["description"] == "Long words about *purchases*.\n"
    assert [c["description"] for c in shown["columns"] if c["name"] == "amount"] == ["In euros"]


def test_status_says_the_worst_and_where(own: Bank) -> None:
    own.run("check", "run", "mes")
    found = own.ok("project", "status", "--json").json
    assert found["models"]["verdict"] == "ERROR"
    assert "Data Drift < 0.7" in own.ok("project", "status").out


def test_which_project_must_be_said_when_there_are_several(
    own: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.ok("project", "create", "OTHER")
    said = own.run("dataset", "list")
    assert said.code == 2
    assert "BANK, OTHER" in said.err
    assert own.ok("-p", "BANK", "dataset", "list").out
    monkeypatch.setenv("PENSTOCK_PROJECT", "")
    monkeypatch.chdir(own.home / "projects" / "BANK" / "flow")
    assert "history" in own.ok("dataset", "list").out
