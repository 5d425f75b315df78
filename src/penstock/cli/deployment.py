"""Deployments: create, change, update, go back, look at."""

from __future__ import annotations

import json
from typing import Any

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.errors import Invalid

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every deployment: what, where, and how it was when it was last looked at."""
    rows = [
        {"id": d.id, "sort": d.sort, "package": d.package, "infrastructure": d.infrastructure, "stage": d.stage,
         "health": d.health, "updated_at": d.updated_at} for d in _here.home().deployer.deployments()
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="Nothing is deployed yet.")


@app.command()
def create(
    published: str,
    package: str,
    infrastructure: str,
    id: str = typer.Option("", "--id", help="PUBLISHED-on-INFRASTRUCTURE unless said."),
    key: str = typer.Option("", "--as", help="Key of the project, or id of the service, on the nodes."),
    service: bool = typer.Option(False, "--service", help="It is a published service."),
) -> None:
    """A deployment of a published bundle, or version of a service. Nothing is deployed before its first update."""
    deployer = _here.home().deployer
    if service:
        made = deployer.create_service_deployment(published, package, infrastructure, id=id, deployed_as=key)
    else:
        made = deployer.create_deployment(published, package, infrastructure, id=id, key=key)
    typer.echo(f"Deployment {made.id} is there. Deploy it: penstock deployment update {made.id}")


@app.command()
def show(deployment: str, as_json: AsJson = False) -> None:
    """The settings of a deployment."""
    found = output.plain(_here.home().deployer.deployment(deployment).settings)
    output.facts({"id": deployment, **found}, as_json=as_json)


@app.command("set")
def set_(
    deployment: str,
    values: list[str] = typer.Argument(help="such as settings.scenarios.retrain=true, enabled=false"),
) -> None:
    """Change settings. They take effect at the next update."""
    found = _here.home().deployer.deployment(deployment)
    definition = output.plain(found.settings)
    for word in values:
        path, equals, value = word.partition("=")
        if not equals:
            raise Invalid(f"'{word}' is no setting.", hint="Write it as name=value.")
        _put(definition, path.split("."), _value(value))
    found.save(definition)
    typer.echo(f"Saved. It takes effect with: penstock deployment update {deployment}")


@app.command()
def update(
    deployment: str,
    package: str = typer.Option("", "--package", help="Take this bundle or version first."),
    ignore_warnings: bool = typer.Option(False, "--ignore-warnings", help="Warnings do not stop it."),
    full: bool = typer.Option(False, "--full", help="Send everything again."),
    as_json: AsJson = False,
) -> None:
    """Bring a deployment to its nodes and wait; its log is shown. Exits with 1 when it fails."""
    found = _here.home().deployer.deployment(deployment)
    begun = found.update(package, ignore_warnings=ignore_warnings, full=full, wait=False)
    _follow(found, begun.id, as_json=as_json)


@app.command()
def rollback(
    deployment: str,
    to: str = typer.Option("", "--to", help="Id of an earlier update; the one before the last unless said."),
    as_json: AsJson = False,
) -> None:
    """Go back to the bundle or versions, and the settings, of an earlier update. Data stays as it is."""
    found = _here.home().deployer.deployment(deployment)
    begun = found.rollback(to, wait=False)
    _follow(found, begun.id, as_json=as_json)


@app.command()
def updates(deployment: str, as_json: AsJson = False) -> None:
    """Its updates, newest first."""
    rows = [
        {"id": u.id, "kind": u.kind, "package": u.package, "state": u.state, "by": u.requested_by,
         "started_at": u.started_at, "ended_at": u.ended_at, "error": u.error}
        for u in _here.home().deployer.deployment(deployment).updates()
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="It was never updated.")


@app.command()
def log(
    deployment: str, update: str = typer.Argument("", help="Id of the update; the last one unless said.")
) -> None:
    """The log of an update."""
    found = _here.home().deployer.deployment(deployment)
    newest = next(iter(found.updates()), None)
    if not update and newest is None:
        raise Invalid(f"Deployment {deployment} was never updated.")
    for piece in found.log(update or newest.id if newest else update):
        typer.echo(piece, nl=False)


@app.command()
def status(deployment: str, as_json: AsJson = False) -> None:
    """Ask its nodes how it is now."""
    found = _here.home().deployer.deployment(deployment).status()
    if as_json:
        return output.print_json(found)
    reasons = [reason.text for reason in found.reasons]
    return output.facts({"deployment": deployment, "health": found.health, "reasons": reasons})


@app.command()
def delete(
    deployment: str,
    force: bool = typer.Option(False, "--force", help="Although it is on, or a node is away."),
) -> None:
    """Remove a deployment that is off. The project on its node stays."""
    _here.home().deployer.deployment(deployment).delete(ignore=force)
    typer.echo(f"Deployment {deployment} is gone.")


def _follow(found: Any, update: str, *, as_json: bool) -> None:
    ended = found.wait(update)
    if as_json:
        return output.print_json(ended)
    for piece in found.log(update):
        typer.echo(piece, nl=False)
    return None


def _put(mapping: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        mapping = mapping.setdefault(part, {})
    mapping[path[-1]] = value


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
