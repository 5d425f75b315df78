"""The admin API, `/admin/api/…`, always with an admin key: what answers is on disk and in every process."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote

from pydantic import Field

from penstock.core import registry
from penstock.core.errors import AnswerFailed, Invalid, NotFound
from penstock.core.generations import GenerationMapping, read_mapping
from penstock.core.kind import Definition
from penstock.core.service import Access
from penstock.core.signing import NodeKey
from penstock_node import drift, http, metrics
from penstock_node.admin_keys import AdminKeys
from penstock_node.disk import Shelf, State, switched
from penstock_node.http import Receive, Reply, Scope
from penstock_node.settings import Home, Pool, Settings
from penstock_node.spelled import plainly

DRIFT_SECONDS = 10.0
"""For how long a measured drift is told again instead of being measured anew."""


class Crier(Protocol):
    """Has something done in every process of this node."""

    async def ask(self, what: str, **words: Any) -> list[dict[str, Any]]:
        """What each process says: `{"ok": True, "value": …}` or `{"ok": False, "error": …}`."""


class ServiceSettings(Definition):
    """What a deployment decides about a service."""

    access: Access | None = None
    pools: dict[str, Pool] = Field(default_factory=dict)
    routing: str = ""


class Told(AnswerFailed):
    """What one of the processes that answer told as an error."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__(str(told["error"]), status=int(told.get("status", 500)))
        self.told_as = str(told.get("type", ""))


