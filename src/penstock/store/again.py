"""Verbs that are begun again when the database gave their transaction up, or was away for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any, TypeVar

from penstock.core.errors import Conflict, StateAway

PATIENCE = 10.0
"""Seconds until whoever asked is told."""
PAUSES = (0.01, 1.0)
"""Seconds between two attempts: at first, at most."""
Port = TypeVar("Port")
_local = threading.local()


class Lost(StateAway):
    """The database was away before anything was changed."""


class Collision(Conflict):
    """Two transactions waited for each other, and this one was given up."""


def begun_again(port: type[Port]) -> type[Port]:
    """Every public verb of a port, each of them short transactions, is begun again when nothing of it was kept."""
    for name, verb in list(vars(port).items()):
        if isinstance(verb, FunctionType) and not name.startswith("_"):
            setattr(port, name, _again(verb))
    return port


def patiently(act: Callable[[], Any]) -> Any:
    """Do something until it is not given up any more; the problem is told when patience is at its end."""
    until, pause = time.monotonic() + PATIENCE, PAUSES[0]
    while True:
        try:
            return act()
        except (Lost, Collision) as error:
            if time.monotonic() + pause > until:
                plain = StateAway if isinstance(error, Lost) else Conflict
                raise plain(error.message, hint=error.hint) from error
        time.sleep(pause)
        pause = min(2 * pause, PAUSES[1])


def _again(verb: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(verb)
    def attempt(*arguments: Any, **words: Any) -> Any:
        if getattr(_local, "inside", False):  # the outermost verb begins again, not each one it uses
            return verb(*arguments, **words)
        _local.inside = True
        try:
            return patiently(lambda: verb(*arguments, **words))
        finally:
            _local.inside = False

    return attempt
