"""The code environment: the Python and the packages that Python recipes and steps of this node run in."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

from penstock.core.access import Permission
from penstock.runtime import guards

if TYPE_CHECKING:
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package that code can import."""

    name: str
    version: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEnvironment:
    """What code runs in: a process of its own, with this Python and these packages."""

    python: str
    implementation: str
    system: str
    executable: str
    """The program; told to administrators only."""
    packages: tuple[Package, ...]


def show(node: Node, text: str = "") -> CodeEnvironment:
    """The environment, with the packages whose name or sentence holds a text."""
    wanted = text.strip().lower().replace("_", "-")
    found = (
        p for p in _packages() if wanted in p.name.lower().replace("_", "-") or wanted in p.summary.lower()
    )
    return CodeEnvironment(
        python=platform.python_version(), implementation=platform.python_implementation(),
        system=f"{platform.system()} {platform.machine()}",
        executable=sys.executable if guards.may(node, Permission.ADMINISTRATOR) else "",
        packages=tuple(found),
    )  # fmt: skip


@cache
def _packages() -> tuple[Package, ...]:
    found = {package.name.lower(): package for package in _installed()}
    return tuple(found[name] for name in sorted(found))


def _installed() -> Iterator[Package]:
    for one in metadata.distributions():
        about = one.metadata
        if about is not None and about["Name"]:
            yield Package(name=about["Name"], version=one.version, summary=about["Summary"] or "")
