"""Messages that wait in a cookie for the next page."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer

from penstock.web.asking import Flash

COOKIE = "penstock_flash"


class Messages:
    """Signed with a key that lies in the home and nowhere else, so that nobody puts words into our mouth."""

    def __init__(self, home: Path) -> None:
        self._flashes = URLSafeSerializer(_key(home / "web.key"), salt="flash")

    def keep(self, flashes: Sequence[Flash]) -> str:
        """Messages as the text of a cookie."""
        return str(self._flashes.dumps([[f.level, f.text[:400]] for f in flashes[-4:]]))

    def kept(self, text: str) -> list[Flash]:
        """Messages out of a cookie; none when somebody wrote it who is not us."""
        try:
            return [Flash(level, said) for level, said in self._flashes.loads(text)] if text else []
        except BadSignature:
            return []


def _key(file: Path) -> str:
    """The key of the home, made at the first question; two processes that ask at once get the same."""
    if not file.exists():
        aside = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_urlsafe(48))
        try:
            os.link(aside, file)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return file.read_text()
