"""DuckDB's complaints about files and queries, reduced to what a person needs: which file, where, why, what next."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

SHOWN = 120
"""Characters of a broken line that are shown."""


class Complaint(NamedTuple):
    message: str
    hint: str = ""


NO_ROOM = Complaint("The disk is full: no space left on device.", "Make room there, and run it again.")


def reduced(text: str) -> Complaint:
    """`Invalid Input Error: bad\\n\\nLINE 1: …` → `bad`: people did not write the SQL that the line quotes."""
    text = text.partition("\n\nLINE ")[0]
    if "CSV Error on Line" in text:
        return _csv(text)
    kind, colon, rest = text.partition("Error: ")
    plain = rest.strip() if colon and len(kind) < 40 else text.strip()
    return _full(plain) or _parquet(plain) or _json(plain) or Complaint(_without_folders(plain))


def _without_folders(text: str) -> str:
    """Files by their names alone: where they lie on the server is nobody's business."""
    return re.sub(r"""(['"])/(?:[^'"/]+/)+([^'"/]+)\1""", r"\2", text)


def _full(text: str) -> Complaint | None:
    """No room; DuckDB wraps what the machine said in where and how it wrote."""
    if "No space left on device" not in text:
        return None
    return NO_ROOM


def _csv(text: str) -> Complaint:
    """One line of a file that is cut differently, holds another encoding, a quote that never closes …"""
    line = _found(r"CSV Error on Line: (\d+)", text)
    file = Path(_found(r"^\s*file ?= ?(.+)$", text)).name or "a file"
    shown = _found(r"^Original Line: (.*)$", text)
    rest = [
        part
        for part in text.partition("\nPossible ")[0].splitlines()[1:]
        if part.strip() and not part.startswith("Original Line")
    ]
    widths = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    where = f"{file}, line {line}"
    if widths is None:
        return Complaint(f"{where}: {' '.join(rest).rstrip('. ')}.{_quoted(shown)}", _csv_hint(text))
    expected, found = int(widths[1]), int(widths[2])
    cells = "cell" if found == 1 else "cells"
    message = f"{where} has {found} {cells}; the header or the first line has {expected}.{_quoted(shown)}"
    if found < expected:
        return Complaint(message, "Correct the file, or set `short_rows: pad` in the format of the dataset.")
    return Complaint(message, "Correct the line, or the `separator` and `quoting` of the dataset's format.")


def _csv_hint(text: str) -> str:
    if "unicode" in text.lower() or "utf-8" in text.lower():
        return "Set the `charset` of the dataset's format, such as cp1252."
    if "line size" in text.lower():
        return "Is a quote left open? Correct `quoting`, or raise `max_row` in the dataset's format."
    return "Correct the line, or the `separator` and `quoting` of the dataset's format."


def _parquet(text: str) -> Complaint | None:
    signs = (
        "too small to be a Parquet file",
        "No magic bytes found",
        "Footer length error",
        "Invalid footer",
    )
    if not any(sign in text for sign in signs):
        return None
    file = Path(_found(r"[Ff]ile ['\"]([^'\"]+)['\"]", text)).name or "A file"
    return Complaint(
        f"{file} is not a Parquet file, or only a part of one.", "Copy it again, or name its format."
    )


def _json(text: str) -> Complaint | None:
    found = re.match(
        r'Malformed JSON in file "(.+)", at byte (\d+) in (?:record/value|line) (\d+): (.*)', text
    )
    if found is None:
        return None
    file, byte, record, why = found.groups()
    why = why.split("Try ")[0].strip().rstrip(".")
    return Complaint(
        f"{Path(file).name} is not JSON at line or record {record}, byte {byte}: {why}.",
        "It should hold one JSON object a line, or one array of objects.",
    )


def _quoted(line: str) -> str:
    line = line.strip()
    return f" The line: “{line if len(line) <= SHOWN else line[: SHOWN - 1] + '…'}”." if line else ""


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1].strip() if found else ""
