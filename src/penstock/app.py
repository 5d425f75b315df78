"""The only file that knows every room: a folder → a Node."""

from __future__ import annotations

import getpass
import os
import threading
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin
from urllib.parse import quote

from penstock.core import registry
from penstock.core.config import Config
from penstock.core.errors import Conflict, InvalidDefinition
from penstock.core.node import Node
from penstock.core.use_case import use_case
from penstock.sdk.client import Home
from penstock.store import homes
from penstock.store.clock import SystemClock

if TYPE_CHECKING:
    from penstock.core.ports import Secrets
    from penstock.store.blobs import DiskBlobs
    from penstock.store.moving import Moved

PREFIX = "PENSTOCK_"
SECRET_KEY = "PENSTOCK_SECRET_KEY"
"""The key of sealed values; no setting, so that it never gets into a Config that is shown or logged."""
DEFAULT_HOME = "~/.penstock"
SEALED = "secret:"
STATE_SECRET = "state-database"
"""Name of the sealed password of the state."""


def open_node(home: Path | str | None = None, **settings: Any) -> Node:
    """The node of a home folder, made when it does not exist.

    Its state (jobs, metrics, versions, evaluations) opens at the first question about it, which sweeps away what
    dead processes left. Whoever only reads definitions or files never waits for a database.
    """
    from penstock.deploy.shipping import NodeShipping
    from penstock.drawing.printing import TypstPrinter
    from penstock.drawing.writers import DocumentWriter
    from penstock.engine.engines import LocalEngines
    from penstock.ml.analyses import LocalAnalyses
    from penstock.runtime.guards import guarded
    from penstock.store.audit import FileAudit
    from penstock.store.blobs import DiskBlobs
    from penstock.store.bundles import DiskBundles
    from penstock.store.connected_files import ConnectedFiles
    from penstock.store.connections import FileConnections
    from penstock.store.data import DiskData
    from penstock.store.deployer import deployer
    from penstock.store.environments import DiskEnvironments
    from penstock.store.file_cache import FileCache, bytes_of
    from penstock.store.node_keys import FileNodeKeys
    from penstock.store.packages import FilePackages
    from penstock.store.plugins import DiskPlugins
    from penstock.store.projects import FileProjects
    from penstock.store.secrets import SealedSecrets
    from penstock.store.standards import FileStandards
    from penstock.store.versions import GitVersions

    config = read_config(home_folder(home), settings)
    config.home.mkdir(parents=True, exist_ok=True)
    plugins = DiskPlugins(config.home)
    plugins.enter()
    blobs = DiskBlobs(config.home)
    connections = FileConnections(config.home)
    secrets = SealedSecrets(config.home, os.environ.get(SECRET_KEY, ""))
    data = DiskData(config.home, config.server_roots)
    cache = FileCache(config.home / "cache" / "files", bytes_of(config.file_cache))
    state = State(config, blobs, secrets)
    files = FileProjects(config.home, user=config.user)
    clock = SystemClock()
    state.node = Node(
        config=config,
        clock=clock,
        projects=guarded(files, lambda: state.node),
        versions=GitVersions(files),
        data=data,
        files=ConnectedFiles(data, connections, secrets, cache),
        engines=LocalEngines(config, connections, secrets, clock=clock),
        runs=state.port("runs"),
        scenario_runs=state.port("scenario_runs"),
        metrics=state.port("metrics"),
        models=state.port("models"),
        evaluations=state.port("evaluations"),
        blobs=blobs,
        analyses=LocalAnalyses(),
        secrets=secrets,
        connections=connections,
        users=state.port("users"),
        credentials=state.port("credentials"),
        audit=FileAudit(config.home),
        printer=TypstPrinter(),
        writer=DocumentWriter(),
        bundles=DiskBundles(config.home),
        node_keys=FileNodeKeys(config.home, config.node_name),
        shipping=NodeShipping(lambda: state.node),
        packages=FilePackages(config.home),
        deployer=deployer(config.home, clock, state.port("deployment_updates")),
        environments=DiskEnvironments(config.home),
        plugins=plugins,
        standards=FileStandards(config.home),
        discussions=state.port("discussions"),
    )
    if state.node.bundles.unfinished():
        import_module("penstock.deploy.incoming").recover(state.node)
    return state.node


def home_folder(home: Path | str | None = None) -> Path:
    """The folder that is meant: this one, PENSTOCK_HOME, the home whose project we stand in, or ~/.penstock."""
    said = home or os.environ.get("PENSTOCK_HOME") or homes.around(Path.cwd()) or DEFAULT_HOME
    return Path(said).expanduser().absolute()


