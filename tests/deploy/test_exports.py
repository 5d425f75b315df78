"""Exports: with everything nothing is out of date where it is taken in; without data a build makes it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import InvalidDefinition, UnsafeArchive
from penstock.core.node import Node
from penstock.deploy import exports
from penstock.runtime import datasets, folders, jobs, projects
from penstock.testing import KEY, a_node, a_project, build, fill, rows
from tests.web.pages.modelled import a_bank

EVERYTHING: dict[str, Any] = {
    "uploads": True, "inputs": True, "datasets": True, "folders": True, "models": True, "evaluation_stores": True,
    "history": True,
}  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path / "here")
    a_project(node, {
        "datasets/reference": {"type": "managed"}, "datasets/made": {"type": "managed"},
        "datasets/sent": {"type": "upload", "format": "csv"}, "datasets/read": {"type": "managed"},
        "folders/papers": {},
        "recipes/copy": {"type": "sync", "input": "reference", "output": "made"},
        "recipes/read_sent": {"type": "sync", "input": "sent", "output": "read"},
    })  # fmt: skip
    fill(node, "reference", n=[1, 2])
    file = tmp_path / "sent.csv"
    file.write_text("n\n7\n")
    datasets.upload(node, "DEMO", "sent", [file])
    folders.put(node, "DEMO", "papers", [file])
    build(node, "made", "read")
    return node


def taken(node: Node, zip_: Path, key: str = "OTHER") -> Node:
    """The zip taken in on the same node, under another key."""
    exports.take_in(node, [zip_], key=key, author="eve")
    return node


def stale(node: Node, key: str, *targets: str) -> list[str]:
    """The recipes that a smart build would run."""
    return [a.recipe for a in jobs.preview(node, key, list(targets)).activities]


@pytest.mark.requirement("D92")
def test_with_everything_nothing_is_out_of_date_there(node: Node, tmp_path: Path) -> None:
    zip_ = exports.write(node, "DEMO", tmp_path / "demo.zip", **EVERYTHING)
    there = a_node(tmp_path / "there")
    taken(there, zip_)
    for name in ("reference", "made"):
        assert rows(there, name, key="OTHER") == [{"n": 1}, {"n": 2}]
    assert rows(there, "read", key="OTHER") == rows(node, "read")
    assert [f.path for f in folders.files(there, "OTHER", "papers")] == ["sent.csv"]
    assert stale(there, "OTHER", "made", "read") == []
    fill(there, "reference", key="OTHER", n=[3])
    assert stale(there, "OTHER", "made", "read") == ["copy"]
    here, now = node.projects.history("DEMO"), there.projects.history("OTHER")
    assert [r.id for r in now][-len(here) :] == [r.id for r in here]


@pytest.mark.requirement("D92")
def test_without_data_a_build_makes_it(node: Node, tmp_path: Path) -> None:
    zip_ = exports.write(node, "DEMO", tmp_path / "demo.zip", inputs=True)
    taken(node, zip_)
    assert node.data.snapshot("OTHER", "made") is None
    build(node, "made", "read", key="OTHER")
    assert rows(node, "made", key="OTHER") == [{"n": 1}, {"n": 2}]
    assert len(rows(node, "read", key="OTHER")) == 1


def test_only_what_is_asked_for_is_in_it_and_what_is_missing_is_told(node: Node, tmp_path: Path) -> None:
    zip_ = exports.write(node, "DEMO", tmp_path / "demo.zip")
    with zipfile.ZipFile(zip_) as opened:
        assert not [n for n in opened.namelist() if n.startswith("data/") or n == "history.bundle"]
    told = exports.forgets(node, "DEMO")
    assert any("sent" in sentence for sentence in told)
    assert not any("sent" in sentence for sentence in exports.forgets(node, "DEMO", uploads=True))
    assert exports.forgets(node, "DEMO", inputs=True) == []


def test_what_is_in_the_way_is_known_before(node: Node, tmp_path: Path) -> None:
    a_project(node, {
        "datasets/orders": {"type": "sql_table", "connection": "warehouse", "table": "orders"},
    })  # fmt: skip
    (node.projects.path("DEMO") / "flow/datasets/odd.yaml").write_text("type: weather.station\n")
    zip_ = exports.write(node, "DEMO", tmp_path / "demo.zip")
    found = exports.check(node, [zip_])
    codes = {m.code: m.severity for m in found.messages}
    assert codes["ERR_IMPORT_KEY_TAKEN"] == "FATAL"
    assert codes["ERR_BUNDLE_ACTIVATE_MISSING_CONNECTION"] == "FATAL"
    assert codes["WARN_BUNDLE_PLUGIN"] == "FATAL"
    assert codes["WARN_EXPORT_WITHOUT_DATA"] == "WARNING"
    assert "ERR_IMPORT_KEY_TAKEN" not in {m.code for m in exports.check(node, [zip_], key="NEW").messages}
    with pytest.raises(InvalidDefinition, match="weather"):
        exports.take_in(node, [zip_], key="NEW", author="eve")
    assert projects.keys(node) == ["DEMO"]


@pytest.mark.parametrize("broken", ["penstock-export.json", "memory.json"])
def test_a_zip_with_broken_data_leaves_no_project(node: Node, tmp_path: Path, broken: str) -> None:
    zip_ = exports.write(node, "DEMO", tmp_path / "demo.zip", datasets=True)
    with zipfile.ZipFile(zip_) as opened:
        kept = {n: opened.read(n) for n in opened.namelist()}
    kept[broken] = b"{}"
    with zipfile.ZipFile(tmp_path / "broken.zip", "w") as out:
        for name, data in kept.items():
            out.writestr(name, data)
    with pytest.raises(UnsafeArchive):
        exports.take_in(node, [tmp_path / "broken.zip"], key="OTHER", author="eve")
    assert projects.keys(node) == ["DEMO"]


@pytest.mark.requirement("D92")
def test_models_and_evaluations_come_along_with_equal_numbers(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    zip_ = exports.write(node, KEY, tmp_path / "bank.zip", **EVERYTHING)
    taken(node, zip_)
    active = node.models.active(KEY, "authorized")
    assert node.models.active("OTHER", "authorized") == active
    before = {e.id: e.metrics for e in node.evaluations.list(KEY, "mes")}
    assert {e.id: e.metrics for e in node.evaluations.list("OTHER", "mes")} == before
    scored = node.models.version("OTHER", "authorized").metrics
    assert scored == node.models.version(KEY, "authorized").metrics


def test_a_name_with_a_dot_is_kept_and_what_was_there_stays_until_the_new_one_is_whole(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exports.write(node, "DEMO", tmp_path / "demo-1.2")
    assert made == tmp_path / "demo-1.2.zip"
    before = made.read_bytes()

    def full(target: Path, members: object) -> None:
        target.write_bytes(b"half")
        raise OSError("The disk is full.")

    monkeypatch.setattr("penstock.core.archive.write", full)
    with pytest.raises(OSError, match="full"):
        exports.write(node, "DEMO", made, datasets=True)
    assert made.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if "demo" in p.name] == ["demo-1.2.zip"]
