"""What the process of a Python function in a code environment runs: a line of JSON in, a line of JSON out.

The first line says which endpoint it is; then each line is a query. It ends with its standard input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from penstock.core.errors import PenstockError
from penstock.core.package import EndpointContext
from penstock.core.service import Answering
from penstock.kinds.endpoints.python_function import PythonFunction


class _Context:
    """As much of the EndpointContext as a function needs."""

    def __init__(self, library: str) -> None:
        self._library = Path(library)

    def library(self) -> Path:
        return self._library


def main() -> None:
    """Open the endpoint, then answer until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what people's code prints is no answer
    first = json.loads(sys.stdin.readline())
    opened: Answering | None = None
    try:
        context = cast("EndpointContext", _Context(first["library"]))
        opened = PythonFunction.model_validate(first["endpoint"]).open(context)
        told: Mapping[str, Any] = {"ready": True}
    except PenstockError as error:
        told = _problem(error)
    print(json.dumps(told), file=answers, flush=True)
    for line in sys.stdin if opened is not None else ():
        print(json.dumps(_answered(opened, json.loads(line))), file=answers, flush=True)


def _answered(opened: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        answer = opened.answer(asked["verb"], asked["query"])
    except PenstockError as error:
        return _problem(error)
    return {
        "body": answer.body, "status": answer.status, "headers": dict(answer.headers), "timing": dict(answer.timing),
    }  # fmt: skip


def _problem(error: PenstockError) -> dict[str, Any]:
    return {"error": error.message, "hint": error.hint, "http_status": error.http_status}


if __name__ == "__main__":
    main()
