"""Projects as folders of YAML, each one git repository: the Projects port.

<home>/projects/<KEY>/          the files, as architecture §3 draws them
<home>/variables.yaml           variables of the node, and local/variables.yaml over it
<home>/local/<KEY>/variables.yaml   a project's variables on this node only: never in git
<home>/local/<KEY>/added.yaml   who took the project in, when, and as it was at which commit
<home>/local/<KEY>/pulled.json  commit that came from elsewhere later → who brought it here
<home>/trash/                   deleted projects
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from penstock.core import registry, sharing
from penstock.core.dataset import Dataset
from penstock.core.errors import (
    Conflict,
    EditedByHand,
    Invalid,
    InvalidDefinition,
    NotFound,
    Refused,
    SaveConflict,
)
from penstock.core.folder import Folder
from penstock.core.kind import Definition
from penstock.core.names import check_name, check_project_key, check_variable_name
from penstock.core.ports import Clock
from penstock.core.project import FORMAT, Item, Project, ProjectSettings
from penstock.core.revision import Revision
from penstock.core.sharing import Share
from penstock.core.version_control import Allowing
from penstock.store import checking, edits, layout, tree, upgrades, wikis
from penstock.store.clock import SystemClock
from penstock.store.disk import locked, write_atomically
from penstock.store.edits import HandEdits
from penstock.store.git import Repository, blob_hash, unified_diff
from penstock.store.reading import ProjectFiles
from penstock.store.renaming import folder_of, renamed
from penstock.store.saving import Contents, Journal, read_bytes
from penstock.store.yaml import decode, parse, read_mapping
from penstock.store.yaml_edit import amended, render, update

VARIABLES = "variables.yaml"
ADDED = "added.yaml"
PULLED = "pulled.json"
IGNORED = "__pycache__/\n*.pyc\n"


class FileProjects:
    """The Projects port on folders of a home."""

    def __init__(self, home: Path, *, clock: Clock | None = None, user: str = "") -> None:
        """`user` is the author of what was edited by hand; empty: whoever comes across it."""
        self.home, self.clock, self.user = home, clock or SystemClock(), user
        self._files: dict[str, ProjectFiles] = {}
        self._edits: dict[str, HandEdits] = {}
        self._shared: dict[str, tuple[tuple[int, int, int], tuple[Share, ...]]] = {}
        """Project → the stamp of its settings, and what they say that others read."""

    # which there are ----------------------------------------------------------------------------------------------

    def keys(self) -> list[str]:
        found = (self.home / "projects").glob(f"[A-Z]*/{layout.SETTINGS}")
        return sorted(file.parent.name for file in found)

    def path(self, key: str) -> Path:
        """The folder of a project. Raises NotFound with the nearest key."""
        path = self.home / "projects" / check_project_key(key)
        if not (path / layout.SETTINGS).is_file():
            raise NotFound("project", key, among=self.keys())
        return path

    def create(self, key: str, *, title: str, author: str) -> Project:
        settings = {"format": FORMAT, **({"title": title} if title else {})}
        with self._new(key) as folder:
            contents = {layout.SETTINGS: render(settings).encode(), ".gitignore": IGNORED.encode()}
            Journal(folder).save(
                contents, author=author, message=f"Create project {key}", at=self.clock.now()
            )
        return self.load(key)

    def add(
        self,
        folder: Path,
        *,
        author: str,
        key: str = "",
        change: Callable[[Project], Mapping[str, Definition]] | None = None,
    ) -> Project:
        """Take a folder of project files in, with its history if it has one. The key is the folder's name in
        capitals unless given. Raises InvalidDefinition when the files are broken, and whatever `change` raises, which
        says what is different here; then nothing is added."""
        chosen = key or folder.resolve().name.upper().replace("-", "_").replace(" ", "_")
        if not (folder / layout.SETTINGS).is_file():
            raise Invalid(f"{folder} is no project: it has no {layout.SETTINGS}.")
        with self._new(chosen) as aside:
            tree.copy(folder, aside)
            self._upgrade(chosen, aside, author)
            Repository(aside).prepare()
            found = ProjectFiles(aside, aside / ".git" / "parsed").project(chosen, {})
            found.check_files()
            for file, definition in (change(found) if change else {}).items():
                _rewrite(aside / file, definition)
            everything = {f: (aside / f).read_bytes() for f in tree.tracked(aside)}
            Journal(aside).save(
                everything, author=author, message=f"Add project {chosen}", at=self.clock.now()
            )
        self._note_added(chosen, author)
        return self.load(chosen)

    def examine(
        self,
        folder: Path,
        key: str,
        change: Callable[[Project], Mapping[str, Definition]] | None = None,
    ) -> tuple[Project, list[InvalidDefinition]]:
        """What a folder of files would be as a project here, and its problems. See the port."""
        upgrades.check_format(key, read_mapping(folder / layout.SETTINGS).get("format", 1))
        found = self._parsed(folder, key)
        changed = change(found.project(key, self._local(key))) if change else {}
        for file, definition in changed.items():
            _rewrite(folder / file, definition)
        found = self._parsed(folder, key) if changed else found
        with found.guard:
            found.refresh()
            problems = checking.problems(found, key, known=self._known(key), foreign=self._foreign(key))
        return replace(found.project(key, self._local(key)), foreign=self._foreign(key)), problems

    def install(self, key: str, folder: Path, *, author: str, message: str) -> str:
        """Make the files of a folder, and no others, the project; see the port."""
        files: dict[str, bytes] = tree.everything(folder)
        if key not in self.keys():
            with self._new(key) as aside:
                Journal(aside).save(files, author=author, message=message, at=self.clock.now())
            self._note_added(key, author)
            return self._repository(key).head()
        with self._locked(key) as path:
            pending = self.uncommitted(key)
            if pending:
                self._commit_edits(path, pending, author=author)
            there = {*files, *tree.tracked(path)}
            contents = {f: files.get(f) for f in sorted(there) if files.get(f) != read_bytes(path, f)}
            if not contents:
                return Repository(path).head()
            return Journal(path).save(contents, author=author, message=message, at=self.clock.now())

    def _parsed(self, folder: Path, key: str) -> ProjectFiles:
        return ProjectFiles(folder, folder.parent / f"{key}.parsed.json")

    def _note_added(self, key: str, author: str) -> None:
        head = self._repository(key).head()
        note = {"by": author, "at": self.clock.now().isoformat(), "commit": head}
        write_atomically(self.home / "local" / key / ADDED, render(note).encode())

    def delete(self, key: str) -> None:
        """Move a project to the trash of the home. Its data is another port's to delete."""
        trash = self.home / "trash"
        trash.mkdir(exist_ok=True)
        with self._locked(key):
            name = f"{key}-{self.clock.now():%Y%m%dT%H%M%S}-{self.clock.new_id(4)}"
            self.path(key).rename(trash / name)
            local = self.home / "local" / key
            if local.exists():
                local.rename(trash / f"{name}-local")
            self._files.pop(key, None)
            self._edits.pop(key, None)

    # reading ------------------------------------------------------------------------------------------------------

    def load(self, key: str) -> Project:
        """What the files say now. What is not well formed is missing and told in `problems`."""
        path, files = self.path(key), self._opened(key)
        if Journal(path).pending or self._format(key) < FORMAT:
            with self._locked(key):
                pass  # whoever takes the lock finishes what was begun and lifts old files
        found, foreign = files.project(key, self._local(key)), self._foreign(key)
        return replace(found, foreign=foreign) if foreign else found

    def validate(self, key: str) -> list[InvalidDefinition]:
        """Every problem of every file, with file, line and field; empty when the project can be built."""
        files = self._opened(key)
        with files.guard:
            files.refresh()
            known = {**self._known(key), "projectKey": key}
            found = checking.problems(files, key, known=self._known(key), foreign=self._foreign(key))
            return found + checking.undefined(files, key, known)

    def read(self, key: str, file: str) -> tuple[str, str]:
        data = self.content(key, file)
        return decode(data, file=file), blob_hash(data)

    def content(self, key: str, file: str) -> bytes:
        data = read_bytes(self.path(key), layout.check_file(file))
        if data is None:
            raise NotFound("file", file, among=tree.tracked(self.path(key)), where=f"project {key}")
        return data

    def listed(self, key: str, folder: str) -> list[str]:
        return tree.below(self.path(key), folder)

    def texts(self, key: str, folder: str) -> dict[str, bytes]:
        return wikis.texts(self.path(key), folder)

    def uncommitted(self, key: str) -> list[str]:
        """Files whose text is not in the history yet: edited by hand since the last save."""
        return self._hand_edits(key).files()

    # writing ------------------------------------------------------------------------------------------------------

    def save(
        self,
        key: str,
        definitions: Mapping[str, Definition | str | bytes | None],
        *,
        author: str,
        message: str,
        base: Mapping[str, str] | None = None,
    ) -> str:
        """Several files as one commit; returns its id. See the port."""
        with self._locked(key) as path:
            for file, hash in (base or {}).items():
                self._check_base(path, layout.check_file(file), hash)
            contents: dict[str, bytes | None] = {}
            for file, definition in definitions.items():
                contents |= self._contents(path, layout.check_file(file), definition)
            return self._write(key, path, contents, author=author, message=message, read=base or {})

    def rename(self, key: str, old: str, new: str, *, author: str) -> str:
        """Rename an object and every reference in the definitions, as one commit. Code and data are not touched."""
        check_name(new)
        with self._locked(key) as path:
            project = self.load(key)
            project.check_files()
            folder = folder_of(project, old)
            if new in _names_beside(project, folder):
                raise Conflict(f"There is '{new}' in project {key} already.", hint="Choose another name.")
            files = self._opened(key)
            before = files.definitions()
            moved = {} if folder == layout.RECIPES else {
                f: renamed(d, old, new, project=key, scenario=folder == layout.SCENARIOS) for f, d in before.items()
            }  # fmt: skip
            contents: dict[str, bytes | None] = {}
            for file, definition in moved.items():
                if definition is not before[file]:
                    contents |= self._contents(path, file, definition)
            contents |= tree.moved(path, folder, old, new, contents)
            contents |= wikis.renamed(path, folder, old, new, project=key)
            return self._write(key, path, contents, author=author, message=f"Rename {old} to {new}")

    def settle(self, key: str, *, author: str) -> str:
        """Commit what was edited by hand and is well formed, on its own; returns the id, empty when there is nothing.

        What is not well formed stays as it is. Quick when nothing was edited: nobody waits, git is not opened.
        """
        if not self.uncommitted(key):
            return ""
        with self._locked(key) as path:
            return self._settle(key, path, author=author)

    def commit(self, key: str, *, author: str, message: str) -> str:
        """Commit everything that was edited by hand; returns the id, empty when there is nothing.

        Raises InvalidDefinition, and commits nothing, when one of the files is not well formed.
        """
        with self._locked(key) as path:
            pending = self.uncommitted(key)
            bad = [problem for problem in self._problems(key) if problem.file in pending]
            if bad:
                raise checking.together(bad)
            return self._commit_edits(path, pending, author=author, message=message) if pending else ""

    def amend(self, key: str, file: str, values: Mapping[str, Any]) -> None:
        """Change top-level settings in the text of a file, even one that is no YAML; it stays an edit by hand."""
        with self._locked(key) as path:
            data = read_bytes(path, layout.check_file(file))
            if data is None:
                raise NotFound("file", file, among=tree.tracked(path), where=f"project {key}")
            text = data.decode("utf-8", "surrogateescape")
            write_atomically(path / file, amended(text, values).encode("utf-8", "surrogateescape"))

    def set_variables(
        self,
        key: str,
        values: Mapping[str, Any],
        *,
        author: str,
        local: bool = False,
        remove: Sequence[str] = (),
    ) -> None:
        """Merge values into the project's standard or local variables, atomically; `remove` takes some out."""
        with self._locked(key) as path:
            if local:
                return self._set_local(key, values, remove)
            text = decode(read_bytes(path, layout.SETTINGS) or b"", file=layout.SETTINGS)
            settings = parse(text, file=layout.SETTINGS).value
            settings["variables"] = _merged(settings.get("variables") or {}, values, remove)
            contents = {layout.SETTINGS: update(text, settings).encode()}
            names = ", ".join([*values, *remove])
            self._write(key, path, contents, author=author, message=f"Set variables: {names}")
            return None

    def instance_variables(self) -> Mapping[str, Any]:
        return {**_mapping(self.home / VARIABLES), **_mapping(self.home / "local" / VARIABLES)}

    # history ------------------------------------------------------------------------------------------------------

    def history(self, key: str, file: str = "", *, limit: int = 0) -> list[Revision]:
        return self._repository(key).history(file, limit=limit)

    def files_at(self, key: str, commit: str) -> dict[str, bytes]:
        return self._repository(key).files(commit)

    def tag(self, key: str, name: str, commit: str) -> None:
        self._repository(key).tag(name, commit)

    def last_change(self, key: str, file: str) -> tuple[str, datetime] | None:
        repository, note = self._repository(key), _mapping(self.home / "local" / key / ADDED)
        newest = repository.history(file, limit=1)
        then = repository.history(file, limit=1, at=note["commit"]) if note and newest else []
        if newest and newest == then:
            return str(note["by"]), datetime.fromisoformat(note["at"])
        return (self._by(key, newest[0]), newest[0].time) if newest else None

    def authors_of(self, key: str, file: str, setting: str) -> list[str]:
        """See the port. Empty for a value that stands in no commit: it was typed here and not saved yet."""
        repository, note = self._repository(key), _mapping(self.home / "local" / key / ADDED)
        brought = {r.id for r in repository.history(file, at=note["commit"])} if note else set()
        now, found = _setting(read_bytes(self.path(key), file), setting), []
        for revision in repository.history(file):
            if _setting(repository.files(revision.id).get(file), setting) != now:
                break
            found.append(str(note["by"]) if revision.id in brought else self._by(key, revision))
        return list(dict.fromkeys(found))

    def _by(self, key: str, revision: Revision) -> str:
        """Who answers for a commit here: its author, or whoever brought it from elsewhere, where authors are only
        words."""
        return self._pulled(key).get(revision.id) or revision.author.partition(" <")[0]

    def _pulled(self, key: str) -> dict[str, str]:
        try:
            found: dict[str, str] = json.loads((self.home / "local" / key / PULLED).read_bytes())
        except FileNotFoundError:
            return {}
        return found

    def diff(self, key: str, older: str, newer: str = "", file: str = "") -> str:
        """What changed from one commit to another, or to the files as they are now; as git shows it."""
        path, repository = self.path(key), self._repository(key)
        before = {f: d for f, d in repository.files(older).items() if newer or tree.belongs(f)}
        after = repository.files(newer) if newer else self._everything(key, path)
        chosen = {file} if file else {*before, *after}
        return unified_diff(*({f: d for f, d in side.items() if f in chosen} for side in (before, after)))

    def revert(self, key: str, commit: str, *, author: str, file: str = "") -> str:
        """Bring files back to a commit, as a new commit; returns its id, empty when they are like that already.

        What was edited by hand is committed first, so that it can be brought back as well.
        """
        with self._locked(key) as path:
            repository = self._repository(key)
            id = repository.id_of(commit)
            self._settle(key, path, author=author)
            then, now = repository.files(id), repository.files("HEAD")
            chosen = {file, *tree.bodies(file, {*then, *now})} if file else {*then, *now}
            if file and file not in {*then, *now}:
                raise NotFound("file", file, among={*then, *now}, where=f"project {key}")
            contents = {f: then.get(f) for f in sorted(chosen) if then.get(f) != read_bytes(path, f)}
            if not contents:
                return ""
            what = file or "the project"
            return self._write(key, path, contents, author=author, message=f"Bring {what} back to {id[:10]}")

    # being another commit: what `store/versions.py` stands on --------------------------------------------------------

    def turn(self, key: str) -> AbstractContextManager[Path]:
        """The project's folder, for nobody else meanwhile."""
        return self._locked(key)

    def repository(self, key: str) -> Repository:
        """The history of a project, its folder made a repository when it is none yet."""
        return self._repository(key)

    def note_brought(self, key: str, commits: Mapping[str, str]) -> None:
        """Remember who brought commits from elsewhere. Under the project's turn."""
        if commits:
            known = json.dumps({**self._pulled(key), **commits})
            write_atomically(self.home / "local" / key / PULLED, known.encode())

    def go(
        self, key: str, branch: str, commit: str, *, allow: Allowing, before: Callable[[], None]
    ) -> None:  # fmt: skip
        """Let a branch be checked out, at a commit, and the files be what it says. Under the project's turn.

        What was edited by hand goes; what no history is asked for – hidden, large, named by .gitignore – stays.
        `allow` is given what changes and raises when it may not; `before` is called when all is well. Raises, and
        changes nothing, for a state that is no project, does not parse, or holds what is no plain file.
        """
        path, repository = self.path(key), self._repository(key)
        is_old = commit == repository.head()
        now, edited = repository.files("HEAD"), set(self.uncommitted(key))
        then = now if is_old else repository.plain_files(commit)
        moved = {f for f in {*then, *now} if then.get(f) != now.get(f)}
        contents = {f: then.get(f) for f in sorted(moved | edited) if then.get(f) != read_bytes(path, f)}
        _check_kept(path, now, contents.keys() - edited)
        if not is_old:
            allow(contents)
            _check_settings(key, then)
            self._check(key, contents)
        before()
        Journal(path).move(contents, branch=branch, commit=commit)

    def answering(self, key: str, commits: Mapping[str, str]) -> dict[str, str]:
        """Who answers for commits that were made once more, by the ones that they were: see `note_brought`. Those
        that were made here are left out: their authors do."""
        if not commits:
            return {}
        note, pulled = _mapping(self.home / "local" / key / ADDED), self._pulled(key)
        came = {r.id for r in self._repository(key).history(at=note["commit"])} if note else set()
        found = {new: pulled.get(old) or (note["by"] if old in came else "") for new, old in commits.items()}
        return {new: by for new, by in found.items() if by}

    # how ----------------------------------------------------------------------------------------------------------

    @contextmanager
    def _locked(self, key: str) -> Iterator[Path]:
        """The project's folder, ours alone, with what a dead process began finished."""
        path = self.path(key)
        with locked(self.home / "locks" / f"{key}.lock", what=f"project {key}"):
            Journal(path).heal()
            if self._format(key) < FORMAT:
                self._upgrade(key, path, "Penstock")
            yield path

    @contextmanager
    def _new(self, key: str) -> Iterator[Path]:
        """A folder that becomes a project in one step, when all went well."""
        projects = self.home / "projects"
        target = projects / check_project_key(key)
        aside = projects / f".creating-{secrets.token_hex(6)}"
        aside.mkdir(parents=True)
        try:
            yield aside
            if target.exists():
                raise Conflict(f"There is a project {key} already.", hint="Choose another key.")
            aside.rename(target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _write(
        self, key: str, path: Path, contents: Contents, *, author: str, message: str, read: Iterable[str] = ()
    ) -> str:
        """Check the project as it would be, then save it. Raises for a problem that was not there before.

        What was edited by hand in these files becomes a commit of its own first; what was typed just so already
        is part of this one. Whoever has read a file that is not well formed may replace it.
        """
        replaced = {f: d for f, d in contents.items() if d != read_bytes(path, f)}
        edited = [f for f in self.uncommitted(key) if f in contents]
        self._check_readable(key, path, [f for f in edited if f in replaced and f not in read])
        if replaced or edited:
            self._check(key, contents)
        if any(f in replaced for f in edited):
            self._commit_edits(path, [f for f in edited if f in replaced], author=author)
        self._settle(key, path, author=author, without=contents)
        if not replaced and not edited:
            return Repository(path).head()
        changed = {f: d for f, d in contents.items() if f in replaced or f in edited}
        return Journal(path).save(changed, author=author, message=message, at=self.clock.now())

    def _settle(self, key: str, path: Path, *, author: str, without: Contents | None = None) -> str:
        """Commit hand edits that are well formed, but those of some files. Under the project's lock."""
        pending = [f for f in self.uncommitted(key) if f not in (without or {})]
        if not pending:
            return ""
        bad = self._broken_files(key)
        good = [file for file in pending if file not in bad]
        return self._commit_edits(path, good, author=author) if good else ""

    def _commit_edits(self, path: Path, files: list[str], *, author: str, message: str = "") -> str:
        repository = Repository(path)
        repository.prepare()
        return repository.commit(
            edits.contents(path, files), author=self.user or author, at=self.clock.now(),
            message=message or edits.message(files),
        )  # fmt: skip

    def _broken_files(self, key: str) -> dict[str, InvalidDefinition]:
        """The files in which something is wrong, each with its first problem."""
        return {problem.file: problem for problem in reversed(self._problems(key))}

    def _problems(self, key: str) -> list[InvalidDefinition]:
        files = self._opened(key)
        with files.guard:
            files.refresh()
            return checking.problems(files, key, known=self._known(key), foreign=self._foreign(key))

    def _check_readable(self, key: str, path: Path, files: list[str]) -> None:
        """Raise EditedByHand for a hand edit that would be lost: it cannot become a commit, and must not vanish."""
        opened = self._opened(key)
        for file in files:
            try:
                with opened.guard:
                    opened.refresh()
                    if layout.is_definition(file) and opened.data(file) is not None:
                        opened.definition(file, {})
            except InvalidDefinition as problem:
                old = Repository(path).files("HEAD").get(file)
                before = {} if old is None else {file: old}
                diff = unified_diff(before, {file: read_bytes(path, file) or b""})
                raise EditedByHand(file, str(problem), diff) from problem

    def _check(self, key: str, changed: Contents) -> None:
        files, known, foreign = self._opened(key), self._known(key), self._foreign(key)
        with files.guard:
            files.refresh()
            after = checking.problems(files, key, changed, known=known, foreign=foreign)
            if not after:
                return
            before = {
                (p.file, p.field, p.problem)
                for p in checking.problems(files, key, known=known, foreign=foreign)
            }
        fresh = [p for p in after if p.file in changed or (p.file, p.field, p.problem) not in before]
        if fresh:
            raise checking.together(sorted(fresh, key=lambda p: p.file not in changed))

    def _check_base(self, path: Path, file: str, hash: str) -> None:
        current = read_bytes(path, file)
        now = "" if current is None else blob_hash(current)
        if hash == now:
            return
        read = Repository(path).blob(hash)
        before = {} if read is None else {file: read}
        diff = unified_diff(before, {} if current is None else {file: current})
        raise SaveConflict(file, diff, now=now, by=_saver(path, file, current))

    def _contents(
        self, path: Path, file: str, definition: Definition | str | bytes | None
    ) -> dict[str, bytes | None]:
        """What the files of one definition shall hold; comments and order of what is there are kept."""
        if isinstance(definition, (str, bytes)):
            return {file: definition.encode() if isinstance(definition, str) else definition}
        bodies = tree.bodies(file, tree.tracked(path)) if layout.is_definition(file) else []
        contents: dict[str, bytes | None] = dict.fromkeys(bodies)
        if definition is None:
            return {file: None, **contents}
        old = read_bytes(path, file)
        if isinstance(definition, Folder) and not definition.id and old is None:
            definition = definition.changed(id=self.clock.new_id(8))
        values, body = layout.values_of(definition)
        contents[file] = (render(values) if old is None else update(decode(old, file=file), values)).encode()
        if body is not None:
            contents[layout.body_file(file, layout.body_ending(file, values))] = body.encode()
        return contents

    def _format(self, key: str) -> int:
        """The format a project's files are in. Raises Refused for a newer one than ours."""
        files = self._opened(key)
        try:
            with files.guard:
                files.refresh()
                settings = files.values(layout.SETTINGS, files.data(layout.SETTINGS) or b"")
        except InvalidDefinition:
            return FORMAT  # loading says what is wrong; saving may be about to repair it
        return upgrades.check_format(key, settings.get("format", 1))

    def _upgrade(self, key: str, path: Path, author: str) -> None:
        settings = read_mapping(path / layout.SETTINGS)
        have = upgrades.check_format(key, settings.get("format", 1))
        if have == FORMAT:
            return
        if path.name == key and (pending := self.uncommitted(key)):
            self._commit_edits(path, pending, author=author)
        texts = {f: d.decode() for f, d in tree.everything(path).items() if tree.is_text(d)}
        lifted = upgrades.upgrade(texts, have=have, want=FORMAT)
        lifted[layout.SETTINGS] = update(
            lifted[layout.SETTINGS], {**parse(lifted[layout.SETTINGS]).value, "format": FORMAT}
        )
        changed = {f: lifted[f].encode() if f in lifted else None for f in {*texts, *lifted}}
        message = f"Upgrade the files from format {have} to {FORMAT}"
        Journal(path).save(
            {f: d for f, d in changed.items() if f not in texts or d != texts[f].encode()},
            author=author, message=message, at=self.clock.now(),
        )  # fmt: skip

    def _foreign(self, key: str) -> dict[str, Item]:
        """What other projects share with one, by `KEY.name`."""
        found: dict[str, Item] = {}
        for other in self.keys():
            names = [s.name for s in self._shares(other) if key in s.projects] if other != key else []
            owner = self._opened(other).project(other, self._local(other)) if names else None
            for name in names:
                if owner is not None and not sharing.flaw(owner, name):
                    found[f"{other}.{name}"] = _seen_elsewhere(owner, name)
        return found

    def _shares(self, key: str) -> tuple[Share, ...]:
        """What a project shares; its settings are read when they changed."""
        try:
            seen = (self.path(key) / layout.SETTINGS).stat()
        except (FileNotFoundError, NotFound):
            return ()
        stamp = (seen.st_mtime_ns, seen.st_size, seen.st_ino)
        known = self._shared.get(key)
        if known is None or known[0] != stamp:
            known = self._shared[key] = (
                stamp,
                self._opened(key).project(key, self._local(key)).settings.shared,
            )
        return known[1]

    def _known(self, key: str) -> dict[str, Any]:
        """Variables that have a value on this node, besides those of the project's files."""
        return {**self.instance_variables(), **self._local(key)}

    def _local(self, key: str) -> dict[str, Any]:
        return _mapping(self.home / "local" / key / VARIABLES)

    def _set_local(self, key: str, values: Mapping[str, Any], remove: Sequence[str]) -> None:
        for name in values:
            check_variable_name(name)
        file = self.home / "local" / key / VARIABLES
        text = decode(file.read_bytes(), file=str(file)) if file.exists() else ""
        merged = _merged(self._local(key), values, remove)
        write_atomically(file, (update(text, merged) if text else render(merged)).encode())

    def forget(self) -> None:
        self._files.clear()

    def _opened(self, key: str) -> ProjectFiles:
        path = self.path(key)
        return self._files.setdefault(key, ProjectFiles(path, self.home / "cache" / f"{key}.json"))

    def _hand_edits(self, key: str) -> HandEdits:
        return self._edits.setdefault(
            key, HandEdits(self.path(key), self.home / "cache" / f"{key}.edits.json")
        )

    def _everything(self, key: str, path: Path) -> dict[str, bytes]:
        """Every file as it is now, those of the last commit and new ones; not what .gitignore names."""
        edits_of = self._hand_edits(key)
        files = {*edits_of.files(), *edits_of.in_history()}
        return {f: data for f in sorted(files) if (data := read_bytes(path, f)) is not None}

    def _repository(self, key: str) -> Repository:
        repository = Repository(self.path(key))
        repository.prepare()
        return repository


def _check_kept(path: Path, now: Mapping[str, bytes], files: Iterable[str]) -> None:
    """Raise Conflict for files of the folder that would be lost, as no commit has them."""
    lost = sorted(f for f in files if (path / f).is_file() and read_bytes(path, f) != now.get(f))
    if lost:
        raise Conflict(
            f"In the folder and in no commit, but in the other state too: {', '.join(lost[:5])}. Nothing was changed.",
            hint="Move them away, then try again.",
        )


def _check_settings(key: str, files: Mapping[str, bytes]) -> None:
    """Raise Refused for files that are no project, or one of a newer Penstock."""
    if layout.SETTINGS not in files:
        raise Refused(f"There is no {layout.SETTINGS} in it, so it is no project; nothing was changed.")
    settings = parse(decode(files[layout.SETTINGS], file=layout.SETTINGS), file=layout.SETTINGS).value
    upgrades.check_format(key, settings.get("format", 1))


def _rewrite(file: Path, definition: Definition) -> None:
    """Let a file of a folder say something else; what stays the same stays to the byte."""
    values = {n: v for n, v in definition.to_mapping().items() if n != "body"}
    if isinstance(definition, ProjectSettings):
        values = {"format": definition.format, **values}
    file.write_text(update(file.read_text(encoding="utf-8-sig"), values), encoding="utf-8")


def _seen_elsewhere(owner: Project, name: str) -> Item:
    """An object as another project sees it: what it is called and holds, without what is measured and checked."""
    item = owner.item(name)
    about = {"title": item.title, "short_description": item.short_description, "tags": list(item.tags)}
    if isinstance(item, Dataset):
        columns = [c.to_mapping() for c in item.columns]
        shared = {
            "type": "shared",
            "project": owner.key,
            "dataset": name,
            "on": item.database(),
            "columns": columns,
        }
        made = registry.parse("datasets", {**shared, **about})
        assert isinstance(made, Dataset)
        return made
    return item.changed(probes=(), checks=())


def _names_beside(project: Project, folder: str) -> set[str]:
    """Names an object of a folder may not take."""
    if folder == layout.SCENARIOS:
        return set(project.scenarios)
    return {*project.items, *(project.recipes if folder == layout.RECIPES else ())}


def _saver(path: Path, file: str, current: bytes | None) -> str:
    """Who saved a file as it is now; empty for an edit by hand that is in no commit."""
    repository = Repository(path)
    if repository.files("HEAD").get(file) != current:
        return ""
    newest = repository.history(file, limit=1)
    return newest[0].author.partition(" <")[0] if newest else ""


def _setting(data: bytes | None, name: str) -> Any:
    """A top-level setting of a YAML file; None when it is not there or cannot be read."""
    try:
        return None if data is None else parse(decode(data)).value.get(name)
    except InvalidDefinition:
        return None


def _mapping(file: Path) -> dict[str, Any]:
    return read_mapping(file) if file.exists() else {}


def _merged(old: Mapping[str, Any], new: Mapping[str, Any], remove: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in {**old, **new}.items() if name not in remove}
