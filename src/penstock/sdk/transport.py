"""What a recipe's process was told: where its inputs lie, where its outputs go."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from penstock.core.errors import NotFound, NotReady, Refused

HANDSHAKE = "PENSTOCK_HANDSHAKE"


@dataclass(frozen=True, slots=True)
class RecipeTransport:
    """The inside of one running Python recipe."""

    project: str
    recipe: str
    job: str
    variables: Mapping[str, Any]
    inputs: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, file: Path) -> RecipeTransport:
        told = json.loads(file.read_text(encoding="utf-8"))
        return cls(
            told["project"], told["recipe"], told["job"], told["variables"], told["inputs"], told["outputs"]
        )

    def input(self, name: str, kind: str) -> Mapping[str, Any]:
        """An input. Raises NotFound with the nearest name."""
        return self._named(name, kind, self.inputs, "the inputs")

    def output(self, name: str, kind: str) -> Mapping[str, Any]:
        """An output. Raises Refused for what the recipe only reads, NotFound for anything else."""
        if name in self.inputs and name not in self.outputs:
            raise Refused(
                f"Recipe {self.recipe} may read {name}, not write it.",
                hint="Add it to the recipe's outputs first.",
            )
        return self._named(name, kind, self.outputs, "the outputs")

    def either(self, name: str, kind: str) -> tuple[Mapping[str, Any], bool]:
        """An input or output, and whether it may be written."""
        if name in self.outputs:
            return self.output(name, kind), True
        return self.input(name, kind), False

    def _named(
        self, name: str, kind: str, among: Mapping[str, Mapping[str, Any]], where: str
    ) -> Mapping[str, Any]:
        fitting = {n: told for n, told in among.items() if told["type"] == kind}
        if name not in fitting:
            what = kind.replace("_", " ")
            raise NotFound(
                what, name, among=fitting, where=f"{where} of recipe {self.recipe}",
                hint=f"Add it to {where} of the recipe first.",
            )  # fmt: skip
        return fitting[name]


@cache
def current() -> RecipeTransport:
    """The recipe this process runs. Raises NotReady outside of one."""
    told = os.environ.get(HANDSHAKE, "")
    if not told:
        raise NotReady(
            "This is not running inside a recipe, so it has no inputs and outputs.",
            hint='Outside, use penstock.open().project("KEY").dataset("name").',
        )
    return RecipeTransport.read(Path(told))
