"""Branches of projects, and repositories elsewhere: the Versions port on the folders of a home.

<home>/local/<KEY>/pulled.json   commit that came from elsewhere → who brought it here; its own words prove nothing
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.errors import Conflict, Invalid, NotFound
from penstock.core.version_control import (
    Allowing,
    BranchStanding,
    RemoteAddress,
    RemoteStanding,
    VersionStanding,
    check_branch,
    check_remote,
)
from penstock.store import joining, remotes
from penstock.store.git import moving
from penstock.store.projects import FileProjects

if TYPE_CHECKING:
    from dulwich.repo import Repo

HEADS, TAGS = b"refs/heads/", b"refs/tags/"
SUBMODULE = 0o160000
NONE: Mapping[str, str] = {}


class GitVersions:
    """The Versions port."""

    def __init__(self, projects: FileProjects) -> None:
        self._projects = projects

    # looking ------------------------------------------------------------------------------------------------------

    def standing(self, key: str) -> VersionStanding:
        pending = tuple(self._projects.uncommitted(key))
        with self._open(key) as repo:
            current = _current(repo)
            heads: Mapping[bytes, Any] = repo.refs.as_dict(b"refs/heads")  # type: ignore[arg-type, assignment]
            tags: Mapping[bytes, Any] = repo.refs.as_dict(b"refs/tags")  # type: ignore[arg-type, assignment]
            return VersionStanding(
                branch=current, commit=heads.get(current.encode(), b"").decode(), pending=pending,
                branches=tuple(
                    BranchStanding(name=_text(name), commit=id.decode(), current=_text(name) == current)
                    for name, id in sorted(heads.items())
                ),
                tags={_text(name): id.decode() for name, id in sorted(tags.items())},
                remotes=tuple(_standing(repo, one, current) for one in remotes.listed(repo)),
            )  # fmt: skip

    def remote(self, key: str, name: str) -> RemoteAddress:
        with self._open(key) as repo:
            return remotes.get(repo, name)

    # elsewhere ----------------------------------------------------------------------------------------------------

    def add_remote(self, key: str, remote: RemoteAddress) -> None:
        check_remote(remote.name, remote.user)
        with self._projects.turn(key), self._open(key) as repo:
            remotes.add(repo, remote)

    def remove_remote(self, key: str, name: str) -> None:
        with self._projects.turn(key), self._open(key) as repo:
            remotes.remove(repo, name)

    def fetch(self, key: str, name: str, *, secret: str) -> None:
        with self._open(key) as repo:
            there = remotes.fetch(repo, remotes.get(repo, name), secret)
            with self._projects.turn(key):
                remotes.get(repo, name)
                remotes.remember(repo, name, there)

    def push(
        self, key: str, name: str, *, secret: str, check: Callable[[Mapping[str, bytes]], None]
    ) -> None:  # fmt: skip
        with self._open(key) as repo:
            branch, head = _current(repo), _head(repo)
            check(_outgoing(repo, remotes.branches(repo, name).get(branch), head))
            remotes.push(repo, remotes.get(repo, name), branch, head, secret)

    def bundle(self, key: str, target: Path) -> None:
        from dulwich.bundle import create_bundle_from_repo, write_bundle

        with self._open(key) as repo, target.open("wb") as file:
            _head(repo)
            refs = [ref for ref in repo.refs.allkeys() if ref == b"HEAD" or ref.startswith((HEADS, TAGS))]
            with closing(create_bundle_from_repo(repo, refs=refs)) as made:
                write_bundle(file, made)

    def unbundle(self, folder: Path, source: Path) -> None:
        import zlib

        from dulwich.bundle import read_bundle
        from dulwich.errors import ApplyDeltaError, ChecksumMismatch, ObjectFormatException, RefFormatError
        from dulwich.pack import UnresolvedDeltas
        from dulwich.repo import Repo

        try:
            with source.open("rb") as file, Repo.init(str(folder), default_branch=b"main") as repo:
                with closing(read_bundle(file)) as found:
                    found.store_objects(repo.object_store)
                    kept = {r: id for r, id in found.references.items() if r.startswith((HEADS, TAGS))}
                    head = found.references.get(b"HEAD")  # type: ignore[call-overload]
                for ref, id in kept.items():
                    _check_whole(repo, ref, id)
                    repo.refs[ref] = id
                at: Any = next(
                    (ref for ref, id in kept.items() if id == head and ref.startswith(HEADS)), None
                )
                if at is not None:
                    repo.refs.set_symbolic_ref(b"HEAD", at)  # type: ignore[arg-type]
        except (ValueError, KeyError, AssertionError, AttributeError, IndexError, EOFError, zlib.error,
                ApplyDeltaError, ChecksumMismatch, ObjectFormatException, RefFormatError,
                UnresolvedDeltas) as error:  # fmt: skip
            raise Invalid(f"The history in it cannot be read: {error}.") from error

    # changing what is checked out -----------------------------------------------------------------------------------

    def pull(self, key: str, name: str, *, by: str, allow: Allowing) -> str:
        with self._projects.turn(key):
            self._check_saved(key)
            with self._open(key) as repo:
                branch = _current(repo)
                target, again = joining.joined(repo, _head(repo), _there(repo, name, branch))
            return self._go(key, branch, target.decode(), by=by, allow=allow, again=again)

    def drop(self, key: str, name: str, *, by: str, allow: Allowing) -> str:
        with self._projects.turn(key), self._open(key) as repo:
            branch, head = _current(repo), _head(repo)
            target = _there(repo, name, branch) if name else head
            if target != head:
                kept: Any = b"refs/dropped/" + head
                with moving(repo, kept):
                    repo.refs[kept] = head
            return self._go(key, branch, target.decode(), by=by, allow=allow)

    def create_branch(self, key: str, branch: str, *, start: str, by: str) -> str:
        check_branch(branch)
        with self._projects.turn(key), self._open(key) as repo:
            ref: Any = HEADS + branch.encode()
            _check_free(repo, branch)
            id: Any = _start(repo, start) or self._projects.repository(key).id_of(start or "HEAD").encode()
            self._projects.note_brought(key, self._brought(repo, id, by))
            with moving(repo, ref):
                repo.refs[ref] = id
            return str(id.decode())

    def switch(self, key: str, branch: str, *, by: str, allow: Allowing) -> str:
        with self._projects.turn(key):
            self._check_saved(key)
            with self._open(key) as repo:
                heads: Mapping[bytes, Any] = repo.refs.as_dict(b"refs/heads")  # type: ignore[arg-type, assignment]
                named = {_text(head): id.decode() for head, id in heads.items()}
                if branch not in named:
                    raise NotFound(
                        "branch", branch, among=named, where=f"project {key}",
                        hint="Create it first: penstock project branch create NAME",
                    )  # fmt: skip
                target = named[branch]
            return self._go(key, branch, target, by=by, allow=allow)

    # how ----------------------------------------------------------------------------------------------------------

    def _go(
        self, key: str, branch: str, commit: str, *, by: str, allow: Allowing, again: Mapping[str, str] = NONE
    ) -> str:  # fmt: skip
        """Let the project be a commit, checked; note who brought what came from elsewhere. `again`: new commit → the
        one of ours that it is once more."""
        with self._open(key) as repo:
            known = self._brought(repo, commit.encode(), by) | self._projects.answering(key, again)
        self._projects.go(
            key, branch, commit, allow=allow, before=lambda: self._projects.note_brought(key, known)
        )
        return commit

    def _brought(self, repo: Repo, id: Any, by: str) -> dict[str, str]:
        """The commits behind one that no branch of ours has yet, but those that were made here before."""
        heads: Any = list(repo.refs.as_dict(b"refs/heads").values())  # type: ignore[arg-type]
        seen = {
            one for remote in remotes.listed(repo) for one in remotes.branches(repo, remote.name).values()
        }
        there = {e.commit.id for e in repo.get_walker(include=sorted(seen), exclude=heads)} if seen else set()
        fresh = repo.get_walker(include=[id], exclude=heads)
        return {entry.commit.id.decode(): by for entry in fresh if entry.commit.id in there}

    def _check_saved(self, key: str) -> None:
        pending = self._projects.uncommitted(key)
        if pending:
            more = f" and {len(pending) - 5} more" if len(pending) > 5 else ""
            raise Conflict(
                f"Edited by hand and not saved yet: {', '.join(pending[:5])}{more}. Nothing was changed.",
                hint="Save them (`penstock project save -m …`), or drop them (`penstock project drop`).",
            )

    @contextmanager
    def _open(self, key: str) -> Iterator[Repo]:
        from dulwich.repo import Repo

        repository = self._projects.repository(key)
        with Repo(str(Path(repository.path))) as repo:
            yield repo


def _current(repo: Repo) -> str:
    """The branch that is checked out. Raises Conflict when there is none."""
    ref = repo.refs.get_symrefs().get(b"HEAD", b"")  # type: ignore[call-overload]
    if not ref.startswith(HEADS):
        raise Conflict(
            "No branch of the project is checked out, but a commit.",
            hint="Go to a branch: penstock project branch switch main",
        )
    return _text(ref.removeprefix(HEADS))


def _text(name: bytes) -> str:
    """The name of a branch or tag; a person's git may have given one that is no text."""
    return name.decode(errors="replace")


