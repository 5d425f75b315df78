"""Connections to files: tried, described, and safe in what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.errors import Failed, InvalidDefinition
from penstock.core.file_store import FileStore
from penstock.core.node import Node
from penstock.runtime import connections
from penstock.testing import a_node
from tests.object_store import ObjectStore, lake


def parsed(**values: Any) -> FileStore:
    found = registry.parse("connections", values)
    assert isinstance(found, FileStore)
    return found


def tried(node: Node, **values: Any) -> str:
    connections.define(node, "lake", values)
    return connections.test(node, "lake")


def test_a_bucket_is_tried_and_counted(tmp_path: Path, s3: ObjectStore) -> None:
    s3.put("raw/a", "1")
    s3.put("other", "1")
    node = lake(a_node(tmp_path), s3, prefix="/raw/")
    said = connections.test(node, "lake")
    assert said.startswith(f"bucket {s3.bucket} below raw/ at {s3.endpoint}: 1 object; it may be written")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bucket": "not-there"}, "There is no bucket 'not-there'"),
        ({"endpoint": "http://127.0.0.1:9"}, "No server answers there"),
        ({"key": "secret:wrong"}, "The server refuses us"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, s3: ObjectStore, change: dict[str, str], said: str) -> None:
    node = lake(a_node(tmp_path), s3)
    node.secrets.put("wrong", "AKIAWRONG")
    connections.define(node, "lake", {**s3.settings, **change})
    with pytest.raises(Failed, match=said) as caught:
        connections.test(node, "lake")
    assert s3.secret not in str(caught.value)


def test_a_folder_of_the_server_is_tried(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    (tmp_path / "lake").mkdir()
    assert tried(node, type="server_files", root=str(tmp_path / "lake")).endswith("may be written to")
    with pytest.raises(Failed, match="There is no folder"):
        tried(node, type="server_files", root=str(tmp_path / "gone"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"type": "s3", "bucket": "lake", "key": "AKIA"}, "A secret is never written here"),
        ({"type": "s3", "bucket": "lake/raw"}, "The bucket's name alone"),
        ({"type": "s3", "bucket": "lake", "prefix": "a/../b"}, r"without '\.\.'"),
        ({"type": "s3", "bucket": "lake", "endpoint": "storage.example.org"}, "begins with http"),
        ({"type": "s3", "bucket": "lake", "path_rule": "shared"}, r"must contain \$\{projectKey\}"),
        ({"type": "server_files", "root": "data"}, "full path"),
        ({"type": "server_files", "root": "/"}, "full path"),
    ],
)
def test_what_cannot_be_meant_is_refused(values: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidDefinition, match=said):
        registry.parse("connections", values)


def test_places_are_told_in_words() -> None:
    assert parsed(type="s3", bucket="lake", prefix="raw").place() == "bucket lake below raw/ at AWS"
    assert parsed(type="server_files", root="/data/lake").place() == "the server's /data/lake"
