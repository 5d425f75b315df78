"""Use cases by their verb: `jobs.start` is the function `start` of the file `jobs.py` in `runtime` or `deploy`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from penstock.core.errors import Invalid, NotFound

ROOMS = ("penstock.runtime", "penstock.deploy")
"""Where use cases lie. No two of them have a file of the same name."""


def use_case(verb: str) -> Callable[..., Any]:
    """The function behind a verb. Raises NotFound where there is none, Invalid for a private one."""
    noun, _, action = verb.partition(".")
    if action.startswith("_"):
        raise Invalid(f"{verb} is private.")
    room = next((room for room in ROOMS if noun.isidentifier() and find_spec(f"{room}.{noun}")), None)
    found: Callable[..., Any] | None = (
        getattr(import_module(f"{room}.{noun}"), action, None) if room else None
    )
    if found is None:
        raise NotFound("use case", verb)
    return found
