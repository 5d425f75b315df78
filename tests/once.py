"""What takes long to make is made once in a run of tests: by whichever of its processes asks first."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path

from tests.states.penstock_states import SERVER


def once(name: str, make: Callable[[Path], object]) -> Path:
    """A folder of this name that `make` filled, to copy from. A process that asks while another makes it waits."""
    run = _run(os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid())), os.environ.get(SERVER, ""))
    place, made = run / name, run / f"{name}.made"
    with _alone(run / f"{name}.lock"):
        if not made.exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            make(place)
            made.touch()
    return place


@cache
def _run(run: str, server: str) -> Path:
    """What the processes of a run share that keep the state of homes at the same place. The last one removes it."""
    name = sha256(f"{run} {server}".encode()).hexdigest()[:16]
    place = Path(tempfile.gettempdir()) / f"penstock-once-{name}"
    with _alone(place.with_suffix(".lock")):
        (place / "asked-by").mkdir(parents=True, exist_ok=True)
        (place / "asked-by" / str(os.getpid())).touch()
    atexit.register(_leave, place, os.getpid())
    return place


def _leave(place: Path, process: int) -> None:
    if os.getpid() != process:
        return
    with _alone(place.with_suffix(".lock")):
        (place / "asked-by" / str(process)).unlink(missing_ok=True)
        if not any((place / "asked-by").iterdir()):
            shutil.rmtree(place, ignore_errors=True)
            place.with_suffix(".lock").unlink()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
