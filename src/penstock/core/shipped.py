"""What may change in a project that came with a bundle: it was made on the design node. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from penstock.core.project import FOLDERS

SCENARIOS = FOLDERS["scenario"] + "/"
LEFT_TO_THIS_NODE = ("active", "run_as")
"""Settings of a scenario of the bundle that are this node's: whether its triggers fire, and as whom it runs."""


def is_own(file: str, came: Collection[str]) -> bool:
    """Whether a file is this node's: a scenario that did not come with the bundle."""
    return file.startswith(SCENARIOS) and file not in came


def may_change(file: str, before: Any, after: Any, came: Collection[str]) -> bool:
    """Whether a file may be changed here: scenarios of this node, and the switch of those that came."""
    if is_own(file, came):
        return True
    if not file.startswith(SCENARIOS) or before is None or after is None:
        return False
    rest = _rest(before)
    return rest is not None and rest == _rest(after)


def _rest(definition: Any) -> Mapping[str, Any] | None:
    """What a scenario says beside what is left to this node; None for what is no definition."""
    if not hasattr(definition, "to_mapping"):
        return None
    return {k: v for k, v in definition.to_mapping().items() if k not in LEFT_TO_THIS_NODE}
