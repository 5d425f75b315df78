"""Datasets: the list of data, rows to explore, files to choose, columns, settings."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.responses import Response

from penstock.core import registry
from penstock.core.access import Permission
from penstock.core.dataset import Dataset, format_for
from penstock.core.errors import (
    Conflict,
    Invalid,
    InvalidDefinition,
    PenstockError,
    SaveConflict,
)
from penstock.core.kind import Described
from penstock.core.names import name_of_file
from penstock.core.schema import Column
from penstock.drawing.charts import columns
from penstock.http import downloads, uploads
from penstock.runtime import (
    column_analysis,
    data_reports,
    datasets,
    grids,
    inspecting,
    projects,
    remarks,
    text_columns,
    tickets,
)
from penstock.web import advice, forms
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
MADE = ("upload", "files", "server_files", "inline", "managed")
"""Kinds somebody makes by hand; metrics and checks datasets are made from an object's metrics."""
OWN_TABS = Described.MEANINGLESS | {
    "columns",
    "schema_edited",
    "probes",
    "checks",
    "rules",
    "displayed_metrics",
}


@routes.get("/projects/{project}/datasets", Permission.READ)
def listing(ask: Ask) -> Response:
    return ask.page("datasets/list.html", items=data_reports.listing(ask.node, ask.project))


@routes.get("/projects/{project}/datasets/{dataset}/count", Permission.READ)
def count(ask: Ask, dataset: str) -> Response:
    """How many rows there are, for the list."""
    try:
        rows, why = data_reports.rows(ask.node, ask.project, dataset), ""
    except PenstockError as error:
        rows, why = None, advice.told(error)
    return ask.fragment("datasets/_count.html", rows=rows, why=why)


@routes.get("/projects/{project}/datasets/new", Permission.WRITE)
def new(ask: Ask) -> Response:
    return _new(ask, ask.word("type", "upload"), {})


@routes.post("/projects/{project}/datasets/new", Permission.WRITE)
def create(ask: Ask) -> Response:
    type, name = ask.word("type", "upload"), ask.word("dataset_name")
    if type == "upload":
        return _upload(ask)
    values = forms.read(registry.kind("datasets", type), ask.form)
    try:
        data_reports.create(ask.node, ask.project, name, values, author=ask.me.login)
    except (Invalid, Conflict) as wrong:
        return _new(ask, type, values, wrong, name=name)
    return ask.to(ask.url("datasets", name), "Created.")


@routes.get("/projects/{project}/datasets/{dataset}", Permission.READ)
def explore(ask: Ask, dataset: str) -> Response:
    texts = text_columns.untyped(ask.node, ask.project, dataset)
    return ask.page(
        "datasets/explore.html",
        texts=texts,
        remarks=remarks.of(ask.node, ask.project, dataset),
        **_about(ask, dataset),
    )


@routes.get("/projects/{project}/datasets/{dataset}/rows", Permission.READ)
def rows(ask: Ask, dataset: str) -> Response:
    """Some rows, for the grid: the first ones unless others are asked for."""
    limit, way = ask.number("limit", datasets.EXPLORED, most=100_000), ask.word("sample", "first")
    return ask.squeezed(grids.squeezed(ask.node, ask.project, dataset, limit, way=way))


@routes.get("/projects/{project}/datasets/{dataset}/column", Permission.READ)
def column(ask: Ask, dataset: str) -> Response:
    """One column over all rows, for the panel beside the grid."""
    found = column_analysis.analyse(ask.node, ask.project, dataset, ask.word("name"))
    bars = [(b.start, b.end, b.rows) for b in found.numbers.bars] if found.numbers else []
    chart = columns.histogram(bars, found.name) if len(bars) > 1 else None
    return ask.fragment("datasets/_column.html", dataset=dataset, found=found, chart=chart)


@routes.get("/projects/{project}/datasets/{dataset}/files", Permission.READ)
def files(ask: Ask, dataset: str) -> Response:
    return _files(ask, dataset)


