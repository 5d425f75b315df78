"""Building a code environment: venv, then pip. Standard library only, so that every node can.

Wheels are gathered first, then installed from there and nowhere else: the folder of wheels is what another node needs
to build the same without a network. The packages of Penstock come last on the path, so that what people asked for wins.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from penstock.core.environment import BASE, EnvironmentDefinition, minor, requirements
from penstock.core.errors import Failed, Invalid

HERE = minor(sys.version.split()[0])
PYTHONS = tuple(f"3.{number}" for number in range(11, 20))
"""Versions that Penstock itself runs on, as far as there are any."""
LISTED = (
    "import json, sys, importlib.metadata as m; print(json.dumps([sys.version.split()[0], "
    "sorted({f'{d.name}=={d.version}' for d in m.distributions()}, key=str.lower)]))"
)
ROOT = Path(__file__).resolve().parents[2]
"""The folder that `penstock` is imported from."""


@dataclass(frozen=True, slots=True)
class Built:
    """What came of a build."""

    python: str
    actual: tuple[str, ...]
    base: tuple[str, ...]


def interpreters() -> dict[str, str]:
    """Version of Python (3.12) → its program, for every one on this machine that Penstock can run on."""
    found = {version: shutil.which(f"python{version}") for version in PYTHONS}
    return {**{version: path for version, path in found.items() if path}, HERE: sys.executable}


def python_of(folder: Path) -> Path:
    """The program of an environment."""
    return folder / "venv" / "bin" / "python"


def build(
    folder: Path,
    wanted: EnvironmentDefinition,
    *,
    log: Callable[[str], None],
    pinned: Sequence[str] = (),
    wheels: Path | None = None,
) -> Built:
    """Install into a folder that is still empty: `venv/`, and `wheels/` with what was installed. With `wheels` nothing
    is looked for anywhere else; `pinned` is what is to be installed instead of what was asked for.

    Raises Invalid for a Python that is not on this machine, Failed with pip's last words.
    """
    version = wanted.python or HERE
    program = interpreters().get(version)
    if program is None:
        among = ", ".join(sorted(interpreters()))
        raise Invalid(f"Python {version} is not on this machine.", hint=f"There is {among}.")
    folder.mkdir(parents=True, exist_ok=True)
    log(f"Python {version}: {program}")
    _run([program, "-m", "venv", "--without-pip", str(folder / "venv")], log)
    _install(folder, [*(pinned or wanted.packages), *(BASE if version != HERE else ())], wanted, wheels, log)
    python, actual = _listed(python_of(folder))
    _see_penstock(folder, shares=version == HERE)
    _, everything = _listed(python_of(folder))
    base = tuple(line for line in everything if line not in actual) if version == HERE else ()
    log(f"{len(actual)} packages are installed.")
    return Built(python=python, actual=actual, base=_of_base(base))


def _install(
    folder: Path, packages: Sequence[str], wanted: EnvironmentDefinition, wheels: Path | None,
    log: Callable[[str], None],
) -> None:  # fmt: skip
    if not packages:
        return
    lines = folder / "requirements.txt"
    lines.write_text(requirements(packages), encoding="utf-8")
    kept = folder / "wheels"
    pip = [*_pip(), "--python", str(python_of(folder)), "--disable-pip-version-check", "--no-input"]
    if wheels is None:
        _run([*pip, "wheel", "--wheel-dir", str(kept), "--requirement", str(lines), *wanted.words()], log)
    else:
        shutil.copytree(wheels, kept)
    from_here = ["--no-index", "--find-links", str(kept)]
    _run([*pip, "install", *from_here, "--requirement", str(lines)], log, index=False)


def _see_penstock(folder: Path, *, shares: bool) -> None:
    """Let code import `penstock`: through the installation that runs here, whose packages come last; or, for another
    Python, whose compiled packages are others, through a link to its sources alone."""
    place = next((folder / "venv" / "lib").glob("python*/site-packages"))
    if not shares:
        (place / "penstock").symlink_to(ROOT / "penstock")
        return
    roots = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    lines = [f"import site; site.addsitedir({root!r})" for root in roots]
    (place / "zz-penstock.pth").write_text("\n".join([*lines, str(ROOT), ""]), encoding="utf-8")


def _listed(python: Path) -> tuple[str, tuple[str, ...]]:
    """(version of Python, packages) as the interpreter itself says."""
    told = subprocess.run([str(python), "-I", "-c", LISTED], capture_output=True, text=True, check=False)
    if told.returncode:
        raise Failed(f"The new environment does not start: {_last(told.stderr.splitlines())}")
    version, packages = json.loads(told.stdout)
    return str(version), tuple(packages)


def _of_base(packages: Sequence[str]) -> tuple[str, ...]:
    """Those that every environment is promised."""
    names = {line.partition(">=")[0] for line in BASE} | {"penstock", "numpy"}
    return tuple(line for line in packages if line.partition("==")[0].lower() in names)


def _pip() -> list[str]:
    """pip of this installation, or the one that comes with Python."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    import ensurepip

    wheels = sorted((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
    if not wheels:
        raise Failed("There is no pip to install packages with.", hint="Install pip beside Penstock.")
    return [sys.executable, str(wheels[-1] / "pip")]


def _run(command: Sequence[str], log: Callable[[str], None], *, index: bool = True) -> None:
    """Run a program to its end, its output in the log. Raises Failed with the last thing it said."""
    hidden = {"PENSTOCK_SECRET_KEY", "PYTHONPATH", *(() if index else ("PIP_FIND_LINKS", "PIP_INDEX_URL"))}
    ours = {name: value for name, value in os.environ.items() if name not in hidden}
    said: list[str] = []
    with subprocess.Popen(
        command, env=ours, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", start_new_session=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        for line in child.stdout:
            if line.strip():
                said.append(line.rstrip())
                log(line.rstrip())
    if child.returncode:
        why = _last(said).rstrip(".") or f"It ended with exit code {child.returncode}"
        raise Failed(f"{why}.", hint="See its log.")


def _last(lines: Sequence[str]) -> str:
    """What pip says went wrong, or whatever was said last."""
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return errors[-1] if errors else lines[-1] if lines else ""
