"""The ASGI application: `/public/api/v1/{service}/{endpoint}/{verb}`, `/isAlive/`, `/metrics`, `/admin/api`."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

from penstock.core.errors import AnswerFailed, BadQuery, NotFound, PenstockError
from penstock.core.service import Answer, Record
from penstock_node import http
from penstock_node.admin import Admin
from penstock_node.http import Receive, Reply, Scope, Send
from penstock_node.journal import Journal
from penstock_node.loaded import LARGE_BODY, LiveService, Loaded, LoadedGeneration, OpenEndpoint
from penstock_node.settings import Home, Settings
from penstock_node.spelled import loosely, parsed, strictly, text_of

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
            reply = unforeseen()
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

    def at_once(self, path: str, secret: str, body: bytes) -> Reply | None:
        """The answer to a query that is here as a whole, when it waits for nothing; None: it is asked as any other."""
        began = time.perf_counter_ns()
        if not path.startswith(BASE) or len(body) >= LARGE_BODY:
            return None
        service, _, rest = path[len(BASE) :].partition("/")
        name, _, verb = rest.partition("/")
        live = self._loaded.services.get(service)
        if live is None or not live.answers_at_once(name, verb):
            return None
        try:
            return self._now(live, _Asked(name, verb, "", began), secret, body)
        except PenstockError as error:
            return http.failure(error)
        except Exception:  # noqa: BLE001 - the edge of the process: whatever it was, JSON is answered
            return unforeseen()

    def _now(self, live: LiveService, asked: _Asked, secret: str, body: bytes) -> Reply | None:
        asked.user = self._user(live, secret)
        asked.query = parsed(body)
        generation = self._chosen(live, asked)
        endpoint = generation.endpoint(asked.endpoint)
        if endpoint.answering.blocking:
            return None
        _check_verb(endpoint, asked.verb, getting=False)
        heard = _Heard(live, generation, endpoint, asked)
        try:
            reply = self._told(heard, endpoint.answering.answer(asked.verb, asked.query), 0)
        except PenstockError as error:
            self._failed(heard, error)
            raise
        finally:
            heard.count()
        if live.mapping.shadow:
            self._whisper(live, asked)
        return reply

    async def _public(self, scope: Scope, receive: Receive, path: str) -> Reply:
        began = time.perf_counter_ns()
        service, _, rest = path.partition("/")
        live = self._loaded.services.get(service)
        if live is None:
            raise NotFound("service", service[:80])
        live.mapping  # noqa: B018 - raises NotFound while nothing answers
        user = self._user(live, "" if live.is_public else http.secret_of(scope))
        if rest == "swagger":
            return self._documentation(live)
        name, _, verb = rest.partition("/")
        if "%" in name:
            name = unquote(name)
        return await self._answer(scope, receive, live, _Asked(name, verb.removesuffix("/"), user, began))

    def _user(self, live: LiveService, secret: str) -> str:
        """The id of the key that was shown, nothing when none is needed. Raises NoKey."""
        user = "" if live.is_public else live.admits(secret)
        if user is None:
            self._journal.write([{"msgType": "authfail", "topic": "authfail", "service": live.name}])
            raise http.NoKey(f"Service {live.name} needs a key.", hint="Send it as Basic user or as Bearer.")
        return user

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
            asked.query = parsed(body)
        generation = self._chosen(live, asked)
        endpoint = generation.endpoint(asked.endpoint)
        _check_verb(endpoint, asked.verb, getting=getting)
        generation.busy += 1
        try:
            reply = await self._heard(_Heard(live, generation, endpoint, asked), len(body))
        finally:
            generation.left()
        if live.mapping.shadow:
            self._whisper(live, asked)
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
        able = live.able(asked.endpoint)
        return live.generations[mapping.chosen(self._draw(), key=key, forced=forced, able=able)]

    def _is_structured(self, live: LiveService, endpoint: str) -> bool:
        able = live.able(endpoint)
        return not able or live.generations[able[0]].endpoint(endpoint).structured

    async def _heard(self, heard: _Heard, size: int) -> Reply:
        try:
            answer, waited = await heard.endpoint.ask(heard.asked.verb, heard.asked.query, size)
            return self._told(heard, answer, waited)
        except PenstockError as error:
            self._failed(heard, error)
            raise
        finally:
            heard.count()

    def _told(self, heard: _Heard, answer: Answer, waited: int) -> Reply:
        """The reply, written down."""
        asked = heard.asked
        heard.records = len(answer.records)
        timing = strictly({
            "preProcessing": (heard.parsed_at - asked.began) // 1000, "wait": waited, **answer.timing,
        })  # fmt: skip
        reply, results = _said(heard, answer, timing)
        self._written(heard, answer, results, timing)
        heard.failed = reply.status >= 500
        return reply

    def _written(
        self, heard: _Heard, answer: Answer, results: list[str], timing: str, *, shadow: bool = False
    ) -> None:
        common = f'{self._common(heard, shadow=shadow)},"timing":{timing}'
        self._journal.note([
            f'{common},"features":{text_of(record.features)},"result":{result},"context":'
            f"{loosely(record.context) if record.context else '{}'}{_enriched(record)}}}"
            for record, result in zip(answer.records, results, strict=True)
        ])  # fmt: skip
        if (last := heard.endpoint.last) is not None and not shadow:
            last.extend([record.enriched or record.features for record in answer.records])

    def _common(self, heard: _Heard, *, shadow: bool) -> str:
        """What stands in every line of such queries, spelled once and kept."""
        live, asked, kept = heard.live, heard.asked, heard.endpoint.spelled
        key = (live.name, asked.verb, asked.user, live.state.routing, shadow)
        if key not in kept:
            kept[key] = self._journal.spelled({
                **heard.endpoint.facts, "service": live.name, "verb": asked.verb, "apiKey": asked.user,
                "routing": live.state.routing, "shadow": shadow,
            })  # fmt: skip
        return kept[key]

    def _failed(self, heard: _Heard, error: PenstockError) -> None:
        heard.failed = error.http_status >= 500
        live, endpoint, asked = heard.live, heard.endpoint, heard.asked
        context = asked.query.get("context")
        self._journal.write([{
            **endpoint.facts, "service": live.name, "verb": asked.verb, "apiKey": asked.user,
            "routing": live.state.routing, "shadow": False, "features": asked.query.get("features") or {},
            "result": {}, "context": context if isinstance(context, dict) else {},
            "error": {"type": type(error).__name__, "message": error.message, "status": error.http_status},
        }])  # fmt: skip

    def _whisper(self, live: LiveService, asked: _Asked) -> None:
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
            heard = _Heard(live, generation, endpoint, asked)
            results = [loosely(record.result) for record in answer.records]
            self._written(heard, answer, results, loosely(answer.timing), shadow=True)
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


class _Heard:
    """A query, who answers it, and how that went."""

    __slots__ = ("asked", "endpoint", "failed", "generation", "live", "parsed_at", "records")

    def __init__(
        self, live: LiveService, generation: LoadedGeneration, endpoint: OpenEndpoint, asked: _Asked
    ) -> None:
        self.live, self.generation, self.endpoint, self.asked = live, generation, endpoint, asked
        self.failed, self.records, self.parsed_at = True, 1, time.perf_counter_ns()

    def count(self) -> None:
        seconds = (time.perf_counter_ns() - self.asked.began) / 1e9
        self.endpoint.counted.add(seconds, records=self.records, failed=self.failed)


def unforeseen() -> Reply:
    """The reply to what nobody foresaw; the log says more."""
    print(traceback.format_exc(), file=sys.stderr, flush=True)
    return http.failure(AnswerFailed("The node could not answer; its log says why."))


def _said(heard: _Heard, answer: Answer, timing: str) -> tuple[Reply, list[str]]:
    """The reply, and how the result of each record is spelled."""
    try:
        if answer.headers.get("content-type"):  # a function that makes its own reply
            reply = http.as_json(answer.body, answer.status, answer.headers)
            return reply, [loosely(record.result) for record in answer.records]
        inner, results = _spelled(answer)
    except (TypeError, ValueError) as error:
        raise AnswerFailed(f"What {heard.endpoint.name} answers is no JSON: {error}") from error
    text = (
        f'{{{inner},"timing":{timing},{heard.endpoint.api_context(heard.live.name, heard.generation.name)}}}'
    )
    return http.spelled(text, answer.status, answer.headers), results


def _spelled(answer: Answer) -> tuple[str, list[str]]:
    """The members of the body, and the results of the records, each spelled once."""
    body, records = answer.body, answer.records
    many, one = body.get("results"), body.get("result")
    if len(body) == 1 and len(records) == 1 and one is records[0].result:
        text = strictly(one)
        return f'"result":{text}', [text]
    if len(body) == 1 and isinstance(many, list) and _are_results(many, records):
        texts = [strictly(result) for result in many]
        return f'"results":[{",".join(texts)}]', texts
    own = {name: value for name, value in body.items() if name not in ("timing", "apiContext")}
    return strictly(own)[1:-1] or '"result":null', [loosely(record.result) for record in records]


def _are_results(many: list[Any], records: Sequence[Record]) -> bool:
    return len(many) == len(records) and all(
        result is record.result for result, record in zip(many, records, strict=True)
    )


def _enriched(record: Record) -> str:
    return "" if record.enriched is None else f',"enriched":{text_of(record.enriched)}'


def _check_verb(endpoint: OpenEndpoint, verb: str, *, getting: bool) -> None:
    kind = endpoint.kind
    mine, others = (kind.GET_VERBS, kind.VERBS) if getting else (kind.VERBS, kind.GET_VERBS)
    if verb in mine:
        return
    if verb in others:
        way = "POST" if getting else "GET"
        raise http.WrongMethod(f"{verb} of {endpoint.name} is asked by {way}.")
    raise NotFound("verb", verb[:80], among=(*kind.VERBS, *kind.GET_VERBS), where=f"endpoint {endpoint.name}")