@routes.post("/projects/{project}/datasets/{dataset}/files", Permission.WRITE)
def select(ask: Ask, dataset: str) -> Response:
    """Add a file to the selection or take one out; the others stay, in their order."""
    chosen = datasets.selected(ask.node, ask.project, dataset)
    added, dropped = ask.word("add"), ask.word("remove")
    after = [path for path in chosen if path != dropped] + ([added] if added and added not in chosen else [])
    datasets.select_files(ask.node, ask.project, dataset, after, author=ask.me.login)
    return ask.to(
        ask.url("datasets", dataset, "files"),
        f"It reads {added} too." if added else f"It reads {dropped} no more.",
    )


def _not_read(ask: Ask, dataset: str) -> list[str]:
    """Columns that the files hold and the dataset does not."""
    try:
        seen = datasets.seen_columns(ask.node, ask.project, dataset)
    except PenstockError:
        return []
    return [c.column.name for c in seen if c.is_there and not c.is_read]


@routes.post("/projects/{project}/datasets/{dataset}/upload", Permission.WRITE)
def upload(ask: Ask, dataset: str) -> Response:
    with tempfile.TemporaryDirectory() as place:
        kept = uploads.receive(list(ask.files("files")), Path(place))
        try:
            datasets.upload(ask.node, ask.project, dataset, kept, replace=bool(ask.word("replace")))
        except PenstockError as wrong:
            return _files(ask, dataset, wrong)
    left = _not_read(ask, dataset)
    if not left:
        return ask.to(ask.url("datasets", dataset, "files"), "Uploaded.")
    said = f"Uploaded. Not read, as nobody declared it: {', '.join(left)}. Take it in here if it is wanted."
    return ask.to(ask.url("datasets", dataset, "schema"), said, "warning")


@routes.post("/projects/{project}/datasets/{dataset}/files/remove", Permission.WRITE)
def remove(ask: Ask, dataset: str) -> Response:
    """Remove uploaded files; the others stay."""
    paths = ask.words("path")
    datasets.remove_files(ask.node, ask.project, dataset, paths)
    gone = f"{paths[0]} is gone." if len(paths) == 1 else f"{len(paths)} files are gone."
    return ask.to(ask.url("datasets", dataset, "files"), gone)


@routes.get("/projects/{project}/datasets/{dataset}/schema", Permission.READ)
def schema(ask: Ask, dataset: str) -> Response:
    return _schema(ask, dataset)


@routes.post("/projects/{project}/datasets/{dataset}/schema", Permission.WRITE)
def describe(ask: Ask, dataset: str) -> Response:
    before = datasets.show(ask.node, ask.project, dataset)
    seen, _ = _seen(ask, dataset)
    typed = {c.name: c for c in _columns(ask, [s.column for s in seen])}
    declared = [typed[s.column.name] for s in seen if _is_kept(s, typed[s.column.name], before)]
    try:
        datasets.describe(
            ask.node, ask.project, dataset, declared, author=ask.me.login, base=ask.word("base")
        )
    except (InvalidDefinition, SaveConflict) as refused:
        return _schema(ask, dataset, typed, refused)
    return ask.to(ask.url("datasets", dataset, "schema"), "Saved.")


@routes.post("/projects/{project}/datasets/{dataset}/schema/infer", Permission.WRITE)
def infer(ask: Ask, dataset: str) -> Response:
    datasets.infer(ask.node, ask.project, dataset, author=ask.me.login, save=True)
    kept = text_columns.texts(ask.node, ask.project, dataset)
    return ask.to(
        ask.url("datasets", dataset, "schema"), f"Types are as the values suggest them. {kept}".strip()
    )


@routes.post("/projects/{project}/datasets/{dataset}/schema/reload", Permission.WRITE)
def reload(ask: Ask, dataset: str) -> Response:
    datasets.reload(ask.node, ask.project, dataset, author=ask.me.login)
    return ask.to(ask.url("datasets", dataset, "schema"), "Columns are those the data has now.")


@routes.get("/projects/{project}/datasets/{dataset}/settings", Permission.READ)
def settings(ask: Ask, dataset: str) -> Response:
    return _settings(ask, dataset)


