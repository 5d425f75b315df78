"""The trained project of the command line's tests serves the client's too: on this machine, and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli import conftest as local
from tests.cli.bank import Bank

from .far import far

automat_once, made_once = local.automat_once, local.made_once


HERE = frozenset({"test_a_worker_elsewhere_may_do_the_run_that_a_program_waits_for"})
"""Tests about being a worker, which nobody is from elsewhere."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "over" in metafunc.fixturenames:
        metafunc.parametrize("over", ["here"] if metafunc.definition.name in HERE else ["here", "http"])


@pytest.fixture
def bank(over: str, made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    yield from _there(made_once, tmp_path, monkeypatch) if over == "http" else [Bank(made_once, monkeypatch)]


@pytest.fixture
def own(over: str, made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    make = _there if over == "http" else _copy
    yield from make(made_once, tmp_path, monkeypatch)


@pytest.fixture
def auto(over: str, automat_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    make = _there if over == "http" else _copy
    yield from make(automat_once, tmp_path, monkeypatch)


def _copy(made: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    import shutil

    shutil.copytree(made, place / "home")
    yield Bank(place / "home", monkeypatch)


def _there(made: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    bank = far(made, place, monkeypatch)
    yield bank
    bank.close()
