"""Code environments and plugins of a node, from outside."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from penstock.sdk.items import Part, Transport


class Environments:
    """Code environments: `penstock.open().environments`. For those who may manage them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Any]:
        """Every one: `.name`, `.state`, `.definition` (asked for), `.version` (installed)."""
        return list(self._transport.call("environments.list_"))

    def show(self, name: str) -> Any:
        """One of them, with its versions and how the last build went. Raises NotFound with the nearest name."""
        return self._transport.call("environments.show", name)

    def create(self, name: str, packages: Sequence[str] = (), **more: Any) -> Any:
        """Ask for a new one and build it: lines of requirements.txt, `python="3.12"`, `options=["--no-index", …]`.

        On this machine it returns when it is built; a server builds in the background, `show` tells how far it is.
        """
        words = {"packages": list(packages), **more}
        return self._transport.call("environments.create", name, words, by=self._transport.user)

    def define(self, name: str, definition: Mapping[str, Any]) -> Any:
        """Ask for something else, and build it; what code runs in stays until that has ended well."""
        return self._transport.call("environments.define", name, definition, by=self._transport.user)

    def build(self, name: str) -> Any:
        """Install anew what is asked for."""
        return self._transport.call("environments.build", name, by=self._transport.user)

    def delete(self, name: str) -> None:
        """Remove it. Raises Refused, naming them, while anything uses it."""
        self._transport.call("environments.delete", name, by=self._transport.user)

    def usages(self, name: str) -> Sequence[Any]:
        """What runs in it: `.project`, `.sort`, `.name`, `.part`."""
        return tuple(self._transport.call("environments.usages", name))

    def log(self, name: str, id: str = "") -> str:
        """What a build said, the last one unless told."""
        return str(self._transport.call("environments.log", name, id))

    def download(self, name: str, target: Path | str) -> Path:
        """A zip with `requirements.txt` and what is installed. A folder gets `NAME.zip`."""
        return _copied(self._transport.call("environments.archived", name), target, name)


class ProjectEnvironments(Part):
    """The code environments of a project: `penstock.open().project("FLIGHTS").environments`."""

    def list(self) -> list[Any]:
        """Those that its code runs in, as `Environments.list` shows them."""
        return list(self._call("environments.of_project"))

    def show(self, name: str) -> Any:
        """One of them."""
        return self._call("environments.in_project", name)

    def download(self, name: str, target: Path | str) -> Path:
        """A zip with `requirements.txt` and what is installed."""
        return _copied(self._call("environments.archived_of_project", name), target, name)


class Plugins:
    """Plugins: `penstock.open().plugins`. For those who may manage them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Any]:
        """Every one: `.name`, `.version`, `.description`, `.kinds`, `.here` (installed in this home)."""
        return list(self._transport.call("plugins.list_"))

    def show(self, name: str) -> Any:
        """One of them. Raises NotFound with the nearest name."""
        return self._transport.call("plugins.show", name)

    def install(self, archive: Path | str) -> Any:
        """Install a plugin from a zip, or bring the one that is there to the version of the zip."""
        return self._transport.call("plugins.install", [Path(archive)], by=self._transport.user)

    def clone(self, repository: str, *, branch: str = "", folder: str = "") -> Any:
        """The same from a git repository, a folder of it when told."""
        words = {"branch": branch, "folder": folder}
        return self._transport.call("plugins.clone", repository, by=self._transport.user, **words)

    def delete(self, name: str) -> None:
        """Remove it. Raises Refused, naming them, while anything uses it."""
        self._transport.call("plugins.delete", name, by=self._transport.user)

    def usages(self, name: str, project: str = "") -> Sequence[Any]:
        """What uses it: `.project`, `.sort`, `.name`, `.family`, `.kind`."""
        return tuple(self._transport.call("plugins.usages", name, project))


def _copied(found: Path, target: Path | str, name: str) -> Path:
    place = Path(target)
    place = place / f"{name}.zip" if place.is_dir() else place
    shutil.copyfile(found, place)
    return place
