"""The project wiki: eight sections about a project that write themselves, know what they stand on, and tell when it is
no longer so. What people write around the generated parts stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from penstock.core import documented, secret_scan, wiki
from penstock.core.document import Document, Generated, Picture, Question
from penstock.core.documented import (
    STANDING_FILE,
    ArticleState,
    Change,
    PartStanding,
    Piece,
    Stamp,
    Standing,
)
from penstock.core.errors import Conflict, Invalid, NotFound, PenstockError
from penstock.core.wiki import TREE_FILE, Entry, Wiki
from penstock.runtime import wiki_links
from penstock.runtime.documenting import (
    dashboards,
    deployment,
    environment,
    goals,
    models,
    processing,
    scenarios,
    sources,
)
from penstock.runtime.documenting.material import Material, Page
from penstock.runtime.wiki import ATTACHED, FOLDER

if TYPE_CHECKING:
    from penstock.core.node import Node

CHAPTERS: Mapping[str, Callable[[Material], Sequence[Page]]] = {
    chapter.NAME: chapter.pages
    for chapter in (
        goals, environment, sources, processing, models, dashboards, scenarios, deployment
    )
}  # fmt: skip
"""The eight sections by the name of their first article, in their order."""
SHOWN = 12
"""Objects named in the foot of a part; all of them stand in `wiki/generated.json`."""
FOOT = "*Stands on "
HIDDEN = "(not shown)"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """Something only a person knows, and nobody has written yet."""

    article: str
    title: str
    name: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiState:
    """How the generated wiki of a project stands."""

    articles: tuple[ArticleState, ...]
    made_at: str = ""
    commit: str = ""
    """Of the project, when it was written last."""

    @property
    def is_there(self) -> bool:
        """Whether it was ever generated."""
        return bool(self.made_at)

    @property
    def wrong(self) -> tuple[ArticleState, ...]:
        """Articles that are not true any more, or have a link that leads nowhere."""
        return tuple(one for one in self.articles if not one.is_good)

    @property
    def untrue(self) -> tuple[ArticleState, ...]:
        """Articles that are stale, lack a part, or were changed where they write themselves."""
        return tuple(one for one in self.articles if not one.is_true)

    @property
    def broken(self) -> tuple[ArticleState, ...]:
        """Articles with a link that leads nowhere, whether they are true or not."""
        return tuple(one for one in self.articles if one.dead)

    @property
    def open_questions(self) -> int:
        return sum(len(one.questions) for one in self.articles)


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiRefresh:
    """What a refresh did."""

    written: tuple[str, ...]
    """Articles that are new or say something else now."""
    removed: tuple[str, ...]
    articles: int
    open_questions: int


def generate(node: Node, project: str, *, author: str) -> WikiRefresh:
    """Write the project wiki, or bring it up to date, as one commit. Answers and everything outside of generated
    parts stay; an article about something that is gone goes too, unless somebody wrote in it."""
    m = Material(node, project)
    m.project.check_files()
    texts = _texts(node, project)
    before = _standing(node, project)
    made = _Making(m, before, texts)
    articles = {page.name: made.article(page) for page in pages(m)}
    gone = _leftover(before, articles, texts)
    files: dict[str, str | bytes | Wiki | None] = {
        wiki.file_of(name): text for name, text in articles.items() if texts.get(name) != text
    }
    written = tuple(name for name in articles if wiki.file_of(name) in files)
    files |= {wiki.file_of(name): text or None for name, text in gone.items() if texts.get(name) != text}
    files |= _attachments(node, project, made.attachments)
    tree = _arranged(m.project.wiki, made.pages, [n for n, text in gone.items() if not text], list(texts))
    if tree != m.project.wiki:
        files[TREE_FILE] = tree
    if files or made.standing(before).articles != before.articles or made.objects != before.objects:
        head = node.projects.history(project, limit=1)
        now = replace(
            made.standing(before), commit=head[0].id if head else "", made_at=node.clock.now().isoformat()
        )
        files[STANDING_FILE] = documented.written(now)
        node.projects.save(project, dict(files), author=author, message="Refresh the project wiki")
    removed = tuple(name for name, text in gone.items() if not text)
    open_ = sum(len(documented.open_questions(text)) for text in articles.values())
    return WikiRefresh(written=written, removed=removed, articles=len(articles), open_questions=open_)


def check(node: Node, project: str) -> WikiState:
    """Which articles of the project wiki are no longer true, with the objects that changed and what changed of them,
    which lack a part, which would say something else, which links lead nowhere (also in articles that people write
    alone), and what nobody has answered. Nothing is written, nothing is drawn."""
    m = Material(node, project)
    texts, standing = _texts(node, project), _standing(node, project)
    stamps = _Stamps(m)
    wanted = pages(m)
    found = [_state(page, texts.get(page.name, ""), standing, stamps) for page in wanted]
    names = {page.name for page in wanted}
    left = [
        ArticleState(
            article=name, title=_title(m, name), changes=_changes(standing, standing.articles[name], stamps)
        )
        for name in standing.articles
        if name not in names and name in texts
    ]
    dead = _dead(m, texts)
    told = [replace(one, dead=dead.pop(one.article, ())) for one in (*found, *left)]
    by_people = [
        ArticleState(article=name, title=_title(m, name), dead=links) for name, links in dead.items()
    ]
    return WikiState(articles=(*told, *by_people), made_at=standing.made_at, commit=standing.commit)


def untrue(node: Node, project: str) -> dict[str, str] | None:
    """Article that is no longer true, or has a link that leads nowhere → why, in a sentence; None for a project wiki
    that was never generated."""
    if not _standing(node, project).made_at:
        return None
    return {one.article: one.why for one in check(node, project).wrong}


def state_of(node: Node, project: str, article: str) -> ArticleState | None:
    """How one article stands; None for one that people write alone. Looks at nothing but its own section."""
    standing = _standing(node, project)
    if article not in standing.articles:
        return None
    m = Material(node, project)
    text, stamps = _texts(node, project).get(article, ""), _Stamps(m)
    page = _page(m, article)
    if page is not None:
        return _state(page, text, standing, stamps)
    return ArticleState(
        article=article,
        title=_title(m, article),
        changes=_changes(standing, standing.articles[article], stamps),
    )


def questions(node: Node, project: str) -> list[OpenQuestion]:
    """Everything the project wiki still asks people, article by article."""
    texts, standing = _texts(node, project), _standing(node, project)
    whole = wiki.complete(node.projects.load(project).wiki, list(texts))
    return [
        OpenQuestion(article=entry.article, title=entry.words, name=name, question=asked)
        for _, entry in wiki.walked(whole.tree)
        if entry.article in standing.articles
        for name, asked in documented.open_questions(texts[entry.article]).items()
    ]


def answer(node: Node, project: str, article: str, question: str, text: str, *, author: str) -> None:
    """Write the answer to an open question, by its name. Raises Invalid for one that is not asked, or no answer,
    Conflict for one that is answered already."""
    file = wiki.file_of(article)
    now, base = node.projects.read(project, file)
    asked = documented.parts(now, "question")
    if question not in asked or not text.strip():
        raise Invalid(f"Article {article} asks no question '{question}', or the answer is empty.")
    if documented.OPEN not in asked[question]:
        raise Conflict(
            "Somebody has answered it meanwhile.", hint=f"Read article {article}, and change it there."
        )
    words = asked[question].partition("\n")[0]
    said = documented.marked(question, f"{words}\n\n{text.strip()}", "question")
    changed = now.replace(documented.marked(question, asked[question], "question"), said)
    node.projects.save(
        project, {file: changed}, author=author, message=f"Answer in article {article}", base={file: base}
    )


def pages(m: Material) -> list[Page]:
    """Every article of the eight sections, parents before children."""
    return [page for chapter in CHAPTERS.values() for page in chapter(m)]


def _page(m: Material, article: str) -> Page | None:
    """One article as it should be now; None for one about something that is gone. The section that it stands in is
    looked at first: making the others takes its time."""
    above = wiki.above(m.project.wiki, article)
    section = above[0].article if above else article
    for name in sorted(CHAPTERS, key=lambda chapter: chapter != section):
        found = next((page for page in CHAPTERS[name](m) if page.name == article), None)
        if found is not None:
            return found
    return None


class _Stamps:
    """What objects are now, each looked at once."""

    def __init__(self, m: Material) -> None:
        self.m = m
        self.known: dict[str, Stamp | None] = {}

    def of(self, object: str) -> Stamp | None:
        if object not in self.known:
            self.known[object] = self.m.stamp(object)
        return self.known[object]


class _Making:
    """Articles on their way, collecting what they stand on and what is attached."""

    def __init__(self, m: Material, before: Standing, texts: Mapping[str, str]) -> None:
        self.m, self.before, self.texts = m, before, texts
        self.stamps = _Stamps(m)
        self.pages: list[Page] = []
        self.attachments: dict[str, bytes] = {}
        self.parts: dict[str, dict[str, PartStanding]] = {}
        head = m.node.projects.history(m.key, limit=1)
        self.at = f"{m.node.clock.now():%Y-%m-%d %H:%M} UTC"
        self.commit = head[0].id[:10] if head else ""

    @property
    def objects(self) -> dict[str, Stamp]:
        used = {one for parts in self.parts.values() for part in parts.values() for one in part.on}
        return {name: found for name in sorted(used) if (found := self.stamps.of(name)) is not None}

    def standing(self, before: Standing) -> Standing:
        return replace(before, articles=self.parts, objects=self.objects)

    def article(self, page: Page) -> str:
        self.pages.append(page)
        self.parts[page.name] = {}
        for name, content in page.attachments.items():
            self.attachments[f"{ATTACHED}/{page.name}/{name}"] = content
        for name, (object, make) in page.costly.items():
            self._make(f"{ATTACHED}/{page.name}/{name}", object, make)
        there = self.texts.get(page.name, "")
        return documented.refreshed(there or f"# {page.title}\n", list(self._pieces(page, there)))

    def _make(self, file: str, object: str, make: Callable[[], bytes]) -> None:
        """A file that takes its time: made when it is missing, or the object it tells of is another."""
        is_there = file in self.m.node.projects.listed(self.m.key, ATTACHED)
        if not is_there or self.before.objects.get(object) != self.stamps.of(object):
            with suppress(PenstockError):  # its link says then that it leads nowhere
                self.attachments[file] = make()

    def _pieces(self, page: Page, there: str) -> Iterator[Piece]:
        known = documented.parts(there)
        for block in page.blocks:
            if isinstance(block, Question):
                name = question_name(block.text)
                yield Piece(
                    name=name, text=documented.question(name, block.text, block.hint), sort="question"
                )
            elif isinstance(block, Generated):
                yield self._part(page, block, known.get(block.name))

    def _part(self, page: Page, block: Generated, known: str | None) -> Piece:
        """The part as it is while nothing changed that it stands on, with its date; else anew."""
        body = self._rendered(page, block)
        linked = documented.linked_objects(body, self.m.key)
        about = [page.about] if page.about else []
        on = tuple(dict.fromkeys([*about, *(source.object for source in block.sources), *linked]))
        on = tuple(one for one in on if self.stamps.of(one) is not None)
        before = self.before.articles.get(page.name, {}).get(block.name)
        is_same = (
            known is not None
            and before is not None
            and before.on == on
            and before.text == documented.short_hash(known)
            and _bare(known) == body
            and all(self.before.objects.get(one) == self.stamps.of(one) for one in on)
        )
        text = known if is_same and known is not None else f"{body}\n\n{self._foot(on)}" if on else body
        self.parts[page.name][block.name] = PartStanding(text=documented.short_hash(text), on=on)
        return Piece(name=block.name, text=documented.marked(block.name, text))

    def _rendered(self, page: Page, block: Generated) -> str:
        text, files = part_text(self.m, block)
        for name, content in files.items():
            self.attachments[f"{ATTACHED}/{page.name}/{name}"] = content
        return text

    def _foot(self, on: Sequence[str]) -> str:
        told = [_stood_on(one, stamp) for one in on[:SHOWN] if (stamp := self.stamps.of(one)) is not None]
        more = f" and {len(on) - SHOWN} more" if len(on) > SHOWN else ""
        return f"{FOOT}{', '.join(told)}{more}; written {self.at} at commit {self.commit}.*"


def part_text(m: Material, block: Generated) -> tuple[str, Mapping[str, bytes]]:
    """A part as Markdown without its foot, and its pictures."""
    made = m.node.writer.markdown(
        Document(title="x", blocks=(replace(block, sources=()),)), pictures="attachment:"
    )
    text = made.text.partition("\n")[2].strip()
    return redacted(text, m.node.secrets.mask).replace("<!--", "&lt;!--"), made.files


def redacted(text: str, mask: Callable[[str], str]) -> str:
    """A text without what is sealed on this node, and without whatever has the shape of a secret."""
    made = mask(text)
    for pattern in secret_scan.SHAPES.values():
        made = pattern.sub(HIDDEN, made)

    def hidden(match: re.Match[str]) -> str:
        if secret_scan.HARMLESS.match(match["value"]):
            return match[0]
        start = match.start("value") - match.start()
        return f"{match[0][:start]}{HIDDEN}{match[0][start + len(match['value']) :]}"

    return secret_scan.NAMED.sub(hidden, made)


def question_name(text: str) -> str:
    """What a question is called in its markers: its first words."""
    return wiki.file_name(text, ())[:48].strip("-")


def _stood_on(object: str, stamp: Stamp) -> str:
    sort, _, name = object.partition(":")
    words = " ".join(filter(None, (sort.replace("_", " "), name and f"`{name}`")))
    version = f" version `{stamp.version}`" if stamp.version else ""
    return f"{words}{version} `{stamp.hash}`"


def _bare(part: str) -> str:
    """A part without its foot."""
    body, mark, _ = part.rpartition(f"\n\n{FOOT}")
    return body if mark else part


def _texts(node: Node, project: str) -> dict[str, str]:
    found = node.projects.texts(project, FOLDER)
    return {name: content.decode("utf-8", "replace").replace("\r\n", "\n") for name, content in found.items()}


def _standing(node: Node, project: str) -> Standing:
    try:
        return documented.read(node.projects.read(project, STANDING_FILE)[0])
    except NotFound:
        return Standing()


def _state(page: Page, text: str, standing: Standing, stamps: _Stamps) -> ArticleState:
    known = standing.articles.get(page.name)
    if not text or known is None:
        return ArticleState(article=page.name, title=page.title, missing=("all",))
    there = documented.parts(text)
    wanted = {block.name: block for block in page.blocks if isinstance(block, Generated)}
    changes, edited = _changes(standing, known, stamps), _edited(known, text)
    told = {change.object for change in changes}
    silent = [
        name
        for name, part in known.items()
        if part.on and name in there and name not in edited and told.isdisjoint(part.on)
    ]
    return ArticleState(
        article=page.name, title=page.title, changes=changes, edited=edited,
        missing=tuple(name for name in wanted if name not in there),
        outdated=tuple(n for n in silent if not _says_so(stamps.m, wanted.get(n), there[n])),
        questions=tuple(documented.open_questions(text).values()),
    )  # fmt: skip


def _says_so(m: Material, block: Generated | None, there: str) -> bool:
    """Whether a part says what it would say now. Pictures are not drawn for it: they change with their objects. A part
    that stands on nothing, as the last saves do, tells of the moment it was written, and is not asked."""
    if block is None:
        return False
    is_drawn = any(isinstance(one, Picture) for one in block.blocks)
    return is_drawn or part_text(m, block)[0] == _bare(there)


def _changes(standing: Standing, known: Mapping[str, PartStanding], stamps: _Stamps) -> tuple[Change, ...]:
    objects = dict.fromkeys(one for part in known.values() for one in part.on)
    found = (documented.change(one, standing.objects.get(one, Stamp()), stamps.of(one)) for one in objects)
    return tuple(one for one in found if one is not None)


def _dead(m: Material, texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Article → its links that lead nowhere, each once; only of articles that have one."""
    ways = wiki_links.Ways(m.node, m.project, wiki.complete(m.project.wiki, list(texts)))
    found = {name: ways.dead(text, name) for name, text in texts.items()}
    return {name: links for name, links in found.items() if links}


