"""How far down each vertex stands."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.drawing import alignment, layers
from penstock.drawing.alignment import Extents


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 9999), st.integers(2, 30))
def test_neighbours_keep_their_order_and_their_room(seed: int, count: int) -> None:
    chance = random.Random(seed)
    edges = list(dict.fromkeys((chance.randrange(n), n) for n in range(1, count)))
    made = layers.layered(count, edges)
    total = sum(map(len, made.columns))
    extents = Extents(
        [chance.uniform(1, 40) for _ in range(total)], [chance.uniform(1, 40) for _ in range(total)]
    )
    y = alignment.place(made.columns, made.pieces, extents, real=made.real)
    for column in made.columns:
        for upper, lower in pairwise(column):
            assert y[lower] - y[upper] >= extents.below[upper] + extents.above[lower] - 1e-6


def test_a_long_edge_is_straight_between_its_ends() -> None:
    made = layers.layered(5, [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)])
    room = [20.0] * sum(map(len, made.columns))
    y = alignment.place(made.columns, made.pieces, Extents(room, room), real=made.real)
    assert len({y[v] for v in made.ways[(0, 4)][1:-1]}) == 1


def test_nothing_has_no_place() -> None:
    assert alignment.place([], [], Extents([], []), real=0) == []
