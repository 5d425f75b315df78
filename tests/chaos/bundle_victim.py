"""What is killed while it makes, takes in or activates a bundle."""

from __future__ import annotations

from pathlib import Path

from penstock.app import open_node
from penstock.deploy import bundles, incoming, publishing

KEY = "SHOP"


def create(home: str, id: str) -> None:
    bundles.create(open_node(Path(home)), KEY, id, by="ann")


def receive(home: str, archive: str, key: str) -> None:
    incoming.receive(open_node(Path(home)), [Path(archive)], key=key, by="op")


def activate(home: str, id: str) -> None:
    incoming.activate(open_node(Path(home)), KEY, id, by="op", ignore_warnings=True)


def publish(home: str, bundle: str, published: str) -> None:
    publishing.bundle(open_node(Path(home), user="ann"), KEY, bundle, published=published, by="ann")
