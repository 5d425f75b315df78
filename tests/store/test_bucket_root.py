"""Files in an object store: listed, fetched through the cache, changed all at once or not at all."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from penstock.core.errors import ConnectionFailed, NotFound, Refused
from penstock.core.files import FileRoot
from penstock.core.node import Node
from penstock.store.bucket import Vanished
from penstock.store.bucket_root import BucketRoot, Plan
from penstock.testing import a_node
from tests.object_store import ObjectStore, lake


@pytest.fixture
def node(tmp_path: Path, s3: ObjectStore) -> Node:
    return lake(a_node(tmp_path), s3)


def root(node: Node, path: str = "months") -> BucketRoot:
    found = node.files.on("DEMO", "lake", path)
    assert isinstance(found, BucketRoot)
    return found


def a_file(folder: Path, content: str, name: str = "sent.csv") -> Path:
    file = folder / name
    file.write_text(content)
    return file


def work(folder: Path) -> Callable[[], Path]:
    return lambda: folder / "work"


def texts(files: FileRoot, folder: Path) -> dict[str, str]:
    place = files.local(files.listed(), work(folder))
    return {f.path: (place / f.path).read_text() for f in files.listed()}


def test_what_is_put_is_listed_with_its_etag_and_comes_back(tmp_path: Path, node: Node) -> None:
    files = root(node)
    files.put(a_file(tmp_path, "n\n1\n"), "2013/été 1.csv")
    [seen] = files.listed()
    assert (seen.path, seen.size, bool(seen.etag)) == ("2013/été 1.csv", 4, True)
    assert texts(files, tmp_path) == {"2013/été 1.csv": "n\n1\n"}
    with files.open("2013/été 1.csv") as stream:
        assert (stream.read(1), stream.seek(0, io.SEEK_END)) == (b"n", 4)


def test_only_what_lies_below_the_path_is_seen(tmp_path: Path, node: Node, s3: ObjectStore) -> None:
    s3.put("months/a.csv", "1")
    s3.put("months2/b.csv", "2")
    s3.put("c.csv", "3")
    assert [f.path for f in root(node).listed()] == ["a.csv"]


@pytest.mark.parametrize("path", ["../other", "a/../../b", "/etc", "a//b", ".plan-x.json"])
def test_no_path_leads_out(tmp_path: Path, node: Node, path: str) -> None:
    with pytest.raises(Refused, match="leads out"):
        root(node).put(a_file(tmp_path, "x"), path)


def test_keys_that_are_no_path_of_a_file_are_not_seen(node: Node, s3: ObjectStore) -> None:
    s3.put("months/../evil", "x")
    s3.put("months/folder/", "")
    s3.put("months/good", "x")
    assert [f.path for f in root(node).listed()] == ["good"]


def test_a_file_is_fetched_once_as_long_as_it_stays_the_same(
    tmp_path: Path, node: Node, s3: ObjectStore
) -> None:
    s3.put("months/a.csv", "one")
    texts(root(node), tmp_path / "first")
    kept = list((node.config.home / "cache" / "files").iterdir())
    texts(root(node), tmp_path / "second")
    assert list((node.config.home / "cache" / "files").iterdir()) == kept
    s3.put("months/a.csv", "two")
    assert texts(root(node), tmp_path / "third") == {"a.csv": "two"}
    assert texts(root(node), tmp_path / "first") == {"a.csv": "two"}


def test_a_file_replaced_between_listing_and_fetching_is_no_mixture(
    tmp_path: Path, node: Node, s3: ObjectStore
) -> None:
    s3.put("months/a.csv", "one")
    seen = root(node).listed()
    s3.put("months/a.csv", "two")
    with pytest.raises(Vanished, match=r"a\.csv was replaced: connection lake, bucket lake-.*Run it again"):
        root(node).local(seen, work(tmp_path))


def test_a_file_that_vanished_is_named(tmp_path: Path, node: Node, s3: ObjectStore) -> None:
    s3.put("months/a.csv", "one")
    seen = root(node).listed()
    s3.remove("months/a.csv")
    with pytest.raises(Vanished, match=r"a\.csv is not there any more"):
        root(node).local(seen, work(tmp_path))
    with pytest.raises(NotFound, match=r"no file 'a\.csv' in .*connection lake"):
        root(node).open("a.csv")


def test_removing_names_what_is_not_there_and_then_removes_nothing(node: Node, s3: ObjectStore) -> None:
    s3.put("months/a.csv", "one")
    with pytest.raises(NotFound, match=r"b\.csv.*Did you mean a\.csv"):
        root(node).remove(["a.csv", "b.csv"])
    assert set(s3.objects()) == {"months/a.csv"}


def test_a_staged_change_is_seen_at_its_end_and_not_before(
    tmp_path: Path, node: Node, s3: ObjectStore
) -> None:
    for name in ("a", "b", "c"):
        s3.put(f"months/{name}", "old")
    files = root(node)
    staged = files.stage(work(tmp_path))
    assert sorted(p.name for p in staged.iterdir()) == ["a", "b", "c"]
    (staged / "a").unlink()
    (staged / "b").unlink()
    (staged / "b").write_text("new")
    (staged / "new").mkdir()
    (staged / "new" / "d").write_text("new")
    assert {f.path for f in files.listed()} == {"a", "b", "c"}
    assert files.finish(staged) == (2, 1)
    assert s3.objects() == {"months/b": b"new", "months/c": b"old", "months/new/d": b"new"}


def test_a_change_that_changes_nothing_writes_nothing(tmp_path: Path, node: Node, s3: ObjectStore) -> None:
    s3.put("months/a", "old")
    before = root(node).listed()
    staged = root(node).stage(work(tmp_path))
    content = (staged / "a").read_bytes()
    (staged / "a").unlink()
    (staged / "a").write_bytes(content)
    assert root(node).finish(staged) == (0, 0)
    assert root(node).listed() == before


def test_files_that_came_meanwhile_stay(tmp_path: Path, node: Node, s3: ObjectStore) -> None:
    s3.put("months/a", "old")
    staged = root(node).stage(work(tmp_path))
    (staged / "a").unlink()
    s3.put("months/late", "late")
    s3.put("months/a", "newer")
    root(node).finish(staged)
    assert s3.objects() == {"months/late": b"late", "months/a": b"newer"}


def test_a_discarded_change_leaves_no_trace(tmp_path: Path, node: Node, s3: ObjectStore) -> None:
    s3.put("months/a", "old")
    staged = root(node).stage(work(tmp_path))
    (staged / "a").unlink()
    root(node).discard(staged)
    assert s3.objects() == {"months/a": b"old"}


def test_readers_see_a_change_whole_while_it_is_carried_out(
    tmp_path: Path, node: Node, s3: ObjectStore
) -> None:
    """What lies there when a writer died after its plan: half of the copies are made."""
    plan = Plan("00000000000001-ab-1-1-x", ("a", "b"), {"c": ""})
    for key, content in {"a": "new", "b": "old", "c": "old"}.items():
        s3.put(f"months/{key}", content)
    etag = next(f.etag for f in root(node).listed() if f.path == "c")
    plan = replace(plan, removed={"c": etag})
    for path in plan.placed:
        s3.put(f"months/{plan.aside(path)}", "new")
    s3.put(f"months/{plan.object}", plan.told())
    assert texts(root(node), tmp_path) == {"a": "new", "b": "new"}
    root(node).put(a_file(tmp_path, "late"), "d")
    assert s3.objects() == {"months/a": b"new", "months/b": b"new", "months/d": b"late"}


def test_an_upload_that_cannot_go_on_leaves_the_old_files(
    tmp_path: Path, node: Node, s3: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.put("months/a", "old")
    files = root(node)
    staged = files.stage(work(tmp_path))
    for name in ("b", "c"):
        (staged / name).write_text("new")
    lost = replace(files.bucket, filesystem=Unplugged(files.bucket.filesystem, after=1))
    with pytest.raises(ConnectionFailed, match=r"Connection lake \(bucket lake-.*plug was pulled"):
        replace(files, bucket=lost).finish(staged)
    assert {f.path for f in root(node).listed()} == {"a"}
    assert set(s3.objects()) == {"months/a"}


class Unplugged:
    """A filesystem whose network goes away after some uploads, for uploads."""

    def __init__(self, filesystem: object, after: int) -> None:
        self._filesystem, self._left = filesystem, after

    def __getattr__(self, name: str) -> object:
        return getattr(self._filesystem, name)

    def put_file(self, source: str, target: str) -> None:
        if self._left == 0:
            raise OSError("the plug was pulled")
        self._left -= 1
        self._filesystem.put_file(source, target)  # type: ignore[attr-defined]


def test_what_is_only_read_is_not_written(tmp_path: Path, s3: ObjectStore) -> None:
    node = lake(a_node(tmp_path), s3, writable=False)
    s3.put("months/a", "old")
    for change in (
        lambda: root(node).put(a_file(tmp_path, "x"), "a"),
        lambda: root(node).remove(["a"]),
        lambda: root(node).stage(work(tmp_path)),
    ):
        with pytest.raises(Refused, match=r"Connection lake is only read from.*writable"):
            change()
    assert s3.objects() == {"months/a": b"old"}


def test_wrong_keys_missing_buckets_and_dead_servers_are_told_apart(tmp_path: Path, s3: ObjectStore) -> None:
    node = lake(a_node(tmp_path), s3)
    root(node).listed()
    node.secrets.put("lake_secret", "wrong")
    with pytest.raises(
        ConnectionFailed, match=r"Connection lake \(bucket .*The server refuses us: .*signature"
    ):
        root(node).listed()
    lake(node, s3, bucket="not-there")
    with pytest.raises(
        ConnectionFailed, match=r"There is no bucket 'not-there'.*penstock connection test lake"
    ):
        root(node).listed()
    lake(node, s3, endpoint="http://127.0.0.1:9")
    with pytest.raises(ConnectionFailed, match="No server answers there"):
        root(node).listed()
