"""The audit log: who did what, to which object, when, from where, and how it ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True)


@app.command()
def tail(lines: int = typer.Option(20, "--lines", "-n", min=1), as_json: AsJson = False) -> None:
    """The newest events, oldest of them first."""
    _tell(_here.home().audit.latest(lines)[::-1], as_json)


@app.command()
def search(
    text: str = typer.Argument("", help="A text somewhere in the event."),
    user: str = typer.Option("", help="Only what this user did."), project: str = typer.Option(""),
    type_: str = typer.Option("", "--type", help="Only events of this type, such as dataset-export."),
    since: datetime = typer.Option(None, help="Not older than this moment, in UTC."),
    limit: int = typer.Option(200, min=0, help="How many at most; 0 = all."), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Events that fit, newest first."""
    from datetime import UTC

    moment = since.replace(tzinfo=UTC) if since else None
    found = _here.home().audit.latest(
        limit, text=text, user=user, project=project, msg_type=type_, since=moment
    )
    _tell(found, as_json)


def _tell(records: Any, as_json: bool) -> None:
    if as_json:
        output.print_json(list(records))
        return
    rows = [
        {
            "time": str(r.get("timestamp", ""))[:19].replace("T", " "), "type": r.get("msgType", ""),
            "user": r.get("user", ""), "project": r.get("project", ""), "object": r.get("object", ""),
            "result": r.get("result", ""), "from": r.get("address") or r.get("source", ""),
        }
        for r in records
    ]  # fmt: skip
    output.table(rows, empty="Nothing happened yet that fits.")
