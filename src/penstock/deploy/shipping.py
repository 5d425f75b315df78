"""Shipping as scenarios see it: the port through which steps reach the use cases of this layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.update import Update


class NodeShipping:
    """The Shipping port. `node` gives the node that this object itself is a part of."""

    def __init__(self, node: Callable[[], Node]) -> None:
        self._node = node

    def fill_copy(self, project: str, key: str, *, everything: bool, by: str) -> None:
        from penstock.deploy import duplicating

        duplicating.fill(self._node(), project, key, everything=everything, by=by)

    def fill_import(self, key: str, source: IO[bytes], *, by: str) -> None:
        from penstock.deploy import exports

        exports.fill(self._node(), key, source, by=by)

    def create_bundle(
        self, project: str, base: str, *, unique: bool, notes: str, publish: bool, as_project: str, by: str
    ) -> str:
        from penstock.deploy import bundles, publishing

        node = self._node()
        made = bundles.create(node, project, base, by=by, notes=notes, unique=unique)
        if publish:
            publishing.bundle(node, project, made.bundle, published=as_project, by=by)
        return made.bundle

    def create_service_version(
        self,
        project: str,
        service: str,
        base: str,
        *,
        unique: bool,
        notes: str,
        publish: bool,
        as_service: str,
        by: str,
    ) -> str:
        from penstock.deploy import publishing, services

        node = self._node()
        made = services.create_version(
            node, project, service, base, author=by, release_notes=notes, unique=unique
        )
        if publish:
            publishing.service_version(node, project, service, made.version, published=as_service, by=by)
        return made.version

    def update_deployment(
        self, deployment: str, package: str, *, ignore_warnings: bool, full: bool, by: str,
        should_stop: Callable[[], bool],
    ) -> Update:  # fmt: skip
        from penstock.deploy import shipped_updates

        words = {"package": package, "ignore_warnings": ignore_warnings, "full": full}
        return shipped_updates.run(self._node(), deployment, words, by=by, should_stop=should_stop)
