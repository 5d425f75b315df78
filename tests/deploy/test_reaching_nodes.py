"""What nodes say when they refuse, in their words; and a port that is somebody else's."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest

from penstock.core.deployment import Address
from penstock.core.errors import Conflict, Invalid, NotFound, NotReady, PenstockError
from penstock.deploy import local_nodes
from penstock.deploy.nodes import ADMIN, Remote
from penstock.testing import a_node

SAID = "There is no connection 'crm'."
AT = "http://127.0.0.1:7979"


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, NotFound), (409, Conflict), (400, Invalid), (503, NotReady), (500, PenstockError)],
)
def test_what_an_api_node_refuses_is_told_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch, status: int, expected: type[PenstockError]
) -> None:
    told = {"errorType": "ConnectionMissing", "message": SAID, "detailedMessage": f"{SAID} Add it."}
    there = httpx.MockTransport(lambda _: httpx.Response(status, json=told))
    monkeypatch.setattr(
        Remote, "_client", lambda self: httpx.Client(base_url=self.address.url, transport=there)
    )
    with pytest.raises(PenstockError) as caught:
        Remote(Address(url=AT, key=""), ADMIN).get("services")
    assert type(caught.value) is expected
    assert (caught.value.message, caught.value.hint) == (f"{AT}: {SAID}", "Add it.")
    assert str(caught.value) == f"{AT}: {SAID} Add it."


def test_a_port_that_another_program_holds_is_not_taken_for_our_node(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(NotReady, match=f"Port {port} of this machine is taken"):
            local_nodes.started(a_node(tmp_path), port)
    assert not (tmp_path / "nodes" / str(port) / "admin.key").exists()
