"""Checks and rules: list, run, test before saving, history."""

from __future__ import annotations

from pathlib import Path

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.errors import Invalid

app = typer.Typer(no_args_is_help=True, help="Checks and rules: list, run, test before saving, history.")


@app.command("list")
def list_(item: str, as_json: AsJson = False) -> None:
    """The checks and rules of an object with their latest verdicts."""
    rows = [
        {
            "check": c.name, "type": c.demand.kind_name(), "enabled": c.demand.enabled,
            "verdict": c.last.verdict if c.last else None, "message": c.last.message if c.last else "",
            "judged": c.last.computed_at if c.last else None,
        }
        for c in _here.project().item(item).checks()
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="No check yet.")


@app.command()
def run(
    item: str, evaluation: str = typer.Option("", help="Of a store: judge this evaluation, not the newest."),
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Judge all enabled checks and rules. Exits with 1 when one says ERROR."""
    results = _here.project().item(item).run_checks(evaluation)
    rows = [{"check": r.check_name, "verdict": r.verdict, "message": r.message} for r in results]
    output.table(rows, as_json=as_json, empty="No check yet.")
    if any(r.verdict == "ERROR" for r in results):
        raise typer.Exit(1)


@app.command()
def test(item: str, file: Path) -> None:
    """Judge a check from a YAML file without saving anything."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        definition = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except (OSError, YAMLError) as error:
        raise Invalid(f"{file} cannot be read as YAML: {error}") from error
    judged = _here.project().item(item).test_check(definition)
    output.facts({"verdict": judged.verdict, "message": judged.message})


@app.command()
def history(
    item: str, check: str = typer.Argument("", help="Only this check."), as_json: AsJson = False
) -> None:
    """What the checks said, oldest first."""
    found = _here.project().item(item).check_history(check)
    rows = [
        {"computed": r.computed_at, "check": r.check_name, "verdict": r.verdict, "message": r.message}
        for r in found
    ]
    output.table(rows, as_json=as_json, empty="Nothing judged yet.")
