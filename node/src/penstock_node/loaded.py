"""What this process answers with: services, their generations in memory, and the pool of each endpoint."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from penstock.core.errors import AnswerFailed, NotFound, PenstockError
from penstock.core.generations import GenerationMapping
from penstock.core.package import OpenedPackage, PackageManifest, model_folder
from penstock.core.service import Access, Answer, Answering, Endpoint
from penstock_node.connections import connection_of
from penstock_node.disk import Shelf, State
from penstock_node.drift import LastQueries
from penstock_node.metrics import Counted
from penstock_node.settings import Pool, Settings
from penstock_node.spelled import strictly

LARGE_BODY = 32_768
"""Bytes from which on a query leaves the event loop to others."""


class Rejected(AnswerFailed):
    """A query that is turned away so that those that wait already are answered."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=503, hint="Try again later.")


class OpenEndpoint:
    """An endpoint of a loaded generation."""

    def __init__(self, package: OpenedPackage, kind: Endpoint, pool: Pool, settings: Settings) -> None:
        self.kind, self.name, self._settings = kind, kind.name, settings
        self.answering: Answering = kind.open(package.context(kind.name))
        self.pool = pool
        self.structured = kind.EVENT in ("prediction-query", "forecast-query", "dataset-lookup-query")
        """True when `dispatch` and `context` are words of ours; else every word is a parameter."""
        model = package.manifest.models.get(kind.name)
        self.facts = {
            "msgType": kind.EVENT, "project": package.manifest.project, "endpoint": kind.name,
            "generation": package.manifest.version,
            **({} if model is None else {"model": model.model, "modelVersion": model.version}),
        }  # fmt: skip
        self.spelled: dict[tuple[object, ...], str] = {}
        """What stands in every line of the journal, by whose and what query it is."""
        self._context = ""
        self.counted = Counted()
        by_row = model is not None and model.prediction_type != "forecast"
        used = tuple(f.name for f in model.features) if model and by_row else ()
        self.last = LastQueries(used, settings.drift_rows) if used and settings.drift_rows else None
        self.model_files: Path = package.folder / model_folder(kind.name)
        self._threads: ThreadPoolExecutor | None = None
        self._running = self._waiting = 0
        self._turns: list[asyncio.Future[None]] = []

    async def ask(self, verb: str, query: Mapping[str, Any], size: int) -> tuple[Answer, int]:
        """The answer, and the microseconds it waited for its turn. Raises Rejected and what the endpoint raises."""
        if not self.answering.blocking:
            if size < LARGE_BODY:
                return self.answering.answer(verb, query), 0
            return await asyncio.to_thread(self.answering.answer, verb, query), 0
        began = time.perf_counter_ns()
        await self._turn()
        waited = (time.perf_counter_ns() - began) // 1000
        work = asyncio.get_running_loop().run_in_executor(
            self._executor(), partial(self.answering.answer, verb, query)
        )
        work.add_done_callback(
            self._next
        )  # its place is taken until it really ends, whoever still waits for it
        try:
            return await asyncio.wait_for(asyncio.shield(work), self._settings.patience), waited
        except TimeoutError as error:
            work.add_done_callback(_forget)
            raise Rejected(f"The answer took longer than {self._settings.patience:g} seconds.") from error

    def api_context(self, service: str, generation: str) -> str:
        """The member `apiContext` of an answer, spelled."""
        if not self._context:
            told = {"serviceId": service, "endpointId": self.name, "serviceGeneration": generation}
            self._context = f'"apiContext":{strictly(told)}'
        return self._context

    def close(self) -> None:
        """Let go, once nobody asks any more."""
        if self._threads is not None:
            self._threads.shutdown(wait=False)
        self.answering.close()

    async def _turn(self) -> None:
        if self._running < self.pool.ceil and not self._turns:
            self._running += 1
            return
        if len(self._turns) >= self.pool.queue:
            self.counted.turned_away += 1
            raise Rejected(f"{self.name} is busy and {self.pool.queue} queries wait already.")
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns.append(mine)
        try:
            await asyncio.wait_for(asyncio.shield(mine), self.pool.timeout / 1000)
        except TimeoutError as error:
            if mine.done():
                return  # the turn came in the same moment
            self._turns.remove(mine)
            self.counted.turned_away += 1
            raise Rejected(f"{self.name} was busy for more than {self.pool.timeout} ms.") from error
        except asyncio.CancelledError:
            if mine.done():
                self._next(None)
            else:
                self._turns.remove(mine)
            raise

    def _next(self, _: object) -> None:
        if self._turns:
            self._turns.pop(0).set_result(None)
        else:
            self._running -= 1

    def _executor(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.pool.ceil, thread_name_prefix=self.name)
        return self._threads


