"""What a node lacks for the reporters of a scenario is told before anybody waits for a mail in vain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core.node import Node
from penstock.runtime import connections, readiness, scenarios
from tests.runtime.acts import KEY, WELL, a_scenario, a_stage

SMTP = {"type": "smtp", "host": "127.0.0.1", "encryption": "none", "sender": "p@example.org"}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_stage(tmp_path)


def lacks(node: Node, **mail: Any) -> list[tuple[str, str]]:
    a_scenario(node, "s", WELL, reporters=[{"type": "mail", "to": "ann@example.org", **mail}])
    return [(found.field, found.problem) for found in readiness.of_scenario(node, KEY, "s")]


def test_a_channel_that_is_not_here_is_no_reason_to_refuse_the_scenario_but_told(node: Node) -> None:
    connections.define(node, "office", SMTP)
    said = "There is no channel 'ofice' on this node. Did you mean office?"
    assert lacks(node, channel="ofice") == [("reporters.0.channel", said)]
    (listed,) = scenarios.listing(node, KEY)
    assert (listed.problem, listed.warnings) == ("", (f"scenarios/s.yaml: reporters.0.channel: {said}",))
    assert [str(w) for w in readiness.of_project(node, KEY)] == list(listed.warnings)
    assert node.projects.validate(KEY) == []


def test_a_sound_channel_and_a_reporter_that_is_off_lack_nothing(node: Node) -> None:
    assert lacks(node, channel="office", active=False) == []
    connections.define(node, "office", SMTP)
    assert lacks(node, channel="office") == lacks(node) == []


def test_a_secret_that_nobody_put_is_told_with_the_command(node: Node) -> None:
    connections.define(node, "office", {**SMTP, "login": "p", "password": "secret:office_password"})
    ((_, message),) = lacks(node)
    assert message == "Channel office needs a secret: `penstock channel secret put office_password`."
    connections.set_secret(node, "office_password", "hunter22")
    assert lacks(node) == []


def test_a_channel_of_another_type_is_told_and_so_is_one_for_others_only(node: Node) -> None:
    connections.define(node, "hook", {"type": "webhook", "url": "https://example.org"})
    ((_, message),) = lacks(node, channel="hook")
    assert message == "Channel hook of this node is of type webhook; this needs smtp."
    connections.define(node, "office", {**SMTP, "allowed": ["ben"]})
    ((_, message),) = lacks(node, channel="office")
    assert message == "ann, whom the scenario runs as, may not use channel office."


def test_without_a_name_there_must_be_exactly_one_of_the_type(node: Node) -> None:
    assert lacks(node) == [("reporters.0.channel", "There is no channel of type smtp on this node.")]
    connections.define(node, "a", SMTP)
    connections.define(node, "b", SMTP)
    assert lacks(node) == [("reporters.0.channel", "Which one? There are a, b of type smtp on this node.")]


def test_a_channel_whose_file_is_broken_is_told(node: Node) -> None:
    connections.define(node, "office", SMTP)
    (node.config.home / "connections" / "office.yaml").write_text("type: smtp\nhots: x\n")
    ((_, message),) = lacks(node, channel="office")
    assert message.startswith("Channel office of this node cannot be read:")


def test_secrets_that_a_reporter_names_itself_are_looked_for(node: Node) -> None:
    hook = {"type": "webhook", "url": f"secret:{KEY}.hook", "headers": {"Authorization": "secret:token"}}
    a_scenario(node, "s", {"type": "send_message", "reporter": hook})
    found = [(f.field, f.problem) for f in readiness.of_scenario(node, KEY, "s")]
    assert found == [
        ("steps.0.reporter", f"It needs a secret: `penstock channel secret put {KEY}.hook`."),
        (
            "steps.0.reporter",
            f"It may not use the secret 'token': those of this project are called {KEY}.<name>.",
        ),
    ]
