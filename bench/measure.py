"""Measuring one piece of work in a process of its own: seconds of the work, peak memory of the process."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measured:
    """seconds: of the work alone; peak_mb: of the whole process, libraries included; before_mb: just before it."""

    seconds: float
    peak_mb: float
    before_mb: float
    result: str = ""


def measured(work: Callable[[], object]) -> Measured:
    """Do the work here and now. Peak memory counts since the process began, so use a fresh one."""
    before = peak_mb()
    started = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - started
    return Measured(seconds, peak_mb(), before, str(result))


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_child(script: Path, *arguments: str, python: str = sys.executable) -> Measured:
    """Run `python script arguments…`; its last line of output is the JSON of a `Measured`."""
    done = subprocess.run([python, str(script), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{script.name} {' '.join(arguments)} failed:\n{done.stderr}")
    return Measured(**json.loads(done.stdout.strip().splitlines()[-1]))


def tell(found: Measured) -> None:
    """What a child prints for `in_child`."""
    print(json.dumps(asdict(found)))
