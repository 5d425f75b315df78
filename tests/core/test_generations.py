from __future__ import annotations

import random

import pytest

from penstock.core.errors import InvalidDefinition, NotFound
from penstock.core.generations import read_mapping, single

MIXED = {"entries": [{"generation": "v2", "proba": 0.7}, {"generation": "v3", "proba": 0.3}]}


@pytest.mark.requirement("D50")
def test_shares_hold_over_many_queries() -> None:
    mapping, dice = read_mapping(MIXED), random.Random(7)
    found = [mapping.chosen(dice.random()) for _ in range(1000)]
    assert 650 <= found.count("v2") <= 750


@pytest.mark.requirement("D50")
def test_a_dispatch_key_always_gets_the_same_generation() -> None:
    mapping = read_mapping({**MIXED, "dispatchStrategy": "HASH"})
    for key in map(str, range(200)):
        assert len({mapping.chosen(draw / 10, key=key) for draw in range(10)}) == 1
    share = [mapping.chosen(0.5, key=str(n)) for n in range(1000)].count("v2")
    assert 650 <= share <= 750


@pytest.mark.requirement("D50")
def test_those_that_can_answer_share_the_queries_among_them() -> None:
    mapping, draws = read_mapping(MIXED), [n / 100 for n in range(100)]
    assert {mapping.chosen(draw, able=["v3"]) for draw in draws} == {"v3"}
    assert {mapping.chosen(draw, able=["v2"]) for draw in draws} == {"v2"}
    assert [mapping.chosen(draw, able=["v2", "v3"]) for draw in draws] == [mapping.chosen(d) for d in draws]
    assert {mapping.chosen(draw, able=[]) for draw in draws} == {"v2", "v3"}
    assert mapping.chosen(0.1, forced="v2", able=["v3"]) == "v2"


def test_shares_and_shadows_are_told_apart() -> None:
    assert single("v2").told == "v2"
    assert read_mapping({**MIXED, "shadow": ["v4"]}).told == "v2 (70 %) + v3 (30 %), shadow v4"


def test_a_generation_without_a_share_answers_nothing_even_when_it_alone_could() -> None:
    told = {"entries": [{"generation": "v2", "proba": 1.0}, {"generation": "v3", "proba": 0.0}]}
    assert read_mapping(told).chosen(0.999999, able=["v3"]) == "v2"


@pytest.mark.requirement("D50")
def test_a_forced_generation_is_obeyed_and_an_unmapped_one_refused() -> None:
    mapping = read_mapping({**MIXED, "shadow": ["v4"]})
    assert mapping.chosen(0.0, forced="v3") == "v3"
    assert mapping.generations == ("v2", "v3", "v4")
    with pytest.raises(NotFound, match="v9"):
        mapping.chosen(0.0, forced="v9")


@pytest.mark.requirement("D50")
@pytest.mark.parametrize("shares", [(0.7, 0.4), (0.5, 0.4), (1.0, 0.5)])
def test_shares_that_do_not_add_up_are_refused(shares: tuple[float, float]) -> None:
    entries = [{"generation": f"v{n}", "proba": share} for n, share in enumerate(shares)]
    with pytest.raises(InvalidDefinition, match="add up to 1"):
        read_mapping({"entries": entries})


def test_thirds_add_up_and_the_end_of_the_range_belongs_to_the_last() -> None:
    entries = [{"generation": f"v{n}", "proba": 1 / 3} for n in range(3)]
    assert read_mapping({"entries": entries}).chosen(0.9999999999999999) == "v2"
    none = {"entries": [{"generation": "a", "proba": 1.0}, {"generation": "b", "proba": 0.0}]}
    assert read_mapping(none).chosen(0.9999999999999999) == "a"


def test_what_is_told_is_read_again() -> None:
    for mapping in (single("v2"), read_mapping({**MIXED, "dispatchStrategy": "HASH", "shadow": ["v4"]})):
        assert read_mapping(mapping.to_json()) == mapping
