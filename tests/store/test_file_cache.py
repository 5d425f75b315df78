"""The cache of fetched files: bounded, oldest use first, never half a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.store.file_cache import FileCache, bytes_of


def giving(text: str) -> Callable[[Path], None]:
    return lambda path: Path(path).write_text(text) and None


def never(path: Path) -> None:
    raise AssertionError("fetched again")


def test_a_known_mark_is_not_fetched_again(tmp_path: Path) -> None:
    FileCache(tmp_path / "cache", 100).linked("m", tmp_path / "a", giving("one"))
    FileCache(tmp_path / "cache", 100).linked("m", tmp_path / "b", never)
    assert (tmp_path / "b").read_text() == "one"


def test_the_longest_unused_goes_first_and_its_readers_keep_it(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", 100)
    cache.linked("old", tmp_path / "old", giving("o" * 60))
    [kept] = (tmp_path / "cache").iterdir()
    os.utime(kept, (1, 1))
    cache.linked("new", tmp_path / "new", giving("n" * 60))
    assert [p.stat().st_size for p in (tmp_path / "cache").iterdir()] == [60]
    assert (tmp_path / "old").read_text() == "o" * 60
    cache.linked("new", tmp_path / "again", never)


def test_what_is_larger_than_the_cache_is_given_and_not_kept(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", 10)
    cache.linked("m", tmp_path / "a", giving("o" * 60))
    assert (tmp_path / "a").stat().st_size == 60
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        FileCache(tmp_path / "cache", 10).linked("m", tmp_path / "a", never)
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize(("text", "size"), [("10GB", 10**10), ("2 GiB", 2 << 30), ("1.5kB", 1500), ("7B", 7)])
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert bytes_of(text) == size
