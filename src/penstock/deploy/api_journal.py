"""The journals of API nodes, taken in: flat JSON lines by service and endpoint, for datasets of type `api_log`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core import api_log
from penstock.core.errors import Invalid
from penstock.runtime import audit

if TYPE_CHECKING:
    from pathlib import Path

    from penstock.core.node import Node

NAME = re.compile(r"[\w.-]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a piece of a journal."""

    kept: int
    unknown: int
    """Lines that name no project, service and endpoint."""


def take(node: Node, rows: Sequence[Mapping[str, Any]], *, sender: str, segment: str) -> Taken:
    """Keep a piece of the journal of an API node. The same segment again replaces what it brought: nothing is counted
    twice. Raises Invalid for a name that is none."""
    for name in (sender, segment):
        if not NAME.fullmatch(name) or name.startswith("."):
            raise Invalid(
                f"'{name[:100]}' is no name of a node or segment: letters, digits, _, - and . only."
            )
    found: dict[str, list[str]] = {}
    unknown = 0
    for row in rows:
        place = api_log.place(row)
        if not place:
            unknown += 1
            continue
        found.setdefault(place, []).append(json.dumps(api_log.flat(row), ensure_ascii=False, default=str))
    for place, lines in found.items():
        _write(node.config.home / api_log.FOLDER / place / f"{sender}~{segment}.jsonl", lines)
    kept = sum(len(lines) for lines in found.values())
    audit.note(node, "journal-take", sender=sender, segment=segment, rows=kept)
    return Taken(kept=kept, unknown=unknown)


def _write(file: Path, lines: Sequence[str]) -> None:
    """Replace a file in one step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{os.getpid()}.new")
    with aside.open("w", encoding="utf-8") as opened:
        opened.writelines(f"{line}\n" for line in lines)
        opened.flush()
        os.fsync(opened.fileno())
    os.replace(aside, file)
