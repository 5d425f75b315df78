"""The Flow page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from penstock.core.job import JobState
from penstock.core.node import Node
from penstock.runtime import connections, jobs, zones
from penstock.testing import KEY, a_node, a_project, build, fill
from tests.servers import Postgres
from tests.web.browser import a_browser

FLOW = f"/projects/{KEY}/flow"
CHAIN: Mapping[str, Mapping[str, Any]] = {
    "datasets/raw": {"type": "managed", "tags": ["gold"]},
    "datasets/copied": {"type": "managed", "columns": [{"name": "n", "type": "bigint"}]},
    "datasets/sorted": {"type": "managed"},
    "recipes/copy_it": {"type": "sync", "input": "raw", "output": "copied"},
    "recipes/sort_it": {"type": "sort", "input": "copied", "output": "sorted", "order": [{"column": "n"}]},
}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(node, CHAIN)
    fill(node, "raw", n=[2, 1])
    return node


def states(html: str) -> dict[str, str]:
    return dict(re.findall(r'data-id="([^"]+)"[^>]*data-state="([^"]+)"', html))


# the picture


def test_the_page_shows_every_object_with_its_state_and_counts_them(node: Node) -> None:
    build(node, "copied")
    page = a_browser(node).get(FLOW)
    assert states(page.html) == {
        "raw": "source", "copied": "success", "sorted": "never", "recipe:copy_it": "success",
        "recipe:sort_it": "success",
    }  # fmt: skip
    assert page.has('data-only="success"', 'data-only="never"', f'href="/projects/{KEY}/datasets/raw"')
    assert f"/projects/{KEY}/recipes/sort_it" in page.links


def test_menus_lead_to_new_datasets_and_recipes_of_every_kind(node: Node) -> None:
    from penstock.core import registry
    from penstock.web.pages import flow

    links = a_browser(node).get(FLOW).links
    ours = {n for n in registry.names("datasets") if "." not in n} - {"shared"}  # shared elsewhere
    assert {type for type, _, _ in flow.SOURCES} == ours
    wanted = {f"/projects/{KEY}/recipes/new?type={kind}" for kind in registry.names("recipes")}
    assert wanted <= set(links)
    assert f"/projects/{KEY}/datasets/new?type=upload" in links


def test_an_empty_flow_says_how_to_begin(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    page = a_browser(node).get(FLOW)
    assert "Nothing flows yet" in page.text
    assert f"/projects/{KEY}/datasets/new" in page.links


def test_texts_that_people_wrote_cannot_break_the_page(node: Node) -> None:
    evil = "<b>x</b>\"'"
    a_project(
        node, {"datasets/raw": {"type": "managed", "title": evil, "short_description": evil, "tags": [evil]}}
    )
    browser = a_browser(node)
    for path in (FLOW, f"{FLOW}?view=tags", f"{FLOW}/panel?select=raw", f"{FLOW}/panel?select=raw,copied"):
        assert "<b>x" not in browser.get(path).html


def test_nothing_on_it_offends_the_content_policy(node: Node) -> None:
    html = a_browser(node).get(FLOW).html
    assert not re.search(r'\sstyle="|\son\w+="|<style', html)


def test_a_deep_link_names_a_selection_a_view_and_a_part(node: Node) -> None:
    browser = a_browser(node)
    assert browser.get(f"{FLOW}?select=raw,sort_it,gone").has('data-selected="raw,recipe:sort_it"')
    assert set(states(browser.get(f"{FLOW}?select=copied&only=up").html)) == {
        "raw",
        "recipe:copy_it",
        "copied",
    }
    zones.move(node, KEY, ["sorted"], "Z", author="ann", new=True)
    assert set(states(browser.get(f"{FLOW}?zone=Z").html)) == {"copied", "recipe:sort_it", "sorted"}
    assert "sorted" not in states(browser.get(f"{FLOW}?fold=Z").html)
    assert browser.get(f"{FLOW}?view=tags").has('data-halo="gold"', 'data-group="gold"')


def test_a_view_there_is_not_is_told_with_the_nearest(node: Node) -> None:
    assert "checks" in a_browser(node).get(f"{FLOW}?view=check", status=404).text


def test_the_picture_is_a_file_too(node: Node) -> None:
    browser = a_browser(node)
    svg = browser.get(f"{FLOW}/picture?as=svg")
    assert svg.html.startswith("<svg")
    assert "attachment" in svg.headers["content-disposition"]
    assert browser.get(f"{FLOW}/picture?as=png").content.startswith(b"\x89PNG")


def test_problems_of_the_files_are_told_over_the_picture(node: Node) -> None:
    file = node.projects.path(KEY) / "flow/recipes/sort_it.yaml"
    file.write_text(file.read_text().replace("input: copied", "input: copeid"))
    page = a_browser(node).get(FLOW)
    assert "1 problem in the files" in page.text
    assert "Did you mean copied?" in page.text


# the panel


def test_the_panel_of_one_object_tells_what_people_ask_first(node: Node) -> None:
    build(node, "copied")
    panel = a_browser(node).get(f"{FLOW}/panel?select=copied")
    for words in (
        "Build",
        "Move",
        "Tag",
        "Protect",
        "Clear data",
        "Copy",
        "Rename",
        "Delete",
        "Schema",
        "Last build",
    ):
        assert words in panel.text
    assert panel.has('data-go="recipe:copy_it"', 'data-go="recipe:sort_it"')
    assert f"/projects/{KEY}/recipes/new?type=prepare&inputs=copied" in panel.links
    assert "bigint" in panel.text


def test_the_panel_of_a_recipe_tells_what_it_reads_and_writes(node: Node) -> None:
    panel = a_browser(node).get(f"{FLOW}/panel?select=recipe:sort_it")
    assert "Sort recipe" in panel.text
    assert panel.has('data-go="copied"', 'data-go="sorted"', ">Run<")


def test_the_panel_of_many_acts_on_all_of_them(node: Node) -> None:
    panel = a_browser(node).get(f"{FLOW}/panel?select=raw,recipe:copy_it")
    assert "2 objects" in panel.text
    assert panel.form_values("move")["select"] == "raw,recipe:copy_it"


def test_somebody_who_may_only_read_sees_no_button_that_changes_something(node: Node) -> None:
    browser = a_browser(node, rights=("read",))
    assert "Delete" not in browser.get(f"{FLOW}/panel?select=raw").text
    assert "Build" not in browser.get(FLOW).text
    browser.post(f"{FLOW}/build", {"select": "sorted"}, status=403)


def test_an_unknown_object_is_told_with_the_nearest(node: Node) -> None:
    assert "Did you mean copied" in a_browser(node).get(f"{FLOW}/panel?select=copeid", status=404).text


# builds


@pytest.mark.requirement("A24")
def test_the_preview_lists_what_would_run_in_order_with_reasons_and_runs_nothing(node: Node) -> None:
    panel = a_browser(node).get(f"{FLOW}/build?select=sorted&mode=recursive")
    assert re.findall(r'data-flow-keep="(\w+)"', panel.html) == ["copy_it", "sort_it"]
    assert "Never built" in panel.text
    assert "Recursive upstream" in panel.text
    assert "non-recursively" in panel.text
    assert jobs.history(node, KEY) == []


def test_a_recipe_taken_out_of_the_plan_is_left_and_can_be_put_back(node: Node) -> None:
    panel = a_browser(node).get(f"{FLOW}/build?select=sorted&mode=recursive&without=copy_it")
    assert re.findall(r'data-flow-keep="(\w+)"', panel.html) == ["sort_it"]
    assert "taken out of the plan" in panel.text
    assert "Put all back" in panel.text


def test_a_build_runs_in_the_background_and_its_progress_is_followed(node: Node) -> None:
    browser = a_browser(node)
    panel = browser.post(
        f"{FLOW}/build", {"select": "sorted", "mode": "required"}, headers={"HX-Request": "true"}
    )
    job = jobs.history(node, KEY)[0]
    assert panel.has(f'src="{FLOW}/jobs/{job.id}/live"')
    events = browser.get(f"{FLOW}/jobs/{job.id}/live").html
    assert "event: flow-progress" in events
    assert events.rstrip().endswith("event: end\ndata:")
    assert jobs.show(node, job.id).state is JobState.DONE
    assert jobs.show(node, job.id).initiator == "ann"


def test_without_a_script_a_build_leads_to_its_job(node: Node) -> None:
    answer = a_browser(node).post(f"{FLOW}/build", {"select": "copied"})
    job = jobs.history(node, KEY)[0]
    assert answer.location == f"/projects/{KEY}/jobs/{job.id}"


def test_nothing_selected_builds_every_end_of_the_flow(node: Node) -> None:
    panel = a_browser(node).get(f"{FLOW}/build")
    assert "Build everything" in panel.text
    assert "sort_it" in panel.text


# what is done to a selection


@pytest.mark.requirement("A08")
def test_a_selection_moves_to_a_new_zone(node: Node) -> None:
    browser = a_browser(node)
    browser.post(
        f"{FLOW}/move",
        {"select": "recipe:sort_it,sorted", "new": "Ground Truth Monitoring", "color": "#ff8800"},
    )
    zone = zones.graph(node, KEY, "Ground Truth Monitoring")
    assert (zone.items, zone.recipes, zone.ghosts) == (("sorted",), ("sort_it",), ("copied",))
    page = browser.get(FLOW)
    assert page.has('data-zone="Ground Truth Monitoring"', "#ff8800")


@pytest.mark.requirement("A09")
def test_an_input_that_lies_elsewhere_is_shown_as_a_reference(node: Node) -> None:
    browser = a_browser(node)
    browser.post(f"{FLOW}/move", {"select": "sorted", "new": "Z"})
    ghosts = re.findall(r'<g class="[^"]*ghost[^"]*"[^>]*data-id="(\w+)"', browser.get(FLOW).html)
    assert ghosts == ["copied"]


def test_tags_protection_copies_and_names_of_a_selection(node: Node) -> None:
    browser = a_browser(node)
    browser.post(f"{FLOW}/tags", {"select": "raw,copied", "add": "new, fine", "remove": "gold"})
    browser.post(f"{FLOW}/protect", {"select": "copied,sorted", "rebuild": "explicit"})
    browser.post(f"{FLOW}/copy", {"select": "recipe:sort_it", "ending": "_b"})
    assert 'pattern="[\\p{L}\\p{N}_]{1,100}"' in browser.get(f"{FLOW}/panel?select=copied").html
    browser.post(f"{FLOW}/rename", {"select": "copied", "name": "größe"})
    answer = browser.post(f"{FLOW}/rename", {"select": "größe", "name": "clean"})
    loaded = node.projects.load(KEY)
    assert loaded.dataset("clean").tags == loaded.dataset("raw").tags == ("new", "fine")
    assert loaded.dataset("sorted").rebuild == "explicit"
    assert loaded.recipe("sort_it_b").reads == ("clean",)
    assert answer.location == f"{FLOW}?select=clean"
    assert node.projects.history(KEY)[0].author.startswith("ann")


def test_clearing_says_what_it_left(node: Node) -> None:
    a_project(node, {"datasets/outside": "type: inline\nrows: [{n: 1}]\n"})
    build(node, "copied")
    browser = a_browser(node)
    browser.post(f"{FLOW}/clear", {"select": "copied,outside"})
    page = browser.get(FLOW)
    assert "1 object cleared" in page.text
    assert "outside is not cleared" in page.text


def test_deleting_tells_its_impact_first(node: Node) -> None:
    browser = a_browser(node)
    panel = browser.get(f"{FLOW}/delete?select=copied")
    assert "copy_it" in panel.text
    assert "Stay, but nothing makes them any more: sorted." in panel.text
    browser.post(f"{FLOW}/delete", panel.form_values("delete"))
    assert list(node.projects.load(KEY).items) == ["raw", "sorted"]


def test_nothing_selected_is_told(node: Node) -> None:
    assert "Nothing is selected" in a_browser(node).post(f"{FLOW}/tags", {"add": "x"}, status=422).text


# zones


def test_zones_are_made_changed_shown_in_and_deleted(node: Node) -> None:
    browser = a_browser(node)
    assert browser.get(f"{FLOW}/zones").form_values(0)["color"]
    browser.post(f"{FLOW}/zones", {"name": "Z", "color": "#112233"})
    browser.post(f"{FLOW}/share", {"select": "raw", "zone": "Z"})
    assert zones.graph(node, KEY, "Z").shared == ("raw",)
    browser.post(f"{FLOW}/unshare", {"select": "raw", "zone": "Z"})
    browser.post(f"{FLOW}/zones/Z", {"name": "Y", "color": "#445566"})
    assert node.projects.load(KEY).zones.zones["Y"].color == "#445566"
    panel = browser.get(f"{FLOW}/zones?zone=Y")
    assert "Build it" in panel.text
    assert f"{FLOW}?zone=Y" in panel.links
    browser.post(f"{FLOW}/zones/Y/delete")
    assert node.projects.load(KEY).zones.zones == {}


def test_the_default_zone_gets_another_title(node: Node) -> None:
    browser = a_browser(node)
    zones.create(node, KEY, "Z", author="ann")
    browser.post(f"{FLOW}/zones/default", {"name": "Data"})
    assert node.projects.load(KEY).zones.default_title == "Data"


@pytest.mark.requirement("A13")
def test_selected_datasets_move_to_another_connection(node: Node, postgres: Postgres) -> None:
    connections.define(node, "warehouse", postgres.settings)
    build(node, "sorted")
    browser = a_browser(node)
    assert "Files of this node" in browser.get(f"{FLOW}/panel?select=copied,sorted").text
    words = {"select": "copied,sorted", "connection": "warehouse", "rows": "1", "drop": "1"}
    browser.post(f"{FLOW}/connection", words)
    assert {node.projects.load(KEY).dataset(n).database() for n in ("copied", "sorted")} == {"warehouse"}
    assert postgres.run('SELECT n FROM "DEMO_sorted"') == [(1,), (2,)]
    assert "All ends live in warehouse" in browser.get(f"/projects/{KEY}/recipes/sort_it").text


# what is in it, in small


def test_the_panel_offers_every_kind_of_recipe_by_its_words_and_finds_the_rarer_ones(node: Node) -> None:
    panel = a_browser(node).fragment(f"{FLOW}/panel?select=raw")
    assert panel.has("<span>Prepare</span>", 'data-narrow="#flow-recipes"', "<span>Pivot</span>")
    assert f"/projects/{KEY}/recipes/new?type=pivot&inputs=raw" in panel.links


def test_the_first_rows_of_a_dataset_are_shown_in_small(node: Node) -> None:
    assert a_browser(node).fragment(f"{FLOW}/panel?select=raw").has(f'hx-get="{FLOW}/glimpse?select=raw"')
    found = a_browser(node).fragment(f"{FLOW}/glimpse?select=raw")
    assert re.findall(r"<td>(.*?)</td>", found.html) == ["2", "1"]


def test_a_model_that_was_never_trained_says_so_in_small(node: Node) -> None:
    a_project(node, {"models/late": {}})
    assert "No version yet" in a_browser(node).fragment(f"{FLOW}/glimpse?select=late").text


def test_a_recipe_is_copied_for_another_dataset(node: Node) -> None:
    browser = a_browser(node)
    panel = browser.get(f"{FLOW}/panel?select=recipe:sort_it").html
    assert '<option value="raw">raw</option>' in panel
    assert '<option value="" selected>copied</option>' in panel
    browser.post(f"{FLOW}/copy", {"select": "recipe:sort_it", "ending": "_b", "input": "raw"})
    assert node.projects.load(KEY).recipe("sort_it_b").reads == ("raw",)
