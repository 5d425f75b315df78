"""API services: endpoints, keys, test queries, versions, monitoring."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.errors import Failed, Invalid
from penstock.sdk.services import Service

app = typer.Typer(no_args_is_help=True)
key = typer.Typer(no_args_is_help=True, help="Keys of whoever asks: make, list, revoke.")
app.add_typer(key, name="key")


def _service(name: str) -> Service:
    return _here.project().service(name)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every API service of the project."""
    rows = [
        {
            "name": s.name,
            "title": s.title,
            "endpoints": list(s.endpoints),
            "access": s.access,
            "newest": s.newest,
        }
        for s in _here.project().services()
    ]
    output.table(
        rows,
        as_json=as_json,
        empty="No API service yet. `penstock service create TITLE --model MODEL` makes one.",
    )


@app.command()
def show(name: str, as_json: AsJson = False) -> None:
    """Its endpoints and their types, who may ask, how many test queries there are."""
    found = _service(name).definition()
    rows = [
        {
            "endpoint": e.name,
            "type": e.kind_name(),
            "verbs": [*e.VERBS, *e.GET_VERBS],
            "test_queries": len(e.test_queries),
        }
        for e in found.endpoints
    ]
    output.table(
        rows, as_json=as_json, empty="No endpoint yet. `penstock service endpoint NAME FILE` adds one."
    )


@app.command()
def create(
    title: str, model: str = typer.Option("", help="A saved model: an endpoint that predicts with it.")
) -> None:
    """A new service; its name is made from the title."""
    typer.echo(_here.project().create_service(title, model=model).name)


@app.command()
def endpoint(
    name: str, file: Path = typer.Argument(help="YAML that begins with `type:` and `name:`."),
    was: str = typer.Option("", help="The endpoint it replaces."),
) -> None:  # fmt: skip
    """Add an endpoint from a YAML file, or replace one."""
    from penstock.store.yaml import read_mapping

    if not file.is_file():
        raise Invalid(f"There is no file {file}.")
    found = read_mapping(file)
    _service(name).save_endpoint(found, was=was)
    typer.echo(
        f"Endpoint {found.get('name')} of service {name} is there. Try it: penstock service test {name}"
    )


@app.command()
def ask(
    name: str, endpoint: str, query: str = typer.Argument(help="JSON, such as '{\"features\": {\"age\": 35}}'."),
    verb: str = typer.Option("", help="The endpoint's first one when left out."), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Ask one query of the service as it stands now. Exits with 1 when it is refused."""
    try:
        asked = json.loads(query)
    except ValueError as error:
        raise Invalid(f"The query is no JSON: {error}") from error
    if not isinstance(asked, dict):
        raise Invalid("A query is a JSON object.")
    found = _service(name).ask(endpoint, asked, verb=verb)
    _told([found], as_json=as_json)


@app.command()
def queries(
    name: str, endpoint: str, dataset: str = typer.Argument(help="Where the rows come from."),
    rows: int = typer.Option(5, help="How many of the first rows."),
) -> None:  # fmt: skip
    """Keep a test query for each of the first rows of a dataset."""
    made = _service(name).generate_queries(endpoint, dataset, rows=rows)
    typer.echo(f"{len(made)} test queries. Ask them: penstock service test {name}")


@app.command("test")
def try_(
    name: str, endpoint: str = typer.Option("", help="Of one endpoint only."), as_json: AsJson = False
) -> None:
    """Ask every test query of the service as it stands now. Exits with 1 when one is refused."""
    _told(_service(name).run_queries(endpoint), as_json=as_json)


@app.command()
def versions(name: str, as_json: AsJson = False) -> None:
    """Its versions, newest first, with the model versions they froze."""
    rows = [
        {
            "version": v.version, "created": v.created_at, "by": v.created_by, "models": list(v.models.values()),
            "bytes": v.size, "notes": v.release_notes,
        }
        for v in _service(name).versions()
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty=f"No version yet. `penstock service pack {name} v1` makes one.")


@app.command()
def pack(
    name: str, version: str, notes: str = typer.Option("", help="Release notes, in Markdown."),
    unique: bool = typer.Option(False, "--unique", help="Put a number behind an id that is taken."),
) -> None:  # fmt: skip
    """Make a version: definitions, active models and bundled rows, frozen and signed."""
    made = _service(name).create_version(version, release_notes=notes, unique=unique)
    typer.echo(f"Version {made.version} of service {name}: {made.size:,} bytes.")


@app.command()
def download(name: str, version: str, target: Path) -> None:
    """Write the package of a version to a zip file."""
    typer.echo(str(_service(name).download(version, target)))


@app.command("delete-version")
def delete_version(name: str, version: str) -> None:
    """Remove a version here; what was published of it stays there."""
    _service(name).delete_version(version)
    typer.echo(f"Version {version} of service {name} is gone.")


@app.command()
def openapi(
    name: str, version: str = typer.Option("", help="Of a version; as it stands when left out.")
) -> None:
    """Its Swagger document, as JSON."""
    typer.echo(json.dumps(_service(name).openapi(version), indent=2))


@app.command()
def monitor(
    name: str, endpoint: str, labels: str = typer.Option("", help="Dataset with the truth, known later."),
    key: str = typer.Option("", help="Field of the context that labels are joined by."),
    label_key: str = typer.Option("", help="Its column in the labels, when it is called otherwise."),
) -> None:  # fmt: skip
    """Make the monitoring zone of an endpoint: its log, Evaluate, a store with a drift check."""
    made = _service(name).monitor(endpoint, labels=labels, key=key, label_key=label_key)
    typer.echo(f"Zone {made.zone}. Evaluate what was asked so far: penstock flow build {made.store}")


@app.command()
def delete(name: str) -> None:
    """Remove a service; its versions and what was deployed stay."""
    _service(name).delete()
    typer.echo(f"Service {name} is gone.")


@key.command("create")
def create_key(
    name: str, label: str = typer.Option("", help="Who or what it is for."),
    days: int = typer.Option(0, help="Until it expires; 0 = never."),
) -> None:  # fmt: skip
    """A key that opens the versions made from now on. It is shown this once."""
    made = _service(name).create_key(label, days=days)
    typer.echo(f"Key {made.id}: {made.secret}")


@key.command("list")
def list_keys(name: str, as_json: AsJson = False) -> None:
    """The keys of a service; never a secret."""
    rows = [
        {
            "id": k.id,
            "label": k.label,
            "created": k.created_at,
            "by": k.created_by,
            "expires": k.expires_at or "never",
        }
        for k in _service(name).definition().access.keys
    ]
    output.table(rows, as_json=as_json, empty="No key yet: `penstock service key create` makes one.")


@key.command()
def revoke(name: str, id: str) -> None:
    """A key that opens no version made from now on."""
    _service(name).revoke_key(id)
    typer.echo(f"Key {id} is revoked for versions made from now on.")


def _told(runs: list[Any], *, as_json: bool) -> None:
    rows = [
        {
            "endpoint": r.endpoint,
            "query": r.name,
            "status": r.status,
            "answer": json.dumps(r.answer),
            "seconds": round(r.seconds, 4),
        }
        for r in runs
    ]
    output.table(rows, as_json=as_json, empty="No test query yet: `penstock service queries` makes some.")
    refused = sum(r.status >= 400 for r in runs)
    if refused:
        raise Failed(f"{refused} of {len(runs)} queries were not answered.")
