"""The ASGI application: `/public/api/v1/{service}/{endpoint}/{verb}`, `/isAlive/`, `/metrics`, `/admin/api`."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from penstock.core.errors import AnswerFailed, BadQuery, NotFound, PenstockError
from penstock.core.service import Answer
from penstock_node import http
from penstock_node.admin import Admin
from penstock_node.http import Receive, Reply, Scope, Send
from penstock_node.journal import Journal
from penstock_node.loaded import LiveService, Loaded, LoadedGeneration, OpenEndpoint
from penstock_node.settings import Home, Settings

BASE = "/public/api/v1/"
SHADOWS_AT_ONCE = 64
"""Shadow answers that may be under way; more are left out, so that they never hold up what is heard."""


class Application:
    """Answers queries. One in each process."""

    def __init__(
        self, home: Home, settings: Settings, loaded: Loaded, journal: Journal, admin: Admin
    ) -> None:
        self._home, self._settings, self._loaded = home, settings, loaded
        self._journal, self._admin = journal, admin
        self._most = int(settings.body_megabytes * (1 << 20))
        self._draw = random.random
        self._shadows: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            reply = await self._reply(scope, receive)
        except http.Gone:
            return
        except PenstockError as error:
            reply = http.failure(error)
        except Exception:  # noqa: BLE001 - the edge of the process: whatever it was, JSON is answered
            print(traceback.format_exc(), file=sys.stderr, flush=True)
            reply = http.failure(AnswerFailed("The node could not answer; its log says why."))
        await reply(send)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        path: str = scope["path"]
        if path.startswith(BASE):
            return await self._public(scope, receive, path[len(BASE) :])
        if path in ("/isAlive/", "/isAlive"):
            alive = not self._home.not_alive.exists()
            return http.as_json({"alive": alive}, 200 if alive else 503)
        if path == "/metrics":
            return http.as_text(
                await self._admin.prometheus(), kind="text/plain; version=0.0.4; charset=utf-8"
            )
        if path.startswith("/admin/api/"):
            return await self._admin.reply(scope, receive, path[len("/admin/api/") :])
        raise NotFound("page", path[:200])

    async def _public(self, scope: Scope, receive: Receive, path: str) -> Reply:
        began = time.perf_counter_ns()
        service, _, rest = path.partition("/")
        live = self._loaded.services.get(service)
        if live is None:
            raise NotFound("service", service[:80])
        live.mapping  # noqa: B018 - raises NotFound while nothing answers
        user = "" if live.is_public else live.admits(http.secret_of(scope))
        if user is None:
            self._journal.write([{"msgType": "authfail", "topic": "authfail", "service": service}])
            raise http.NoKey(f"Service {service} needs a key.", hint="Send it as Basic user or as Bearer.")
        if rest == "swagger":
            return self._documentation(live)
        name, _, verb = rest.partition("/")
        if "%" in name:
            name = unquote(name)
        return await self._answer(scope, receive, live, _Asked(name, verb.removesuffix("/"), user, began))

    async def _answer(self, scope: Scope, receive: Receive, live: LiveService, asked: _Asked) -> Reply:
        getting = scope["method"] == "GET"
        body = b"" if getting else await http.body_of(
            scope, receive, most=self._most, seconds=self._settings.body_seconds
        )  # fmt: skip
        if getting:
            asked.query = dict(
                parse_qsl(scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True)
            )
        else:
            self._check_method(scope, live, asked)
            asked.query = http.parsed(body)
        generation = self._chosen(live, asked)
        endpoint = generation.endpoint(asked.endpoint)
        _check_verb(endpoint, asked.verb, getting=getting)
        generation.busy += 1
        try:
            reply = await self._heard(live, generation, endpoint, asked, len(body))
        finally:
            generation.left()
        if live.mapping.shadow:
            self._whisper(live, asked, len(body))
        return reply

    def _check_method(self, scope: Scope, live: LiveService, asked: _Asked) -> None:
        if scope["method"] != "POST":
            raise http.WrongMethod(f"{scope['method']} is not answered here.", hint="Use POST.")

    def _chosen(self, live: LiveService, asked: _Asked) -> LoadedGeneration:
        mapping = live.mapping
        key = forced = ""
        dispatch = asked.query.get("dispatch")
        if isinstance(dispatch, dict) and self._is_structured(live, asked.endpoint):
            key, forced = str(dispatch.get("dispatchKey") or ""), str(dispatch.get("forcedGeneration") or "")
        if forced and forced not in mapping.generations:
            raise BadQuery(f"There is no generation '{forced[:80]}' to be forced.")
        if len(mapping.entries) == 1 and not forced:
            return live.generations[mapping.entries[0].generation]
        return live.generations[mapping.chosen(self._draw(), key=key, forced=forced)]

    def _is_structured(self, live: LiveService, endpoint: str) -> bool:
        found = live.first.endpoints.get(endpoint)
        return found is None or found.structured

    async def _heard(
        self,
        live: LiveService,
        generation: LoadedGeneration,
        endpoint: OpenEndpoint,
        asked: _Asked,
        size: int,
    ) -> Reply:
        failed = True
        records = 1
        parsed_at = time.perf_counter_ns()
        try:
            answer, waited = await endpoint.ask(asked.verb, asked.query, size)
            records = len(answer.records)
            timing = {"preProcessing": (parsed_at - asked.began) // 1000, "wait": waited, **answer.timing}
            context = {
                "serviceId": live.name,
                "endpointId": endpoint.name,
                "serviceGeneration": generation.name,
            }
            reply = self._said(endpoint, answer, {"timing": timing, "apiContext": context})
            self._written(live, endpoint, asked, answer, timing)
            failed = reply.status >= 500
            return reply
        except PenstockError as error:
            failed = error.http_status >= 500
            self._written_failure(live, endpoint, asked, error)
            raise
        finally:
            endpoint.counted.add((time.perf_counter_ns() - asked.began) / 1e9, records=records, failed=failed)

    def _said(self, endpoint: OpenEndpoint, answer: Answer, more: dict[str, Any]) -> Reply:
        if answer.headers.get("content-type"):  # a function that makes its own reply
            return http.as_json(answer.body, answer.status, answer.headers)
        try:
            return http.as_json({**answer.body, **more}, answer.status, answer.headers)
        except (TypeError, ValueError) as error:
            raise AnswerFailed(f"What {endpoint.name} answers is no JSON: {error}") from error

    def _written(
        self, live: LiveService, endpoint: OpenEndpoint, asked: _Asked, answer: Answer, timing: Mapping[str, int],
        *, shadow: bool = False,
    ) -> None:  # fmt: skip
        facts = {
            **endpoint.facts, "service": live.name, "verb": asked.verb, "apiKey": asked.user, "timing": timing,
            "routing": live.state.routing, "shadow": shadow,
        }  # fmt: skip
        events = []
        for record in answer.records:
            event: dict[str, Any] = {
                "features": record.features,
                "result": record.result,
                "context": record.context,
            }
            if record.enriched is not None:
                event["enriched"] = record.enriched
            events.append(event)
            if endpoint.last is not None and not shadow:
                endpoint.last.add(record.enriched or record.features)
        self._journal.write(events, facts)

    def _written_failure(
        self, live: LiveService, endpoint: OpenEndpoint, asked: _Asked, error: PenstockError
    ) -> None:
        context = asked.query.get("context")
        self._journal.write([{
            **endpoint.facts, "service": live.name, "verb": asked.verb, "apiKey": asked.user,
            "routing": live.state.routing, "shadow": False, "features": asked.query.get("features") or {},
            "result": {}, "context": context if isinstance(context, dict) else {},
            "error": {"type": type(error).__name__, "message": error.message, "status": error.http_status},
        }])  # fmt: skip

    def _whisper(self, live: LiveService, asked: _Asked, size: int) -> None:
        """Let the shadows answer too, once the reply is on its way."""
        for name in live.mapping.shadow:
            if len(self._shadows) >= SHADOWS_AT_ONCE:
                return
            generation = live.generations[name]
            endpoint = generation.endpoints.get(asked.endpoint)
            if endpoint is None:
                continue
            generation.busy += 1
            task = asyncio.create_task(self._unheard(live, generation, endpoint, asked))
            self._shadows.add(task)
            task.add_done_callback(self._shadows.discard)

    async def _unheard(
        self, live: LiveService, generation: LoadedGeneration, endpoint: OpenEndpoint, asked: _Asked
    ) -> None:
        try:
            work = asyncio.to_thread(endpoint.answering.answer, asked.verb, asked.query)
            answer = await asyncio.wait_for(work, self._settings.patience)
            endpoint.counted.shadows += 1
            self._written(live, endpoint, asked, answer, answer.timing, shadow=True)
        except Exception as error:  # noqa: BLE001 - whatever a shadow does, nobody hears of it but the counts
            endpoint.counted.errors += 1
            print(f"shadow {generation.name} of {live.name}: {error}", file=sys.stderr, flush=True)
        finally:
            generation.left()

    def _documentation(self, live: LiveService) -> Reply:
        found = live.first.openapi
        if found is None:
            raise NotFound(
                "documentation", live.name, hint="Switch `openapi` on in the service and make a version."
            )
        return Reply(200, json.dumps(found).encode())


class _Asked:
    """A query on its way."""

    __slots__ = ("began", "endpoint", "query", "user", "verb")

    def __init__(self, endpoint: str, verb: str, user: str, began: int) -> None:
        self.endpoint, self.verb, self.user, self.began = endpoint, verb, user, began
        self.query: dict[str, Any] = {}


def _check_verb(endpoint: OpenEndpoint, verb: str, *, getting: bool) -> None:
    kind = endpoint.kind
    mine, others = (kind.GET_VERBS, kind.VERBS) if getting else (kind.VERBS, kind.GET_VERBS)
    if verb in mine:
        return
    if verb in others:
        way = "POST" if getting else "GET"
        raise http.WrongMethod(f"{verb} of {endpoint.name} is asked by {way}.")
    raise NotFound("verb", verb[:80], among=(*kind.VERBS, *kind.GET_VERBS), where=f"endpoint {endpoint.name}")
