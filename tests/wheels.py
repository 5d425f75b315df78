"""Tiny wheels, made in a moment: what tests install into code environments, without any network."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path


def a_wheel(folder: Path, name: str, version: str, code: str = "", *, needs: Sequence[str] = ()) -> Path:
    """A wheel with one module, which says its version in `VERSION` unless it has other code."""
    facts = f"{name}-{version}.dist-info"
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {n}" for n in needs),
    ]
    files = {
        f"{name}.py": code or f"VERSION = {version!r}\n",
        f"{facts}/METADATA": "\n".join([*lines, "", ""]),
        f"{facts}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_digest(text)},{len(text.encode())}\n" for path, text in files.items())
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in {**files, f"{facts}/RECORD": f"{record}{facts}/RECORD,,\n"}.items():
            archive.writestr(path, text)
    return target


def only(folder: Path) -> list[str]:
    """Options of pip that let it look nowhere else."""
    return ["--no-index", f"--find-links {folder}"]


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).decode().rstrip("=")
