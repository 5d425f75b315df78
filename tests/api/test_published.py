"""Within v1 things are only added."""

from __future__ import annotations

import pytest

from tests.api import published


@pytest.fixture(scope="module")
def current() -> list[str]:
    return published.now()


def test_nothing_that_was_published_is_gone_or_another(current):
    gone = set(published.read()) - set(current)
    assert not gone, "Keep these for those who use them; new things go beside them."


def test_an_operation_that_was_published_demands_nothing_new(current):
    known = {line.partition(" is ")[0] for line in published.read() if " is " in line}
    known |= {line.split(" ")[0] for line in published.read() if line.split(" ")[0].endswith("Request")}
    before = published.demands(published.read())
    for operation, needed in published.demands(current).items():
        if operation in known:
            assert needed <= before.get(operation, set()), f"Give what is new in {operation} a default."


def test_every_operation_says_what_it_does_and_who_may(current):
    assert sum(" is " in line for line in current) > 100
