"""Dashboards: pages of tiles, for people who look and do not build."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, SerializeAsAny, field_validator, model_validator

from penstock.core import grid
from penstock.core.errors import FlawAt, NotFound
from penstock.core.grid import Box
from penstock.core.kind import Definition, Described, of
from penstock.core.tile import Place, Tile, check_colour

AnyTile = Annotated[SerializeAsAny[Tile], *of("tiles")]
DEFAULT = "default"
"""The name of the dashboard that every project starts with, without a file."""


class Page(Definition):
    """One page of a dashboard. Tiles that would cover each other are pushed down."""

    title: str = Field(default="", description="On its tab; `Page 2` when empty.")
    visible: bool = Field(default=True, description="Off: only those who edit see it.")
    background: str = Field(default="", description="As #rrggbb; that of the studio when empty.")
    tiles: tuple[AnyTile, ...] = Field(default=(), description="What stands on it.")

    @field_validator("background")
    @classmethod
    def _colour(cls, colour: str) -> str:
        return check_colour(colour)


class Dashboard(Described):
    """Pages of tiles, each on a grid of 36 columns: what a project is doing, at a glance.

    Example:
        title: Flights in production
        promoted: true
        pages:
          - title: Drift
            tiles:
              - {type: metric, item: mes_for_input_drift, metric: Data Drift, place: {width: 12, height: 8}}
              - {type: scenario_runs, scenario: retrain_model, place: {left: 12, width: 12, height: 8}}
    """

    owner: str = Field(default="", description="Who made it, and may always change it.")
    promoted: bool = Field(
        default=False, description="Listed for people who only read dashboards; else they need its address."
    )
    auto_stack: bool = Field(default=False, description="Tiles move up into free space.")
    spacing: int = Field(default=12, ge=0, le=48, description="Between tiles, in pixels.")
    circular: bool = Field(default=False, description="After the last page comes the first one.")
    pages: tuple[Page, ...] = Field(
        default=(Page(),), min_length=1, description="One after the other; one at least."
    )

    @model_validator(mode="after")
    def _ids_differ(self) -> Dashboard:
        seen: set[str] = set()
        for number, page in enumerate(self.pages):
            for position, tile in enumerate(page.tiles):
                if tile.id and tile.id in seen:
                    raise FlawAt(
                        f"Two tiles have the id '{tile.id}'.", "pages", number, "tiles", position, "id"
                    )
                seen.add(tile.id)
        return self

    def page(self, number: int) -> Page:
        """A page by its number, from 1. Raises NotFound."""
        if not 1 <= number <= len(self.pages):
            raise NotFound("page", str(number), among=[str(n + 1) for n in range(len(self.pages))])
        return self.pages[number - 1]

    def page_title(self, number: int) -> str:
        return self.pages[number - 1].title or f"Page {number}"

    def tiles(self) -> Iterator[Placed]:
        """Every tile of every page, where it really stands."""
        for number in range(1, len(self.pages) + 1):
            yield from self.placed(number)

    def placed(self, number: int) -> list[Placed]:
        """The tiles of a page, where they really stand, from top to bottom."""
        tiles = self.page(number).tiles
        boxes = arranged(tiles, stack=self.auto_stack)
        return [
            Placed(page=number, key=key_of(tiles[n], n), tile=tiles[n], box=boxes[n])
            for n in grid.reading_order(boxes)
        ]

    def find(self, number: int, key: str) -> Placed:
        """A tile of a page by its key. Raises NotFound."""
        there = {placed.key: placed for placed in self.placed(number)}
        if key not in there:
            raise NotFound("tile", key, among=there, where=self.page_title(number))
        return there[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A tile on a page of a dashboard."""

    page: int
    """From 1."""
    key: str
    """Its id, or its position in the file, from 1, when it has none."""
    tile: Tile
    box: Box


def key_of(tile: Tile, position: int) -> str:
    """How a tile is called in addresses; positions count from 0 here."""
    return tile.id or str(position + 1)


def arranged(tiles: Sequence[Tile], *, stack: bool = False, dropped: Iterable[int] = ()) -> list[Box]:
    """Where tiles stand so that none covers another: locked ones and those just dropped stay, others give way."""
    first = {n for n, tile in enumerate(tiles) if tile.locked} | set(dropped)
    boxes = [tile.place.box for tile in tiles]
    return grid.stacked(boxes, first=first) if stack else grid.settled(boxes, first=first)


def tidied(dashboard: Dashboard) -> Dashboard:
    """The dashboard with every tile written down where it really stands."""
    pages = []
    for page in dashboard.pages:
        boxes = arranged(page.tiles, stack=dashboard.auto_stack)
        tiles = tuple(
            tile if tile.place.box == box else tile.changed(place=Place.of(box))
            for tile, box in zip(page.tiles, boxes, strict=True)
        )
        pages.append(page.changed(tiles=tiles))
    return dashboard.changed(pages=tuple(pages))


def with_tile(
    dashboard: Dashboard, tile: Tile, *, page: int = 1, size: tuple[int, int] | None = None
) -> Dashboard:
    """The dashboard with one tile more, in the first place where it fits."""
    there = dashboard.page(page)
    boxes = arranged(there.tiles, stack=dashboard.auto_stack)
    width, height = size or (tile.place.width, tile.place.height)
    put = tile.changed(place=Place.of(grid.free_place(boxes, width, height)))
    return with_page(dashboard, page, there.changed(tiles=(*there.tiles, put)))


def with_page(dashboard: Dashboard, number: int, page: Page) -> Dashboard:
    """The dashboard with one page replaced."""
    pages = list(dashboard.pages)
    pages[number - 1] = page
    return dashboard.changed(pages=tuple(pages))
