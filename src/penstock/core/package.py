"""A version of an API service as a package: its manifest, its layout, and what endpoints see of an opened one.

manifest.json               PackageManifest: definitions frozen at packaging, access, checksums; signed beside
signature.json              as bundles are signed
models/<endpoint>/          folder of the model version that was active then (ml/model_file.py)
lookups/<dataset>.sqlite    bundled rows; table `rows`, columns called c0, c1 … in the order of the manifest
lib/                        the project's library, on the path of Python functions
openapi.json                when the service documents itself
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import Field

from penstock.core.errors import ConnectionMissing, EnvironmentMissing, InvalidName, NotFound, Unsafe
from penstock.core.kind import Definition
from penstock.core.schema import Schema
from penstock.core.score import ModelTask
from penstock.core.service import Access, AnyEndpoint, Endpoint, endpoint_of
from penstock.core.signing import MANIFEST

if TYPE_CHECKING:
    from penstock.core.connection import Database
    from penstock.core.contexts import ConnectionContext

FORMAT = 1
OPENAPI, LIBRARY = "openapi.json", "lib"


INTERPRETER = "interpreter"
"""Beside the wheels of an unpacked package: the program of the environment that was built of them on this node."""


def environment_folder(name: str) -> str:
    """Where the wheels of a code environment lie in the package."""
    return f"environments/{name}"


def model_folder(endpoint: str) -> str:
    """Where an endpoint's model lies in the package."""
    return f"models/{endpoint}"


def lookup_file(dataset: str) -> str:
    """Where the bundled rows of a dataset lie in the package."""
    return f"lookups/{dataset}.sqlite"


JSON_TYPES = {
    "integer": "integer", "number": "number", "boolean": "boolean", "text": "string", "instant": "string",
}  # fmt: skip
"""Type of a feature → how JSON Schema calls it."""


class PackedFeature(Definition):
    """A column the model uses, as training saw it."""

    name: str
    type: Literal["integer", "number", "boolean", "text", "instant"]


class PackedModel(Definition):
    """The version of a saved model that an endpoint answers with."""

    model: str
    version: str
    """Its id."""
    full_id: str
    """`S-PROJECT-model-version`."""
    name: str = ""
    prediction_type: ModelTask
    target: str
    classes: tuple[str, ...] = ()
    features: tuple[PackedFeature, ...] = ()


class PackedLookup(Definition):
    """A dataset that endpoints look up: bundled rows, or the table that the node asks."""

    dataset: str
    mode: Literal["bundled", "referenced"]
    columns: Schema
    rows: int = 0
    connection: str = ""
    table: str = ""
    db_schema: str = ""


class PackedEnvironment(Definition):
    """What the Python functions of a service were written for."""

    name: str = ""
    python: str = ""
    requested: tuple[str, ...] = ()
    """Lines of requirements.txt."""
    installed: dict[str, str] = Field(default_factory=dict)


class PackedMember(Definition):
    """A file of the package."""

    sha256: str
    size: int


