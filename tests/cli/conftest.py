"""A node with a small trained project, made once; tests that change something get a copy of their own."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.states.whole_suite import ON_SERVER

from . import automat
from .bank import Bank, make


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home everybody looks at and nobody changes."""
    return make(tmp_path_factory.mktemp("bank"))


def copied(home: Path, target: Path) -> None:
    """A copy of a home whose database somebody may still have open: its files come and go, its content does not."""
    shutil.copytree(home, target, ignore=shutil.ignore_patterns("state.db*"))
    if ON_SERVER:
        return
    with (
        closing(sqlite3.connect(home / "state.db")) as old,
        closing(sqlite3.connect(target / "state.db")) as new,
    ):
        old.backup(new)


@pytest.fixture
def bank(made_once: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    """For tests that only look."""
    return Bank(made_once, monkeypatch)


@pytest.fixture
def own(made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    """For tests that change something."""
    copied(made_once, tmp_path / "home")
    return Bank(tmp_path / "home", monkeypatch)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    """A node without any project."""
    (tmp_path / "home").mkdir()
    return Bank(tmp_path / "home", monkeypatch)


@pytest.fixture(scope="session")
def automat_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose scenarios have not run yet; nobody changes it."""
    return automat.make(tmp_path_factory.mktemp("automat"))


@pytest.fixture
def auto(automat_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    """A copy of it, to run things in."""
    copied(automat_once, tmp_path / "home")
    return Bank(tmp_path / "home", monkeypatch)
