"""Code environments: a Python and packages that people's code runs in. Words and rules; pure.

What people ask for is a definition; what was installed for it is a version. A version is built aside and becomes the
current one when it is whole. On a node that runs bundles, each bundle keeps the version that it was built with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, field_validator

from penstock.core.errors import FlawAt, InvalidName
from penstock.core.kind import Definition

BUILTIN = "builtin"
"""The node's own Python, with everything that is installed beside Penstock."""
BASE = ("pydantic>=2.12", "pyarrow>=22", "pandas>=2.3")
"""What `import penstock` and dataframes need; every environment has it."""
OPTIONS = frozenset(
    {
        "--no-index",
        "--index-url",
        "--extra-index-url",
        "--find-links",
        "--pre",
        "--no-binary",
        "--only-binary",
    }
)
"""Options of pip that a definition may give."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?")
_PYTHON = re.compile(r"3\.\d{1,2}")

EnvironmentName = Annotated[
    str,
    Field(
        pattern=r"^$|^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$",
        json_schema_extra={"widget": "environment"},
    ),
]
"""Of a code environment; empty: the project's; `builtin`: the node's own Python."""


class EnvironmentDefinition(Definition):
    """`environment.yaml`: what an administrator asks for."""

    description: str = Field(default="", description="What it is for.")
    python: str = Field(
        default="",
        description="Version of Python, as 3.12; empty: that of the node. It has to be on the machine.",
    )
    packages: tuple[str, ...] = Field(
        default=(), description="Packages, one a line as in requirements.txt: `lifelines==0.30.0`."
    )
    options: tuple[str, ...] = Field(
        default=(),
        description="Options of pip, one a line: `--no-index`, `--find-links /srv/wheels`. Without any, pip looks "
        "where the configuration of the machine says.",
    )

    @field_validator("python")
    @classmethod
    def _a_version(cls, python: str) -> str:
        if python and not _PYTHON.fullmatch(python):
            raise ValueError(f"'{python}' is no version such as 3.12.")
        return python

    @field_validator("packages")
    @classmethod
    def _lines(cls, packages: tuple[str, ...]) -> tuple[str, ...]:
        lines = tuple(line.strip() for line in packages if line.strip() and not line.strip().startswith("#"))
        for line in lines:
            if line.startswith("-") or "\n" in line:
                raise FlawAt(
                    f"'{line}' is an option of pip, no package; options stand by themselves.", "packages"
                )
            if "@" in line.partition("://")[2].partition("/")[0]:
                raise FlawAt("A password does not belong here, where everybody reads it.", "packages")
        return lines

    @field_validator("options")
    @classmethod
    def _known(cls, options: tuple[str, ...]) -> tuple[str, ...]:
        lines = tuple(line.strip() for line in options if line.strip())
        for line in lines:
            word = re.split(r"[\s=]", line, maxsplit=1)[0]
            if word not in OPTIONS or "\n" in line:
                raise FlawAt(f"'{word}' is not one of {', '.join(sorted(OPTIONS))}.", "options")
            if "@" in line.partition("://")[2].partition("/")[0]:
                raise FlawAt(
                    "A password does not belong here, where everybody reads it: put it into pip's own configuration.",
                    "options",
                )
        return lines

    def words(self) -> list[str]:
        """The options as pip takes them."""
        return [word for line in self.options for word in re.split(r"[\s=]", line, maxsplit=1)]


class EnvironmentVersion(Definition):
    """What was installed: a folder of its own that never changes afterwards."""

    id: str
    python: str
    """As 3.11.7."""
    requested: tuple[str, ...] = ()
    actual: tuple[str, ...] = ()
    """`name==version`, in order, dependencies too."""
    base: tuple[str, ...] = ()
    """What comes with Penstock, as `name==version`; what is installed goes before it."""
    built_at: datetime
    built_by: str = ""
    bundles: tuple[str, ...] = ()
    """`KEY/bundle` that it was built for, or that found it as they need it: it is kept."""
    edited: bool = False
    """Built here by hand rather than for a bundle."""


class EnvironmentBuild(Definition):
    """A build: running, or how the last one ended."""

    id: str
    state: Literal["RUNNING", "DONE", "FAILED"]
    by: str = ""
    began: datetime
    ended: datetime | None = None
    message: str = ""
    """Why it failed."""
    process: str = ""
    """The process that builds, so that a dead one is noticed."""


def check_environment_name(name: str) -> str:
    """The name itself, or InvalidName: letters, digits and hyphens, and not the node's own."""
    if not _NAME.fullmatch(name) or name == BUILTIN:
        taken = name == BUILTIN
        raise InvalidName(
            f"'{name[:100]}' cannot be the name of a code environment.",
            hint="It is the node's own." if taken else "Use letters, digits and hyphens, 64 at most.",
        )
    return name


def minor(python: str) -> str:
    """3.11.7 → 3.11."""
    return ".".join(python.split(".")[:2])


def requirements(packages: Sequence[str]) -> str:
    """The text of a requirements.txt."""
    return "".join(f"{line}\n" for line in packages)


def fits(
    version: EnvironmentVersion, *, python: str, requested: Sequence[str], actual: Sequence[str], by: str
) -> bool:
    """Whether a version is what a bundle was made with: by the list that was asked for (SPECIFIED), or by what was
    installed (ACTUAL). The version of Python counts without its last number."""
    if python and minor(python) != minor(version.python):
        return False
    if by == "ACTUAL":
        return set(version.actual) == set(actual)
    return set(version.requested) == set(requested)


def variables_of(interpreter: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Variables of the process of an interpreter (empty: the node's own): ours without the key of the secrets, and
    where its programs are."""
    kept = {name: value for name, value in environment.items() if name != "PENSTOCK_SECRET_KEY"}
    folder = interpreter.rpartition("/")[0]
    if not folder:
        return kept
    kept.pop("PYTHONHOME", None)
    return kept | {
        "PATH": f"{folder}:{environment.get('PATH', '')}",
        "VIRTUAL_ENV": folder.rpartition("/")[0],
    }
