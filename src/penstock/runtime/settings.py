"""Settings of the node: what each means, what it is, and where that comes from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One line of `config.yaml`, whether it stands there or not."""

    name: str
    value: Any
    default: Any
    source: Literal["default", "config.yaml", "environment"]
    meaning: str

    @property
    def variable(self) -> str:
        """The environment variable that goes over the file."""
        return f"PENSTOCK_{self.name.upper()}"


def listing(node: Node) -> list[Setting]:
    """Every setting, in the order of the reference page; the home itself is none."""
    config = node.config
    return [
        _setting(
            name, getattr(config, name), info.get_default(call_default_factory=True), info.description or ""
        )
        for name, info in type(config).model_fields.items()
        if name != "home"
    ]


def _setting(name: str, value: Any, default: Any, meaning: str) -> Setting:
    plain = [v.model_dump() if hasattr(v, "model_dump") else v for v in (value, default)]
    source: Literal["default", "config.yaml"] = "default" if value == default else "config.yaml"
    made = Setting(name=name, value=plain[0], default=plain[1], source=source, meaning=meaning)
    if not os.environ.get(made.variable):
        return made
    return Setting(name=name, value=plain[0], default=plain[1], source="environment", meaning=meaning)
