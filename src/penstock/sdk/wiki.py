"""The wiki of a project seen from outside: articles, attachments, exports, and the part that writes itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.sdk.items import Part

if TYPE_CHECKING:
    from penstock.core.wiki import Wiki as Tree


class Wiki(Part):
    """The articles of one project."""

    def tree(self) -> Tree:
        """Every article exactly once, in order: `.tree`, `.first`."""
        found: Tree = self._call("wiki.tree")
        return found

    def arrange(self, tree: Any) -> None:
        """The whole tree anew. Raises Invalid for one that loses an article, or has one twice."""
        self._call("wiki.arrange", tree, author=self._user)

    def article(self, name: str = "") -> Any:
        """An article by name or title: `.text`, `.shown`, `.dead` (links that lead nowhere), `.attachments` …"""
        return self._call("wiki.show", name or self.tree().first)

    def create(self, title: str, *, text: str = "", parent: str = "") -> str:
        """A new article; its name."""
        name: str = self._call("wiki.create", title, author=self._user, parent=parent, text=text)
        return name

    def save(self, name: str, text: str, *, title: str = "", base: str = "") -> None:
        """Another text, and title when one is given; links by the old title follow."""
        self._call("wiki.save", name, text, author=self._user, title=title, base=base)

    def move(self, name: str, *, parent: str = "", position: int = -1) -> None:
        """Elsewhere, with everything below it."""
        self._call("wiki.move", name, author=self._user, parent=parent, position=position)

    def duplicate(self, name: str, *, title: str = "") -> str:
        """A second article like one, with its attachments; its name."""
        made: str = self._call("wiki.duplicate", name, author=self._user, title=title)
        return made

    def delete(self, name: str) -> None:
        """Remove it; articles below it move up."""
        self._call("wiki.remove", name, author=self._user)

    def attach(self, name: str, files: Sequence[Path | str]) -> None:
        """Put files beside an article."""
        self._call("wiki.attach_files", name, [Path(file) for file in files], author=self._user)

    def attachment(self, name: str, file: str) -> bytes:
        """The bytes of an attachment."""
        found = self._call("wiki.open_attachment", name, file)
        if isinstance(found, Path):
            return found.read_bytes()
        with found:
            content: bytes = found.read()
        return content

    def search(self, words: str) -> list[Any]:
        """Articles with these words: `.name`, `.title`, `.line`."""
        found: list[Any] = self._call("wiki.search", words)
        return found

    def export(
        self, target: Path | str, *, article: str = "", children: bool = True, paper: str = "A4",
        attachments: bool = False,
    ) -> Path:  # fmt: skip
        """The wiki, or an article with those below it, as a .pdf or .html file; with attachments a zip beside it."""
        made: Path = self._call(
            "wiki_exports.write", article, Path(target), children=children, paper=paper,
            attachments=attachments,
        )  # fmt: skip
        return made

    def generate(self) -> Any:
        """Write the project wiki, or bring it up to date: `.written`, `.articles`, `.open_questions`."""
        return self._call("project_wiki.generate", author=self._user)

    def check(self) -> Any:
        """How the project wiki stands: `.wrong` articles, each with `.changes`, `.missing`, `.edited`, `.dead`."""
        return self._call("project_wiki.check")

    def questions(self) -> list[Any]:
        """What it still asks people: `.article`, `.name`, `.question`."""
        found: list[Any] = self._call("project_wiki.questions")
        return found

    def answer(self, article: str, question: str, text: str) -> None:
        """Write the answer to a question, by its name."""
        self._call("project_wiki.answer", article, question, text, author=self._user)
