"""API services of a project seen from outside: endpoints, keys, test queries, versions, monitoring."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.sdk.items import Part

if TYPE_CHECKING:
    from penstock.core.package import ServiceVersion
    from penstock.core.service import ApiService


class Service(Part):
    """One API service of a project."""

    def definition(self) -> ApiService:
        """Endpoints and access as its file says."""
        found: ApiService = self._call("services.show").service
        return found

    def save(self, definition: ApiService | Mapping[str, Any], *, base: str | None = None) -> None:
        """Create or replace it, as one commit. Raises InvalidDefinition naming the field."""
        self._call("services.save", definition, author=self._user, base=base)

    def delete(self) -> None:
        """Remove it; versions and what was deployed stay."""
        self._call("services.delete", author=self._user)

    def save_endpoint(self, endpoint: Mapping[str, Any], *, was: str = "") -> None:
        """Add an endpoint, its settings as in YAML, or replace the one that `was` called so."""
        self._call("services.save_endpoint", dict(endpoint), author=self._user, was=was)

    def delete_endpoint(self, endpoint: str) -> None:
        """Remove an endpoint; versions that were made keep it."""
        self._call("services.delete_endpoint", endpoint, author=self._user)

    def create_key(self, label: str = "", *, days: int = 0) -> Any:
        """A key for whoever asks: `.id`, and `.secret`, shown this once. `days` until it expires, 0 = never."""
        return self._call("services.create_key", author=self._user, label=label, days=days)

    def revoke_key(self, key: str) -> None:
        """A key that opens no version made from now on; others still work."""
        self._call("services.revoke_key", key, author=self._user)

    def set_access(self, method: str) -> None:
        """`public` or `api_keys`."""
        self._call("services.set_access", method, author=self._user)

    def generate_queries(self, endpoint: str, dataset: str, *, rows: int = 5) -> Sequence[Any]:
        """A test query for each of the first rows of a dataset; the new ones."""
        found: Sequence[Any] = self._call(
            "service_queries.generate", endpoint, dataset=dataset, rows=rows, author=self._user
        )
        return found

    def keep_queries(self, endpoint: str, queries: Sequence[Mapping[str, Any]]) -> None:
        """Replace the test queries of an endpoint: `name`, `verb`, `query` each."""
        self._call("service_queries.keep", endpoint, list(queries), author=self._user)

    def run_queries(self, endpoint: str = "") -> list[Any]:
        """Ask the test queries of the service as it stands now: `.name`, `.status`, `.answer`, `.seconds` each."""
        found: list[Any] = self._call("service_queries.run", endpoint=endpoint)
        return found

    def ask(self, endpoint: str, query: Mapping[str, Any], *, verb: str = "") -> Any:
        """Ask one query of the service as it stands now: `.status`, `.answer`, `.seconds`."""
        return self._transport.call(
            "service_queries.ask", self.project_key, self.name, endpoint, dict(query), verb=verb
        )

    def versions(self) -> list[ServiceVersion]:
        """Newest first."""
        found: list[ServiceVersion] = self._call("services.versions")
        return found

    def version(self, version: str) -> ServiceVersion:
        """Raises NotFound with the nearest id."""
        found: ServiceVersion = self._call("services.version", version)
        return found

    def create_version(
        self, version: str, *, release_notes: str = "", unique: bool = False
    ) -> ServiceVersion:
        """Freeze it as it stands, models too. `unique` numbers an id that is taken: v, v1, v2 …"""
        made: ServiceVersion = self._call(
            "services.create_version", version, author=self._user, release_notes=release_notes, unique=unique
        )
        return made

    def delete_version(self, version: str) -> None:
        """Remove a version here; what was published of it stays there."""
        self._call("services.delete_version", version)

    def download(self, version: str, target: Path | str) -> Path:
        """The package of a version as a file."""
        target = Path(target)
        shutil.copyfile(self._call("services.archive", version), target)
        return target

    def openapi(self, version: str = "") -> dict[str, Any]:
        """The Swagger document of a version, or of the service as it stands."""
        found: dict[str, Any] = self._call("services.document", version=version)
        return found

    def samples(self, endpoint: str, *, address: str = "") -> Mapping[str, str]:
        """How to ask an endpoint: `curl` and `python`."""
        found: Mapping[str, str] = self._call("services.samples", endpoint, address=address)
        return found

    def monitor(self, endpoint: str, *, labels: str = "", key: str = "", label_key: str = "") -> Any:
        """Make its monitoring zone: log, Evaluate, a store with a drift check; labels joined by a key, if given."""
        return self._call(
            "service_monitoring.create",
            endpoint,
            author=self._user,
            labels=labels,
            key=key,
            label_key=label_key,
        )
