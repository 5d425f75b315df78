"""Serve: the studio and the REST API on this machine, until Ctrl-C."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from penstock.cli import command
from penstock.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from types import FrameType

    from uvicorn import Server

    from penstock.core.node import Node

app = typer.Typer()

PORT = 7878
TRIES = 20
"""Ports that --next tries."""
KEPT_ALIVE = 75
"""Seconds a connection without requests stays open: longer than people read and proxies wait between two."""


@app.command()
def serve(
    host: str = typer.Option("127.0.0.1", "--host", help="Address to listen on; only this machine by default."),
    port: int = typer.Option(PORT, "--port", min=0, max=65535, help="Port to listen on; 0 = any free one."),
    next_port: bool = typer.Option(False, "--next", help="When the port is taken, try the ones after it."),
    no_worker: bool = typer.Option(False, "--no-worker", help="Only answer; workers run elsewhere."),
    log: bool = typer.Option(False, "--log", help="One JSON line about each request on stderr."),
    open_browser: bool = typer.Option(False, "--open", help="Open the studio in a browser."),
    trust_proxy: str = typer.Option(
        "", "--forwarded-allow-ips", help="Addresses of proxies that say where requests come from."
    ),
) -> None:  # fmt: skip
    """Serve the studio and the REST API, and do runs of scenarios, until Ctrl-C.

    The first start prints a link that makes the first administrator. Requests that run may end after Ctrl-C, and runs
    of scenarios are handed back.
    """
    listening = listen(host, port, tries=TRIES if next_port else 1)
    address = address_of(listening, host)
    node = opened(address)
    server = prepared(node, worker=not no_worker, log=log, trust_proxy=trust_proxy)
    tell(node, address)
    if open_browser:
        typer.launch(address)
    run(server, listening, node)


def at_once(port: int = PORT) -> None:
    """The studio on the home of this command, at the first port that is free from this one on, until Ctrl-C."""
    listening = listen("127.0.0.1", port, tries=TRIES)
    address = address_of(listening, "127.0.0.1")
    node = opened(address)
    server = prepared(node)
    typer.echo()
    tell(node, address)
    run(server, listening, node)


def opened(address: str) -> Node:
    """The node of this command; messages of its runs lead to this address, unless its settings say another."""
    from penstock.app import home_folder, open_node

    node = open_node(home_folder())
    return node if node.config.base_url else open_node(home_folder(), base_url=address)


def listen(host: str, port: int, *, tries: int = 1) -> socket.socket:
    """A socket that listens. Raises Conflict when the port is taken, Invalid for an address that is not ours.

    It says that it is TCP: asyncio then sends each piece of an answer at once, where it else waits 40 ms for the
    other side to have acknowledged the piece before.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, port + tries):
        found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, candidate))
            found.listen(128)
        except (PermissionError, socket.gaierror, OverflowError) as error:
            found.close()
            raise Invalid(f"Nothing can listen on {host}:{candidate}: {error}.") from error
        except OSError as error:
            found.close()
            if candidate + 1 == port + tries:
                raise _taken(host, port, tries, error) from error
        else:
            return found
    raise AssertionError("the last try returns or raises")


def address_of(listening: socket.socket, host: str) -> str:
    """Where people reach it."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{listening.getsockname()[1]}"


def tell(node: Node, address: str) -> None:
    """Say where it is and, before anybody has an account, the link that makes the first one."""
    from penstock.runtime import sessions

    typer.echo(f"Penstock is at {typer.style(address, fg='green', bold=True)}   Ctrl-C stops.")
    first = sessions.first_link(node)
    if first is not None:
        typer.echo(f"To begin, open this link once and choose a password:\n  {address}{first.path}")


def prepared(node: Node, *, worker: bool = True, log: bool = False, trust_proxy: str = "") -> Server:
    """A server with everything loaded, so that it answers as soon as its address is told."""
    import uvicorn

    from penstock import server

    class Stopping(uvicorn.Server):
        """Tells the pages that are kept up to date before it waits for their connections."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            faces.state.closing.set()
            super().handle_exit(sig, frame)

    faces = server.make(node, worker=worker, log=log)
    settings = uvicorn.Config(
        faces, access_log=False, log_level="warning", lifespan="on",
        timeout_graceful_shutdown=10, timeout_keep_alive=KEPT_ALIVE, server_header=False,
        proxy_headers=bool(trust_proxy), forwarded_allow_ips=trust_proxy or None,
    )  # fmt: skip
    settings.load()
    return Stopping(settings)


def run(server: Server, listening: socket.socket, node: Node) -> None:
    """Answer until SIGINT or SIGTERM; requests that run may end. What the process says is kept in the home."""
    from penstock.runtime import node_logs

    with suppress(KeyboardInterrupt), node_logs.kept(node, "server"):
        server.run(sockets=[listening])


def _taken(host: str, port: int, tries: int, error: OSError) -> Conflict:
    last = f" to {port + tries - 1}" if tries > 1 else ""
    other = command("serve", "--port", str(port + tries))
    return Conflict(
        f"Port {port}{last} of {host} is taken: {error.strerror or error}.",
        hint=f"Stop what listens there, choose another with `{other}`, or add --next.",
    )
