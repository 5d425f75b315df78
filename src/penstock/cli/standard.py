"""Project standards: what they find in the project, which hold on this node."""

from __future__ import annotations

from pathlib import Path

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.errors import Invalid
from penstock.core.standard import SEVERITIES

app = typer.Typer(no_args_is_help=True)


@app.command()
def run(
    accept: str = typer.Option("CRITICAL", "--accept", help="The worst severity that is fine: SUCCESS to CRITICAL."),
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Judge the project by the standards that hold for it. Exits with 1 when one finds worse than is accepted."""
    if accept not in SEVERITIES:
        raise Invalid(f"'{accept}' is no severity: say one of {', '.join(SEVERITIES)}.")
    report = _here.project().standards.run()
    rows = [
        {"standard": r.standard, "state": r.state, "severity": r.severity if r.findings else "", "finding": line}
        for state in ("review", "error", "not applicable", "success")
        for r in report.worst_first if r.state == state
        for line in ([f.text for f in r.findings] or [r.text])
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="No standard holds for this project.")
    if SEVERITIES.index(report.worst) > SEVERITIES.index(accept):
        raise typer.Exit(1)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """The standards of this node, and how bad it is when a project is not so."""
    held = _here.home().standards.show()
    rows = [
        {"standard": one.key, "type": one.kind_name(), "severity": one.severity} for one in held.standards
    ]
    output.table(rows, as_json=as_json, empty="No standard holds here.")


@app.command("set")
def set_(
    file: Path = typer.Argument(
        None, help="YAML with `standards` and `scopes`; none: every kind there is again."
    ),
) -> None:
    """Choose which standards hold on this node, and for which projects."""
    from penstock.store.yaml import read_mapping

    if file is not None and not file.is_file():
        raise Invalid(f"There is no file {file}.")
    chosen = _here.home().standards.choose(read_mapping(file) if file is not None else None)
    typer.echo(
        f"{len(chosen.standards)} standards hold, in {len(chosen.scopes)} scopes besides all projects."
    )
