"""OpenID Connect: log in at the company's identity provider (authorization code with PKCE; Core 1.0 §3.1).

Nothing is kept on the server while somebody is away at the provider: state, nonce and verifier are derived from one
random secret in a cookie of this browser, so that a log-in begun elsewhere cannot be finished here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from penstock.core.errors import NotReady, NotSignedIn

if TYPE_CHECKING:
    import httpx

    from penstock.core.config import SignOn
    from penstock.core.node import Node

COOKIE = "penstock_sign_on"
PATIENCE = 10.0
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures that are believed. Never `none`, never one with a shared secret."""
LEEWAY = 60
"""Seconds two clocks may differ."""


@dataclass(frozen=True, slots=True)
class Journey:
    """One log-in on its way: what the provider hands back, and what only this browser can show."""

    secret: str
    """What the cookie holds."""

    @classmethod
    def begun(cls) -> Journey:
        return cls(secrets.token_urlsafe(32))

    @property
    def state(self) -> str:
        return self._derived("state")

    @property
    def nonce(self) -> str:
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """The S256 challenge of RFC 7636."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())

    def _derived(self, what: str) -> str:
        return _text(hmac.new(self.secret.encode(), what.encode(), hashlib.sha256).digest())


class Provider:
    """The identity provider that a node's settings name. `client` stands in for the network in tests."""

    def __init__(self, settings: SignOn, secret: str, *, client: httpx.Client | None = None) -> None:
        import httpx

        self.settings, self._secret = settings, secret
        self._client = client or httpx.Client(timeout=PATIENCE)

    def address(self, journey: Journey, back: str) -> str:
        """Where the browser is sent to log in; `back` is the address of ours it returns to."""
        words = {
            "response_type": "code", "client_id": self.settings.client_id, "redirect_uri": back,
            "scope": " ".join(self.settings.scopes), "state": journey.state, "nonce": journey.nonce,
            "code_challenge": journey.challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        endpoint = str(self._about()["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(words)}"

    def claims(self, journey: Journey, back: str, *, state: str, code: str) -> Mapping[str, Any]:
        """What the provider says of whoever came back. Raises NotSignedIn for anything that does not fit."""
        if not journey.secret or not hmac.compare_digest(journey.state, state):
            raise NotSignedIn("This log-in was not begun in this browser.", hint="Begin again.")
        tokens = self._post(str(self._about()["token_endpoint"]), {
            "grant_type": "authorization_code", "code": code, "redirect_uri": back,
            "code_verifier": journey.verifier, "client_id": self.settings.client_id,
        })  # fmt: skip
        return self._verified(str(tokens.get("id_token", "")), journey.nonce)

    def _verified(self, token: str, nonce: str) -> Mapping[str, Any]:
        """The claims of an ID token whose signature, issuer, audience, time and nonce are right (Core §3.1.3.7)."""
        from joserfc import jwk, jwt
        from joserfc.errors import JoseError

        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True}, sub={"essential": True}, nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        try:
            keys = jwk.KeySet.import_key_set(self._get(str(self._about()["jwks_uri"])))  # type: ignore[arg-type]
            found = jwt.decode(token, keys, algorithms=ALGORITHMS)
            rules.validate(found.claims)
        except (JoseError, ValueError) as error:
            raise NotSignedIn(f"What the identity provider answered cannot be believed: {error}.") from error
        return found.claims

    def _about(self) -> Mapping[str, Any]:
        """The provider's own description (OpenID Connect Discovery 1.0 §4)."""
        about = self._get(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if about.get("issuer") != self.settings.issuer:
            raise NotReady(
                f"The identity provider calls itself {about.get('issuer')}, not {self.settings.issuer}.",
                hint="Correct `sign_on.issuer` in config.yaml.",
            )
        return about

    def _get(self, url: str) -> Mapping[str, Any]:
        return self._answer("GET", url)

    def _post(self, url: str, values: Mapping[str, str]) -> Mapping[str, Any]:
        shown = {"auth": (self.settings.client_id, self._secret)} if self._secret else {}
        return self._answer("POST", url, data=dict(values), **shown)

    def _answer(self, method: str, url: str, **words: Any) -> Mapping[str, Any]:
        import httpx

        try:
            answer = self._client.request(method, url, **words)
            answer.raise_for_status()
            found: Mapping[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise NotReady(
                f"The identity provider does not answer as it should: {error}",
                hint="Try again; if it stays, an administrator looks at `sign_on` in config.yaml.",
            ) from error
        return found


def provider(node: Node) -> Provider | None:
    """The identity provider of a node; None when its settings name none."""
    settings = node.config.sign_on
    if settings is None:
        return None
    if find_spec("joserfc") is None:
        raise NotReady(
            "This Penstock cannot check what an identity provider signs.", hint="pip install 'penstock[oidc]'"
        )
    sealed = settings.client_secret.removeprefix("secret:")
    named = sealed != settings.client_secret
    return Provider(settings, node.secrets.get(sealed) if named else settings.client_secret, client=_shared())


@lru_cache(maxsize=1)
def _shared() -> httpx.Client:
    """One client for all log-ins, so that connections are kept."""
    import httpx

    return httpx.Client(timeout=PATIENCE)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
