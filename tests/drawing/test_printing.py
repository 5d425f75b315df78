"""Printing: a dashboard on sheets, without a browser, whatever stands in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from penstock.core.grid import Box
from penstock.core.outcome import Verdict
from penstock.core.printout import PrintedPage, PrintedTile, Printout, sheet
from penstock.core.report import Course, Point
from penstock.core.tile import (
    Axis,
    Button,
    Choice,
    Content,
    Facts,
    Figure,
    Frame,
    Heading,
    History,
    Image,
    Judged,
    Notice,
    Panel,
    Part,
    Passage,
    Plot,
    Runs,
    Table,
    Verdicts,
    Words,
    content,
)
from penstock.drawing import prose
from penstock.drawing.printing import TypstPrinter, choice_in_words, duration

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645"
    "400000000049454e44ae426082"
)
NASTY = '#import "x" \\ $ * _ <b> ` ] [ @ ${x} "quoted" 日本'
MARKDOWN = (
    f"# {NASTY}\n\n* a **b** `c`\n* d\n\n1. e\n\n> q\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    f"```\n{NASTY}\n```\n\n---\n"
)
PARTS: list[Any] = [
    Figure(label=NASTY, value="0.65", verdict=Verdict.WARNING, says=NASTY, course=(1.0, 2.0, 1.5)),
    History(course=Course(item="m", metric_id="m", label=NASTY, points=(Point(at=NOW, value=1.0),))),
    Plot(mark="bar", rows=({"x": NASTY, "y": 1},), x=Axis(field="x"), y=Axis(field="y", sort="number")),
    Table(
        columns=(Heading(name="a", title=NASTY), Heading(name="b", align="right")),
        rows=((NASTY, None),) * 40,
        total=99,
    ),
    Runs(
        scenario="s",
        runs=(Passage(id="1", state="FAILED", at=NOW, seconds=75.0, trigger=NASTY),),
        average_seconds=3.0,
    ),
    Runs(scenario="s", runs=(Passage(id="1", state="SUCCESS", at=NOW),), form="strip", next_run=NOW),
    Verdicts(
        checks=(
            Judged(name=NASTY, verdict=None, message=NASTY),
            Judged(name="b", verdict=Verdict.ERROR, item="x"),
        )
    ),
    Button(scenario="s", says=NASTY),
    Words(markdown=MARKDOWN),
    Image(mime="image/png", content=PIXEL),
    Frame(folder="f", file="i.html", words=NASTY),
    Panel(dataset="d", choices=(Choice(column="c", title=NASTY, sort="values", chosen=("UA",)),)),
    Facts(rows=((NASTY, NASTY),)),
    Notice(reason="gone", says=NASTY, hint=NASTY),
]


def a_printout(*contents: Content, **page: Any) -> Printout:
    tiles = tuple(
        PrintedTile(box=Box(0, 12 * n, 18, 12), title=NASTY if n % 2 else "", content=c)
        for n, c in enumerate(contents)
    )
    made = PrintedPage(title="One", tiles=tiles, **page)
    return Printout(title=NASTY, project="DEMO", description="", printed_at=NOW, pages=(made,))


def test_every_part_is_in_the_list_below() -> None:
    assert {type(part) for part in PARTS} == set(get_args(Part))


@pytest.mark.parametrize("part", PARTS, ids=lambda part: type(part).__name__.lower())
def test_every_part_can_be_put_on_paper_whatever_its_words(part: Part) -> None:
    made = TypstPrinter().pdf(a_printout(content(part, as_of=NOW, badge=NASTY)), sheet("A4"))
    assert made.startswith(b"%PDF")


def test_several_parts_share_a_tile() -> None:
    made = TypstPrinter().pdf(a_printout(content(PARTS[0], PARTS[0], PARTS[2], PARTS[3])), sheet("letter"))
    assert made.startswith(b"%PDF")


def test_a_picture_has_exactly_the_pixels_asked_for() -> None:
    (picture,) = TypstPrinter().png(a_printout(content(PARTS[0])), sheet("800x600"))
    assert picture.startswith(b"\x89PNG")
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (800, 600)


def test_a_picture_comes_as_jpg_of_the_same_pixels() -> None:
    (picture,) = TypstPrinter().jpg(a_printout(content(PARTS[0])), sheet("800x600"))
    assert picture[:3] == b"\xff\xd8\xff"
    frame = picture.index(b"\xff\xc0")  # begins the header with height and width
    assert (
        int.from_bytes(picture[frame + 7 : frame + 9]),
        int.from_bytes(picture[frame + 5 : frame + 7]),
    ) == (800, 600)


def test_a_page_that_is_longer_than_a_sheet_goes_on_to_the_next_one_but_not_on_the_screen() -> None:
    long = a_printout(*[content(Words(markdown="x"))] * 5)
    assert len(TypstPrinter().png(long, sheet("A4 landscape"))) > 1
    assert len(TypstPrinter().png(long, sheet("screen"))) == 1


def test_an_empty_dashboard_is_one_empty_sheet() -> None:
    assert len(TypstPrinter().png(a_printout(background="#ffeecc"), sheet("A4"))) == 1


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.42, "0.4 s"), (42.0, "42 s"), (192, "3 min 12 s"), (7500, "2 h 5 min")]
)
def test_durations_are_told_as_people_do(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_choices_are_told_in_words() -> None:
    about = {"column": "c", "title": "c"}
    assert choice_in_words(Choice(sort="values", **about)) == "all"
    assert (
        choice_in_words(Choice(sort="values", chosen=("UA", ""), excluded=True, **about))
        == "all but UA, no value"
    )
    assert choice_in_words(Choice(sort="range", high="5", values=("1", "9"), **about)) == "1 to 5"


def test_markdown_becomes_a_tree_and_html_in_it_stays_letters() -> None:
    (paragraph,) = prose.tree("a <script>x</script>")
    assert "<script>" in str(paragraph)
    assert [leaf["of"] for leaf in prose.tree("# a\n\nb\n\n- c\n")] == ["heading", "paragraph", "list"]
