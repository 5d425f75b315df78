"""Accounts: names that can be taken for nothing else, passwords, and how guessing is slowed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from penstock.core.errors import Invalid, InvalidName
from penstock.core.user import Failures, check_group, check_login, check_password, next_attempt

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        (Failures(), 0), (Failures(here=4, last_at=NOON), 0), (Failures(here=5, last_at=NOON), 1),
        (Failures(here=8, last_at=NOON), 8), (Failures(here=40, last_at=NOON), 900),
        (Failures(account=24, last_at=NOON), 0), (Failures(account=1000, last_at=NOON), 60),
        (Failures(address=30, last_at=NOON), 1), (Failures(address=10**6, last_at=NOON), 900),
        (Failures(here=6, account=100, last_at=NOON), 60),
    ],
)  # fmt: skip
def test_the_wait_doubles_with_each_failure_up_to_a_limit(failures: Failures, seconds: int) -> None:
    expected = NOON + timedelta(seconds=seconds) if seconds else None
    assert next_attempt(failures) == expected


@pytest.mark.parametrize("login", ["eva", "Eva.Lind", "e@bank.example", "a_b-c+d", "9"])
def test_what_can_be_a_login(login: str) -> None:
    assert check_login(login) == login


@pytest.mark.parametrize("login", ["", " eva", "key:1", "a/b", "../x", "a\nb", "-a", "é", "x" * 101, "a<b"])
def test_what_cannot_be_a_login(login: str) -> None:
    with pytest.raises(InvalidName):
        check_login(login)


def test_what_can_be_a_group() -> None:
    assert check_group("data scientists") == "data scientists"
    for bad in ("", "a/b", "user:x", " x"):
        with pytest.raises(InvalidName):
            check_group(bad)


def test_a_password_is_long_enough_and_not_the_login() -> None:
    assert check_password("correct horse") == "correct horse"
    for bad in ("short", "x" * 1001, "Longlogin1"):
        with pytest.raises(Invalid):
            check_password(bad, login="longlogin1")
