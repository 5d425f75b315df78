"""Bundles: freeze a project, compare, download; on another node take in, check, activate, roll back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from penstock.cli import _here, command, output
from penstock.cli._values import assigned
from penstock.cli.output import AsJson
from penstock.core.errors import Invalid, Refused

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """The bundles of the project, newest first."""
    rows = [_row(bundle) for bundle in _here.project().bundles.list()]
    output.table(rows, as_json=as_json, empty="No bundle yet: penstock bundle create v1")


@app.command()
def create(
    id: str,
    notes: str = typer.Option("", "--notes", help="Release notes."),
    unique: bool = typer.Option(False, "--unique", help="Put the next free number behind the id."),
    dataset: list[str] = typer.Option(None, "--dataset", help="Its rows go along; several times."),
    model: list[str] = typer.Option(None, "--model", help="Its versions go along; several times."),
    folder: list[str] = typer.Option(None, "--folder", help="Its files go along; several times."),
    store: list[str] = typer.Option(None, "--store", help="Its evaluations go along; several times."),
    every_version: bool = typer.Option(False, "--every-version", help="Of models all versions, not only the active."),
    wheelhouse: bool = typer.Option(False, "--wheelhouse", help="The packages of code environments go along."),
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Freeze the project as it is now, signed by this node. What goes along is remembered for the next one."""
    content = _content(dataset, model, folder, store, every_version)
    if wheelhouse:
        content = {**(content or _here.project().bundles.content().content.model_dump()), "wheelhouse": True}
    made = _here.project().bundles.create(id, notes=notes, unique=unique, content=content)
    if as_json:
        return output.print_json(_row(made))
    typer.echo(
        f"Bundle {made.bundle} is made: {made.bytes:,} bytes, commit {made.commit[:10]}, tag {made.tag}."
    )
    return output.warn(made.warnings)


@app.command()
def show(id: str, as_json: AsJson = False) -> None:
    """What a bundle says of itself."""
    output.facts(_here.project().bundles.manifest(id).model_dump(mode="json"), as_json=as_json)


@app.command()
def compare(
    id: str,
    other: str = typer.Argument("", help="The one before it unless said."),
    text: bool = typer.Option(False, "--text", help="With the text of every difference."),
    as_json: AsJson = False,
) -> None:
    """What changed: objects, packages of code environments, active versions of models with their scores."""
    _compared(_here.project().bundles.compare(id, other), text=text, as_json=as_json)


@app.command()
def changes(
    text: bool = typer.Option(False, "--text", help="With the text of every difference."), as_json: AsJson = False
) -> None:  # fmt: skip
    """What changed since the last bundle."""
    _compared(_here.project().bundles.since(), text=text, as_json=as_json)


@app.command()
def download(id: str, target: Path = typer.Argument(Path(), help="A file, or a folder.")) -> None:
    """The zip of a bundle; any node takes it that trusts this one."""
    typer.echo(_here.project().bundles.download(id, target))


@app.command()
def delete(id: str) -> None:
    """Remove a bundle here. What was published of it stays."""
    _here.project().bundles.delete(id)
    typer.echo(f"Bundle {id} is gone.")


@app.command()
def revert(id: str) -> None:
    """Bring this project back to a bundle: definitions, and the data that is in it over the data there is now."""
    report = _here.project().bundles.revert(id)
    _told(report.messages)
    typer.echo(f"The project is as it was in bundle {id}.")


@app.command()
def receive(
    archive: Path, key: str = typer.Option("", "--as", help="Key of the project here; as there unless said.")
) -> None:
    """Take in a bundle on the node that will run it. Its signer must be trusted; nothing else changes."""
    came = _here.home().incoming.receive(archive, key=key)
    next_one = command("bundle", "activate", key or came.project, came.bundle)
    typer.echo(f"Bundle {came.bundle} of {came.project} came. Next: {next_one}")


@app.command()
def received(key: str, as_json: AsJson = False) -> None:
    """The bundles that came for a project of this node, the active one marked."""
    incoming = _here.home().incoming
    active = incoming.active(key)
    rows = [{"active": bool(active and active.bundle == b.bundle), **_row(b)} for b in incoming.list(key)]
    output.table(rows, as_json=as_json, empty="No bundle came yet.")