def _forget(work: asyncio.Future[Answer]) -> None:
    """An answer that nobody waits for any more, and its error."""
    if not work.cancelled():
        work.exception()


class LoadedGeneration:
    """A package in memory. Closed when it is no longer mapped and its last query has ended."""

    def __init__(self, folder: Path, state: State, shelf: Shelf, settings: Settings) -> None:
        package = OpenedPackage.of(folder, partial(connection_of, shelf.home))
        self.manifest: PackageManifest = package.manifest
        self.openapi = package.openapi()
        self.name, self.busy, self.retired = folder.name, 0, False
        self.endpoints: dict[str, OpenEndpoint] = {}
        try:
            for kind in package.manifest.endpoints:
                pool = state.pools.get(kind.name, settings.pool)
                self.endpoints[kind.name] = OpenEndpoint(package, kind, pool, settings)
        except BaseException:
            self._close()
            raise

    def endpoint(self, name: str) -> OpenEndpoint:
        """Raises NotFound."""
        found = self.endpoints.get(name)
        if found is None:
            raise NotFound("endpoint", name, among=self.endpoints)
        return found

    def left(self) -> None:
        """A query has ended."""
        self.busy -= 1
        if self.retired and not self.busy:
            self._close()

    def retire(self) -> None:
        """No new query comes."""
        self.retired = True
        if not self.busy:
            self._close()

    def _close(self) -> None:
        for endpoint in self.endpoints.values():
            endpoint.close()


class LiveService:
    """A service at one moment: replaced as a whole, never changed."""

    def __init__(
        self, name: str, state: State, generations: Mapping[str, LoadedGeneration] | None = None
    ) -> None:
        self.name, self.state, self.generations = name, state, generations or {}
        self._mapping = state.mapping if state.enabled and self.generations else None
        self._first = None if self._mapping is None else self.generations[_largest(self._mapping)]
        self._access = state.access or (self._first.manifest.access if self._first else Access())

    @property
    def mapping(self) -> GenerationMapping:
        """Raises NotFound while nothing answers."""
        if self._mapping is None:
            why = "is disabled" if self.state.mapping else "has no active generation"
            raise NotFound("active service", self.name, hint=f"Service {self.name} {why} on this node.")
        return self._mapping

    @property
    def first(self) -> LoadedGeneration:
        """The generation that answers the largest part: its keys and its documentation count. Raises NotFound."""
        if self._first is None:
            raise NotFound("active service", self.name)
        return self._first

    def able(self, endpoint: str) -> list[str]:
        """Those of the answering generations that have this endpoint, the largest share first."""
        told = sorted(self.mapping.entries, key=lambda entry: -entry.proba)
        return [e.generation for e in told if endpoint in self.generations[e.generation].endpoints]

    def answers_at_once(self, endpoint: str, verb: str) -> bool:
        """Whether such a query waits for nothing, as far as one can know before reading it."""
        found = self._first.endpoints.get(endpoint) if self._first else None
        return found is not None and not found.answering.blocking and verb in found.kind.VERBS

    @property
    def is_public(self) -> bool:
        return self._access.method == "public"

    def admits(self, secret: str) -> str | None:
        """The id of the key somebody shows; None when it does not work."""
        key = self._access.key_of(secret, datetime.now(UTC)) if secret else None
        return key.id if key else None


