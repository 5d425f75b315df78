"""Archives that travel between nodes: zip files, written so that equal content is equal bytes, and read as if whoever
made them meant harm. Standard library only, so that every node can open them.

Reading looks at every name and size before a byte is unpacked; unpacking counts the bytes that really come and compares
the sha256 of each member with what the manifest says.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self

from penstock.core.errors import NotFound, UnsafeArchive

CHUNK = 1 << 20
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time every member carries: the oldest a zip file can say."""
FILE_MODE = 0o100644
UNPACKED_ALREADY = frozenset((".parquet", ".onnx", ".zip", ".gz", ".png", ".jpg", ".jpeg", ".whl", ".sqlite"))
"""Endings of files that hardly shrink: stored as they are (SQLite for speed: a look-up is read at once)."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much an archive may hold. Bytes, unless it says otherwise."""

    members: int = 50_000
    member: int = 32 << 30
    total: int = 64 << 30
    text: int = 64 << 20
    """Of one member that is read into memory."""
    ratio: int = 200
    """Unpacked to packed size; looked at in members above `from_size`."""
    from_size: int = 10 << 20


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Member:
    """What is known of one file in an archive."""

    sha256: str
    size: int


Source = bytes | Path


def write(target: Path, members: Mapping[str, Source]) -> dict[str, Member]:
    """Write members (name → bytes or a file) into a new zip, in order of their names. Equal members give equal bytes.

    Raises UnsafeArchive for a name that reading would refuse. What is half written stays; write to a place aside.
    """
    check_names(members)
    written = {}
    with zipfile.ZipFile(target, "w") as opened:
        for name in sorted(members):
            written[name] = _put(opened, name, members[name])
    return written


def member(source: Source) -> Member:
    """The facts of a file, or of bytes, that will become a member."""
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(source):
        digest.update(chunk)
        size += len(chunk)
    return Member(digest.hexdigest(), size)


def read(path: Path, bounds: Bounds = BOUNDS) -> Archive:
    """Open an archive after a look at every name and size. Use it in `with`. Raises UnsafeArchive."""
    with contextlib.ExitStack() as failed, _refusing(path.name):
        opened = failed.enter_context(zipfile.ZipFile(path))
        listed = opened.infolist()
        check_names([info.filename for info in listed])
        _check_kinds(listed)
        _check_sizes(listed, bounds)
        failed.pop_all()
    return Archive(path, opened, bounds)


