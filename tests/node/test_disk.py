"""What a home keeps: hostile packages are refused with nothing changed, and a kill leaves the old or the new."""

from __future__ import annotations

import contextlib
import http.client
import random
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.core.errors import Conflict, NotFound, PenstockError, Refused, UnknownSigner, Unsafe
from penstock_node.disk import Shelf, switched
from penstock_node.settings import Home

from ..chaos import kills
from .packages import PREDICTION, QUERY, Design, RunningNode, function, with_a_pickle


@pytest.fixture
def shelf(tmp_path: Path, design: Design) -> Shelf:
    from datetime import UTC, datetime

    found = Shelf(Home(tmp_path / "node"))
    found.keys.trust(design.keys.own(), by="test", at=datetime.now(UTC))
    return found


def picture(home: Path) -> dict[str, bytes]:
    """Every file of the services, and whether anything lies aside."""
    found = {
        str(p.relative_to(home)): p.read_bytes()
        for p in sorted((home / "services").rglob("*"))
        if p.is_file()
    }
    aside = home / "aside"
    return found | {"aside": b" ".join(p.name.encode() for p in aside.iterdir()) if aside.is_dir() else b""}


def changed(archive: Path, target: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """The archive with members changed, renamed or left out."""
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            kept = change(name, old.read(name))
            if kept is not None:
                new.writestr(*kept)
    return target


def hostile(sort: str, design: Design, folder: Path) -> Path:
    good, target = design.package("v9"), folder / "hostile.zip"
    if sort == "unknown signer":
        return Design(folder / "stranger", "stranger").package("v9", endpoints=[function()])
    if sort == "no archive":
        target.write_bytes(b"PK\x03\x04 nothing")
        return target
    if sort == "cut off":
        target.write_bytes(good.read_bytes()[:-900])
        return target
    if sort == "zip slip":
        shutil.copy(good, target)
        with zipfile.ZipFile(target, "a") as opened:
            opened.writestr("../../outside.txt", "x")
        return target
    if sort == "bomb":
        shutil.copy(good, target)
        with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as opened:
            opened.writestr("lib/zeros.bin", b"\0" * (64 << 20))
        return target
    if sort == "wrong checksum":
        return changed(
            good, target, lambda n, b: (n, b.replace(b"Tree=1", b"Tree=2") if n.endswith(".txt") else b)
        )
    if sort == "member left out":
        return changed(good, target, lambda n, b: None if n.endswith("model.txt") else (n, b))
    if sort == "manifest changed":
        return changed(
            good, target, lambda n, b: (n, b.replace(b"FLIGHTS", b"TRAINS") if n == "manifest.json" else b)
        )
    if sort == "bad name":
        return design.package("v9", endpoints=[function()], change={"version": "../../v9"})
    assert sort == "model with code"
    return design.package("v9", model=with_a_pickle(folder, f"touch {folder}/ran"))


@pytest.mark.parametrize(
    "sort",
    [
        "unknown signer", "no archive", "cut off", "zip slip", "bomb", "wrong checksum", "member left out",
        "manifest changed", "bad name", "model with code",
    ],
)  # fmt: skip
def test_a_hostile_package_changes_nothing(shelf: Shelf, design: Design, tmp_path: Path, sort: str) -> None:
    shelf.take_in("flights", design.package("v1"))
    before = picture(shelf.home.root)
    with pytest.raises(UnknownSigner if sort == "unknown signer" else Unsafe):
        shelf.take_in("flights", hostile(sort, design, tmp_path))
    assert picture(shelf.home.root) == before
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path.parent / "outside.txt").exists()


def test_names_that_leave_the_folder_are_refused(shelf: Shelf, design: Design) -> None:
    for name in ("..", "../x", "a/b", "", ".hidden", "x" * 81):
        with pytest.raises(PenstockError):
            shelf.create(name)
    assert not shelf.services()


def test_a_generation_is_imported_once_and_kept_while_it_answers(shelf: Shelf, design: Design) -> None:
    package = design.package("v1")
    assert shelf.take_in("flights", package) == "v1"
    with pytest.raises(Conflict):
        shelf.take_in("flights", package)
    shelf.put("flights", switched(shelf.state("flights"), "v1"))
    with pytest.raises(Refused):
        shelf.delete_generation("flights", "v1")
    with pytest.raises(Refused):
        shelf.delete("flights")
    shelf.put("flights", shelf.state("flights").changed(enabled=False))
    shelf.delete("flights")
    with pytest.raises(NotFound):
        shelf.state("flights")


