"""DatasetChanged: new data, or new settings, of some objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from penstock.core.names import OtherItem
from penstock.core.trigger import Sight, Watching

if TYPE_CHECKING:
    from penstock.core.contexts import TriggerContext


class DatasetChanged(Watching):
    """Starts the scenario when datasets, folders, models or evaluation stores hold something else than before.

    Files count by name, size and time; of a dataset with a marker file only that file counts. Objects that cannot
    be read yet count when they can. What a query over a database would bring is not looked at.

    Example:
        type: dataset_changed
        items: [new_transactions]
        grace: 120
    """

    QUICK: ClassVar[bool] = True

    items: tuple[OtherItem, ...] = Field(min_length=1, description="What to watch.")
    when: Literal["any", "all"] = Field(
        default="any", description="any: one of them changed. all: each of them did since it fired last."
    )
    of: Literal["data", "settings", "data or settings"] = Field(
        default="data or settings", description="What has to change."
    )

    @property
    def words(self) -> str:
        each = " and ".join(self.items) if self.when == "all" else " or ".join(self.items)
        return f"when {self.of} of {each} changed"

    def look(self, ctx: TriggerContext) -> Sight:
        before = (ctx.state.memory or {}).get("seen", {})
        mark = {item: ctx.data_state(item, self.of) or before.get(item, "") for item in self.items}
        return Sight(mark, {"changed": _changed(before, mark)})

    def differs(self, before: Any, now: Any) -> bool:
        changed = _changed(before, now)
        return len(changed) == len(self.items) if self.when == "all" else bool(changed)


def _changed(before: dict[str, str], now: dict[str, str]) -> list[str]:
    return [item for item, state in now.items() if before.get(item, "") != state]
