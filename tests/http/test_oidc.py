"""Log in at an identity provider: there and back, and nothing that does not fit is believed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc import jwk

from penstock.core.node import Node
from penstock.http import oidc, who
from penstock.runtime import audit, sessions, users
from penstock.testing import a_node
from penstock.web.site import site

from . import identity_provider
from .identity_provider import CLIENT, SECRET, IdentityProvider

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    oidc._shared.cache_clear()
    with identity_provider.running() as running:
        yield running
    oidc._shared().close()
    oidc._shared.cache_clear()


def a_home(folder: Path, provider: IdentityProvider, **more: Any) -> Node:
    """A node that knows the provider."""
    settings = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": "secret:oidc", **more}
    node = a_node(folder, sign_on=settings)
    node.secrets.put("oidc", SECRET)
    return node


def a_visitor(node: Node) -> TestClient:
    return TestClient(site(node), base_url="http://studio", follow_redirects=False)


def there(visitor: TestClient, start: str = "/login/oidc") -> str:
    """To the provider; the address it sends the browser back to."""
    left = visitor.get(start)
    assert left.status_code == 303
    with httpx.Client() as browser:
        back = browser.get(left.headers["location"]).headers["location"]
    return str(back).removeprefix("http://studio")


def in_session(node: Node, visitor: TestClient) -> str:
    return sessions.identify(node, visitor.cookies.get(who.COOKIE, "")).login


def test_somebody_new_is_logged_in_and_comes_where_they_wanted_to(
    tmp_path: Path, provider: IdentityProvider
) -> None:
    node = a_home(tmp_path, provider)
    visitor = a_visitor(node)
    assert "/login/oidc" in visitor.get("/login?next=/jobs").text
    answer = visitor.get(there(visitor, "/login/oidc?next=/jobs"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/jobs")
    assert in_session(node, visitor) == "eva"
    eva = users.show(node, "eva")
    assert (eva.name, eva.admin, eva.origin.startswith("oidc:")) == ("Eva Lind", False, True)
    assert audit.latest(node, msg_type="login")[0]["user"] == "eva"
    lured = a_visitor(node)
    assert lured.get(there(lured, "/login/oidc?next=//evil.example")).headers["location"] == "/"


def test_groups_follow_the_provider_and_those_given_here_stay(
    tmp_path: Path, provider: IdentityProvider
) -> None:
    node = a_home(
        tmp_path, provider, groups={"ml-team": "data scientists", "ops": "operators", "x": "not there"}
    )
    for group in ("data scientists", "operators", "readers"):
        users.save_group(node, group)
    provider.person["groups"] = ["ml-team", "x", "unknown"]
    visitor = a_visitor(node)
    visitor.get(there(visitor))
    assert users.show(node, "eva").groups == ("data scientists",)
    users.change(node, "eva", groups=["data scientists", "readers"])
    provider.person.update(groups=["ops"], name="Eva L.", email="eva@bank.example")
    visitor.get(there(visitor))
    eva = users.show(node, "eva")
    assert (eva.groups, eva.name, eva.email) == (("operators", "readers"), "Eva L.", "eva@bank.example")


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "http://evil.example"}, {"aud": "somebody else"}, {"nonce": "old"}, {"nonce": None}, {"exp": 1},
        {"exp": None}, {"sub": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_does_not_fit_is_not_believed(
    tmp_path: Path, provider: IdentityProvider, lie: dict[str, Any]
) -> None:
    node = a_home(tmp_path, provider)
    provider.lies = lie
    visitor = a_visitor(node)
    answer = visitor.get(there(visitor))
    assert answer.status_code == 401
    assert "cannot be believed" in answer.text
    assert in_session(node, visitor) == ""
    assert users.listing(node) == []


def test_a_token_signed_by_somebody_else_is_not_believed(tmp_path: Path, provider: IdentityProvider) -> None:
    node = a_home(tmp_path, provider)
    provider.signs_with = jwk.RSAKey.generate_key(2048, {"kid": "1"})
    visitor = a_visitor(node)
    assert visitor.get(there(visitor)).status_code == 401


def test_a_log_in_begun_in_another_browser_is_not_finished_here(
    tmp_path: Path, provider: IdentityProvider
) -> None:
    node = a_home(tmp_path, provider)
    mallory, victim = a_visitor(node), a_visitor(node)
    back = there(mallory)
    assert "not begun in this browser" in victim.get(back).text
    there(victim)
    assert victim.get(back).status_code == 401
    assert in_session(node, victim) == ""


def test_the_provider_is_believed_once_for_each_code(tmp_path: Path, provider: IdentityProvider) -> None:
    visitor = a_visitor(a_home(tmp_path, provider))
    back = there(visitor)
    cookie = visitor.cookies.get(oidc.COOKIE)
    assert visitor.get(back).status_code == 303
    visitor.cookies.set(oidc.COOKIE, str(cookie))
    assert visitor.get(back).status_code == 409


def test_an_account_made_here_is_not_taken_over(tmp_path: Path, provider: IdentityProvider) -> None:
    node = a_home(tmp_path, provider)
    users.add(node, "eva", admin=True, password="correct horse")
    visitor = a_visitor(node)
    assert "belongs to somebody else" in visitor.get(there(visitor)).text
    assert in_session(node, visitor) == ""


def test_with_link_existing_the_same_login_is_the_same_person(
    tmp_path: Path, provider: IdentityProvider
) -> None:
    node = a_home(tmp_path, provider, link_existing=True)
    users.add(node, "eva", admin=True)
    visitor = a_visitor(node)
    visitor.get(there(visitor))
    assert sessions.identify(node, visitor.cookies[who.COOKIE]).is_administrator
    provider.person["sub"] = "43"
    again = a_visitor(node)
    assert "belongs to somebody else" in again.get(there(again)).text


def test_people_without_an_account_or_disabled_stay_out(tmp_path: Path, provider: IdentityProvider) -> None:
    node = a_home(tmp_path, provider, create_users=False)
    visitor = a_visitor(node)
    assert "There is no account eva here" in visitor.get(there(visitor)).text
    open_ = replace(node, config=node.config.changed(sign_on=node.config.sign_on.changed(create_users=True)))  # type: ignore[union-attr]
    visitor = a_visitor(open_)
    visitor.get(there(visitor))
    users.disable(node, "eva")
    assert "is disabled" in visitor.get(there(visitor)).text


def test_a_provider_that_is_away_or_refuses_is_told(tmp_path: Path, provider: IdentityProvider) -> None:
    node = a_home(tmp_path, provider, login_claim="nickname")
    visitor = a_visitor(node)
    assert "its claim nickname is" in visitor.get(there(visitor)).text
    told = visitor.get("/login/oidc/back?error=access_denied&error_description=<b>no</b>").text
    assert "&lt;b&gt;no&lt;/b&gt;" in told
    away = replace(
        node, config=node.config.changed(sign_on={"issuer": "http://127.0.0.1:9", "client_id": "x"})
    )
    assert a_visitor(away).get("/login/oidc").status_code == 409
    none = replace(node, config=node.config.changed(sign_on=None))
    assert a_visitor(none).get("/login/oidc").status_code == 404
    assert "/login/oidc" not in a_visitor(none).get("/login").text


def test_a_provider_that_is_somebody_else_is_not_used(tmp_path: Path, provider: IdentityProvider) -> None:
    node = a_home(tmp_path, provider, issuer=provider.issuer.replace("127.0.0.1", "localhost"))
    answer = a_visitor(node).get("/login/oidc")
    assert (answer.status_code, "calls itself" in answer.text) == (409, True)
    assert urlsplit(provider.issuer).hostname == "127.0.0.1"
