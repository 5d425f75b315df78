"""Channels and their secrets from the command line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ..sinks import mail_server, web_server
from .bank import Bank

OFFICE = "type: smtp\nhost: 127.0.0.1\nport: {port}\nencryption: none\nsender: p@example.org\n"


@pytest.fixture
def office(auto: Bank, tmp_path: Path) -> Path:
    """The settings of a mail server that nobody answers for."""
    file = tmp_path / "office.yaml"
    file.write_text(OFFICE.format(port=9) + "login: penstock\npassword: secret:office_password\n")
    return file


def test_a_channel_is_set_from_a_file_and_says_which_secret_is_missing(auto: Bank, office: Path) -> None:
    said = auto.ok("channel", "set", "office", str(office))
    assert "penstock channel secret put office_password" in said.err
    [row] = auto.ok("channel", "list", "--json").json
    assert row == {
        "name": "office", "type": "smtp", "allowed": ["everybody"], "missing_secrets": ["office_password"],
    }  # fmt: skip
    assert auto.ok("channel", "show", "office", "--json").json["password"] == "secret:office_password"
    assert auto.run("channel", "show", "ofice").code == 3
    auto.ok("channel", "remove", "office")
    assert auto.ok("channel", "list").out.startswith("No channel yet")


def test_a_channel_that_is_badly_written_is_refused(auto: Bank, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("type: smtp\nhost: x\nprot: 25\n")
    said = auto.run("channel", "set", "office", str(tmp_path / "bad.yaml"))
    assert said.code == 2
    assert "port" in said.err
    assert auto.run("channel", "set", "office", str(tmp_path / "nowhere.yaml")).code == 2
    (tmp_path / "open.yaml").write_text("type: smtp\nhost: x\npassword: hunter22\n")
    said = auto.run("channel", "set", "office", str(tmp_path / "open.yaml"))
    assert said.code == 2
    assert "never written here" in said.err
    assert auto.ok("channel", "list", "--json").json == []


def test_a_secret_is_read_from_standard_input_and_never_shown(
    auto: Bank, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n"))
    said = auto.ok("channel", "secret", "put", "office_password")
    auto.ok("channel", "set", "office", str(office))
    shown = [auto.ok(*words.split()).out for words in ("channel list", "channel show office", "home secrets")]
    assert "horse" not in said.out + said.err + "".join(shown)
    assert auto.ok("channel", "secret", "list", "--json").json == [{"secret": "office_password"}]
    assert auto.ok("channel", "list", "--json").json[0]["missing_secrets"] == []
    files = [p for p in auto.home.rglob("*") if p.is_file()]
    assert not [p for p in files if b"correct horse" in p.read_bytes()]
    auto.ok("channel", "secret", "remove", "office_password")
    assert auto.ok("home", "secrets").out.startswith("No secret yet")


def test_a_secret_is_no_word_of_a_command(auto: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert auto.run("channel", "secret", "put", "token", "hunter22").code == 2
    assert auto.run("channel", "secret", "put", "token").code == 2
    assert auto.ok("home", "secrets", "--json").json == []


def test_a_channel_is_tried_without_sending(auto: Bank, tmp_path: Path) -> None:
    with mail_server() as post:
        (tmp_path / "office.yaml").write_text(OFFICE.format(port=post.port))
        auto.ok("channel", "set", "office", str(tmp_path / "office.yaml"))
        said = auto.ok("channel", "test", "office")
        assert "answers" in said.out
        assert post.mails == []
    refused = auto.run("channel", "test", "office", "--timeout", "5")
    assert refused.code == 1
    assert str(post.port) in refused.err


def test_what_this_node_lacks_is_a_warning_wherever_a_scenario_is_looked_at(
    auto: Bank, tmp_path: Path
) -> None:
    file = tmp_path / "told.yaml"
    file.write_text("steps: []\nreporters:\n  - {type: mail, channel: office, to: a@example.org}\n")
    lacking = "There is no channel 'office' on this node."
    assert lacking in auto.ok("scenario", "save", "told", str(file)).err
    [told] = [row for row in auto.ok("scenario", "list", "--json").json if row["name"] == "told"]
    assert lacking in told["problem"]
    assert lacking in auto.ok("scenario", "list").err
    said = auto.ok("project", "validate")
    assert said.out == "Everything is well formed. 1 warning.\n"
    assert lacking in said.err
    [row] = auto.ok("project", "validate", "--json").json
    assert (row["level"], row["field"]) == ("warning", "reporters.0.channel")


def test_a_test_message_really_arrives_and_is_told(auto: Bank, tmp_path: Path) -> None:
    with mail_server() as post:
        (tmp_path / "office.yaml").write_text(OFFICE.format(port=post.port))
        auto.ok("channel", "set", "office", str(tmp_path / "office.yaml"))
        sent = auto.ok("channel", "test", "office", "--to", "ann@example.org,ben@example.org", "--json").json[
            "sent"
        ]
        assert (
            sent == "'Test message from Penstock' for ann@example.org, ben@example.org: sent to 2 recipients"
        )
        assert post.mail["To"] == "ann@example.org, ben@example.org"
        assert "tries channel office" in post.text()
        assert "not a mail address" in auto.run("channel", "test", "office", "--to", "ann").err
        assert auto.run("channel", "test", "office", "--send").code == 2
        assert len(post.mails) == 1
    assert auto.run("channel", "test", "office", "--to", "ann@example.org", "--timeout", "5").code == 1


def test_a_channel_that_knows_its_receiver_sends_its_test_there(auto: Bank, tmp_path: Path) -> None:
    with web_server() as web:
        (tmp_path / "hook.yaml").write_text(f"type: webhook\nurl: {web.url}\n")
        auto.ok("channel", "set", "hook", str(tmp_path / "hook.yaml"))
        assert "always sends to the same place" in auto.run("channel", "test", "hook", "--to", "x").err
        sent = auto.ok("channel", "test", "hook", "--send", "--json").json["sent"]
        assert sent.startswith("'Test message from Penstock': posted to ")
        assert "tries channel hook" in web.requests[0].body.decode()
