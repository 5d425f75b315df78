"""Zones: where each object of the Flow lies, and what moving it drags along. Pure; runtime/zones.py saves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from penstock.core import registry
from penstock.core.errors import Conflict, Invalid, NotFound, Refused
from penstock.core.flow import Flow
from penstock.core.project import Zone, Zones

DEFAULT = "default"
"""The zone of everything no other zone names. It has no entry in the file; only its title can change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneGraph:
    """One zone as a picture: what lies in it, and what its recipes read from elsewhere."""

    name: str
    items: tuple[str, ...]
    recipes: tuple[str, ...]
    ghosts: tuple[str, ...]
    """Items of other zones that this zone's recipes read."""
    shared: tuple[str, ...]
    """Items of other zones that people placed here to be seen."""


def zone_of(flow: Flow, name: str) -> str:
    """The zone of an item or a recipe. A recipe and all its outputs share the zone of the first one placed."""
    item_names = flow.writes[name] if _is_recipe(flow, name) else flow.siblings(flow.check_item(name))
    places = {item: zone for zone, entry in flow.project.zones.zones.items() for item in entry.items}
    return next((places[item] for item in item_names if item in places), DEFAULT)


def graph(flow: Flow, zone: str) -> ZoneGraph:
    """What a zone holds. Raises NotFound for a zone there is not."""
    key = _find(flow.project.zones, zone)
    items = tuple(i for i in flow.project.items if zone_of(flow, i) == key)
    recipes = tuple(r for r in flow.project.recipes if zone_of(flow, r) == key)
    ghosts = dict.fromkeys(i for r in recipes for i in flow.reads[r] if i not in items)
    shared = flow.project.zones.zones[key].shared if key != DEFAULT else ()
    return ZoneGraph(name=key, items=items, recipes=recipes, ghosts=tuple(ghosts), shared=shared)


def terminals(flow: Flow, zone: str) -> tuple[str, ...]:
    """The made items of a zone that nothing else in it is made from: what building the zone builds."""
    return tuple(i for i in flow.terminals(graph(flow, zone).items) if flow.is_made(i))


def create(zones: Zones, name: str, *, color: str = "") -> Zones:
    """One zone more. Raises Conflict when the name is taken, Invalid for an empty one."""
    if not name.strip():
        raise Invalid("A zone needs a name.")
    if name in zones.zones or name in (DEFAULT, zones.default_title):
        raise Conflict(f"There is a zone '{name}' already.", hint="Choose another name.")
    return _with(zones, {**zones.zones, name: registry.validate(Zone, {"color": color} if color else {})})


def rename(zones: Zones, zone: str, name: str) -> Zones:
    """Another name for a zone; for the default one, another title."""
    key = _find(zones, zone)
    if key == DEFAULT:
        return zones.changed(default_title=name)
    if name != key and (name in zones.zones or name in (DEFAULT, zones.default_title)):
        raise Conflict(f"There is a zone '{name}' already.", hint="Choose another name.")
    return _with(zones, {name if z == key else z: entry for z, entry in zones.zones.items()})


def recolor(zones: Zones, zone: str, color: str) -> Zones:
    """Another colour, as #rrggbb. The default zone has none."""
    key = _find(zones, zone)
    if key == DEFAULT:
        raise Refused("The default zone has no colour of its own.")
    recolored = registry.validate(Zone, {**dict(zones.zones[key]), "color": color})
    return _with(zones, {**zones.zones, key: recolored})


def delete(zones: Zones, zone: str) -> Zones:
    """Without a zone; its items fall back into the default one. Raises Refused for the default one itself."""
    key = _find(zones, zone)
    if key == DEFAULT:
        raise Refused(
            f"'{zones.default_title}' holds everything that no other zone names, so it cannot be deleted.",
            hint="Rename it, or move its objects to other zones.",
        )
    return _with(zones, {z: entry for z, entry in zones.zones.items() if z != key})


def move(flow: Flow, names: Iterable[str], zone: str) -> Zones:
    """Items and recipes moved to a zone. A recipe and all its outputs move together, whichever was named."""
    key = _find(flow.project.zones, zone)
    moved = tuple(dict.fromkeys(item for name in names for item in _dragged(flow, name)))
    zones = {
        z: entry.changed(
            items=tuple(i for i in entry.items if i not in moved) + (moved if z == key else ()),
            shared=tuple(i for i in entry.shared if z != key or i not in moved),
        )
        for z, entry in flow.project.zones.zones.items()
    }
    return _with(flow.project.zones, zones)


def share(flow: Flow, item: str, zone: str) -> Zones:
    """Show an item of another zone in this one too."""
    key = _find(flow.project.zones, zone)
    if key == DEFAULT or zone_of(flow, item) == key:
        raise Refused(f"'{item}' cannot be shared into '{zone}'.", hint="Share it into another custom zone.")
    entry = flow.project.zones.zones[key]
    shared = tuple(dict.fromkeys((*entry.shared, item)))
    return _with(flow.project.zones, {**flow.project.zones.zones, key: entry.changed(shared=shared)})


def unshare(flow: Flow, item: str, zone: str) -> Zones:
    """No longer show an item of another zone in this one."""
    key = _find(flow.project.zones, zone)
    if key == DEFAULT or item not in flow.project.zones.zones[key].shared:
        raise NotFound("shared object", item, where=f"zone {zone}")
    entry = flow.project.zones.zones[key]
    shared = tuple(i for i in entry.shared if i != item)
    return _with(flow.project.zones, {**flow.project.zones.zones, key: entry.changed(shared=shared)})


def _dragged(flow: Flow, name: str) -> tuple[str, ...]:
    return flow.writes[name] if _is_recipe(flow, name) else flow.siblings(flow.check_item(name))


def _is_recipe(flow: Flow, name: str) -> bool:
    return name in flow.project.recipes and name not in flow.project.items


def _find(zones: Zones, zone: str) -> str:
    """The key of a zone; the default one answers to its title too."""
    if zone in zones.zones:
        return zone
    if zone in (DEFAULT, zones.default_title):
        return DEFAULT
    raise NotFound("zone", zone, among=(*zones.zones, zones.default_title))


def _with(zones: Zones, entries: dict[str, Zone]) -> Zones:
    return zones.changed(zones=entries)
