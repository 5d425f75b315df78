"""Archives are read as if whoever made them meant harm."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from penstock.core import archive
from penstock.core.archive import Bounds, Member
from penstock.core.errors import NotFound, UnsafeArchive

FILES: dict[str, archive.Source] = {"project/project.yaml": b"title: A\n", "data/a.parquet": b"PAR1" * 100}


def _zip(path: Path, *members: tuple[str, bytes], mode: int = 0o100644) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            opened.writestr(info, data)
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    known = archive.write(tmp_path / "a.zip", FILES)
    with archive.read(tmp_path / "a.zip") as opened:
        opened.check(known)
        assert opened.names() == sorted(FILES)
        assert opened.names("data/") == ["data/a.parquet"]
        assert opened.content("project/project.yaml") == b"title: A\n"
        opened.extract_all(tmp_path / "out", known, under="project/")
    assert (tmp_path / "out/project.yaml").read_bytes() == b"title: A\n"


def test_equal_members_give_equal_bytes(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"PAR1" * 100)
    archive.write(tmp_path / "a.zip", FILES)
    archive.write(
        tmp_path / "b.zip", {"data/a.parquet": tmp_path / "file", "project/project.yaml": b"title: A\n"}
    )
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


NAMES = (
    "/etc/passwd", "../out", "a/../../out", "a\\..\\out", "C:/out", "a//b", "a/./b", "", "dir/", "a\nb", "x" * 300,
    "a/" * 600 + "b",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_no_plain_file_inside_is_refused(name: str, tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", ("good", b"1"), (name, b"2"))
    with pytest.raises(UnsafeArchive):
        archive.read(path)
    with pytest.raises(UnsafeArchive):
        archive.write(tmp_path / "b.zip", {name: b""})


@pytest.mark.parametrize(("one", "other"), [("a", "A"), ("ä", "a\u0308"), ("a", "a/b")])
def test_names_that_hide_each_other_are_refused(one: str, other: str, tmp_path: Path) -> None:
    with pytest.raises(UnsafeArchive):
        archive.read(_zip(tmp_path / "a.zip", (one, b"1"), (other, b"2")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeArchive, match="twice"):
        archive.read(_zip(tmp_path / "a.zip", ("a", b"1"), ("a", b"2")))


@pytest.mark.parametrize("mode", [0o120777, 0o060644, 0o020644, 0o010644, 0o040755])
def test_links_and_devices_are_refused(mode: int, tmp_path: Path) -> None:
    with pytest.raises(UnsafeArchive, match="link or a device"):
        archive.read(_zip(tmp_path / "a.zip", ("a", b"/etc/passwd"), mode=mode))


def test_a_bomb_is_refused_by_what_it_says(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", ("a", b"\0" * (30 << 20)))
    with pytest.raises(UnsafeArchive, match="a bomb"):
        archive.read(path)


def test_a_bomb_that_lies_about_its_size_is_stopped_where_it_said_it_would_end(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", ("a", b"\0" * 100_000))
    said = path.read_bytes().replace(struct.pack("<L", 100_000), struct.pack("<L", 10))
    path.write_bytes(said)
    with archive.read(path) as opened, pytest.raises(UnsafeArchive):
        opened.extract("a", tmp_path / "out", Member("", 10))
    assert (tmp_path / "out").stat().st_size <= 10


@pytest.mark.parametrize(
    "bounds", [Bounds(members=1), Bounds(member=5), Bounds(total=12)], ids=["members", "member", "total"]
)
def test_more_than_the_bounds_is_refused(bounds: Bounds, tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", ("a", b"1" * 8), ("b", b"1" * 8))
    with pytest.raises(UnsafeArchive):
        archive.read(path, bounds)


def test_a_large_member_is_not_read_into_memory(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", ("a", b"1" * 8))
    with archive.read(path, Bounds(text=4)) as opened, pytest.raises(UnsafeArchive):
        opened.content("a")


def test_each_changed_byte_is_noticed(tmp_path: Path) -> None:
    known = archive.write(tmp_path / "a.zip", {"a": b"hello world, this is text"})
    archive.write(tmp_path / "b.zip", {"a": b"hello World, this is text"})
    with archive.read(tmp_path / "b.zip") as opened, pytest.raises(UnsafeArchive, match="checksum"):
        opened.check(known)


def test_members_and_manifest_are_the_same_list(tmp_path: Path) -> None:
    known = archive.write(tmp_path / "a.zip", {"a": b"1", "b": b"2"})
    with archive.read(tmp_path / "a.zip") as opened:
        with pytest.raises(UnsafeArchive, match="not in its manifest"):
            opened.check({"a": known["a"]})
        with pytest.raises(UnsafeArchive, match="not in the archive"):
            opened.check({**known, "c": known["a"]})
        with pytest.raises(NotFound):
            opened.content("c")


@pytest.mark.parametrize(
    "content", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 50, b"PK\x05\x06" + b"\xff" * 18]
)
def test_what_is_no_zip_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(UnsafeArchive):
        archive.read(tmp_path / "a.zip")


def test_a_cut_archive_is_refused_wherever_it_was_cut(tmp_path: Path) -> None:
    known = archive.write(tmp_path / "a.zip", FILES)
    whole = (tmp_path / "a.zip").read_bytes()
    for length in range(0, len(whole), 17):
        (tmp_path / "b.zip").write_bytes(whole[:length])
        with pytest.raises(UnsafeArchive), archive.read(tmp_path / "b.zip") as opened:
            opened.check(known)