def _edited(known: Mapping[str, PartStanding], text: str) -> tuple[str, ...]:
    there = documented.parts(text)
    return tuple(
        name
        for name, part in known.items()
        if name in there and documented.short_hash(there[name]) != part.text
    )


def _title(m: Material, name: str) -> str:
    entries = {entry.article: entry.words for _, entry in wiki.walked(m.project.wiki.tree)}
    return entries.get(name, name)


def _leftover(before: Standing, articles: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, str]:
    """Articles about something that is gone → what is left of each: what people wrote, or nothing."""
    found = {}
    for name in before.articles:
        if name not in articles and name in texts:
            kept = documented.human(texts[name])
            found[name] = documented.refreshed(texts[name], ()) if kept else ""
    return found


def _attachments(node: Node, project: str, wanted: Mapping[str, bytes]) -> dict[str, bytes]:
    there = set(node.projects.listed(project, ATTACHED))
    return {
        file: content
        for file, content in wanted.items()
        if file not in there or node.projects.content(project, file) != content
    }


def _arranged(whole: Wiki, pages: Sequence[Page], gone: Sequence[str], there: Sequence[str]) -> Wiki:
    """The tree with an entry for every page: new ones at the end of those below their parent, known ones where people
    put them."""
    tree = wiki.complete(whole, [n for n in there if n not in {page.name for page in pages}] + [
        page.name for page in pages if page.name in {e.article for _, e in wiki.walked(whole.tree)}
    ])  # fmt: skip
    for name in gone:
        tree = wiki.remove(tree, name)
    known = {entry.article for _, entry in wiki.walked(tree.tree)}
    for page in pages:
        if page.name not in known:
            tree = wiki.add(tree, Entry(article=page.name, title=page.title), page.parent)
    return tree
