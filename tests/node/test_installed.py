"""The node with what its own distribution asks for, and nothing else, answers with a package that the studio made."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from penstock.deploy import services
from penstock.testing import KEY

from ..web.pages.modelled import a_bank
from .packages import RunningNode

ROOT = Path(__file__).parents[2]
OURS = {"penstock": ROOT / "src/penstock", "penstock-node": ROOT / "node/src/penstock_node"}
STUDIO = ("sqlalchemy", "duckdb", "ibis", "pandas", "fastapi", "jinja2", "typer", "optuna")


def needed(name: str, seen: set[str]) -> set[str]:
    """Every distribution that one asks for, without extras."""
    if name not in seen:
        seen.add(name)
        for text in metadata.requires(name) or ():
            asked = Requirement(text)
            if asked.marker is None or asked.marker.evaluate({"extra": ""}):
                needed(canonicalize_name(asked.name), seen)
    return seen


def places(name: str) -> Iterator[Path]:
    """Where the modules of a distribution lie."""
    found = metadata.distribution(name)
    tops = {file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "__pycache__")}
    yield from (Path(str(found.locate_file(top))) for top in sorted(tops))


@pytest.fixture
def python(tmp_path: Path) -> str:
    """A fresh interpreter in whose environment lies only what `pip install ./node` brings."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    site = home / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    for name in needed("penstock-node", set()):
        for place in [OURS[name]] if name in OURS else places(name):
            link = site / place.name
            if not link.exists():
                link.symlink_to(place)
    return str(home / "bin" / "python")


@pytest.mark.slow
@pytest.mark.requirement("D68")
def test_a_package_of_the_studio_answers_without_the_studio(
    tmp_path: Path, python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    found = subprocess.run(
        [python, "-c", f"import importlib.util as u; print([m for m in {STUDIO} if u.find_spec(m)])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout.strip() == "[]"
    studio = a_bank(tmp_path)
    services.create(studio, KEY, "The bank", author="ann", name="bank", model="authorized")
    services.create_version(studio, KEY, "bank", "v1", author="ann")
    running = RunningNode(tmp_path / "node", python=python)
    own = studio.node_keys.own()
    running.run("trust", own.node, own.key)
    running.start()
    try:
        running.deploy(services.archive(studio, KEY, "bank", "v1"), "bank")
        status, told = running.post("bank/predict_authorized/predict", {"features": {}})
        assert (status, told["apiContext"]["serviceGeneration"]) == (200, "v1")
        assert sum(told["result"]["probas"].values()) == pytest.approx(1)
    finally:
        running.stop()
