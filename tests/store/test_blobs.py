"""Bytes on disk: protected, verified, and not lost to a race."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import Unsafe
from penstock.store.blobs import DiskBlobs


def test_bytes_changed_behind_our_back_are_not_handed_out(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    hash = blobs.put(b"abc")
    blobs.path(hash).chmod(0o644)
    blobs.path(hash).write_bytes(b"abd")
    with pytest.raises(Unsafe, match="changed on disk"):
        blobs.get(hash)


def test_kept_files_are_read_only(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    assert blobs.path(blobs.put(b"abc")).stat().st_mode & 0o222 == 0


def test_bytes_that_are_needed_again_meanwhile_come_back(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    hash = blobs.put(b"abc")
    blobs.delete(hash, unless=lambda: True)
    assert blobs.get(hash) == b"abc"
    blobs.delete(hash, unless=lambda: bool(blobs.put(b"abc")))
    assert blobs.get(hash) == b"abc"


def test_what_a_dead_process_half_copied_is_swept(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    blobs.put(b"abc")
    from penstock.store.disk import this_process

    _, _, host = this_process().rpartition("-")
    aside = tmp_path / "blobs/.incoming"
    (aside / f"x-{2**22 + 1}-1-{host}").write_bytes(b"half")
    (aside / f"y-{this_process()}").write_bytes(b"being written")
    assert blobs.sweep() == 1
    assert [p.name[0] for p in aside.iterdir()] == ["y"]
