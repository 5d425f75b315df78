"""What penstock-node stands on: the Penstock of the same checkout if it is built inside one, else the released one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

OTHERS = ["uvicorn>=0.34"]


class CustomMetadataHook(MetadataHookInterface):
    """Fills `dependencies` in."""

    def update(self, metadata: dict[str, Any]) -> None:
        metadata["dependencies"] = [self._penstock(str(metadata["version"])), *OTHERS]

    def _penstock(self, version: str) -> str:
        above = Path(self.root).resolve().parent
        project = above / "pyproject.toml"
        if (
            project.is_file()
            and tomllib.loads(project.read_text(encoding="utf-8"))["project"]["name"] == "penstock"
        ):
            return f"penstock @ {above.as_uri()}"
        return f"penstock=={version}"
