"""The pages of bundles: made and looked at where people design, taken in and activated where they run."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.deploy import bundles, incoming
from penstock.testing import a_node, a_project, fill
from tests.web.browser import a_browser

FLOW = {
    "datasets/raw": {"type": "managed"}, "datasets/out": {"type": "managed"},
    "recipes/copy": {"type": "sync", "input": "raw", "output": "out"},
}  # fmt: skip
HOME = "/projects/DEMO/bundles"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    a_project(made, FLOW)
    fill(made, "raw", n=[1, 2])
    return made


def came(node: Node, key: str = "PROD", id: str = "v1") -> None:
    bundles.create(node, "DEMO", id, by="ann", notes="First *one*")
    incoming.receive(node, [bundles.archive(node, "DEMO", id)], key=key, by="op")


def test_without_bundles_the_list_says_what_one_is(node: Node) -> None:
    page = a_browser(node).get(HOME)
    assert "No bundles yet" in page.text
    assert f"{HOME}/new" in page.links


def test_a_bundle_is_made_with_its_content_and_warnings(node: Node) -> None:
    browser = a_browser(node)
    form = browser.get(f"{HOME}/new")
    assert "Dataset raw is an input" in form.text
    assert 'value="v1"' in form.html
    browser.post(
        f"{HOME}/new",
        {"id": "v1", "notes": "<b>x</b> new", "datasets": ["raw"], "only_required_versions": "yes"},
    )
    (made,) = bundles.made(node, "DEMO")
    assert (made.bundle, made.datasets) == ("v1", ("raw",))
    listed = browser.get(HOME)
    assert "&lt;b&gt;x&lt;/b&gt;" in listed.html


def test_inputs_without_rows_are_told_in_one_sentence(node: Node) -> None:
    files = '{"type": "managed"}'
    more = {f"flow/datasets/{name}.yaml": files for name in ("planes", "weather")}
    node.projects.save("DEMO", more, author="ann", message="More")
    form = a_browser(node).get(f"{HOME}/new")
    assert "Datasets planes, raw and weather are inputs, and their rows do not go along" in form.text
    assert form.html.count('class="notice warning"') == 1


def test_generated_articles_stand_in_one_line_of_the_changes(node: Node) -> None:
    bundles.create(node, "DEMO", "v1", by="ann")
    generated = "<!-- generated:a -->\nText\n<!-- /generated -->\n"
    files = {f"wiki/{name}.md": generated for name in ("goals", "models")}
    node.projects.save("DEMO", {**files, "lib/a.py": "A = 1\n"}, author="ann", message="Wiki")
    page = a_browser(node).get(f"{HOME}/new").html
    folded = page[page.index("2 generated articles of the wiki") :]
    assert all(name in folded for name in ("goals.md", "models.md"))
    assert "a.py" not in folded[: folded.index("models.md")]


def test_a_secret_is_told_at_the_form_and_what_was_typed_stays(node: Node) -> None:
    node.projects.save("DEMO", {"lib/k.py": 'PASSWORD = "hunter22"\n'}, author="ann", message="Oops")
    page = a_browser(node).post(f"{HOME}/new", {"id": "v7", "notes": "my notes"}, status=422)
    assert "lib/k.py:1" in page.text
    assert "my notes" in page.html
    assert 'value="v7"' in page.html


def test_the_page_of_a_bundle_tells_contents_notes_and_changes(node: Node) -> None:
    bundles.create(node, "DEMO", "v1", by="ann")
    node.projects.save("DEMO", {"lib/a.py": "A = 1\n"}, author="eva", message="Library")
    bundles.create(node, "DEMO", "v2", by="ann", notes="Adds **a library**")
    page = a_browser(node).get(f"{HOME}/v2")
    assert "<strong>a library</strong>" in page.html
    assert "Changes since v1" in page.text
    assert "a.py" in page.text
    assert "by eva" in page.text


def test_going_back_and_deleting_are_actions(node: Node) -> None:
    bundles.create(node, "DEMO", "v1", by="ann")
    node.projects.save("DEMO", {"lib/a.py": "A = 1\n"}, author="eva", message="Library")
    browser = a_browser(node)
    browser.post(f"{HOME}/v1/revert")
    assert "lib/a.py" not in node.projects.files_at("DEMO", "HEAD")
    browser.post(f"{HOME}/v1/delete")
    assert bundles.made(node, "DEMO") == []


def test_publishing_leads_to_the_deployer(node: Node) -> None:
    bundles.create(node, "DEMO", "v1", by="ann")
    answer = a_browser(node).post(f"{HOME}/v1/publish")
    assert answer.location == "/deployer#published-DEMO"


def test_additional_content_is_chosen(node: Node) -> None:
    browser = a_browser(node)
    assert "Never in a bundle" in browser.get(f"{HOME}/content").text
    browser.post(f"{HOME}/content", {"datasets": ["raw"], "only_required_versions": "yes"})
    assert node.projects.load("DEMO").settings.bundle.datasets == ("raw",)


def test_readers_see_bundles_and_make_none(node: Node) -> None:
    bundles.create(node, "DEMO", "v1", by="ann")
    reader = a_browser(node, rights=("read",))
    assert "New bundle" not in reader.get(HOME).text
    reader.get(f"{HOME}/v1")
    reader.get(f"{HOME}/new", status=403)
    reader.get("/incoming", status=403)


def test_a_bundle_is_imported_as_a_file(node: Node) -> None:
    bundles.create(node, "DEMO", "v1", by="ann")
    browser = a_browser(node)
    assert "No bundle came yet" in browser.get("/incoming").text
    archive = bundles.archive(node, "DEMO", "v1").read_bytes()
    browser.post("/incoming", {"key": "PROD"}, files={"archive": ("v1.zip", archive, "application/zip")})
    assert [b.bundle for b in incoming.received(node, "PROD")] == ["v1"]
    assert "PROD" in browser.get("/incoming").text


def test_what_stands_in_the_way_is_shown_and_confirmed(node: Node) -> None:
    node.projects.save("DEMO", {"flow/models/m.yaml": "{}\n"}, author="ann", message="Model")
    came(node)
    browser = a_browser(node)
    page = browser.get("/incoming/PROD/v1/check")
    assert "WARN_BUNDLE_MODEL_NO_ACTIVE_VERSION" in page.text
    assert "in spite of that" in page.text
    browser.post("/incoming/PROD/v1/activate", status=409)
    assert incoming.active(node, "PROD") is None
    browser.post("/incoming/PROD/v1/activate", {"ignore_warnings": "yes"})
    found = incoming.active(node, "PROD")
    assert found is not None
    assert found.bundle == "v1"
    assert "runs bundle v1" in browser.get("/incoming/PROD").text
    assert "This project runs bundle" in browser.get("/projects/PROD/bundles").text


def test_settings_are_remembered_for_the_next_activation(node: Node) -> None:
    came(node)
    browser = a_browser(node)
    page = browser.get("/incoming/PROD/settings")
    browser.post(
        "/incoming/PROD/settings", {**page.form_values("activation"), "run_as": "op", "triggers_off": "yes"}
    )
    found = incoming.settings(node, "PROD")
    assert (found.run_as, found.triggers_off) == ("op", True)


def test_settings_of_an_old_tab_are_refused(node: Node) -> None:
    came(node)
    browser = a_browser(node)
    values = browser.get("/incoming/PROD/settings").form_values("activation")
    browser.post("/incoming/PROD/settings", {**values, "run_as": "op"})
    browser.post("/incoming/PROD/settings", {**values, "run_as": "late"}, status=409)
    assert incoming.settings(node, "PROD").run_as == "op"


def test_content_of_an_old_tab_is_refused(node: Node) -> None:
    browser = a_browser(node)
    values = browser.get(f"{HOME}/content").form_values("content")
    browser.post(f"{HOME}/content", {**values, "datasets": ["raw"]})
    browser.post(f"{HOME}/content", {**values, "datasets": ["out"]}, status=409)
    assert bundles.choices(node, "DEMO").content.datasets == ("raw",)


def test_the_page_of_a_bundle_that_came_and_its_removal(node: Node) -> None:
    came(node)
    browser = a_browser(node)
    assert "First" in browser.get("/incoming/PROD/v1").text
    browser.post("/incoming/PROD/v1/delete")
    assert "No bundle of PROD came yet" in browser.get("/incoming/PROD").text


def test_an_automation_node_says_what_it_is(tmp_path: Path) -> None:
    node = a_node(tmp_path, role="automation")
    a_project(node, FLOW)
    browser = a_browser(node)
    assert "An automation node runs bundles" in browser.get("/projects/DEMO").html
    assert "/incoming" in browser.get("/").links


def test_where_bundles_run_pages_show_objects_without_buttons_that_change_them(tmp_path: Path) -> None:
    there = a_node(tmp_path, role="automation")
    a_project(there, FLOW)
    fill(there, "raw", n=[1, 2])
    there.projects.save(
        "DEMO",
        {"scenarios/nightly.yaml": "steps:\n  - {type: build, items: [out]}\n"},
        author="ann",
        message="S",
    )
    came(there)
    incoming.activate(there, "PROD", "v1", by="op", ignore_warnings=True)
    browser, prod = a_browser(there), "/projects/PROD"
    assert ">Save</button>" in browser.get("/projects/DEMO/recipes/copy").html
    recipe = browser.get(f"{prod}/recipes/copy")
    assert ">Save</button>" not in recipe.html
    assert f"{prod}/recipes/copy/delete" not in recipe.html
    assert f"{prod}/recipes/copy/run" in recipe.html
    assert f"{prod}/datasets/new" not in browser.get(f"{prod}/flow").html
    assert f"{prod}/wiki/new" not in browser.get(f"{prod}/wiki").html
    assert ">Save</button>" not in browser.get(f"{prod}/scenarios/nightly").html
    assert f"{prod}/scenarios/nightly/switch" in browser.get(f"{prod}/scenarios").html
    assert "designed on the node the bundle came from" in browser.get(f"{prod}/bundles").text
    refused = browser.post(f"{prod}/recipes/copy/delete", {}, status=403)
    assert "was made on the design node" in refused.text
