"""Joining two lines of a history: our commits once more on top of theirs, whole files at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from penstock.core.errors import Conflict

if TYPE_CHECKING:
    from dulwich.repo import Repo

NAMED = 20
SLASH = ord("/")


def base_of(repo: Repo, ours: Any, theirs: Any) -> Any:
    """The last commit that both have; None when they never had one."""
    from dulwich.graph import find_merge_base

    found = find_merge_base(repo, [ours, theirs])
    return found[0] if found else None


def between(repo: Repo, old: Any, new: Any) -> list[Any]:
    """The commits of `new` that `old` does not have, oldest first."""
    excluded = [old] if old else []
    return [
        entry.commit for entry in repo.get_walker(include=[new], exclude=excluded, order="topo", reverse=True)
    ]


def joined(repo: Repo, ours: Any, theirs: Any) -> tuple[Any, dict[str, str]]:
    """The commit with everything of both: theirs when we have nothing of our own, else ours on top of it; and which
    commit of ours each new one is once more.

    Raises Conflict naming the files that both changed, or when the two never had a commit in common.
    """
    base = base_of(repo, ours, theirs)
    if base is None:
        raise Conflict(
            "The two repositories have no commit in common, so their histories cannot be joined.",
            hint="Push into an empty repository, or take the other one in as a project of its own.",
        )
    if base in (ours, theirs):
        return theirs if base == ours else ours, {}
    own = between(repo, theirs, ours)
    if any(len(commit.parents) > 1 for commit in own):
        raise Conflict(
            "There are merges among the commits that are only here; nothing was pulled.",
            hint="Push them to a branch of their own, and merge there.",
        )
    _check_apart(repo, base, ours, theirs, own)
    tip, again = theirs, {}
    for commit in own:
        tip = _again(repo, commit, tip)
        again[tip.decode()] = commit.id.decode()
    return tip, again


def changed(repo: Repo, old: Any, new: Any) -> dict[bytes, tuple[Any, Any]]:
    """Path → its mode and bytes in the newer tree, (None, None) when it went; of what differs."""
    before, after = _entries(repo, old), _entries(repo, new)
    paths = (path for path in {*before, *after} if before.get(path) != after.get(path))
    return {path: after.get(path, (None, None)) for path in paths}


def _check_apart(repo: Repo, base: Any, ours: Any, theirs: Any, own: list[Any]) -> None:
    touched = {path for commit in own for path in changed(repo, commit.parents[0], commit.id)}
    there, here = changed(repo, base, theirs), changed(repo, base, ours)
    clashing = {p for p in touched & there.keys() if here.get(p) != there[p]}
    clashing |= _below(touched, there.keys()) | _below(there.keys(), touched)
    both = sorted(p.decode(errors="replace") for p in clashing)
    if both:
        more = f" and {len(both) - NAMED} more" if len(both) > NAMED else ""
        raise Conflict(
            f"Changed on both sides: {', '.join(both[:NAMED])}{more}. Nothing was pulled.",
            hint="Keep yours on a branch of its own, drop the local changes, pull, and make them again.",
        )


def _below(paths: Iterable[bytes], others: Collection[bytes]) -> set[bytes]:
    """The paths that need a folder where the others have changed a file."""
    return {p for p in paths if any(p[:end] in others for end, c in enumerate(p) if c == SLASH)}


def _again(repo: Repo, commit: Any, parent: Any) -> Any:
    """The same change by the same author, behind another commit."""
    from dulwich.object_store import commit_tree_changes
    from dulwich.objects import Commit

    changes: Any = [(path, *entry) for path, entry in changed(repo, commit.parents[0], commit.id).items()]
    here = _entries(repo, parent)
    above: Any = repo[parent]
    tree: Any = repo[above.tree]
    made = Commit()
    made.tree = commit_tree_changes(repo.object_store, tree, [c for c in changes if c[2] or c[0] in here])
    made.parents = [parent]
    made.author, made.committer, made.encoding = commit.author, commit.committer, commit.encoding
    made.author_time, made.commit_time = commit.author_time, max(commit.commit_time, above.commit_time)
    made.author_timezone, made.commit_timezone = commit.author_timezone, commit.commit_timezone
    made.message = commit.message
    repo.object_store.add_object(made)
    return made.id


def _entries(repo: Repo, commit: Any) -> dict[bytes, tuple[Any, Any]]:
    if not commit:
        return {}
    tree: Any = repo[repo[commit].tree]  # type: ignore[attr-defined]
    return {entry.path: (entry.mode, entry.sha) for entry in repo.object_store.iter_tree_contents(tree.id)}
