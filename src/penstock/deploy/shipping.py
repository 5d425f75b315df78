"""Shipping as scenarios see it: the port through which steps reach the use cases of this layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.core.node import Node


class NodeShipping:
    """The Shipping port. `node` gives the node that this object itself is a part of."""

    def __init__(self, node: Callable[[], Node]) -> None:
        self._node = node

    def create_bundle(
        self, project: str, base: str, *, unique: bool, notes: str, publish: bool, as_project: str, by: str
    ) -> str:
        from penstock.core.errors import NotReady

        raise NotReady("Bundles are not made yet.")

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
