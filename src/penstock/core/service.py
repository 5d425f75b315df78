"""API services: endpoints that answer in real time, who may ask them, and the queries they are tried with."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Protocol

from pydantic import Field, SerializeAsAny, model_validator

from penstock.core.errors import FlawAt, NotFound
from penstock.core.kind import Definition, Described, Kind, of
from penstock.core.names import InputDataset, Name

if TYPE_CHECKING:
    from penstock.core.package import EndpointContext

KEY_BEGINNING = "sk_"
"""What the secret of a service key begins with."""


class TestQuery(Definition):
    """A query an endpoint is tried with."""

    __test__: ClassVar[bool] = False

    name: str = Field(default="", description="Shown in the list; `Query 2` when empty.")
    verb: str = Field(default="", description="Which verb is asked; the endpoint's first one when empty.")
    query: dict[str, Any] = Field(
        default_factory=dict, description="The JSON object that is sent, such as `{features: {age: 35}}`."
    )


class LookupColumn(Definition):
    """A column that is looked up, and what it is called in the answer."""

    column: str = Field(description="Column of the dataset.")
    name: str = Field(default="", description="What it is called afterwards; as in the dataset when empty.")

    @property
    def target(self) -> str:
        return self.name or self.column


class LookupKey(Definition):
    """A column of the dataset that must equal a field of the query."""

    column: str = Field(description="Column of the dataset.")
    field: str = Field(default="", description="Field of the query; called as the column when empty.")

    @property
    def source(self) -> str:
        return self.field or self.column


WhenUnclear = Literal["continue", "ignore", "fail"]
"""continue: go on with empty values; ignore: no answer for this record, told as `ignored`; fail: the query fails."""


class Lookup(Definition):
    """Values found in a dataset by a key. Bundled: the rows of the day the version was made travel in it. Referenced:
    the node asks the table through its own connection of the same name, so that values are always fresh."""

    dataset: InputDataset = Field(description="Where the values are.")
    mode: Literal["bundled", "referenced"] = Field(
        default="bundled",
        description="bundled: copied into the version; referenced: asked by SQL, datasets in a database only.",
    )
    keys: tuple[LookupKey, ...] = Field(min_length=1, description="What a row is found by.")
    columns: tuple[LookupColumn, ...] = Field(
        default=(), description="What is taken from it; every column that is no key when empty."
    )
    no_key: WhenUnclear = Field(default="continue", description="The query does not give every key.")
    no_match: WhenUnclear = Field(default="continue", description="No row has the key.")
    several: WhenUnclear = Field(default="ignore", description="Several rows have the key.")


class Endpoint(Kind):
    """One question that a service answers: `POST /public/api/v1/<service>/<endpoint>/<verb>`.

    It is a definition until a version of the service is made; `open(ctx)` then gives the object that answers, in the
    real-time node and in the studio's test runner alike. It may use `core` and `ml` only.
    """

    FAMILY: ClassVar[str] = "endpoints"
    VERBS: ClassVar[tuple[str, ...]] = ()
    """What is asked by POST with a JSON object, the usual one first."""
    GET_VERBS: ClassVar[tuple[str, ...]] = ()
    """What is asked by GET: the query string as texts."""
    EVENT: ClassVar[str] = "function-query"
    """What a query is called in the journal."""
    MODEL: ClassVar[bool] = False
    """True when it answers with a saved model of the field `model`."""
    FORECASTS: ClassVar[bool] = False
    """True when that model continues series: a query then holds many rows, `items`."""

    name: Name = Field(description="Its part of the address.")
    description: str = Field(default="", description="For people, and in the OpenAPI document.")
    test_queries: tuple[TestQuery, ...] = Field(default=(), description="What it is tried with.")

    def open(self, ctx: EndpointContext) -> Answering:
        """What answers, loaded and warm. Raises ours when something of the package or the node is missing."""
        raise NotImplementedError

    def lookups(self) -> Sequence[Lookup]:
        """What it looks up in datasets."""
        return ()

    def connections(self) -> Sequence[str]:
        """The connections it asks itself."""
        return ()

    def operations(self, model: Mapping[str, Any] | None) -> dict[str, Any]:
        """Verb → request and answer as OpenAPI describes them: `{"predict": {"request": schema, "answer": schema}}`.
        `model` is the PackedModel of its version, when it has one."""
        return {verb: {"request": {"type": "object"}, "answer": {"type": "object"}} for verb in self.VERBS}


AnyEndpoint = Annotated[SerializeAsAny[Endpoint], *of("endpoints")]


@dataclass(slots=True)
class Record:
    """One record that was asked about: what the journal keeps of it, one line each."""

    features: Mapping[str, Any]
    result: Mapping[str, Any]
    context: Mapping[str, Any] = field(default_factory=dict)
    enriched: Mapping[str, Any] | None = None
    """The features after enrichment, when the endpoint is told to log them."""


@dataclass(slots=True)
class Answer:
    """What an endpoint says. Who serves it adds `apiContext` and writes the journal."""

    body: dict[str, Any]
    """`{"result": …}`, `{"results": […]}`, `{"response": …}` or `{"columns": …, "rows": …}`."""
    records: Sequence[Record] = ()
    timing: dict[str, int] = field(default_factory=dict)
    """Phase → microseconds."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class HttpResponse:
    """What a Python function returns when it chooses the status itself."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Answering(Protocol):
    """An opened endpoint. `answer` may be called by several threads at once."""

    @property
    def blocking(self) -> bool:
        """True when an answer may take long (code of people, databases): asked in a pool of threads."""

    def answer(self, verb: str, query: Mapping[str, Any]) -> Answer:
        """The answer to one query: the parsed JSON object, or the texts of a query string. Raises BadQuery (400),
        NotFound for a verb there is not, AnswerFailed with its HTTP status."""

    def close(self) -> None:
        """Let go of connections and files."""


class ServiceKey(Definition):
    """A key that opens a service. Its secret is shown once and kept only as a hash."""

    id: str = Field(description="What the journal calls whoever asks with it.")
    label: str = Field(default="", description="Who or what it is for.")
    hash: str = Field(description="sha256 of the secret.")
    created_by: str = Field(default="", description="Who made it.")
    created_at: str = Field(default="", description="When, in ISO form.")
    expires_at: str = Field(default="", description="When it stops working; never when empty.")

    def works(self, now: datetime) -> bool:
        return not self.expires_at or datetime.fromisoformat(self.expires_at) > now


class Access(Definition):
    """Who may ask."""

    method: Literal["public", "api_keys"] = Field(
        default="public", description="public: everybody who reaches the node; api_keys: whoever shows a key."
    )
    keys: tuple[ServiceKey, ...] = Field(default=(), description="The keys that work.")

    def key_of(self, secret: str, now: datetime) -> ServiceKey | None:
        """The key a secret belongs to, while it works. Takes as long for a wrong one."""
        told = hashed(secret)
        found = [key for key in self.keys if hmac.compare_digest(key.hash, told)]
        return found[0] if found and found[0].works(now) else None


def hashed(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiService(Described):
    """Endpoints that are packaged, versioned, secured and deployed together.

    Example:
        title: Fraud detection
        access: {method: public}
        endpoints:
          - {type: prediction, name: predict_fraud, model: authorized}
    """

    endpoints: tuple[AnyEndpoint, ...] = Field(default=(), description="What it answers.")
    access: Access = Field(default=Access(), description="Who may ask.")
    openapi: bool = Field(default=False, description="Serve an OpenAPI document at `/swagger`.")

    @model_validator(mode="after")
    def _names_differ(self) -> ApiService:
        seen: set[str] = set()
        for place, endpoint in enumerate(self.endpoints):
            if endpoint.name in seen:
                raise FlawAt(f"Two endpoints are called '{endpoint.name}'.", "endpoints", place, "name")
            seen.add(endpoint.name)
        ids = [key.id for key in self.access.keys]
        for place, id in enumerate(ids):
            if id in ids[:place]:
                raise FlawAt(f"Two keys have the id '{id}'.", "access", "keys", place, "id")
        return self

    def endpoint(self, name: str) -> Endpoint:
        """Raises NotFound with the nearest name."""
        return endpoint_of(self.endpoints, name)


def endpoint_of(endpoints: Iterable[Endpoint], name: str) -> Endpoint:
    """The endpoint of that name. Raises NotFound with the nearest."""
    found = {e.name: e for e in endpoints}
    if name not in found:
        raise NotFound("endpoint", name, among=found)
    return found[name]
