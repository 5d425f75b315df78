"""Kill -9 while a folder on a bucket is written: the old files stay until the plan is there, and the new ones after."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import folders
from penstock.testing import KEY, a_node, a_project
from tests.object_store import ObjectStore, lake

VICTIM = """
import sys
from pathlib import Path
from penstock.app import open_node
from penstock.runtime.contexts import folder_root
from penstock.store.bucket import Bucket

moment, home, work = sys.argv[1:]
node = open_node(home)

def stop():
    print("now", flush=True)
    sys.stdin.read()

put, copy = Bucket.put, Bucket.copy
done = []

def slow_put(self, source, path):
    if moment == "uploading" and done:
        stop()
    put(self, source, path)
    done.append(path)

def slow_copy(self, source, target):
    copy(self, source, target)
    if moment == "placing":
        stop()

Bucket.put, Bucket.copy = slow_put, slow_copy
root = folder_root(node, node.projects.load("DEMO"), "box")
files = root.stage(lambda: Path(work))
(files / "a").unlink()
for name in ("a", "b", "c"):
    (files / name).write_text("new")
root.finish(files)
"""
OLD = {"DEMO/box/a": b"old", "DEMO/box/z": b"old"}
NEW = {**OLD, **{f"DEMO/box/{name}": b"new" for name in "abc"}}


def killed(node: Node, folder: Path, moment: str) -> None:
    """A process that changes the folder, and dies in the middle."""
    with subprocess.Popen(
        [sys.executable, "-c", VICTIM, moment, str(node.config.home), str(folder / "work")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline() == "now\n"
        os.kill(child.pid, signal.SIGKILL)


def seen(node: Node) -> dict[str, bytes]:
    found = {}
    for file in folders.files(node, KEY, "box"):
        with folders.open_file(node, KEY, "box", file.path) as stream:
            found[f"DEMO/box/{file.path}"] = stream.read()
    return found


@pytest.mark.parametrize(("moment", "held"), [("uploading", OLD), ("placing", NEW)])
def test_readers_see_all_or_nothing_and_the_next_writer_tidies_up(
    tmp_path: Path, s3: ObjectStore, moment: str, held: dict[str, bytes]
) -> None:
    for key, content in OLD.items():
        s3.put(key, content)
    node = lake(a_node(tmp_path), s3)
    a_project(node, {"folders/box": {"connection": "lake"}})
    killed(node, tmp_path, moment)
    assert seen(node) == held
    late = tmp_path / "late"
    late.write_text("late")
    folders.put(node, KEY, "box", [late])
    assert s3.objects() == {**held, "DEMO/box/late": b"late"}
