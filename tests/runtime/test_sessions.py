"""Log in, stay known, log out; guessing is slow; a link works once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from penstock.core.access import Permission, Source
from penstock.core.errors import Invalid, NotSignedIn, Refused, TooManyAttempts
from penstock.core.node import Node
from penstock.core.user import Purpose
from penstock.runtime import sessions, users
from penstock.store import credentials
from penstock.testing import a_node

from .clocks import Held

GOOD, NEW = "correct horse", "battery staple"
HERE, THERE = "10.0.0.1", "10.0.0.2"


@pytest.fixture(scope="module", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hundreds of log-ins: their hashes are as good, and cost less than those of `tests/ports/test_users.py`."""
    from argon2 import PasswordHasher

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(credentials, "_hasher", cache(lambda: PasswordHasher(time_cost=1, memory_cost=64)))
        credentials._nobodys.cache_clear()
        yield
    credentials._nobodys.cache_clear()


@pytest.fixture
def clock() -> Held:
    return Held()


@pytest.fixture
def node(tmp_path: Path, clock: Held) -> Node:
    made = replace(a_node(tmp_path), clock=clock)
    users.add(made, "eva", name="Eva", password=GOOD)
    return made


def test_whoever_logs_in_is_known_by_their_session_until_they_log_out(node: Node) -> None:
    secret = sessions.sign_in(node, "eva", GOOD, address=HERE, agent="Firefox")
    who = sessions.identify(node, secret, address=HERE)
    assert (who.login, who.name, who.source, who.address) == ("eva", "Eva", Source.SESSION, HERE)
    assert [s.agent for s in sessions.mine(node, "eva")] == ["Firefox"]
    sessions.sign_out(node, secret)
    assert not sessions.identify(node, secret).is_known
    assert sessions.mine(node, "eva") == []


@pytest.mark.parametrize(("login", "password"), [("eva", "wrong"), ("eva", ""), ("nobody", GOOD), ("", "")])
def test_every_wrong_log_in_is_answered_alike(node: Node, login: str, password: str) -> None:
    with pytest.raises(NotSignedIn, match="The login or the password is wrong"):
        sessions.sign_in(node, login, password)


def test_logging_in_always_gives_a_new_session_and_ends_the_one_the_browser_had(node: Node) -> None:
    planted = sessions.sign_in(node, "eva", GOOD)
    users.add(node, "bob", password=GOOD)
    fresh = sessions.sign_in(node, "bob", GOOD, old=planted)
    assert fresh != planted
    assert not sessions.identify(node, planted).is_known
    assert sessions.identify(node, fresh).login == "bob"
    made_up = "chosen by somebody else"
    assert sessions.sign_in(node, "eva", GOOD, old=made_up) != made_up
    assert not sessions.identify(node, made_up).is_known


@pytest.mark.sqlite
def test_what_a_cookie_holds_lies_nowhere_in_the_database(node: Node, tmp_path: Path) -> None:
    secret = sessions.sign_in(node, "eva", GOOD)
    link = sessions.invite(node, "eva")
    kept = b"".join(path.read_bytes() for path in (tmp_path / "home").glob("state.db*"))
    for hidden in (secret, link.secret, GOOD):
        assert hidden.encode() not in kept
    assert sessions.hashed(secret).encode() in kept


def test_a_session_is_over_when_unused_and_in_any_case_after_a_week(node: Node, clock: Held) -> None:
    idle, used = sessions.sign_in(node, "eva", GOOD), sessions.sign_in(node, "eva", GOOD)
    for _ in range(27):
        clock.passes(timedelta(hours=6))
        assert sessions.identify(node, used).is_known
    assert not sessions.identify(node, idle).is_known
    clock.passes(timedelta(hours=6))
    assert not sessions.identify(node, used).is_known
    assert node.users.get("eva").seen_at == clock.now() - timedelta(hours=6)


def test_the_session_of_somebody_disabled_ends_at_once(node: Node) -> None:
    secret = sessions.sign_in(node, "eva", GOOD)
    users.disable(node, "eva")
    assert not sessions.identify(node, secret).is_known
    with pytest.raises(NotSignedIn, match="wrong"):
        sessions.sign_in(node, "eva", GOOD)
    users.enable(node, "eva")
    assert not sessions.identify(node, secret).is_known


