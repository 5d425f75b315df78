"""History, differences and earlier states of a project, in its own git repository. No git program is needed.

Commits are made from given files only: what somebody staged or edited beside is left as it is, and no hook runs.
"""

from __future__ import annotations

import difflib
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha1
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.archive import check_names
from penstock.core.errors import Conflict, Failed, NotFound, Refused
from penstock.core.revision import Revision
from penstock.core.version_control import check_address

if TYPE_CHECKING:
    from dulwich.objects import Commit
    from dulwich.repo import Repo

HEAD: Any = b"HEAD"
PLAIN_FILE = 0o100644
LATEST = 253_370_764_800
"""Seconds until the year 9999: a commit from elsewhere may say any number."""
KEPT = 5000
"""How many commits a process remembers."""
_revisions: dict[tuple[Path, Any], Revision] = {}
LEFT = 10.0
"""Seconds for which no living git holds the lock of a branch: an older one was left by a process that died."""
Files = Mapping[str, bytes | None]
"""Path → its new bytes, or None when it goes."""


class Repository:
    """The history of one project folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def prepare(self) -> None:
        """Make the folder a repository when it is none yet."""
        from dulwich.repo import Repo

        if not (self.path / ".git").exists():
            Repo.init(str(self.path), default_branch=b"main").close()

    def commit(self, files: Files, *, author: str, message: str, at: datetime) -> str:
        """Record some files as they shall be from now on. Returns the id; the last one when nothing changes."""
        from dulwich.object_store import commit_tree_changes

        with self._open() as repo:
            head, tree = _head(repo), _tree(repo, _head(repo))
            known, before = _paths(repo, tree), tree.id
            changes = [_change(repo, known, path, data) for path, data in files.items()]
            new_tree = commit_tree_changes(
                repo.object_store, tree, [c for c in changes if c[1] or c[0] in known]
            )
            if head and new_tree == before:
                return str(head.decode())
            commit = _commit(new_tree, [head] if head else [], author, message, at)
            repo.object_store.add_object(commit)
            with moving(repo, HEAD, repo.refs.follow(HEAD)[0][-1]):
                if not repo.refs.set_if_equals(HEAD, head, commit.id):
                    raise Conflict(
                        "Somebody committed to this project at the same moment.", hint="Try again."
                    )
            self._remember_in_index(repo, files)
            return commit.id.decode()

    def tag(self, name: str, commit: str) -> None:
        """Call a commit by a name; one that is taken is moved. Raises NotFound for an unknown commit."""
        with self._open() as repo:
            ref: Any = f"refs/tags/{name}".encode()
            with moving(repo, ref):
                repo.refs[ref] = self._resolve(repo, commit)

    def tags(self) -> dict[str, str]:
        """Name → id of the commit."""
        with self._open() as repo:
            return {name.decode(): id.decode() for name, id in repo.refs.as_dict(b"refs/tags").items()}  # type: ignore[arg-type]

    def head(self) -> str:
        """The id of the last commit; empty before the first."""
        with self._open() as repo:
            head = _head(repo)
            return head.decode() if head else ""

    def history(self, file: str = "", *, limit: int = 0, at: str = "") -> list[Revision]:
        """Newest first, from a commit on or the newest of all; of one file when named."""
        start = at or self.head()
        if not start:
            return []
        return list(_newest(self.path, start, file, limit) if limit else self.walk(start, file))

    def walk(self, start: str, file: str = "", limit: int = 0) -> list[Revision]:
        """The commits from one on, newest first."""
        with self._open() as repo:
            include: Any = [start.encode()]
            paths = [file.encode()] if file else None
            walker = repo.get_walker(include=include, paths=paths, max_entries=limit or None)
            return [_revision(self.path, entry) for entry in walker]

    def files(self, commit: str) -> dict[str, bytes]:
        """Every file as it was at a commit; what cannot be a file of a project, and came with somebody's history, is
        left out. Raises NotFound for an unknown commit."""
        with self._open() as repo:
            tree = _tree(repo, self._resolve(repo, commit))
            return {path: _bytes(repo, id) for path, id in _plain(repo, tree).items()}

    def listing(self) -> dict[str, str]:
        """Every plain file of the last commit → the hash of its bytes."""
        with self._open() as repo:
            found = _plain(repo, _tree(repo, _head(repo)))
            return {path: id.decode() for path, id in found.items()}

    def plain_files(self, commit: str) -> dict[str, bytes]:
        """Every file as it was at a commit that somebody else may have made. Raises Refused for one that cannot be a
        file of a project: a link, another repository, a name that leads out."""
        with self._open() as repo:
            id: Any = commit.encode()
            found = _paths(repo, _tree(repo, id))
            for path, (mode, _) in found.items():
                _check_plain(path, mode)
            check_names([path.decode() for path in found], within="commit")
            return {path.decode(): _bytes(repo, sha) for path, (_, sha) in found.items()}

    def stand(self, branch: str, commit: str, files: Iterable[str]) -> None:
        """Let a branch be the one that is checked out, and a commit its last. The files are as it says already."""
        with self._open() as repo:
            ref, id = f"refs/heads/{branch}".encode(), commit.encode()
            with moving(repo, HEAD, ref):
                repo.refs[ref] = id  # type: ignore[index, assignment]
                repo.refs.set_symbolic_ref(HEAD, ref)  # type: ignore[arg-type]
            known = _plain(repo, _tree(repo, id))
            now = {file: _bytes(repo, known[file]) if file in known else None for file in files}
            self._remember_in_index(repo, now)

    def unlock(self) -> None:
        """Remove the locks of branches that a process left which died while it set one. Under the project's lock."""
        for lock in (self.path / ".git/HEAD.lock", *(self.path / ".git/refs/heads").rglob("*.lock")):
            lock.unlink(missing_ok=True)

    def ignored(self, files: Iterable[str]) -> frozenset[str]:
        """Those of some files that a .gitignore names."""
        from dulwich.ignore import IgnoreFilterManager

        with self._open() as repo:
            rules = IgnoreFilterManager.from_repo(repo)
            return frozenset(file for file in files if rules.is_ignored(file))

    def id_of(self, commit: str) -> str:
        """The whole id of a commit: of its first letters, of HEAD, of `HEAD~2`. Raises NotFound."""
        with self._open() as repo:
            found = self._resolve(repo, commit)
            if not found:
                raise NotFound("commit", commit, where=f"project {self.path.name}")
            return str(found.decode())

    def blob(self, hash: str) -> bytes | None:
        """The bytes behind a hash of `blob_hash`, if they were ever committed."""
        with self._open() as repo:
            id: Any = hash.encode()
            known = len(id) == 40 and id in repo.object_store
            return _bytes(repo, id) if known else None

    def _open(self) -> closing[Repo]:
        from dulwich.errors import NotGitRepository
        from dulwich.repo import Repo

        try:
            return closing(Repo(str(self.path)))
        except NotGitRepository as error:
            raise NotFound("history", self.path.name) from error

    def _resolve(self, repo: Repo, commit: str) -> Any:
        """The id behind a name: HEAD, the first letters of an id, either with `~2` or `^` behind it."""

        base, steps = re.fullmatch(r"(.*?)((?:~\d*|\^)*)", commit, re.DOTALL).groups()  # type: ignore[union-attr]
        found = self._named(repo, base)
        back = sum(int(n or 1) for n in re.findall(r"[~^](\d*)", steps))
        for _ in range(back):
            parents: list[Any] = repo[found].parents if found else []  # type: ignore[attr-defined]
            if not parents:
                raise NotFound("commit", commit, where=f"project {self.path.name}")
            found = parents[0]
        return found

    def _named(self, repo: Repo, commit: str) -> Any:
        head = _head(repo)
        if commit in ("", "HEAD", "@"):
            return head
        entries: Iterable[Any] = repo.get_walker(include=[head]) if head else ()
        found = [e.commit.id for e in entries if e.commit.id.decode().startswith(commit)]
        if len(found) != 1 or len(commit) < 4:
            raise NotFound("commit", commit, where=f"project {self.path.name}")
        return found[0]

    def _remember_in_index(self, repo: Repo, files: Files) -> None:
        """So that `git status` of a person shows a clean state. Their own git may be holding it just now."""
        from dulwich.file import FileLocked
        from dulwich.index import index_entry_from_stat

        try:
            index = repo.open_index()
            for path, data in files.items():
                if data is None and path.encode() in index:
                    del index[path.encode()]
                elif data is not None:
                    entry = index_entry_from_stat((self.path / path).stat(), _blob(data).id)
                    index[path.encode()] = entry
            index.write()
        except (FileLocked, FileNotFoundError):
            return


