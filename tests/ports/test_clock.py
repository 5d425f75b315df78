"""What every clock keeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import pytest

from penstock.core.ports import Clock
from penstock.store.clock import SystemClock

ADAPTERS: dict[str, Callable[[], Clock]] = {"system": SystemClock}


@pytest.fixture(params=ADAPTERS)
def clock(request: pytest.FixtureRequest) -> Clock:
    return ADAPTERS[request.param]()


def test_now_is_in_utc_cut_to_milliseconds_and_does_not_go_back(clock: Clock) -> None:
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert first.microsecond % 1000 == 0
    assert second >= first


def test_ids_are_short_words_that_do_not_repeat(clock: Clock) -> None:
    ids = {clock.new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(id) == 12 and id.isalnum() and id == id.lower() for id in ids)
    assert len(clock.new_id(8)) == 8
