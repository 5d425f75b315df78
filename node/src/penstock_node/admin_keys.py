"""Keys of administrators: hashes in `keys.json`; the secret is shown once."""

from __future__ import annotations

import hmac
import json
import secrets
from datetime import UTC, datetime
from typing import Any

from penstock.core.errors import NotFound
from penstock.core.service import hashed
from penstock.store.disk import locked, write_atomically
from penstock_node.settings import Home

BEGINNING = "ak_"


class AdminKeys:
    """The keys of a home. Read at each question, so that a revoked one is out at once."""

    def __init__(self, home: Home) -> None:
        self._file, self._lock = home.root / "keys.json", home.root / ".keys.lock"

    def listed(self) -> list[dict[str, Any]]:
        """All keys without their hashes."""
        return [{k: v for k, v in key.items() if k != "hash"} for key in self._read()]

    def create(
        self, *, label: str = "", description: str = "", expires_at: str = "", by: str = ""
    ) -> tuple[str, str]:
        """(id, secret) of a new key."""
        secret, name = BEGINNING + secrets.token_urlsafe(32), secrets.token_hex(4)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        fresh = {
            "id": name, "label": label, "description": description, "createdBy": by, "createdAt": now,
            "expiresAt": expires_at, "hash": hashed(secret),
        }  # fmt: skip
        with locked(self._lock, what="the keys of this node"):
            self._write([*self._read(), fresh])
        return name, secret

    def delete(self, name: str) -> None:
        """Raises NotFound."""
        with locked(self._lock, what="the keys of this node"):
            keys = self._read()
            if name not in [key["id"] for key in keys]:
                raise NotFound("key", name, among=[key["id"] for key in keys])
            self._write([key for key in keys if key["id"] != name])

    def admits(self, secret: str) -> str:
        """The id of the key with this secret; empty when there is none that works."""
        told, now = hashed(secret), datetime.now(UTC)
        found = [key for key in self._read() if hmac.compare_digest(str(key["hash"]), told)]
        works = [k for k in found if not k["expiresAt"] or datetime.fromisoformat(k["expiresAt"]) > now]
        return str(works[0]["id"]) if works else ""

    def _read(self) -> list[dict[str, Any]]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        return list(found)

    def _write(self, keys: list[dict[str, Any]]) -> None:
        write_atomically(self._file, json.dumps(keys, indent=1).encode())
        self._file.chmod(0o600)