class Archive:
    """An opened archive, its names and sizes already judged."""

    def __init__(self, path: Path, opened: zipfile.ZipFile, bounds: Bounds) -> None:
        self.path, self._zip, self._bounds = path, opened, bounds
        self._members = {info.filename: info for info in opened.infolist()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def names(self, under: str = "") -> list[str]:
        """Its members in order, those below a folder (`project/`) if one is named."""
        return sorted(name for name in self._members if name.startswith(under))

    def size(self, name: str) -> int:
        """Unpacked bytes of a member. Raises NotFound."""
        return self._info(name).file_size

    def content(self, name: str, known: Member | None = None) -> bytes:
        """A small member, whole. Raises NotFound; UnsafeArchive when it is too large, or not as `known`."""
        info = self._info(name)
        if info.file_size > self._bounds.text:
            raise UnsafeArchive(
                f"'{name}' holds {info.file_size:,} bytes; {self._bounds.text:,} are the most here."
            )
        parts: list[bytes] = []
        self._copy(info, parts.append, known)
        return b"".join(parts)

    def extract(self, name: str, target: Path, known: Member | None = None) -> None:
        """Write one member to a file, checked against what the manifest says of it where there is one."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            self._copy(self._info(name), file.write, known)
            file.flush()
            os.fsync(file.fileno())

    def extract_all(self, folder: Path, known: Mapping[str, Member], *, under: str = "") -> list[Path]:
        """Write the members below `under` into a folder, without that beginning. Raises UnsafeArchive for one the
        manifest does not know."""
        written = []
        for name in self.names(under):
            target = folder / name.removeprefix(under)
            self.extract(name, target, _known(name, known))
            written.append(target)
        return written

    def check(self, known: Mapping[str, Member], *, unlisted: Collection[str] = ()) -> None:
        """Read every member once: each one named in the manifest must be here and as it says, and no other may be,
        but those `unlisted` (the manifest and its signature). Raises UnsafeArchive."""
        missing = sorted(set(known) - set(self._members))
        if missing:
            raise UnsafeArchive(f"'{missing[0]}' is in the manifest and not in the archive.")
        for name in self.names():
            if name not in unlisted:
                self._copy(self._info(name), _nowhere, _known(name, known))

    def _info(self, name: str) -> zipfile.ZipInfo:
        try:
            return self._members[name]
        except KeyError as missing:
            raise NotFound("file", name, where=f"archive {self.path.name}") from missing

    def _copy(self, info: zipfile.ZipInfo, put: Callable[[bytes], object], known: Member | None) -> None:
        """Every byte of a member, no more than its header promised, and by its sha256."""
        digest, left = hashlib.sha256(), info.file_size
        with _refusing(self.path.name), self._zip.open(info) as source:
            while chunk := source.read(min(CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    raise UnsafeArchive(f"'{info.filename}' is larger than the archive says.")
                digest.update(chunk)
                put(chunk)
        if known and (known.sha256 != digest.hexdigest() or known.size != info.file_size - left):
            raise UnsafeArchive(
                f"'{info.filename}' is not as the manifest says: its checksum differs.",
                hint="The file was changed or damaged on its way; fetch it once more.",
            )


def check_names(names: Collection[str], *, within: str = "archive") -> None:
    """Raise UnsafeArchive for a name that leads out, is no plain file's, or that another one hides: capital letters
    make no difference on some machines."""
    seen: dict[str, str] = {}
    for name in names:
        if problem := _problem(name):
            raise UnsafeArchive(f"'{_shown(name)}' {problem}.")
        key = unicodedata.normalize("NFC", name).casefold()
        if key in seen:
            beside = f", once as '{_shown(seen[key])}'" if seen[key] != name else ""
            raise UnsafeArchive(f"'{_shown(name)}' is in the {within} twice{beside}.")
        seen[key] = name
    for key, name in seen.items():
        above = [str(p) for p in PurePosixPath(key).parents if str(p) in seen]
        if above:
            raise UnsafeArchive(f"'{_shown(name)}' lies below '{_shown(seen[above[0]])}', which is a file.")


def _problem(name: str) -> str:
    parts = name.split("/")
    if not name or name.startswith("/") or "\\" in name or re.match(r"[A-Za-z]:", name):
        return "is no name inside an archive"
    if ".." in parts or "." in parts or "" in parts:
        return "leads out of the archive" if ".." in parts else "is no name of a file"
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
        return "holds characters that no file name has"
    return "is too long" if len(name.encode()) > 1000 or any(len(p.encode()) > 255 for p in parts) else ""


def _check_kinds(listed: list[zipfile.ZipInfo]) -> None:
    for info in listed:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise UnsafeArchive(f"'{_shown(info.filename)}' is a link or a device, not a file.")
        if info.flag_bits & 0x1:
            raise UnsafeArchive(f"'{_shown(info.filename)}' is encrypted.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnsafeArchive(f"'{_shown(info.filename)}' is packed in a way that is not read here.")


def _check_sizes(listed: list[zipfile.ZipInfo], bounds: Bounds) -> None:
    if len(listed) > bounds.members:
        raise UnsafeArchive(f"The archive holds {len(listed):,} files; {bounds.members:,} are the most.")
    total = 0
    for info in listed:
        total += info.file_size
        if info.file_size > bounds.member or total > bounds.total:
            raise UnsafeArchive(f"'{_shown(info.filename)}' makes the archive larger than is taken here.")
        if info.file_size > bounds.from_size and info.file_size > bounds.ratio * max(info.compress_size, 1):
            raise UnsafeArchive(f"'{_shown(info.filename)}' unpacks to {info.file_size:,} bytes: a bomb.")


@contextlib.contextmanager
def _refusing(archive: str) -> Iterator[None]:
    """What a broken zip makes the library say, in our words."""
    try:
        yield
    except FileNotFoundError as missing:
        raise NotFound("archive", archive) from missing
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, zlib.error,
            UnicodeDecodeError, RuntimeError, ValueError, OverflowError) as broken:  # fmt: skip
        raise UnsafeArchive(f"{archive} is no zip file we can read: {broken}") from broken


def _put(opened: zipfile.ZipFile, name: str, source: Source) -> Member:
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr = FILE_MODE << 16
    info.create_system = 3
    stored = PurePosixPath(name).suffix.lower() in UNPACKED_ALREADY
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    info.file_size = len(source) if isinstance(source, bytes) else source.stat().st_size
    digest, size = hashlib.sha256(), 0
    with opened.open(info, "w") as target:
        for chunk in _chunks(source):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    return Member(digest.hexdigest(), size)


def _chunks(source: Source) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        yield from _blocks(file)


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _known(name: str, known: Mapping[str, Member]) -> Member:
    if name not in known:
        raise UnsafeArchive(f"'{_shown(name)}' is in the archive and not in its manifest.")
    return known[name]


def _nowhere(chunk: bytes) -> None:
    """Read only to be counted."""


def _shown(name: str) -> str:
    """A hostile name as a message may hold it."""
    return "".join(c if c.isprintable() else "?" for c in name[:120])
