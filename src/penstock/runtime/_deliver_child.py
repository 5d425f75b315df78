"""What a child process runs to deliver messages: `python -m penstock.runtime._deliver_child`.

The delivery comes through standard input as JSON, the answer goes out as one line of JSON. Nobody else may print.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from typing import Any

from penstock.core import registry
from penstock.core.connection import Connection, secret_name
from penstock.core.errors import PenstockError
from penstock.core.message import Delivery


class _Context:
    """The ConnectionContext: the secrets that came along, nothing else."""

    def __init__(self, delivery: Delivery) -> None:
        self.timeout = delivery.timeout
        self._secrets = delivery.secrets

    def secret(self, text: str) -> str:
        name = secret_name(text)
        return self._secrets[name] if name else text


def main() -> None:
    answer = os.dup(1)
    os.dup2(2, 1)
    delivery = Delivery.from_json(sys.stdin.buffer.read())
    _end_after(delivery.timeout + 1.0)
    os.write(answer, json.dumps(_answer(delivery)).encode())


def _answer(delivery: Delivery) -> dict[str, Any]:
    try:
        return {"said": _done(delivery)}
    except (PenstockError, OSError, ValueError) as error:
        return {"error": str(error) or type(error).__name__}
    except Exception as error:  # noqa: BLE001  the edge of this process: libraries of channels raise what they like
        return {"error": f"{type(error).__name__}: {error}"}


def _done(delivery: Delivery) -> str:
    connection = registry.parse("connections", delivery.connection)
    assert isinstance(connection, Connection)
    context = _Context(delivery)
    return connection.deliver(delivery.messages, context) if delivery.messages else connection.test(context)


def _end_after(seconds: float) -> None:
    """End this process and what it started even when the one that should kill it is gone itself."""
    watch = threading.Timer(seconds, lambda: os.killpg(os.getpgrp(), signal.SIGKILL))
    watch.daemon = True
    watch.start()


if __name__ == "__main__":
    main()
