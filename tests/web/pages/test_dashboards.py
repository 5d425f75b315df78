"""Dashboards in the studio."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from penstock.core.node import Node
from penstock.runtime import dashboards, folders, people, scenarios
from penstock.testing import KEY
from tests.kinds.tiles.shown import a_world
from tests.web.browser import Answer, Browser, a_browser

ALL = f"/projects/{KEY}/dashboards"
DRIFT = {"type": "metric", "id": "drift", "item": "mes", "metric": "Data Drift"}
CHART = {"type": "chart", "id": "chart", "dataset": "flights", "by": "carrier"}
PANEL = {"type": "filters", "id": "panel", "dataset": "flights", "columns": ["carrier", "distance"]}
NASTY = "<script>alert(1)</script>"
EVERY: list[dict[str, Any]] = [
    DRIFT, {**DRIFT, "id": "history", "show": "history"}, {"type": "checks", "id": "checks", "item": "mes"},
    {"type": "scenario_runs", "id": "runs", "scenario": "retrain"},
    {"type": "scenario_runs", "id": "strip", "scenario": "retrain", "show": "strip"},
    {"type": "run_button", "id": "go", "scenario": "retrain"}, {"type": "table", "id": "table", "dataset": "flights"},
    CHART, PANEL, {"type": "evaluation", "id": "evaluation", "store": "mes", "screen": "metrics"},
    {"type": "model_report", "id": "model", "model": "late"}, {"type": "data_quality", "id": "quality"},
    {"type": "text", "id": "text", "title": NASTY, "markdown": f"**bold** {NASTY} [x](javascript:alert(1))"},
    {"type": "metric", "id": "gone", "item": "nowhere", "metric": "x"},
]  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_world(tmp_path)


def put(node: Node, *tiles: dict[str, Any], **settings: Any) -> None:
    pages = [{"title": "First", "tiles": list(tiles)}, {"title": NASTY}]
    dashboards.save(
        node, KEY, "d", {"title": "Ours", "promoted": True, "pages": pages, **settings}, author="ann"
    )


def send(browser: Browser, verb: str, body: Any, *, status: int = 200) -> Answer:
    from penstock.runtime import sessions

    answer = browser.client.post(
        f"{ALL}/d/{verb}", content=json.dumps(body),
        headers={"X-Form-Token": sessions.form_token(browser.secret), "Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == status, answer.text[:800]
    return Answer(answer.status_code, answer.text, dict(answer.headers), answer.content)


# looking ------------------------------------------------------------------------------------------------------------


def test_the_list_has_the_default_dashboard_and_the_button_that_makes_one(node: Node) -> None:
    page = a_browser(node).get(ALL)
    assert "Default dashboard" in page.text
    assert "New dashboard" in page.text
    assert f"{ALL}/default" in page.links


def test_an_empty_dashboard_says_what_would_stand_here(node: Node) -> None:
    page = a_browser(node).get(f"{ALL}/default")
    assert "Nothing stands here yet" in page.text
    assert f"{ALL}/default/edit" in page.links


def test_every_kind_of_tile_is_shown_and_no_word_of_people_becomes_markup(node: Node) -> None:
    scenarios.run_and_wait(node, KEY, "retrain")
    put(node, *EVERY)
    browser = a_browser(node)
    page = browser.get(f"{ALL}/d")
    tiles = {t["id"]: browser.fragment(f"{ALL}/d/tiles/{t['id']}").html for t in EVERY}
    assert "0.65" in tiles["drift"]
    assert "data-spec" in tiles["history"]
    assert "Success" in tiles["runs"]
    assert "Run Retrain it" in tiles["go"]
    assert "AA" in tiles["table"]
    assert 'data-column="carrier"' in tiles["chart"]
    assert "is gone" in tiles["gone"]
    assert "<strong>bold</strong>" in tiles["text"]
    for html in (page.html, *tiles.values()):
        assert NASTY not in html
        assert 'href="javascript' not in html
        assert "style=" not in html


def test_a_page_does_not_wait_for_tiles_that_read_rows(node: Node) -> None:
    put(node, CHART, DRIFT)
    page = a_browser(node).get(f"{ALL}/d")
    assert f'hx-get="{ALL}/d/tiles/chart?page=1"' in page.html
    assert "0.65" in page.text


def test_tiles_are_placed_by_a_style_sheet_of_their_own(node: Node) -> None:
    put(node, {**DRIFT, "background": "#ffeecc", "place": {"left": 3, "top": 0, "width": 9, "height": 6}})
    sheet = a_browser(node).get(f"{ALL}/d/layout?page=1")
    assert sheet.headers["content-type"].startswith("text/css")
    assert "#tile-drift{grid-column:4/span 9;grid-row:1/span 6" in sheet.html
    assert "#tile-drift{background:#ffeecc}" in sheet.html


def test_pages_have_their_address_and_hidden_ones_no_tab(node: Node) -> None:
    dashboards.save(node, KEY, "d", {"pages": [{}, {"visible": False}, {"title": "Last"}]}, author="ann")
    page = a_browser(node).get(f"{ALL}/d?page=3")
    assert "Last" in page.text
    assert f"{ALL}/d?page=2" not in page.links
    a_browser(node).get(f"{ALL}/d?page=4", status=404)


def test_what_a_panel_posts_stands_in_the_address_and_filters_the_page(node: Node) -> None:
    put(node, CHART, PANEL)
    browser = a_browser(node)
    panel = browser.fragment(f"{ALL}/d/tiles/panel").form_values()
    assert panel["sort.distance"] == "range"
    query = "column=carrier&sort.carrier=values&value.carrier=UA&column=distance&sort.distance=range&high.distance=200"
    answer = browser.get(f"{ALL}/d/filter?page=1&{query}", status=303)
    assert (
        answer.location
        == f"{ALL}/d?page=1&pageFilters=carrier%3Ain%28%22UA%22%29%2Cdistance%3Abetween%28NO_VALUE%2C%22200%22%29"
    )
    filtered = browser.fragment(f"{ALL}/d/tiles/chart?{answer.location.partition('?')[2]}").html
    assert "highest 2 at UA" in filtered
    assert "Reset" in browser.follow(answer).text
    browser.get(f"{ALL}/d?pageFilters=nonsense", status=422)


def test_the_export_is_a_file_with_the_filters(node: Node) -> None:
    put(node, CHART)
    browser = a_browser(node)
    pdf = browser.get(f"{ALL}/d/export?pageFilters=carrier:in(%22UA%22)")
    assert pdf.content.startswith(b"%PDF")
    assert "d.pdf" in pdf.headers["content-disposition"]
    assert browser.get(f"{ALL}/d/export?form=png&paper=400x300&page=1").content.startswith(b"\x89PNG")
    assert browser.get(f"{ALL}/export?name=d").content.startswith(b"%PDF")
    browser.get(f"{ALL}/d/export?paper=A99", status=422)


def test_pressing_a_run_button_starts_the_scenario(node: Node) -> None:
    put(node, {"type": "run_button", "id": "go", "scenario": "retrain"})
    browser = a_browser(node)
    pressed = browser.post(f"{ALL}/d/tiles/go/run?page=1")
    assert "Running" in pressed.text
    (run,) = scenarios.history(node, KEY, "retrain")
    assert run.trigger == "dashboard"
    assert "Run Retrain it" in browser.post(f"{ALL}/d/tiles/go/abort?page=1").text


@pytest.mark.requirement("A95")
def test_a_web_app_runs_in_a_sandbox_and_no_other_file_is_served(node: Node, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>hello</p>")
    folders.put(node, KEY, "pictures", [tmp_path / "index.html"])
    put(node, {"type": "web_app", "id": "app", "folder": "pictures"}, DRIFT)
    browser = a_browser(node)
    assert 'sandbox="allow-scripts"' in browser.get(f"{ALL}/d").html
    app = browser.get(f"{ALL}/d/apps/app/index.html")
    assert app.headers["content-security-policy"].startswith("sandbox allow-scripts")
    assert "hello" in app.html
    browser.get(f"{ALL}/d/apps/app/..%2F..%2Fstate.db", status=403)
    browser.get(f"{ALL}/d/apps/drift/index.html", status=403)
    browser.get(f"{ALL}/d/apps/nope/index.html", status=404)


# editing ------------------------------------------------------------------------------------------------------------


def test_a_new_dashboard_opens_to_be_edited(node: Node) -> None:
    browser = a_browser(node)
    answer = browser.post(f"{ALL}/new", {"title": "Team <b>"})
    assert answer.location == f"{ALL}/team_b/edit"
    page = browser.follow(answer)
    assert "Add tile" in page.text
    assert "<b>" not in page.html.replace("<body>", "")


def test_a_draft_is_drawn_with_tiles_pushed_apart_and_nothing_is_kept(node: Node) -> None:
    put(node)
    tiles = [DRIFT, {**DRIFT, "id": "second"}]
    drawn = send(a_browser(node), "draft", {"definition": {"pages": [{"tiles": tiles}]}, "page": 1})
    assert 'gs-id="drift" gs-x="0" gs-y="0"' in drawn.html
    assert 'gs-id="second" gs-x="0" gs-y="8"' in drawn.html
    assert dashboards.definition(node, KEY, "d").pages[0].tiles == ()


def test_the_form_of_a_tile_is_that_of_its_kind_and_offers_the_metrics_of_its_object(
    node: Node,
) -> None:
    put(node)
    browser = a_browser(node)
    form = send(browser, "form", {"kind": "metric"})
    assert {"item", "show", "title"} <= set(form.form_values())
    assert "Choose the object first" in form.text
    chosen = browser.post(f"{ALL}/d/tile?again=yes", {**form.form_values(), "item": "mes"})
    assert 'value="drift:DATA_DRIFT"' in chosen.html
    edited = send(a_browser(node), "form", {"tile": {**DRIFT, "show": "history"}})
    assert edited.form_values()["show"] == "history"


def test_what_a_form_says_comes_back_as_a_tile_or_with_what_is_wrong(node: Node) -> None:
    put(node)
    browser = a_browser(node)
    given = {**send(browser, "form", {"kind": "metric"}).form_values(), "item": "mes", "metric": "Data Drift"}
    read = json.loads(browser.post(f"{ALL}/d/tile", given).html)
    assert read["tile"] == {"type": "metric", "item": "mes", "metric": "Data Drift"}
    assert read["size"] == {"width": 9, "height": 6}
    wrong = browser.post(f"{ALL}/d/tile", {**given, "metric": ""}, status=422)
    assert wrong.form_values()["item"] == "mes"


def test_the_form_of_a_chart_offers_the_columns_of_the_dataset_that_was_chosen(node: Node) -> None:
    put(node)
    browser = a_browser(node)
    form = send(browser, "form", {"kind": "chart"})
    assert 'value="carrier"' not in form.html
    again = browser.post(f"{ALL}/d/tile?again=yes", {**form.form_values(), "dataset": "flights"})
    assert again.form_values()["dataset"] == "flights"
    assert 'value="carrier"' in again.html


def test_save_keeps_the_draft_and_a_faster_save_is_shown(node: Node) -> None:
    put(node)
    base = dashboards.opened(node, KEY, "d").base
    browser = a_browser(node)
    draft = {"definition": {"title": "Mine", "pages": [{"tiles": [DRIFT]}]}, "base": base, "page": 1}
    assert json.loads(send(browser, "save", draft).html)["view"] == f"{ALL}/d"
    assert "0.65" in browser.get(f"{ALL}/d").text
    conflict = json.loads(send(browser, "save", draft, status=409).html)
    assert "+title: Mine" in conflict["diff"]
    assert conflict["base"] == dashboards.opened(node, KEY, "d").base
    send(
        browser,
        "save",
        {**draft, "base": conflict["base"], "definition": {"pages": [{"tiles": [{"type": "x"}]}]}},
        status=422,
    )


def test_settings_are_saved_and_the_dashboard_promoted_renamed_and_deleted(node: Node) -> None:
    put(node, DRIFT, promoted=False)
    browser = a_browser(node)
    browser.post_from(f"{ALL}/d/settings", {"title": "Named", "spacing": "20"}, form=next_form(browser))
    found = dashboards.definition(node, KEY, "d")
    assert (found.title, found.spacing, len(found.pages)) == ("Named", 20, 2)
    browser.post(f"{ALL}/d/promote", {"promoted": "yes"})
    assert dashboards.definition(node, KEY, "d").promoted
    browser.post(f"{ALL}/d/rename", {"name": "e"})
    browser.post(f"{ALL}/e/delete")
    assert "e" not in node.projects.load(KEY).dashboards


def next_form(browser: Browser) -> int:
    """Which form of the settings page is the one with the settings."""
    page = browser.get(f"{ALL}/d/settings")
    return next(n for n in range(9) if "base" in page.form_values(n))


@pytest.mark.requirement("A95")
def test_publishing_offers_dashboards_and_puts_the_tile_there(node: Node) -> None:
    put(node)
    browser = a_browser(node)
    dialog = browser.fragment(f"/projects/{KEY}/publish?sort=scenario&object=retrain")
    assert "Ours" in dialog.text
    answer = browser.post(f"/projects/{KEY}/publish", {**dialog.form_values(), "to": "d"})
    assert answer.location.startswith(f"{ALL}/d#tile-")
    settings = json.dumps({"metric": "Data Drift", "show": "history"})
    about = {"sort": "evaluation_store", "object": "mes", "settings": settings, "title": "New one"}
    browser.post(f"/projects/{KEY}/publish", about)
    kinds = [
        t.kind_name()
        for name in ("d", "new_one")
        for t in dashboards.definition(node, KEY, name).pages[0].tiles
    ]
    assert kinds == ["scenario_runs", "metric"]


def test_a_tile_is_copied_to_another_dashboard(node: Node) -> None:
    put(node, DRIFT)
    dashboards.create(node, KEY, "Other", author="ann")
    a_browser(node).post(f"{ALL}/d/copy", {"key": "drift", "page": "1", "to": "other"})
    assert len(dashboards.definition(node, KEY, "other").pages[0].tiles) == 1


# who may ------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("A96")
def test_a_reader_sees_promoted_dashboards_with_authorised_tiles_and_edits_nothing(node: Node) -> None:
    put(node, DRIFT)
    dashboards.create(node, KEY, "Secret plans", author="ann")
    reader = a_browser(node, rights=("read dashboards",))
    listed = reader.get(ALL).text
    assert "Ours" in listed
    assert "Secret plans" not in listed
    reader.get(f"{ALL}/secret_plans")
    page = reader.get(f"{ALL}/d")
    assert "not authorised" in page.text
    assert "0.65" not in page.text
    assert f"{ALL}/d/edit" not in page.links
    reader.get(f"{ALL}/d/edit", status=403)
    people.authorise(node, KEY, "evaluation_store", "mes", by="ann")
    assert "0.65" in reader.get(f"{ALL}/d").text


def test_what_readers_would_find_empty_is_told_while_editing_and_set_right_by_one_click(node: Node) -> None:
    put(node, DRIFT)
    browser = a_browser(node)
    assert "Let them see these" in browser.get(f"{ALL}/d/edit").text
    browser.post(f"{ALL}/d/authorise")
    assert dashboards.unauthorised(node, KEY, "d") == []
    assert "Let them see these" not in browser.get(f"{ALL}/d/edit").text


def test_somebody_without_any_right_finds_nothing(node: Node) -> None:
    put(node, DRIFT)
    a_browser(node, login="eve", rights=()).get(f"{ALL}/d", status=404)


def test_the_list_shows_where_tiles_stand_on_the_first_page(node: Node) -> None:
    put(
        node,
        {
            "type": "text",
            "id": "text",
            "markdown": "x",
            "place": {"left": 0, "top": 0, "width": 12, "height": 6},
        },
    )
    assert 'class="of-text" x="0.3" y="0.3" width="11.4" height="5.4"' in a_browser(node).get(ALL).html
