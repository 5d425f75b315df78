"""Everything that can go wrong for a user, as one tree. Each says what, where, what next, and the nearest name.

PenstockError
├── NotFound            a name that leads nowhere          ColumnMissing, ConnectionMissing, KindMissing
├── Invalid             words we cannot accept             InvalidDefinition, InvalidExpression, InvalidName,
│                                                          UndefinedVariable, TooLarge, NotReadable, BadQuery,
│                                                          NoRowModel
├── Conflict            somebody else was faster           SaveConflict, EditedByHand, BeingBuilt, ChangedMeanwhile
├── Refused             understood, and not done           WriteProtected, ExternalData, ActiveVersion, NotAllowed,
│                                                          NotSignedIn, TooManyAttempts, ConnectionWrongType,
│                                                          ConnectionNotAllowed, ConnectionNotWritable
├── NotReady            something must exist first         SourceNotReady, NoActiveVersion, ConnectionFailed,
│                                                          StateAway
├── Unsafe              a file that we will not open       UntrustedModel, GoldenBatchMismatch, UnsafeArchive,
│                                                          UnknownSigner
└── Failed              work that was begun and failed     ActivityFailed, JobFailed, RunFailed, Aborted,
                                                           DataUnreadable,
                                                           AnswerFailed
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from penstock.core.problem import Problem, from_mapping


def nearest(word: str, words: Iterable[str], *, most: int = 3) -> list[str]:
    """The names closest to a mistyped one, best first; upper and lower case count as alike."""
    by_lower = {w.lower(): w for w in words}
    return [by_lower[w] for w in difflib.get_close_matches(word.lower(), list(by_lower), n=most, cutoff=0.6)]


def _some(names: Iterable[str]) -> str:
    """`a`, `a and 2 more`; `something` of none."""
    listed = list(names)
    more = f" and {len(listed) - 1} more" if len(listed) > 1 else ""
    return f"{listed[0]}{more}" if listed else "something"


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """` Did you mean group?`, or the list of what there is when nothing is near and the list is short."""
    words = sorted(words)
    near = nearest(word, words)
    if near:
        return f" Did you mean {' or '.join(near)}?"
    if 0 < len(words) <= 12:
        return f" There is {', '.join(words)}." if len(words) == 1 else f" There are {', '.join(words)}."
    return ""


class PenstockError(Problem):
    """The root. `str(error)` is the whole sentence for a person; `hint` is what to do next."""

    exit_code = 1


class NotFound(PenstockError):
    """A name that leads nowhere."""

    exit_code, http_status = 3, 404

    def __init__(
        self, what: str, name: str, *, among: Iterable[str] = (), where: str = "", hint: str = ""
    ) -> None:
        among = list(among)
        place = f" in {where}" if where else ""
        called = f" '{name}'" if name else " without a name"
        super().__init__(f"There is no {what}{called}{place}.{did_you_mean(name, among)}", hint=hint)
        self.what, self.name, self.near = what, name, tuple(nearest(name, among))


class KindMissing(NotFound):
    """A `type:` that no file of the catalogue answers to."""


class ColumnMissing(NotFound):
    """A column that a dataset does not have. Other rows are named in words: `dataset="the test set"`."""

    def __init__(self, column: str, *, dataset: str, near: Iterable[str] = (), needed_by: str = "") -> None:
        near = list(near)
        need = f" {needed_by} needs it." if needed_by else ""
        is_name = " " not in dataset.strip()
        subject = f"Dataset {dataset}" if is_name else f"{dataset[:1].upper()}{dataset[1:]}"
        PenstockError.__init__(
            self,
            f"{subject} has no column '{column}'.{need}{did_you_mean(column, near)}",
            hint=f"See its columns: penstock dataset columns {dataset}" if is_name else "",
        )
        self.what, self.name, self.near = "column", column, tuple(nearest(column, near))
        self.dataset = dataset


class ConnectionMissing(NotFound):
    """A project names a connection that this node does not have, and no other stands for it."""

    def __init__(
        self, name: str, target: str, *, by: Iterable[str] = (), among: Iterable[str] = (), hint: str = ""
    ) -> None:
        said = hint or f"say which connection stands for it, such as {name}=OTHER."
        super().__init__("connection", target, among=among, hint=f"{_some(by)} needs {name}: {said}")


class Invalid(PenstockError):
    """Words we cannot accept."""

    exit_code, http_status = 2, 422


class InvalidName(Invalid):
    """A name with a character we do not take."""


class InvalidExpression(Invalid):
    """A formula, filter or condition that does not parse; `position` is the 0-based character."""

    def __init__(self, message: str, *, text: str = "", position: int = 0, hint: str = "") -> None:
        self.text, self.position = text, position
        super().__init__(message, hint=hint)


class InvalidDefinition(Invalid):
    """A definition that breaks its kind's rules: which file, line, field, and what would be right."""

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        line: int = 0,
        field: str = "",
        hint: str = "",
    ) -> None:
        self.file, self.line, self.field, self.problem = file, line, field, message
        self.also: tuple[InvalidDefinition, ...] = ()
        """What else is wrong with the same definition."""
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        subject = f"{field}: " if field else ""
        super().__init__(f"{place}{subject}{message}", hint=hint)

    def recall(self, told: Mapping[str, Any]) -> None:
        """What each of these has, told or not."""
        self.file, self.field = str(told.get("file", "")), str(told.get("field", ""))
        self.line, self.problem = int(told.get("line", 0)), str(told.get("problem", self.message))
        others = (from_mapping(other) for other in told.get("also", ()))
        self.also = tuple(e for e in others if isinstance(e, InvalidDefinition))