class State:
    """The ports that lie in the database; the first use of one opens them all."""

    node: Node

    def __init__(self, config: Config, blobs: DiskBlobs, secrets: Secrets) -> None:
        self._config, self._blobs, self._secrets = config, blobs, secrets
        self._ports: dict[str, Any] = {}
        self._lock = threading.RLock()

    def port(self, name: str) -> Any:
        return Port(self, name)

    def opened(self, name: str) -> Any:
        """The real port. The lock is one its thread may enter again: recovery itself asks for ports."""
        with self._lock:
            if not self._ports:
                self._ports = self._open()
                import_module("penstock.runtime.recovery").recover(self.node)
            return self._ports[name]

    def _open(self) -> dict[str, Any]:
        from penstock.store.credentials import SqlCredentials
        from penstock.store.database import Database
        from penstock.store.deployment_updates import SqlUpdates
        from penstock.store.discussions import SqlDiscussions
        from penstock.store.evaluations import SqlEvaluations
        from penstock.store.metrics import SqlMetrics
        from penstock.store.models import SqlModels
        from penstock.store.runs import SqlRuns
        from penstock.store.scenario_runs import SqlScenarioRuns
        from penstock.store.users import SqlUsers

        (self._config.home / "projects").mkdir(
            parents=True, exist_ok=True
        )  # wherever its state lies, it is a home
        database = Database(address(self._config, self._secrets) or self._config.home)
        return {
            "runs": SqlRuns(database, self._config.home / "logs"),
            "scenario_runs": SqlScenarioRuns(database, self._config.home / "logs"),
            "metrics": SqlMetrics(database),
            "models": SqlModels(database, self._blobs),
            "evaluations": SqlEvaluations(database, self._blobs),
            "users": SqlUsers(database),
            "credentials": SqlCredentials(database),
            "deployment_updates": SqlUpdates(database),
            "discussions": SqlDiscussions(database),
        }


def address(config: Config, secrets: Secrets) -> str:
    """Where the state lies, with the password that is sealed; empty for SQLite in the home."""
    if SEALED not in config.database:
        return config.database
    from penstock.store.database import address as read

    url = read(config.database)
    name = str(url.password or "").removeprefix(SEALED)
    return url.set(password=secrets.get(name)).render_as_string(hide_password=False)


class Port:
    """Stands where a port of the state will be, and becomes it when it is used."""

    def __init__(self, state: State, name: str) -> None:
        self._state, self._name = state, name

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(self._state.opened(self._name), attribute)
        if not attribute.startswith("__"):
            setattr(self, attribute, value)
        return value


def read_config(home: Path, settings: Mapping[str, Any] | None = None) -> Config:
    """`config.yaml` of the home, PENSTOCK_<SETTING> of the environment over it, `settings` over both."""
    file = home / "config.yaml"
    written = _read(file) if file.exists() else {}
    environment = _environment()
    merged = {**written, **environment, **(settings or {}), "home": home}
    try:
        config = registry.validate(Config, merged)
    except InvalidDefinition as invalid:
        field = invalid.field or ""
        if field in environment:
            raise InvalidDefinition(
                invalid.problem, file="environment", field=PREFIX + field.upper()
            ) from invalid
        raise InvalidDefinition(invalid.problem, file=str(file), field=invalid.field) from invalid
    return config if config.user else config.changed(user=_login())


def _read(file: Path) -> Mapping[str, Any]:
    from penstock.store.yaml import read_mapping

    return read_mapping(file)


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
    """The transport of a program on the node's own machine: a verb is a use case of `runtime` or `deploy`."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def call(self, verb: str, /, *arguments: Any, **settings: Any) -> Any:
        """`datasets.head` → `runtime/datasets.py: head(node, …)`. Raises NotFound for a verb there is not."""
        return use_case(verb)(self.node, *arguments, **settings)

    @property
    def user(self) -> str:
        return self.node.config.user


def create_home(home: Path | str | None = None) -> Home:
    """Make an empty home, in the folder that `open_home` would open. Raises Conflict where something is already."""
    folder = home_folder(home)
    homes.make(folder)
    return open_home(folder)


def move_state(to: str, home: Path | str | None = None) -> Moved:
    """Copy the state of a home that is at rest into an empty database at an address, and have the home use that one.

    The old one stays untouched. A password in the address is sealed. Raises Conflict while somebody works, or when
    a variable of the environment says where the state is.
    """
    from penstock.runtime.home import rest
    from penstock.store.database import Database
    from penstock.store.database import address as read
    from penstock.store.moving import move

    if os.environ.get(f"{PREFIX}DATABASE"):
        raise Conflict(
            "PENSTOCK_DATABASE says where the state of this home is.", hint="Unset it, then try again."
        )
    folder = home_folder(home)
    homes.require(folder)
    node, url = open_node(folder), read(to)
    rest(node)
    old = Database(address(node.config, node.secrets) or folder)
    new = Database(to)
    try:
        moved = move(old, new)
    finally:
        old.close()
        new.close()
    if url.password:
        node.secrets.put(STATE_SECRET, str(url.password))
        url = url.set(password=f"{SEALED}{STATE_SECRET}")
    said = url.render_as_string(hide_password=False).replace(f":{quote(SEALED)}", f":{SEALED}")
    homes.amend(folder, {"database": said})
    return moved


def open_home(home: Path | str | None = None, *, create: bool = False, **settings: Any) -> Home:
    """Open a home: everything the command line can do, for notebooks and programs.

    Without a folder it is that of PENSTOCK_HOME, the home whose project you stand in, or `~/.penstock`. Raises
    NotFound, with the nearest, where there is no home, unless it is to be made (`create`). Settings go over those of
    `config.yaml`: `penstock.open(threads=2)`.
    """
    folder = home_folder(home)
    if not create and folder != Path(DEFAULT_HOME).expanduser():
        homes.require(folder)
    return Home(Local(open_node(folder, **settings)))
