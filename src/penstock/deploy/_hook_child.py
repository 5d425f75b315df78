"""Runs one hook in a process of its own: what to run comes as JSON on stdin, what came of it goes to a file."""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Any


class HookResult:
    """What a hook returns: `HookResult.success("…")`, `.warning("…")` or `.error("…")`."""

    def __init__(self, severity: str, text: str) -> None:
        self.severity, self.text = severity, text

    @classmethod
    def success(cls, text: str = "") -> HookResult:
        """All is well."""
        return cls("INFO", text)

    @classmethod
    def warning(cls, text: str = "") -> HookResult:
        """The update goes on and ends WARNING."""
        return cls("WARNING", text)

    @classmethod
    def error(cls, text: str = "") -> HookResult:
        """Before an update: nothing is deployed. After it: it is told."""
        return cls("ERROR", text)


def main() -> None:
    """Run `execute` of the code with everything a hook is given."""
    told = json.loads(sys.stdin.read())
    result = _run(told)
    Path(told["answer"]).write_text(json.dumps({"severity": result.severity, "text": result.text}))


def _run(told: dict[str, Any]) -> HookResult:
    names: dict[str, Any] = {"HookResult": HookResult, "__name__": "hook"}
    try:
        exec(compile(told["code"], told["name"], "exec"), names)  # the hook, written by an administrator
        given = {**told["given"], **{word: _client(place) for word, place in told["clients"].items()}}
        result = names["execute"](**given)
    except KeyError as missing:
        return HookResult.error(f"The hook has no function {missing}.")
    except BaseException as error:  # noqa: BLE001 - a process edge: whatever people wrote
        traceback.print_exc()
        return HookResult.error(f"{type(error).__name__}: {error}")
    return result if isinstance(result, HookResult) else HookResult.success(str(result or ""))


def _client(place: dict[str, str]) -> Any:
    """A node as `penstock.connect` gives it; None where there is none."""
    if not place.get("url"):
        return None
    import penstock

    return penstock.connect(place["url"], place["key"])


if __name__ == "__main__":
    main()
