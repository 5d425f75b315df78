"""Pages of folders, datasets and connections whose files lie in a bucket."""

from __future__ import annotations

from pathlib import Path

from penstock.runtime import connections
from penstock.testing import a_node, a_project
from tests.object_store import ObjectStore, lake
from tests.web.browser import a_browser

HOME = "/projects/DEMO"


def test_a_bucket_is_set_up_by_a_form_and_tried(tmp_path: Path, s3: ObjectStore) -> None:
    node = a_node(tmp_path)
    browser = a_browser(node)
    settings = {k: v for k, v in s3.settings.items() if k != "key"}
    browser.post("/admin/connections/new", {"connection_name": "lake", **settings, "key": "AKIA"}, status=422)
    browser.post("/admin/connections/new", {"connection_name": "lake", **s3.settings})
    assert "Not sealed yet: lake_key, lake_secret" in browser.get("/admin/connections/lake").text
    for name, value in (("lake_key", s3.key), ("lake_secret", s3.secret)):
        browser.post("/admin/secrets", {"name": name, "value": value})
    page = browser.follow(browser.post("/admin/connections/lake/test")).text
    assert f"It answers: bucket {s3.bucket} at {s3.endpoint}: 0 objects" in page


def test_a_folder_is_made_on_a_connection_and_says_where_its_files_lie(
    tmp_path: Path, s3: ObjectStore
) -> None:
    node = lake(a_node(tmp_path), s3)
    connections.define(node, "mail", {"type": "smtp", "host": "localhost"})
    a_project(node)
    browser = a_browser(node)
    offered = browser.get(f"{HOME}/folders/new")
    assert offered.has('<option value="lake">')
    assert not offered.has('<option value="mail">')
    browser.post(f"{HOME}/folders/new", {"folder_name": "box", "connection": "lake"})
    browser.post(f"{HOME}/folders/box", {"under": "2013"}, files={"files": ("a.csv", b"n\n1\n")})
    page = browser.get(f"{HOME}/folders/box").text
    assert "Its files lie on connection lake" in page
    assert "2013/a.csv" in page
    assert browser.get(f"{HOME}/folders/box/file?path=2013/a.csv").status == 200
    assert browser.get(f"{HOME}/folders/box/download?path=2013/a.csv").content == b"n\n1\n"
    browser.post(f"{HOME}/folders/box/clear")
    assert s3.objects() == {}


def test_a_dataset_chooses_files_of_a_connection(tmp_path: Path, s3: ObjectStore) -> None:
    node = lake(a_node(tmp_path), s3)
    a_project(node)
    for name in "ab":
        s3.put(f"flights/{name}.csv", f"n\n{name}\n")
    browser = a_browser(node)
    values = {
        "type": "files",
        "dataset_name": "flights",
        "connection": "lake",
        "path": "flights",
        "format.type": "csv",
    }
    browser.post(f"{HOME}/datasets/new", values)
    page = browser.get(f"{HOME}/datasets/flights/files").text
    assert "a.csv" in page
    browser.post(f"{HOME}/datasets/flights/files", {"remove": "a.csv"})
    assert node.projects.load("DEMO").dataset("flights").selection.files == ("b.csv",)  # type: ignore[attr-defined]
    assert "Lives in connection lake under flights" in browser.get(f"{HOME}/datasets/flights").text


def test_a_server_that_is_down_leaves_every_other_page_alone(tmp_path: Path, s3: ObjectStore) -> None:
    node = lake(a_node(tmp_path), s3)
    a_project(
        node,
        {
            "folders/box": {"connection": "lake"},
            "datasets/n": {"type": "files", "connection": "lake", "format": "csv"},
            "datasets/out": {"type": "managed", "connection": "lake"},
            "recipes/copy": {"type": "sync", "input": "n", "output": "out"},
        },
    )
    lake(node, s3, endpoint="http://127.0.0.1:9")
    browser = a_browser(node)
    for page in ("flow", "datasets", "datasets/n/settings", "folders/box/settings"):
        assert browser.get(f"{HOME}/{page}").status == 200
    told = browser.get(f"{HOME}/folders/box").text
    assert "Its files cannot be reached. Connection lake" in told
    assert "No server answers there" in told