@app.command()
def check(
    key: str, id: str,
    connection: list[str] = typer.Option(None, "--connection", help="THERE=HERE; several times."),
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """What is in the way of activating a bundle, or worth knowing. Changes nothing; exits with 5 when it is refused."""
    incoming = _here.home().incoming
    report = incoming.check(key, id, _settings(incoming, key, connection, None, None))
    if as_json:
        output.print_json(report)
    else:
        _told(report.messages)
    if any(m.severity in ("ERROR", "FATAL") for m in report.messages):
        raise Refused(f"Bundle {id} cannot be activated as it is.", hint="See the messages above.")


@app.command()
def activate(
    key: str, id: str,
    connection: list[str] = typer.Option(None, "--connection", help="THERE=HERE; several times."),
    scenario: list[str] = typer.Option(None, "--scenario", help="NAME=on or NAME=off: its triggers."),
    local: list[str] = typer.Option(None, "--local", help="NAME=VALUE: local variables, all of them."),
    ignore_warnings: bool = typer.Option(False, "--ignore-warnings", help="Warnings do not stop it."),
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make a bundle the state of a project, all of it or nothing; an older one is a rollback.

    Exits with 5, and nothing has changed, when a message stops it.
    """
    incoming = _here.home().incoming
    settings = _settings(incoming, key, connection, scenario, local)
    report = incoming.activate(key, id, settings, ignore_warnings=ignore_warnings)
    if as_json:
        output.print_json(report)
    else:
        _told(report.messages)
    if not report.activated:
        raise Refused(
            f"Bundle {id} was not activated; {key} is as it was.",
            hint="With only warnings: --ignore-warnings.",
        )
    typer.echo(f"{key} is at bundle {id}.", err=as_json)


def _row(bundle: Any) -> dict[str, Any]:
    return {
        "bundle": bundle.bundle, "created": bundle.created_at, "by": bundle.created_by, "node": bundle.node,
        "commit": bundle.commit[:10], "bytes": bundle.bytes, "data": [*bundle.datasets, *bundle.models],
        "notes": bundle.notes,
    }  # fmt: skip


def _content(
    dataset: list[str] | None, model: list[str] | None, folder: list[str] | None, store: list[str] | None, every: bool
) -> dict[str, Any] | None:  # fmt: skip
    """What was said of the content; None when nothing was, so that the remembered choice counts."""
    said = {"datasets": dataset, "models": model, "folders": folder, "evaluation_stores": store}
    if not any(said.values()) and not every:
        return None
    return {**{sort: names or [] for sort, names in said.items()}, "only_required_versions": not every}


def _settings(
    incoming: Any, key: str, connection: list[str] | None, scenario: list[str] | None, local: list[str] | None
) -> dict[str, Any]:
    """The settings of last time with what was said over them."""
    found: dict[str, Any] = incoming.settings(key).model_dump(mode="json")
    found["connections"] |= dict(_pair(word) for word in connection or ())
    found["scenarios"] |= {name: _is_on(value) for name, value in map(_pair, scenario or ())}
    if local:
        found["local_variables"] = assigned(local)
    return found


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals:
        raise Invalid(f"'{word}' says nothing of what it becomes.", hint="Write it as NAME=VALUE.")
    return name.strip(), value.strip()


def _is_on(value: str) -> bool:
    if value not in ("on", "off"):
        raise Invalid(f"'{value}' is neither on nor off.")
    return value == "on"


def _compared(found: Any, *, text: bool, as_json: bool) -> None:
    if as_json:
        return output.print_json(found)
    typer.echo(f"{found.newer} against {found.older or 'nothing'}, by {', '.join(found.authors) or 'nobody'}")
    output.table(
        [{"change": o.change, "sort": o.sort, "name": o.name} for o in found.designed],
        empty="No object changed.",
    )
    if found.generated:
        typer.echo(f"Also {found.generated_told}.")
    if found.packages:
        output.table(
            [
                {"environment": p.environment, "package": p.package, "before": p.before, "after": p.after}
                for p in found.packages
            ]
        )
    for model in found.models:
        typer.echo(f"Model {model.model}: {model.before or 'none'} → {model.after or 'none'}")
        output.table(
            [
                {"score": m.metric, "before": m.before, "after": m.after, "change": m.delta}
                for m in model.metrics
            ]
        )
    for change in found.objects if text else ():
        typer.echo(change.diff)
    return None


def _told(messages: Any) -> None:
    output.say(f"{m.severity} {m.code}: {m.text} {m.hint}".strip() for m in messages)
