"""Importing a project from a zip: nothing outside of its own folder is touched."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from penstock.core.errors import Conflict, Invalid, InvalidName
from penstock.core.node import Node
from penstock.runtime import importing
from penstock.testing import a_node, a_project


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_node(tmp_path)


def a_zip(files: dict[str, str], *, link: str = "") -> io.BytesIO:
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
