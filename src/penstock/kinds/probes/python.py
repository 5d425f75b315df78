"""PythonProbe: what a function of yours says of an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.environment import EnvironmentName
from penstock.core.metric import Probe

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class PythonProbe(Probe):
    """Your own function measures an object: `process(dataset)` returns one value, or several by name.

    A single value becomes the metric `value`; a dict becomes one metric per key; `(value, type)` says the type
    (BIGINT, DOUBLE, STRING, BOOLEAN, ARRAY, DATE) where it should not be guessed. When the function raises,
    nothing is stored. A second parameter, if you write one, is the partition: `NP` when there are none.

    Example:
        type: python
        name: spread
        code: |
          import pyarrow.compute as pc

          def process(dataset):
              amounts = dataset.arrow()["purchase_amount"]
              return {"lowest": pc.min(amounts).as_py(), "highest": pc.max(amounts).as_py()}
    """

    SERVES: ClassVar[frozenset[str]] = frozenset({"dataset", "folder", "model", "evaluation_store"})

    name: str = Field(min_length=1, description="Part of the metric ids: `python:<metric>:<name>`.")
    code: str = Field(description="Python source with a function `process`.")
    code_environment: EnvironmentName = Field(
        default="",
        description="Code environment it runs in; the project's when empty, `builtin` for the node's own Python.",
    )

    def measure(self, ctx: MeasureContext) -> Mapping[str, Any]:
        answer = ctx.process(self.code, self.code_environment)
        named = answer if isinstance(answer, dict) else {"value": answer}
        return {f"python:{metric}:{self.name}": value for metric, value in named.items()}