def _largest(mapping: GenerationMapping) -> str:
    return max(mapping.entries, key=lambda entry: entry.proba).generation


class Loaded:
    """All services of this process. `prepare` loads aside, `swap` makes what the disk says count, in one step."""

    def __init__(self, shelf: Shelf, settings: Settings) -> None:
        self._shelf, self._settings = shelf, settings
        self.services: dict[str, LiveService] = {}
        self._ready: dict[tuple[str, str, str], LoadedGeneration] = {}
        """Loaded and not mapped yet; the third word is when it was imported: a name may come again."""
        self.revision, self.problems = "", dict[str, str]()

    def prepare(self, service: str, generation: str) -> None:
        """Load a generation that is not mapped yet. Raises what opening it raises. In a thread."""
        if self._known(service, generation) is None:
            self._ready[self._key(service, generation)] = self._opened(
                service, generation, self._shelf.state(service)
            )

    def reload(self) -> dict[str, LiveService]:
        """Read the disk and load what is missing; what `swap` then takes. In a thread. A service that cannot be
        loaded stays as it was; why stands in `problems`."""
        fresh: dict[str, LiveService] = {}
        self.revision, problems = self._shelf.revision(), dict[str, str]()
        for name in self._shelf.services():
            try:
                fresh[name] = self._service(name, self._shelf.state(name))
            except (OSError, ValueError, LookupError, RuntimeError, PenstockError) as error:
                problems[name] = str(error)
                if name in self.services:
                    fresh[name] = self.services[name]
        self.problems = problems
        return fresh

    def swap(self, fresh: dict[str, LiveService]) -> None:
        """From now on this answers. In the event loop, between two queries."""
        before = {id(g): g for s in self.services.values() for g in s.generations.values()}
        self.services = fresh
        after = {id(g) for s in fresh.values() for g in s.generations.values()}
        for name, service in fresh.items():
            for key in [k for k in self._ready if k[0] == name and k[1] in service.generations]:
                del self._ready[key]
        for place, generation in before.items():
            if place not in after:
                generation.retire()

    def _service(self, name: str, state: State) -> LiveService:
        if state.mapping is None or not state.enabled:
            return LiveService(name, state)
        known = self.services.get(name)
        if known is not None and known.state == state and known.generations:
            return known
        again = known is not None and known.state.pools != state.pools
        wanted = state.mapping.generations
        found = {g: (None if again else self._known(name, g)) or self._opened(name, g, state) for g in wanted}
        return LiveService(name, state, found)

    def _known(self, service: str, generation: str) -> LoadedGeneration | None:
        live = self.services.get(service)
        found = live.generations.get(generation) if live else None
        return found or self._ready.get(self._key(service, generation))

    def _key(self, service: str, generation: str) -> tuple[str, str, str]:
        return service, generation, self._shelf.generation(service, generation).imported_at

    def _opened(self, service: str, generation: str, state: State) -> LoadedGeneration:
        folder = self._shelf.generation(service, generation).folder
        return LoadedGeneration(folder, state, self._shelf, self._settings)

    def told(self) -> dict[str, Any]:
        """Counts and last queries, to be put together with those of other processes."""
        listed = []
        for service in self.services.values():
            for generation in service.generations.values():
                for endpoint in generation.endpoints.values():
                    key = (service.name, endpoint.name, generation.name)
                    last = endpoint.last
                    names = last.names if last else ()
                    rows = last.told() if last else []
                    listed.append([key, endpoint.counted.told(), names, rows, str(endpoint.model_files)])
        return {"counted": json.loads(json.dumps(listed)), "problems": dict(self.problems)}
