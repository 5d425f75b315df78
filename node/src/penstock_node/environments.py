"""Code environments of packages: built when a package comes, once for all packages that ask for the same.

environments/<what is in it>/     venv/ and wheels/; `done` once it is whole
"""

from __future__ import annotations

import fcntl
import json
import logging
import shutil
from hashlib import sha256
from pathlib import Path

from penstock.core import virtual_environment
from penstock.core.environment import EnvironmentDefinition, check_environment_name, minor
from penstock.core.errors import EnvironmentMissing, PenstockError
from penstock.core.package import INTERPRETER, PackageManifest, PackedEnvironment, environment_folder

DONE = "done"
log = logging.getLogger(__name__)


def build(root: Path, package: Path, manifest: PackageManifest) -> None:
    """Have the environments of an unpacked package, and note in it where they are. Raises EnvironmentMissing with the
    reason for one that cannot be built here."""
    for name, wanted in manifest.environments.items():
        place = package / environment_folder(check_environment_name(name))
        place.mkdir(parents=True, exist_ok=True)
        (place / INTERPRETER).unlink(missing_ok=True)
        folder = root.absolute() / _mark(wanted)
        try:
            _built(folder, wanted, place)
        except (PenstockError, OSError) as error:
            raise EnvironmentMissing(
                f"Code environment {name} of the package cannot be built here: {error}"
            ) from error
        (place / INTERPRETER).write_text(str(virtual_environment.python_of(folder)), encoding="utf-8")


def _built(folder: Path, wanted: PackedEnvironment, wheels: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / DONE).exists():
            return
        shutil.rmtree(folder, ignore_errors=True)
        pinned = [f"{name}=={version}" for name, version in sorted(wanted.installed.items())]
        definition = EnvironmentDefinition(python=minor(wanted.python), packages=wanted.requested)
        there = wheels if any(wheels.glob("*.whl")) else None
        virtual_environment.build(folder, definition, log=log.info, pinned=pinned, wheels=there)
        (folder / DONE).touch()


def _mark(wanted: PackedEnvironment) -> str:
    """The same for environments with the same Python and the same packages."""
    told = json.dumps([minor(wanted.python), sorted(wanted.installed.items())])
    return sha256(told.encode()).hexdigest()[:16]
