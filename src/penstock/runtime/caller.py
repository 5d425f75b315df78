"""Who asked for what happens now, when it came over HTTP. Without a caller it is the node's own doing.

A thread that works on after the answer has no caller.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from penstock.core.access import NOBODY, Identity


@dataclass(slots=True)
class Caller:
    """One request: who turned out to ask, and whether the audit log tells of it already."""

    who: Identity = NOBODY
    noted: bool = False


_present: ContextVar[Caller | None] = ContextVar("penstock_caller", default=None)


@contextmanager
def calling() -> Iterator[Caller]:
    """Until its end everything is asked for by one caller."""
    caller = Caller()
    token = _present.set(caller)
    try:
        yield caller
    finally:
        _present.reset(token)


def turned_out(who: Identity) -> Identity:
    """Say who the caller is; the first to say so in a thread that has no caller makes one."""
    caller = present()
    if caller is None:
        caller = Caller()
        _present.set(caller)
    caller.who = who
    return who


def present() -> Caller | None:
    """The caller; None for the node's own doing."""
    return _present.get()


@contextmanager
def by_itself() -> Iterator[None]:
    """Until its end there is no caller: what the node does by itself in the middle of a request whose rights were
    looked at, such as activating a bundle."""
    token = _present.set(None)
    try:
        yield
    finally:
        _present.reset(token)
