"""Files and tables over HTTP: names that lead nowhere else, zip files that stay inside, harmless CSV."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from penstock.core.errors import Invalid, Refused, TooLarge
from penstock.http import downloads, uploads, zipped
from penstock.testing import KEY, fill
from tests.api.stage import Stage, a_stage

HERE = f"/api/v1/projects/{KEY}"
OUTSIDE = ["../up.csv", "/etc/cron.d/x", "a/b.csv", "..\\up.csv", "..", "x\0.csv", "a\nb", ""]


@pytest.fixture
def stage(tmp_path) -> Stage:
    return a_stage(tmp_path)


def _files_of(folder: Path) -> set[Path]:
    return {p for p in folder.rglob("*") if p.is_file() and ".git" not in p.parts and "audit" not in p.parts}


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_file_name_that_is_a_path_is_no_file_name(name):
    with pytest.raises(Invalid):
        uploads.plain_name(name)


@pytest.mark.parametrize("name", ["../../escaped.csv", "a/b.csv", ".."])
def test_an_upload_cannot_choose_its_folder(stage, tmp_path, name):
    stage.project.define("folder", "fo", {})
    before = _files_of(tmp_path)
    answer = stage.ann.post(f"{HERE}/folders/fo/files", files=[("files", (name, b"x"))])
    assert answer.status_code == 422
    assert not {p.name for p in _files_of(tmp_path) - before} & {"escaped.csv", "b.csv"}


@pytest.mark.parametrize("under", ["../../..", "/etc", "a/../../.."])
def test_an_upload_cannot_be_put_above_its_folder(stage, under):
    stage.project.define("folder", "fo", {})
    answer = stage.ann.post(
        f"{HERE}/folders/fo/files", params={"under": under}, files=[("files", ("escaped.csv", b"x"))]
    )
    assert answer.status_code in (201, 403)
    if answer.status_code == 201:
        assert stage.project.folder("fo").files()[0].path == "etc/escaped.csv"


@pytest.mark.parametrize("path", ["..%2f..%2fproject.yaml", "%2fetc%2fpasswd", "a/../../../project.yaml"])
def test_a_download_cannot_leave_its_folder(stage, path):
    stage.project.define("folder", "fo", {})
    assert stage.ann.get(f"{HERE}/folders/fo/files/{path}").status_code in (403, 404)


def test_a_file_comes_back_as_it_went(stage, tmp_path):
    stage.project.define("folder", "fo", {})
    source = tmp_path / "Größe & Maß.bin"
    source.write_bytes(bytes(range(256)) * 1000)
    folder = stage.project.folder("fo")
    assert folder.put([source], under="a b") == ["a b/Größe & Maß.bin"]
    assert folder.open("a b/Größe & Maß.bin").read() == source.read_bytes()
    answer = stage.ann.get(f"{HERE}/folders/fo/files/a b/Größe & Maß.bin")
    assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe" in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_page_put_into_a_folder_is_downloaded_and_not_shown(stage, tmp_path):
    stage.project.define("folder", "fo", {})
    page = tmp_path / "evil.html"
    page.write_text("<script>alert(1)</script>")
    stage.project.folder("fo").put([page])
    answer = stage.ann.get(f"{HERE}/folders/fo/files/evil.html")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_an_exported_csv_runs_nothing_in_a_spreadsheet(stage, tmp_path):
    stage.project.define("dataset", "told", {"type": "managed"})
    fill(
        stage.node,
        "told",
        word=["=HYPERLINK(1)", "+1-2", "@SUM(A1)", "-5", "-5.5e3", "fine", "\tx"],
        n=[-1] * 7,
    )
    said = stage.ann.get(f"{HERE}/datasets/told/export", params={"format": "csv"}).text.splitlines()
    assert [line.rpartition(",")[0].strip('"') for line in said[1:]] == [
        "'=HYPERLINK(1)", "'+1-2", "'@SUM(A1)", "-5", "-5.5e3", "fine", "'\tx",
    ]  # fmt: skip
    assert {line.rpartition(",")[2] for line in said[1:]} == {"-1"}
    rows = stage.ann.get(f"{HERE}/datasets/told/rows", headers={"Accept": "text/csv"}).text.splitlines()
    assert rows[1].startswith("'=HYPERLINK(1)")


def test_the_same_rows_come_as_arrow_parquet_or_json_lines(stage):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = f"{HERE}/datasets/raw/rows"
    arrow = pa.ipc.open_stream(stage.ann.get(path).content).read_all()
    parquet = pq.read_table(io.BytesIO(stage.ann.get(path, headers={"Accept": downloads.PARQUET}).content))
    lines = stage.ann.get(path, headers={"Accept": "application/jsonl"}).text.splitlines()
    assert arrow.to_pylist() == parquet.to_pylist() == stage.project.dataset("raw").arrow().to_pylist()
    assert lines[0] == '{"n":1,"word":"a"}'
    assert stage.ann.get(path, headers={"Accept": "image/png"}).status_code == 422


def test_nothing_of_a_download_stays_on_the_server(stage, tmp_path):
    stage.project.dataset("raw").export(tmp_path / "out.parquet")
    stage.ann.get(f"{HERE}/datasets/raw/export", params={"format": "csv"})
    assert not list((stage.node.config.home / "work").glob("penstock-*"))


def test_whoever_may_read_but_not_export_gets_no_file_of_rows(stage):
    bob = stage.somebody("bob", "read")
    assert bob.get(f"{HERE}/datasets/raw/sample").status_code == 200
    assert bob.get(f"{HERE}/datasets/raw/rows").status_code == 403
    assert bob.get(f"{HERE}/datasets/raw/export").status_code == 403


def _zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["../out.txt", "/abs.txt", "a/../../out.txt", "..\\out.txt", "C:\\x.txt"])
def test_a_zip_file_cannot_write_outside_of_its_folder(tmp_path, name):
    archive = _zip(tmp_path / "a.zip", **{name: b"x"})
    with pytest.raises(Invalid, match="leads out"):
        zipped.unpack(archive, tmp_path / "in" / "deep")
    assert not (tmp_path / "out.txt").exists()
    assert not (tmp_path / "in" / "out.txt").exists()


def test_a_link_in_a_zip_file_is_refused(tmp_path):
    member = zipfile.ZipInfo("link")
    member.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr(member, "/etc/passwd")
    with pytest.raises(Invalid, match="link"):
        zipped.unpack(tmp_path / "a.zip", tmp_path / "in")


def test_a_zip_bomb_does_not_go_off(tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "MOST_BYTES", 1000)
    archive = _zip(tmp_path / "a.zip", big=b"0" * 2000)
    with pytest.raises(TooLarge):
        zipped.unpack(archive, tmp_path / "in")


def test_what_is_no_zip_file_is_a_problem(stage):
    answer = stage.ann.post("/api/v1/project-folders", files={"files": ("NEW.zip", b"no zip")})
    assert (answer.status_code, answer.json()["type"]) == (422, "invalid")


def test_a_project_folder_of_another_machine_is_taken_in(stage, tmp_path):
    folder = tmp_path / "TAKEN"
    (folder / "flow" / "datasets").mkdir(parents=True)
    (folder / "project.yaml").write_text("title: Taken\nformat: 1\n")
    (folder / "flow" / "datasets" / "raw.yaml").write_text("type: managed\n")
    project = stage.home.add_project(folder)
    assert (project.key, project.definitions().settings.title) == ("TAKEN", "Taken")
    assert "raw" in project.definitions().datasets


def test_a_folder_of_links_takes_nothing_else_along(tmp_path):
    folder = tmp_path / "f"
    folder.mkdir()
    (tmp_path / "secret").write_text("x")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "own").write_text("y")
    with zipfile.ZipFile(zipped.pack(folder, tmp_path / "f.zip")) as opened:
        assert opened.namelist() == ["own"]


def test_files_are_uploaded_by_their_own_names(stage, tmp_path):
    source = tmp_path / "up.csv"
    source.write_text("a,b\n1,2\n")
    dataset = stage.project.create_dataset("up", [source])
    assert dataset.arrow().to_pylist() == [{"a": "1", "b": "2"}]
    (tmp_path / "more.csv").write_text("a,b\n3,4\n")
    assert dataset.upload([tmp_path / "more.csv"]) == ["more.csv"]
    assert dataset.count() == 2


def test_a_path_out_of_a_folder_is_refused_before_it_is_asked_for(stage):
    stage.project.define("folder", "fo", {})
    with pytest.raises(Refused, match="leads out"):
        stage.project.folder("fo").open("../../../x")