def _check_free(repo: Repo, branch: str) -> None:
    """Raise Conflict for a branch that is there, or that would lie below another one or above it."""
    heads: Any = repo.refs.as_dict(b"refs/heads")  # type: ignore[arg-type]
    for taken in map(_text, heads):
        if taken == branch:
            raise Conflict(f"There is a branch {branch} already.", hint="Choose another name.")
        if f"{taken}/".startswith(f"{branch}/") or f"{branch}/".startswith(f"{taken}/"):
            raise Conflict(
                f"There is a branch {taken}, so none can be {branch}.", hint="Choose another name."
            )


def _check_whole(repo: Repo, ref: bytes, id: Any) -> None:
    """Raise ValueError unless what a ref of a bundle names is in it, with every file of that state."""
    found: Any = repo[id]
    if ref.startswith(HEADS) and not hasattr(found, "tree"):
        raise ValueError(f"{_text(ref)} is no commit")
    for entry in repo.object_store.iter_tree_contents(found.tree) if hasattr(found, "tree") else ():
        if entry.mode >> 12 != SUBMODULE >> 12 and entry.sha not in repo.object_store:
            raise ValueError(f"a file of {_text(ref)} is not in it")


def _head(repo: Repo) -> Any:
    try:
        return repo.refs[b"HEAD"]  # type: ignore[index]
    except KeyError as error:
        raise Conflict("The project has no commit yet.") from error


