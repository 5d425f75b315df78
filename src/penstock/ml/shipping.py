"""A model as bytes, so that it is opened and asked in other processes than this one: once in each of them."""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyarrow as pa

from penstock.ml import model_file
from penstock.ml.predictor import Predictor
from penstock.ml.scoring import ScoreOptions, score_batches

_lock = threading.Lock()
_opened: dict[str, Predictor] = {}
"""Digest → predictor: the last one that this process opened."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """The files of a saved model, by their paths in its folder, and a digest of all."""

    files: Mapping[str, bytes]
    digest: str

    @classmethod
    def of(cls, folder: Path) -> Shipment:
        """Read a model's folder."""
        found = sorted(p for p in folder.rglob("*") if p.is_file())
        files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}
        told = hashlib.sha256()
        for name, content in files.items():
            told.update(f"{name}\0{len(content)}\0".encode() + content)
        return cls(files, told.hexdigest())

    def predictor(self) -> Predictor:
        """The same predictor as on the machine it came from. A process opens it once, checks and all."""
        with _lock:
            if self.digest not in _opened:
                _opened.clear()
                _opened[self.digest] = self._open()
            return _opened[self.digest]

    def _open(self) -> Predictor:
        with tempfile.TemporaryDirectory(prefix="penstock-model-") as name:
            folder = Path(name)
            for path, content in self.files.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(content)
            return model_file.load(folder)


@dataclass(frozen=True, slots=True)
class Scoring:
    """Record batches in, the same rows with predictions out, wherever this is sent to."""

    model: Shipment
    options: ScoreOptions
    dataset: str = "the input"

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Score the batches of one partition, in order; its engine works on several side by side."""
        first = next(batches, None)
        if first is None:
            return
        reader = pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))
        options = self.options.changed(threads=1)
        yield from score_batches(self.model.predictor(), reader, options, dataset=self.dataset)
