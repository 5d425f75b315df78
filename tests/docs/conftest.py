"""The tutorial is followed once; every how-to goes on in a copy of where it ended."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from .page import follow


@pytest.fixture(scope="session")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder after the tutorial, and what its commands said."""
    folder = tmp_path_factory.mktemp("tutorial")
    with pytest.MonkeyPatch.context() as patch:
        begin(folder, patch)
        said = follow("tutorials/first-evaluation.md")
    return folder, said


@pytest.fixture
def after_tutorial(tutorial: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder, with us in it."""
    shutil.copytree(tutorial[0], tmp_path / "copy")
    begin(tmp_path / "copy", monkeypatch)
    os.environ["PENSTOCK_HOME"] = str(tmp_path / "copy" / "home")
    return tmp_path / "copy"


def begin(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.chdir(folder)
    for name, value in (
        ("PWD", str(folder)),
        ("PENSTOCK_HOME", ""),
        ("PENSTOCK_PROJECT", ""),
        ("PENSTOCK_THREADS", ""),
        ("COLUMNS", "80"),
    ):
        patch.setenv(name, value)
