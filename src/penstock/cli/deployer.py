"""The deployer: infrastructures, what is published, how everything deployed is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.errors import Invalid

app = typer.Typer(no_args_is_help=True)
infrastructure = typer.Typer(no_args_is_help=True, help="Infrastructures: list, show, set, test, remove.")
app.add_typer(infrastructure, name="infrastructure")


@app.command("list")
def list_(
    services: bool = typer.Option(False, "--services", help="Published services instead of projects."),
    as_json: AsJson = False,
) -> None:
    """What is published, and what of it is deployed."""
    found = _here.home().deployer.published("service" if services else "project")
    rows = [
        {"name": p.name, "newest": p.packages[0].id if p.packages else "", "packages": len(p.packages),
         "deployments": list(p.deployments)} for p in found
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="Nothing is published yet.")


@app.command()
def packages(
    name: str,
    services: bool = typer.Option(False, "--services", help="It is a published service."),
    as_json: AsJson = False,
) -> None:
    """The bundles of a published project, or the versions of a service, newest first."""
    found = {p.name: p for p in _here.home().deployer.published("service" if services else "project")}
    if name not in found:
        raise Invalid(f"Nothing is published as {name}.", hint="penstock deployer list")
    rows = [
        {"id": p.id, "published_at": p.published_at, "published_by": p.published_by, "bytes": p.bytes,
         "from": f"{p.source.node} {p.source.project}".strip()} for p in found[name].packages
    ]  # fmt: skip
    output.table(rows, as_json=as_json)


@app.command()
def publish(
    archive: Path,
    services: bool = typer.Option(False, "--services", help="It is a version of a service."),
    name: str = typer.Option("", "--as", help="Published under another name than its own."),
    as_json: AsJson = False,
) -> None:
    """Publish a downloaded bundle, or a version of a service."""
    made = _here.home().deployer.publish_file(archive, sort="service" if services else "project", name=name)
    output.facts({"id": made.id, "bytes": made.bytes, "published_by": made.published_by}, as_json=as_json)


@app.command()
def monitoring(
    refresh: bool = typer.Option(False, "--refresh", help="Ask every node now."), as_json: AsJson = False
) -> None:
    """How everything deployed is: deployment, model, execution, data, and the worst of them."""
    screen = _here.home().deployer.monitoring(refresh=refresh)
    rows = [
        {"id": line.id, "overall": line.overall, **line.statuses, "package": line.package,
         "why": "; ".join(line.reasons)} for line in screen.lines
    ]  # fmt: skip
    if as_json:
        return output.print_json(screen)
    output.table(rows, empty="Nothing is deployed yet.")
    return output.say(why_of(screen.lines))


def why_of(lines: Iterable[Any]) -> list[str]:
    """Why a status of a deployment is not healthy, or not known: a sentence each."""
    return [f"{line.id}, {word}: {why}" for line in lines for word, why in line.why.items() if why]


@infrastructure.command("list")
def infrastructures(as_json: AsJson = False) -> None:
    """Every infrastructure, its stage and what is deployed there."""
    rows = [
        {
            "name": i.name,
            "type": i.type,
            "stage": i.stage,
            "urls": list(i.urls),
            "deployments": list(i.deployments),
        }
        for i in _here.home().deployer.infrastructures()
    ]
    empty = "No infrastructure yet. `penstock deployer infrastructure set NAME FILE` makes one."
    output.table(rows, as_json=as_json, empty=empty)


@infrastructure.command("show")
def show_infrastructure(name: str, as_json: AsJson = False) -> None:
    """The settings of an infrastructure; it names its secrets and holds none."""
    found = output.plain(_here.home().deployer.infrastructure(name))
    output.facts({"name": name, **found}, as_json=as_json)


@infrastructure.command("set")
def set_infrastructure(name: str, file: Path) -> None:
    """Make an infrastructure from a YAML file, or change it. The file begins with `type:`, such as automation_node."""
    from penstock.store.yaml import read_mapping

    if not file.is_file():
        raise Invalid(f"There is no file {file}.")
    _here.home().deployer.set_infrastructure(name, read_mapping(file))
    typer.echo(f"Infrastructure {name} is there. Try it: penstock deployer infrastructure test {name}")


@infrastructure.command("test")
def test_infrastructure(name: str) -> None:
    """Ask its nodes something that needs their keys."""
    for line in _here.home().deployer.test_infrastructure(name):
        typer.echo(line)


@infrastructure.command("remove")
def remove_infrastructure(name: str) -> None:
    """Remove an infrastructure that nothing is deployed on."""
    _here.home().deployer.delete_infrastructure(name)
    typer.echo(f"Infrastructure {name} is gone.")
