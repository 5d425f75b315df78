"""The wiki over HTTP: its tree, articles by name or title, attachments, search, exports."""

from __future__ import annotations

from penstock.api.route import Answer, Upload, delete, get, post, put
from penstock.core.access import Permission as P

ALL = "/projects/{project}/wiki"
ONE = ALL + "/articles/{name}"
FILE = ONE + "/attachments/{file}"

ROUTES = (
    get("wiki.tree", ALL, P.READ),
    put("wiki.arrange", ALL, P.WRITE, whole="definition", answer=Answer.NOTHING),
    post("project_wiki.generate", ALL + "/generated", P.WRITE),
    get("project_wiki.check", ALL + "/generated", P.READ),
    get("project_wiki.questions", ALL + "/questions", P.READ),
    put("project_wiki.answer", ALL + "/questions/{article}/{question}", P.WRITE, answer=Answer.NOTHING),
    get("wiki.search", ALL + "/hits", P.READ),
    post("wiki.create", ALL + "/articles", P.WRITE, status=201),
    get("wiki.show", ONE, P.READ),
    put("wiki.save", ONE, P.WRITE, answer=Answer.NOTHING),
    delete("wiki.remove", ONE, P.WRITE, answer=Answer.NOTHING),
    put("wiki.move", ONE + "/place", P.WRITE, answer=Answer.NOTHING),
    put("wiki.set_home", ONE + "/home", P.WRITE, answer=Answer.NOTHING),
    post("wiki.duplicate", ONE + "/copies", P.WRITE, status=201),
    post("wiki.attach_files", ONE + "/attachments", P.WRITE, status=201, upload=Upload.FILES),
    get("wiki.open_attachment", FILE, P.READ, answer=Answer.FILE),
    get(
        "wiki_exports.write",
        ONE + "/export",
        P.READ,
        answer=Answer.FILE,
        formats=("pdf", "html"),
        blanks={"name": "all"},
    ),
    delete("wiki.detach", FILE, P.WRITE, answer=Answer.NOTHING),
)
