"""The deployer from outside: infrastructures, what is published, deployments and their updates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from penstock.sdk.items import Transport

Sort = Literal["project", "service"]


class Deployer:
    """The deployer of a home: `penstock.open().deployer`, `penstock.connect(…).deployer`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _call(self, verb: str, *arguments: Any, **settings: Any) -> Any:
        return self._transport.call(verb, *arguments, **settings)

    @property
    def _by(self) -> dict[str, str]:
        return {"by": self._transport.user}

    def infrastructures(self) -> list[Any]:
        """Every infrastructure: `.name`, `.type`, `.stage`, `.urls`, `.deployments`."""
        return list(self._call("infrastructures.listing"))

    def infrastructure(self, name: str) -> Any:
        """The definition of one."""
        return self._call("infrastructures.show", name)

    def set_infrastructure(self, name: str, definition: Mapping[str, Any]) -> None:
        """Make one, or change it: `{"type": "automation_node", "url": …, "key": "secret:…"}`."""
        self._call("infrastructures.define", name, definition, **self._by)

    def test_infrastructure(self, name: str) -> list[str]:
        """What its nodes answer."""
        return list(self._call("infrastructures.test", name, **self._by))

    def delete_infrastructure(self, name: str) -> None:
        """Remove one that nothing is deployed on."""
        self._call("infrastructures.delete", name, **self._by)

    def published(self, sort: Sort = "project") -> list[Any]:
        """Published projects, or services: `.name`, `.packages`, `.deployments`."""
        return list(self._call("publishing.listing", sort))

    def publish_file(self, archive: Path | str, *, sort: Sort = "project", name: str = "") -> Any:
        """Publish a downloaded bundle, or a package of a service."""
        return self._call("publishing.receive", [Path(archive)], sort=sort, published=name, **self._by)

    def publish_bundle(self, project: str, bundle: str, *, name: str = "") -> Any:
        """Publish a bundle of a project of this node."""
        return self._call("publishing.bundle", project, bundle, published=name, **self._by)

    def publish_service_version(self, project: str, service: str, version: str, *, name: str = "") -> Any:
        """Publish a version of an API service of a project of this node."""
        return self._call("publishing.service_version", project, service, version, published=name, **self._by)

    def unpublish(self, name: str, package: str = "", *, sort: Sort = "project") -> None:
        """Remove something published, or one package of it."""
        if package:
            self._call("publishing.delete_package", sort, name, package, **self._by)
        else:
            self._call("publishing.delete", sort, name, **self._by)

    def deployments(self, sort: str = "") -> list[Any]:
        """Every deployment: `.id`, `.published`, `.infrastructure`, `.package`, `.health`."""
        return list(self._call("deployments.listing", sort))

    def deployment(self, id: str) -> Deployment:
        """One deployment. Raises NotFound with the nearest id."""
        self._call("deployments.show", id)
        return Deployment(self._transport, id)

    def create_deployment(
        self, project: str, bundle: str, infrastructure: str, *, id: str = "", key: str = ""
    ) -> Deployment:
        """A deployment of a published project; nothing is deployed before its first `update()`."""
        words = {"id": id, "key": key, **self._by}
        made = self._call("deployments.create", project, bundle, infrastructure, **words)
        return Deployment(self._transport, id or f"{made.published}-on-{made.infrastructure}")

    def create_service_deployment(
        self, service: str, version: str, infrastructure: str, *, id: str = "", deployed_as: str = ""
    ) -> Deployment:
        """A deployment of a published service."""
        words = {"id": id, "service": deployed_as, **self._by}
        made = self._call("deployments.create_service", service, version, infrastructure, **words)
        return Deployment(self._transport, id or f"{made.published}-on-{made.infrastructure}")

    def monitoring(self, *, refresh: bool = False) -> Any:
        """Everything deployed: `.counts`, `.lines` with a status each for deployment, model, execution and data."""
        return self._call("monitoring.refresh" if refresh else "monitoring.screen")


class Deployment:
    """One deployment of a project or service."""

    def __init__(self, transport: Transport, id: str) -> None:
        self._transport, self.id = transport, id

    def _call(self, verb: str, *arguments: Any, **settings: Any) -> Any:
        return self._transport.call(verb, *arguments, **settings)

    @property
    def settings(self) -> Any:
        """Its definition."""
        return self._call("deployments.show", self.id).definition

    def save(self, definition: Mapping[str, Any]) -> None:
        """Change it; it is out of sync until the next `update()`."""
        self._call("deployments.save", self.id, definition, by=self._transport.user)

    def choose(self, package: str) -> None:
        """Take another bundle, or version."""
        self._call("deployments.choose", self.id, package, by=self._transport.user)

    def update(
        self, package: str = "", *, ignore_warnings: bool = False, full: bool = False, wait: bool = True
    ) -> Any:
        """Bring it to its nodes: `.state`, `.messages`. Raises Failed unless it ended well or `wait` is off."""
        words = {"package": package, "ignore_warnings": ignore_warnings, "full": full}
        begun = self._call("updates.start", self.id, **words, by=self._transport.user)
        return self.wait(begun.id) if wait else begun

    def rollback(self, update: str = "", *, wait: bool = True) -> Any:
        """Go back to an earlier update, the one before the last by default."""
        begun = self._call("updates.rollback", self.id, update, by=self._transport.user)
        return self.wait(begun.id) if wait else begun

    def wait(self, update: str) -> Any:
        """An update once it has ended well. Raises Failed or Aborted."""
        return self._call("updates.wait", update)

    def abort(self, update: str) -> bool:
        """Stop one that runs; False when it had ended."""
        return bool(self._call("updates.abort", update, by=self._transport.user))

    def updates(self) -> Sequence[Any]:
        """Its updates, newest first."""
        return list(self._call("updates.history", self.id))

    def log(self, update: str) -> Iterator[str]:
        """The log of an update in pieces."""
        yield from self._call("updates.log", update)

    def status(self) -> Any:
        """How it is now: `.health`, `.reasons`, `.monitored`, `.metrics`."""
        return self._call("monitoring.status", self.id)

    def course(self) -> Sequence[Any]:
        """What was seen of it in about the last day, oldest first: `.at`, `.health`, `.queries`, `.errors`, `.p50` …"""
        return list(self._call("monitoring.course", self.id))

    def run_test_queries(self, endpoint: str = "") -> list[Any]:
        """What every node of a deployed service answers to its test queries: `.status`, `.generation`, `.body`."""
        return list(self._call("live_queries.run", self.id, endpoint, by=self._transport.user))

    def delete(self, *, ignore: bool = False) -> None:
        """Remove it; the project on its node stays."""
        self._call("deployments.delete", self.id, ignore=ignore, by=self._transport.user)
