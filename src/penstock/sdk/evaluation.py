"""An evaluation store inside a Python recipe."""

from __future__ import annotations

from typing import Any

from penstock.sdk.transport import current


class EvaluationStore:
    """An evaluation store that is an input of the recipe."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"EvaluationStore({self.name!r})"

    def evaluations(self) -> list[dict[str, Any]]:
        """Its evaluations, oldest first: id, name, created_at, model, version, dataset, rows, labels, metrics."""
        told = current().input(self.name, "evaluation_store")["evaluations"]
        return sorted((dict(e) for e in told), key=lambda e: e["created_at"])

    def latest(self) -> dict[str, Any] | None:
        """The newest evaluation, or None."""
        found = self.evaluations()
        return found[-1] if found else None