@routes.post("/projects/{project}/datasets/{dataset}/settings", Permission.WRITE)
def save(ask: Ask, dataset: str) -> Response:
    shown = datasets.show(ask.node, ask.project, dataset)
    values = forms.read(type(shown), ask.form, keep=shown)
    try:
        projects.define(
            ask.node, ask.project, "dataset", dataset, values, author=ask.me.login, base=ask.word("base")
        )
    except (InvalidDefinition, SaveConflict) as refused:
        return _settings(ask, dataset, values, refused)
    return ask.to(ask.url("datasets", dataset, "settings"), "Saved. Explore shows the new rows.")


@routes.get("/projects/{project}/datasets/{dataset}/snapshots", Permission.READ)
def snapshots(ask: Ask, dataset: str) -> Response:
    found = datasets.snapshots(ask.node, ask.project, dataset)
    return ask.page("datasets/snapshots.html", snapshots=found, **_about(ask, dataset))


@routes.get("/projects/{project}/datasets/{dataset}/export", Permission.EXPORT)
def export(ask: Ask, dataset: str) -> Response:
    """All rows as a file. Texts that a spreadsheet would take for a formula are made harmless in csv."""
    ending = ask.word("as", "csv")
    if ending not in ("csv", "parquet", "jsonl"):
        raise Invalid(f"'{ending}' is no format to export.", hint="Formats are csv, parquet and jsonl.")
    target = Path(tempfile.mkdtemp()) / f"{dataset}.{ending}"
    return downloads.exported(datasets.export(ask.node, ask.project, dataset, target))


@routes.post("/projects/{project}/datasets/{dataset}/clear", Permission.WRITE)
def clear(ask: Ask, dataset: str) -> Response:
    datasets.clear(ask.node, ask.project, dataset)
    return ask.to(ask.url("datasets", dataset), "It is empty now.")


def _about(ask: Ask, name: str) -> dict[str, Any]:
    datasets.show(ask.node, ask.project, name)
    return {"name": name, "shown": inspecting.inspect(ask.node, ask.project, name)}


def _files(ask: Ask, dataset: str, wrong: PenstockError | None = None) -> Response:
    """The files; with what was wrong with those that somebody sent."""
    try:
        found, away = datasets.list_files(ask.node, ask.project, dataset), ""
    except PenstockError as error:
        found, away = [], advice.told(error)
    return ask.page(
        "datasets/files.html", away=away, status=422 if wrong else 200, files=found,
        wrong=advice.told(wrong) if wrong else "", **_about(ask, dataset),
    )  # fmt: skip


def _schema(
    ask: Ask, dataset: str, typed: Mapping[str, Column] | None = None,
    refused: InvalidDefinition | SaveConflict | None = None,
) -> Response:  # fmt: skip
    """Every column, as it is in the form."""
    wrong, conflict = forms.told(refused)
    base = projects.base(ask.node, ask.project, "dataset", dataset)
    seen, unread = _seen(ask, dataset)
    columns = [replace(s, column=(typed or {}).get(s.column.name, s.column)) for s in seen]
    return ask.page(
        "datasets/schema.html", status=forms.status(refused), columns=columns, base=base, conflict=conflict,
        wrong=wrong, unread=unread, remarks=remarks.of(ask.node, ask.project, dataset), **_about(ask, dataset),
    )  # fmt: skip


def _seen(ask: Ask, dataset: str) -> tuple[list[datasets.Seen], str]:
    """The columns that are read and those declared; only these, and why, when the data cannot be read."""
    try:
        return datasets.seen_columns(ask.node, ask.project, dataset), ""
    except PenstockError as error:
        declared = datasets.show(ask.node, ask.project, dataset).columns
        return [datasets.Seen(c, True, True) for c in declared], advice.told(error)


def _is_kept(seen: datasets.Seen, typed: Column, before: Dataset) -> bool:
    """Whether a column stands in the definition after this: it did, somebody wrote about it, or all of them do."""
    is_whole = not before.MANAGED and not before.columns and seen.is_read
    return seen.is_declared or typed != seen.column or is_whole


def _columns(ask: Ask, columns: Sequence[Column]) -> list[Column]:
    """The columns with what was typed about each; a form of other columns than there are now is read by their names."""
    places = {name: i for i, name in enumerate(ask.form.getlist("column"))} or {
        column.name: i for i, column in enumerate(columns)
    }
    return [_column(ask, places[c.name], c) if c.name in places else c for c in columns]


