"""Endpoints opened from a package folder made by hand: what each of their tests begins with."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from penstock.core import lookup_file, registry
from penstock.core.connection import Database
from penstock.core.package import Connected, OpenedPackage, PackedModel
from penstock.core.package import lookup_file as place
from penstock.core.schema import Column

CUSTOMERS = (
    Column(name="id", type="bigint"), Column(name="age", type="int"), Column(name="score", type="double"),
    Column(name="vip", type="boolean"), Column(name="since", type="date"), Column(name="city", type="string"),
)  # fmt: skip
ROWS: Sequence[Sequence[Any]] = [
    (1, 30, 0.5, True, "2020-01-02", "Bonn"), (2, 41, 2.0, False, None, "Paris"), (3, 50, 1.5, True, None, "Bonn"),
]  # fmt: skip


def sqlite(folder: Path, script: str) -> Connected:
    """A SQLite database as a connection `shop` of the node."""
    file = folder / "shop.db"
    with sqlite3.connect(file) as con:
        con.executescript(script)
    con.close()
    database = registry.parse("connections", {"type": "sqlite", "path": str(file)})
    assert isinstance(database, Database)
    return Connected("shop", database, SimpleNamespace(timeout=5.0, secret=lambda text: text))


def opened(
    folder: Path, endpoint: Mapping[str, Any], *, lookups: Mapping[str, Any] | None = None,
    connected: Connected | None = None, model: tuple[PackedModel, Path] | None = None,
) -> Any:  # fmt: skip
    """The object that answers, of a package with this one endpoint."""
    package = folder / "package"
    package.mkdir(exist_ok=True)
    manifest = {
        "format": 1, "service": "shop", "version": "v1", "project": "DEMO", "created_at": "",
        "endpoints": [dict(endpoint)],
        "lookups": dict(lookups or {}), "models": {endpoint["name"]: model[0].model_dump(mode="json")} if model else {},
    }  # fmt: skip
    (package / "manifest.json").write_text(json.dumps(manifest))
    if model and not (package / "models").exists():
        (package / "models").mkdir()
        (package / "models" / endpoint["name"]).symlink_to(model[1])
    found = OpenedPackage.of(
        package, lambda name: connected if connected and connected.name == name else None
    )
    return found.manifest.endpoint(endpoint["name"]).open(found.context(endpoint["name"]))


def bundled(folder: Path, rows: Sequence[Sequence[Any]] = ROWS) -> Mapping[str, Any]:
    """Customers as bundled rows of a package, and what the manifest says of them."""
    file = folder / "package" / place("customers")
    lookup_file.write(file, CUSTOMERS, rows, keys=[["id"], ["city"]])
    columns = [c.model_dump(mode="json") for c in CUSTOMERS]
    return {
        "customers:bundled": {
            "dataset": "customers",
            "mode": "bundled",
            "columns": columns,
            "rows": len(rows),
        }
    }


def referenced() -> Mapping[str, Any]:
    """Customers as a table of connection `shop`."""
    columns = [c.model_dump(mode="json") for c in CUSTOMERS]
    told = {
        "dataset": "customers",
        "mode": "referenced",
        "columns": columns,
        "connection": "shop",
        "table": "customers",
    }
    return {"customers:referenced": told}


TABLE = (
    "CREATE TABLE customers (id INTEGER, age INTEGER, score REAL, vip BOOLEAN, since TEXT, city TEXT);"
    "INSERT INTO customers VALUES (1, 30, 0.5, 1, '2020-01-02', 'Bonn'), (2, 41, 2.0, 0, NULL, 'Paris');"
)
