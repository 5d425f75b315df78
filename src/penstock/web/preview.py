"""The pages alone, for whoever writes them: `python -m penstock.web.preview HOME PORT`. Everybody is the administrator.

For development on this machine only; people start `penstock serve`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from penstock.app import open_node
from penstock.core.node import Node
from penstock.http import who
from penstock.runtime import sessions, users


def main(home: str, port: int) -> None:
    """Serve the pages of a home on 127.0.0.1, signed in already."""
    import uvicorn
    from starlette.types import Receive, Scope, Send

    from penstock.web.site import look, site

    look().jinja.auto_reload = True  # a template that was changed is seen at once
    node = open_node(Path(home))
    app, cookie = site(node), f"{who.COOKIE}={_session(node)}".encode()

    async def signed_in(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            kept = [v for k, v in scope["headers"] if k == b"cookie" and who.COOKIE.encode() not in v]
            others = [(k, v) for k, v in scope["headers"] if k != b"cookie"]
            scope = {**scope, "headers": [*others, (b"cookie", b"; ".join([*kept, cookie]))]}
        await app(scope, receive, send)

    uvicorn.run(signed_in, host="127.0.0.1", port=port, log_level="warning")


def _session(node: Node) -> str:
    login = node.config.user
    if node.users.find(login) is None:
        users.add(node, login, admin=True)
    return sessions.open_session(node, login, agent="preview")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 8000)
