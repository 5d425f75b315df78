"""Repositories elsewhere: what they are called, fetching from them, pushing to them. No git program is needed.

Names and addresses lie in `.git/config`, where a person's own git sees them; of a secret only its name.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.errors import Conflict, Failed, NotFound
from penstock.core.version_control import RemoteAddress, is_local, without_password
from penstock.store import joining
from penstock.store.git import moving

if TYPE_CHECKING:
    from dulwich.repo import Repo

HEADS, SEEN = b"refs/heads/", b"refs/remotes/"
TIMEOUT = 60.0
"""Seconds that a server may take to say anything."""
SSH = "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"
ONLY_THIS_KEY = " -o IdentitiesOnly=yes"
UNKNOWN_HOST = (
    "Put its host key into ~/.ssh/known_hosts of whoever runs this node: ssh-keyscan HOST; compare it there."
)
USER, SECRET = b"penstockUser", b"penstockSecret"


def listed(repo: Repo) -> list[RemoteAddress]:
    """Every repository elsewhere, by name."""
    config = repo.get_config()
    found = [section for section in config.sections() if len(section) == 2 and section[0] == b"remote"]
    return sorted((_read(config, section) for section in found), key=lambda remote: remote.name)


def get(repo: Repo, name: str) -> RemoteAddress:
    """One of them. Raises NotFound with the nearest."""
    among = {remote.name: remote for remote in listed(repo)}
    if name not in among:
        hint = "" if among else "Add one first: penstock project remote add ADDRESS"
        raise NotFound("repository", name, among=among, hint=hint)
    return among[name]


def add(repo: Repo, remote: RemoteAddress) -> None:
    """Remember one. Raises Conflict for a name that is taken."""
    if remote.name in {known.name for known in listed(repo)}:
        raise Conflict(f"There is a repository {remote.name} already.", hint="Remove it first.")
    config, section = repo.get_config(), (b"remote", remote.name.encode())
    config.set(section, b"url", remote.address.encode())
    config.set(section, b"fetch", f"+refs/heads/*:refs/remotes/{remote.name}/*".encode())
    for word, value in ((USER, remote.user), (SECRET, remote.secret)):
        if value:
            config.set(section, word, value.encode())
    config.write_to_path()


def remove(repo: Repo, name: str) -> None:
    """Forget one, with what was fetched of it."""
    get(repo, name)
    config: Any = repo.get_config()
    del config[(b"remote", name.encode())]
    config.write_to_path()
    with moving(repo, *(seen := _seen(repo, name))):
        for ref in seen:
            del repo.refs[ref]


def branches(repo: Repo, name: str) -> dict[str, Any]:
    """Branch there → its commit, as it was fetched last."""
    start = SEEN + name.encode() + b"/"
    return {ref.removeprefix(start).decode(): repo.refs[ref] for ref in _seen(repo, name)}


def fetch(repo: Repo, remote: RemoteAddress, secret: str) -> dict[bytes, Any]:
    """Bring the commits of every branch of it here; returns branch → commit, for `remember`."""

    def wanted(refs: Any, depth: int | None = None) -> list[Any]:
        heads = {id for ref, id in refs.items() if ref.startswith(HEADS)}
        return [id for id in heads if id not in repo.object_store]

    with _told(remote, secret), _client(repo, remote, secret) as (client, path):
        refs = client.fetch(path, repo, determine_wants=wanted).refs
        return {ref.removeprefix(HEADS): id for ref, id in refs.items() if ref.startswith(HEADS)}


def remember(repo: Repo, name: str, there: Mapping[bytes, Any]) -> None:
    """Note what a repository has, as it was just fetched. A branch whose name is no text, or that is no commit, is left
    out: a server may send anything. Under the project's turn, so that nobody is in the middle of pulling it."""
    start, seen = SEEN + name.encode() + b"/", _seen(repo, name)
    usable = {start + branch: id for branch, id in there.items() if _is_usable(repo, start + branch, id)}
    with moving(repo, *seen, *usable):
        for ref in (ref for ref in seen if ref not in usable):
            del repo.refs[ref]
        for ref, id in usable.items():
            repo.refs[ref] = id  # type: ignore[index]


def push(repo: Repo, remote: RemoteAddress, branch: str, head: Any, secret: str) -> None:
    """Bring a branch as it is at a commit there. Raises Conflict while there is something that is not here."""
    _check_bare(remote)
    ref = HEADS + branch.encode()

    def update(refs: Any) -> Any:
        if not _follows(repo, refs.get(ref), head):
            raise Conflict(
                f"{remote.name} has commits on {branch} that are not here.",
                hint="Pull first, then push again.",
            )
        return {ref: head}

    with _told(remote, secret), _client(repo, remote, secret) as (client, path):
        status = client.send_pack(path, update, repo.generate_pack_data).ref_status or {}
    if problem := status.get(ref):
        raise Failed(f"{remote.name} did not take {branch}: {problem}.")
    seen: Any = SEEN + remote.name.encode() + b"/" + branch.encode()
    with moving(repo, seen):
        repo.refs[seen] = head