class FlawAt(ValueError):
    """What a validator of a whole definition raises when the flaw lies in one of its fields."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path = path


class UndefinedVariable(Invalid):
    """`${name}` with no value on any level."""

    def __init__(self, name: str, *, among: Iterable[str] = (), where: str = "") -> None:
        among = list(among)
        place = f" in {where}" if where else ""
        self.name, self.near = name, tuple(nearest(name, among))
        super().__init__(
            f"Variable '{name}' is used{place} but has no value.{did_you_mean(name, among)}",
            hint=f'Where it may be missing, write variables["{name}"].'
            if where.startswith("a formula")
            else f"Set it with `penstock variable set {name}=VALUE`, or write ${{{name}|default:…}}.",
        )


class TooLarge(Invalid):
    """More than is taken at once."""

    http_status = 413


class NotReadable(Invalid):
    """A form of data that is not read here."""

    http_status = 415


class BadQuery(Invalid):
    """A question to an API service that its endpoint cannot answer as it stands."""

    http_status = 400


class NoRowModel(Invalid):
    """A model that continues series was asked about single rows."""


class Conflict(PenstockError):
    """Somebody else was faster."""

    exit_code, http_status = 4, 409


class SaveConflict(Conflict):
    """The file changed since it was read; `diff` shows what the other save did, `now` is what it was read with next.

    `by` is the login of whoever saved it; empty when nobody can tell, as for an edit by hand.
    """

    def __init__(self, file: str, diff: str, *, now: str = "", by: str = "") -> None:
        self.file, self.diff, self.now, self.by = file, diff, now, by
        super().__init__(
            f"{file} was changed since you read it, so nothing was saved.\n{diff}",
            hint="Read it again, apply your change on top, and save once more.",
        )


class EditedByHand(Conflict):
    """A file holds edits that are in no commit and not well formed; `diff` shows what would be lost."""

    def __init__(self, file: str, problem: str, diff: str) -> None:
        self.file, self.diff = file, diff
        super().__init__(
            f"{file} was edited by hand and is not well formed, so nothing was changed: {problem}\n{diff}",
            hint="Mend the file first; or, to throw the edit away, put the file back with your own git.",
        )


class BeingBuilt(Conflict):
    """Another job is writing the same object."""


class ChangedMeanwhile(Conflict):
    """Something is not as whoever writes it saw it; `diff` shows what saving would have changed."""

    http_status = 412

    def __init__(self, message: str, *, diff: str = "", hint: str = "") -> None:
        self.diff = diff
        super().__init__(message, hint=hint)


class Refused(PenstockError):
    """Understood, and not done."""

    exit_code, http_status = 5, 403


class WriteProtected(Refused):
    """A build that names an object nobody may rebuild."""


class ExternalData(Refused):
    """Data whose truth lives outside is never cleared or written."""


class ActiveVersion(Refused):
    """The active version of a model is not deleted."""


class NotSignedIn(Refused):
    """Nobody showed who they are, or what they showed is no good any more."""

    http_status = 401


class NotAllowed(Refused):
    """Somebody who is known lacks a permission; the hint says who can give it."""

    def __init__(self, message: str, *, permission: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.permission = permission


class TooManyAttempts(Refused):
    """Somebody guesses passwords or keys; `seconds` until the next attempt is looked at."""

    http_status = 429

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(
            "There were too many failed attempts to log in.", hint=f"Try again in {seconds} seconds."
        )


class ConnectionWrongType(Refused):
    """A connection that was to stand for another is of another type."""

    def __init__(self, name: str, target: str, *, wanted: str, found: str) -> None:
        super().__init__(
            f"Connection {target} cannot stand for {name}: it is of type {found}, and {name} is {wanted}.",
            hint="Choose a connection of the same type.",
        )


class MadeOnDesignNode(Refused):
    """A design object of a project that came with a bundle: the node that runs bundles does not change it."""

    def __init__(self, what: str, *, project: str, bundle: str) -> None:
        super().__init__(
            f"{what} of {project} was made on the design node and came with bundle {bundle}; it is not changed here.",
            hint="Change it on the design node, make a bundle and activate that. Here you may change variables, "
            "connections, switches of scenarios, and scenarios made here.",
        )


class ConnectionTypeDiffers(Refused):
    """A connection of the same name is of another type where a project comes in."""

    def __init__(self, name: str, *, wanted: str, found: str) -> None:
        super().__init__(
            f"Connection {name} is of type {found} here, and was {wanted} where the project comes from.",
            hint=f"Say which connection of type {wanted} stands for it, such as {name}=OTHER.",
        )


class ConnectionNotAllowed(Refused):
    """A connection that whoever asks may not use."""

    def __init__(self, name: str, *, user: str) -> None:
        super().__init__(
            f"{user} may not use connection {name}.",
            hint="Whoever manages connections can add you to `allowed`.",
        )


class ConnectionNotWritable(Refused):
    """A connection in which recipes may keep nothing."""

    def __init__(self, name: str, *, by: Iterable[str] = ()) -> None:
        super().__init__(
            f"Nothing may be written through connection {name}, and {_some(by)} lives there.",
            hint="Whoever manages connections can set `writable` and `managed_datasets`, or choose another one.",
        )


class NotReady(PenstockError):
    """Something must exist first."""

    exit_code, http_status = 6, 409


class SourceNotReady(NotReady):
    """A source dataset has no file where its definition points."""


class NoActiveVersion(NotReady):
    """A model with no active version, and none chosen."""


class EnvironmentMissing(NotReady):
    """A code environment that is not built here."""


class ConnectionFailed(NotReady):
    """A connection whose server does not answer, refuses us, or lacks what we ask for."""


class StateAway(NotReady):
    """The database of the state does not answer."""

    http_status = 503


class Unsafe(PenstockError):
    """A file that we will not open."""

    exit_code, http_status = 7, 422


class UntrustedModel(Unsafe):
    """A model file that holds something outside our allow-list."""


class GoldenBatchMismatch(Unsafe):
    """A model that no longer answers as it did when it was saved."""


class UnsafeArchive(Unsafe):
    """An archive from elsewhere that is damaged, changed or made to do harm. Nothing of it was taken in."""


class UnknownSigner(Unsafe):
    """An archive that nobody signed whom this node trusts."""


class Failed(PenstockError):
    """Work that was begun and failed."""

    exit_code, http_status = 1, 500


class ActivityFailed(Failed):
    """One recipe failed; what it would have replaced is untouched."""


class DataUnreadable(ActivityFailed):
    """Data that is not what its definition says, found by somebody who looks at it outside of a job."""

    http_status = 422


class JobFailed(Failed):
    """A build that ended FAILED."""


class RunFailed(Failed):
    """A run of a scenario that ended FAILED, or not well enough for whoever waited for it."""


class Aborted(Failed):
    """Somebody stopped it."""


class AnswerFailed(Failed):
    """An endpoint of an API service that could not answer; its code may choose the HTTP status."""

    def __init__(self, message: str, *, status: int = 500, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.http_status = status
