"""A new home of this test process begins with a copy of a state that the migrations made once: they take a tenth of a
second, and thousands of tests have a home of their own.

Whoever names the address of a state, as the tests of the migrations do, and every process that a test starts, runs the
migrations themselves.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Lock, get_ident
from typing import Any

import pytest


@pytest.fixture(scope="session", autouse=True)
def new_homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    from penstock.store import database

    template, in_home, making = tmp_path_factory.mktemp("state") / "state.db", database._in_home, Lock()

    def begun(home: Path) -> Any:
        url = in_home(home)
        if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
            with making:
                if not template.exists():
                    database.Database(f"sqlite:///{template}").close()
            begin(Path(str(url.database)), template)
        return url

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "_in_home", begun)
        yield


def begin(state: Path, template: Path) -> None:
    """The copy becomes the state at once and whole, and only where there is none."""
    state.parent.mkdir(parents=True, exist_ok=True)
    copy = state.with_name(f".{state.name}.{os.getpid()}.{get_ident()}")
    shutil.copyfile(template, copy)
    with contextlib.suppress(FileExistsError):
        os.link(copy, state)
    copy.unlink()
