"""Graphs in columns."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from penstock.drawing import layers


def test_every_edge_runs_from_one_column_to_the_next() -> None:
    made = layers.layered(4, [(0, 1), (1, 2), (2, 3), (0, 3)])
    column = {v: n for n, members in enumerate(made.columns) for v in members}
    assert [column[v] for v in range(4)] == [0, 1, 2, 3]
    assert all(column[b] - column[a] == 1 for a, b in made.pieces)
    assert [column[v] for v in made.ways[(0, 3)]] == [0, 1, 2, 3]


def test_an_edge_that_must_span_two_columns_does() -> None:
    made = layers.layered(2, [(0, 1)], twice=frozenset({(0, 1)}))
    assert len(made.ways[(0, 1)]) == 3


def test_ways_from_and_to_the_rims_begin_and_end_in_columns_of_their_own() -> None:
    made = layers.layered(3, [(0, 1), (1, 2)], entering=[1], leaving=[0])
    assert len(made.columns) == 5
    assert made.entries[1][0] in made.columns[0]
    assert made.exits[0][-1] in made.columns[-1]


def test_connected_parts_come_by_their_first_vertex() -> None:
    assert layers.components(5, [(3, 1), (2, 0)]) == [[0, 2], [1, 3], [4]]


@given(st.integers(0, 9999))
def test_turning_some_edges_round_leaves_no_circle(seed: int) -> None:
    chance = random.Random(seed)
    edges = [(chance.randrange(8), chance.randrange(8)) for _ in range(20)]
    straight = layers.forward(8, edges)
    waiting = {v: {a for a, b in straight if b == v} for v in range(8)}
    while free := [v for v, before in waiting.items() if not before]:
        waiting = {v: before - set(free) for v, before in waiting.items() if v not in free}
    assert waiting == {}
    assert {frozenset(e) for e in straight} == {frozenset(e) for e in edges if e[0] != e[1]}
