"""The only file that knows every room: a folder → a Node."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_origin

from penstock.core import registry
from penstock.core.config import Config
from penstock.core.errors import Invalid, InvalidDefinition, NotFound
from penstock.core.node import Node
from penstock.engine.engines import LocalEngines
from penstock.runtime import recovery
from penstock.sdk.client import Home
from penstock.store.blobs import DiskBlobs
from penstock.store.clock import SystemClock
from penstock.store.data import DiskData
from penstock.store.database import Database
from penstock.store.evaluations import SqlEvaluations
from penstock.store.metrics import SqlMetrics
from penstock.store.models import SqlModels
from penstock.store.projects import FileProjects
from penstock.store.runs import SqlRuns
from penstock.store.yaml import read_mapping

PREFIX = "PENSTOCK_"
DEFAULT_HOME = "~/.penstock"


def open_node(home: Path | str | None = None, **settings: Any) -> Node:
    """The node of a home folder, made when it does not exist. Opening sweeps away what dead processes left."""
    config = read_config(Path(home or os.environ.get("PENSTOCK_HOME") or DEFAULT_HOME).expanduser(), settings)
    config.home.mkdir(parents=True, exist_ok=True)
    clock, blobs = SystemClock(), DiskBlobs(config.home)
    database = Database(config.database or config.home)
    node = Node(
        config=config,
        clock=clock,
        projects=FileProjects(config.home),
        data=DiskData(config.home, config.server_roots),
        engines=LocalEngines(config),
        runs=SqlRuns(database, config.home / "logs"),
        metrics=SqlMetrics(database),
        models=SqlModels(database, blobs),
        evaluations=SqlEvaluations(database, blobs),
        blobs=blobs,
    )
    recovery.recover(node)
    return node


def read_config(home: Path, settings: Mapping[str, Any] | None = None) -> Config:
    """`config.yaml` of the home, PENSTOCK_<SETTING> of the environment over it, `settings` over both."""
    file = home / "config.yaml"
    written = read_mapping(file) if file.exists() else {}
    merged = {**written, **_environment(), **(settings or {}), "home": home}
    try:
        config = registry.validate(Config, merged)
    except InvalidDefinition as invalid:
        raise InvalidDefinition(invalid.problem, file=str(file), field=invalid.field) from invalid
    return config if config.user else config.changed(user=_login())


def _environment() -> dict[str, str]:
    plain = {n for n, f in Config.model_fields.items() if get_origin(f.annotation) is None and n != "limits"}
    found = {n: os.environ.get(PREFIX + n.upper(), "") for n in plain - {"home"}}
    return {name: value for name, value in found.items() if value}


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


class Local:
    """The transport of a program on the node's own machine: a verb is a use case of `runtime`."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def call(self, verb: str, /, *arguments: Any, **settings: Any) -> Any:
        """`datasets.head` → `runtime/datasets.py: head(node, …)`. Raises NotFound for a verb there is not."""
        from importlib import import_module

        noun, _, action = verb.partition(".")
        try:
            use_case = getattr(import_module(f"penstock.runtime.{noun}"), action)
        except (ModuleNotFoundError, AttributeError) as missing:
            raise NotFound("use case", verb) from missing
        if action.startswith("_"):
            raise Invalid(f"{verb} is private.")
        return use_case(self.node, *arguments, **settings)

    @property
    def user(self) -> str:
        return self.node.config.user


def open_home(home: Path | str | None = None, **settings: Any) -> Home:
    """`penstock.open()`: everything the command line can do, for notebooks and programs."""
    return Home(Local(open_node(home, **settings)))
