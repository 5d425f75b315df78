"""The home: its disk, its workers, what waits, its secrets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.counting import counted

app = typer.Typer(no_args_is_help=True)


@app.command()
def create() -> None:
    """Make an empty home, in --home, PENSTOCK_HOME or ~/.penstock: for a node whose workers start before it has
    projects. `penstock project create` and `penstock demo` make one too."""
    made = _here.new_home().status()
    typer.echo(f"The home {made.home} is there. Next: penstock project create KEY, or penstock demo flights.")


@app.command()
def tidy(as_json: AsJson = False) -> None:
    """Remove now what the settings no longer keep (`logs_days`, `jobs_kept`, `runs_days` …) and what dead processes
    left; a worker does it once a day."""
    found = _here.home().tidy()
    if as_json:
        output.print_json(found)
        return
    output.facts(
        {
            "runs_removed": found.runs, "jobs_removed": found.jobs, "logs_removed": found.logs,
            "left_overs_removed": found.left_overs, "freed": size(found.freed),
        }
    )  # fmt: skip
    if not found:
        typer.echo("Nothing was to be removed.")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Disk use by part, how much there is, who works and what waits. Says what somebody should do something about."""
    found = _here.home().status()
    if as_json:
        output.print_json(
            {
                **output.plain(found),
                "total": found.total,
                "problem": found.problem,
                "problems": found.problems,
            }
        )
        return
    output.facts(
        {
            "home": str(found.home), "state": found.state,
            **found.counts, "runs_waiting": found.queued, "runs_going_on": found.running,
            "tidied": found.tidied_at,
        }
    )  # fmt: skip
    used = [{"part": part, "size": size(amount)} for part, amount in found.disk.items()]
    output.table([*used, {"part": "all", "size": size(found.total)}])
    workers = [_worker(worker) for worker in found.workers]
    output.table(workers, empty="Nobody works. `penstock work` starts a worker.")
    output.warn(found.problems)
    output.warn(_untold(found.untold))


@app.command()
def move_state(
    to: Annotated[str, typer.Argument(metavar="URL", help="Such as `postgresql://USER:PASSWORD@HOST/NAME`.")],
    as_json: AsJson = False,
) -> None:
    """Copy the state of the home (users, jobs, runs, metrics, versions) into an empty database and use that one from
    now on, so that many machines can work on it. Every table is compared; the old state stays as it is. Servers and
    workers of the home have to be stopped."""
    moved = _here.move_state(to)
    if as_json:
        output.print_json({"rows": moved.rows, "total": moved.total})
        return
    output.table([{"table": table, "rows": rows} for table, rows in moved.rows.items() if rows])
    typer.echo(
        f"{counted(moved.total, 'row')} moved and compared. config.yaml names the new state; the old one stays."
    )


@app.command()
def secrets(as_json: AsJson = False) -> None:
    """The names of the sealed values of this node; the values are shown to nobody."""
    rows = [{"secret": name} for name in _here.home().secrets.names()]
    output.table(rows, as_json=as_json, empty="No secret yet. `penstock channel secret put NAME` seals one.")


def size(amount: float) -> str:
    """Bytes as people read them: `1.2 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def _untold(untold: Sequence[Any]) -> Iterator[str]:
    """How many messages reached nobody, and why the newest did not."""
    if untold:
        newest = untold[0]
        yield (
            f"{counted(len(untold), 'message')} of the last 7 days did not reach anybody; the newest: reporter "
            f"{newest.reporter} of {newest.project}.{newest.scenario}, run {newest.run}: {newest.why}"
        )


def _worker(worker: Any) -> dict[str, Any]:
    host, pid, _ = worker.id.rsplit(":", 2)
    return {
        "host": host, "process": pid, "runs_at_once": worker.lanes, "since": worker.started_at,
        "seen": worker.seen_at,
    }  # fmt: skip
