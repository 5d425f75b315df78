"""What somebody else's repository may hold, and what a project shared through it must not lose or believe."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import (
    Conflict,
    Failed,
    Invalid,
    InvalidDefinition,
    InvalidName,
    Refused,
    UnsafeArchive,
)
from penstock.core.node import Node
from penstock.runtime import audit, version_control
from penstock.testing import a_node
from tests.runtime.test_version_control import RAW, bare, describe, said, shared

PLAIN, LINK, SUBMODULE = 0o100644, 0o120000, 0o160000
COUNTED = count(1)


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    return bare(tmp_path / "hub.git")


@pytest.fixture
def node(tmp_path: Path, hub: Path) -> Node:
    return shared(tmp_path / "home", hub)


def committed(hub: Path, files: Mapping[bytes, bytes | None], *, mode: int = PLAIN, time: int = 0) -> str:
    """A commit in a repository, as anybody could write one: names and kinds that no project has."""
    from dulwich.object_store import commit_tree_changes
    from dulwich.objects import Blob, Commit
    from dulwich.repo import Repo

    with Repo(str(hub)) as repo:
        main: Any = b"refs/heads/main"
        head: Any = repo[repo.refs[main]]
        changes: list[Any] = []
        for path, data in files.items():
            blob = Blob.from_string(data or b"")
            repo.object_store.add_object(blob)
            id = b"a" * 40 if mode == SUBMODULE else blob.id
            changes.append((path, mode, id) if data is not None else (path, None, None))
        made = Commit()
        made.tree = commit_tree_changes(repo.object_store, repo[head.tree], changes)  # type: ignore[arg-type]
        made.parents, made.author, made.committer, made.message = (
            [head.id],
            b"root <r@x>",
            b"root <r@x>",
            b"m",
        )
        made.author_time = made.commit_time = time or next(COUNTED)
        made.author_timezone = made.commit_timezone = 0
        repo.object_store.add_object(made)
        repo.refs[main] = made.id
        return made.id.decode()


def pull(node: Node, name: str = "origin", by: str = "bob") -> str:
    return version_control.pull(node, "DEMO", name=name, by=by).commit


def folder(node: Node) -> Path:
    return node.projects.path("DEMO")


@pytest.mark.parametrize(
    ("path", "mode"),
    [(b".git/config", PLAIN), (b"wiki/.GIT/hooks/x", PLAIN), (b"wiki/\xff.md", PLAIN), (b"wiki/l", LINK),
     (b"../out.yaml", PLAIN), (b"wiki/sub", SUBMODULE)],
)  # fmt: skip
def test_what_a_history_once_held_is_never_written_and_the_history_can_still_be_read(
    node: Node, hub: Path, path: bytes, mode: int
) -> None:
    settings = (folder(node) / ".git" / "config").read_text()
    bad = committed(hub, {path: b"[core]\n\tfsmonitor = evil\n"}, mode=mode)
    with pytest.raises(Refused, match="no plain file"):
        pull(node)
    committed(hub, {path: None})
    pull(node)
    assert bad in [r.id for r in node.projects.history("DEMO")]
    assert set(node.projects.files_at("DEMO", bad)) == set(node.projects.files_at("DEMO", "HEAD"))
    node.projects.diff("DEMO", bad)
    assert node.projects.revert("DEMO", bad, author="ann") == ""
    assert "evil" not in (folder(node) / ".git" / "config").read_text()
    assert settings == (folder(node) / ".git" / "config").read_text()
    assert not (folder(node).parent / "out.yaml").exists()


def test_names_that_differ_by_capital_letters_only_are_told(node: Node, hub: Path) -> None:
    committed(hub, {b"wiki/Note.md": b"1", b"wiki/note.md": b"2"})
    with pytest.raises(UnsafeArchive, match=r"note\.md' is in the commit twice, once as 'wiki/Note\.md'"):
        pull(node)


def test_a_file_is_given_another_capital_letter(node: Node, hub: Path) -> None:
    committed(hub, {b"wiki/note.md": b"1"})
    pull(node)
    committed(hub, {b"wiki/note.md": None, b"wiki/Note.md": b"1"})
    pull(node)
    assert [p.name for p in (folder(node) / "wiki").iterdir()] == ["Note.md"]


def test_a_folder_becomes_a_file_and_a_file_a_folder(node: Node, hub: Path) -> None:
    committed(hub, {b"lib/x/y.py": b"a = 1\n"})
    pull(node)
    committed(hub, {b"lib/x/y.py": None})
    committed(hub, {b"lib/x": b"text"})
    pull(node)
    assert (folder(node) / "lib" / "x").read_text() == "text"
    committed(hub, {b"lib/x": None})
    committed(hub, {b"lib/x/y.py": b"a = 2\n"})
    pull(node)
    assert (folder(node) / "lib" / "x" / "y.py").read_text() == "a = 2\n"
    assert version_control.show(node, "DEMO").pending == ()


def test_a_folder_with_something_else_in_it_is_in_the_way_of_a_file(node: Node, hub: Path) -> None:
    committed(hub, {b"lib/x/y.py": b"a = 1\n"})
    before = pull(node)
    (folder(node) / "lib" / "x" / ".mine").write_text("mine")
    committed(hub, {b"lib/x/y.py": None})
    committed(hub, {b"lib/x": b"text"})
    with pytest.raises(Refused, match=r"lib/x/\.mine"):
        pull(node)
    assert version_control.show(node, "DEMO").commit == before
    assert (folder(node) / "lib" / "x" / "y.py").read_text() == "a = 1\n"


def test_what_lies_in_the_folder_and_in_no_commit_is_not_overwritten(node: Node, hub: Path) -> None:
    (folder(node) / ".env").write_text("mine")
    (folder(node) / "wiki").mkdir()
    (folder(node) / "wiki" / "x.pyc").write_text("mine")
    committed(hub, {b".env": b"theirs", b"wiki/x.pyc": b"theirs"})
    with pytest.raises(Conflict, match=r"\.env, wiki/x\.pyc"):
        pull(node)
    assert (folder(node) / ".env").read_text() == "mine"
    (folder(node) / ".env").unlink()
    (folder(node) / "wiki" / "x.pyc").unlink()
    pull(node)
    (folder(node) / ".env").write_text("mine again")
    committed(hub, {b"wiki/other.md": b"theirs"})
    pull(node)
    assert (folder(node) / ".env").read_text() == "mine again"


def test_a_file_and_a_folder_of_the_same_name_are_changed_on_both_sides(node: Node, hub: Path) -> None:
    committed(hub, {b"wiki/x/y.md": b"theirs"})
    node.projects.save("DEMO", {"wiki/x": "ours"}, author="ann", message="Ours")
    with pytest.raises(Conflict, match="wiki/x"):
        pull(node)
    assert (folder(node) / "wiki" / "x").read_text() == "ours"


def test_two_sides_that_touch_other_files_and_make_no_whole_together_are_refused(
    node: Node, hub: Path
) -> None:
    committed(hub, {RAW.encode(): None, b"flow/recipes/copy.yaml": None})
    recipe = "type: sync\ninput: raw\noutput: more\n"
    more = {"flow/recipes/twice.yaml": recipe, "flow/datasets/more.yaml": "type: managed\n"}
    node.projects.save("DEMO", more, author="ann", message="More")
    before = version_control.show(node, "DEMO").commit
    with pytest.raises(InvalidDefinition, match=r"twice\.yaml.*'raw'"):
        pull(node)
    assert version_control.show(node, "DEMO").commit == before
    assert version_control.show(node, "DEMO").pending == ()


def test_a_commit_of_no_time_at_all_is_listed(node: Node, hub: Path) -> None:
    far = committed(hub, {b"wiki/x.md": b"x"}, time=1 << 60)
    pull(node)
    assert [r.time.year for r in node.projects.history("DEMO") if r.id == far] == [9999]


@pytest.mark.parametrize("clock", [1, 1 << 31], ids=["long ago", "in years"])
def test_what_a_commit_says_of_its_time_does_not_matter(node: Node, hub: Path, clock: int) -> None:
    describe(node, "dataset", "raw", "Ours.")
    committed(hub, {b"wiki/x.md": b"theirs"}, time=clock)
    pull(node)
    describe(node, "dataset", "made", "Ours, later.")
    shown = version_control.fetch(node, "DEMO", by="ann").remotes[0]
    assert (shown.ahead, shown.behind) == (2, 0)
    assert version_control.push(node, "DEMO", by="ann").remotes[0].ahead == 0


def test_windows_line_ends_come_and_go_as_they_are(node: Node, hub: Path) -> None:
    committed(hub, {RAW.encode(): b"type: managed\r\nshort_description: From Windows.\r\n"})
    pull(node)
    assert said(node, "raw") == "From Windows."
    assert version_control.show(node, "DEMO").pending == ()


def with_a_night(node: Node, folder: Path) -> Path:
    """A second repository of the project, where somebody added a scenario that runs as root."""
    second = bare(folder / "second.git")
    version_control.add_remote(node, "DEMO", str(second), name="second", by="ann")
    version_control.push(node, "DEMO", name="second", by="ann")
    committed(second, {b"scenarios/night.yaml": b"run_as: root\nsteps: []\n"})
    return second


def test_whoever_brought_a_commit_answers_for_it_when_it_is_made_once_more(
    node: Node, hub: Path, tmp_path: Path
) -> None:
    with_a_night(node, tmp_path)
    pull(node, "second")
    committed(hub, {b"wiki/other.md": b"theirs"})
    pull(node, by="eve")
    assert node.projects.authors_of("DEMO", "scenarios/night.yaml", "run_as") == ["bob"]


def test_whoever_took_a_project_in_answers_for_its_commits_when_they_are_made_once_more(
    node: Node, hub: Path, tmp_path: Path
) -> None:
    from penstock.runtime import projects
    from penstock.store.git import cloned

    second = with_a_night(node, tmp_path)
    other = a_node(tmp_path / "elsewhere")
    cloned(str(second), tmp_path / "clone")
    projects.add(other, tmp_path / "clone", key="DEMO", author="bob")
    version_control.add_remote(other, "DEMO", str(hub), by="bob")
    committed(hub, {b"wiki/other.md": b"theirs"})
    pull(other, by="eve")
    assert other.projects.authors_of("DEMO", "scenarios/night.yaml", "run_as") == ["bob"]


def test_branches_there_whose_names_are_no_text_or_that_are_no_commits_are_left_out(
    node: Node, hub: Path
) -> None:
    import os

    from dulwich.objects import Blob
    from dulwich.repo import Repo

    heads = os.fsencode(hub / "refs" / "heads")
    for name in (b"caf\xe9", b"caf\xc3\xa9"):
        Path(os.fsdecode(heads + b"/" + name)).write_bytes((hub / "refs/heads/main").read_bytes())
    with Repo(str(hub)) as repo:
        blob = Blob.from_string(b"no commit")
        repo.object_store.add_object(blob)
        (hub / "refs/heads/blob").write_bytes(blob.id + b"\n")
    found = version_control.fetch(node, "DEMO", by="ann")
    assert found.remotes[0].branches == ("café", "main")


def test_a_branch_there_gives_its_place_to_one_below_it_and_back(node: Node, hub: Path) -> None:
    heads = hub / "refs" / "heads"
    main = (heads / "main").read_bytes()
    (heads / "idea").write_bytes(main)
    assert version_control.fetch(node, "DEMO", by="ann").remotes[0].branches == ("idea", "main")
    (heads / "idea").unlink()
    (heads / "idea").mkdir()
    (heads / "idea" / "one").write_bytes(main)
    assert version_control.fetch(node, "DEMO", by="ann").remotes[0].branches == ("idea/one", "main")
    (heads / "idea" / "one").unlink()
    (heads / "idea").rmdir()
    (heads / "idea").write_bytes(main)
    assert version_control.fetch(node, "DEMO", by="ann").remotes[0].branches == ("idea", "main")


@pytest.mark.parametrize(
    "name", ["-x", "refs/..", "refs/heads/main", "a.lock/b", "a..b", "HEAD", "é", "a b", "a/"]
)
def test_names_that_git_would_take_for_something_else_are_refused(node: Node, name: str) -> None:
    with pytest.raises(InvalidName):
        version_control.create_branch(node, "DEMO", name, by="ann")


def test_a_branch_lies_neither_below_another_nor_above_it(node: Node) -> None:
    version_control.create_branch(node, "DEMO", "try/one", by="ann")
    for name in ("main/x", "try"):
        with pytest.raises(Conflict, match="There is a branch"):
            version_control.create_branch(node, "DEMO", name, by="ann")


def test_where_a_branch_begins_is_no_path(node: Node) -> None:
    from penstock.core.errors import NotFound

    (folder(node) / ".git" / "loose").write_text(version_control.show(node, "DEMO").commit)
    for start in ("../../loose", "-x", "\ud800"):
        with pytest.raises(NotFound):
            version_control.create_branch(node, "DEMO", "idea", start=start, by="ann")


def test_addresses_and_logins_are_no_words_of_a_command_and_hold_no_secret(node: Node, hub: Path) -> None:
    token = "ghp_" + "a1B2" * 9
    for address in ("ssh://-oProxyCommand=touch/x", f"https://{token}@example.org/x.git", "file://x/y"):
        with pytest.raises(Invalid):
            version_control.add_remote(node, "DEMO", address, name="x", by="ann")
    for user in ("-oProxyCommand=x", "a b", "a:b", "a\nb"):
        with pytest.raises(Invalid, match="login"):
            version_control.add_remote(node, "DEMO", "ssh://example.org/x", name="x", user=user, by="ann")
    with pytest.raises(InvalidName):
        version_control.add_remote(node, "DEMO", str(hub), name="origin/x", by="ann")


def test_a_password_that_somebodys_own_git_wrote_is_shown_nowhere(node: Node) -> None:
    with (folder(node) / ".git" / "config").open("a") as config:
        config.write('[remote "own"]\n\turl = http://ann:s3cr3t-value@127.0.0.1:1/x.git\n')
    shown = version_control.show(node, "DEMO")
    assert [r.remote.address for r in shown.remotes if r.remote.name == "own"] == [
        "http://ann:***@127.0.0.1:1/x.git"
    ]
    with pytest.raises(Failed) as failed:
        version_control.fetch(node, "DEMO", name="own", by="ann")
    assert "s3cr3t-value" not in f"{failed.value}{audit.latest(node)}"


def test_what_is_committed_while_secrets_are_looked_for_is_not_pushed(node: Node, hub: Path) -> None:
    describe(node, "dataset", "raw", "Looked at.")
    looked = version_control.show(node, "DEMO").commit

    def meanwhile(files: Mapping[str, bytes]) -> None:
        describe(node, "dataset", "made", "Not looked at.")

    node.versions.push("DEMO", "origin", secret="", check=meanwhile)
    assert (hub / "refs/heads/main").read_text().strip() == looked


def test_a_project_whose_folder_stands_at_a_commit_goes_back_to_a_branch(node: Node) -> None:
    (folder(node) / ".git" / "HEAD").write_text(version_control.show(node, "DEMO").commit + "\n")
    with pytest.raises(Conflict, match="branch switch main"):
        version_control.show(node, "DEMO")
    assert version_control.switch(node, "DEMO", "main", by="ann").branch == "main"


def test_the_lock_of_a_process_that_died_does_not_stay(node: Node) -> None:
    import os
    import time

    lock = folder(node) / ".git" / "refs" / "heads" / "main.lock"
    lock.write_text("")
    with pytest.raises(Conflict, match="Another git program"):
        describe(node, "dataset", "raw", "While somebody writes.")
    os.utime(lock, (time.time() - 60, time.time() - 60))
    describe(node, "dataset", "raw", "Afterwards.")
    assert said(node, "raw") == "Afterwards."
    assert version_control.show(node, "DEMO").pending == ()
