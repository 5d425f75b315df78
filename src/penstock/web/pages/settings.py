"""Settings of a project: what it says about itself, its files as a zip, and its end."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from penstock.core.access import Permission
from penstock.core.errors import Invalid, InvalidDefinition, PenstockError, SaveConflict
from penstock.core.project import ProjectSettings
from penstock.deploy import exports
from penstock.runtime import project_settings, projects
from penstock.web import forms
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
ALONG = (
    ("uploads", "Uploaded files"), ("inputs", "All data that no recipe makes"),
    ("datasets", "The rows of every dataset"),
    ("folders", "Managed folders"), ("models", "Every version of every model"), ("evaluation_stores", "Evaluations"),
    ("history", "The history: every commit"),
)  # fmt: skip
"""What may go along in an export, and its words."""
ELSEWHERE = ("format", "variables", "to_dos", "authorised", "annotations", "bundle")
"""Settings with a page of their own, or none for people."""
FIRST = ("title", "short_description", "goals", "description", "tags", "people")


@routes.get("/projects/{project}/settings", Permission.READ)
def show(ask: Ask) -> Response:
    found = project_settings.show(ask.node, ask.project)
    return _page(ask, forms.values_of(found.settings), found.base)


@routes.post("/projects/{project}/settings", Permission.WRITE)
def save(ask: Ask) -> Response:
    kept = project_settings.show(ask.node, ask.project).settings
    values = forms.read(ProjectSettings, ask.form, keep=kept)
    try:
        project_settings.save(ask.node, ask.project, values, author=ask.me.login, base=ask.word("base"))
    except (InvalidDefinition, SaveConflict) as refused:
        return _page(ask, values, project_settings.show(ask.node, ask.project).base, refused)
    return ask.to(ask.url("settings"), "Saved.")


@routes.get("/projects/{project}/export", Permission.READ)
def export(ask: Ask) -> Response:
    """The project as a zip, with what was chosen."""
    chosen: dict[str, Any] = {name: True for name, _ in ALONG if name in ask.words("with")}
    folder = Path(tempfile.mkdtemp(prefix="penstock-export-"))
    away = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    try:
        made = exports.write(ask.node, ask.project, folder / "export.zip", by=ask.me.login, **chosen)
    except PenstockError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(made, filename=f"{ask.project}.zip", media_type="application/zip", background=away)


@routes.post("/projects/{project}/duplicate", Permission.READ)
def duplicate(ask: Ask) -> Response:
    """The project once more, under another key."""
    ask.need(Permission.CREATE_PROJECTS)
    data: Any = ask.word("data") or "none"
    added = projects.duplicate(ask.node, ask.project, ask.word("key"), author=ask.me.login, data=data)
    return ask.to(f"/projects/{added.key}", f"This is the copy of {ask.project}.")


@routes.post("/projects/{project}/delete", Permission.ADMIN)
def delete(ask: Ask) -> Response:
    """Remove the project with its data; its key must be typed, for this cannot be undone here."""
    if ask.word("key") != ask.project:
        raise Invalid("The key that was typed is not the project's; nothing was deleted.")
    projects.delete(ask.node, ask.project)
    return ask.to(
        "/", f"Project {ask.project} was deleted. Its definitions lie in the trash of the home.", "info"
    )


def _page(
    ask: Ask, values: Mapping[str, Any], base: str, refused: InvalidDefinition | SaveConflict | None = None
) -> Response:
    wrong, conflict = forms.told(refused)
    rest = tuple(n for n in ProjectSettings.model_fields if n not in (*FIRST, *ELSEWHERE))
    is_below = wrong is not None and wrong.field.partition(".")[0] in rest
    return ask.page(
        "settings/show.html", status=forms.status(refused), base=base, conflict=conflict,
        about=forms.draw(ask, ProjectSettings, values, wrong=None if is_below else wrong, only=FIRST),
        along=[pair for pair in ALONG if pair[0] == "history" or ask.may("export datasets")],
        forgotten=exports.forgets(ask.node, ask.project),
        rest=forms.draw(ask, ProjectSettings, values, wrong=wrong if is_below else None, only=rest),
    )  # fmt: skip
