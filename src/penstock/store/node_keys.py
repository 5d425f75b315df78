"""The key a node signs with, and the keys it trusts.

home/keys/node.pem       Ed25519, made once, mode 0600, never leaves the home
home/keys/trusted.json   {key: {node, added_by, added_at}}; our own key always counts
"""

from __future__ import annotations

import base64
import json
import os
import socket
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.errors import Invalid, NotFound, Unsafe, UnsafeArchive
from penstock.core.signing import KEY_BYTES, NodeKey, Signature, check_trust, raw
from penstock.store.disk import locked, sync_folder, write_atomically

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FOLDER, FILE, TRUSTED, LOCK = "keys", "node.pem", "trusted.json", ".lock"


class FileNodeKeys:
    """The NodeKeys port on a folder of the home. `node` is what the node calls itself; its host when empty."""

    def __init__(self, home: Path, node: str = "") -> None:
        self.folder, self._node = home / FOLDER, node or socket.gethostname()

    def own(self) -> NodeKey:
        """Our public key; made at the first question."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return NodeKey(self._node, base64.b64encode(public).decode())

    def sign(self, data: bytes) -> Signature:
        mine = self.own()
        return Signature(mine.node, mine.key, base64.b64encode(self._private.sign(data)).decode())

    def verify(self, data: bytes, signature: Signature) -> NodeKey:
        """Who signed these bytes. Raises UnknownSigner for a key that is not trusted, UnsafeArchive for a signature
        that does not fit."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        by = check_trust(signature.by, self._trusted())
        try:
            Ed25519PublicKey.from_public_bytes(raw(by.key)).verify(raw(signature.signature), data)
        except (InvalidSignature, ValueError) as wrong:
            raise UnsafeArchive(
                f"The signature of {by.node} does not fit the manifest: it was changed after it was signed."
            ) from wrong
        return by

    def trusted(self) -> list[NodeKey]:
        """The keys of other nodes that count here, by the node's name."""
        return sorted((k for k in self._trusted().values() if k != self.own()), key=lambda k: (k.node, k.key))

    def trust(self, key: NodeKey, *, by: str, at: datetime) -> NodeKey:
        """Let the archives of another node in. Raises Invalid for what is no Ed25519 key."""
        if not key.node or len(key.node) > 200 or not key.node.isprintable():
            raise Invalid("A trusted node needs a name.")
        try:
            bits = raw(key.key)
        except UnsafeArchive as broken:
            raise Invalid(f"That is no key: {broken.message}") from broken
        if len(bits) != KEY_BYTES:
            raise Invalid(
                "That is no key: an Ed25519 key has 32 bytes.", hint="`penstock node key` shows it."
            )
        with locked(self.folder / LOCK, what="the list of trusted nodes"):
            told = self._read()
            told[key.key] = {"node": key.node, "added_by": by, "added_at": at.isoformat()}
            self._write(told)
        return key

    def distrust(self, key: str) -> None:
        """Forget a trusted key, by its text or fingerprint. Raises NotFound."""
        with locked(self.folder / LOCK, what="the list of trusted nodes"):
            told = self._read()
            found = [k for k, fact in told.items() if key in (k, NodeKey(fact["node"], k).fingerprint)]
            if not found:
                raise NotFound("trusted key", key, among=[f["node"] for f in told.values()])
            del told[found[0]]
            self._write(told)

    def _trusted(self) -> dict[str, NodeKey]:
        others = {key: NodeKey(fact["node"], key) for key, fact in self._read().items()}
        mine = self.own()
        return {**others, mine.key: mine}

    def _read(self) -> dict[str, Any]:
        try:
            told: dict[str, Any] = json.loads((self.folder / TRUSTED).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as broken:
            raise Unsafe(f"{self.folder / TRUSTED} is not whole: {broken}.") from broken
        return told

    def _write(self, told: dict[str, Any]) -> None:
        write_atomically(self.folder / TRUSTED, json.dumps(told, indent=1, sort_keys=True).encode())

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        path = self.folder / FILE
        with locked(self.folder / LOCK, what="the key of the node"):
            if not path.exists():
                _make(path)
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise Unsafe(f"{path} holds no Ed25519 key.", hint="Restore it from a backup.")
        return key


def _make(path: Path) -> None:
    """A fresh key, whole or not there, that nobody else may read."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    aside = path.with_suffix(".new")
    aside.unlink(missing_ok=True)
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
    sync_folder(path.parent)
