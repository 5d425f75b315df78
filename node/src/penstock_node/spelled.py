"""JSON of queries and of what is written down of them. Numbers are not spelled twice: the journal keeps the features as
they were sent, and the result as it was answered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from penstock.core.errors import BadQuery

_scan: Callable[[str, int], tuple[Any, int]] = vars(json.JSONDecoder())["scan_once"]
_ = r"[ \t\n\r]*"
_NAME = re.compile(rf'{_}"([A-Za-z_]\w*)"{_}:{_}', re.ASCII)
_NEXT = re.compile(rf"{_}([,}}]){_}")
_BEGIN = re.compile(rf"{_}\{{")
_ITEMS = re.compile(rf"\[{_}(?=\{{)")
_AFTER = re.compile(rf"([,\]]){_}")

strictly = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
"""As it is answered. Raises TypeError or ValueError for what is no JSON."""
loosely = json.JSONEncoder(
    ensure_ascii=False, default=str, separators=(",", ":"), check_circular=False
).encode
"""As it is written down: always possible, of what was answered."""


class Spelled(dict[str, Any]):
    """An object of a query, with the very text it came as, on one line."""

    __slots__ = ("text",)
    text: str


def text_of(value: Any) -> str:
    """How a value is written down."""
    return value.text if type(value) is Spelled else loosely(value)


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; `features` in it, those of `items` too, know their text. Raises BadQuery."""
    try:
        found = _quickly(body.decode())
    except (ValueError, RecursionError, StopIteration):
        found = None
    return plainly(body) if found is None else found


def plainly(body: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises BadQuery."""
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadQuery(f"The body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadQuery("The body must be a JSON object.")
    return found


def _quickly(text: str) -> dict[str, Any] | None:
    """None for what is not of the usual form, broken JSON too: that is read in the usual way."""
    begin = _BEGIN.match(text)
    read = _object(text, begin.end()) if begin else None
    if read is None or read[1] != len(text):
        return None
    return read[0]


def _object(text: str, at: int) -> tuple[dict[str, Any], int] | None:
    """The object whose brace lies before `at`, and the place behind it and the blanks that follow."""
    found: dict[str, Any] = {}
    while True:
        name = _NAME.match(text, at)
        if name is None:
            return None
        word, at = name[1], name.end()
        if word == "items" and (begin := _ITEMS.match(text, at)):
            read = _items(text, begin.end())
            if read is None:
                return None
            found[word], at = read
        else:
            value, end = _scan(text, at)
            found[word] = _spelled(value, text[at:end]) if word == "features" else value
            at = end
        follows = _NEXT.match(text, at)
        if follows is None:
            return None
        at = follows.end()
        if follows[1] == "}":
            return found, at


def _items(text: str, at: int) -> tuple[list[Any], int] | None:
    """The objects of a list whose bracket lies before `at`, and the place behind the list."""
    found: list[Any] = []
    while text.startswith("{", at):
        read = _object(text, at + 1)
        if read is None:
            return None
        found.append(read[0])
        after = _AFTER.match(text, read[1])
        if after is None:
            return None
        at = after.end()
        if after[1] == "]":
            return found, at
    return None


def _spelled(value: Any, text: str) -> Any:
    if type(value) is not dict or "\n" in text or "\r" in text:
        return value
    found = Spelled(value)
    found.text = text
    return found
