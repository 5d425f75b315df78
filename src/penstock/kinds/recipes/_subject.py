"""What is evaluated: rows, the model that answered them, what they are compared with and what is expected of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from penstock.core.model import ModelVersion
    from penstock.ml.between import Side
    from penstock.ml.estimation import Estimation
    from penstock.ml.predictor import Predictor
    from penstock.ml.rows import Rows
    from penstock.ml.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What the evaluated rows are compared with."""

    id: str
    """Full id of a version, or the name of a dataset."""
    description: str
    side: Side
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Metric id → value on the reference: what performance drift starts from."""
    truth: np.ndarray | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimator:
    """What was learned, and the model whose features it may need."""

    learned: Estimation
    predictor: Predictor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is evaluated, and against what."""

    dataset: str
    store: str
    rows: Rows
    task: Task | None
    """None: no predictions at all, drift of the data only."""
    reference: Reference | None
    roles: Mapping[str, str] | None = None
    """Column → how drift treats it; None: every column by its storage type."""
    importance: Mapping[str, float] | None = None
    """Feature → importance in the model; None when unknown."""
    version: ModelVersion | None = None
    model: Mapping[str, Any] = field(default_factory=dict)
    """Facts about the model, for the detail."""
    estimator: Estimator | None = None
    """What estimates performance without labels; None where nothing can."""
