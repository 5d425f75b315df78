"""Export of a project: what a zip holds beside its files, and what there is to know before one is taken in. Pure.

KEY/…                  the files of the project, as they are now
penstock-export.json   ExportManifest: what the project needs, what goes along
data/…                 rows, uploads, files, versions of models, evaluations, as in a bundle (`core/bundle.py`)
memory.json            what the builds saw, so that nothing is out of date where it is taken in
history.bundle         every commit, as `git bundle` writes them
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from penstock.core.bundle import BundleManifest, BundleMessage, Told
from penstock.core.errors import UnsafeArchive
from penstock.core.fingerprint import Fingerprint
from penstock.core.job import BuildRecord

FORMAT = 1
MANIFEST, MEMORY, HISTORY, DATA = "penstock-export.json", "memory.json", "history.bundle", "data/"


class ExportManifest(Told):
    """What an export says of itself."""

    format: int
    kind: Literal["export"]
    project: str
    told: BundleManifest
    """The same as a bundle says of itself: what is in it, and what it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildMemory:
    """What the smart build of a project knew, and how it looked to it then."""

    records: tuple[BuildRecord, ...]
    prints: Mapping[str, Fingerprint]
    states: Mapping[str, str]
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCheck:
    """What is known of an export before it is taken in."""

    key: str
    """The key it would have here."""
    title: str
    datasets: tuple[str, ...]
    """Those whose rows or files are in it."""
    models: tuple[str, ...]
    """Those of which versions are in it."""
    has_history: bool
    messages: tuple[BundleMessage, ...]


def read_manifest(data: bytes) -> ExportManifest:
    """The manifest of an export. Raises UnsafeArchive for what is none, or that of a newer Penstock."""
    try:
        found = ExportManifest.model_validate_json(data)
    except ValidationError as wrong:
        raise UnsafeArchive(f"{MANIFEST} is no export's: {wrong.errors()[0]['msg']}") from wrong
    if found.format > FORMAT:
        raise UnsafeArchive(f"The export has format {found.format}; this node reads {FORMAT} at most.")
    found.told.check_id()
    return found