IMPORTS = "services/flights/generations/actions/importFromArchive"
CHANGES = """
import sys
from pathlib import Path
from penstock_node.disk import Shelf, switched
from penstock_node.settings import Home
shelf = Shelf(Home(Path(sys.argv[1])))
print("begun", flush=True)
for turn in range(10_000):
    for archive in sys.argv[2:]:
        name = shelf.take_in("flights", Path(archive))
        with shelf.changing():
            state = shelf.state("flights")
            shelf.put("flights", switched(state, name))
        for old in shelf.generations("flights"):
            if old.name != name:
                shelf.delete_generation("flights", old.name)
"""


@pytest.mark.timeout(900)
@pytest.mark.chaos
@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_the_old_or_the_new(shelf: Shelf, design: Design) -> None:
    """Import, switch, delete, over and over in another process, killed at random moments."""
    endpoints = [function()]
    archives = [str(design.package(v, endpoints=endpoints)) for v in ("v1", "v2")]
    random_moment = random.Random(11)
    shelf.take_in("flights", Path(archives[0]))
    shelf.put("flights", switched(shelf.state("flights"), "v1"))
    seen = {"old": 0, "new": 0}
    for _ in range(kills(15)):
        for left in shelf.generations("flights"):
            mapping = shelf.state("flights").mapping
            assert mapping is not None
            if left.name not in mapping.generations:
                shelf.delete_generation("flights", left.name)
        mapped = mapping.generations[0]
        order = archives if mapped == "v2" else archives[::-1]
        worker = subprocess.Popen(
            [sys.executable, "-c", CHANGES, str(shelf.home.root), *order], stdout=subprocess.PIPE, text=True
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == "begun\n"
        try:
            worker.wait(random_moment.uniform(0, 0.25))
        except subprocess.TimeoutExpired:
            worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
        worker.stdout.close()
        _is_whole(shelf)
        now = shelf.state("flights").mapping
        assert now is not None
        seen["old" if now.generations[0] == mapped else "new"] += 1
    print("penstock-node's home, import and switch:", seen)


def _is_whole(shelf: Shelf) -> None:
    """What counts is there and opens; what is there was taken in whole."""
    from penstock_node.disk import open_all

    fresh = Shelf(shelf.home)
    fresh.sweep()
    mapping = fresh.state("flights").mapping
    assert mapping is not None
    names = {g.name for g in fresh.generations("flights")}
    assert set(mapping.generations) <= names
    assert {p.name for p in (shelf.home.services / "flights" / "generations").iterdir()} == names
    for generation in fresh.generations("flights"):
        open_all(generation.folder)


@pytest.mark.timeout(900)
@pytest.mark.chaos
@pytest.mark.slow
def test_a_node_that_is_killed_while_it_imports_or_switches_answers_with_the_old_or_the_new(
    tmp_path: Path, design: Design
) -> None:
    import threading

    running = RunningNode(tmp_path / "node", workers=2)
    running.trust(design)
    running.start()
    for version in ("v2", "v1"):
        running.deploy(design.package(version, endpoints=[PREDICTION]))
    random_moment = random.Random(5)
    seen = {"old": 0, "new": 0, "imported": 0}
    for turn in range(kills(3)):
        wanted, new = f"v{1 + turn % 2}", f"k{turn}"
        archive = design.package(new, endpoints=[function()])

        def change(version: str = wanted, archive: Path = archive) -> None:
            with contextlib.suppress(
                OSError, ValueError, http.client.HTTPException
            ):  # killed while we waited
                running.admin("POST", IMPORTS, archive=archive)
                running.admin("POST", f"services/flights/actions/switchTo/{version}")

        thread = threading.Thread(target=change)
        thread.start()
        thread.join(random_moment.uniform(0, 0.2))
        running.kill()
        thread.join()
        running.start()
        status, told = running.post("flights/late/predict", QUERY)
        assert status == 200
        assert told["apiContext"]["serviceGeneration"] in ("v1", "v2")
        there = {g["generation"] for g in running.admin("GET", "services/flights/generations")[1]}
        assert {"v1", "v2"} <= there
        seen["new" if told["apiContext"]["serviceGeneration"] == wanted else "old"] += 1
        seen["imported"] += new in there
        status, _ = running.admin("POST", IMPORTS, archive=archive)
        assert status == (409 if new in there else 200)
    print("penstock-node, import then switch over HTTP:", seen)
    running.stop()
