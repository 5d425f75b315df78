"""What people type into the files of a project: nothing of it is ever lost, and all of it becomes history."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import EditedByHand, InvalidDefinition
from penstock.store.projects import FileProjects

from .test_projects import COPY, IN, OUT, a_flow, dataset, save, write

TYPED = "type: outer\nlimit: 7  # typed\n"
BROKEN = "type: outer\nlimit: many\n"


def messages(projects: FileProjects) -> list[str]:
    return [revision.message for revision in projects.history("P")]


def text(projects: FileProjects, file: str) -> str:
    return projects.read("P", file)[0]


@pytest.fixture
def edited(projects: FileProjects) -> FileProjects:
    """A flow whose first dataset somebody has changed with an editor."""
    a_flow(projects)
    write(projects, IN, TYPED)
    return projects


def test_a_save_leaves_what_others_typed_to_a_commit_of_its_own(edited: FileProjects) -> None:
    save(edited, {OUT: dataset("inner", title="B")})
    assert messages(edited)[:2] == ["Change", f"Edited by hand: {IN}"]
    assert edited.history("P")[0].files == (OUT,)
    assert edited.history("P")[1].files == (IN,)
    assert edited.uncommitted("P") == []


def test_a_save_of_a_file_somebody_typed_into_comes_after_their_text(edited: FileProjects) -> None:
    save(edited, {IN: edited.load("P").datasets["a"].changed(limit=8)})
    assert messages(edited)[:2] == ["Change", f"Edited by hand: {IN}"]
    assert "-limit: 7  # typed\n+limit: 8  # typed\n" in edited.diff("P", "HEAD~1", "HEAD")
    assert "+limit: 7  # typed\n" in edited.diff("P", "HEAD~2", "HEAD~1")


def test_a_save_of_just_what_was_typed_is_that_save(edited: FileProjects) -> None:
    save(edited, {IN: edited.load("P").datasets["a"]})
    assert messages(edited)[0] == "Change"
    assert edited.history("P")[0].author.startswith("Eva ")
    assert edited.uncommitted("P") == []


@pytest.mark.parametrize("file", ["", IN])
def test_a_revert_keeps_what_was_typed_in_the_history(edited: FileProjects, file: str) -> None:
    before = edited.history("P")[0].id
    edited.revert("P", "HEAD", author="Eva", file=file)
    assert text(edited, IN) == "type: outer\n"
    assert messages(edited)[0].startswith("Bring ")
    assert messages(edited)[1] == f"Edited by hand: {IN}"
    assert edited.diff("P", before) == ""
    edited.revert("P", "HEAD~1", author="Eva")
    assert text(edited, IN) == TYPED


def test_a_new_file_that_a_revert_takes_away_can_be_brought_back(projects: FileProjects) -> None:
    a_flow(projects)
    write(projects, "flow/datasets/new.yaml", "type: inner\n")
    write(projects, "notes.md", "mine")
    assert "+mine" in projects.diff("P", "HEAD")
    projects.revert("P", "HEAD", author="Eva")
    assert not (projects.path("P") / "notes.md").exists()
    projects.revert("P", "HEAD~1", author="Eva")
    assert (text(projects, "notes.md"), list(projects.load("P").items)) == ("mine", ["a", "b", "new"])


def test_a_rename_keeps_what_was_typed_apart(edited: FileProjects) -> None:
    write(edited, COPY, "type: copying\ninput: a  # typed\noutput: b\n")
    edited.rename("P", "a", "better", author="Eva")
    assert messages(edited)[:2] == ["Rename a to better", f"Edited by hand: {IN}, {COPY}"]


@pytest.mark.parametrize("what", ["save", "remove", "revert", "revert file"])
def test_what_would_destroy_a_text_that_is_not_well_formed_is_refused_with_the_text(
    projects: FileProjects, what: str
) -> None:
    a_flow(projects)
    projects.save("P", {IN: None, COPY: None}, author="Eva", message="Without")
    write(projects, IN, BROKEN)
    before = messages(projects)
    doing = {
        "save": lambda: save(projects, {IN: dataset()}),
        "remove": lambda: save(projects, {IN: None}),
        "revert": lambda: projects.revert("P", "HEAD~1", author="Eva"),
        "revert file": lambda: projects.revert("P", "HEAD~1", author="Eva", file=IN),
    }
    with pytest.raises(EditedByHand, match=r"edited by hand(.|\n)*\+limit: many"):
        doing[what]()
    assert text(projects, IN) == BROKEN
    assert messages(projects) == before


def test_a_text_that_is_not_well_formed_stays_out_of_the_history_and_hinders_nobody(
    edited: FileProjects,
) -> None:
    write(edited, "flow/datasets/odd.yaml", BROKEN)
    assert edited.settle("P", author="Jo")
    assert messages(edited)[0] == f"Edited by hand: {IN}"
    assert edited.uncommitted("P") == ["flow/datasets/odd.yaml"]
    assert edited.settle("P", author="Jo") == ""
    save(edited, {OUT: dataset("inner", title="B")})
    edited.revert("P", "HEAD~1", author="Eva", file=OUT)
    assert edited.uncommitted("P") == ["flow/datasets/odd.yaml"]


def test_everything_typed_is_saved_with_a_message_or_refused_as_a_whole(edited: FileProjects) -> None:
    write(edited, "lib/x.py", "a = 1\n")
    id = edited.commit("P", author="Eva", message="Better limits")
    assert edited.history("P")[0].id == id
    assert (messages(edited)[0], edited.history("P")[0].files) == ("Better limits", (IN, "lib/x.py"))
    assert edited.commit("P", author="Eva", message="Nothing") == ""
    write(edited, "lib/x.py", "a = 2\n")
    write(edited, IN, BROKEN)
    with pytest.raises(InvalidDefinition, match="limit"):
        edited.commit("P", author="Eva", message="Broken")
    assert edited.uncommitted("P") == [IN, "lib/x.py"]


def test_what_was_typed_is_by_the_user_of_the_node(edited: FileProjects) -> None:
    ours = FileProjects(edited.home, user="Ann")
    ours.set_variables("P", {"x": 1}, author="Jo")
    assert [r.author.partition(" ")[0] for r in ours.history("P")[:2]] == ["Jo", "Ann"]


def test_a_revert_to_what_is_there_already_makes_no_commit(projects: FileProjects) -> None:
    a_flow(projects)
    before = messages(projects)
    assert projects.revert("P", "HEAD", author="Eva") == ""
    assert messages(projects) == before


def test_reading_commits_nothing(edited: FileProjects) -> None:
    before = messages(edited)
    (
        edited.load("P"),
        edited.validate("P"),
        edited.diff("P", "HEAD"),
        edited.uncommitted("P"),
        text(edited, IN),
    )
    assert (messages(edited), edited.uncommitted("P")) == (before, [IN])


def test_hidden_ignored_and_huge_files_are_left_to_peoples_own_git(
    projects: FileProjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("penstock.store.edits.MOST_BYTES", 1000)
    write(projects, "lib/x.pyc", "compiled")
    write(projects, ".secret", "hidden")
    write(projects, "data.csv", "1," * 1000)
    assert projects.uncommitted("P") == []
    assert projects.diff("P", "HEAD") == ""
    projects.revert("P", "HEAD", author="Eva")
    assert (projects.path("P") / "data.csv").exists()


def test_files_only_peoples_own_git_keeps_are_not_gone(projects: FileProjects) -> None:
    from datetime import UTC, datetime

    from penstock.store.git import Repository

    write(projects, ".github/w.yaml", "x")
    Repository(projects.path("P")).commit(
        {".github/w.yaml": b"x"}, author="Eva", message="Theirs", at=datetime(2026, 3, 1, tzinfo=UTC)
    )
    assert (projects.uncommitted("P"), projects.diff("P", "HEAD")) == ([], "")


def test_a_folder_that_was_never_under_git_becomes_a_history(projects: FileProjects) -> None:
    import shutil

    a_flow(projects)
    shutil.rmtree(projects.path("P") / ".git")
    fresh = FileProjects(projects.home)
    assert fresh.uncommitted("P") == [".gitignore", IN, OUT, COPY, "project.yaml"]
    fresh.settle("P", author="Eva")
    assert fresh.uncommitted("P") == []


def test_asking_for_edits_again_reads_no_file_and_opens_no_git(
    projects: FileProjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_flow(projects)
    monkeypatch.setattr("penstock.store.edits.SETTLED", -(10**18))
    assert projects.uncommitted("P") == []
    read: list[Path] = []
    original = Path.read_bytes

    def counted(path: Path) -> bytes:
        read.append(path)
        return original(path)

    def no_git(name: str, *rest: Any, **more: Any) -> Any:
        assert not name.startswith("dulwich"), "git was opened"
        return imported(name, *rest, **more)

    imported = builtins.__import__
    monkeypatch.setattr(Path, "read_bytes", counted)
    monkeypatch.setattr(builtins, "__import__", no_git)
    assert FileProjects(projects.home).settle("P", author="Eva") == ""
    assert [path.name for path in read] == ["P.edits.json"]
