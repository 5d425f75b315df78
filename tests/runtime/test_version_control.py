"""A project shared through git: fetch, push, pull, branches; with git itself on the other side where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import BeingBuilt, Conflict, Failed, Invalid, InvalidDefinition, NotFound, Refused
from penstock.core.node import Node
from penstock.runtime import audit, identity, projects, version_control
from penstock.testing import a_node, a_project, fill, rows

OBJECTS = {
    "datasets/raw": {"type": "managed"}, "datasets/made": {"type": "managed"},
    "recipes/copy": {"type": "sync", "input": "raw", "output": "made"},
}  # fmt: skip
WHO = {
    "GIT_AUTHOR_NAME": "Bob",
    "GIT_AUTHOR_EMAIL": "bob@x",
    "GIT_COMMITTER_NAME": "Bob",
    "GIT_COMMITTER_EMAIL": "b@x",
}
RAW, MADE, COPY = "flow/datasets/raw.yaml", "flow/datasets/made.yaml", "flow/recipes/copy.yaml"


def bare(folder: Path) -> Path:
    from dulwich.repo import Repo

    folder.mkdir(parents=True)
    Repo.init_bare(str(folder), default_branch=b"main").close()
    return folder


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    return bare(tmp_path / "hub.git")


def shared(home: Path, hub: Path) -> Node:
    """A node whose project was pushed to a repository."""
    made = a_node(home)
    a_project(made, OBJECTS)
    version_control.add_remote(made, "DEMO", str(hub), by="ann")
    version_control.push(made, "DEMO", by="ann")
    return made


@pytest.fixture
def node(tmp_path: Path, hub: Path) -> Node:
    return shared(tmp_path / "home", hub)


@pytest.fixture
def other(tmp_path: Path, node: Node) -> Node:
    """A second node with the same project from the same repository."""
    from penstock.store.git import cloned

    made = a_node(tmp_path / "elsewhere")
    cloned(str(tmp_path / "hub.git"), tmp_path / "clone")
    projects.add(made, tmp_path / "clone", key="DEMO", author="bob")
    version_control.add_remote(made, "DEMO", str(tmp_path / "hub.git"), by="bob")
    return made


def describe(node: Node, what: str, name: str, text: str, by: str = "ann") -> None:
    now = projects.definition(node, "DEMO", what, name).to_mapping()
    projects.define(node, "DEMO", what, name, {**now, "short_description": text}, author=by)


def said(node: Node, name: str) -> str:
    return node.projects.load("DEMO").dataset(name).short_description


def test_what_one_pushes_the_other_pulls(node: Node, other: Node) -> None:
    describe(node, "dataset", "raw", "What came in.")
    assert version_control.show(node, "DEMO").remotes[0].ahead == 1
    assert version_control.push(node, "DEMO", by="ann").remotes[0].ahead == 0
    assert version_control.fetch(other, "DEMO", by="bob").remotes[0].behind == 1
    assert said(other, "raw") == ""
    found = version_control.pull(other, "DEMO", by="bob")
    assert said(other, "raw") == "What came in."
    assert found.commit == version_control.show(node, "DEMO").commit
    assert found.pending == ()
    assert found.remotes[0].behind == 0


def test_ours_come_once_more_on_top_of_theirs_with_their_authors(node: Node, other: Node) -> None:
    describe(node, "dataset", "raw", "From ann.")
    version_control.push(node, "DEMO", by="ann")
    describe(other, "dataset", "made", "One.", by="bob")
    describe(other, "dataset", "made", "Two.", by="eve")
    found = version_control.pull(other, "DEMO", by="bob")
    assert (said(other, "raw"), said(other, "made")) == ("From ann.", "Two.")
    assert (found.remotes[0].ahead, found.remotes[0].behind) == (2, 0)
    newest = other.projects.history("DEMO", limit=3)
    assert [r.author.partition(" ")[0] for r in newest] == ["eve", "bob", "ann"]
    version_control.push(other, "DEMO", by="bob")
    version_control.pull(node, "DEMO", by="ann")
    assert said(node, "made") == "Two."


def test_a_file_changed_on_both_sides_is_named_and_nothing_changes(node: Node, other: Node) -> None:
    describe(node, "dataset", "raw", "From ann.")
    version_control.push(node, "DEMO", by="ann")
    describe(other, "dataset", "raw", "From bob.", by="bob")
    before = version_control.show(other, "DEMO").commit
    with pytest.raises(Conflict, match=RAW):
        version_control.pull(other, "DEMO", by="bob")
    with pytest.raises(Conflict, match="Pull first"):
        version_control.push(other, "DEMO", by="bob")
    assert said(other, "raw") == "From bob."
    assert version_control.show(other, "DEMO").commit == before
    assert audit_of(other) == ["conflict", "conflict"]
    dropped = version_control.drop(other, "DEMO", name="origin", by="bob")
    assert said(other, "raw") == "From ann."
    assert dropped.remotes[0].ahead == 0


def audit_of(node: Node) -> list[str]:
    found = audit.latest(node, limit=20)
    return [str(e["result"]) for e in found if e["msgType"] in ("project-pull", "project-push")][:2]


def test_a_state_that_does_not_parse_is_not_let_in(node: Node, other: Node) -> None:
    path = node.projects.path("DEMO") / COPY
    path.write_text("type: sync\nimput: raw\noutput: made\n")
    repository = node.projects.path("DEMO")
    from penstock.store.git import Repository

    Repository(repository).commit(
        {COPY: path.read_bytes()}, author="ann", message="Broken", at=node.clock.now()
    )
    version_control.push(node, "DEMO", by="ann")
    before = version_control.show(other, "DEMO").commit
    with pytest.raises(InvalidDefinition, match="imput"):
        version_control.pull(other, "DEMO", by="bob")
    assert version_control.show(other, "DEMO").commit == before
    assert other.projects.load("DEMO").recipes["copy"].reads == ("raw",)
    assert version_control.show(other, "DEMO").pending == ()


def test_edits_by_hand_are_saved_or_dropped_first(node: Node) -> None:
    file = node.projects.path("DEMO") / RAW
    text = file.read_text()
    file.write_text(text + "short_description: By hand.\n")
    fresh = node.projects.path("DEMO") / "wiki" / "Note.md"
    fresh.parent.mkdir()
    fresh.write_text("Hello")
    with pytest.raises(Conflict, match=RAW):
        version_control.pull(node, "DEMO", by="ann")
    found = version_control.drop(node, "DEMO", by="ann")
    assert file.read_text() == text
    assert not fresh.exists()
    assert found.pending == ()


def test_a_branch_changes_definitions_and_never_data(node: Node) -> None:
    fill(node, "raw", n=[1, 2])
    version_control.create_branch(node, "DEMO", "try/new", by="ann")
    version_control.switch(node, "DEMO", "try/new", by="ann")
    describe(node, "dataset", "raw", "On the branch.")
    assert [b.name for b in version_control.show(node, "DEMO").branches if b.current] == ["try/new"]
    version_control.switch(node, "DEMO", "main", by="ann")
    assert said(node, "raw") == ""
    assert rows(node, "raw") == [{"n": 1}, {"n": 2}]
    version_control.switch(node, "DEMO", "try/new", by="ann")
    assert said(node, "raw") == "On the branch."
    with pytest.raises(NotFound, match="try/new"):
        version_control.switch(node, "DEMO", "try/nwe", by="ann")
    with pytest.raises(Conflict):
        version_control.create_branch(node, "DEMO", "main", by="ann")


def test_a_branch_of_the_other_side_is_taken_up(node: Node, other: Node) -> None:
    version_control.create_branch(node, "DEMO", "idea", by="ann")
    version_control.switch(node, "DEMO", "idea", by="ann")
    describe(node, "dataset", "raw", "An idea.")
    version_control.push(node, "DEMO", by="ann")
    version_control.fetch(other, "DEMO", by="bob")
    version_control.create_branch(other, "DEMO", "idea", start="origin/idea", by="bob")
    version_control.switch(other, "DEMO", "idea", by="bob")
    assert said(other, "raw") == "An idea."


def test_nothing_moves_while_something_is_built(node: Node) -> None:
    node.runs.claim("DEMO", ["made"], "job-1")
    version_control.create_branch(node, "DEMO", "next", by="ann")
    with pytest.raises(BeingBuilt, match="job-1"):
        version_control.switch(node, "DEMO", "next", by="ann")
    node.runs.release("job-1")
    version_control.switch(node, "DEMO", "next", by="ann")
    assert node.runs.claim("DEMO", ["made"], "job-2") == {}


def test_whoever_brought_a_commit_answers_for_it_whatever_its_author_says(node: Node, other: Node) -> None:
    node.projects.save(
        "DEMO", {"scenarios/night.yaml": "run_as: root\nsteps: []\n"}, author="root", message="Night"
    )
    version_control.push(node, "DEMO", by="ann")
    version_control.pull(other, "DEMO", by="bob")
    assert other.projects.authors_of("DEMO", "scenarios/night.yaml", "run_as") == ["bob"]
    assert identity.last_author(other, "DEMO", "night") == "bob"


def test_addresses_and_secrets_are_looked_at(node: Node, hub: Path) -> None:
    for address in (
        "https://ann:pass@example.org/x.git",
        "ftp://example.org/x",
        "/no/such/folder",
        "-oProxy@x:y",
    ):
        with pytest.raises(Invalid):
            version_control.add_remote(node, "DEMO", address, name="x", by="ann")
    with pytest.raises(NotFound, match="token"):
        version_control.add_remote(
            node, "DEMO", "https://example.org/x.git", name="x", secret="token", by="ann"
        )
    node.secrets.put("token", "s3cr3t-value")
    with pytest.raises(Invalid, match="https"):
        version_control.add_remote(
            node, "DEMO", "http://example.org/x.git", name="x", secret="token", by="ann"
        )
    with pytest.raises(Conflict, match="origin"):
        version_control.add_remote(node, "DEMO", str(hub), by="ann")
    version_control.remove_remote(node, "DEMO", "origin", by="ann")
    assert version_control.show(node, "DEMO").remotes == ()
    with pytest.raises(NotFound):
        version_control.fetch(node, "DEMO", by="ann")


def test_a_secret_in_a_commit_does_not_leave(node: Node) -> None:
    node.secrets.put("token", "s3cr3t-value")
    node.projects.set_variables("DEMO", {"t": "s3cr3t-value"}, author="ann")
    node.projects.set_variables("DEMO", {}, author="ann", remove=["t"])
    with pytest.raises(Refused, match=r"project\.yaml"):
        version_control.push(node, "DEMO", by="ann")


def test_what_is_no_plain_file_is_not_let_in(node: Node, hub: Path, tmp_path: Path) -> None:
    from dulwich.object_store import commit_tree_changes
    from dulwich.objects import Blob, Commit
    from dulwich.repo import Repo

    with Repo(str(hub)) as repo:
        main: Any = b"refs/heads/main"
        head: Any = repo[repo.refs[main]]
        blob = Blob.from_string(b"/etc/passwd")
        made = Commit()
        made.tree = commit_tree_changes(repo.object_store, head.tree, [(b"wiki/x.md", 0o120000, blob.id)])
        made.parents, made.author, made.committer, made.message = [head.id], b"m <m@x>", b"m <m@x>", b"link"
        made.author_time = made.commit_time = made.author_timezone = made.commit_timezone = 0
        repo.object_store.add_object(blob)
        repo.object_store.add_object(made)
        repo.refs[main] = made.id
    with pytest.raises(Refused, match=r"wiki/x\.md"):
        version_control.pull(node, "DEMO", by="ann")


def test_a_repository_over_http_is_read_with_a_sealed_secret_and_only_with_it(node: Node, hub: Path) -> None:
    with served(hub, "git:s3cr3t-value") as address:
        version_control.add_remote(node, "DEMO", address, name="open", by="ann")
        with pytest.raises(Failed, match="does not let this node in"):
            version_control.fetch(node, "DEMO", name="open", by="ann")
        node.secrets.put("token", "s3cr3t-value")
        version_control.add_remote(node, "DEMO", address, name="known", secret="token", by="ann")
        describe(node, "dataset", "raw", "Over http.")
        assert version_control.push(node, "DEMO", name="known", by="ann").remotes[0].ahead == 0
        assert version_control.pull(node, "DEMO", name="known", by="ann").remotes[0].behind == 0
    folder = node.projects.path("DEMO") / ".git"
    assert "s3cr3t-value" not in (folder / "config").read_text()
    assert "s3cr3t-value" not in str(version_control.show(node, "DEMO"))
    assert "s3cr3t-value" not in str(audit.latest(node))


@contextmanager
def served(hub: Path, credentials: str) -> Iterator[str]:
    """A repository behind basic authentication on this machine."""
    import base64
    import threading
    from wsgiref.simple_server import make_server

    from dulwich.repo import Repo
    from dulwich.server import DictBackend
    from dulwich.web import WSGIRequestHandlerLogger, WSGIServerLogger, make_wsgi_chain

    class Quiet(WSGIRequestHandlerLogger):
        def log_request(self, *words: Any) -> None: ...

    with Repo(str(hub)) as repo:
        inner: Any = make_wsgi_chain(DictBackend({"/hub.git": repo}))  # type: ignore[arg-type]
        wanted = "Basic " + base64.b64encode(credentials.encode()).decode()

        def app(environ: Any, start: Any) -> Any:
            if environ.get("HTTP_AUTHORIZATION") != wanted:
                start("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="hub"')])
                return [b""]
            return inner(environ, start)

        with make_server("127.0.0.1", 0, app, server_class=WSGIServerLogger, handler_class=Quiet) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/hub.git"
            finally:
                server.shutdown()
                thread.join()


def test_a_process_that_dies_while_pulling_is_finished_by_the_next(node: Node, other: Node) -> None:
    from penstock.store.saving import Journal

    describe(node, "dataset", "raw", "What came in.")
    version_control.push(node, "DEMO", by="ann")
    path = other.projects.path("DEMO")
    version_control.fetch(other, "DEMO", by="bob")
    commit = version_control.show(other, "DEMO").remotes[0].commit
    wanted = (node.projects.path("DEMO") / RAW).read_bytes()
    Journal(path)._note({RAW: wanted}, branch="main", commit=commit)
    assert said(other, "raw") == "What came in."
    found = version_control.show(other, "DEMO")
    assert (found.commit, found.pending) == (commit, ())


@pytest.mark.skipif(shutil.which("git") is None, reason="no git program here")
def test_a_git_program_sees_a_clean_project_and_its_commits_are_pulled(
    node: Node, hub: Path, tmp_path: Path
) -> None:
    def git(*words: str, at: Path) -> str:
        home = {"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *words],
            cwd=at,
            env={**os.environ, **WHO, **home},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    git("clone", "-q", str(hub), "work", at=tmp_path)
    work = tmp_path / "work"
    (work / RAW).write_text((work / RAW).read_text() + "short_description: From git.\n")
    git("commit", "-qam", "Describe raw", at=work)
    git("push", "-q", at=work)
    describe(node, "dataset", "made", "Ours.")
    version_control.pull(node, "DEMO", by="ann")
    assert (said(node, "raw"), said(node, "made")) == ("From git.", "Ours.")
    version_control.push(node, "DEMO", by="ann")
    assert git("status", "--porcelain", at=node.projects.path("DEMO")) == ""
    assert git("remote", at=node.projects.path("DEMO")).split() == ["origin"]
    git("pull", "-q", "--rebase", at=work)
    assert "Ours." in (work / MADE).read_text()
    assert git("fsck", at=hub) == ""


def test_a_repository_that_is_not_there_is_told(node: Node, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    version_control.add_remote(node, "DEMO", str(tmp_path / "empty"), name="away", by="ann")
    with pytest.raises(Failed, match="empty"):
        version_control.fetch(node, "DEMO", name="away", by="ann")
    version_control.add_remote(node, "DEMO", str(node.projects.path("DEMO")), name="self", by="ann")
    with pytest.raises(Conflict, match="works in"):
        version_control.push(node, "DEMO", name="self", by="ann")
