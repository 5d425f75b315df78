"""Nobody in the studio is told to open a shell."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import penstock
from penstock.core.errors import ColumnMissing, JobFailed, UndefinedVariable
from penstock.testing import a_node, a_project, build
from penstock.web import advice
from penstock.web.look import TOLD, Look
from tests.web.browser import a_browser

SOURCE = Path(penstock.__file__).parent
ELSEWHERE = ("cli", "web", "sdk", "api")
"""Faces of their own."""
NAMED = re.compile(r"penstock[\s\"']")
"""What stands in every file that names a command, wherever a line of it ends."""


def sentences() -> list[str]:
    """Every text in the code that names a command, but for what is no message: docstrings and descriptions."""
    found = []
    for file in SOURCE.rglob("*.py"):
        if file.relative_to(SOURCE).parts[0] in ELSEWHERE:
            continue
        text = file.read_text(encoding="utf-8")
        if not NAMED.search(text):
            continue
        tree = ast.parse(text)
        docs = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
        about = {id(k.value) for call in calls for k in call.keywords if k.arg == "description"}
        found += [
            n.value for n in ast.walk(tree)
            if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in docs | about
            and advice.COMMAND.search(n.value) and " " in n.value
        ]  # fmt: skip
    return found


def test_every_command_that_an_error_names_has_its_page_in_the_studio():
    unknown = {
        m[0] for text in sentences() for m in advice.COMMAND.finditer(text) if not advice.known(m["words"])
    }
    assert not unknown, "Say in `web/advice.py` where the studio does the same."


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ColumnMissing("dep_dlay", dataset="flights", near=["dep_delay"]),
         "Dataset flights has no column 'dep_dlay'. Did you mean dep_delay? Its columns stand on its Schema tab."),
        (UndefinedVariable("since", among=["until"]),
         "Variable 'since' is used but has no value. There is until. Set it under Variables, or write a default into "
         "the text: `${name|default:…}`."),
    ],
)  # fmt: skip
def test_an_error_is_told_with_what_to_do_here(error, said):
    assert advice.told(error) == said


class Said:
    """Something with a text of each sort that says what went wrong."""

    def __init__(self, text: str) -> None:
        for name in TOLD:
            setattr(self, name, text)

    def __getitem__(self, name: str) -> str:
        return str(getattr(self, name))


@pytest.mark.parametrize("text", sorted(set(sentences())))
def test_no_command_reaches_a_page_in_whatever_says_what_went_wrong(text):
    said = f"It was not done. {text}. Then go on."
    shown = "{{ ui.notice('error', text) }}{{ ui.toast('error', text) }}{{ ui.link('x', '#', why_not=text) }}"
    shown += "".join(f"{{{{ it.{name} }}}} {{{{ it['{name}'] }}}}" for name in sorted(TOLD))
    html = Look().jinja.from_string(shown).render(it=Said(said), text=said)
    assert advice.COMMAND.search(html) is None
    assert html.count("It was not done.") == 3 + 2 * len(TOLD)


def test_what_a_job_ended_with_names_a_page_on_every_page_that_tells_it(tmp_path):
    node = a_node(tmp_path)
    a_project(node, {
        "datasets/raw": {"type": "managed"}, "datasets/out": {"type": "managed"},
        "recipes/copy": {"type": "sync", "input": "raw", "output": "out"},
    })  # fmt: skip
    with pytest.raises(JobFailed):
        build(node, "out")
    [job] = node.runs.jobs("DEMO")
    assert "penstock flow build" in node.runs.job(job.id).error + node.runs.activities(job.id)[0].error
    browser = a_browser(node)
    for page in (f"jobs/{job.id}", "jobs", "flow", "datasets", "datasets/out", "flow/panel?select=out"):
        html = browser.get(f"/projects/DEMO/{page}").html
        assert "penstock flow" not in html, page
    assert "Build it in the Flow first." in browser.get(f"/projects/DEMO/jobs/{job.id}").text


def test_no_page_shows_the_text_of_an_error_but_through_advice():
    raw = re.compile(
        r"str\((error|wrong|refused)\)|(?<!advice.of\()\b(error|wrong|refused)\.(message|hint)\b"
    )
    found = [
        f"{file.name}:{number}: {line.strip()}"
        for file in sorted((SOURCE / "web" / "pages").glob("*.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if raw.search(line)
    ]
    assert not found, "Say `advice.told(error)`."


def test_a_text_without_commands_stays_as_it_is():
    assert advice.of("Choose another name. It is taken.") == "Choose another name. It is taken."
