"""What is asked of analyses on demand, and what comes back: facts that use cases and numbers share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from penstock.core.score import PredictionType


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Rows on disk, with predictions or without, as one side of a comparison."""

    sample: Path
    """A Parquet file."""
    description: str = ""
    prediction_type: PredictionType | None = None
    """None: nothing was predicted."""
    prediction: str = "prediction"
    classes: tuple[str, ...] = ()
    """Labels as text, in the model's order."""
    probabilities: tuple[str, ...] = ()
    """One column per class; none when there are no probabilities."""
    threshold: float | None = None
    """Decides anew from the probabilities; None: the prediction column says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSettings:
    """How an MLflow model is taken in."""

    target: str
    classes: tuple[str, ...] = ()
    """Labels in the model's order, when they are to be checked."""
    threshold: float = 0.5
    rows: Path | None = None
    """A Parquet file of rows of the kind the model scores; the saved input example when left out."""
    trust_pickle: bool = False
    """Load a pickle, in a child process. It can run anything: only for folders you trust."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an imported model says of itself."""

    prediction_type: PredictionType
    algorithm: str
    classes: tuple[str, ...]
    threshold: float | None
    features: tuple[str, ...]
    scoring: str
    fingerprint: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Score code → value on the given rows, when they hold the target."""
    test_rows: int = 0
