"""Word templates, filled and opened again."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest

from penstock.core.document import Heading, Paragraph, Picture, Svg, table
from penstock.core.errors import Failed, Invalid
from penstock.core.placeholders import Names, Said
from penstock.drawing.templating import fill

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>'


def _thing(name: str, *parts: str) -> Names:
    inner = [Names(says={"name": lambda part=part: part}) for part in parts]  # type: ignore[misc]
    return Names(says={"name": lambda: name}, lists={"parts": lambda: inner})


def _broken() -> Said:
    raise Failed("The rows are gone.")


NAMES = Names(
    says={
        "a.name": lambda: "LATE", "a.status": lambda: "Yes", "a.empty": lambda: None, "a.broken": _broken,
        "a.table": lambda: table(["x", "y"], [[1, 2]]),
        "a.told": lambda: table(["x"], [[1]], caption="Told"), "a.picture": lambda: Picture(drawn=Svg(SVG)),
        "a.blocks": lambda: (Heading("Part", 2), Paragraph("Below it.")),
    },
    answers={"a.plot": lambda feature: f"drawn for {feature}"},
    lists={"things": lambda: [_thing("one", "p", "q"), _thing("two")]},
)  # fmt: skip


def _filled(*lines: str, change: Any = None) -> tuple[Any, tuple[str, ...]]:
    made = docx.Document()
    for line in lines:
        made.add_paragraph(line)
    if change:
        change(made)
    out = io.BytesIO()
    made.save(out)
    found = fill(out.getvalue(), NAMES)
    return docx.Document(io.BytesIO(found.content)), found.warnings


def _texts(made: Any) -> list[str]:
    return [p.text for p in made.paragraphs if p.text]


@pytest.mark.requirement("D85")
def test_letters_are_said_in_the_looks_of_their_braces_though_word_cut_them_to_pieces() -> None:
    def cut(made: Any) -> None:
        line = made.add_paragraph("It is ")
        line.add_run("{{a.").bold = True
        line.add_run("name}")
        line.add_run("}, really")

    made, warnings = _filled(change=cut)
    runs = made.paragraphs[0].runs
    assert (made.paragraphs[0].text, runs[1].text, runs[1].bold) == ("It is LATE, really", "LATE", True)
    assert warnings == ()


@pytest.mark.requirement("D85")
def test_conditions_keep_or_drop_what_stands_between() -> None:
    made, warnings = _filled(
        "{{if a.status == Yes}}", "kept", "{{if a.name != LATE}}", "dropped", "{{endif a.name}}", "{{endif a.status}}",
        "{{if a.empty == }}", "empty", "{{endif a.empty}}",
    )  # fmt: skip
    assert (_texts(made), warnings) == (["kept", "empty"], ())


@pytest.mark.requirement("D87")
def test_loops_nest_and_lists_are_counted() -> None:
    made, warnings = _filled(
        "{{things.count}} things", "{{foreach $t in things}}", "{{$t.name}} has {{$t.parts.count}}",
        "{{foreach $p in $t.parts}}", "{{$t.name}}.{{$p.name}}", "{{endforeach $p}}", "{{endforeach $t}}",
    )  # fmt: skip
    assert _texts(made) == ["2 things", "one has 2", "one.p", "one.q", "two has 0"]
    assert warnings == ()


@pytest.mark.requirement("D85")
def test_a_table_takes_the_style_of_the_example_between_its_names() -> None:
    def example(made: Any) -> None:
        made.add_paragraph("{{a.table}}")
        made.add_table(1, 1).style = made.styles["Light Grid Accent 1"]
        made.add_paragraph("{{/a.table}}")
        made.add_paragraph("after")

    made, warnings = _filled(change=example)
    (found,) = made.tables
    assert found.style.name == "Light Grid Accent 1"
    assert [[c.text for c in row.cells] for row in found.rows] == [["x", "y"], ["1", "2"]]
    assert (_texts(made), warnings) == (["after"], ())


@pytest.mark.requirement("D85")
def test_pictures_blocks_and_names_with_an_argument() -> None:
    made, warnings = _filled("{{a.picture}}", "{{a.blocks}}", "{{a.plot/card age}}")
    assert len(made.inline_shapes) == 1
    assert _texts(made) == ["Part", "Below it.", "drawn for card age"]
    assert made.paragraphs[1].style.name == "Heading 2"
    assert warnings == ()


@pytest.mark.requirement("D85")
def test_what_nobody_knows_is_removed_and_told() -> None:
    made, warnings = _filled(
        "It is {{a.nam}}.", "{{a.table}} in a line", "{{b}}", "{{a.broken}}", "{{$x.name}}"
    )
    assert _texts(made) == ["It is .", " in a line"]
    assert warnings == (
        "{{a.nam}} is unknown and was removed. Did you mean a.name?",
        "{{a.table}} is no text: it was removed, as it must stand alone on its line.",
        "{{b}} is unknown and was removed.",
        "{{a.broken}} was removed: The rows are gone.",
        "{{$x.name}} was removed: There is no loop variable '$x'.",
    )


def test_captions_count_through_the_whole_template() -> None:
    made, _ = _filled("{{a.told}}", "between", "{{a.told}}")
    assert _texts(made) == ["Table 1  Told", "between", "Table 2  Told"]


def test_headers_footers_and_cells_are_filled_too() -> None:
    def around(made: Any) -> None:
        made.sections[0].header.paragraphs[0].text = "{{a.name}} above"
        made.sections[0].footer.paragraphs[0].text = "{{a.name}} below"
        grid = made.add_table(1, 2)
        grid.cell(0, 0).text = "in {{a.name}}"
        grid.cell(0, 1).text = "{{a.table}}"

    made, warnings = _filled(change=around)
    assert made.sections[0].header.paragraphs[0].text == "LATE above"
    assert made.sections[0].footer.paragraphs[0].text == "LATE below"
    assert made.tables[0].cell(0, 0).text == "in LATE"
    assert made.tables[0].cell(0, 1).tables[0].cell(1, 1).text == "2"
    assert warnings == ()


def test_what_is_no_word_document_is_refused() -> None:
    with pytest.raises(Invalid, match="no Word document"):
        fill(b"hello", NAMES)
