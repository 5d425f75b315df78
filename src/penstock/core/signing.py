"""What is signed of an archive that travels between nodes, and whose signature counts.

    manifest.json    what it is, and `members`: name → {sha256, size} of every file in it
    signature.json   {node, key, signature}: Ed25519 over the very bytes of manifest.json

Whoever changes a file breaks its checksum, whoever changes a checksum breaks the signature. The mathematics lie
behind `Sign` and `Verify` (store/node_keys.py); here are only bytes and rules.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penstock.core import archive
from penstock.core.archive import BOUNDS, Archive, Bounds, Member, Source
from penstock.core.errors import NotFound, UnknownSigner, UnsafeArchive

MANIFEST, SIGNATURE = "manifest.json", "signature.json"
PREFIX = b"penstock archive 1\n"
"""Goes before what is signed, so that no signature made for anything else fits an archive."""
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class NodeKey:
    """The public key of a node. `node` is what the node calls itself."""

    node: str
    key: str
    """The 32 bytes, base64."""

    @property
    def fingerprint(self) -> str:
        """What people compare: the first 32 hex digits of the key's sha256, in fours."""
        digits = hashlib.sha256(raw(self.key)).hexdigest()[:32]
        return ":".join(digits[i : i + 4] for i in range(0, 32, 4))


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and the 64 bytes, base64."""

    node: str
    key: str
    signature: str

    @property
    def by(self) -> NodeKey:
        return NodeKey(self.node, self.key)


Sign = Callable[[bytes], Signature]
Verify = Callable[[bytes, Signature], NodeKey]
"""Raises UnknownSigner when the key is not trusted, UnsafeArchive when the signature does not fit."""


@dataclass(frozen=True, slots=True)
class Signed:
    """An opened archive whose manifest somebody signed whom we trust. Use it in `with`."""

    archive: Archive
    manifest: Mapping[str, Any]
    members: Mapping[str, Member]
    by: NodeKey

    def __enter__(self) -> Signed:
        return self

    def __exit__(self, *raised: object) -> None:
        self.archive.__exit__(None, None, None)

    def content(self, name: str) -> bytes:
        """One small member, checked. Raises NotFound, UnsafeArchive."""
        if name not in self.members:
            raise NotFound("file", name, where=f"archive {self.archive.path.name}")
        return self.archive.content(name, self.members[name])

    def extract(self, folder: Path, *, under: str = "") -> list[Path]:
        """Write the members below `under` into a folder, without that beginning, each checked."""
        return self.archive.extract_all(folder, self.members, under=under) if self.names(under) else []

    def names(self, under: str = "") -> list[str]:
        return sorted(name for name in self.members if name.startswith(under))

    def check(self) -> None:
        """Read every byte once and compare. Raises UnsafeArchive."""
        self.archive.check(self.members, unlisted=(MANIFEST, SIGNATURE))


def write_signed(
    target: Path, manifest: Mapping[str, Any], members: Mapping[str, Source], sign: Sign
) -> dict[str, Any]:
    """Write members, a manifest with the checksum of each, and its signature. Returns the manifest as written.

    A file that changes while it is written makes UnsafeArchive: the archive would not hold what its manifest says.
    """
    facts = {name: archive.member(source) for name, source in sorted(members.items())}
    whole = {**manifest, "members": {n: {"sha256": m.sha256, "size": m.size} for n, m in facts.items()}}
    text = canonical(whole)
    signed = _signature_text(sign(PREFIX + text))
    written = archive.write(target, {**members, MANIFEST: text, SIGNATURE: signed})
    for name, fact in facts.items():
        if written[name] != fact:
            raise UnsafeArchive(
                f"'{name}' was changed while it was packed.", hint="Try again when nobody writes it."
            )
    return whole


def open_signed(path: Path, verify: Verify, bounds: Bounds = BOUNDS) -> Signed:
    """Open an archive whose signature counts and whose list of members is the manifest's. Each member's checksum is
    compared when it is read; `check()` reads all. Raises UnsafeArchive, UnknownSigner."""
    with contextlib.ExitStack() as failed:
        opened = failed.enter_context(archive.read(path, bounds))
        text = _required(opened, MANIFEST)
        by = verify(PREFIX + text, read_signature(_required(opened, SIGNATURE)))
        manifest = _mapping(text, MANIFEST)
        members = _members(manifest)
        _same_names(opened, members)
        failed.pop_all()
    return Signed(opened, manifest, members, by)


def canonical(value: Mapping[str, Any]) -> bytes:
    """The one text of a manifest: sorted keys, UTF-8, a line end behind."""
    return (json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def read_signature(text: bytes) -> Signature:
    """Raises UnsafeArchive for one that is none."""
    told = _mapping(text, SIGNATURE)
    words = [told.get(name) for name in ("node", "key", "signature")]
    if set(told) != {"node", "key", "signature"} or not all(isinstance(word, str) for word in words):
        raise UnsafeArchive(f"{SIGNATURE} does not say node, key and signature.")
    return Signature(*[str(word) for word in words])


def raw(text: str) -> bytes:
    """Bytes behind base64. Raises UnsafeArchive."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as broken:
        raise UnsafeArchive("A key or signature is not base64.") from broken


def check_trust(key: NodeKey, trusted: Mapping[str, NodeKey]) -> NodeKey:
    """The trusted key (by its text) that this one is. Raises UnknownSigner, naming the fingerprint to compare."""
    if key.key not in trusted:
        raise UnknownSigner(
            f"It is signed by {key.node[:80] or 'a node'} with a key this node does not trust: {key.fingerprint}.",
            hint="Compare the fingerprint there (`penstock node key`), then `penstock node trust` it here.",
        )
    return trusted[key.key]


def _signature_text(signed: Signature) -> bytes:
    return canonical({"node": signed.node, "key": signed.key, "signature": signed.signature})


def _required(opened: Archive, name: str) -> bytes:
    try:
        return opened.content(name)
    except NotFound as missing:
        raise UnsafeArchive(f"The archive has no {name}: no node of ours made it.") from missing


def _mapping(text: bytes, name: str) -> dict[str, Any]:
    try:
        told = json.loads(text.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as broken:
        raise UnsafeArchive(f"{name} is no JSON we read: {broken}") from broken
    if not isinstance(told, dict):
        raise UnsafeArchive(f"{name} holds no mapping.")
    return told


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key that stands twice would mean one thing to one reader and another to the next."""
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a key stands there twice")
    return told


def _members(manifest: Mapping[str, Any]) -> dict[str, Member]:
    told = manifest.get("members")
    if not isinstance(told, dict):
        raise UnsafeArchive(f"{MANIFEST} does not list its members.")
    return {str(name): _fact(str(name), fact) for name, fact in told.items()}


def _fact(name: str, fact: Any) -> Member:
    sha, size = (fact.get("sha256"), fact.get("size")) if isinstance(fact, dict) else (None, None)
    if not isinstance(sha, str) or not isinstance(size, int) or isinstance(size, bool):
        raise UnsafeArchive(f"{MANIFEST} does not say sha256 and size of '{name}'.")
    return Member(sha, size)


def _same_names(opened: Archive, members: Mapping[str, Member]) -> None:
    here = set(opened.names()) - {MANIFEST, SIGNATURE}
    if unlisted := sorted(here - set(members)):
        raise UnsafeArchive(f"'{unlisted[0]}' is in the archive and not in its manifest.")
    if missing := sorted(set(members) - here):
        raise UnsafeArchive(f"'{missing[0]}' is in the manifest and not in the archive.")
