"""Datasets of files and managed folders behind connections, through a node: a bucket, and a folder of the server."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from penstock.core.errors import ConnectionFailed, ExternalData, JobFailed, NotFound, Refused, SourceNotReady
from penstock.core.job import ActivityState
from penstock.core.node import Node
from penstock.runtime import connections, datasets, folder_files, folders, jobs, renaming
from penstock.testing import KEY, a_node, a_project, build, rows
from tests.object_store import ObjectStore, lake

CHANGES = "box.write('new.csv', box.read('old.csv'))\nbox.delete('gone.csv')\n"
FLIGHTS = {"type": "files", "connection": "lake", "path": "flights", "format": "csv"}
COPIED = {"type": "sync", "input": "flights", "output": "copied"}
COLUMNS = [{"name": "n", "type": "int"}]


def on_bucket(tmp_path: Path, s3: ObjectStore, **flights: object) -> Node:
    node = lake(a_node(tmp_path), s3)
    a_project(
        node,
        {
            "datasets/flights": {**FLIGHTS, "columns": COLUMNS, **flights},
            "datasets/copied": {"type": "managed"},
            "recipes/copy": COPIED,
        },
    )
    return node


def numbers(node: Node, dataset: str) -> list[object]:
    return [row["n"] for row in rows(node, dataset)]


def built(node: Node) -> list[str]:
    """The recipes that a smart build runs."""
    job = jobs.build(node, KEY, ["copied"])
    return [a.recipe for a in node.runs.activities(job.id) if a.state is ActivityState.DONE]


def test_files_of_a_bucket_are_rows_and_a_changed_object_makes_them_new(
    tmp_path: Path, s3: ObjectStore
) -> None:
    s3.put("flights/2013-01.csv", "n\n1\n2\n")
    node = on_bucket(tmp_path, s3)
    build(node, "copied")
    assert numbers(node, "copied") == [1, 2]
    assert built(node) == []
    s3.put("flights/2013-01.csv", "n\n3\n4\n")
    assert built(node) == ["copy"]
    assert numbers(node, "copied") == [3, 4]


@pytest.mark.parametrize(
    ("path", "selection", "expected"),
    [
        ("flights", {}, [1, 2, 3]),
        ("flights/2013-*.csv", {}, [1, 2]),
        ("flights/2013-02.csv", {}, [2]),
        ("flights", {"mode": "explicit", "files": ["2014-01.csv", "2013-01.csv"]}, [3, 1]),
        ("flights", {"mode": "rules", "exclude": [{"pattern": "2013-*"}]}, [3]),
        ("${projectKey|default:x}", {}, [9]),
    ],
)
def test_which_files_are_read(
    tmp_path: Path, s3: ObjectStore, path: str, selection: dict[str, object], expected: list[int]
) -> None:
    for name, n in {"2013-01": 1, "2013-02": 2, "2014-01": 3}.items():
        s3.put(f"flights/{name}.csv", f"n\n{n}\n")
    s3.put("flights/_SUCCESS", "")
    s3.put("DEMO/a.csv", "n\n9\n")
    node = on_bucket(tmp_path, s3, path=path, selection=selection)
    assert numbers(node, "flights") == expected
    assert all(f.path for f, _ in datasets.list_files(node, KEY, "flights"))


def test_formats_and_packed_files_are_read(tmp_path: Path, s3: ObjectStore) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    parquet = io.BytesIO()
    pq.write_table(pa.table({"n": [1]}), parquet)
    s3.put("p/a.parquet", parquet.getvalue())
    s3.put("j/a.jsonl", '{"n": 2}\n')
    s3.put("z/a.csv.gz", gzip.compress(b"n\n3\n"))
    s3.put("x/a.xlsx", _workbook())
    for path, format, n in (("p", "parquet", 1), ("j", "jsonl", 2), ("z", "csv", 3), ("x", "excel", 4)):
        node = on_bucket(tmp_path, s3, path=path, format=format)
        assert numbers(node, "flights") == [n]


def _workbook() -> bytes:
    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (["n"], [4]):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_a_listed_object_that_is_gone_stops_the_build_and_is_named(tmp_path: Path, s3: ObjectStore) -> None:
    s3.put("flights/a.csv", "n\n1\n")
    node = on_bucket(tmp_path, s3, selection={"mode": "explicit", "files": ["a.csv"]})
    build(node, "copied")
    s3.remove("flights/a.csv")
    with pytest.raises(
        (JobFailed, SourceNotReady), match=r"a\.csv, which is not in connection lake under flights"
    ):
        build(node, "copied")
    assert numbers(node, "copied") == [1]


def test_a_server_that_is_down_is_told_and_costs_nothing(tmp_path: Path, s3: ObjectStore) -> None:
    s3.put("flights/a.csv", "n\n1\n")
    node = on_bucket(tmp_path, s3)
    build(node, "copied")
    lake(node, s3, endpoint="http://127.0.0.1:9")
    with pytest.raises(ConnectionFailed, match=r"Connection lake \(bucket .*No server answers"):
        datasets.head(node, KEY, "flights")
    with pytest.raises((JobFailed, ConnectionFailed), match="No server answers"):
        build(node, "copied")
    assert numbers(node, "copied") == [1]


def test_a_connection_that_is_not_there_or_holds_no_files_is_named(tmp_path: Path, s3: ObjectStore) -> None:
    node = on_bucket(tmp_path, s3)
    node.connections.delete("lake")
    with pytest.raises(NotFound, match="lake"):
        datasets.head(node, KEY, "flights")


def boxed(tmp_path: Path, s3: ObjectStore, code: str = "", **box: str) -> Node:
    node = lake(a_node(tmp_path), s3)
    a_project(node, {"folders/box": {"connection": "lake", **box}})
    return coded(node, code) if code else node


def coded(node: Node, code: str) -> Node:
    """The project with a recipe that changes the folder."""
    head = "import penstock\nbox = penstock.Folder('box')\n"
    a_project(node, {"recipes/fill": {"type": "python", "outputs": ["box"]}})
    node.projects.save(KEY, {"flow/recipes/fill.py": head + code}, author="ann", message="Code")
    return node


def sent(tmp_path: Path, text: str, name: str = "a.csv") -> list[Path]:
    file = tmp_path / name
    file.write_text(text)
    return [file]


def test_a_folder_on_a_bucket_is_used_like_any_other(tmp_path: Path, s3: ObjectStore) -> None:
    node = boxed(tmp_path, s3)
    assert folders.put(node, KEY, "box", sent(tmp_path, "n\n1\n"), under="2013") == ["2013/a.csv"]
    assert set(s3.objects()) == {"DEMO/box/2013/a.csv"}
    assert [f.path for f in folders.files(node, KEY, "box")] == ["2013/a.csv"]
    assert folder_files.preview(node, KEY, "box", "2013/a.csv").rows == (("n",), ("1",))
    with folders.open_file(node, KEY, "box", "2013/a.csv") as stream:
        assert stream.read() == b"n\n1\n"
    with folders.all_files(node, KEY, "box") as place:
        assert (place / "2013" / "a.csv").read_text() == "n\n1\n"
    folders.remove(node, KEY, "box", ["2013/a.csv"])
    assert s3.objects() == {}
    folders.put(node, KEY, "box", sent(tmp_path, "x"))
    folders.clear(node, KEY, "box")
    assert s3.objects() == {}


def test_two_projects_never_share_a_place(tmp_path: Path, s3: ObjectStore) -> None:
    node = boxed(tmp_path, s3)
    a_project(node, {"folders/box": {"connection": "lake"}}, key="OTHER")
    folders.put(node, KEY, "box", sent(tmp_path, "1"))
    folders.put(node, "OTHER", "box", sent(tmp_path, "2"))
    assert s3.objects() == {"DEMO/box/a.csv": b"1", "OTHER/box/a.csv": b"2"}


def test_a_place_somebody_chose_is_never_cleared(tmp_path: Path, s3: ObjectStore) -> None:
    s3.put("shared/a", "1")
    node = boxed(tmp_path, s3, path="shared")
    with pytest.raises(ExternalData, match="Folder box lies on connection lake under shared"):
        folders.clear(node, KEY, "box")
    assert s3.objects() == {"shared/a": b"1"}


def test_a_connection_may_refuse_managed_folders(tmp_path: Path, s3: ObjectStore) -> None:
    node = boxed(tmp_path, s3)
    lake(node, s3, managed_folders=False)
    with pytest.raises(Refused, match="Connection lake takes no managed folders"):
        folders.files(node, KEY, "box")


def test_a_recipe_changes_the_files_all_at_once_and_readers_follow(tmp_path: Path, s3: ObjectStore) -> None:
    s3.put("DEMO/box/old.csv", "n\n1\n")
    s3.put("DEMO/box/gone.csv", "n\n2\n")
    node = boxed(tmp_path, s3, CHANGES)
    a_project(node, {"datasets/n": {"type": "files", "folder": "box", "format": "csv", "columns": COLUMNS}})
    build(node, "box")
    assert s3.objects() == {"DEMO/box/old.csv": b"n\n1\n", "DEMO/box/new.csv": b"n\n1\n"}
    assert numbers(node, "n") == [1, 1]


def test_a_recipe_that_fails_leaves_the_old_files(tmp_path: Path, s3: ObjectStore) -> None:
    s3.put("DEMO/box/old.csv", "n\n1\n")
    s3.put("DEMO/box/gone.csv", "n\n2\n")
    node = boxed(tmp_path, s3, CHANGES + "raise ValueError('no')\n")
    before = s3.objects()
    with pytest.raises(JobFailed, match="ValueError: no"):
        build(node, "box")
    assert s3.objects() == before


def test_a_folder_of_the_server_behind_a_connection(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    top = tmp_path / "lake"
    (top / "flights").mkdir(parents=True)
    (top / "flights" / "a.csv").write_text("n\n1\n")
    connections.define(node, "lake", {"type": "server_files", "root": str(top)})
    a_project(
        node, {"datasets/flights": {**FLIGHTS, "columns": COLUMNS}, "folders/box": {"connection": "lake"}}
    )
    assert numbers(node, "flights") == [1]
    folders.put(node, KEY, "box", sent(tmp_path, "1"))
    assert (top / "DEMO" / "box" / "a.csv").read_text() == "1"
    coded(node, "from pathlib import Path\n(Path(box.path) / 'b').write_text('2')\n")
    build(node, "box")
    assert sorted(p.name for p in (top / "DEMO" / "box").iterdir()) == ["a.csv", "b"]
    top.rename(tmp_path / "away")
    with pytest.raises(ConnectionFailed, match="there is no such folder"):
        folders.files(node, KEY, "box")


def test_files_follow_a_folder_s_new_name(tmp_path: Path, s3: ObjectStore) -> None:
    node = boxed(tmp_path, s3)
    folders.put(node, KEY, "box", sent(tmp_path, "1"))
    renaming.rename(node, KEY, "box", "crate", author="ann")
    assert s3.objects() == {"DEMO/crate/a.csv": b"1"}
