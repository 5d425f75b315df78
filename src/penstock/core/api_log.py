"""A line of an API node's journal as a row: flat names, and where on the design node it is kept; pure.

`{"timestamp", "message": {"project", "service", "endpoint", "features": {…}, "result": {…}, "context": {…}}}` becomes
`timestamp`, `message.features.<f>`, `message.result.prediction`, `message.result.proba_<class>`,
`message.context.<c>` …
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

FOLDER = "journal"
SHADOW = "~shadow"
MESSAGE = "message"
OPENED = ("features", "enriched", "result", "context", "timing")
"""Parts of a message whose fields become columns."""
_PART = re.compile(r"[A-Za-z0-9_]\w{0,99}")


def place(line: Mapping[str, Any]) -> str:
    """`FLIGHTS/flights_api/predict`; what shadows answered lies beside. Empty for a line that does not say it."""
    message = line.get(MESSAGE)
    if not isinstance(message, Mapping):
        return ""
    parts = [str(message.get(name) or "") for name in ("project", "service", "endpoint")]
    if not all(_PART.fullmatch(part) for part in parts):
        return ""
    return folder(*parts, shadow=bool(message.get("shadow")))


def folder(project: str, service: str, endpoint: str, *, shadow: bool = False) -> str:
    """Where the rows of an endpoint lie, below the journal's folder."""
    return f"{project}/{service}/{endpoint}{SHADOW if shadow else ''}"


def flat(line: Mapping[str, Any]) -> dict[str, Any]:
    """The line as one row."""
    row: dict[str, Any] = {"timestamp": line.get("timestamp")}
    message = line.get(MESSAGE)
    for name, value in (message if isinstance(message, Mapping) else {}).items():
        if name in OPENED and isinstance(value, Mapping):
            row |= {f"{MESSAGE}.{name}.{key}": _cell(cell) for key, cell in _opened(name, value)}
        else:
            row[f"{MESSAGE}.{name}"] = _cell(value)
    return row


def _opened(name: str, value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The fields of a part; probabilities are columns of their own."""
    probas = value.get("probas") if name == "result" else None
    found = [(str(key), cell) for key, cell in value.items() if not (key == "probas" and probas is not None)]
    return found + [(f"proba_{label}", cell) for label, cell in (probas or {}).items()]


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (Mapping, list)) else value
