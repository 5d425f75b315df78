"""The wiki: its tree, articles with links to objects, writing with a preview, attachments."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.counting import counted
from penstock.core.errors import SaveConflict
from penstock.core.wiki import Entry
from penstock.drawing import books, marks
from penstock.http import uploads
from penstock.runtime import folder_files, project_wiki, projects, wiki, wiki_exports
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
ONE = "/projects/{project}/wiki/{article}"


@routes.get("/projects/{project}/wiki", Permission.READ)
def home(ask: Ask) -> Response:
    """The home article, or how to begin; with words, the articles that have them."""
    if ask.word("q"):
        hits = wiki.search(ask.node, ask.project, ask.word("q"))
        return ask.page("wiki/found.html", hits=hits, q=ask.word("q"), entries=_entries(ask), here="")
    if not wiki.tree(ask.node, ask.project).tree:
        return ask.page("wiki/empty.html")
    return _shown(ask, "")


@routes.get("/projects/{project}/wiki/state", Permission.READ)
def state(ask: Ask) -> Response:
    """How the project wiki stands: what is no longer true, what nobody has answered."""
    return ask.page(
        "wiki/state.html", state=project_wiki.check(ask.node, ask.project), entries=_entries(ask), here="",
        questions=project_wiki.questions(ask.node, ask.project),
    )  # fmt: skip


@routes.post("/projects/{project}/wiki/generate", Permission.WRITE)
def generate(ask: Ask) -> Response:
    """Write the project wiki, or bring it up to date."""
    made = project_wiki.generate(ask.node, ask.project, author=ask.me.login)
    told = f"{counted(made.articles, 'article')}, {len(made.written)} of them new or changed."
    return ask.to(ask.url("wiki", "state"), told)


@routes.post("/projects/{project}/wiki/answer", Permission.WRITE)
def answer(ask: Ask) -> Response:
    """The answer to a question of the project wiki."""
    article, question = ask.word("article"), ask.word("question")
    project_wiki.answer(
        ask.node, ask.project, article, question, str(ask.form.get("text", "")), author=ask.me.login
    )
    return ask.to(ask.url("wiki", "state"), "Answered.")


@routes.get("/projects/{project}/wiki/export", Permission.READ)
def export(ask: Ask) -> Response:
    """The wiki, or a part of it, as PDF, HTML, or a zip with attachments."""
    made = wiki_exports.export(
        ask.node, ask.project, ask.word("article"), children=ask.word("children") != "no",
        form=ask.word("form") or "pdf", paper=ask.word("paper") or "A4", attachments=bool(ask.word("attachments")),
    )  # fmt: skip
    return ask.download(made.content, made.name, made.mime)


@routes.get("/projects/{project}/wiki/new", Permission.WRITE)
def new(ask: Ask) -> Response:
    return ask.page("wiki/new.html", entries=_entries(ask), parent=ask.word("parent"))


@routes.post("/projects/{project}/wiki/new", Permission.WRITE)
def create(ask: Ask) -> Response:
    name = wiki.create(
        ask.node, ask.project, ask.word("title"), author=ask.me.login, parent=ask.word("parent"),
        text=str(ask.form.get("text", "")),
    )  # fmt: skip
    return ask.to(ask.url("wiki", name, "edit"))


@routes.post("/projects/{project}/wiki/preview", Permission.READ)
def preview(ask: Ask) -> Response:
    """How a text would look, before it is saved."""
    loaded = projects.show(ask.node, ask.project)
    shown, dead = wiki.resolved(ask.node, loaded, str(ask.form.get("text", "")), ask.word("article"))
    return ask.fragment("wiki/_text.html", shown=shown, dead=dead)


@routes.get(ONE, Permission.READ)
def show(ask: Ask, article: str) -> Response:
    return _shown(ask, article)


@routes.get(ONE + "/edit", Permission.WRITE)
def edit(ask: Ask, article: str) -> Response:
    found = wiki.show(ask.node, ask.project, article)
    return ask.page("wiki/edit.html", article=found, text=found.text, title=found.title, conflict=None)


@routes.post(ONE + "/edit", Permission.WRITE)
def save(ask: Ask, article: str) -> Response:
    text, title = str(ask.form.get("text", "")), ask.word("title")
    try:
        wiki.save(
            ask.node, ask.project, article, text, author=ask.me.login, title=title, base=ask.word("base")
        )
    except SaveConflict as conflict:
        found = wiki.show(ask.node, ask.project, article)
        return ask.page(
            "wiki/edit.html", status=409, article=found, text=text, title=title, conflict=conflict
        )
    return ask.to(ask.url("wiki", article), "Saved.")


@routes.post(ONE + "/move", Permission.WRITE)
def move(ask: Ask, article: str) -> Response:
    position = ask.number("position", 0) - 1 if ask.word("position") else -1
    wiki.move(
        ask.node, ask.project, article, author=ask.me.login, parent=ask.word("parent"), position=position
    )
    return ask.to(ask.url("wiki", article), "Moved, with everything below it.")


@routes.post(ONE + "/duplicate", Permission.WRITE)
def duplicate(ask: Ask, article: str) -> Response:
    made = wiki.duplicate(ask.node, ask.project, article, author=ask.me.login)
    return ask.to(ask.url("wiki", made), "A copy, with its attachments.")


@routes.post(ONE + "/home", Permission.WRITE)
def set_home(ask: Ask, article: str) -> Response:
    wiki.set_home(ask.node, ask.project, article, author=ask.me.login)
    return ask.to(ask.url("wiki", article), "It opens first from now on.")


@routes.post(ONE + "/delete", Permission.WRITE)
def delete(ask: Ask, article: str) -> Response:
    wiki.remove(ask.node, ask.project, article, author=ask.me.login)
    return ask.to(ask.url("wiki"), "Deleted; articles below it moved up. History brings it back.")


@routes.post(ONE + "/attach", Permission.WRITE)
def attach(ask: Ask, article: str) -> Response:
    sent = [(uploads.plain_name(f.filename or ""), f.file.read()) for f in ask.files("files")]
    wiki.attach(ask.node, ask.project, article, sent, author=ask.me.login)
    return ask.to(ask.url("wiki", article), "Attached.")


@routes.get(ONE + "/attachments/{file}", Permission.READ)
def attachment(ask: Ask, article: str, file: str) -> Response:
    """A picture as it is, so that articles show it; everything else as a download."""
    content = wiki.attachment(ask.node, ask.project, article, file)
    ending = f".{file.rpartition('.')[2].lower()}"
    if ending in folder_files.IMAGES:
        return Response(
            content, media_type=folder_files.IMAGES[ending], headers={"X-Content-Type-Options": "nosniff"}
        )
    return ask.download(content, file, "application/octet-stream")


@routes.post(ONE + "/attachments/{file}/delete", Permission.WRITE)
def detach(ask: Ask, article: str, file: str) -> Response:
    wiki.detach(ask.node, ask.project, article, file, author=ask.me.login)
    return ask.to(ask.url("wiki", article), f"{file} is gone.")


def _shown(ask: Ask, article: str) -> Response:
    found = wiki.show(ask.node, ask.project, article)
    return ask.page(
        "wiki/article.html", article=found, entries=_entries(ask), here=found.name,
        state=project_wiki.state_of(ask.node, ask.project, found.name),
        text=books.untitled(found.shown, found.title),
        contents=[heading for heading in marks.headings(found.shown) if heading.level in (2, 3)],
    )  # fmt: skip


def _entries(ask: Ask) -> tuple[Entry, ...]:
    return wiki.tree(ask.node, ask.project).tree
