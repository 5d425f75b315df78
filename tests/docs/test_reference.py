"""The reference says what the code says, and every word people meet is explained somewhere."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

from penstock.cli import nouns
from penstock.cli._pages import commands
from penstock.cli._python import CLASSES, _members, python
from penstock.cli._rest import rest
from penstock.core import reference, registry

from .page import DOCS

WRITTEN = {**reference.pages(), "commands.md": commands(), "python.md": python(), "rest.md": rest()}
SOURCE = DOCS.parent / "src/penstock"
GLOSSARY = dict(re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \|$", (DOCS / "glossary.md").read_text("utf-8"), re.M))
TOOLS = {"docs", "demo", "serve", "work"}
"""Commands about Penstock itself: no concept of its own stands behind them."""


@pytest.mark.parametrize("page", sorted(WRITTEN))
def test_a_reference_page_says_what_the_code_says(page: str) -> None:
    kept = DOCS / "reference" / page
    assert kept.exists(), "run `make docs` and commit docs/reference"
    assert kept.read_text(encoding="utf-8") == WRITTEN[page], "run `make docs` and commit docs/reference"


def test_every_link_inside_the_reference_leads_somewhere() -> None:
    headings = {p: {_anchor(h) for h in re.findall(r"^#+ (.+)$", text, re.M)} for p, text in WRITTEN.items()}
    for page, text in WRITTEN.items():
        for target, anchor in re.findall(r"\]\(([\w.]*)#([\w-]+)\)", text):
            if "#" in text and not (target or page).startswith("functions"):
                assert anchor in headings[target or page], f"{page} points at {target}#{anchor}"


@pytest.mark.parametrize("cls", CLASSES)
def test_everything_a_notebook_may_call_says_what_it_does(cls: type[Any]) -> None:
    assert cls.__doc__
    assert not [name for name, member in _members(cls) if not member.__doc__]


@pytest.mark.parametrize("family", [f for f in registry.FAMILIES if registry.names(f)])
def test_a_family_has_a_page_and_a_word_in_the_glossary(family: str) -> None:
    assert f"{family}.md" in WRITTEN
    assert family.removesuffix("s") in GLOSSARY


@pytest.mark.parametrize("noun", sorted(set(nouns()) - TOOLS))
def test_a_noun_of_the_command_line_is_a_word_of_the_glossary(noun: str) -> None:
    assert noun.lower() in {word.lower() for word in GLOSSARY}


def test_a_word_of_the_glossary_is_a_word_we_use() -> None:
    texts = [
        p.read_text("utf-8") for p in (*SOURCE.rglob("*.py"), *DOCS.rglob("*.md")) if p.name != "glossary.md"
    ]
    used = re.sub(r"\s|_", "", " ".join(texts).lower())
    assert not [word for word in GLOSSARY if word.lower().replace(" ", "") not in used]


def test_every_command_that_a_page_or_a_message_names_exists() -> None:
    named = re.compile(r"penstock (?:-p \w+ )?([a-z]+) ([a-z][a-z-]+)")
    files = [*SOURCE.rglob("*.py"), *DOCS.rglob("*.md"), DOCS.parent / "README.md"]
    known = {noun: _verbs(noun) for noun in nouns()}
    wrong = [
        f"{file.name}: penstock {noun} {verb}"
        for file in files
        for quoted in _commands(file)
        for noun, verb in named.findall(quoted)
        if noun in known and verb not in known[noun]
    ]
    assert not wrong


def _commands(file: Path) -> list[str]:
    """What a file quotes as a command: between backticks, or a line of a shell block."""
    text = file.read_text(encoding="utf-8")
    return re.findall(r"`(penstock [^`]+)`", text) + re.findall(r"^(penstock .+)$", text, re.M)


def _verbs(noun: str) -> set[str]:
    group: Any = typer.main.get_command(import_module(f"penstock.cli.{noun}").app)
    return set(getattr(group, "commands", {})) or set(nouns())


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
