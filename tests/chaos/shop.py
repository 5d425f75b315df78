"""A project whose two bundles differ in everything that an activation changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from penstock.app import open_node
from penstock.core.model import ModelVersion
from penstock.core.node import Node
from penstock.deploy import bundles, incoming
from penstock.runtime import evaluations, folders
from penstock.testing import a_project, fill, rows

from .bundle_victim import KEY

CONTENT = {
    "datasets": ["orders", "reference"], "models": ["m"], "folders": ["docs"], "evaluation_stores": ["mes"],
}  # fmt: skip


def a_shop(home: Path) -> Node:
    node = open_node(home, user="ann", threads=1, node_name="design")
    a_project(
        node,
        {
            "datasets/orders": {"type": "upload", "format": {"type": "csv"}},
            "datasets/reference": {"type": "managed"},
        },
        key=KEY,
    )
    return node


def fill_in(node: Node, folder: Path, number: int) -> None:
    """Every sort of content, so that one state is told from another."""
    files = {
        "lib/tools.py": f"A = {number}\n", "scenarios/nightly.yaml": f"title: Night {number}\nsteps: []\n",
        "flow/models/m.yaml": "{}\n", "flow/folders/docs.yaml": "id: Ab12Cd34\n", "flow/evaluations/mes.yaml": "{}\n",
        f"lib/only_{number}.py": "B = 1\n", f"lib/only_{3 - number}.py": None,
    }  # fmt: skip
    node.projects.save(KEY, files, author="ann", message=f"State {number}")
    source = folder / "orders.csv"
    source.write_text(f"n\n{number}\n")
    node.data.put(source, node.data.uploads(KEY, "orders") / "orders.csv")
    folders.put(node, KEY, "docs", [source])
    fill(node, "reference", key=KEY, n=[number])
    made = folder / f"version-{number}"
    made.mkdir()
    (made / "model.txt").write_text(str(number))
    version = ModelVersion(
        project=KEY, model="m", id=f"a{number}", name="m", created_at=node.clock.now(), prediction_type="binary",
        target="t", algorithm="dummy",
    )  # fmt: skip
    node.models.add(version, made, activate=True)
    evaluations.push(node, KEY, "mes", {"auc": 0.5}, id="e")


def read(node: Node, key: str) -> bytes:
    """The file in the folder."""
    with folders.open_file(node, key, "docs", "orders.csv") as file:
        return file.read()


def state(node: Node, key: str = KEY) -> dict[str, Any]:
    """Everything that an activation changes; what a killed process wrote aside, git never sees."""
    active = incoming.active(node, key)
    return {
        "bundle": active.bundle if active else "",
        "files": {f: d for f, d in node.projects.files_at(key, "HEAD").items() if f != "project.yaml"},
        "on disk": sorted(
            p.name for p in (node.projects.path(key) / "lib").iterdir() if not p.name.endswith(".new")
        ),
        "uploads": (node.data.uploads(key, "orders") / "orders.csv").read_text(),
        "rows": rows(node, "reference", key=key), "version": node.models.active(key, "m"),
        "folder": read(node, key),
        "evaluations": [e.id for e in node.evaluations.list(key, "mes")],
        "problems": [str(p) for p in node.projects.validate(key)], "pending": node.projects.uncommitted(key),
    }  # fmt: skip


def two_bundles(node: Node, folder: Path) -> None:
    """`v1` and `v2`."""
    for number in (1, 2):
        fill_in(node, folder, number)
        bundles.create(node, KEY, f"v{number}", by="ann", content=CONTENT)
