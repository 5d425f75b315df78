"""The lines that steer a template."""

from __future__ import annotations

import pytest

from penstock.drawing.templating import grammar
from penstock.drawing.templating.grammar import Branch, End, ForEach, If, TableEnd


@pytest.mark.parametrize(
    ("line", "steers"),
    [
        ("{{if a.b == Yes}}", If("a.b", True, "Yes")),
        ("  {{ if a.b != two words }} ", If("a.b", False, "two words")),
        ("{{if a.b ==}}", If("a.b", True, "")),
        ("{{if a.b == “quoted”}}", If("a.b", True, "quoted")),
        ("{{endif a.b}}", End("if", "a.b")),
        ("{{foreach $d in flow.datasets}}", ForEach("$d", "flow.datasets")),
        ("{{endforeach $d}}", End("foreach", "$d")),
        ("{{/x.table}}", TableEnd("x.table")),
        ("{{x.table}}", None),
        ("words {{endif a.b}}", None),
        ("", None),
    ],
)
def test_a_line_steers(line: str, steers: grammar.Control | None) -> None:
    assert grammar.control(line) == steers


def test_lines_become_a_tree() -> None:
    lines = ["a", "{{if x == 1}}", "b", "{{foreach $d in l}}", "c", "{{endforeach $d}}", "{{endif x}}", "d"]
    made = grammar.grouped([(line, grammar.control(line)) for line in lines])
    assert made.parts == [
        "a", Branch(If("x", True, "1"), ["b", Branch(ForEach("$d", "l"), ["c"])]), "d",
    ]  # fmt: skip
    assert made.warnings == []


def test_nothing_is_lost_when_something_is_never_closed_or_closed_wrongly() -> None:
    lines = ["{{endif y}}", "{{if x == 1}}", "b", "{{endif z}}", "{{if x != }}", "c"]
    made = grammar.grouped([(line, grammar.control(line)) for line in lines])
    assert made.parts == [Branch(If("x", True, "1"), ["b"]), Branch(If("x", False, ""), ["c"])]
    assert made.warnings == [
        "{{endif y}} closes nothing that is open there.", "{{endif z}} closes {{if x == 1}}.",
        "{{if x !=}} is never closed.",
    ]  # fmt: skip
