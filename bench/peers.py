"""Environments of peers under .bench/: each its own, with pinned versions, built when it is first asked for."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

KEPT = Path(__file__).resolve().parent.parent / ".bench"


def kept() -> Path:
    """The folder of all environments, which git does not see."""
    KEPT.mkdir(exist_ok=True)
    return KEPT


def compiled() -> None:
    """Let every side keep its bytecode, as installed programs do, whatever this machine is set to: a start that
    compiles all libraries anew says nothing of either."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(kept() / "bytecode")


def python_of(peer: str, packages: Sequence[str]) -> str:
    """The interpreter of a peer's environment, which is built when it is not there."""
    home = kept() / peer
    if not (home / "ready").exists():
        print(f"Building the environment of {peer} in .bench/ …", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", *packages]
        subprocess.run(pip, check=True, stdout=subprocess.DEVNULL)
        (home / "ready").touch()
    return str(home / "bin" / "python")
