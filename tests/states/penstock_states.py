"""States on PostgreSQL for tests: databases with the tables of today, each made in a moment from a template.

While the whole suite runs on PostgreSQL every home has one, in this process and in those it starts: their
`sitecustomize` is the one beside this file.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from hashlib import sha256
from importlib.machinery import ModuleSpec
from pathlib import Path
from threading import local
from types import ModuleType
from typing import Any

SERVER = "STATES_OF_TESTS"
"""The folder of the server's socket; set while homes keep their state there. Nodes that Penstock starts beside its own
are told no word that begins with PENSTOCK_, and must hear this one."""
TEMPLATE = "state_template"
DATABASE = "penstock.store.database"


def address(host: str, name: str) -> str:
    return f"postgresql://postgres@/{name}?host={host}"


def run(host: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements outside of transactions; the rows of the last one."""
    import psycopg

    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as connection:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


def prepare(host: str) -> None:
    """Make the template: once for each server."""
    from penstock.store.database import Database

    run(host, f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin "
              "BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8'")  # fmt: skip
    Database(address(host, TEMPLATE)).close()


def make(host: str, name: str, *, like: str = TEMPLATE) -> str:
    """The address of a new database; of the one that is there, when another process was faster."""
    import psycopg

    with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        run(host, f"CREATE DATABASE {name} TEMPLATE {like}")
    return address(host, name)


def drop(host: str, name: str) -> None:
    run(host, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def name_of(home: Path) -> str:
    return f"home_{sha256(str(home.resolve()).encode()).hexdigest()[:20]}"


_known: dict[Path, Any] = {}


def of_home(home: Path) -> Any:
    """Where the state of a home lies: what `penstock.store.database` asks while the suite runs on PostgreSQL."""
    from sqlalchemy import make_url

    home = home.resolve()
    if home not in _known:
        home.mkdir(parents=True, exist_ok=True)
        host, name = os.environ[SERVER], name_of(home)
        _known[home] = make_url(make(host, name))
        run(host, f"COMMENT ON DATABASE {name} IS '{home}'")
    return _known[home]


def homes(folder: Path) -> list[Path]:
    """All homes in a folder, itself included, that have a state."""
    names = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname LIKE 'home_%'"
    known = [Path(home) for (home,) in run(os.environ[SERVER], names) if home]
    return [home for home in known if home.is_relative_to(folder.resolve())]


def copy(home: Path, target: Path) -> None:
    """A copy of the state of a home, as that of another."""
    host, old, new = os.environ[SERVER], name_of(home), name_of(target)
    run(host, f"ALTER DATABASE {old} ALLOW_CONNECTIONS false")
    try:
        gone = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{old}'"
        run(host, gone, f"CREATE DATABASE {new} TEMPLATE {old}")
        run(host, f"COMMENT ON DATABASE {new} IS '{target.resolve()}'")
    finally:
        run(host, f"ALTER DATABASE {old} ALLOW_CONNECTIONS true")


def drop_below(folder: Path) -> None:
    """Drop the states of all homes in a folder."""
    for home in homes(folder):
        drop(os.environ[SERVER], name_of(home))
        _known.pop(home, None)


def install(patch: Callable[[object, str, object], None] = setattr) -> None:
    """From now on homes of this process have databases, which are copied and removed with their folders."""
    copytree, rmtree, within = shutil.copytree, shutil.rmtree, local()

    def copied(source: Any, target: Any, *arguments: Any, **words: Any) -> Any:
        if getattr(within, "a_copy", False):  # copytree calls itself for each folder, by this name
            return copytree(source, target, *arguments, **words)
        within.a_copy = True
        try:
            found = copytree(source, target, *arguments, **words)
        finally:
            within.a_copy = False
        for home in homes(Path(source)):
            copy(home, Path(target) / home.relative_to(Path(source).resolve()))
        return found

    def removed(path: Any, *arguments: Any, **words: Any) -> None:
        rmtree(path, *arguments, **words)
        if SERVER not in os.environ:  # called at the very end by whoever took hold of us before
            return
        for home in [home for home in _known if home.is_relative_to(Path(path).absolute())]:
            drop(os.environ[SERVER], name_of(home))
            _known.pop(home, None)

    removed.avoids_symlink_attacks = rmtree.avoids_symlink_attacks  # type: ignore[attr-defined]
    patch(shutil, "copytree", copied)
    patch(shutil, "rmtree", removed)
    if DATABASE in sys.modules:
        patch(sys.modules[DATABASE], "_in_home", of_home)
    else:
        sys.meta_path.insert(0, Elsewhere())


class Elsewhere:
    """Has `penstock.store.database` ask `of_home` from the moment it is imported."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != DATABASE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        assert spec is not None
        loader: Any = spec.loader
        load = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            module._in_home = of_home  # type: ignore[attr-defined]

        loader.exec_module = exec_module
        return spec
