"""Bundles from outside: those of a project where it is designed, those that came to a node, and whom a node trusts."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from penstock.sdk.items import Part, Transport


class Bundles(Part):
    """The bundles of a project: `penstock.open().project("FLIGHTS").bundles`."""

    def list(self) -> list[Any]:
        """Newest first: `.bundle`, `.created_at`, `.created_by`, `.commit`, `.notes`, `.datasets`, `.models` …"""
        found: list[Any] = self._call("bundles.made")
        return found

    def create(
        self,
        id: str,
        *,
        notes: str = "",
        unique: bool = False,
        content: Mapping[str, Sequence[str]] | None = None,
    ) -> Any:
        """Freeze the project as it is now. `content` – datasets, models, folders, evaluation_stores by name – is
        remembered for the next ones. With `unique` a number goes behind the id."""
        return self._call(
            "bundles.create", id, by=self._transport.user, notes=notes, unique=unique, content=content
        )

    def manifest(self, bundle: str) -> Any:
        """What a bundle says of itself."""
        return self._call("bundles.manifest", bundle)

    def compare(self, bundle: str, other: str = "") -> Any:
        """How it differs from another, from the one before it unless told: `.objects`, `.packages`, `.models`."""
        return self._call("bundles.compare", bundle, other)

    def since(self) -> Any:
        """What changed since the last one, in the same words."""
        return self._call("bundles.since")

    def content(self) -> Any:
        """What goes along beside the definitions: `.content`; what could: `.datasets` …; what it lacks: `.warnings`."""
        return self._call("bundles.choices")

    def choose(self, content: Mapping[str, Sequence[str]]) -> Any:
        """Remember what goes along."""
        return self._call("bundles.choose", content, by=self._transport.user)

    def download(self, bundle: str, target: Path | str) -> Path:
        """The zip, as a file of this machine. A folder gets `KEY-bundle.zip`."""
        place = Path(target)
        place = place / f"{self.project_key}-{bundle}.zip" if place.is_dir() else place
        shutil.copyfile(self._call("bundles.archive", bundle), place)
        return place

    def delete(self, bundle: str) -> None:
        """Remove it here; what was published stays."""
        self._call("bundles.delete", bundle, by=self._transport.user)

    def revert(self, bundle: str) -> Any:
        """Bring the project back to it: definitions, and the data that is in it."""
        return self._call("incoming.revert", bundle, by=self._transport.user)


class Incoming:
    """Bundles that came to a node: `penstock.open().incoming`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def receive(self, archive: Path | str, *, key: str = "") -> Any:
        """Take a bundle in; its signer must be trusted. Nothing else changes."""
        return self._transport.call("incoming.receive", [Path(archive)], key=key, by=self._transport.user)

    def overview(self) -> list[Any]:
        """Every project that bundles came for: `.key`, `.bundles`, `.newest`, `.active`, `.activated_at`."""
        found: list[Any] = self._transport.call("incoming.overview")
        return found

    def list(self, key: str) -> list[Any]:
        """Those that came for a project, newest first."""
        found: list[Any] = self._transport.call("incoming.received", key)
        return found

    def active(self, key: str) -> Any:
        """The one whose state the project has; None when there is none."""
        return self._transport.call("incoming.active", key)

    def compare(self, key: str, bundle: str, other: str = "") -> Any:
        """How one differs from another."""
        return self._transport.call("incoming.compare", key, bundle, other)

    def settings(self, key: str) -> Any:
        """What is different on this node."""
        return self._transport.call("incoming.settings", key)

    def set_settings(self, key: str, settings: Mapping[str, Any]) -> Any:
        """Remember it, for the next activation."""
        return self._transport.call("incoming.save_settings", key, settings, by=self._transport.user)

    def check(self, key: str, bundle: str, settings: Mapping[str, Any] | None = None) -> Any:
        """What is in the way of activating one: `.messages`, each `.severity`, `.code`, `.text`."""
        return self._transport.call("incoming.check", key, bundle, settings)

    def preload(self, key: str, bundle: str, settings: Mapping[str, Any] | None = None) -> Any:
        """Make its code environments ready."""
        return self._transport.call("incoming.preload", key, bundle, settings)

    def activate(
        self,
        key: str,
        bundle: str,
        settings: Mapping[str, Any] | None = None,
        *,
        ignore_warnings: bool = False,
    ) -> Any:
        """Make one the state of the project; an older one is a rollback. `.activated`, `.messages`."""
        return self._transport.call(
            "incoming.activate",
            key,
            bundle,
            settings,
            ignore_warnings=ignore_warnings,
            by=self._transport.user,
        )

    def delete(self, key: str, bundle: str) -> None:
        """Remove one; the project stays as it is."""
        self._transport.call("incoming.delete", key, bundle, by=self._transport.user)


class Trust:
    """Trust between nodes: `penstock.open().trust`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def own(self) -> Any:
        """The key this node signs with: `.node`, `.key`, `.fingerprint`."""
        return self._transport.call("trust.own")

    def list(self) -> list[Any]:
        """The other nodes whose archives are taken in."""
        found: list[Any] = self._transport.call("trust.trusted")
        return found

    def add(self, name: str, key: str) -> Any:
        """Take in archives of another node from now on."""
        return self._transport.call("trust.trust", name, key, by=self._transport.user)

    def remove(self, fingerprint: str) -> None:
        """Take in nothing more of a node."""
        self._transport.call("trust.distrust", fingerprint, by=self._transport.user)