class ServiceVersion(Definition):
    """A version of a service as lists show it; the package itself is a file beside."""

    project: str
    service: str
    version: str
    created_at: str
    """ISO instant, UTC."""
    created_by: str = ""
    release_notes: str = ""
    commit: str = ""
    """Of the project's definitions."""
    endpoints: dict[str, str] = Field(default_factory=dict)
    """Endpoint → its type."""
    models: dict[str, str] = Field(default_factory=dict)
    """Endpoint → full id of the version of its model."""
    connections: tuple[str, ...] = ()
    """What a node needs to have."""
    access: str = "public"
    openapi: bool = False
    size: int = 0
    """Bytes of the package."""
    sha256: str = ""

    def to_mapping(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


VERSION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")


def check_version(text: str) -> str:
    """The id itself, or InvalidName."""
    if not VERSION.fullmatch(text) or ".." in text:
        raise InvalidName(
            f"'{text[:100]}' is no id of a version: use letters, digits, _, - and ., 80 at most, none of - and . first."
        )
    return text


def numbered(base: str, taken: Container[str]) -> str:
    """`v`, or `v1`, `v2` … : the first that is free."""
    return next(name for n in count() if (name := f"{base}{n or ''}") not in taken)


class PackageManifest(Definition):
    """Everything about a version of a service that is no file of its own."""

    format: int = FORMAT
    service: str
    version: str
    project: str
    node: str = ""
    """Name or address of the design node."""
    title: str = ""
    description: str = ""
    release_notes: str = ""
    created_at: str
    created_by: str = ""
    commit: str = ""
    endpoints: tuple[AnyEndpoint, ...] = ()
    access: Access = Access()
    openapi: bool = False
    models: dict[str, PackedModel] = Field(default_factory=dict)
    """Endpoint → its model."""
    lookups: dict[str, PackedLookup] = Field(default_factory=dict)
    """Dataset and mode (`customers:bundled`) → where it is."""
    connections: dict[str, str] = Field(default_factory=dict)
    """Connections the node must have → their types."""
    environment: PackedEnvironment = PackedEnvironment()
    environments: dict[str, PackedEnvironment] = {}
    """Code environments that Python functions of it run in, by name; their wheels lie in `environments/<name>/`."""
    members: dict[str, PackedMember] = Field(default_factory=dict)
    """Every other file but the signature; written and checked by core/signing.py."""

    def endpoint(self, name: str) -> Endpoint:
        """Raises NotFound with the nearest name."""
        return endpoint_of(self.endpoints, name)


def read_manifest(text: str | bytes, *, where: str = "the package") -> PackageManifest:
    """Raises Unsafe when it is none, or of a format we do not read."""
    from penstock.core import registry
    from penstock.core.errors import Invalid

    try:
        mapping = json.loads(text)
        found = mapping.get("format") if isinstance(mapping, dict) else None
        if found != FORMAT:
            raise Unsafe(f"{where} has package format {found}; this Penstock reads format {FORMAT}.")
        return registry.validate(PackageManifest, mapping)
    except (ValueError, RecursionError, Invalid) as error:
        raise Unsafe(f"{where} holds no version of an API service: {error}") from error


@dataclass(frozen=True, slots=True)
class LookupSource:
    """Where an opened endpoint finds rows: a SQLite file, or a table of a database."""

    packed: PackedLookup
    file: Path | None = None
    database: Connected | None = None


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection of the node, and what it is given when it is opened."""

    name: str
    database: Database
    context: ConnectionContext


class EndpointContext(Protocol):
    """What an endpoint sees while it is opened."""

    @property
    def service(self) -> str: ...
    @property
    def generation(self) -> str: ...
    def model_files(self) -> Path:
        """The folder of this endpoint's model."""

    def model(self) -> PackedModel:
        """Which version it is."""

    def lookup(self, dataset: str, mode: str) -> LookupSource:
        """Where a dataset is looked up."""

    def library(self) -> Path:
        """The project's library; there may be none."""

    def interpreter(self, environment: str) -> Path:
        """The Python of a code environment. Raises EnvironmentMissing when it is not built on this node."""

    def database(self, connection: str) -> Connected:
        """A connection of this node. Raises ConnectionMissing."""


MAKE_ONE = "make one of that name on this node (on an API node, in `connections.json` of its home)."
ConnectionsOf = Callable[[str], Connected | None]
"""A name → the node's own connection, or None when it has none."""


def no_connections(name: str) -> Connected | None:
    """A node without connections."""
    return None


@dataclass(frozen=True, slots=True)
class OpenedPackage:
    """A package whose files were checked and unpacked into a folder."""

    folder: Path
    manifest: PackageManifest
    connections: ConnectionsOf = no_connections

    @classmethod
    def of(cls, folder: Path, connections: ConnectionsOf = no_connections) -> OpenedPackage:
        """Read the manifest of an unpacked package. Checksums and signature were looked at before it was unpacked."""
        manifest = read_manifest((folder / MANIFEST).read_bytes(), where=folder.name)
        return cls(folder, manifest, connections)

    def context(self, endpoint: str) -> PackageContext:
        """What one endpoint of it sees: `package.manifest.endpoint(name).open(package.context(name))`."""
        return PackageContext(self, endpoint)

    def openapi(self) -> Mapping[str, Any] | None:
        """The document of the service; None when it is switched off."""
        file = self.folder / OPENAPI
        if not self.manifest.openapi or not file.is_file():
            return None
        found = json.loads(file.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else None


@dataclass(frozen=True, slots=True)
class PackageContext:
    """EndpointContext over an unpacked package."""

    package: OpenedPackage
    endpoint: str

    @property
    def service(self) -> str:
        return self.package.manifest.service

    @property
    def generation(self) -> str:
        return self.package.manifest.version

    def model_files(self) -> Path:
        return self.package.folder / model_folder(self.endpoint)

    def model(self) -> PackedModel:
        found = self.package.manifest.models.get(self.endpoint)
        if found is None:
            raise NotFound("model", self.endpoint, where=f"version {self.generation} of {self.service}")
        return found

    def lookup(self, dataset: str, mode: str) -> LookupSource:
        found = self.package.manifest.lookups.get(f"{dataset}:{mode}")
        if found is None:
            raise NotFound("lookup", dataset, where=f"version {self.generation} of {self.service}")
        if found.mode == "bundled":
            return LookupSource(found, file=self.package.folder / lookup_file(dataset))
        return LookupSource(found, database=self.database(found.connection))

    def library(self) -> Path:
        return self.package.folder / LIBRARY

    def interpreter(self, environment: str) -> Path:
        told = self.package.folder / environment_folder(environment) / INTERPRETER
        if not told.is_file():
            raise EnvironmentMissing(
                f"Code environment {environment} of endpoint {self.endpoint} is not built on this node.",
                hint="Import the package again: that builds it.",
            )
        return Path(told.read_text(encoding="utf-8"))

    def database(self, connection: str) -> Connected:
        found = self.package.connections(connection)
        if found is None:
            raise ConnectionMissing(connection, connection, by=[f"endpoint {self.endpoint}"], hint=MAKE_ONE)
        return found
