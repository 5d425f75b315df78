"""Advice: what to do next, as somebody in the studio does it. Errors name commands; here each has its page."""

from __future__ import annotations

import re
from collections.abc import Mapping

from penstock.core.errors import PenstockError

COMMAND = re.compile(r"`?penstock (?!import)(?P<words>[a-z]+(?: [a-z-]+)?(?: [a-z-]+)?)(?P<rest>[^`.,\n]*)`?")
PAGES: Mapping[str, str] = {
    "flow build": "Build it in the Flow first.",
    "scenario abort": "Wait for it or abort it on the scenario's page; its settings say what a second run does.",
    "scenario log": "The page of the run has its log.",
    "scenario save": "Save it on its page, or have an administrator choose as whom it runs.",
    "scenario run": "Run it on its page.",
    "scenario show": "Its page shows it.",
    "job log": "The page of the job has its log.",
    "job list": "The jobs are listed under Jobs.",
    "channel secret put": "An administrator seals the secret under Administration, Connections.",
    "channel set": "An administrator makes one under Administration, Connections.",
    "connection set": "An administrator makes one under Administration, Connections.",
    "connection test": "An administrator corrects and tries it under Administration, Connections.",
    "user add": "An administrator makes an account under Administration, Users.",
    "dataset columns": "Its columns stand on its Schema tab.",
    "dataset infer": "Its Schema tab finds out the types.",
    "variable set": "Set it under Variables, or write a default into the text: `${name|default:…}`.",
    "project people": "See the project's Permissions.",
    "project save": "Save them on the project's History page, which lists what was edited by hand.",
    "project drop": "Drop them under History, Branches and repositories.",
    "project branch create": "Create it under History, Branches and repositories.",
    "project branch switch": "Switch to one under History, Branches and repositories.",
    "project remote add": "Add one under History, Branches and repositories.",
    "work": "An administrator starts a worker.",
    "serve": "An administrator starts the server.",
    "home create": "An administrator makes a home.",
    "node key": "An administrator compares the fingerprints of both servers, and then trusts the other one.",
    "node trust": "An administrator trusts the other server once the fingerprints are the same.",
    "dashboard publish": "Publish it from the page of the object.",
    "environment list": "The environments stand under Administration, Code environments.",
    "environment build": "Build it under Administration, Code environments.",
    "environment create": "Make one under Administration, Code environments.",
    "wiki generate": "Refresh it on the wiki's page, under State.",
    "home status": "Administration shows what is in it.",
}
"""Beginning of a command → where the studio does the same."""


def of(text: str) -> str:
    """A text for people whose sentences with commands say what to do here; a command without a page is left out."""
    if "penstock " not in text:
        return text
    said = [_worded(sentence) for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", text)]
    return " ".join(dict.fromkeys(filter(None, said)))


def told(error: PenstockError) -> str:
    """An error as one text: what is wrong, and what to do next in the studio."""
    return of(str(error))


def known(words: str) -> str:
    """The command that a text begins with, as far as the studio has a page for it; empty when it has none."""
    return next((c for c in sorted(PAGES, key=len, reverse=True) if f"{words} ".startswith(f"{c} ")), "")


def _worded(sentence: str) -> str:
    found = COMMAND.search(sentence)
    if found is None:
        return sentence
    before, _, _ = sentence.partition(found[0])
    page = PAGES.get(known(found["words"]), "")
    first, parting, _ = before.rpartition(". ") if ". " in before else ("", "", before)
    return f"{first}{parting}{page}".strip()
