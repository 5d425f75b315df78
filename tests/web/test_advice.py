"""Nobody in the studio is told to open a shell."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import penstock
from penstock.core.errors import ColumnMissing, UndefinedVariable
from penstock.web import advice

SOURCE = Path(penstock.__file__).parent
ELSEWHERE = ("cli", "web", "sdk", "api")
"""Faces of their own."""


def sentences() -> list[str]:
    """Every text in the code that names a command, but for what is no message: docstrings and descriptions."""
    found = []
    for file in SOURCE.rglob("*.py"):
        if file.relative_to(SOURCE).parts[0] in ELSEWHERE:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        docs = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
        about = {id(k.value) for call in calls for k in call.keywords if k.arg == "description"}
        found += [
            n.value for n in ast.walk(tree)
            if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in docs | about
            and advice.COMMAND.search(n.value) and " " in n.value
        ]  # fmt: skip
    return found


def test_every_command_that_an_error_names_has_its_page_in_the_studio():
    unknown = {
        m[0] for text in sentences() for m in advice.COMMAND.finditer(text) if not advice.known(m["words"])
    }
    assert not unknown, "Say in `web/advice.py` where the studio does the same."


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ColumnMissing("dep_dlay", dataset="flights", near=["dep_delay"]),
         "Dataset flights has no column 'dep_dlay'. Did you mean dep_delay? Its columns stand on its Schema tab."),
        (UndefinedVariable("since", among=["until"]),
         "Variable 'since' is used but has no value. There is until. Set it under Variables, or write a default into "
         "the text: `${name|default:…}`."),
    ],
)  # fmt: skip
def test_an_error_is_told_with_what_to_do_here(error, said):
    assert advice.told(error) == said


def test_a_text_without_commands_stays_as_it_is():
    assert advice.of("Choose another name. It is taken.") == "Choose another name. It is taken."
