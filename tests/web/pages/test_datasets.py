"""Pages of datasets: the list, rows, the choice of files, columns, settings, uploads, downloads."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import audit, datasets, folders, projects, tickets
from penstock.testing import a_node, a_project, fill, rows
from tests.web.browser import a_browser


def _months(folder: Path) -> Node:
    node = a_node(folder)
    a_project(node, {
        "folders/months": {}, "datasets/current": {
            "type": "files", "folder": "months", "format": "csv",
            "selection": {"mode": "explicit", "files": ["2013-04.csv"]}, "columns": [{"name": "n", "type": "int"}],
        },
    })  # fmt: skip
    for month, number in (("2013-04", 4), ("2013-05", 5), ("2013-06", 6)):
        file = folder / f"{month}.csv"
        file.write_text(f"n\n{number}\n")
        folders.put(node, "DEMO", "months", [file])
    return node


def test_a_project_without_data_says_how_to_begin(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    assert "No data yet" in a_browser(node).get("/projects/DEMO/datasets").text


def test_the_list_shows_rows_and_leads_to_each(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}, "folders/box": {}})
    fill(node, "raw", n=[1, 2, 3])
    page = a_browser(node).get("/projects/DEMO/datasets")
    assert {"/projects/DEMO/datasets/raw", "/projects/DEMO/folders/box"} <= set(page.links)


@pytest.mark.requirement("A20")
def test_explore_gives_the_first_rows_and_when_they_were_read(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    fill(node, "raw", n=list(range(10_001)), text=[None] * 10_001)
    browser = a_browser(node)
    assert 'src="/projects/DEMO/datasets/raw/rows"' in browser.get("/projects/DEMO/datasets/raw").html
    found = browser.client.get("/projects/DEMO/datasets/raw/rows").json()
    assert found["total"] == 10_000
    assert found["computed_at"]
    assert [c["missing"] for c in found["columns"]] == [0.0, 1.0]
    assert [column[-1] for column in found["cells"]] == [9_999, None]


def test_rows_are_squeezed_once_and_everybody_who_sees_them_stands_in_the_audit_log(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    fill(node, "raw", n=[1])
    url = "/projects/DEMO/datasets/raw/rows"
    answers = [a_browser(node, login=who).client.get(url, headers={"accept-encoding": how})
               for who, how in (("ann", "gzip, br"), ("cyd", "identity"))]  # fmt: skip
    assert [a.headers.get("content-encoding", "") for a in answers] == ["gzip", ""]
    assert answers[0].json() == answers[1].json()
    read = audit.latest(node, msg_type="dataset-read-data-sample")
    assert sorted(r["user"] for r in read) == ["ann", "cyd"]


def test_explore_gives_numbers_as_numbers_and_cuts_long_texts(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    at = datetime(2013, 1, 2, 3, 4)
    fill(
        node,
        "raw",
        n=[1, None],
        x=[0.5, float("inf")],
        text=["y" * 500, "z"],
        yes=[True, None],
        at=[at, None],
    )
    found = a_browser(node).client.get("/projects/DEMO/datasets/raw/rows").json()["cells"]
    at_once = [[1, None], [0.5, "inf"], ["y" * 400 + "…", "z"], [True, None], ["2013-01-02 03:04:00", None]]
    assert found == at_once


@pytest.mark.requirement("A02")
def test_files_are_added_one_by_one_and_the_trash_removes_one_only(tmp_path: Path) -> None:
    node = _months(tmp_path)
    browser, page = a_browser(node), "/projects/DEMO/datasets/current/files"
    shown = browser.get(page).text
    assert all(f"2013-0{m}.csv" in shown for m in (4, 5, 6))
    browser.post(page, {"add": "2013-05.csv"})
    browser.post(page, {"add": "2013-06.csv"})
    browser.post(page, {"remove": "2013-05.csv"})
    assert datasets.selected(node, "DEMO", "current") == ["2013-04.csv", "2013-06.csv"]


@pytest.mark.requirement("A01", "A03")
def test_another_choice_of_files_shows_other_rows_at_once(tmp_path: Path) -> None:
    node = _months(tmp_path)
    browser, page = a_browser(node), "/projects/DEMO/datasets/current/files"
    browser.post(page, {"add": "2013-05.csv"})
    browser.post(page, {"remove": "2013-04.csv"})
    assert browser.client.get("/projects/DEMO/datasets/current/rows").json()["cells"] == [[5]]


def test_a_chosen_file_that_is_gone_can_be_taken_out(tmp_path: Path) -> None:
    node = _months(tmp_path)
    folders.remove(node, "DEMO", "months", ["2013-04.csv"])
    a_browser(node).post("/projects/DEMO/datasets/current/files", {"remove": "2013-04.csv"})
    assert datasets.selected(node, "DEMO", "current") == []


@pytest.mark.requirement("A05")
def test_an_upload_becomes_a_dataset_of_texts(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    file = ("cards.csv", b"id;amount\n1;2.5\n", "text/csv")
    answer = a_browser(node).post(
        "/projects/DEMO/datasets/new", {"type": "upload", "dataset_name": "cards"}, files={"files": file}
    )
    assert answer.location == "/projects/DEMO/datasets/cards"
    assert [(c.name, c.type) for c in datasets.show(node, "DEMO", "cards").columns] == [
        ("id", "string"), ("amount", "string"),
    ]  # fmt: skip


@pytest.mark.requirement("A05")
def test_types_are_found_on_upload_and_what_begins_with_zeros_stays_a_text(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    browser, page = a_browser(node), "/projects/DEMO/datasets/new"
    assert browser.get(page).form_values("datasets/new")["types"] == "yes"
    file = ("New cards (2).csv", b"id;zip;day\n1;01067;2013-04-01\n2;10115;2013-04-02\n", "text/csv")
    answer = browser.post(page, {"type": "upload", "dataset_name": "", "types": "yes"}, files={"files": file})
    assert answer.location == "/projects/DEMO/datasets/new_cards_2"
    columns = datasets.show(node, "DEMO", "new_cards_2").columns
    assert {c.name: c.type for c in columns} == {"id": "bigint", "zip": "string", "day": "date"}
    told = browser.follow(answer).text
    assert "zip stays a text: a number would lose the zeros it begins with" in told
    assert "are texts" not in told


@pytest.mark.parametrize(
    ("name", "said"), [("bad name", "is not a name"), ("taken", "already something called")]
)
def test_a_file_need_not_be_chosen_again_when_its_dataset_is_refused(
    tmp_path: Path, name: str, said: str
) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/taken": {"type": "managed"}})
    browser, page = a_browser(node), "/projects/DEMO/datasets/new"
    file = ("cards.csv", b"id\n1\n", "text/csv")
    refused = browser.post(page, {"type": "upload", "dataset_name": name}, files={"files": file}, status=422)
    values = refused.form_values("datasets/new")
    assert "cards.csv" in refused.text
    assert said in refused.text
    assert values["dataset_name"] == name
    assert "types" not in values
    assert not tickets.files(node, values["ticket"], by="eve"), "somebody else's ticket holds nothing"
    browser.post(page, {**values, "dataset_name": "cards"})
    assert [c.name for c in datasets.show(node, "DEMO", "cards").columns] == ["id"]
    assert not list((node.config.home / "work" / "tickets").iterdir())


BROKEN = [
    ("rows.csv", b"a,b\n1,2\n3\n", "rows.csv, line 3 has 1 cell"),
    ("late.csv", b"a,b\n" + b"1,2\n" * 40_000 + b"1,2,3\n", "late.csv, line 40002 has 3 cells"),
    ("binary.csv", bytes(range(256)) * 8, "binary.csv holds no text"),
    ("cut.parquet", b"PAR1 no", "cut.parquet is not a Parquet file"),
    ("empty.csv", b"", "empty.csv is empty: it has 0 bytes"),
    ("blank.csv", b"\n\n", "blank.csv names no columns"),
    ("table", b"a,b\n1,2\n", "The format of table cannot be told"),
    ("packed.csv.gz", b"none", "packed.csv.gz is not a whole gz file"),
]


@pytest.mark.parametrize(("file", "content", "said"), BROKEN, ids=[b[0] for b in BROKEN])
def test_a_file_that_cannot_be_read_is_told_at_the_form_and_kept(
    tmp_path: Path, file: str, content: bytes, said: str
) -> None:
    node = a_node(tmp_path)
    a_project(node)
    browser, url = a_browser(node), "/projects/DEMO/datasets/new"
    told = browser.post(
        url, {"type": "upload", "dataset_name": "raw", "types": "yes"}, status=422,
        files={"files": (file, content)},
    )  # fmt: skip
    assert said in told.text
    assert f"Here already: {file}" in told.text
    assert str(tmp_path) not in told.html
    values = told.form_values(1)
    assert (values["dataset_name"], values["types"]) == ("raw", "yes")
    assert projects.show(node, "DEMO").datasets == {}
    browser.post(url, values, status=303, files={"files": ("good.csv", b"a\n1\n")})
    assert rows(node, "raw") == [{"a": 1}]


def test_how_a_file_is_read_is_corrected_at_the_form(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    browser, url = a_browser(node), "/projects/DEMO/datasets/new"
    told = browser.post(
        url, {"type": "upload", "types": "yes"}, status=422, files={"files": ("raw.csv", b"a,b\n1,2\n3\n")}
    )
    assert "short_rows: pad" in told.text
    browser.post(url, {**told.form_values(1), "format.short_rows": "pad"}, status=303)
    assert rows(node, "raw") == [{"a": 1, "b": 2}, {"a": 3, "b": None}]


def test_types_fit_every_row_of_an_upload(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    content = b"a,b\n" + b"1,2\n" * 12_000 + b"x,2.5\n"
    a_browser(node).post(
        "/projects/DEMO/datasets/new",
        {"type": "upload", "types": "yes"},
        files={"files": ("raw.csv", content)},
    )
    assert [c.type for c in projects.show(node, "DEMO").dataset("raw").columns] == ["string", "double"]
    assert len(rows(node, "raw")) == 12_001


def _uploaded(folder: Path) -> Node:
    node = a_node(folder)
    a_project(node)
    a_browser(node).post(
        "/projects/DEMO/datasets/new",
        {"type": "upload", "types": "yes"},
        files={"files": ("a.csv", b"n\n1\n")},
    )
    return node


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("b.csv", b"n\n2\n3,4\n", "b.csv, line 3 has 2 cells"),
        ("b.csv", b"n\nmany\n", "a cell holds 'many'"),
        ("b.csv", b"m\n2\n", "has no column 'n'"),
        ("b.csv", b"", "b.csv is empty"),
        ("b.xlsx", b"no", "b.xlsx is a file of format excel; dataset a reads csv"),
    ],
)
@pytest.mark.parametrize("replace", ["", "yes"])
def test_a_broken_second_file_is_refused_and_the_rows_stay(
    tmp_path: Path, file: str, content: bytes, said: str, replace: str
) -> None:
    node = _uploaded(tmp_path)
    url = "/projects/DEMO/datasets/a/upload"
    told = a_browser(node).post(url, {"replace": replace}, status=422, files={"files": (file, content)})
    assert said in told.text
    assert "Nothing was uploaded" in told.text
    assert rows(node, "a") == [{"n": 1}]


def test_one_uploaded_file_is_removed_and_the_others_stay(tmp_path: Path) -> None:
    node = _uploaded(tmp_path)
    browser = a_browser(node)
    browser.post("/projects/DEMO/datasets/a/upload", files={"files": ("b.csv", b"n\n2\n")})
    assert len(rows(node, "a")) == 2
    browser.post("/projects/DEMO/datasets/a/files/remove", {"path": "a.csv"}, status=303)
    assert rows(node, "a") == [{"n": 2}]
    assert (
        "There is no file 'a.csv'"
        in browser.post("/projects/DEMO/datasets/a/files/remove", {"path": "a.csv"}, status=404).text
    )


def test_a_new_file_with_another_column_says_that_it_is_not_read(tmp_path: Path) -> None:
    browser = a_browser(_uploaded(tmp_path))
    answer = browser.post(
        "/projects/DEMO/datasets/a/upload", {"replace": "yes"}, files={"files": ("b.csv", b"n,late\n2,yes\n")}
    )
    assert answer.location == "/projects/DEMO/datasets/a/schema"
    assert "Not read, as nobody declared it: late." in browser.get(answer.location).text


def test_rows_that_cannot_be_read_are_told_and_no_fault_of_ours(tmp_path: Path) -> None:
    node = _uploaded(tmp_path)
    (node.data.uploads("DEMO", "a") / "a.csv").write_text("n\nmany\n")
    browser = a_browser(node)
    assert "a cell holds 'many'" in browser.get("/projects/DEMO/datasets/a/rows", status=422).text
    browser.get("/projects/DEMO/datasets/a")
    browser.get("/projects/DEMO/datasets/a/files")


def test_texts_that_could_be_more_are_told_until_they_have_types(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    browser, page = a_browser(node), "/projects/DEMO/datasets/cards"
    file = ("cards.csv", b"id;amount\n1;2.5\n", "text/csv")
    browser.post(
        "/projects/DEMO/datasets/new", {"type": "upload", "dataset_name": "cards"}, files={"files": file}
    )
    assert "All 2 columns are texts" in browser.get(page).text
    browser.post(f"{page}/schema/infer")
    assert "columns are texts" not in browser.get(page).text


def test_yaml_that_is_none_is_told_at_its_field_with_what_was_typed(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/few": {"type": "inline", "rows": [{"x": 1}]}})
    refused = a_browser(node).post(
        "/projects/DEMO/datasets/few/settings", {"rows": "- x: [1\n<b>", "title": "Kept"}, status=422
    )
    assert "This is not well-formed YAML" in refused.text
    values = next(v for i in range(9) if "rows" in (v := refused.form_values(i)))
    assert values["rows"].strip() == "- x: [1\n<b>"
    assert values["title"] == "Kept"


def test_a_file_name_that_is_a_path_is_refused(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    file = ("../../evil.csv", b"a\n1\n", "text/csv")
    a_browser(node).post(
        "/projects/DEMO/datasets/new",
        {"type": "upload", "dataset_name": "x"},
        files={"files": file},
        status=422,
    )
    assert not projects.show(node, "DEMO").datasets


@pytest.mark.requirement("A06")
def test_columns_are_described_and_descriptions_shown_escaped(tmp_path: Path) -> None:
    node = _months(tmp_path)
    browser, page = a_browser(node), "/projects/DEMO/datasets/current/schema"
    browser.post(page, {"type.0": "bigint", "meaning.0": "", "description.0": "<b>Number</b>"})
    column = datasets.show(node, "DEMO", "current").columns[0]
    assert (column.type, column.description) == ("bigint", "<b>Number</b>")
    assert "<b>Number</b>" not in browser.get(page).html


def test_settings_keep_columns_and_checks_that_have_pages_of_their_own(tmp_path: Path) -> None:
    node = _months(tmp_path)
    browser, page = a_browser(node), "/projects/DEMO/datasets/current/settings"
    browser.post_from(page, {"short_description": "This month"}, form=1)
    found = datasets.show(node, "DEMO", "current")
    assert (found.short_description, len(found.columns)) == ("This month", 1)
    assert rows(node, "current") == [{"n": 4}]


def test_a_download_runs_no_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    fill(node, "raw", t=["=1+1", "plain"])
    answer = a_browser(node).client.get("/projects/DEMO/datasets/raw/export?as=csv")
    assert "'=1+1" in answer.text
    a_browser(node, rights=("read",)).get("/projects/DEMO/datasets/raw/export?as=csv", status=403)


def test_rows_are_cleared_and_writes_listed(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    fill(node, "raw", n=[1])
    browser = a_browser(node)
    assert "Rows" in browser.get("/projects/DEMO/datasets/raw/snapshots").text
    browser.post("/projects/DEMO/datasets/raw/clear")
    assert node.data.snapshot("DEMO", "raw") is None


@pytest.mark.parametrize("type", ["upload", "files", "server_files", "inline", "managed"])
def test_every_way_to_begin_a_dataset_has_a_form(type: str, tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    assert "Name" in a_browser(node).get(f"/projects/DEMO/datasets/new?type={type}").text


def test_a_folder_is_no_dataset(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"folders/box": {}})
    assert "There is no dataset 'box'" in a_browser(node).get("/projects/DEMO/datasets/box", status=404).text


def test_one_column_is_shown_over_all_rows_with_its_values_escaped(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    fill(node, "raw", n=[1, 2, 3, None], t=["<b>x</b>", "y", "y", "y"])
    browser = a_browser(node)
    assert "data-analyse=" in browser.get("/projects/DEMO/datasets/raw").html
    numbers = browser.fragment("/projects/DEMO/datasets/raw/column?name=n")
    assert "over all 4 rows" in numbers.text
    assert "<vega-chart" in numbers.html
    texts = browser.fragment("/projects/DEMO/datasets/raw/column?name=t")
    assert "75.0 %" in texts.text
    assert "<b>x</b>" not in texts.html
    browser.fragment("/projects/DEMO/datasets/raw/column?name=nn", status=404)


@pytest.mark.requirement("A20")
def test_other_rows_than_the_first_are_explored_when_asked(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    fill(node, "raw", n=list(range(50)))
    browser = a_browser(node)
    last = browser.client.get("/projects/DEMO/datasets/raw/rows?limit=2&sample=last").json()
    assert last["cells"] == [[48, 49]]
    assert "sample=random_number" in browser.get("/projects/DEMO/datasets/raw?sample=random_number").html
    browser.get("/projects/DEMO/datasets/raw/rows?sample=odd", status=422)


def test_a_dataset_is_deleted_from_its_own_page_after_saying_what_goes_with_it(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {
        "datasets/raw": {"type": "inline", "rows": [{"x": 1}]}, "datasets/copy": {"type": "managed"},
        "recipes/sync": {"type": "sync", "input": "raw", "output": "copy"}, "folders/files": {},
    })  # fmt: skip
    browser = a_browser(node)
    page = browser.get("/projects/DEMO/datasets/copy")
    (link,) = {link for link in page.links if "/flow/deletion" in link}
    asked = browser.get(link)
    assert "sync" in asked.text
    assert "Definitions come back" in asked.text
    answer = browser.post("/projects/DEMO/flow/delete", asked.form_values("/flow/delete"))
    assert answer.location == "/projects/DEMO/datasets"
    there = node.projects.load("DEMO")
    assert (list(there.datasets), list(there.recipes)) == (["raw"], [])
    assert "/flow/deletion?select=files" in browser.get("/projects/DEMO/folders/files").html
    reader = a_browser(node, rights=("read",))
    assert "/flow/deletion" not in reader.get("/projects/DEMO/datasets/raw").html
    reader.get("/projects/DEMO/flow/deletion?select=raw", status=403)


def test_the_list_counts_the_rows_of_uploads_when_they_are_looked_at(tmp_path: Path) -> None:
    node = _uploaded(tmp_path)
    browser = a_browser(node)
    page = browser.get("/projects/DEMO/datasets")
    assert 'hx-get="/projects/DEMO/datasets/a/count"' in page.html
    assert 'data-value="1"' in browser.fragment("/projects/DEMO/datasets/a/count").html
    browser.post("/projects/DEMO/datasets/a/upload", files={"files": ("b.csv", b"n\n2\n")})
    assert 'data-value="2"' in browser.fragment("/projects/DEMO/datasets/a/count").html
    (node.data.uploads("DEMO", "a") / "a.csv").write_text("m\nmany\n")
    assert "not readable" in browser.fragment("/projects/DEMO/datasets/a/count").html


def test_several_are_tagged_cleared_and_deleted_from_the_list(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(
        node, {"datasets/raw": {"type": "managed"}, "datasets/other": {"type": "managed"}, "folders/box": {}}
    )
    fill(node, "raw", n=[1])
    browser = a_browser(node)
    assert 'name="select" value="raw"' in browser.get("/projects/DEMO/datasets").html
    assert "/datasets" in browser.get("/projects/DEMO/flow/selected", status=303).location
    page = browser.get("/projects/DEMO/flow/selected?select=raw&select=box")
    assert "Change 2 objects" in page.text
    sent = browser.post(
        "/projects/DEMO/flow/tags", {**page.form_values("flow/tags"), "add": "first, <b>x</b>"}
    )
    assert "flow/selected" in sent.location
    shown = projects.show(node, "DEMO")
    assert shown.dataset("raw").tags == shown.folder("box").tags == ("first", "<b>x</b>")
    assert "<b>x</b>" not in browser.follow(sent).html
    browser.post("/projects/DEMO/flow/clear", page.form_values("flow/clear"))
    assert node.data.snapshot("DEMO", "raw") is None
    asked = browser.get("/projects/DEMO/flow/deletion?select=raw,box")
    browser.post("/projects/DEMO/flow/delete", asked.form_values("flow/delete"))
    assert set(projects.show(node, "DEMO").items) == {"other"}


def test_the_schema_shows_every_column_and_which_are_declared(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed", "columns": [{"name": "a", "type": "bigint"}]}})
    fill(node, "raw", a=[1], b=["x"])
    browser, url = a_browser(node), "/projects/DEMO/datasets/raw/schema"
    page = browser.get(url)
    assert "2 columns are read; 1 of them is declared" in page.text
    browser.post(url, page.form_values("raw/schema"))
    assert [c.name for c in projects.show(node, "DEMO").dataset("raw").columns] == ["a"]
    browser.post(url, {**browser.get(url).form_values("raw/schema"), "description.1": "What is said"})
    assert [c.description for c in projects.show(node, "DEMO").dataset("raw").columns] == ["", "What is said"]


def test_columns_of_files_that_nobody_declared_are_named(tmp_path: Path) -> None:
    node = _uploaded(tmp_path)
    (node.data.uploads("DEMO", "a") / "a.csv").write_text("n,more\n1,2\n")
    shown = a_browser(node).get("/projects/DEMO/datasets/a/schema").text
    assert "1 column of the files is not read" in shown
    assert "more not read" in shown


def test_what_is_remarkable_about_files_stays_on_their_pages(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    browser = a_browser(node)
    browser.post(
        "/projects/DEMO/datasets/new", {"type": "upload", "types": "yes"},
        files={"files": ("raw.csv", b"zip,id,id\n01067,1,2\n")},
    )  # fmt: skip
    for page in ("raw", "raw", "raw/schema"):
        shown = browser.get(f"/projects/DEMO/datasets/{page}").text
        assert "zip is a text: some of the numbers begin with a zero" in shown
        assert "The header names 'id' 2 times" in shown
