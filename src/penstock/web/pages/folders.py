"""Folders: their files as a list, upload, preview, download, settings."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.dataset import Observed
from penstock.core.errors import Conflict, Invalid, InvalidDefinition, PenstockError, SaveConflict
from penstock.core.folder import Folder
from penstock.core.kind import Described
from penstock.core.names import check_name
from penstock.http import downloads, uploads, zipped
from penstock.runtime import folder_files, folders, inspecting, projects
from penstock.web import advice, forms
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
OWN_PAGES = frozenset(Observed.model_fields) - Described.MEANINGLESS | {"id"}
ONE = "/projects/{project}/folders/{folder}"


@routes.get("/projects/{project}/folders", Permission.READ)
def listing(ask: Ask) -> Response:
    return ask.to(ask.url("datasets"))


@routes.get("/projects/{project}/folders/new", Permission.WRITE)
def new(ask: Ask) -> Response:
    return _new(ask, "", {})


@routes.post("/projects/{project}/folders/new", Permission.WRITE)
def create(ask: Ask) -> Response:
    name, values = ask.word("folder_name"), forms.read(Folder, ask.form)
    try:
        if name in projects.show(ask.node, ask.project).items:
            raise Conflict(f"There is already something called '{name}'.", hint="Choose another name.")
        projects.define(ask.node, ask.project, "folder", check_name(name), values, author=ask.me.login)
    except (Invalid, Conflict) as wrong:
        return _new(ask, name, values, wrong)
    return ask.to(ask.url("folders", name), "Created. Put files into it.")


@routes.get(ONE, Permission.READ)
def show(ask: Ask, folder: str) -> Response:
    """The files; why there are none to see when the place cannot be reached."""
    try:
        found, away = folders.files(ask.node, ask.project, folder), ""
    except PenstockError as error:
        found, away = [], advice.told(error)
    return ask.page("folders/folder.html", files=found, away=away, **_about(ask, folder))


@routes.post(ONE, Permission.WRITE)
def put(ask: Ask, folder: str) -> Response:
    """Files as they are, or the content of zip files."""
    under = ask.word("under").strip("/")
    with tempfile.TemporaryDirectory() as place:
        sent = uploads.receive(list(ask.files("files")), Path(place) / "sent")
        written = folder_files.take_in(
            ask.node, ask.project, folder, _opened(ask, sent, Path(place)), under=under
        )
    return ask.to(ask.url("folders", folder), f"{len(written)} files are there.")


@routes.get(ONE + "/file", Permission.READ)
def preview(ask: Ask, folder: str) -> Response:
    path = ask.word("path")
    seen = folder_files.preview(ask.node, ask.project, folder, path)
    return ask.page("folders/file.html", path=path, seen=seen, **_about(ask, folder))


@routes.get(ONE + "/image", Permission.READ)
def image(ask: Ask, folder: str) -> Response:
    """A picture as it is; nothing else is shown inside a page."""
    path = ask.word("path")
    media = folder_files.IMAGES.get(Path(path).suffix.lower())
    if media is None:
        raise Invalid(f"{path} is no picture that is shown here.", hint="Download it.")
    with folders.open_file(ask.node, ask.project, folder, path) as source:
        return Response(source.read(), media_type=media, headers={"X-Content-Type-Options": "nosniff"})


@routes.get(ONE + "/download", Permission.EXPORT)
def download(ask: Ask, folder: str) -> Response:
    """One file, or all of them as a zip file."""
    path = ask.word("path")
    if path:
        return downloads.opened(folders.open_file(ask.node, ask.project, folder, path), Path(path).name)
    archive = Path(tempfile.mkdtemp()) / f"{folder}.zip"
    with folders.all_files(ask.node, ask.project, folder) as place:
        zipped.pack(place, archive)
    return downloads.temporary(archive, archive.name)


@routes.post(ONE + "/remove", Permission.WRITE)
def remove(ask: Ask, folder: str) -> Response:
    paths = ask.words("path")
    folders.remove(ask.node, ask.project, folder, paths)
    return ask.to(
        ask.url("folders", folder), f"{', '.join(paths)} is gone." if len(paths) == 1 else "They are gone."
    )


@routes.post(ONE + "/clear", Permission.WRITE)
def clear(ask: Ask, folder: str) -> Response:
    folders.clear(ask.node, ask.project, folder)
    return ask.to(ask.url("folders", folder), "It is empty now.")


@routes.get(ONE + "/settings", Permission.READ)
def settings(ask: Ask, folder: str) -> Response:
    return _settings(ask, folder)


@routes.post(ONE + "/settings", Permission.WRITE)
def save(ask: Ask, folder: str) -> Response:
    shown = projects.show(ask.node, ask.project).folder(folder)
    values = forms.read(Folder, ask.form, keep=shown)
    try:
        projects.define(
            ask.node, ask.project, "folder", folder, values, author=ask.me.login, base=ask.word("base")
        )
    except (InvalidDefinition, SaveConflict) as refused:
        return _settings(ask, folder, values, refused)
    return ask.to(ask.url("folders", folder, "settings"), "Saved.")


def _opened(ask: Ask, sent: list[Path], place: Path) -> list[tuple[Path, str]]:
    """Each file with the folder it goes to; zip files are opened when that was asked for."""
    if not ask.word("unpack"):
        return [(file, "") for file in sent]
    found: list[tuple[Path, str]] = []
    for number, file in enumerate(sent):
        if file.suffix.lower() != ".zip":
            found.append((file, ""))
            continue
        inside = zipped.unpack(file, place / str(number))
        found += [(f, str(f.parent.relative_to(inside))) for f in sorted(inside.rglob("*")) if f.is_file()]
    return found


def _about(ask: Ask, name: str) -> dict[str, Any]:
    projects.show(ask.node, ask.project).folder(name)
    return {"name": name, "shown": inspecting.inspect(ask.node, ask.project, name)}


def _settings(
    ask: Ask, folder: str, values: Mapping[str, Any] | None = None,
    refused: InvalidDefinition | SaveConflict | None = None,
) -> Response:  # fmt: skip
    """The settings as they are in the form."""
    base = projects.base(ask.node, ask.project, "folder", folder)
    saved = forms.values_of(projects.show(ask.node, ask.project).folder(folder))
    wrong, conflict = forms.told(refused)
    fields = forms.draw(ask, Folder, saved if values is None else values, wrong=wrong, without=OWN_PAGES)
    return ask.page(
        "folders/settings.html", status=forms.status(refused), fields=fields, base=base, conflict=conflict,
        away=_away(ask, folder), **_about(ask, folder),
    )  # fmt: skip


def _away(ask: Ask, folder: str) -> str:
    """Why the place that its settings name is none; empty when it is one. Nothing is asked of a server."""
    try:
        folders.root(ask.node, ask.project, folder)
    except PenstockError as error:
        return advice.told(error)
    return ""


def _new(ask: Ask, name: str, values: dict[str, Any], wrong: PenstockError | None = None) -> Response:
    flaw = wrong if isinstance(wrong, InvalidDefinition) else None
    return ask.page(
        "folders/new.html", status=422 if wrong else 200, name=name, **forms.apart(wrong),
        fields=forms.draw(ask, Folder, values, wrong=flaw, without=OWN_PAGES | {"rebuild"}),
    )  # fmt: skip
