"""Importing a project from a zip: nothing outside of its own folder is touched."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from penstock.core.errors import Conflict, Invalid, InvalidName, UnsafeArchive
from penstock.core.node import Node
from penstock.runtime import importing
from penstock.testing import a_node, a_project, fill


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_node(tmp_path)


def a_zip(files: Mapping[str, str | bytes], *, link: str = "") -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, "/etc/passwd")
    out.seek(0)
    return out


PROJECT = {"my-fraud/project.yaml": "title: Fraud\n", "my-fraud/flow/datasets/raw.yaml": "type: managed\n"}


def test_the_key_is_the_name_of_the_folder_in_capitals(node: Node) -> None:
    made = importing.from_zip(node, a_zip(PROJECT), author="ann")
    assert made.key == "MY_FRAUD"
    assert list(made.datasets) == ["raw"]
    assert node.users.people("MY_FRAUD").owner == "ann"


def test_another_key_may_be_given_and_files_may_lie_at_the_top(node: Node) -> None:
    files = {"project.yaml": "title: x\n"}
    assert importing.from_zip(node, a_zip(files), key="OTHER", author="ann").key == "OTHER"
    assert importing.from_zip(node, a_zip(files), filename="third.zip", author="ann").key == "THIRD"


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "C:\\evil", "..\\evil"])
def test_a_name_that_reaches_outside_is_refused(node: Node, name: str) -> None:
    with pytest.raises(Invalid, match="reaches outside"):
        importing.from_zip(node, a_zip({**PROJECT, name: "x"}), author="ann")


def test_a_link_is_refused(node: Node) -> None:
    with pytest.raises(Invalid, match="is a link"):
        importing.from_zip(node, a_zip(PROJECT, link="my-fraud/secrets"), author="ann")


def test_hooks_of_a_repository_in_the_zip_stay_outside(node: Node) -> None:
    made = importing.from_zip(
        node, a_zip({**PROJECT, "my-fraud/.git/hooks/post-commit": "evil"}), author="ann"
    )
    assert not (made.path / ".git" / "hooks" / "post-commit").exists()


def test_too_much_is_refused_before_it_is_unpacked(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MOST_BYTES", 10)
    with pytest.raises(Invalid, match="more than a project's files"):
        importing.from_zip(node, a_zip({**PROJECT, "my-fraud/big": "x" * 100}), author="ann")


def test_a_zip_without_a_project_a_key_that_is_none_and_a_taken_one_are_refused(node: Node) -> None:
    with pytest.raises(Invalid, match=r"no project\.yaml"):
        importing.from_zip(node, a_zip({"readme": "x"}), author="ann")
    with pytest.raises(InvalidName):
        importing.from_zip(node, a_zip(PROJECT), key="../x", author="ann")
    a_project(node, key="MY_FRAUD")
    with pytest.raises(Conflict):
        importing.from_zip(node, a_zip(PROJECT), author="ann")


@pytest.mark.parametrize(
    "more",
    [
        {"my-fraud/wiki": "x", "my-fraud/wiki/y": "y"},
        {"my-fraud/A": "x", "my-fraud/a": "y"},
        {"x" * 300: "y"},
    ],
)
def test_names_that_cannot_lie_beside_each_other_are_refused(node: Node, more: dict[str, str]) -> None:
    with pytest.raises(UnsafeArchive):
        importing.from_zip(node, a_zip({**PROJECT, **more}), author="ann")


@pytest.mark.parametrize(("mark", "what"), [(b"\x01", "flag"), (b"\x63", "method")])
def test_a_zip_that_is_encrypted_or_packed_in_another_way_is_told(node: Node, mark: bytes, what: str) -> None:
    data = bytearray(a_zip(PROJECT).getvalue())
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        place = at + (8 if what == "flag" else 10)
        data[place : place + 1] = mark
        at += 4
    with pytest.raises(Invalid, match="cannot be read"):
        importing.from_zip(node, io.BytesIO(bytes(data)), author="ann")


def test_a_project_whose_data_cannot_be_taken_in_is_not_left_half(node: Node, tmp_path: Path) -> None:
    from penstock.deploy import exports

    a_project(node, {"datasets/raw": {"type": "managed"}})
    fill(node, "raw", n=[1])
    made = exports.write(node, "DEMO", tmp_path / "demo.zip", datasets=True, by="ann")
    with zipfile.ZipFile(made) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    broken = a_zip({**parts, "memory.json": b"{"})
    with pytest.raises(UnsafeArchive, match=r"memory\.json"):
        importing.from_zip(node, broken, key="OTHER", author="ann")
    assert node.projects.keys() == ["DEMO"]
