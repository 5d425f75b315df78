"""The variables a recipe sees, as they were when its activity began."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from penstock.core.errors import UndefinedVariable
from penstock.sdk.transport import current


class Variables(Mapping[str, Any]):
    """`variables["start_date"]`: typed values. Setting a variable elsewhere does not change what a recipe sees."""

    def __getitem__(self, name: str) -> Any:
        known = current().variables
        if name not in known:
            raise _Missing(name, known)
        return known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(current().variables)

    def __len__(self) -> int:
        return len(current().variables)


class _Missing(UndefinedVariable, KeyError):
    """Ours, and what a mapping raises, so that `variables.get(…)` works."""

    def __init__(self, name: str, known: Mapping[str, Any]) -> None:
        super().__init__(name, among=known)

    def __str__(self) -> str:
        return self.message


variables = Variables()
