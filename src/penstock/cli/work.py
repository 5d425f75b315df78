"""Work: be a worker that does runs of scenarios and looks at triggers, until Ctrl-C."""

from __future__ import annotations

import typer

from penstock.cli import _here, _running, output
from penstock.core.scenario import ScenarioRun
from penstock.core.scenario_words import standing

app = typer.Typer()


@app.command()
def work(
    runs: int = typer.Option(0, "--runs", min=0, help="Runs at once; `limits.runs` of the node when 0."),
    until_idle: bool = typer.Option(
        False, "--until-idle", help="Look at the triggers once, do what waits, and end."
    ),
) -> None:
    """Do runs of scenarios and look at triggers, in the foreground, until Ctrl-C.

    Start as many as you like, on any machine that sees the home and its database. Ctrl-C lets steps end for a few
    seconds and hands unfinished runs back; twice does not wait.
    """
    node = _here.home()
    if not until_idle:
        typer.echo("Working. Ctrl-C stops.")
    node.work(runs=runs, until_idle=until_idle, tell=_tell, alarm=_alarm)


def _alarm(line: str) -> None:
    typer.secho(line, fg="red", bold=True, err=True)


def _tell(run: ScenarioRun) -> None:
    where = f"{run.project}.{run.scenario}"
    if run.state.final:
        typer.secho(f"{where} {run.id}: {_running.told(run)}", fg=_running.COLORS.get(standing(run)))
    elif run.owner:
        typer.echo(f"{where} {run.id}: begun by {run.trigger}, as {run.run_as}")
    else:
        output.warn([f"{where} {run.id}: handed back"])
