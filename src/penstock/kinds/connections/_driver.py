"""Drivers of databases: brought in when needed, and what they raise as a sentence."""

from __future__ import annotations

import contextlib
import importlib
import re
from collections.abc import Iterator
from typing import Any

from penstock.core.counting import counted
from penstock.core.errors import Failed, NotReady

FIRST_LINES = 2
_ADDRESS = re.compile(r"(?:connection failed: )?connection to server .*? failed: (?:FATAL: +)?")
"""What libpq says before what the server said."""


def driver(module: str, extra: str) -> Any:
    """A library that only some need. Raises NotReady naming the extra that brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise NotReady(
            f"The driver {module.partition('.')[0]} is not installed.",
            hint=f"Install it: pip install 'penstock[{extra}]'",
        ) from error


@contextlib.contextmanager
def answering(server: str, errors: type[Exception] | tuple[type[Exception], ...]) -> Iterator[None]:
    """What a driver raises while it connects, as Failed: which server, and what it said."""
    try:
        yield
    except errors as error:
        lines = [_ADDRESS.sub("", line) for line in str(error).strip().splitlines()]
        said = ". ".join(" ".join(line.split()) for line in lines[:FIRST_LINES]) or type(error).__name__
        raise Failed(f"The database {server}: {said}") from error


def tables_found(number: int) -> str:
    """`2 tables and views`."""
    return counted(number, "table or view", "tables and views")