class Admin:
    """Answers the administrators of this node."""

    def __init__(self, home: Home, settings: Settings, shelf: Shelf, crier: Crier) -> None:
        self._home, self._settings, self._shelf, self._crier = home, settings, shelf, crier
        self._keys, self._drift = AdminKeys(home), (0.0, dict[metrics.Key, dict[str, float]]())
        self._began = time.time()

    async def reply(self, scope: Scope, receive: Receive, path: str) -> Reply:
        """Raises ours; NoKey without a key that works."""
        user = await asyncio.to_thread(self._keys.admits, http.secret_of(scope))
        if not user:
            raise http.NoKey("The administration of this node needs an admin key.")
        parts = [unquote(part) for part in path.strip("/").split("/")]
        asked = _Request(scope, receive, parts, user, self._settings)
        return http.as_json(await self._routed(asked))

    async def _routed(self, asked: _Request) -> Any:
        match asked.parts:
            case ["services"]:
                return await self._services(asked)
            case ["services", name, *rest]:
                return await self._service(asked, name, rest)
            case ["keys"]:
                return await self._all_keys(asked)
            case ["keys", name]:
                asked.must("DELETE")
                await asyncio.to_thread(self._keys.delete, name)
                return {"deleted": name}
            case ["trusted"]:
                return await self._trusted(asked)
            case ["metrics"]:
                return await self._metrics()
            case ["status"]:
                return await self._status()
        raise NotFound("page", "/".join(asked.parts)[:200])

    async def _services(self, asked: _Request) -> Any:
        if asked.method == "GET":
            return [await asyncio.to_thread(self._told, name) for name in self._shelf.services()]
        asked.must("POST")
        name = str((await asked.words()).get("serviceId") or "")
        async with self._changing():
            await asyncio.to_thread(self._shelf.create, name)
            await self._swapped()
        return self._told(name)

    async def _service(self, asked: _Request, name: str, rest: list[str]) -> Any:
        match rest:
            case []:
                return await self._one(asked, name)
            case ["settings"]:
                return await self._settings_of(asked, name)
            case ["generations"]:
                asked.must("GET")
                return [
                    {"generation": g.name, "importedOn": g.imported_at} for g in self._shelf.generations(name)
                ]
            case ["generations", "actions", "importFromArchive"]:
                return await self._import(asked, name)
            case ["generations", generation]:
                asked.must("DELETE")
                async with self._changing():
                    await asyncio.to_thread(self._shelf.delete_generation, name, generation)
                return {"deleted": generation}
            case ["generations", generation, "preload"]:
                asked.must("POST")
                self._shelf.generation(name, generation)
                await self._everywhere("prepare", service=name, generation=generation)
                return {"preloaded": generation}
            case ["actions", *action]:
                asked.must("POST")
                return await self._action(asked, name, action)
        raise NotFound("page", "/".join(asked.parts)[:200])

    async def _one(self, asked: _Request, name: str) -> Any:
        if asked.method == "GET":
            self._shelf.state(name)
            return await asyncio.to_thread(self._told, name)
        asked.must("DELETE")
        async with self._changing():
            await asyncio.to_thread(self._shelf.delete, name)
            await self._swapped()
        return {"deleted": name}

    async def _action(self, asked: _Request, name: str, action: list[str]) -> Any:
        match action:
            case ["enable"]:
                return await self._changed(name, lambda state: state.changed(enabled=True))
            case ["disable"]:
                return await self._changed(name, lambda state: state.changed(enabled=False))
            case ["switchToNewest"]:
                newest = self._shelf.newest(name)
                return await self._changed(name, lambda state: switched(state, newest))
            case ["switchTo", generation]:
                self._shelf.generation(name, generation)
                return await self._changed(name, lambda state: switched(state, generation))
            case ["setMapping"]:
                mapping = read_mapping(await asked.words())
                return await self._changed(name, lambda state: state.changed(mapping=mapping, enabled=True))
        raise NotFound("action", "/".join(action)[:80])

    async def _settings_of(self, asked: _Request, name: str) -> Any:
        if asked.method == "GET":
            state = self._shelf.state(name)
            return ServiceSettings(access=state.access, pools=state.pools, routing=state.routing).model_dump(
                mode="json"
            )
        asked.must("PUT")
        wanted = registry.validate(ServiceSettings, await asked.words())
        return await self._changed(name, lambda state: state.changed(**dict(iter(wanted))))

    async def _changed(self, name: str, change: Callable[[State], State]) -> Any:
        """Load in every process what the new state needs; then the disk; then everybody answers with it."""
        async with self._changing():
            state = change(await asyncio.to_thread(self._shelf.state, name))
            if state.mapping is not None and state.enabled:
                await self._prepared(name, state.mapping)
            await asyncio.to_thread(self._shelf.put, name, state)
            await self._swapped()
        return {"generation": state.mapping.generations[0] if state.mapping else None, **self._told(name)}

    async def _prepared(self, name: str, mapping: GenerationMapping) -> None:
        for generation in mapping.generations:
            self._shelf.generation(name, generation)
            await self._everywhere("prepare", service=name, generation=generation)

    async def _swapped(self) -> None:
        await self._everywhere("swap")

    async def _everywhere(self, what: str, **words: Any) -> list[Any]:
        said = await self._crier.ask(what, **words)
        wrong = [answer for answer in said if not answer["ok"]]
        if wrong:
            raise Told(wrong[0])
        return [answer["value"] for answer in said]

    async def _import(self, asked: _Request, name: str) -> Any:
        asked.must("POST")
        given = asked.parameters.get("filePath")
        if given:
            return await self._taken_in(name, Path(given))
        folder = self._home.aside
        folder.mkdir(parents=True, exist_ok=True)
        archive = folder / f"{secrets.token_hex(8)}.zip"
        try:
            await asked.save(archive)
            return await self._taken_in(name, archive)
        finally:
            archive.unlink(missing_ok=True)

    async def _taken_in(self, name: str, archive: Path) -> Any:
        if not archive.is_file():
            raise NotFound("file", str(archive)[-200:])
        generation = await asyncio.to_thread(self._shelf.take_in, name, archive)
        return {"service": name, "generation": generation}

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[None]:
        """The lock of the home, waited for in a thread."""
        turn = self._shelf.changing()
        await asyncio.to_thread(turn.__enter__)
        try:
            yield
        finally:
            turn.__exit__(None, None, None)

    def _told(self, name: str) -> dict[str, Any]:
        state = self._shelf.state(name)
        found = [g.name for g in self._shelf.generations(name)]
        mapping = state.mapping.to_json() if state.mapping else None
        return {
            "serviceId": name, "enabled": state.enabled, "mapping": mapping, "generations": found,
            "routing": state.routing,
        }  # fmt: skip

    async def _all_keys(self, asked: _Request) -> Any:
        if asked.method == "GET":
            return await asyncio.to_thread(self._keys.listed)
        asked.must("POST")
        words = await asked.words()
        expires = str(words.get("expiresAt") or "")
        if expires:
            expires = _instant(expires)
        about = {name: str(words.get(name) or "")[:500] for name in ("label", "description")}
        name, secret = await asyncio.to_thread(self._create, about, expires, asked.user)
        return {"id": name, "key": secret}

    def _create(self, about: Mapping[str, str], expires: str, by: str) -> tuple[str, str]:
        return self._keys.create(**about, expires_at=expires, by=by)

    async def _trusted(self, asked: _Request) -> Any:
        keys = self._shelf.keys
        if asked.method == "POST":
            words = await asked.words()
            key = NodeKey(str(words.get("node") or ""), str(words.get("key") or ""))
            await asyncio.to_thread(lambda: keys.trust(key, by=asked.user, at=datetime.now(UTC)))
        return [{"node": k.node, "key": k.key, "fingerprint": k.fingerprint} for k in keys.trusted()]

    async def _status(self) -> Any:
        said = await self._everywhere("told")
        problems = {name: text for one in said for name, text in one["problems"].items()}
        return {
            "name": self._settings.name, "version": http.VERSION, "processes": len(said), "problems": problems,
            "services": [self._told(name) for name in self._shelf.services()],
            "fingerprint": self._shelf.keys.own().fingerprint, "upSeconds": round(time.time() - self._began, 1),
        }  # fmt: skip

    async def _metrics(self) -> Any:
        counts, _ = await self._gathered()
        return [
            {"service": s, "endpoint": e, "generation": g, **metrics.summary(found)}
            for (s, e, g), found in counts.items()
        ]

    async def prometheus(self) -> str:
        """The text of /metrics: counts of all processes, and live drift."""
        counts, rows = await self._gathered()
        if time.monotonic() - self._drift[0] > DRIFT_SECONDS:
            found = await asyncio.to_thread(_drifts, rows)
            self._drift = (time.monotonic(), found)
        services = float(len(self._shelf.services()))
        plain = {"penstock_services": ("gauge", "Services on this node.", services)}
        return metrics.exposition(counts, self._drift[1], plain)

    async def _gathered(self) -> tuple[dict[metrics.Key, dict[str, Any]], _Rows]:
        parts: dict[metrics.Key, list[dict[str, Any]]] = {}
        rows: _Rows = {}
        for one in await self._everywhere("told"):
            for (service, endpoint, generation), counted, names, last, model in one["counted"]:
                key = (str(service), str(endpoint), str(generation))
                parts.setdefault(key, []).append(counted)
                rows.setdefault(key, (Path(model), tuple(names), []))[2].extend(last)
        return {key: metrics.merged(found) for key, found in parts.items()}, rows


