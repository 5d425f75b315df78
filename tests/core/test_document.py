"""Documents as blocks."""

from __future__ import annotations

from datetime import UTC, datetime

from penstock.core import document
from penstock.core.document import Generated, Heading, Paragraph, Source, Span, facts, line, numbered, table


def test_a_line_has_bold_letters_code_and_links() -> None:
    assert line("**late** by `LightGBM`, see [docs](https://x.test)") == (
        Span("late", bold=True),
        Span(" by "),
        Span("LightGBM", code=True),
        Span(", see "),
        Span("docs", to="https://x.test"),
    )


def test_columns_of_numbers_stand_to_the_right() -> None:
    made = table(["name", "rows", "note"], [["a", 1200, "3 of 4"], ["b", None, "5"]])
    assert [c.align for c in made.columns] == ["left", "right", "left"]
    assert made.rows == (("a", "1,200", "3 of 4"), ("b", "–", "5"))


def test_a_column_is_never_narrower_than_its_longest_word() -> None:
    made = table(["a", "what"], [["mes_for_ground_truth", "word " * 60]])
    assert made.columns[0].width > len("mes_for_ground_truth")
    assert made.columns[1].width > made.columns[0].width


def test_facts_without_a_value_are_left_out_but_zero_is_one() -> None:
    assert facts([("Target", "late"), ("Note", ""), ("Dropped", 0), ("Job", None)]).rows == (
        ("Target", "late"), ("Dropped", "0"),
    )  # fmt: skip


def test_values_in_cells_are_for_people() -> None:
    values = [True, None, 0.5 / 3, 12345678, datetime(2026, 1, 2, 3, 4, tzinfo=UTC), ("a", 1)]
    assert [document.cell(v) for v in values] == [
        "yes",
        "–",
        "0.1667",
        "12,345,678",
        "2026-01-02 03:04",
        "a, 1",
    ]


def test_headings_count_inside_generated_blocks_too() -> None:
    inner = Generated(name="x", blocks=(Heading("b", 2), Heading("c", 3), Heading("d", 2)))
    found = numbered((Heading("a"), inner, Paragraph("no"), Heading("e")))
    assert [number for number, _ in found] == ["1", "1.1", "1.1.1", "1.2", "2"]


def test_a_document_knows_what_it_stands_on() -> None:
    rows, model = Source(object="dataset:rows", hash="1"), Source(object="model:late", version="v1")
    inner = Generated(name="inner", blocks=(), sources=(model, rows))
    assert document.sources((Generated(name="outer", blocks=(inner,), sources=(rows,)),)) == (rows, model)
