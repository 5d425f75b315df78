"""Delivering: a connection at work in a child process, which is killed when its time is up.

A server that hangs, at whatever point – name lookup, handshake, one byte a minute –, costs the timeout and nothing
more: no thread and no process of it is left.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penstock.core.connection import Connection, secret_name
from penstock.core.errors import Failed
from penstock.core.message import Delivery

if TYPE_CHECKING:
    from penstock.core.kind import Kind
    from penstock.core.message import Message

CHILD = "penstock.runtime._deliver_child"
LAST_WORDS = 2000
"""Characters of what a child printed that are told when it ends without an answer."""


class NotDelivered(Failed):
    """A channel that refused a message, or did not answer in time."""


def deliver(
    connection: Connection, messages: Sequence[Message], secret: Callable[[str], str], *, timeout: float
) -> str:
    """Send messages through a connection; returns what became of them. Raises NotDelivered with the reason."""
    return _done(connection, tuple(messages), secret, timeout) if messages else "nothing to send"


def test(connection: Connection, secret: Callable[[str], str], *, timeout: float) -> str:
    """Try a connection; returns what was found. Raises NotDelivered with what is wrong."""
    return _done(connection, (), secret, timeout)


def secrets_of(kind: Kind) -> set[str]:
    """The names of the secrets that a connection, or a reporter, uses."""
    return {name for text in _texts(kind.to_mapping()) if (name := secret_name(text))}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _done(
    connection: Connection, messages: tuple[Message, ...], secret: Callable[[str], str], timeout: float
) -> str:
    secrets = {name: secret(name) for name in sorted(secrets_of(connection))}
    delivery = Delivery(
        connection=connection.to_mapping(), timeout=timeout, messages=messages, secrets=secrets
    )
    answer = _answer(_run(delivery.to_json(), timeout), list(secrets.values()))
    if "error" in answer:
        raise NotDelivered(str(answer["error"]))
    return str(answer["said"])


def _run(task: bytes, timeout: float) -> tuple[int, bytes, bytes]:
    """(exit status, what it answered, what it printed) of a child in a session of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "PENSTOCK_SECRET_KEY"}
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, env=environment,
    )  # fmt: skip
    with child:
        try:
            answer, printed = child.communicate(task, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise NotDelivered(
                f"The channel did not answer within {timeout:g} seconds and was given up.",
                hint="See whether its server can be reached, or give it more time.",
            ) from error
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
    return child.returncode, answer, printed


def _answer(ended: tuple[int, bytes, bytes], secrets: Sequence[str]) -> Mapping[str, Any]:
    status, answer, printed = ended
    if answer:
        found: Mapping[str, Any] = json.loads(_without(answer.decode(), secrets))
        return found
    words = _without(printed.decode("utf-8", errors="replace").strip(), secrets)[-LAST_WORDS:]
    return {"error": f"The channel's process ended with exit code {status}. {words}".strip()}


def _without(text: str, secrets: Sequence[str]) -> str:
    """The text without the secrets that went along, should a server have repeated them."""
    for value in sorted(secrets, key=len, reverse=True):
        if len(value) > 3:
            text = text.replace(json.dumps(value)[1:-1], "●●●").replace(value, "●●●")
    return text
