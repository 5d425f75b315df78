"""One request to a web address: no redirects followed, answers other than 2xx are failures with what was said."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from penstock.core.errors import Failed, Invalid

MOST_OF_AN_ANSWER = 500
"""Characters of an answer that are told."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would arrive as an empty GET; so it is told instead."""

    def redirect_request(self, *_: Any) -> None:
        return None


def request(
    url: str, *, body: bytes = b"", method: str = "POST", headers: Mapping[str, str] | None = None, timeout: float
) -> str:  # fmt: skip
    """The text of the answer. Raises Failed with status and reason, Invalid for an address that is not http(s)."""
    host = check(url)
    asked = urllib.request.Request(url, data=body or None, method=method, headers=dict(headers or {}))
    try:
        with urllib.request.build_opener(_NoRedirect).open(asked, timeout=timeout) as answer:
            return str(answer.read(1_000_000).decode("utf-8", errors="replace"))
    except urllib.error.HTTPError as error:
        said = error.read(4000).decode("utf-8", errors="replace").strip()[:MOST_OF_AN_ANSWER]
        raise Failed(f"{host} answered {error.code} {error.reason}. {said}".strip()) from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or str(error) or type(error).__name__
        raise Failed(f"{host} cannot be reached: {reason}") from error


def post_json(url: str, value: Any, *, timeout: float, headers: Mapping[str, str] | None = None) -> str:
    """POST a value as JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return request(
        url, body=body, timeout=timeout,
        headers={"Content-Type": "application/json; charset=utf-8", **(headers or {})},
    )  # fmt: skip


def check(url: str) -> str:
    """The host of an address, for messages: the rest of it may be secret. Raises Invalid unless it is http(s)."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid("The address of the channel is not an http:// or https:// URL.")
    return parts.netloc.rpartition("@")[2]


def reach(url: str, *, timeout: float) -> str:
    """Open a connection to the host of an address and close it again; nothing is sent. Returns the host."""
    import socket

    host = check(url)
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((str(parts.hostname), port), timeout=timeout).close()
    except OSError as error:
        raise Failed(f"{host} cannot be reached: {error}") from error
    return f"{host} can be reached; whether it takes messages shows with the first one"
