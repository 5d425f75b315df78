"""Other nodes, over HTTP and with a key: a Penstock by its REST interface, an API node by its admin interface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from penstock.core import problem
from penstock.core.connection import secret_name
from penstock.core.deployment import Address, Infrastructure
from penstock.core.errors import NotReady, NotSignedIn, PenstockError
from penstock.deploy import local_nodes

if TYPE_CHECKING:
    import httpx

    from penstock.core.node import Node

REST, ADMIN = "/api/v1", "/admin/api"
PATIENCE, CONNECT = 600.0, 5.0
LOOK = 10.0
"""Seconds that a mere question about health may take."""


class Remote:
    """Speaks JSON with one node."""

    def __init__(self, address: Address, base: str = REST, *, patience: float = PATIENCE) -> None:
        self.address, self._base, self._patience = address, base, patience

    def get(self, *path: str, **query: Any) -> Any:
        """`get("projects", key)` → what it answers. Raises what that node says, NotReady when it does not answer."""
        return self._asked("GET", path, params=_told(query))

    def post(self, *path: str, json: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        return self._asked("POST", path, json=json, params=_told(query or {}))

    def put(self, *path: str, json: Any = None) -> Any:
        return self._asked("PUT", path, json=json)

    def delete(self, *path: str) -> Any:
        return self._asked("DELETE", path)

    def send(self, *path: str, files: Sequence[Path], query: Mapping[str, Any] | None = None) -> Any:
        """Files, as multipart."""
        with ExitStack() as opened:
            parts = [("files", (f.name, opened.enter_context(f.open("rb")))) for f in files]
            return self._asked("POST", path, files=parts, params=_told(query or {}))

    def send_raw(self, *path: str, file: Path) -> Any:
        """One file as the body itself."""
        with file.open("rb") as body:
            return self._asked(
                "POST", path, content=body, headers={"Content-Type": "application/zip", **_size(file)}
            )

    def _asked(self, method: str, path: Sequence[str], **sent: Any) -> Any:
        import httpx

        url = "/".join([self._base, *(quote(part, safe="") for part in path)])
        try:
            with self._client() as client:
                response = client.request(method, url, **sent)
        except httpx.HTTPError as error:
            said = str(error) or type(error).__name__
            raise NotReady(
                f"{self.address.url} does not answer: {said}.", hint="Does it run? Is the address right?"
            ) from error
        return _read(response, self.address.url)

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        import httpx

        headers = {"Authorization": f"Bearer {self.address.key}"}
        timeout = httpx.Timeout(self._patience, connect=min(CONNECT, self._patience))
        verify = not self.address.trust_all
        with httpx.Client(
            base_url=self.address.url, headers=headers, timeout=timeout, verify=verify, trust_env=False
        ) as client:
            yield client


def _told(query: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in query.items() if value not in ("", None)}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in plain.items()}


def _size(file: Path) -> dict[str, str]:
    return {"Content-Length": str(file.stat().st_size)}


def _read(response: httpx.Response, url: str) -> Any:
    if not response.is_error:
        return response.json() if response.content else None
    try:
        told = response.json()
    except ValueError:
        told = None
    if isinstance(told, dict) and "detail" in told:
        raise problem.from_mapping(told)
    if isinstance(told, dict) and "errorType" in told:
        raise _of_api_node(response.status_code, told, url)
    raise PenstockError(
        f"{url} answered {response.status_code} {response.reason_phrase}.", hint="Is this the right address?"
    )


def _of_api_node(status: int, told: Mapping[str, Any], url: str) -> problem.Problem:
    """What that node says, in its words."""
    said = f"{url}: {told.get('message') or told['errorType']}"
    if status in (401, 403):
        return NotSignedIn(said, hint="Check the admin key of the node.")
    hint = str(told.get("detailedMessage") or "").removeprefix(str(told.get("message") or "")).strip()
    return problem.from_mapping({"status": status, "detail": said, "hint": hint})


class Place:
    """What an infrastructure may touch when it is opened on this home."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def secret(self, reference: str) -> str:
        return self._node.secrets.get(secret_name(reference) or reference)

    def started_node(self, port: int) -> Address:
        return local_nodes.started(self._node, port)


def addresses(node: Node, infrastructure: Infrastructure) -> tuple[Address, ...]:
    """The nodes of an infrastructure, with their keys."""
    return infrastructure.open(Place(node))


def asleep(node: Node, infrastructure: Infrastructure) -> list[int]:
    """Ports of the nodes that this home starts by itself and that do not run now."""
    return [port for port in infrastructure.ports() if not local_nodes.runs(node, port)]


def automation(node: Node, infrastructure: Infrastructure, *, patience: float = PATIENCE) -> Remote:
    """The REST interface of an automation node."""
    (address,) = addresses(node, infrastructure)
    return Remote(address, patience=patience)


def api_nodes(node: Node, infrastructure: Infrastructure, *, patience: float = PATIENCE) -> list[Remote]:
    """The admin interfaces of API nodes."""
    return [Remote(address, ADMIN, patience=patience) for address in addresses(node, infrastructure)]


def deployer(node: Node) -> Remote | None:
    """The deployer on a node of its own; None when this home has it inside."""
    if not node.config.deployer_url:
        return None
    key = node.config.deployer_key
    name = secret_name(key)
    value = node.secrets.get(name) if name else key
    return Remote(Address(url=node.config.deployer_url.rstrip("/"), key=value))
