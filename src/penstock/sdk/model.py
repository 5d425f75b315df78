"""A saved model inside a Python recipe."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.sdk.transport import current

if TYPE_CHECKING:
    from penstock.ml.predictor import Prediction, Predictor


class Model:
    """A saved model that is an input of the recipe: its active version, ready to predict."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Model({self.name!r})"

    @property
    def version(self) -> str:
        """Id of the version that is active."""
        return str(current().input(self.name, "model")["version"])

    @property
    def path(self) -> Path:
        """The folder with the version's files."""
        return Path(current().input(self.name, "model")["path"])

    @cached_property
    def predictor(self) -> Predictor:
        """The version, opened. Raises UntrustedModel or GoldenBatchMismatch."""
        from penstock.ml import model_file

        return model_file.load(self.path)

    def predict(self, data: Any, *, threshold: float | None = None) -> Prediction:
        """Predict an Arrow table or batch, or a pandas data frame."""
        import pyarrow as pa

        table = pa.Table.from_pandas(data, preserve_index=False) if hasattr(data, "iloc") else data
        return self.predictor.predict(table, threshold=threshold)
