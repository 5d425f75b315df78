"""The key of a node and those it trusts."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from penstock.core.errors import Invalid, NotFound, UnknownSigner
from penstock.core.signing import NodeKey
from penstock.store.node_keys import FileNodeKeys

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    key = FileNodeKeys(tmp_path, "a").own()
    assert FileNodeKeys(tmp_path, "a").own() == key
    assert (tmp_path / "keys/node.pem").stat().st_mode & 0o777 == 0o600


def test_what_a_node_signs_it_verifies(tmp_path: Path) -> None:
    keys = FileNodeKeys(tmp_path, "a")
    assert keys.verify(b"text", keys.sign(b"text")) == keys.own()


def test_trust_is_kept_and_can_be_taken_back(tmp_path: Path) -> None:
    here, there = FileNodeKeys(tmp_path / "here", "here"), FileNodeKeys(tmp_path / "there", "there")
    here.trust(there.own(), by="ann", at=NOW)
    assert FileNodeKeys(tmp_path / "here", "here").trusted() == [there.own()]
    here.distrust(there.own().fingerprint)
    assert here.trusted() == []
    with pytest.raises(UnknownSigner):
        here.verify(b"text", there.sign(b"text"))
    with pytest.raises(NotFound):
        here.distrust(there.own().key)


@pytest.mark.parametrize("key", ["", "!!", base64.b64encode(b"short").decode()])
def test_what_is_no_key_is_not_trusted(key: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        FileNodeKeys(tmp_path, "a").trust(NodeKey("there", key), by="ann", at=NOW)
