"""What is signed, and whose signature counts."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from penstock.core import archive, signing
from penstock.core.errors import UnknownSigner, UnsafeArchive
from penstock.core.signing import NodeKey
from penstock.store.node_keys import FileNodeKeys

NOW = datetime(2026, 1, 2, tzinfo=UTC)
FILES: dict[str, archive.Source] = {"project/project.yaml": b"title: A\n", "lib/a.py": b"A = 1\n"}


def _signed(tmp_path: Path, name: str = "design") -> tuple[Path, FileNodeKeys]:
    keys = FileNodeKeys(tmp_path / name, name)
    path = tmp_path / f"{name}.zip"
    signing.write_signed(path, {"bundle": "v1"}, FILES, keys.sign)
    return path, keys


def _rewritten(path: Path, **files: bytes) -> Path:
    """The same archive with some members replaced by their first name."""
    with archive.read(path) as opened:
        members: dict[str, archive.Source] = {n: opened.content(n) for n in opened.names()}
    whole = {**members, **files}
    other = path.with_name("other.zip")
    archive.write(other, whole)
    return other


def test_an_archive_of_a_trusted_node_is_opened(tmp_path: Path) -> None:
    path, design = _signed(tmp_path)
    here = FileNodeKeys(tmp_path / "here", "here")
    here.trust(design.own(), by="ann", at=NOW)
    with signing.open_signed(path, here.verify) as opened:
        opened.check()
        assert opened.manifest["bundle"] == "v1"
        assert opened.by == design.own()
        opened.extract(tmp_path / "out", under="lib/")
        assert opened.extract(tmp_path / "out", under="nothing/") == []
    assert (tmp_path / "out/a.py").read_text() == "A = 1\n"


def test_our_own_archives_are_opened(tmp_path: Path) -> None:
    path, design = _signed(tmp_path)
    with signing.open_signed(path, design.verify) as opened:
        assert opened.content("lib/a.py") == b"A = 1\n"


def test_an_archive_of_a_stranger_is_refused_with_the_fingerprint_to_compare(tmp_path: Path) -> None:
    path, design = _signed(tmp_path)
    with pytest.raises(UnknownSigner, match=design.own().fingerprint):
        signing.open_signed(path, FileNodeKeys(tmp_path / "here", "here").verify)


def test_a_stranger_who_takes_the_name_of_a_trusted_node_is_refused(tmp_path: Path) -> None:
    path, _ = _signed(tmp_path)
    friend, here = FileNodeKeys(tmp_path / "friend", "design"), FileNodeKeys(tmp_path / "here", "here")
    here.trust(friend.own(), by="ann", at=NOW)
    with pytest.raises(UnknownSigner):
        signing.open_signed(path, here.verify)


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    path, design = _signed(tmp_path)
    with signing.open_signed(_rewritten(path, **{"lib/a.py": b"A = 2\n"}), design.verify) as opened:
        with pytest.raises(UnsafeArchive, match="checksum"):
            opened.check()
        with pytest.raises(UnsafeArchive, match="checksum"):
            opened.content("lib/a.py")


def test_a_changed_manifest_is_refused(tmp_path: Path) -> None:
    path, design = _signed(tmp_path)
    with archive.read(path) as opened:
        text = opened.content(signing.MANIFEST).replace(b"v1", b"v2")
    with pytest.raises(UnsafeArchive, match="does not fit"):
        signing.open_signed(_rewritten(path, **{signing.MANIFEST: text}), design.verify)


@pytest.mark.parametrize(
    "signature",
    [
        b"{}", b"[]", b"no", b"\xff", json.dumps({"node": 1, "key": "a", "signature": "b"}).encode(),
        b'{"node":"a","node":"b","key":"c","signature":"d"}', b'{"node":"a","key":"!","signature":"d"}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_signature_that_is_none_is_refused(signature: bytes, tmp_path: Path) -> None:
    path, design = _signed(tmp_path)
    with pytest.raises((UnsafeArchive, UnknownSigner)):
        signing.open_signed(_rewritten(path, **{signing.SIGNATURE: signature}), design.verify)


def test_a_signature_of_the_right_key_over_other_bytes_is_refused(tmp_path: Path) -> None:
    path, design = _signed(tmp_path)
    mine, wrong = design.own(), base64.b64encode(b"0" * 64).decode()
    text = signing.canonical({"node": mine.node, "key": mine.key, "signature": wrong})
    with pytest.raises(UnsafeArchive):
        signing.open_signed(_rewritten(path, **{signing.SIGNATURE: text}), design.verify)


def test_an_unlisted_file_is_refused(tmp_path: Path) -> None:
    path, design = _signed(tmp_path)
    with pytest.raises(UnsafeArchive, match="not in its manifest"):
        signing.open_signed(_rewritten(path, **{"lib/extra.py": b""}), design.verify)


def test_an_archive_nobody_signed_is_refused(tmp_path: Path) -> None:
    archive.write(tmp_path / "a.zip", FILES)
    with pytest.raises(UnsafeArchive, match=r"manifest\.json"):
        signing.open_signed(tmp_path / "a.zip", FileNodeKeys(tmp_path, "a").verify)


def test_a_fingerprint_is_short_and_told_apart(tmp_path: Path) -> None:
    one, other = FileNodeKeys(tmp_path / "1", "a").own(), FileNodeKeys(tmp_path / "2", "a").own()
    assert one.fingerprint != other.fingerprint
    assert len(one.fingerprint) == 39
    assert NodeKey("b", one.key).fingerprint == one.fingerprint
