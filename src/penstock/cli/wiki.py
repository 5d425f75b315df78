"""The wiki: articles, attachments, exports; the project wiki that writes itself, and whether it is still true."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.counting import counted
from penstock.core.wiki import walked
from penstock.sdk.wiki import Wiki

app = typer.Typer(no_args_is_help=True)


def _wiki() -> Wiki:
    return _here.project().wiki()


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every article, as the tree has them."""
    tree = _wiki().tree()
    rows = [
        {"article": e.article, "title": f"{'  ' * level}{e.words}", "home": e.article == tree.first}
        for level, e in walked(tree.tree)
    ]
    output.table(
        rows, as_json=as_json, empty="No article yet: penstock wiki generate writes the project wiki."
    )


@app.command()
def show(article: str = typer.Argument("", help="Name or title; the home article when empty.")) -> None:
    """The text of an article, as it was written."""
    typer.echo(_wiki().article(article).text)


@app.command()
def write(
    title: str,
    text: str = typer.Option("-", help="Markdown, or - to read it from the standard input."),
    parent: str = typer.Option("", help="The article it stands below."),
) -> None:
    """A new article; its name is made from the title. Links in it that lead nowhere are told."""
    articles = _wiki()
    name = articles.create(title, text=sys.stdin.read() if text == "-" else text, parent=parent)
    typer.echo(name)
    output.warn(
        f"Article {name}: its link to {target} leads nowhere." for target in articles.article(name).dead
    )


@app.command()
def attach(article: str, files: list[Path] = typer.Argument(help="What to attach.")) -> None:
    """Put files beside an article: `[words](attachment:name)` links to one, with a ! it is a picture."""
    _wiki().attach(article, files)
    typer.echo(f"{counted(len(files), 'file')} attached to {article}.")


@app.command()
def move(
    article: str,
    parent: str = typer.Option("", help="Below which article; at the top when empty."),
    position: int = typer.Option(-1, help="The place there, from 0; last when left out."),
) -> None:
    """Elsewhere in the tree, with everything below it."""
    _wiki().move(article, parent=parent, position=position)


@app.command()
def duplicate(article: str, title: str = typer.Option("", help="Of the copy.")) -> None:
    """A second article like one, with its attachments."""
    typer.echo(_wiki().duplicate(article, title=title))


@app.command()
def delete(article: str) -> None:
    """Remove an article; those below it move up, history brings it back."""
    _wiki().delete(article)
    typer.echo(f"Article {article} is gone.")


@app.command()
def search(words: str, as_json: AsJson = False) -> None:
    """Articles with these words in title or text."""
    rows = [{"article": hit.name, "title": hit.title, "line": hit.line} for hit in _wiki().search(words)]
    output.table(rows, as_json=as_json, empty="Nothing found.")


@app.command()
def export(
    target: Path = typer.Argument(help="A .pdf or .html file."),
    article: str = typer.Option("", help="One article with those below it; the whole wiki when empty."),
    alone: bool = typer.Option(False, "--alone", help="Without the articles below it."),
    paper: str = typer.Option("A4", help="A4, A3, letter, ledger, each with ' landscape' or not."),
    attachments: bool = typer.Option(False, "--attachments", help="A zip with everything attached."),
) -> None:
    """Write it to a PDF or to one HTML file."""
    made = _wiki().export(target, article=article, children=not alone, paper=paper, attachments=attachments)
    typer.echo(str(made))


@app.command()
def generate() -> None:
    """Write the project wiki, or bring it up to date: eight sections; what people wrote stays."""
    made = _wiki().generate()
    typer.echo(
        f"{counted(made.articles, 'article')}, {len(made.written)} of them new or changed; "
        f"{counted(made.open_questions, 'open question')}: penstock wiki questions"
    )


@app.command()
def check(as_json: AsJson = False) -> None:
    """Which articles are no longer true and what changed, and which links lead nowhere. Exit 1 when there is one."""
    checked(as_json)


@app.command()
def questions(as_json: AsJson = False) -> None:
    """What the project wiki still asks people."""
    rows = [{"article": q.article, "name": q.name, "question": q.question} for q in _wiki().questions()]
    output.table(rows, as_json=as_json, empty="Every question is answered.")


@app.command()
def answer(
    article: str,
    question: str = typer.Argument(help="Its name, as `questions` lists it."),
    text: str = typer.Argument(help="Markdown."),
) -> None:
    """Answer a question of the project wiki."""
    _wiki().answer(article, question, text)


def checked(as_json: bool) -> None:
    """The check behind `penstock wiki check` and `penstock docs check`."""
    state = _wiki().check()
    rows = [{"article": one.article, "what": one.why} for one in state.wrong]
    good = f"{counted(len(state.articles), 'article')}, all true; {counted(state.open_questions, 'open question')}."
    output.table(rows, as_json=as_json, empty=good)
    if rows:
        raise typer.Exit(1)
