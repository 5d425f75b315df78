"""Checks and rules: list, run, test before saving, history."""

from __future__ import annotations

from pathlib import Path

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.errors import Invalid

app = typer.Typer(no_args_is_help=True)

EVALUATION = typer.Option("", "--evaluation", help="Of a store: judge this evaluation, not the newest.")


@app.command("list")
def list_(item: str, as_json: AsJson = False) -> None:
    """The checks and rules of an object with their latest verdicts."""
    rows = [
        {
            "check": c.name, "verdict": c.last.verdict if c.last else None,
            "message": c.last.message if c.last else "not judged yet", "type": c.demand.kind_name(),
            "enabled": c.demand.enabled, "judged": c.last.computed_at if c.last else None,
        }
        for c in _here.project().item(item).checks()
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="No check yet.")


@app.command()
def run(
    item: str, check: list[str] = typer.Option(None, help="Only this one, by name."), evaluation: str = EVALUATION,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Judge an object by its latest metrics, and keep what is said. Exits with 1 when one says ERROR."""
    results = _here.project().item(item).run_checks(check or None, evaluation=evaluation)
    rows = [{"check": r.check_name, "verdict": r.verdict, "message": r.message} for r in results]
    output.table(rows, as_json=as_json, empty="No check yet.")
    if any(r.verdict == "ERROR" for r in results):
        raise typer.Exit(1)


@app.command("test")
def try_(
    item: str, file: Path, rule: bool = typer.Option(False, "--rule", help="The file holds a rule."),
    evaluation: str = EVALUATION, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Judge a check, or a rule, of a YAML file. Nothing is saved. Exits with 1 when it says ERROR."""
    from penstock.store.yaml import read_mapping

    if not file.is_file():
        raise Invalid(f"There is no file {file}.")
    family = "rules" if rule else "checks"
    judged = _here.project().item(item).test_check(read_mapping(file), family=family, evaluation=evaluation)
    output.facts({"verdict": judged.verdict, "message": judged.message}, as_json=as_json)
    if judged.verdict == "ERROR":
        raise typer.Exit(1)


@app.command()
def history(
    item: str, check: str = typer.Argument("", help="Only this check."), as_json: AsJson = False
) -> None:
    """What the checks said, oldest first."""
    found = _here.project().item(item).check_history(check)
    rows = [
        {"check": r.check_name, "verdict": r.verdict, "message": r.message, "judged": r.computed_at}
        for r in found
    ]
    output.table(rows, as_json=as_json, empty="Nothing judged yet.")


@app.command()
def dataset(
    item: str, name: str = typer.Option("", help="ITEM_checks when left out."),
    last_only: bool = typer.Option(False, "--last-only", help="Only what each check said last."),
    of_project: bool = typer.Option(False, "--of-project", help="Of every object of the project."),
) -> None:  # fmt: skip
    """Make a live dataset of what the checks of an object said, in its zone."""
    scope = "project" if of_project else "object"
    made = (
        _here.project()
        .item(item)
        .create_history_dataset("checks", name=name, last_only=last_only, scope=scope)
    )
    typer.echo(f"Dataset {made} is there; it always shows the current results.")
