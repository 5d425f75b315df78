"""What every keeper of bytes by hash keeps."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from penstock.core.errors import NotFound, Refused
from penstock.core.ports import Blobs
from penstock.store.blobs import DiskBlobs

ADAPTERS: dict[str, Callable[[Path], Blobs]] = {"disk": DiskBlobs}


@pytest.fixture(params=ADAPTERS)
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return ADAPTERS[request.param](tmp_path / "home")


def a_folder(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def test_bytes_come_back_by_their_sha256(blobs: Blobs) -> None:
    hash = blobs.put(b"abc")
    assert hash == sha256(b"abc").hexdigest()
    assert blobs.get(hash) == b"abc"


def test_a_file_and_equal_bytes_are_kept_once(blobs: Blobs, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"abc")
    assert blobs.put_file(file) == blobs.put(b"abc")
    assert file.exists()


def test_a_folder_comes_back_whole_and_its_hash_tells_names_and_contents(
    blobs: Blobs, tmp_path: Path
) -> None:
    files = {"a.txt": "1", "sub/b.txt": "2"}
    hash = blobs.put_folder(a_folder(tmp_path / "one", files))
    assert blobs.put_folder(a_folder(tmp_path / "same", files)) == hash
    assert blobs.put_folder(a_folder(tmp_path / "renamed", {"a.txt": "1", "sub/c.txt": "2"})) != hash
    assert blobs.put_folder(a_folder(tmp_path / "changed", {"a.txt": "1", "sub/b.txt": "3"})) != hash
    assert (blobs.path(hash) / "sub/b.txt").read_text() == "2"


def test_a_folder_with_a_link_is_refused(blobs: Blobs, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "one", {"a.txt": "1"})
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(Refused, match="link"):
        blobs.put_folder(folder)


def test_what_was_deleted_or_never_put_is_not_found(blobs: Blobs, tmp_path: Path) -> None:
    for hash in (blobs.put(b"abc"), blobs.put_folder(a_folder(tmp_path / "one", {"a": "1"}))):
        blobs.delete(hash)
        blobs.delete(hash)
        with pytest.raises(NotFound):
            blobs.path(hash)
    with pytest.raises(NotFound):
        blobs.get("../../etc/passwd")
