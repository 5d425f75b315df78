"""The picture of a Flow."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.core.picture import Picture
from penstock.drawing import flow
from penstock.drawing.flow import Looks
from tests.drawing.flows import STATES, a_picture, a_recipe, an_item, random_flow

SVG = "{http://www.w3.org/2000/svg}"
SMALL = a_picture(
    [
        an_item("raw"),
        an_item("scored", state="stale", why="input raw changed"),
        an_item("late", type="model"),
    ],
    [a_recipe("score_it", ["raw", "late"], ["scored"], kind="score", category="ml")],
)


def parsed(picture: Picture, looks: Looks = flow.PLAIN) -> ET.Element:
    return ET.fromstring(flow.svg(picture, looks))


def nodes(drawn: ET.Element) -> dict[str, ET.Element]:
    return {g.get("data-id", ""): g for g in drawn.iter(f"{SVG}g") if g.get("data-id")}


@settings(max_examples=25, deadline=None)
@given(st.builds(random_flow, st.integers(1, 40), st.integers(0, 9999), zones=st.integers(0, 4)))
def test_every_picture_is_well_formed_and_has_every_node(picture: Picture) -> None:
    assert set(nodes(parsed(picture))) == {n.id for n in picture.nodes}


def test_a_node_says_its_name_kind_and_state_to_programs_and_to_readers() -> None:
    scored = nodes(parsed(SMALL))["scored"]
    assert (scored.get("data-name"), scored.get("data-kind"), scored.get("data-state")) == (
        "scored", "managed", "stale",
    )  # fmt: skip
    assert scored.findtext(f"{SVG}title") == "scored, dataset, out of date: input raw changed"
    assert nodes(parsed(SMALL))["recipe:score_it"].findtext(f"{SVG}title") == "score_it, score recipe"


def test_states_are_told_by_a_sign_and_never_by_colour_alone() -> None:
    picture = a_picture([an_item(f"d_{state}", state=state) for state in STATES])
    for name, node in nodes(parsed(picture)).items():
        signs = [u.get("href") for u in node.iter(f"{SVG}use") if "sign" in (u.get("class") or "")]
        dotted = [u for u in node.iter(f"{SVG}use") if u.get("stroke-dasharray")]
        assert bool(signs) != bool(dotted), name
        assert signs in ([], [f"#flow-sign-{name[2:]}"])


def test_every_kind_has_its_shape_and_colour() -> None:
    picture = a_picture(
        [
            an_item("d"),
            an_item("f", type="folder"),
            an_item("m", type="model"),
            an_item("e", type="evaluation_store"),
        ],
        [
            a_recipe(c, ["d"], [], kind=k, category=c)
            for k, c in (("join", "visual"), ("sql", "code"), ("train", "ml"))
        ],
    )
    found = {}
    for name, node in nodes(parsed(picture)).items():
        shape = next(u for u in node.iter(f"{SVG}use") if u.get("class") == "shape")
        found[name.removeprefix("recipe:")] = (
            (shape.get("href") or "")[len("#flow-shape-") :],
            shape.get("fill"),
        )
    assert found == {
        "d": ("dataset", "#2f6fed"), "f": ("folder", "#2f6fed"), "m": ("model", "#2f9e44"),
        "e": ("dataset", "#2f9e44"), "visual": ("recipe", "#d98500"), "code": ("recipe", "#e8590c"),
        "ml": ("recipe", "#2b8a3e"),
    }  # fmt: skip


def test_nothing_in_it_offends_a_strict_content_policy() -> None:
    inside = flow.svg(random_flow(40, 1, zones=2), Looks(alone=False))
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=", inside)
    assert "<style>" in flow.svg(SMALL)


def test_every_class_that_a_page_styles_is_in_the_css_and_dark_has_every_colour_of_light() -> None:
    light, dark = re.findall(r"\{(\s*--flow-ground.*?)\}", flow.css(), flags=re.DOTALL)
    assert set(re.findall(r"--flow-\w+", light)) == set(re.findall(r"--flow-\w+", dark))
    assert "prefers-color-scheme" in flow.svg(SMALL)


def test_names_cannot_break_out_of_the_picture() -> None:
    evil = '"><script>alert(1)</script>&'
    picture = a_picture([an_item("d", title=evil)], zones=["z"])
    picture = replace(picture, boxes=(*picture.boxes[:1], replace(picture.boxes[1], title=evil)))
    drawn = flow.svg(picture)
    assert "<script" not in drawn
    assert ET.fromstring(drawn) is not None


def test_nodes_are_links_where_an_address_is_given() -> None:
    drawn = parsed(SMALL, Looks(links={"raw": "/projects/P/datasets/raw"}))
    assert [a.get("href") for a in drawn.iter(f"{SVG}a")] == ["/projects/P/datasets/raw"]


def test_selected_nodes_and_the_colours_of_a_view_are_shown() -> None:
    drawn = nodes(parsed(SMALL, Looks(selected=["raw"], halos={"late": ("#ff0000", "important")})))
    assert "selected" in (drawn["raw"].get("class") or "").split()
    halo = next(c for c in drawn["late"].iter(f"{SVG}circle") if c.get("class") == "halo")
    assert (halo.get("fill"), halo.get("data-halo")) == ("#ff0000", "important")
    assert (drawn["late"].findtext(f"{SVG}title") or "").endswith("; important")


def test_an_object_of_another_project_is_hollow() -> None:
    drawn = nodes(parsed(a_picture([an_item("theirs", foreign=True)])))["theirs"]
    assert next(u for u in drawn.iter(f"{SVG}use") if u.get("class") == "shape").get("fill") == "#ffffff"


def test_a_cut_out_shows_what_an_object_is_made_from_and_nothing_else() -> None:
    picture = a_picture(
        [an_item(n) for n in ("a", "b", "c", "other")],
        [a_recipe("r1", ["a"], ["b"]), a_recipe("r2", ["b"], ["c"])],
    )
    assert set(nodes(parsed(picture.only(picture.around(["b"], "up"))))) == {"a", "recipe:r1", "b"}
    assert picture.around(["b"], "down") == {"b", "recipe:r2", "c"}
    assert picture.around(["b"]) == {"a", "recipe:r1", "b", "recipe:r2", "c"}


def test_the_picture_is_a_png_without_a_browser() -> None:
    assert flow.png(SMALL).startswith(b"\x89PNG")
