"""A page of the documentation, read as what it tells people to do: files to write, code and commands to run."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from penstock import cli

DOCS = Path(__file__).parent.parent.parent / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
FILE = re.compile(r"# (\S+\.(?:yaml|py))\n")


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    language: str
    text: str

    @property
    def file(self) -> str:
        """The path its first line names; empty when the block is to be run."""
        found = FILE.match(self.text)
        return found[1] if found else ""


def blocks(page: str) -> Iterator[Block]:
    """The blocks of a page, in order: blocks("howto/plugins.md")."""
    for language, text in BLOCK.findall((DOCS / page).read_text(encoding="utf-8")):
        yield Block(language, text)


def follow(page: str) -> str:
    """Do what a page says, in the current folder; what its commands printed. Fails as soon as one does."""
    said = ""
    for block in blocks(page):
        if block.file:
            Path(block.file).parent.mkdir(parents=True, exist_ok=True)
            Path(block.file).write_text(block.text.split("\n", 1)[1], encoding="utf-8")
        elif block.language == "python":
            exec(compile(block.text, page, "exec"), {"__name__": "__main__"})
        elif block.language == "sh":
            said += "".join(_line(line) for line in block.text.splitlines())
    return said


def _line(line: str) -> str:
    if line.startswith("export "):
        name, _, value = line.removeprefix("export ").partition("=")
        os.environ[name] = os.path.expandvars(value)
        return ""
    words = shlex.split(line, comments=True)
    assert words[0] == "penstock", f"only penstock is run from pages: {line}"
    expected = int(found[1]) if (found := re.search(r"# exits with (\d)$", line)) else 0
    code, out = _penstock(words[1:])
    assert code == expected, f"{line} ended with {code}:\n{out}"
    return f"$ {line}\n{out}\n"


def _penstock(words: list[str]) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            cli.main(words)
        except SystemExit as ended:
            return (ended.code if isinstance(ended.code, int) else int(bool(ended.code))), out.getvalue()
    return 0, out.getvalue()
