"""Dashboards of a project seen from outside: look at them, publish to them, put them on paper."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.sdk.items import Part

if TYPE_CHECKING:
    from penstock.core.dashboard import Dashboard as Definition
    from penstock.core.dashboard import Placed
    from penstock.core.scenario import ScenarioRun


class Dashboard(Part):
    """One dashboard of a project."""

    def definition(self) -> Definition:
        """Pages and tiles as its file says."""
        found: Definition = self._call("dashboards.definition")
        return found

    def page(self, number: int = 1, *, filters: str = "") -> Any:
        """What the tiles of a page show now: `.tiles`, each with `.title`, `.content.parts`, `.content.as_of`.

        `filters` as the address of the page says them: `carrier:in("UA")`.
        """
        return self._call("dashboards.look", number, filters=filters)

    def save(self, definition: Definition | Mapping[str, Any]) -> None:
        """Create or replace it, as one commit. Raises InvalidDefinition naming the field."""
        self._call("dashboards.save", definition, author=self._user)

    def add(self, tile: Mapping[str, Any], *, page: int = 1) -> Placed:
        """Put a tile on a page, where it fits; its settings as in YAML."""
        made: Placed = self._call("dashboards.add", dict(tile), page=page, author=self._user)
        return made

    def publish(
        self, sort: str, object: str, *, page: int = 1, settings: Mapping[str, Any] | None = None
    ) -> Placed:
        """Show a scenario, dataset, model, evaluation_store or article; a metric with `settings={"metric": …}`."""
        made: Placed = self._transport.call(
            "dashboards.publish", self.project_key, sort, object, name=self.name, page=page,
            settings=settings, author=self._user,
        )  # fmt: skip
        return made

    def copy_tile(self, key: str, *, page: int = 1, to: str = "", to_page: int = 0) -> Placed:
        """A second tile like this one, on the same page, another page or another dashboard."""
        made: Placed = self._call(
            "dashboards.copy_tile", key, page=page, to=to, to_page=to_page, author=self._user
        )
        return made

    def press(self, key: str, *, page: int = 1) -> ScenarioRun:
        """Press a run button; the run that was asked for."""
        run: ScenarioRun = self._call("dashboards.press", key, page=page, by=self._user)
        return run

    def promote(self, promoted: bool = True) -> None:
        """List it for people who only read dashboards, or no longer."""
        self._call("dashboards.promote", promoted, author=self._user)

    def export(self, target: Path | str, *, paper: str = "A4 landscape", filters: str = "") -> Path:
        """Write it to a pdf, png or jpg file; several pictures come as a zip. No browser is needed.

        `paper` is A4, letter, each with ` landscape` or not, `screen`, or pixels such as `1600x900`.
        """
        written: Path = self._call("printouts.write", Path(target), paper=paper, filters=filters)
        return written

    def delete(self) -> None:
        """Remove it. What its tiles show stays."""
        self._call("dashboards.delete", author=self._user)
