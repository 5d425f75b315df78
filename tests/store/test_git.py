"""History, differences, revert; and the git of people beside ours."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.errors import Invalid, InvalidDefinition, NotFound
from penstock.store.git import Repository, blob_hash, cloned, signature, unified_diff
from penstock.store.projects import FileProjects

IN = "flow/datasets/a.yaml"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def save(projects: FileProjects, **fields: Any) -> str:
    definition = registry.parse("datasets", {"type": "outer", **fields})
    return projects.save("P", {IN: definition}, author="Eva", message=f"Save {fields}")


def test_history_is_newest_first_and_of_one_file_when_named(projects: FileProjects) -> None:
    first, second = save(projects, limit=1), save(projects, limit=2)
    projects.set_variables("P", {"x": 1}, author="Jo <jo@bank.example>")
    assert projects.history("P")[0].message == "Set variables: x"
    assert projects.history("P")[0].author == "Jo <jo@bank.example>"
    assert [r.id for r in projects.history("P", IN)] == [second, first]
    assert [r.id for r in projects.history("P", limit=1)] == [projects.history("P")[0].id]
    assert projects.history("P", IN)[0].files == (IN,)


def test_a_difference_is_shown_as_git_shows_it(projects: FileProjects) -> None:
    first, second = save(projects, limit=1), save(projects, limit=2)
    expected = f"--- a/{IN}\n+++ b/{IN}\n@@ -1,2 +1,2 @@\n type: outer\n-limit: 1\n+limit: 2\n"
    assert projects.diff("P", first, second) == expected
    assert projects.diff("P", first[:8]) == expected
    assert projects.diff("P", first, second, "project.yaml") == ""
    (projects.path("P") / IN).unlink()
    assert f"+++ /dev/null\n@@ -1,2 +0,0 @@\n-type: outer\n-limit: 2\n" in projects.diff("P", second)  # noqa: F541


def test_a_revert_brings_definitions_back_as_a_new_commit(projects: FileProjects) -> None:
    first = save(projects, limit=1)
    save(projects, limit=2)
    projects.set_variables("P", {"x": 1}, author="Eva")
    projects.revert("P", first, author="Eva", file=IN)
    assert projects.read("P", IN)[0] == "type: outer\nlimit: 1\n"
    assert projects.load("P").settings.variables == {"x": 1}
    projects.revert("P", first, author="Eva")
    assert projects.load("P").settings.variables == {}
    assert len(projects.history("P")) == 6
    assert projects.uncommitted("P") == []


def test_a_revert_of_a_file_that_was_not_there_then_removes_it(projects: FileProjects) -> None:
    start = projects.history("P")[0].id
    save(projects, limit=1)
    projects.revert("P", start, author="Eva")
    assert projects.load("P").items == {}


def test_a_revert_that_would_break_the_project_is_refused(projects: FileProjects) -> None:
    start = projects.history("P")[0].id
    save(projects, limit=1)
    files = {
        "flow/datasets/b.yaml": registry.parse("datasets", {"type": "inner"}),
        "flow/recipes/r.yaml": registry.parse("recipes", {"type": "copying", "input": "a", "output": "b"}),
    }
    projects.save("P", files, author="Eva", message="Use a")
    with pytest.raises(InvalidDefinition, match="no object 'a'"):
        projects.revert("P", start, author="Eva", file=IN)


def test_an_unknown_commit_or_file_is_not_found(projects: FileProjects) -> None:
    for ask in (
        lambda: projects.diff("P", "0" * 40),
        lambda: projects.revert("P", "nonsense", author="Eva"),
        lambda: projects.revert("P", "HEAD", author="Eva", file="flow/datasets/x.yaml"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_commits_are_named_from_the_last_one_backwards(projects: FileProjects) -> None:
    ids = [save(projects, limit=n) for n in range(3)]
    repository = Repository(projects.path("P"))
    assert [repository.id_of(f"HEAD{back}") for back in ("", "~1", "~2", "^^", "~1^")] == [
        ids[2], ids[1], ids[0], ids[0], ids[0]
    ]  # fmt: skip
    assert repository.id_of(f"{ids[2][:8]}~") == ids[1]
    assert "-limit: 1\n+limit: 2\n" in projects.diff("P", "HEAD~1", "HEAD")
    for name in ("HEAD~4", "HEAD~x", "~9", ids[0][:2]):
        with pytest.raises(NotFound):
            repository.id_of(name)


def test_mode_and_neighbours_of_a_file_stay_in_the_tree(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.prepare()
    repository.commit({"a/b/c": b"1", "a/d": b"2", "e": b"3"}, author="E", message="one", at=NOON)
    repository.commit({"a/b/c": None, "e": b"4", "never": None}, author="E", message="two", at=NOON)
    assert repository.files("HEAD") == {"a/d": b"2", "e": b"4"}
    assert [r.files for r in repository.history()] == [("a/b/c", "e"), ("a/b/c", "a/d", "e")]


def test_bytes_once_committed_are_found_by_their_hash(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.prepare()
    repository.commit({"a": b"1"}, author="E", message="one", at=NOON)
    assert repository.blob(blob_hash(b"1")) == b"1"
    assert repository.blob(blob_hash(b"2")) is None
    assert repository.blob("") is None


def test_bytes_that_are_no_text_only_say_that_they_differ() -> None:
    assert unified_diff({"a": b"\xff"}, {"a": b"\xfe"}) == "Binary files a/a and b/a differ\n"


@pytest.mark.parametrize(
    ("author", "begins"),
    [("Eva", "Eva <eva@"), ("", "somebody <"), ("A <x@y>", "A <x@y>"), ("<b\n>", "b <")],
)
def test_an_author_always_has_a_name_and_an_address(author: str, begins: str) -> None:
    assert signature(author).startswith(begins)
    assert "\n" not in signature(author)


@pytest.mark.skipif(shutil.which("git") is None, reason="no git program here")
def test_the_git_of_people_sees_a_clean_state_and_a_sound_repository(projects: FileProjects) -> None:
    def git(*words: str) -> str:
        command = ["git", "-C", str(projects.path("P")), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    save(projects, limit=1)
    assert git("status", "--porcelain") == ""
    assert git("fsck", "--strict") == ""
    assert git("branch", "--show-current") == "main\n"
    (projects.path("P") / IN).write_text("type: outer\nlimit: 9\n")
    git("-c", "user.name=Jo", "-c", "user.email=jo@x", "commit", "-qam", "By hand")
    assert projects.history("P")[0].message == "By hand"
    assert projects.uncommitted("P") == []
    save(projects, limit=10)
    assert git("log", "--format=%s", "-1") == "Save {'limit': 10}\n"


def test_the_newest_change_of_a_file_is_searched_once_for_each_commit(projects: FileProjects) -> None:
    save(projects, limit=1)
    first = projects.history("P", IN, limit=1)
    save(projects, limit=2)
    assert projects.history("P", IN, limit=1) != first
    newest = projects.history("P", IN, limit=1)
    shutil.rmtree(projects.path("P") / ".git" / "objects")
    (projects.path("P") / ".git" / "objects").mkdir()
    assert projects.history("P", IN, limit=1) == newest


@pytest.mark.parametrize(
    "address", ["a:b", "-oProxyCommand=x:y", "<b>x</b>", "javascript:alert(1)", "gone/folder", ""]
)
def test_what_is_no_address_of_a_repository_is_asked_nowhere(tmp_path: Path, address: str) -> None:
    with pytest.raises(Invalid, match="no address"):
        cloned(address, tmp_path / "there")
    assert not (tmp_path / "there").exists()