def _there(repo: Repo, name: str, branch: str) -> Any:
    """The last commit of a branch elsewhere, as it was fetched."""
    remotes.get(repo, name)
    among = remotes.branches(repo, name)
    if branch not in among:
        raise NotFound("branch", branch, among=among, where=name, hint="Fetch it, or push yours first.")
    return among[branch]


def _start(repo: Repo, start: str) -> Any:
    """The commit of a branch here, or elsewhere as NAME/BRANCH; None when it is neither."""
    known: Mapping[bytes, Any] = repo.get_refs()  # type: ignore[assignment]
    for prefix in (HEADS, b"refs/remotes/", TAGS):
        ref = prefix + start.encode(errors="replace")
        if start and ref in known:
            return known[ref]
    return None


def _outgoing(repo: Repo, there: Any, head: Any) -> dict[str, bytes]:
    """Every file of every commit up to one that is not there, by commit and path."""
    known = there if there and there in repo.object_store else None
    return {
        f"{commit.id.decode()[:10]}:{path.decode(errors='replace')}": _data(repo, id)
        for commit in joining.between(repo, known, head)
        for path, (mode, id) in joining.changed(repo, next(iter(commit.parents), None), commit.id).items()
        if id and mode >> 12 != SUBMODULE >> 12
    }


def _standing(repo: Repo, remote: RemoteAddress, branch: str) -> RemoteStanding:
    known = remotes.branches(repo, remote.name)
    there, here = known.get(branch), repo.refs.as_dict(b"refs/heads").get(branch.encode())  # type: ignore[arg-type, call-overload]
    return RemoteStanding(
        remote=remote, commit=there.decode() if there else "", branches=tuple(sorted(known)),
        ahead=_count(repo, there, here), behind=_count(repo, here, there),
    )  # fmt: skip


def _count(repo: Repo, old: Any, new: Any) -> int:
    return len(joining.between(repo, old, new)) if new and old != new else 0


def _data(repo: Repo, id: Any) -> bytes:
    blob: Any = repo[id]
    return bytes(getattr(blob, "data", b""))