@contextmanager
def moving(repo: Repo, *refs: Any) -> Iterator[None]:
    """While some refs are set: what a dead process left locked is free. Raises Conflict while somebody writes one."""
    from dulwich.file import FileLocked

    for ref in refs:
        _unlock(Path(repo.controldir()) / f"{ref.decode(errors='surrogateescape')}.lock")
    try:
        yield
    except FileLocked as error:
        raise Conflict(
            "Another git program writes a branch of this project just now.", hint="Try again in a moment."
        ) from error


def _unlock(lock: Path) -> None:
    try:
        if time.time() - lock.stat().st_mtime > LEFT:
            lock.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return


def cloned(address: str, target: Path, branch: str = "") -> str:
    """Fetch a repository into a folder, its newest state or that of a branch; returns the commit. Raises Invalid for
    what is no address of one, Failed."""
    check_address(address)
    from dulwich import porcelain
    from dulwich.errors import GitProtocolError, HangupException, NotGitRepository

    try:
        with closing(
            porcelain.clone(address, target, branch=branch.encode() or None, errstream=BytesIO())
        ) as repo:
            return repo.head().decode()
    except (GitProtocolError, HangupException, NotGitRepository, KeyError, OSError, ValueError) as error:
        raise Failed(f"The repository {address} cannot be read: {error}.") from error


