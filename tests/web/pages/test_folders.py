"""Pages of folders: files, uploads, previews, downloads."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import folders, projects
from penstock.testing import a_node, a_project
from tests.web.browser import a_browser

BOX = "/projects/DEMO/folders/box"
PIXEL = b"\x89PNG\r\n\x1a\n\0\0"


def _node(folder: Path, **files: bytes) -> Node:
    node = a_node(folder)
    a_project(node, {"folders/box": {}})
    for name, content in files.items():
        file = folder / name.replace("__", ".")
        file.write_bytes(content)
        folders.put(node, "DEMO", "box", [file])
    return node


def _zip(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def test_a_folder_is_made_and_says_how_to_fill_it(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    browser = a_browser(node)
    assert browser.post("/projects/DEMO/folders/new", {"folder_name": "box"}).location == BOX
    assert "No file yet" in browser.get(BOX).text
    browser.post("/projects/DEMO/folders/new", {"folder_name": "box"}, status=422)


def test_files_are_uploaded_below_a_folder_and_removed(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    browser.post(BOX, {"under": "2013"}, files={"files": ("a.csv", b"n\n1\n")})
    assert [f.path for f in folders.files(node, "DEMO", "box")] == ["2013/a.csv"]
    browser.post(f"{BOX}/remove", {"path": "2013/a.csv"})
    assert folders.files(node, "DEMO", "box") == []


def test_a_zip_file_is_opened_when_asked(tmp_path: Path) -> None:
    node = _node(tmp_path)
    archive = ("all.zip", _zip(x__a=b"1", b=b"2"))
    a_browser(node).post(BOX, {"unpack": "yes"}, files={"files": archive})
    assert [f.path for f in folders.files(node, "DEMO", "box")] == ["b", "x/a"]


@pytest.mark.parametrize("under", ["../..", "/etc", "a/../../.."])
def test_no_upload_leads_out_of_the_folder(under: str, tmp_path: Path) -> None:
    node = _node(tmp_path)
    before = sorted(p for p in tmp_path.rglob("evil"))
    browser = a_browser(node)
    browser.client.post(
        BOX, data={"under": under, "form_token": browser.get(BOX).form_values(1)["form_token"]},
        files={"files": ("evil", b"x")},
    )  # fmt: skip
    assert [p for p in tmp_path.rglob("evil") if "box" not in str(p)] == before
    assert not Path("/etc/evil").exists()


def test_a_zip_file_that_leads_out_is_refused_whole(tmp_path: Path) -> None:
    node = _node(tmp_path)
    archive = ("all.zip", _zip(**{"..__evil": b"1", "good": b"2"}))
    a_browser(node).post(BOX, {"unpack": "yes"}, files={"files": archive}, status=422)
    assert folders.files(node, "DEMO", "box") == []


def test_texts_rows_and_pictures_are_previewed_and_nothing_in_them_runs(tmp_path: Path) -> None:
    node = _node(
        tmp_path,
        rows__csv=b"a;b\n1;<b>2</b>\n",
        note__txt=b"<script>1</script>",
        dot__png=PIXEL,
        evil__svg=b"<svg/>",
    )
    browser = a_browser(node)
    assert "<b>2</b>" not in browser.get(f"{BOX}/file?path=rows.csv").html
    assert "<script>1</script>" not in browser.get(f"{BOX}/file?path=note.txt").html
    assert browser.client.get(f"{BOX}/image?path=dot.png").headers["content-type"] == "image/png"
    browser.get(f"{BOX}/image?path=evil.svg", status=422)
    browser.get(f"{BOX}/file?path=../../state.db", status=403)


def test_one_file_or_all_of_them_are_downloaded_by_whoever_may(tmp_path: Path) -> None:
    node = _node(tmp_path, a__txt=b"one", b__txt=b"two")
    browser = a_browser(node)
    assert browser.client.get(f"{BOX}/download?path=a.txt").content == b"one"
    with zipfile.ZipFile(io.BytesIO(browser.client.get(f"{BOX}/download").content)) as archive:
        assert sorted(archive.namelist()) == ["a.txt", "b.txt"]
    a_browser(node, rights=("read",)).get(f"{BOX}/download", status=403)


def test_settings_are_saved_and_all_files_removed(tmp_path: Path) -> None:
    node = _node(tmp_path, a__txt=b"one")
    browser = a_browser(node)
    browser.post_from(f"{BOX}/settings", {"short_description": "<i>Mine</i>"}, form=1)
    assert projects.show(node, "DEMO").folder("box").short_description == "<i>Mine</i>"
    assert "<i>Mine</i>" not in browser.get(BOX).html
    browser.post(f"{BOX}/clear")
    assert folders.files(node, "DEMO", "box") == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"path": "/nowhere/at/all"}, "does not lie under a folder"), ({"connection": "lake"}, "There is no")],
)
def test_a_place_that_cannot_be_reached_is_told_where_it_is_corrected(
    tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    node = a_node(tmp_path)
    a_project(node, {
        "folders/box": settings,
        "datasets/raw": {"type": "files", "folder": "box", "format": "csv", "columns": [{"name": "n"}]},
    })  # fmt: skip
    browser = a_browser(node)
    for page in ("folders/box", "folders/box/settings", "datasets/raw/files"):
        shown = browser.get(f"/projects/DEMO/{page}").text
        assert "Its files cannot be reached." in shown
        assert said in shown
    for page in ("flow", "datasets", "datasets/raw", "datasets/raw/schema", "datasets/raw/settings"):
        browser.get(f"/projects/DEMO/{page}")
    browser.post_from(
        "/projects/DEMO/folders/box/settings", {"path": "", "connection": ""}, form="box/settings"
    )
    assert "No file yet" in browser.get("/projects/DEMO/folders/box").text


@pytest.mark.parametrize("page", ["", "/settings", "/file?path=a.csv", "/image?path=a.png", "/download"])
def test_a_dataset_is_no_folder_and_the_nearest_folder_is_named(tmp_path: Path, page: str) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/boxes": {"type": "managed"}, "folders/box": {}})
    told = a_browser(node).get(f"/projects/DEMO/folders/boxes{page}", status=404).text
    assert "box" in told.replace("boxes", "")
