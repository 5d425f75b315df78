"""The wheel holds what the browser loads, and nothing of what it was made from."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parent.parent.parent
BUILT = "penstock/web/static/built"


@pytest.mark.slow
def test_people_who_install_the_wheel_need_no_node(tmp_path: Path) -> None:
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        names = set(wheel.namelist())
        manifest = json.loads(wheel.read(f"{BUILT}/manifest.json"))
    assert {f"{BUILT}/{name}" for name in manifest["all"]} == {n for n in names if n.startswith(f"{BUILT}/")}
    assert "penstock/web/templates/base.html" in names
    assert not [n for n in names if "node_modules" in n or n.endswith((".ts", "package-lock.json"))]
