"""Projects from the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

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


def test_a_save_tells_every_problem_that_validate_tells(own: Bank, tmp_path: Path) -> None:
    file = own.project.definitions().path / "scenarios" / "s.yaml"
    file.parent.mkdir(exist_ok=True)
    steps = (
        "{type: build, items: [scord]}, {type: clear, items: [z], run_if: {condition: \"outcome == 'FAIL'\"}}"
    )
    file.write_text(f"steps: [{steps}]\n")
    said = own.run("project", "validate").out.splitlines()[:-1]
    assert len(said) == 3
    saved = own.run("project", "save", "-m", "Mine")
    assert (saved.code, saved.err.splitlines()) == (2, said)
    taken = file.rename(tmp_path / "s.yaml")
    again = own.run("scenario", "save", "s", str(taken))
    assert (again.code, len(again.err.splitlines())) == (2, 3)


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
    assert "penstock check run NAME" in own.ok("project", "status").out
    own.run("check", "run", "mes")
    assert "penstock check history mes" in own.ok("project", "status").out
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


def test_what_is_typed_is_shown_as_not_saved_and_saved_with_a_message(own: Bank) -> None:
    file = own.project.definitions().path / "flow/datasets/may.yaml"
    file.write_text(file.read_text() + "tags: [typed]\n")
    assert own.ok("project", "history").out.startswith("not saved yet: flow/datasets/may.yaml\n")
    assert "+tags: [typed]" in own.ok("project", "diff").out
    assert own.ok("project", "save", "-m", "A tag for May").out.startswith("Saved as ")
    newest = own.ok("project", "history", "--json").json[0]
    assert (newest["message"], newest["files"]) == ("A tag for May", ["flow/datasets/may.yaml"])
    assert newest["author"].startswith("ann ")
    assert own.ok("project", "save", "--message", "Again").out.startswith("Nothing to save")
    assert "not saved" not in own.ok("project", "history").out
    file.write_text("type: files\ncolums: []\n")
    assert own.run("project", "save", "-m", "Broken").code == 2


def test_a_revert_says_what_it_saved_first_or_that_there_is_nothing_to_do(own: Bank) -> None:
    assert own.ok("project", "revert", "HEAD").out.startswith("Nothing to revert")
    file = own.project.definitions().path / "flow/datasets/may.yaml"
    before = file.read_text()
    file.write_text(before + "tags: [typed]\n")
    said = own.ok("project", "revert", "HEAD").out
    assert "First, what was edited by hand was saved: flow/datasets/may.yaml" in said
    assert file.read_text() == before
    own.ok("project", "revert", "HEAD~1")
    assert "typed" in file.read_text()


@pytest.mark.parametrize(
    "command",
    [["project", "validate"], ["flow", "build", "large"], ["check", "run", "may"], ["metric", "compute", "may"]],
    ids=lambda words: " ".join(words[:2]),
)  # fmt: skip
def test_whoever_runs_or_approves_what_was_typed_finds_it_in_the_history(
    own: Bank, command: list[str]
) -> None:
    file = own.project.definitions().path / "flow/datasets/may.yaml"
    file.write_text(file.read_text() + "tags: [typed]\n")
    for reading in (
        ["dataset", "list"],
        ["flow", "show"],
        ["flow", "preview", "large"],
        ["project", "diff", "HEAD"],
    ):
        own.ok(*reading)
    assert len(own.project.pending()) == 1
    own.run(*command)
    assert own.project.history()[0].message == "Edited by hand: flow/datasets/may.yaml"
    assert own.project.pending() == []


def test_reading_beside_a_broken_file_works_and_names_it_on_stderr(own: Bank) -> None:
    file = own.project.definitions().path / "flow/recipes/score_it.yaml"
    file.write_text(file.read_text().replace("input:", "inptu:"))
    one_line = "1 other file of the project cannot be read: flow/recipes/score_it.yaml."
    for command in ("evaluation list mes", "dataset head may", "check list mes", "model versions authorized"):
        said = own.ok(*command.split(), "--json")
        assert said.err.strip() == one_line, command
        assert said.json
    assert own.ok("project", "show", "--json").err.startswith("flow/recipes/score_it.yaml:2: inptu:")
    assert own.run("recipe", "show", "score_it").code == 2
    assert own.run("flow", "build", "scored").code == 2


def test_of_several_broken_files_that_of_the_object_asked_about_comes_first_and_the_others_in_one_line(
    own: Bank,
) -> None:
    root = own.project.definitions().path
    for file in ("flow/recipes/score_it.yaml", "flow/evaluations/mes.yaml"):
        (root / file).write_text("nonsense: 1\n")
    (root / "scenarios").mkdir(exist_ok=True)
    (root / "scenarios/nightly.yaml").write_text("nonsense: 1\n")
    lines = own.run("scenario", "show", "nightly").err.strip().splitlines()
    assert lines[0].startswith("scenarios/nightly.yaml:1: nonsense")
    assert lines[1] == (
        "2 other files of the project cannot be read: flow/evaluations/mes.yaml, flow/recipes/score_it.yaml."
    )
    listed = own.ok("scenario", "list").err.strip().splitlines()
    assert [line.partition(":")[0] for line in listed] == [
        "flow/evaluations/mes.yaml", "flow/recipes/score_it.yaml", "scenarios/nightly.yaml",
    ]  # fmt: skip


def test_a_home_is_made_by_making_a_project_and_by_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = Bank(tmp_path / "hoem", monkeypatch)
    (tmp_path / "home" / "projects").mkdir(parents=True)
    said = nowhere.run("project", "list")
    assert said.code == 3
    assert f"Did you mean {tmp_path / 'home'}?" in said.err
    assert not nowhere.home.exists()
    nowhere.ok("project", "create", "NEW")
    assert nowhere.ok("project", "list", "--json").json[0]["key"] == "NEW"


def test_whoever_stands_in_a_project_needs_to_name_neither_home_nor_project(
    own: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.ok("project", "create", "OTHER")
    monkeypatch.delenv("PENSTOCK_HOME")
    monkeypatch.chdir(own.home / "projects" / "BANK" / "flow")
    assert "history" in own.ok("dataset", "list").out
