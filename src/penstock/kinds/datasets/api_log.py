"""Api_log: the queries that API nodes answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pydantic import Field

from penstock.core import registry
from penstock.core.dataset import Format
from penstock.core.names import Name
from penstock.kinds.datasets._files import AnyFormat, FileDataset

if TYPE_CHECKING:
    from penstock.core.contexts import DatasetContext
    from penstock.core.files import FileSource


def _lines() -> Format:
    return cast("Format", registry.parse("formats", {"type": "jsonl"}))


class ApiLog(FileDataset):
    """The queries that an endpoint of an API service answered, one row each, as API nodes send them to this node.

    Columns: `timestamp`, `message.features.<feature>`, `message.result.prediction`, `message.result.proba_<class>`,
    `message.context.<field>`, `message.generation`, `message.modelVersion` … Evaluate reads them as they are.

    Example:
        type: api_log
        service: fraud_detection
        endpoint: predict_fraud
    """

    service: Name = Field(description="The API service.")
    endpoint: Name = Field(description="Its endpoint.")
    shadow: bool = Field(default=False, description="The answers of shadow versions instead.")
    format: AnyFormat = Field(default_factory=_lines, description="How journals are kept: JSON lines.")

    def root(self, ctx: DatasetContext) -> FileSource:
        return ctx.journal(self.service, self.endpoint, shadow=self.shadow)

    def place(self) -> str:
        return f"the journal of endpoint {self.endpoint} of service {self.service}"