def test_a_new_password_ends_every_other_session(node: Node) -> None:
    mine, other = sessions.sign_in(node, "eva", GOOD), sessions.sign_in(node, "eva", GOOD)
    with pytest.raises(NotSignedIn, match="present password"):
        sessions.change_password(node, "eva", "wrong", NEW)
    sessions.change_password(node, "eva", GOOD, NEW, keep=mine)
    assert sessions.identify(node, mine).is_known
    assert not sessions.identify(node, other).is_known
    with pytest.raises(NotSignedIn):
        sessions.sign_in(node, "eva", GOOD)
    assert sessions.sign_in(node, "eva", NEW)


def test_guessing_is_slowed_at_one_account_and_the_wait_doubles(node: Node, clock: Held) -> None:
    waits = []
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            sessions.sign_in(node, "eva", "guess", address=HERE)
    for _ in range(4):
        with pytest.raises(TooManyAttempts) as too_many:
            sessions.sign_in(node, "eva", GOOD, address=HERE)
        waits.append(too_many.value.seconds)
        clock.passes(timedelta(seconds=too_many.value.seconds))
        with pytest.raises(NotSignedIn):
            sessions.sign_in(node, "EVA", "guess", address=HERE)
    assert waits == [1, 2, 4, 8]
    assert sessions.sign_in(node, "eva", GOOD, address=THERE)
    clock.passes(timedelta(hours=1))
    assert sessions.sign_in(node, "eva", GOOD, address=HERE)


def test_guessing_many_accounts_from_one_address_is_slowed_too(node: Node) -> None:
    for n in range(30):
        with pytest.raises(NotSignedIn):
            sessions.sign_in(node, f"user{n}", "password1", address=HERE)
    with pytest.raises(TooManyAttempts):
        sessions.sign_in(node, "eva", GOOD, address=HERE)
    assert sessions.sign_in(node, "eva", GOOD, address=THERE)


def test_guesses_from_everywhere_slow_an_account_for_a_minute_at_most(node: Node, clock: Held) -> None:
    for n in range(32):
        clock.passes(timedelta(seconds=61))
        with pytest.raises(NotSignedIn):
            sessions.sign_in(node, "eva", "guess", address=f"10.1.0.{n}")
    with pytest.raises(TooManyAttempts) as too_many:
        sessions.sign_in(node, "eva", GOOD, address=HERE)
    assert too_many.value.seconds == 60


def test_a_good_log_in_forgets_the_failures_before_it(node: Node) -> None:
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(NotSignedIn):
                sessions.sign_in(node, "eva", "guess", address=HERE)
        assert sessions.sign_in(node, "eva", GOOD, address=HERE)


def test_a_fresh_home_makes_its_owner_the_administrator_with_a_link_that_works_once(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    first, again = sessions.first_link(node), sessions.first_link(node)
    assert first is not None
    assert again is not None
    assert (again.login, again.purpose) == ("ann", Purpose.FIRST)
    with pytest.raises(Refused, match="good no more"):
        sessions.look_at_link(node, first.secret)
    with pytest.raises(Invalid, match="needs 10 at least"):
        sessions.use_link(node, again.secret, "short")
    secret = sessions.use_link(node, again.secret, NEW)
    who = sessions.identify(node, secret)
    assert who.is_administrator
    assert Permission.ADMINISTRATOR in who.permissions
    with pytest.raises(Refused, match="good no more"):
        sessions.use_link(node, again.secret, NEW)
    assert sessions.first_link(node) is None


def test_an_invitation_expires_and_a_reset_ends_sessions(node: Node, clock: Held) -> None:
    users.add(node, "new")
    invited = sessions.invite(node, "new")
    assert invited.purpose is Purpose.INVITATION
    assert invited.path == f"/welcome/{invited.secret}"
    clock.passes(timedelta(days=8))
    with pytest.raises(Refused, match="good no more"):
        sessions.use_link(node, invited.secret, NEW)
    before, reset = sessions.sign_in(node, "eva", GOOD), sessions.invite(node, "eva")
    assert reset.purpose is Purpose.RESET
    after = sessions.use_link(node, reset.secret, NEW)
    assert not sessions.identify(node, before).is_known
    assert sessions.identify(node, after).login == "eva"


def test_a_form_token_belongs_to_one_session(node: Node) -> None:
    one, other = sessions.sign_in(node, "eva", GOOD), sessions.sign_in(node, "eva", GOOD)
    assert sessions.is_form_token(one, sessions.form_token(one))
    assert not sessions.is_form_token(one, sessions.form_token(other))
    assert not sessions.is_form_token("", sessions.form_token(""))
