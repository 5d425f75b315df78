"""The node's own connections: `connections.json`, name → definition, secrets from `secrets.json` or the environment."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any

from penstock.core import registry
from penstock.core.connection import Database, secret_name
from penstock.core.errors import NotFound
from penstock.core.package import Connected
from penstock_node.settings import Home


@dataclass(slots=True)
class Secrets:
    """What a connection is given: `secret:name` is PENSTOCK_SECRET_NAME, or stands in `secrets.json`."""

    home: Home
    timeout: float = field(default=10.0)

    def secret(self, text: str) -> str:
        name = secret_name(text)
        if not name:
            return text
        known = os.environ.get(f"PENSTOCK_SECRET_{name.upper()}") or _read(self.home, "secrets.json").get(
            name
        )
        if known is None:
            raise NotFound("secret", name, where="this node")
        return str(known)


def connection_of(home: Home, name: str) -> Connected | None:
    """The connection of that name; None when this node has none."""
    told = _read(home, "connections.json").get(name)
    if told is None:
        return None
    found = registry.parse("connections", told)
    return Connected(name, found, Secrets(home)) if isinstance(found, Database) else None


def _read(home: Home, name: str) -> dict[str, Any]:
    try:
        found = json.loads((home.root / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found if isinstance(found, dict) else {}
