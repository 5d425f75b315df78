"""What somebody saw when a form was opened, so that saving it loses nobody else's change.

A form about a file of a project hands back the file's hash (`Ask.base_field`), which is compared while the project is
locked. A form about anything else hands back the values it showed (`Ask.seen_field`, `Ask.check_seen`).
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from typing import Any

from penstock.core.errors import SaveConflict


def text(values: Mapping[str, Any]) -> str:
    """Shown values as one line that is the same for the same values."""
    return json.dumps(values, sort_keys=True, default=_plain)


def check(what: str, values: Mapping[str, Any], seen: str) -> None:
    """Raise SaveConflict, with what the other save did, when the values are not those that were seen."""
    now = text(values)
    if seen and seen != now:
        raise SaveConflict(what, _difference(seen, now), now=now)


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else str(value)


def _difference(before: str, after: str) -> str:
    old, new = (_lines(text) for text in (before, after))
    return "\n".join(difflib.unified_diff(old, new, "as you saw it", "as it is now", lineterm=""))


def _lines(text: str) -> list[str]:
    try:
        return json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False).splitlines()
    except ValueError:
        return [text]
