"""Sealed values of the node: one file, AES-256-GCM, readable only with the node's key.

home/secrets.json    format, salt, name → nonce and sealed value; mode 0600, replaced whole
home/secret.key      32 random bytes as text, made once, mode 0600; not there when PENSTOCK_SECRET_KEY is set
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from penstock.core.errors import Invalid, InvalidName, NotFound, Unsafe
from penstock.store.disk import locked, sync_folder

FILE, KEY_FILE, LOCK = "secrets.json", "secret.key", ".secrets.lock"
FORMAT = 1
SHORTEST_MASKED = 4
"""Shorter values are not looked for in logs: replacing every `1` would make them unreadable."""
SHORTEST_KEY = 16
MASK = "●●●"


class SealedSecrets:
    """The Secrets port on a file of the home. `key` is the administrator's; a key file is made without one."""

    def __init__(self, home: Path, key: str = "") -> None:
        if key and len(key) < SHORTEST_KEY:
            raise Invalid(
                f"PENSTOCK_SECRET_KEY has {len(key)} characters; it needs {SHORTEST_KEY} at least.",
                hint="A long random text is best.",
            )
        self.home, self._given = home, key
        self._seen: tuple[int, int] | None = None
        self._pattern: re.Pattern[str] | None = None

    def put(self, name: str, value: str) -> None:
        """Seal a value under a name, in place of an older one."""
        if not re.fullmatch(r"[\w.-]{1,100}", name):
            raise InvalidName(f"'{name}' is not the name of a secret: use letters, digits, _, - and dots.")
        if not value:
            raise Invalid(f"The secret '{name}' would be empty.", hint="Delete it instead.")
        with self._changing() as content:
            content["values"][name] = _seal(self._key(content["salt"]), name, value)

    def get(self, name: str) -> str:
        content = self._read()
        if name not in content["values"]:
            raise NotFound(
                "secret",
                name,
                among=content["values"],
                hint=f"Keep it with `penstock channel secret put {name}`.",
            )
        return _open(self._key(content["salt"]), name, content["values"][name])

    def names(self) -> list[str]:
        return sorted(self._read()["values"])

    def delete(self, name: str) -> None:
        with self._changing() as content:
            if content["values"].pop(name, None) is None:
                raise NotFound("secret", name, among=content["values"])

    def mask(self, text: str) -> str:
        """The text without the values that are sealed here, for logs and messages. Costs next to nothing."""
        pattern = self._masked()
        return pattern.sub(MASK, text) if pattern is not None else text

    def _masked(self) -> re.Pattern[str] | None:
        """What is looked for, read anew when the file changed; None while nothing is sealed."""
        try:
            facts = (self.home / FILE).stat()
        except FileNotFoundError:
            return None
        seen = (facts.st_mtime_ns, facts.st_ino)
        if seen != self._seen:
            self._pattern, self._seen = _pattern(list(self._values())), seen
        return self._pattern

    def _values(self) -> Iterator[str]:
        """Those this process can open; a value it cannot open cannot get into its logs either."""
        for name in self.names():
            with contextlib.suppress(Unsafe, NotFound):
                yield self.get(name)

    def _read(self) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads((self.home / FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"format": FORMAT, "salt": _text(secrets.token_bytes(16)), "values": {}}
        except ValueError as error:
            raise Unsafe(
                f"{self.home / FILE} is not whole: {error}.", hint="Restore it from a backup."
            ) from error
        return content

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        """The content of the file, to be changed; written whole at the end, unless something was raised."""
        with locked(self.home / LOCK, what="the file of secrets"):
            content = self._read()
            yield content
            _write_private(self.home / FILE, json.dumps(content, indent=1).encode())

    def _key(self, salt: str) -> bytes:
        return _derived(self._given or self._key_file, salt)

    @cached_property
    def _key_file(self) -> str:
        """The key kept in the home, made when there is none; two processes that make it at once agree."""
        path = self.home / KEY_FILE
        if not path.exists():
            _make_key(path)
        if path.stat().st_mode & 0o077:
            raise Unsafe(
                f"{path} may be read by others, so it is not used.",
                hint=f"Run `chmod 600 {path.name}` there.",
            )
        return path.read_text(encoding="ascii").strip()


def _write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step by one that only its owner may read."""
    aside = _private(path, content)
    os.replace(aside, path)
    sync_folder(path.parent)


def _make_key(path: Path) -> None:
    """Write a fresh key beside its place, then give it its name; the first of several to do so wins."""
    aside = _private(path, _text(secrets.token_bytes(32)).encode("ascii"))
    with contextlib.suppress(FileExistsError):
        os.link(aside, path)
    aside.unlink()


def _private(path: Path, content: bytes) -> Path:
    """A finished file beside its later place, with mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.new")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return aside


@lru_cache(maxsize=8)
def _derived(key: str, salt: str) -> bytes:
    """32 bytes for AES from any text, by scrypt (RFC 7914, N = 2^14, r = 8, p = 1)."""
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=_bytes(salt), length=32, n=2**14, r=8, p=1).derive(key.encode())


def _seal(key: bytes, name: str, value: str) -> dict[str, str]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(12)
    return {"nonce": _text(nonce), "sealed": _text(AESGCM(key).encrypt(nonce, value.encode(), name.encode()))}


def _open(key: bytes, name: str, sealed: Mapping[str, str]) -> str:
    """The value. The name is authenticated with it, so that two secrets cannot be exchanged in the file."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        opened = AESGCM(key).decrypt(_bytes(sealed["nonce"]), _bytes(sealed["sealed"]), name.encode())
    except InvalidTag as error:
        raise Unsafe(
            f"The secret '{name}' was sealed with another key, or was changed.",
            hint="Give this node the key it had (PENSTOCK_SECRET_KEY or secret.key), or set the secret again.",
        ) from error
    return opened.decode()


def _pattern(values: list[str]) -> re.Pattern[str] | None:
    """Any of the values in any of their forms; longer ones first."""
    forms = {form for value in values if len(value) >= SHORTEST_MASKED for form in _forms(value)}
    return re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True)))) if forms else None


def _forms(value: str) -> tuple[str, ...]:
    """A value as it is, and as JSON, URLs and mail servers' logins write it."""
    in_urls = (quote(value), quote(value, safe=""), quote_plus(value))
    return (value, json.dumps(value)[1:-1], *in_urls, _text(value.encode()))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