def blob_hash(data: bytes) -> str:
    """The name git gives to these bytes."""
    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def unified_diff(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    """What changed between two states, as git shows it; bytes that are no text only say so."""
    changed = sorted(p for p in {*before, *after} if before.get(p) != after.get(p))
    return "".join(_file_diff(path, before.get(path), after.get(path)) for path in changed)


@lru_cache(maxsize=512)
def _newest(path: Path, start: str, file: str, limit: int) -> tuple[Revision, ...]:
    """The newest commits from one on: what came before a commit never changes, and finding it reads every tree."""
    return tuple(Repository(path).walk(start, file, limit))


def _file_diff(path: str, before: bytes | None, after: bytes | None) -> str:
    old, new = (
        f"a/{path}" if before is not None else "/dev/null",
        f"b/{path}" if after is not None else "/dev/null",
    )
    try:
        a, b = ((data or b"").decode().splitlines(keepends=True) for data in (before, after))
    except UnicodeDecodeError:
        return f"Binary files {old} and {new} differ\n"
    lines = difflib.unified_diff(a, b, fromfile=old, tofile=new)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _blob(data: bytes) -> Any:
    from dulwich.objects import Blob

    return Blob.from_string(data)


def _bytes(repo: Repo, id: Any) -> bytes:
    blob: Any = repo[id]
    return bytes(blob.data)


def _head(repo: Repo) -> Any:
    try:
        return repo.refs[HEAD]
    except KeyError:
        return None


def _tree(repo: Repo, commit: Any) -> Any:
    from dulwich.objects import Tree

    return repo[repo[commit].tree] if commit else Tree()  # type: ignore[attr-defined]


def _paths(repo: Repo, tree: Any) -> dict[bytes, tuple[int, Any]]:
    entries: Iterable[Any] = repo.object_store.iter_tree_contents(tree.id) if len(tree) else ()
    return {entry.path: (entry.mode, entry.sha) for entry in entries}


def _plain(repo: Repo, tree: Any) -> dict[str, Any]:
    """Path → id of what can be a file of a project. A history from elsewhere may hold anything: links, submodules,
    settings of git, names that lead out."""
    return {path.decode(): id for path, (mode, id) in _paths(repo, tree).items() if _is_plain(path, mode)}


def _is_plain(path: bytes, mode: int) -> bool:
    try:
        parts = path.decode().lower().split("/")
    except UnicodeDecodeError:
        return False
    return mode >> 12 == PLAIN_FILE >> 12 and not {"", ".", "..", ".git"}.intersection(parts)


def _check_plain(path: bytes, mode: int) -> None:
    if not _is_plain(path, mode):
        shown = path.decode(errors="replace")
        raise Refused(f"'{shown}' is no plain file; a project is made of files only. Nothing was changed.")


def _change(repo: Repo, known: Mapping[bytes, Any], path: str, data: bytes | None) -> tuple[bytes, Any, Any]:
    if data is None:
        return path.encode(), None, None
    blob = _blob(data)
    repo.object_store.add_object(blob)
    mode, _ = known.get(path.encode(), (PLAIN_FILE, None))
    return path.encode(), mode, blob.id


def _commit(tree: Any, parents: list[Any], author: str, message: str, at: datetime) -> Commit:
    from dulwich.objects import Commit

    commit = Commit()
    commit.tree, commit.parents = tree, parents
    commit.author = commit.committer = signature(author).encode()
    commit.author_time = commit.commit_time = int(at.timestamp())
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding, commit.message = b"UTF-8", message.encode()
    return commit


def signature(author: str) -> str:
    """`Eva` → `Eva <eva@host>`, as git wants it; one that has an address is left alone."""
    import socket

    name = re.sub(r"[\n\0]", " ", author).strip() or "somebody"
    if re.fullmatch(r"[^<>]+ <[^<>]*>", name):
        return name
    name = re.sub(r"[<>]", "", name).strip()
    return f"{name} <{re.sub(r'[^a-z0-9._-]', '.', name.lower())}@{socket.gethostname()}>"


def _revision(place: Path, entry: Any) -> Revision:
    """What a commit says and changed: read once, for it never changes and to compare its trees takes long."""
    key = (place, entry.commit.id)
    found = _revisions.get(key)
    if found is None:
        found = _read(entry)
        if len(_revisions) >= KEPT:
            _revisions.clear()
        _revisions[key] = found
    return found


def _read(entry: Any) -> Revision:
    commit = entry.commit
    changes = [c for change in entry.changes() for c in (change if isinstance(change, list) else [change])]
    paths = {path for c in changes for path in (c.old and c.old.path, c.new and c.new.path) if path}
    return Revision(
        id=commit.id.decode(),
        author=commit.author.decode(errors="replace"),
        time=datetime.fromtimestamp(min(max(commit.commit_time, 0), LATEST), UTC),
        message=commit.message.decode(errors="replace").rstrip("\n"),
        files=tuple(sorted(path.decode(errors="replace") for path in paths)),
    )
