"""A process killed with SIGKILL while it changes the version of a project: the next one finds the new one, whole."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import projects, version_control
from penstock.store.git import cloned
from penstock.testing import KEY, a_node, a_project
from tests.runtime.test_version_control import bare

pytestmark = [pytest.mark.chaos, pytest.mark.slow]
DYING = """
import os, signal, sys
from pathlib import Path
from dulwich.file import _GitFile
from penstock.app import open_node
from penstock.runtime import version_control
from penstock.store import joining
from penstock.store.git import Repository
from penstock.store.saving import Journal

home, place, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
places = {
    "our commits": (joining, "_again"), "a file": (Journal, "_put"), "a lock": (_GitFile, "close"),
    "the index": (Repository, "_remember_in_index"),
}
owner, name = places[place]
real, calls = getattr(owner, name), []

def dying(*words, **more):
    calls.extend([1] if place != "a lock" or b"refs/heads" in os.fsencode(words[0]._filename) else [])
    if len(calls) == count:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*words, **more)

node = open_node(Path(home))
version_control.fetch(node, "DEMO", by="bob")
setattr(owner, name, dying)
version_control.pull(node, "DEMO", by="bob")
"""
FILES = {f"wiki/{name}.md": name for name in "abc"}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A project on two nodes; the other one pushed a new file, a changed one, and that one is gone; ours has a file."""
    hub = bare(tmp_path / "hub.git")
    theirs, ours = a_node(tmp_path / "theirs"), a_node(tmp_path / "ours")
    a_project(theirs, {"datasets/raw": {"type": "managed"}})
    theirs.projects.save(KEY, FILES, author="ann", message="Notes")
    version_control.add_remote(theirs, KEY, str(hub), by="ann")
    version_control.push(theirs, KEY, by="ann")
    cloned(str(hub), tmp_path / "clone")
    projects.add(ours, tmp_path / "clone", key=KEY, author="bob")
    version_control.add_remote(ours, KEY, str(hub), by="bob")
    ours.projects.save(KEY, {"wiki/ours.md": "ours"}, author="bob", message="Ours")
    theirs.projects.save(
        KEY, {"wiki/a.md": "new a", "wiki/b.md": None, "wiki/d.md": "d"}, author="root", message="Theirs"
    )
    version_control.push(theirs, KEY, by="ann")
    return ours


def notes(node: Node) -> dict[str, str]:
    return {file.stem: file.read_text() for file in sorted((node.projects.path(KEY) / "wiki").glob("*.md"))}


OLD = {"a": "a", "b": "b", "c": "c", "ours": "ours"}
NEW = {"a": "new a", "c": "c", "d": "d", "ours": "ours"}


@pytest.mark.parametrize(
    ("place", "count", "came"),
    [("our commits", 1, False), ("a file", 3, True), ("a lock", 1, True), ("the index", 1, True)],
)  # fmt: skip
def test_a_pull_that_dies_on_the_way_is_done_whole_or_not_at_all(
    node: Node, place: str, count: int, came: bool
) -> None:
    before = version_control.show(node, KEY).commit
    command = [sys.executable, "-c", DYING, str(node.config.home), place, str(count)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    node.projects.load(KEY)
    assert notes(node) == (NEW if came else OLD)
    found = version_control.show(node, KEY)
    assert (found.commit != before) == came
    assert found.pending == ()
    version_control.pull(node, KEY, by="bob")
    node.projects.save(KEY, {"wiki/after.md": "after"}, author="bob", message="After")
    assert notes(node) == {"after": "after", **NEW}
    assert version_control.push(node, KEY, by="bob").remotes[0].ahead == 0
    assert node.projects.last_change(KEY, "wiki/d.md")[0] == "bob"  # type: ignore[index]
