"""Example projects on a node, without data: what they are documented from, and what must never be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from penstock.core.node import Node
from penstock.deploy import bundles, deployments, infrastructures, services
from penstock.runtime import connections
from penstock.testing import a_node

EXAMPLES = Path(__file__).parents[2] / "examples"
SEALED = "hunter2-is-sealed-here"


def a_documented_node(folder: Path) -> Node:
    """FLIGHTS and FRAUD as their files say, with a bundle each, a node they are deployed on, a key and a secret."""
    node = a_node(folder)
    for key, place in (("FLIGHTS", "flights"), ("FRAUD", "fraud")):
        node.projects.add(EXAMPLES / place, key=key, author="ann")
    connections.set_secret(node, "robot", SEALED)
    infrastructures.define(node, "production", {
        "type": "automation_node", "url": "http://automation.example.com:7878", "key": "secret:robot",
        "stage": "Production",
        "connections": {"warehouse_dev": "warehouse_prod"},
    })  # fmt: skip
    return node


def ship(node: Node, project: str) -> dict[str, Any]:
    """A bundle of a project, published and deployed on paper; keys of its services."""
    made = bundles.create(node, project, "v1", by="ann", notes="The first one.", content={})
    from penstock.deploy import publishing

    publishing.bundle(node, project, made.bundle, by="ann")
    deployments.create(node, published=project, bundle="v1", infrastructure="production", by="ann")
    keys = {}
    for name in node.projects.load(project).services:
        services.set_access(node, project, name, "api_keys", author="ann")
        keys[name] = services.create_key(node, project, name, label="gate", author="ann").secret
    return keys


def linking(node: Node, project: str, object: str) -> set[str]:
    """The articles that have a link to an object in a part that writes itself, found by their letters alone."""
    found = set()
    for name, content in node.projects.texts(project, "wiki").items():
        parts = re.findall(r"<!-- generated:.*?<!-- /generated -->", content.decode(), re.DOTALL)
        if any(f"]({object})" in part for part in parts):
            found.add(name)
    return found
