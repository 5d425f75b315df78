"""Staleness: whether what a recipe wrote is out of date, and the sentences that say why. Pure: facts in, words out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from penstock.core import fingerprint
from penstock.core.fingerprint import Fingerprint, listed
from penstock.core.flow import Flow
from penstock.core.job import BuildRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the project's data when the plan is made."""

    records: Mapping[str, BuildRecord] = field(default_factory=dict)
    """Output → what its last build saw."""
    states: Mapping[str, str] = field(default_factory=dict)
    """Item → its state now; an empty text when it holds no data."""
    details: Mapping[str, str] = field(default_factory=dict)
    """Item → what its state is made of (`detail`), to say what changed."""
    fingerprints: Mapping[str, Fingerprint] = field(default_factory=dict)
    """Recipe → what it is made of now."""


def state_text(state: str, settings: str) -> str:
    """The state of an input as a record keeps it: what the data says, and a hash of the settings that choose it."""
    return f"{state}|{fingerprint.digest(settings)[:16]}" if state and settings else state


def detail(settings: str, files: list[tuple[str, int, int]] | None) -> str:
    """What an input's state is made of, kept beside it so that a later plan can say what changed."""
    return fingerprint.canonical({"settings": settings, "files": files})


def stale(flow: Flow, facts: Facts, written: Set[str], recipe: str) -> list[str]:
    """Why a smart build runs a recipe, a sentence each; empty when its outputs are up to date.

    `written` holds the items that the same build writes before.
    """
    inputs = flow.reads[recipe]
    rebuilt = [i for i in inputs if i in written or written & flow.folders_behind(i)]
    found = [f"an input will be rebuilt: {listed(rebuilt)}"] if rebuilt else []
    for output in flow.writes[recipe]:
        record = facts.records.get(output)
        problem = _own_problem(facts, output, record)
        if problem:
            found.append(problem if len(flow.writes[recipe]) == 1 else f"{output}: {problem}")
        elif record is not None:
            found += _changes(flow, facts, recipe, record, skip=rebuilt)
    return list(dict.fromkeys(found))


def _own_problem(facts: Facts, output: str, record: BuildRecord | None) -> str:
    if record is None:
        return "never built"
    if not record.success:
        return "last build failed"
    return "" if facts.states.get(output, "") else "its data was cleared"


def _changes(flow: Flow, facts: Facts, recipe: str, record: BuildRecord, *, skip: list[str]) -> list[str]:
    """What is different from what the last good build saw."""
    found: list[str] = []
    now = facts.fingerprints[recipe]
    if now.hash != record.recipe_fingerprint:
        found += fingerprint.changes(_recipe_parts(record), now.parts) or ["its recipe changed"]
    for item in flow.reads[recipe]:
        if item not in skip and record.input_states.get(item) != facts.states.get(item, ""):
            found.append(_input_change(flow, facts, item, record))
    return found


def _input_change(flow: Flow, facts: Facts, item: str, record: BuildRecord) -> str:
    if item not in record.input_states:
        return f"input {item} is new"
    before = json.loads(record.parts.get(f"input:{item}") or "{}")
    after = json.loads(facts.details.get(item) or "{}")
    said = [*_settings_change(before, after), *_file_changes(before.get("files"), after.get("files"))]
    if said:
        return f"input {item} changed: {', '.join(said)}"
    own = facts.records.get(item)
    made_of_rows = flow.project.item_type(item) in ("dataset", "folder")
    if made_of_rows and own is not None and own.built_at > record.built_at:
        return f"input {item} was rebuilt at {own.built_at:%Y-%m-%d %H:%M:%S}"
    return f"input {item} changed: {_kind_of_change(flow, item)}"


def _kind_of_change(flow: Flow, item: str) -> str:
    return {
        "dataset": "its data is other data now",
        "folder": "its files are other files now",
        "model": "another version is active",
        "evaluation_store": "it has other evaluations now",
    }[flow.project.item_type(item)]


def _settings_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = before.get("settings") or "{}", after.get("settings") or "{}"
    if old != new:
        yield f"its settings ({listed(fingerprint.setting_names(old, new))})"


def _file_changes(before: Any, after: Any) -> Iterator[str]:
    if before is None or after is None:
        return
    old, new = ({f[0]: (f[1], f[2]) for f in files} for files in (before, after))
    counts = {
        "added": len(new.keys() - old.keys()),
        "removed": len(old.keys() - new.keys()),
        "changed": sum(1 for path in old.keys() & new.keys() if old[path] != new[path]),
    }
    found = [(what, count) for what, count in counts.items() if count]
    for position, (what, count) in enumerate(found):
        noun = "" if position else " file" if count == 1 else " files"
        yield f"{count}{noun} {what}"


def _recipe_parts(record: BuildRecord) -> dict[str, str]:
    return {name: text for name, text in record.parts.items() if not name.startswith("input:")}


def since(outputs: tuple[str, ...], facts: Facts) -> str:
    """`up to date since …`: when the oldest of some outputs was built."""
    built = [facts.records[o].built_at for o in outputs if o in facts.records]
    return f"up to date since {min(built):%Y-%m-%d %H:%M:%S} UTC" if built else "up to date"