_Rows = dict[metrics.Key, tuple[Path, tuple[str, ...], list[list[Any]]]]


def _drifts(rows: _Rows) -> dict[metrics.Key, dict[str, float]]:
    return {key: drift.measured(*found) for key, found in rows.items() if found[1]}


def _instant(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"'{text[:40]}' is no instant in ISO form.") from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


class _Request:
    """A request of the admin API."""

    def __init__(
        self, scope: Scope, receive: Receive, parts: list[str], user: str, settings: Settings
    ) -> None:
        self.method: str = scope["method"]
        self.parts, self.user = parts, user
        self.parameters = dict(parse_qsl(scope["query_string"].decode("utf-8", "replace")))
        self._scope, self._receive, self._settings = scope, receive, settings

    def must(self, method: str) -> None:
        if self.method != method:
            raise http.WrongMethod(f"{self.method} is not answered here.", hint=f"Use {method}.")

    async def words(self) -> dict[str, Any]:
        body = await http.body_of(self._scope, self._receive, most=1 << 20, seconds=30)
        return plainly(body)

    async def save(self, target: Path) -> None:
        """Write the body to a file. Raises TooLarge."""
        most, size, more = int(self._settings.package_megabytes * (1 << 20)), 0, True
        with _written(target) as handle:
            while more:
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    raise http.Gone
                part = message.get("body", b"")
                size += len(part)
                if size > most:
                    raise http.too_large(most)
                await asyncio.to_thread(os.write, handle, part) if len(part) > 1 << 20 else os.write(
                    handle, part
                )
                more = bool(message.get("more_body"))


@contextmanager
def _written(target: Path) -> Iterator[int]:
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)