def _is_usable(repo: Repo, ref: bytes, id: Any) -> bool:
    from dulwich.objects import Commit
    from dulwich.refs import check_ref_format

    try:
        ref.decode()
        return check_ref_format(ref) and isinstance(repo[id], Commit)  # type: ignore[arg-type]
    except (UnicodeDecodeError, KeyError):
        return False


def _follows(repo: Repo, there: Any, head: Any) -> bool:
    if not there or not there.strip(b"0"):
        return True
    return there in repo.object_store and joining.base_of(repo, there, head) == there


def _check_bare(remote: RemoteAddress) -> None:
    """A folder somebody works in would show everything that is pushed as deleted again."""
    folder = Path(remote.address.removeprefix("file://"))
    if is_local(remote.address) and (folder / ".git").exists():
        raise Conflict(
            f"{remote.address} is a folder that somebody works in; nothing was pushed.",
            hint="Push to a repository without files: git init --bare FOLDER",
        )


def _read(config: Any, section: Any) -> RemoteAddress:
    def word(name: bytes) -> str:
        return str(config.get(section, name).decode()) if config.has_section(section) and _has(name) else ""

    def _has(name: bytes) -> bool:
        return any(key.lower() == name.lower() for key, _ in config.items(section))

    address = without_password(word(b"url"))
    return RemoteAddress(name=section[1].decode(), address=address, user=word(USER), secret=word(SECRET))


def _seen(repo: Repo, name: str) -> list[Any]:
    start = SEEN + name.encode() + b"/"
    found = [ref for ref in repo.refs.allkeys() if ref.startswith(start) and not ref.endswith(b"/HEAD")]
    return [ref for ref in found if ref.decode(errors="replace").encode() == ref]


@contextmanager
def _client(repo: Repo, remote: RemoteAddress, secret: str) -> Iterator[tuple[Any, str]]:
    """What speaks to it, with the key of ssh in a file only while it does."""
    from dulwich.client import default_urllib3_manager, get_transport_and_path

    words: dict[str, Any] = {"quiet": True}
    address = repo.get_config().get((b"remote", remote.name.encode()), b"url").decode()
    if remote.address.startswith("http"):
        words["pool_manager"] = default_urllib3_manager(None, timeout=TIMEOUT, base_url=address)
        if secret or remote.user:
            words |= {"username": remote.user or "git", "password": secret}
        yield get_transport_and_path(address, **words)
    elif is_local(address):
        yield get_transport_and_path(address, **words)
    else:
        with _key_file(secret) as key:
            ssh = SSH + (ONLY_THIS_KEY if key else "")
            user = remote.user or None
            client, path = get_transport_and_path(
                address, key_filename=key or None, ssh_command=ssh, username=user, **words
            )
            with _closed(client):
                yield client, path


@contextmanager
def _closed(client: Any) -> Iterator[None]:
    """End what the client began, which it forgets where a server hangs up: no ssh is left running."""
    with ExitStack() as begun:
        connect = client._connect

        def connected(*words: Any, **more: Any) -> Any:
            found = connect(*words, **more)
            begun.callback(found[0].close)
            return found

        client._connect = connected
        yield


@contextmanager
def _key_file(secret: str) -> Iterator[str]:
    if not secret:
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="penstock-key-") as folder:
        place = Path(folder) / "key"
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret.rstrip("\n") + "\n")
        yield str(place)


@contextmanager
def _told(remote: RemoteAddress, secret: str) -> Iterator[None]:
    """What goes wrong on the way, in our words. No credential is in them."""
    from dulwich.client import HTTPProxyUnauthorized, HTTPUnauthorized, StrangeHostname
    from dulwich.errors import GitProtocolError, HangupException, NotGitRepository
    from urllib3.exceptions import HTTPError

    try:
        yield
    except (HTTPUnauthorized, HTTPProxyUnauthorized) as error:
        raise Failed(
            f"{remote.address} does not let this node in.",
            hint="Seal a password or token that may read and write there, and add the repository with its name.",
        ) from error
    except (
        GitProtocolError,
        HangupException,
        NotGitRepository,
        HTTPError,
        KeyError,
        OSError,
        StrangeHostname,
        ValueError,
    ) as error:
        told = str(error) or type(error).__name__
        told = told.replace(secret, "***") if secret else told
        hint = UNKNOWN_HOST if "Host key verification failed" in told else ""
        raise Failed(
            f"The repository {remote.address} cannot be reached: {told[:300].rstrip('.')}.", hint=hint
        ) from error
