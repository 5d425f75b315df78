"""Mail servers: what arrives there, how it is protected on the way, and what is told when it does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.connection import Connection
from penstock.core.errors import InvalidDefinition
from penstock.core.message import Attachment, Message
from penstock.runtime.delivering import NotDelivered, deliver, test

from ...sinks import certificate, mail_server, mute_server, patiently

try_out = test
del test

NOTE = Message(
    subject='The "monitor" warns', text="Look.\n", sender="penstock@example.org", to=("ann@example.org",)
)


def smtp(**settings: Any) -> Connection:
    made = registry.parse(
        "connections", {"type": "smtp", "host": "127.0.0.1", "encryption": "none", **settings}
    )
    assert isinstance(made, Connection)
    return made


def secret(value: str) -> Callable[[str], str]:
    return lambda name: value


def send(connection: Connection, *messages: Message, password: str = "") -> str:
    return deliver(connection, messages, secret(password), timeout=20)


def test_a_mail_arrives_with_its_quotes_its_words_and_its_sender() -> None:
    with mail_server() as post:
        assert send(smtp(port=post.port), NOTE) == "sent to 1 recipient"
    assert post.mail["Subject"] == 'The "monitor" warns'
    assert post.mail["From"] == "penstock@example.org"
    assert post.text() == "Look.\n"


def test_words_beyond_ascii_arrive() -> None:
    with mail_server() as post:
        send(smtp(port=post.port), replace(NOTE, subject="Übergröße – 漂移", text="Größe ≥ 0,5\n"))
    assert post.mail["Subject"] == "Übergröße – 漂移"
    assert post.text() == "Größe ≥ 0,5\n"


def test_copies_reach_everybody_once_and_blind_ones_stand_in_no_header() -> None:
    everybody = replace(
        NOTE, to=("Ann <ann@example.org>", "bob@example.org"), cc=("cyd@example.org",),
        bcc=("dan@example.org", "bob@example.org"),
    )  # fmt: skip
    with mail_server() as post:
        assert send(smtp(port=post.port), everybody) == "sent to 4 recipients"
    assert sorted(post.envelopes[0]) == [f"{n}@example.org" for n in ("ann", "bob", "cyd", "dan")]
    assert post.mail["Cc"] == "cyd@example.org"
    assert "dan@example.org" not in str(post.mail)


def test_html_its_image_and_files_arrive_where_they_belong() -> None:
    image = Attachment(name="chart.png", mime="image/png", content=b"\x89PNG", content_id="chart-1")
    file = Attachment(name="rows.csv", mime="text/csv", content=b"a,b\n1,2\n")
    page = replace(NOTE, html='<p>Look <img src="cid:chart-1"></p>', attachments=(image, file))
    with mail_server() as post:
        send(smtp(port=post.port), page)
    assert 'src="cid:chart-1"' in post.html()
    assert post.text() == "Look.\n"
    [shown] = [p for p in post.mail.walk() if p.get_content_type() == "image/png"]
    assert shown["Content-ID"] == "<chart-1>"
    assert shown.get_content() == b"\x89PNG"
    assert post.attached() == {"rows.csv": b"a,b\n1,2\n"}


def test_a_line_break_in_the_subject_adds_no_header() -> None:
    with mail_server() as post:
        send(smtp(port=post.port), replace(NOTE, subject="a\r\nBcc: eve@example.org"))
    assert post.mail["Bcc"] is None
    assert post.mail["Subject"] == "a Bcc: eve@example.org"
    assert post.envelopes == [["ann@example.org"]]


def test_starttls_encrypts_before_login_and_mail(tmp_path: Path) -> None:
    made = certificate(tmp_path)
    with mail_server(tls=made.server, login=("penstock", "s3cret!")) as post:
        connection = smtp(
            port=post.port, encryption="starttls", certificates=str(made.trust), login="penstock",
            password="secret:smtp",
        )  # fmt: skip
        assert send(connection, NOTE, password="s3cret!") == "sent to 1 recipient"
    assert post.encrypted == [True]


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with mail_server(tls=certificate(tmp_path).server) as post:
        with pytest.raises(NotDelivered, match="certificate"):
            send(smtp(port=post.port, encryption="starttls"), NOTE)
        assert post.mails == []


def test_a_server_of_ones_own_may_go_unverified(tmp_path: Path) -> None:
    with mail_server(tls=certificate(tmp_path).server) as post:
        send(smtp(port=post.port, encryption="starttls", verify=False), NOTE)
    assert post.encrypted == [True]


def test_a_server_without_starttls_gets_nothing_in_the_clear() -> None:
    with mail_server() as post:
        with pytest.raises(NotDelivered, match="STARTTLS"):
            send(smtp(port=post.port, encryption="starttls"), NOTE)
        assert post.mails == []


def test_a_wrong_password_is_told_without_showing_it(tmp_path: Path) -> None:
    made = certificate(tmp_path)
    with mail_server(tls=made.server, login=("penstock", "right")) as post:
        connection = smtp(
            port=post.port, encryption="starttls", certificates=str(made.trust), login="penstock",
            password="secret:smtp",
        )  # fmt: skip
        with pytest.raises(NotDelivered, match="535") as told:
            send(connection, NOTE, password="wrong-one")
    assert "wrong-one" not in str(told.value)


def test_a_refused_recipient_is_named_and_the_others_get_their_mail() -> None:
    with mail_server(refused=frozenset({"bob@example.org"})) as post:
        said = send(smtp(port=post.port), replace(NOTE, to=("ann@example.org", "bob@example.org")))
    assert said == "sent to 1 recipient; bob@example.org was refused: 550 no such user"
    assert post.envelopes == [["ann@example.org"]]


def test_when_everybody_is_refused_the_mail_is_not_sent() -> None:
    with (
        mail_server(refused=frozenset({"ann@example.org"})) as post,
        pytest.raises(NotDelivered, match=r"ann@example\.org was refused: 550 no such user"),
    ):
        send(smtp(port=post.port), NOTE)


def test_an_imposed_sender_wins() -> None:
    with mail_server() as post:
        send(smtp(port=post.port, sender="office@example.org", impose_sender=True), NOTE)
    assert post.mail["From"] == "office@example.org"


def test_a_mail_without_any_sender_says_where_to_set_one() -> None:
    with mail_server() as post, pytest.raises(NotDelivered, match="sender"):
        send(smtp(port=post.port), replace(NOTE, sender=""))


def test_a_server_that_is_not_there_is_named() -> None:
    with mail_server() as post:
        port = post.port
    with pytest.raises(NotDelivered, match=f"127.0.0.1:{port}"):
        send(smtp(port=port), NOTE)


@pytest.mark.requirement("A87")
def test_a_server_that_never_answers_is_given_up_and_nothing_of_ours_is_left() -> None:
    with mute_server() as mute:

        def attempt(seconds: float) -> None:
            with pytest.raises(NotDelivered, match=re.escape(f"did not answer within {seconds:g} seconds")):
                deliver(smtp(port=mute.port), [NOTE], secret(""), timeout=seconds)

        patiently(attempt, mute.taken.is_set, 1.5)
        assert mute.closed.wait(20)


def test_trying_a_connection_sends_nothing() -> None:
    with mail_server() as post:
        said = try_out(smtp(port=post.port), secret(""), timeout=20)
    assert "answers" in said
    assert post.mails == []


def test_a_password_is_never_written_into_the_definition() -> None:
    with pytest.raises(InvalidDefinition, match="secret:NAME"):
        smtp(password="hunter22")
