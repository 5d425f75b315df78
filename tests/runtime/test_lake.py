"""Managed datasets on a file connection: the old rows or the new ones, whole, behind a pointer."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import ConnectionFailed, Failed, JobFailed, Refused
from penstock.core.metric import ObjectKey
from penstock.core.node import Node
from penstock.runtime import connections, datasets, grids, keeping, metrics, projects, renaming
from penstock.store.bucket import Bucket
from penstock.testing import KEY, a_node, a_project, build, fill, rows
from tests.object_store import ObjectStore, lake

OBJECTS: dict[str, Any] = {
    "datasets/raw": {"type": "managed"},
    "datasets/out": {"type": "managed", "connection": "lake"},
    "datasets/again": {"type": "managed"},
    "recipes/copy": {"type": "sync", "input": "raw", "output": "out"},
    "recipes/back": {"type": "sync", "input": "out", "output": "again"},
}


@pytest.fixture
def node(tmp_path: Path, s3: ObjectStore) -> Node:
    found = lake(a_node(tmp_path), s3)
    a_project(found, OBJECTS)
    fill(found, "raw", n=[1, 2])
    return found


def numbers(node: Node, dataset: str) -> list[object]:
    return [row["n"] for row in rows(node, dataset)]


def current(s3: ObjectStore) -> str:
    return s3.objects()["DEMO/out/current"].decode()


def test_a_recipe_writes_parquet_to_a_bucket_and_the_next_one_reads_it(node: Node, s3: ObjectStore) -> None:
    build(node, "again")
    id = current(s3)
    assert set(s3.objects()) == {
        "DEMO/out/current", f"DEMO/out/{id}/_snapshot.json", f"DEMO/out/{id}/part-00000.parquet",
    }  # fmt: skip
    assert numbers(node, "out") == numbers(node, "again") == [1, 2]
    assert datasets.count(node, KEY, "out") == 2
    [seen] = datasets.snapshots(node, KEY, "out")
    assert (seen.id, seen.rows, [c.name for c in seen.columns]) == (id, 2, ["n"])


def test_a_smart_build_follows_what_is_current_there(node: Node, s3: ObjectStore) -> None:
    build(node, "again")
    first = current(s3)
    build(node, "again")
    assert current(s3) == first
    fill(node, "raw", n=[3])
    build(node, "again")
    assert current(s3) > first
    assert numbers(node, "again") == [3]


def test_only_the_newest_snapshots_are_kept(node: Node, s3: ObjectStore) -> None:
    for n in range(5):
        fill(node, "raw", n=[n])
        build(node, "out")
    kept = node.projects.load(KEY).settings.snapshots_kept
    assert len(datasets.snapshots(node, KEY, "out")) == kept
    assert len(s3.objects()) == 2 * kept + 1


@pytest.mark.parametrize("lost", ["part-00000.parquet", "_snapshot.json", "current"])
def test_an_upload_that_breaks_off_leaves_the_old_rows(
    node: Node, s3: ObjectStore, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    build(node, "out")
    before = s3.objects()
    fill(node, "raw", n=[3])
    put = Bucket.put

    def unplugged(self: Bucket, source: Path, path: str) -> None:
        if path.endswith(lost):
            raise self.store.failed(self.connection, OSError("the plug was pulled"))
        put(self, source, path)

    monkeypatch.setattr(Bucket, "put", unplugged)
    with pytest.raises(JobFailed, match=r"Connection lake .*the plug was pulled"):
        build(node, "out")
    assert s3.objects() == before
    assert numbers(node, "out") == [1, 2]


def test_rows_are_appended_after_those_there(node: Node) -> None:
    a_project(node, {"datasets/log": {"type": "managed", "connection": "lake"}})
    datasets.append(node, KEY, "log", [{"n": 1}])
    datasets.append(node, KEY, "log", [{"n": 2, "said": "x"}])
    assert rows(node, "log") == [{"n": 1, "said": None}, {"n": 2, "said": "x"}]


def test_rows_are_explored_and_files_measured(node: Node) -> None:
    build(node, "out")
    assert json.loads(gzip.decompress(grids.squeezed(node, KEY, "out")))["cells"] == [[1, 2]]
    metrics.compute(node, KEY, "out")
    found = node.metrics.last(ObjectKey(project=KEY, type="dataset", name="out"))
    assert found["records:COUNT_RECORDS"].get_value() == 2
    assert found["basic:SIZE"].get_value() > 0


def test_clearing_removes_the_rows(node: Node, s3: ObjectStore) -> None:
    build(node, "out")
    datasets.clear(node, KEY, "out")
    assert s3.objects() == {}
    assert keeping.snapshot(node, node.projects.load(KEY), "out") is None


def test_two_projects_never_share_a_place(node: Node, s3: ObjectStore) -> None:
    build(node, "out")
    a_project(node, OBJECTS, key="OTHER")
    fill(node, "raw", key="OTHER", n=[9])
    build(node, "out", key="OTHER")
    assert {key.partition("/")[0] for key in s3.objects()} == {"DEMO", "OTHER"}
    assert numbers(node, "out") == [1, 2]


@pytest.mark.parametrize(
    ("flag", "said"), [("managed_datasets", "takes no managed datasets"), ("writable", "is only read from")]
)
def test_a_connection_may_refuse(node: Node, s3: ObjectStore, flag: str, said: str) -> None:
    lake(node, s3, **{flag: False})
    with pytest.raises((JobFailed, Refused), match=f"Connection lake {said}"):
        build(node, "out")
    assert s3.objects() == {}


def test_a_server_that_is_down_is_told(node: Node, s3: ObjectStore) -> None:
    build(node, "out")
    lake(node, s3, endpoint="http://127.0.0.1:9")
    with pytest.raises((Failed, ConnectionFailed), match="No server answers"):
        datasets.head(node, KEY, "out")
    lake(node, s3)
    assert numbers(node, "out") == [1, 2]


def test_a_folder_of_the_server_keeps_rows_the_same_way(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    (tmp_path / "lake").mkdir()
    connections.define(node, "lake", {"type": "server_files", "root": str(tmp_path / "lake")})
    a_project(node, OBJECTS)
    fill(node, "raw", n=[1])
    build(node, "again")
    assert numbers(node, "again") == [1]
    assert (tmp_path / "lake" / "DEMO" / "out" / "current").exists()


def test_rows_follow_a_new_name_and_stay_up_to_date(node: Node, s3: ObjectStore) -> None:
    build(node, "again")
    renaming.rename(node, KEY, "out", "kept", author="ann")
    assert {key.split("/")[1] for key in s3.objects()} == {"kept"}
    assert numbers(node, "kept") == [1, 2]
    before = s3.objects()["DEMO/kept/current"]
    build(node, "again")
    assert s3.objects()["DEMO/kept/current"] == before


def test_a_deleted_project_leaves_nothing_behind_but_what_others_may_use(node: Node, s3: ObjectStore) -> None:
    a_project(
        node, {"folders/box": {"connection": "lake"}, "folders/shared": {"connection": "lake", "path": "all"}}
    )
    build(node, "out")
    s3.put("DEMO/box/a", "1")
    s3.put("all/a", "1")
    projects.delete(node, KEY)
    assert set(s3.objects()) == {"all/a"}
