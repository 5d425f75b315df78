"""Many queries, one after the other over a few connections that stay open."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """How it went."""

    queries: int
    failed: int
    seconds: float
    p50: float
    """Milliseconds, as the asker saw it."""
    p95: float
    generations: tuple[str, ...]
    """Versions that answered."""
    results: tuple[Mapping[str, Any], ...]
    """What was answered, in the order of the rows."""


def ask(url: str, rows: Sequence[Mapping[str, Any]], connections: int = CONNECTIONS) -> Asked:
    """Each row once as a query of its own."""
    bodies = [json.dumps({"features": row}, default=_plain).encode() for row in rows]
    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        told = list(
            pool.map(
                lambda part: _one_connection(url, part), (bodies[n::connections] for n in range(connections))
            )
        )
    seconds = time.perf_counter() - began
    answers = [told[n % connections][n // connections] for n in range(len(bodies))]
    times = sorted(taken for _, taken, _ in answers)
    return Asked(
        queries=len(bodies), failed=sum(status != 200 for status, _, _ in answers), seconds=seconds,
        p50=1000 * times[len(times) // 2], p95=1000 * times[len(times) * 95 // 100],
        generations=tuple(sorted({r.get("apiContext", {}).get("serviceGeneration", "") for _, _, r in answers})),
        results=tuple(reply.get("result", {}) for _, _, reply in answers),
    )  # fmt: skip


def _one_connection(url: str, bodies: Sequence[bytes]) -> list[tuple[int, float, Any]]:
    at = urlsplit(url)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=60)
    found = []
    try:
        for body in bodies:
            began = time.perf_counter()
            connection.request("POST", at.path, body)
            reply = connection.getresponse()
            text = reply.read()
            taken = time.perf_counter() - began
            found.append((reply.status, taken, json.loads(text) if reply.status == 200 else {}))
    finally:
        connection.close()
    return found


def _plain(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be asked")
