"""Slack, Teams and webhooks: what arrives at a real web server, and what is told when it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.connection import Connection
from penstock.core.errors import InvalidDefinition
from penstock.core.message import Message
from penstock.runtime import delivering
from penstock.runtime.delivering import NotDelivered, deliver

from ...sinks import mute_server, patiently, web_server

NOTE = Message(
    subject="Monitor <warns>", text='Data "Drift" is 0.59.', outcome="WARNING", link="https://penstock.example.org/run",
    facts={"Outcome": "WARNING", "Project": "A & B"}, body='{"a": 1}',
)  # fmt: skip


def channel(type: str, **settings: Any) -> Connection:
    made = registry.parse("connections", {"type": type, **settings})
    assert isinstance(made, Connection)
    return made


def secret(**values: str) -> Callable[[str], str]:
    return values.__getitem__


def send(connection: Connection, message: Message = NOTE, **secrets: str) -> str:
    return deliver(connection, [message], secret(**secrets), timeout=20)


@pytest.mark.requirement("A88")
def test_slack_gets_text_colour_facts_and_a_button() -> None:
    with web_server() as web:
        send(channel("slack", url="secret:hook"), hook=f"{web.url}/services/T0/B0/xyz")
    posted = json.loads(web.request.body)
    [block] = posted["attachments"]
    assert web.request.path == "/services/T0/B0/xyz"
    assert posted["text"] == "Monitor &lt;warns&gt;"
    assert block["color"] == "#e6a100"
    assert block["blocks"][0]["text"]["text"] == 'Data "Drift" is 0.59.'
    assert {"type": "mrkdwn", "text": "*Project*\nA &amp; B"} in block["blocks"][1]["fields"]
    assert block["blocks"][2]["elements"][0]["url"] == NOTE.link


def test_a_slack_bot_chooses_the_room_and_shows_its_token() -> None:
    with web_server(answer=b'{"ok": true}') as web:
        connection = channel("slack", token="secret:bot", api=web.url, room="#general")
        send(connection, replace(NOTE, room="#mlops"), bot="xoxb-1")
    assert web.request.path == "/chat.postMessage"
    assert web.request.headers["Authorization"] == "Bearer xoxb-1"
    assert json.loads(web.request.body)["channel"] == "#mlops"


def test_what_slack_refuses_within_an_answer_of_200_is_told() -> None:
    with (
        web_server(answer=b'{"ok": false, "error": "channel_not_found"}') as web,
        pytest.raises(NotDelivered, match="channel_not_found"),
    ):
        send(channel("slack", token="secret:bot", api=web.url), bot="xoxb-1")


def test_slack_is_reached_by_a_webhook_or_by_a_bot_not_both() -> None:
    with pytest.raises(InvalidDefinition, match="either"):
        channel("slack", url="secret:hook", token="secret:bot")


@pytest.mark.requirement("A88")
def test_teams_gets_an_adaptive_card() -> None:
    with web_server(status=202) as web:
        send(channel("teams", url="secret:hook"), hook=web.url)
    [attachment] = json.loads(web.request.body)["attachments"]
    card = attachment["content"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert card["body"][0]["color"] == "warning"
    assert card["body"][1]["text"] == 'Data "Drift" is 0.59.'
    assert {"title": "Project", "value": "A & B"} in card["body"][2]["facts"]
    assert card["actions"][0]["url"] == NOTE.link


@pytest.mark.requirement("A88")
def test_a_webhook_gets_the_body_to_the_letter_with_its_headers() -> None:
    with web_server() as web:
        connection = channel(
            "webhook", url=f"{web.url}/hook?x=1", method="PUT", headers={"Authorization": "secret:token"}
        )
        said = send(connection, token="Bearer abc")
    assert (web.request.method, web.request.path) == ("PUT", "/hook?x=1")
    assert web.request.headers["Authorization"] == "Bearer abc"
    assert web.request.body == b'{"a": 1}'
    assert said == f"posted to {web.url.removeprefix('http://')}"


def test_a_refusal_is_told_with_status_and_reason_and_without_the_secret_address() -> None:
    with (
        web_server(status=403, answer=b"no_service") as web,
        pytest.raises(NotDelivered, match="403 Forbidden") as told,
    ):
        send(channel("webhook", url="secret:hook"), hook=f"{web.url}/services/T0/xyz-secret")
    assert "no_service" in str(told.value)
    assert "xyz-secret" not in str(told.value)


def test_a_redirected_message_is_told_instead_of_arriving_empty() -> None:
    with (
        web_server(status=302, location="http://127.0.0.1:1/elsewhere") as web,
        pytest.raises(NotDelivered, match="302"),
    ):
        send(channel("webhook", url=web.url))


def test_a_file_of_the_server_is_no_address() -> None:
    with pytest.raises(NotDelivered, match="not an http"):
        send(channel("webhook", url="secret:hook"), hook="file:///etc/passwd")
    with pytest.raises(InvalidDefinition, match="begins with http"):
        channel("webhook", url="file:///etc/passwd")


@pytest.mark.requirement("A87")
@pytest.mark.parametrize("type", ["slack", "teams", "webhook"])
def test_a_web_server_that_never_answers_is_given_up(type: str) -> None:
    with mute_server() as mute:
        known = secret(hook=f"http://127.0.0.1:{mute.port}/")

        def attempt(seconds: float) -> None:
            with pytest.raises(NotDelivered, match=r"given up|timed out"):
                deliver(channel(type, url="secret:hook"), [NOTE], known, timeout=seconds)

        patiently(attempt, mute.taken.is_set, 1.5)
        assert mute.closed.wait(20)


@pytest.mark.parametrize("type", ["slack", "teams", "webhook"])
def test_trying_a_channel_reaches_its_host_and_sends_nothing(type: str) -> None:
    with web_server() as web:
        said = delivering.test(channel(type, url="secret:hook"), secret(hook=f"{web.url}/x"), timeout=20)
    assert "can be reached" in said
    assert web.requests == []
