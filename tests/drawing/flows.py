"""Flows made up for the tests of pictures: random ones of any size, always the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from penstock.core.picture import ItemNode, Picture, RecipeNode, State, ZoneNode

STATES: tuple[State, ...] = ("success", "warning", "failed", "aborted", "running", "stale", "never")
KINDS = (
    ("join", "visual"),
    ("prepare", "visual"),
    ("python", "code"),
    ("score", "ml"),
    ("geo.near", "plugin"),
)


def an_item(name: str, *, zone: str = "default", state: State = "source", **fields: object) -> ItemNode:
    given: dict[str, object] = {
        "type": "dataset", "kind": "managed", "title": "", "producer": "", "consumers": (), "last_build": "source",
        "built_at": None,
    }  # fmt: skip
    return ItemNode(name=name, zone=zone, state=state, **{**given, **fields})  # type: ignore[arg-type]


def a_recipe(
    name: str, inputs: Sequence[str], outputs: Sequence[str], *, zone: str = "default", **fields: object
) -> RecipeNode:  # fmt: skip
    given: dict[str, object] = {"kind": "sync", "category": "visual", "title": ""}
    return RecipeNode(
        name=name, zone=zone, inputs=tuple(inputs), outputs=tuple(outputs), **{**given, **fields}  # type: ignore[arg-type]
    )  # fmt: skip


def a_picture(
    items: Sequence[ItemNode], recipes: Sequence[RecipeNode] = (), zones: Sequence[str] = ()
) -> Picture:
    boxes = [ZoneNode(name="default", title="Default", color="")]
    boxes += [ZoneNode(name=z, title=z.title(), color="#2f9e44") for z in zones]
    return Picture(
        items=tuple(items), recipes=tuple(recipes), zones=tuple(b.name for b in boxes), problems=(),
        boxes=tuple(boxes),
    )  # fmt: skip


def random_flow(nodes: int, seed: int, *, zones: int = 0, reach: int = 30) -> Picture:
    """About so many nodes: recipes read one to three of the last items and write one or two."""
    chance = random.Random(seed)
    names = [f"z{n}" for n in range(zones)]
    items: list[ItemNode] = [an_item("source_0")]
    recipes: list[RecipeNode] = []
    while len(items) + len(recipes) < nodes:
        if chance.random() < 0.15:
            items.append(an_item(f"source_{len(items)}", zone=_zone(names, len(items), nodes)))
            continue
        near = [i.name for i in items[-reach:]]
        read = chance.sample(near, min(len(near), chance.choice([1, 1, 1, 2, 3])))
        zone = _zone(names, len(items), nodes) if chance.random() < 0.8 or not names else chance.choice(names)
        made = [
            an_item(
                f"{chance.choice(['joined', 'prepared_flights', 'monthly_scores_of_all', 'x'])}_{len(items) + n}",
                zone=zone, state=chance.choice(STATES),
                type=chance.choice(["dataset", "dataset", "folder", "model", "evaluation_store"]),
            )
            for n in range(chance.choice([1, 1, 2]))
        ]  # fmt: skip
        kind, category = chance.choice(KINDS)
        recipes.append(
            a_recipe(
                f"do_{len(recipes)}", read, [m.name for m in made], zone=zone, kind=kind, category=category
            )
        )
        items += made
    return a_picture(items, recipes, names)


def _zone(names: list[str], number: int, of: int) -> str:
    """Early objects lie in the first zones."""
    return names[min(len(names) - 1, number * 2 * len(names) // max(1, of))] if names else "default"