def _column(ask: Ask, place: int, column: Column) -> Column:
    texts = {
        field: ask.word(f"{field}.{place}", getattr(column, field))
        for field in ("type", "meaning", "description")
    }
    return registry.validate(Column, {**column.to_mapping(), **texts})


def _settings(
    ask: Ask, dataset: str, values: Mapping[str, Any] | None = None,
    refused: InvalidDefinition | SaveConflict | None = None,
) -> Response:  # fmt: skip
    """The settings as they are in the form."""
    base = projects.base(ask.node, ask.project, "dataset", dataset)
    shown = datasets.show(ask.node, ask.project, dataset)
    wrong, conflict = forms.told(refused)
    fields = forms.draw(
        ask, type(shown), forms.values_of(shown) if values is None else values, wrong=wrong,
        without=OWN_TABS - Described.MEANINGLESS,
    )  # fmt: skip
    return ask.page(
        "datasets/settings.html", status=forms.status(refused), fields=fields, base=base, conflict=conflict,
        **_about(ask, dataset),
    )  # fmt: skip


def _upload(ask: Ask) -> Response:
    """A dataset from the files that came with the form, or with an earlier one that was refused."""
    by, ticket, types = ask.me.login, ask.word("ticket"), bool(ask.word("types"))
    name, how = ask.word("dataset_name"), _format_set(ask, ticket)
    try:
        ticket = _received(ask, ticket)
        files = tickets.files(ask.node, ticket, by=by)
        name = name or (name_of_file(files[0].name) if files else "")
        datasets.create(
            ask.node, ask.project, name, files, author=by, types=types, format=json.dumps(how) if how else ""
        )
    except PenstockError as wrong:  # whatever is wrong, nobody chooses the files again
        values = {"format": how or _format_seen(ask, ticket)} if ticket else {}
        return _new(ask, "upload", values, wrong, name=name, ticket=ticket)
    tickets.drop(ask.node, ticket, by=by)
    if types:
        said = str(text_columns.texts(ask.node, ask.project, name))
        return ask.to(
            ask.url("datasets", name), f"Uploaded; the columns have the types that fit. {said}".strip()
        )
    return ask.to(ask.url("datasets", name), "Uploaded. Columns are texts until they have types.")


def _format_set(ask: Ask, ticket: str) -> Mapping[str, Any] | None:
    """How somebody says that the files are read; None when they left that as it was found out."""
    if not ask.word("format.type"):
        return None
    said: Mapping[str, Any] = forms.read(registry.kind("datasets", "upload"), ask.form)["format"]
    return None if said == _format_seen(ask, ticket) else said


def _format_seen(ask: Ask, ticket: str) -> Mapping[str, Any]:
    """How the files of a ticket are read as far as they tell; nothing when they do not."""
    files = tickets.files(ask.node, ticket, by=ask.me.login)
    try:
        return forms.values_of(format_for(str(files[0]))) if files else {}
    except PenstockError:
        return {}


def _received(ask: Ask, ticket: str) -> str:
    """The ticket of the files: fresh ones take the place of those that came before."""
    sent = list(ask.files("files"))
    if not sent:
        return ticket
    tickets.drop(ask.node, ticket, by=ask.me.login)
    fresh = tickets.begin(ask.node, by=ask.me.login)
    uploads.receive(sent, tickets.folder(ask.node, fresh, by=ask.me.login))
    return fresh


def _new(
    ask: Ask, type: str, values: dict[str, Any], wrong: PenstockError | None = None, *, name: str = "",
    ticket: str = "",
) -> Response:  # fmt: skip
    flaw = wrong if isinstance(wrong, InvalidDefinition) else None
    kind = registry.kind("datasets", type)
    only = ("format",) if type == "upload" else ()
    return ask.page(
        "datasets/new.html", status=422 if wrong else 200, type=type, kinds=MADE, name=name,
        fields=forms.draw(ask, kind, values, wrong=flaw, only=only, without=OWN_TABS) if values or not only else "",
        **forms.apart(wrong),
        ticket=ticket, sent=[f.name for f in tickets.files(ask.node, ticket, by=ask.me.login)],
    )  # fmt: skip
