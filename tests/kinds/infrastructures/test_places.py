"""Where infrastructures lead."""

from __future__ import annotations

import pytest

from penstock.core import registry
from penstock.core.deployment import Address, Infrastructure
from penstock.core.errors import InvalidDefinition


class Context:
    def secret(self, reference: str) -> str:
        return f"value of {reference}"

    def started_node(self, port: int) -> Address:
        return Address(url=f"http://127.0.0.1:{port}", key="own")


def opened(**fields: object) -> tuple[Address, ...]:
    made = registry.parse("infrastructures", fields)
    assert isinstance(made, Infrastructure)
    return made.open(Context())


def test_an_automation_node_is_its_address_and_key() -> None:
    (address,) = opened(type="automation_node", url="http://host:7878/", key="secret:prod")
    assert (address.url, address.key) == ("http://host:7878", "value of secret:prod")
    assert "value of" not in repr(address)


def test_static_nodes_are_all_of_them_with_their_own_keys() -> None:
    nodes = [{"url": "http://a:1", "key": "secret:a"}, {"url": "http://b:1", "key": "secret:b"}]
    assert [a.key for a in opened(type="static_api_nodes", nodes=nodes)] == [
        "value of secret:a",
        "value of secret:b",
    ]


def test_a_local_process_is_the_node_this_home_started() -> None:
    assert opened(type="local_process", port=8100)[0].url == "http://127.0.0.1:8100"


@pytest.mark.parametrize(
    "fields", [{"key": "pk_plain", "url": "http://a"}, {"key": "secret:a", "url": "host:1"}]
)
def test_a_key_in_clear_or_half_an_address_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(InvalidDefinition):
        opened(type="automation_node", **fields)
