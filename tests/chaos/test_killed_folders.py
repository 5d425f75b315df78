"""A process killed while its Python recipe writes a managed folder: the folder is as it was, and nothing lies about."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import penstock
from penstock.core.errors import JobFailed
from penstock.core.job import JobState
from penstock.core.node import Node
from penstock.runtime import jobs, recovery

pytestmark = pytest.mark.chaos

HEAD = "from penstock import Folder, variables\nfolder = Folder('monthly')\n"
WRITE = (
    "for month in (6, 7, 8):\n"
    "    folder.write(f'2013-{month:02}.csv', 'new')\n"
    "folder.delete('2013-05.csv')\n"
    "assert folder.paths() == ['2013-06.csv', '2013-07.csv', '2013-08.csv'], folder.paths()\n"
    "assert folder.read('2013-06.csv') == b'new'\n"
)
HANG = (
    "with folder.open('2013-07.csv', 'w') as file:\n"
    "    file.write('x' * 100_000)\n"
    "    file.flush()\n"
    "    print('writing')\n"
    "    import time; time.sleep(600)\n"
)
BUILD = """
import sys, penstock
from penstock.runtime import jobs
node = penstock.open(sys.argv[1])._transport.node
seen = lambda event: print(event.message, flush=True)
jobs.build(node, "SHOP", ["monthly"], "only", watch=seen)
"""
OLD = {f"2013-{month:02}.csv": b"old" for month in (5, 6, 7)}


def a_shop(home: Path) -> Node:
    opened = penstock.open(home)
    opened.create_project("SHOP")
    node: Node = opened._transport.node  # type: ignore[attr-defined]
    files = {
        "flow/folders/monthly.yaml": "{}\n",
        "flow/recipes/months.yaml": "type: python\noutputs: [monthly]\n",
    }
    save(node, {**files, "flow/recipes/months.py": HEAD})
    root = place(node)
    for name, content in OLD.items():
        (root / name).write_bytes(content)
    return node


def place(node: Node) -> Path:
    """Where the files of the folder lie."""
    return node.data.folder("SHOP", "monthly")


def save(node: Node, files: dict[str, str]) -> None:
    node.projects.save("SHOP", files, author="me", message="A shop")


def code(node: Node, text: str) -> None:
    save(node, {"flow/recipes/months.py": HEAD + text})


def held(node: Node) -> dict[str, bytes]:
    root = place(node)
    return {p.name: p.read_bytes() for p in root.rglob("*")}


def leftovers(node: Node) -> list[Path]:
    return list((node.config.home / "data").rglob(".*"))


@pytest.mark.requirement("A22")
def test_killed_in_the_middle_of_its_files_it_has_changed_nothing(tmp_path: Path) -> None:
    node = a_shop(tmp_path)
    code(node, WRITE + HANG)
    with subprocess.Popen(
        [sys.executable, "-c", BUILD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as victim:
        assert victim.stdout is not None
        assert any("writing" in line for line in victim.stdout)
        assert leftovers(node)
        victim.kill()
        victim.wait()
    assert held(node) == OLD
    recovery.recover(node)
    assert held(node) == OLD
    assert leftovers(node) == []

    code(node, WRITE)
    assert jobs.build(node, "SHOP", ["monthly"], "only").state is JobState.DONE
    assert held(node) == {f"2013-{month:02}.csv": b"new" for month in (6, 7, 8)}
    assert leftovers(node) == []


def test_a_failed_run_changes_nothing(tmp_path: Path) -> None:
    node = a_shop(tmp_path)
    code(node, WRITE + "folder.clear()\n1 / 0\n")
    with pytest.raises(JobFailed):
        jobs.build(node, "SHOP", ["monthly"], "only")
    assert held(node) == OLD
    assert leftovers(node) == []


def test_code_may_write_into_the_folder_itself_and_still_changes_nothing_until_the_end(
    tmp_path: Path,
) -> None:
    node = a_shop(tmp_path)
    into = "with (folder.path / '2013-05.csv').open('a') as file:\n    file.write('er')\n"
    code(node, into + "1 / 0\n")
    with pytest.raises(JobFailed):
        jobs.build(node, "SHOP", ["monthly"], "only")
    assert held(node) == OLD
    code(node, into)
    jobs.build(node, "SHOP", ["monthly"], "only")
    assert held(node) == {**OLD, "2013-05.csv": b"older"}
