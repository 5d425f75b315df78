"""What every place for managed data keeps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.errors import Conflict, Failed, InvalidName, NotFound, Refused
from penstock.core.ports import Data
from penstock.store.data import DiskData

ADAPTERS: dict[str, Callable[[Path], Data]] = {"disk": lambda home: DiskData(home, [home / "allowed"])}


@pytest.fixture(params=ADAPTERS)
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Data:
    return ADAPTERS[request.param](tmp_path)


def write(data: Data, values: list[int], *, project: str = "P", dataset: str = "d", keep: int = 3) -> str:
    written = data.begin(project, dataset)
    pq.write_table(pa.table({"n": pa.array(values, pa.int32())}), written / "part-0.parquet")
    return data.finish(project, dataset, written, job="j1", keep=keep).id


def rows(data: Data, snapshot: str = "") -> list[int]:
    found = [pq.read_table(f).column("n").to_pylist() for f in data.files("P", "d", snapshot)]
    return [value for part in found for value in part]


def test_a_dataset_never_built_has_no_snapshot_and_no_files(data: Data) -> None:
    assert data.snapshot("P", "d") is None
    assert data.snapshots("P", "d") == []
    assert data.files("P", "d") == []


def test_a_finished_write_is_the_current_snapshot_and_knows_its_facts(data: Data) -> None:
    id = write(data, [1, 2, 3])
    snapshot = data.snapshot("P", "d")
    assert snapshot is not None
    assert (snapshot.id, snapshot.rows, snapshot.files, snapshot.job) == (id, 3, 1, "j1")
    assert [(c.name, c.type) for c in snapshot.columns] == [("n", "int")]
    assert snapshot.bytes == sum(f.stat().st_size for f in data.files("P", "d"))
    assert snapshot.written_at.tzinfo is not None


def test_equal_content_has_an_equal_fingerprint_and_another_content_another(data: Data) -> None:
    for values in ([1], [1], [2]):
        write(data, values)
    newest, again, first = (s.fingerprint for s in data.snapshots("P", "d"))
    assert first == again != newest


def test_what_is_being_written_is_invisible_and_can_be_discarded(data: Data) -> None:
    write(data, [1])
    written = data.begin("P", "d")
    (written / "part-0.parquet").write_bytes(b"half")
    assert rows(data) == [1]
    data.discard(written)
    assert not written.exists()
    assert rows(data) == [1]


def test_discard_leaves_a_finished_snapshot_alone(data: Data) -> None:
    id = write(data, [1])
    data.discard(data.files("P", "d", id)[0].parent)
    assert rows(data) == [1]


def test_the_newest_snapshots_stay_readable_and_older_ones_go(data: Data) -> None:
    ids = [write(data, [n], keep=2) for n in range(4)]
    assert [s.id for s in data.snapshots("P", "d")] == [ids[3], ids[2]]
    assert rows(data, ids[2]) == [2]
    with pytest.raises(NotFound):
        data.files("P", "d", ids[0])


def test_ids_sort_by_age(data: Data) -> None:
    ids = [write(data, [n], keep=9) for n in range(9)]
    assert ids == sorted(ids)


def test_a_write_without_files_or_with_a_broken_one_is_refused_and_the_old_data_stays(data: Data) -> None:
    write(data, [1])
    empty, broken = data.begin("P", "d"), data.begin("P", "d")
    (broken / "part-0.parquet").write_bytes(b"PAR1 nothing else")
    for written in (empty, broken):
        with pytest.raises(Failed):
            data.finish("P", "d", written, job="", keep=3)
    assert rows(data) == [1]


def test_clearing_makes_it_as_if_it_was_never_built(data: Data) -> None:
    write(data, [1])
    data.clear("P", "d")
    data.clear("P", "never_there")
    assert data.snapshot("P", "d") is None
    assert data.snapshots("P", "d") == []
    write(data, [2])
    assert rows(data) == [2]


@pytest.mark.requirement("A15")
def test_two_projects_never_share_a_path(data: Data) -> None:
    places = [data.begin, data.folder, data.uploads]
    mine, theirs = ([place(key, "d") for place in places] for key in ("P", "P_COPY"))
    for a in mine:
        for b in theirs:
            assert a not in (b, *b.parents)
            assert b not in (a, *a.parents)
    write(data, [1], project="P")
    assert data.snapshot("P_COPY", "d") is None


@pytest.mark.parametrize("name", ["", "a/b", "..", "../P2/d", ".hidden", "a\0b", "x" * 101])
def test_names_that_could_leave_their_place_are_refused(data: Data, name: str) -> None:
    for verb in (data.begin, data.folder, data.uploads, data.snapshot, data.clear):
        with pytest.raises(InvalidName):
            verb("P", name)
        with pytest.raises(InvalidName):
            verb(name, "d")


def test_folders_and_uploads_exist_when_asked_for(data: Data) -> None:
    assert data.folder("P", "x").is_dir()
    assert data.uploads("P", "x").is_dir()
    assert data.folder("P", "x") != data.uploads("P", "x")


def test_a_server_path_lies_under_an_allowed_root_even_through_links(data: Data, tmp_path: Path) -> None:
    allowed, secret = tmp_path / "allowed", tmp_path / "secret"
    allowed.mkdir()
    secret.mkdir()
    (allowed / "link").symlink_to(secret)
    assert data.server_path(str(allowed / "new.csv")) == (allowed / "new.csv").resolve()
    for path in (secret, allowed / "link" / "x", allowed / ".." / "secret", Path("allowed/new.csv")):
        with pytest.raises(Refused, match="may read"):
            data.server_path(str(path))


def test_deleting_a_project_removes_its_data_and_no_other(data: Data) -> None:
    write(data, [1], project="P")
    write(data, [2], project="Q")
    data.delete_project("Q")
    assert data.snapshot("Q", "d") is None
    assert rows(data) == [1]


def test_a_write_that_builds_on_another_is_refused_when_that_one_is_current_no_more(data: Data) -> None:
    first = write(data, [1])
    second = write(data, [2])
    written = data.begin("P", "d")
    pq.write_table(pa.table({"n": [3]}), written / "part-0.parquet")
    with pytest.raises(Conflict, match="written by somebody else meanwhile"):
        data.finish("P", "d", written, job="j", keep=3, after=first)
    assert rows(data) == [2]
    data.finish("P", "d", written, job="j", keep=3, after=second)
    assert rows(data) == [3]


def test_the_first_write_of_a_dataset_builds_on_none(data: Data) -> None:
    written = data.begin("P", "d")
    pq.write_table(pa.table({"n": [1]}), written / "part-0.parquet")
    data.finish("P", "d", written, job="j", keep=3, after="")
    assert rows(data) == [1]
