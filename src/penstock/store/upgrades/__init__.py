"""Steps that lift project files from one format to the next, text to text: `NNNN_what_it_does.py` leads to NNNN.

A step is a module with `upgrade(files)`: path → text in, the same out, comments and all. It never imports today's
definitions, so that it still works when they have moved on.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping

from penstock.core.errors import Refused
from penstock.core.project import FORMAT

Texts = dict[str, str]
Step = Callable[[Texts], Texts]


def steps() -> dict[int, Step]:
    """Every step there is, by the format it leads to."""
    found = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name[:4].isdigit())
    return {int(name[:4]): importlib.import_module(f"{__name__}.{name}").upgrade for name in found}


def upgrade(
    files: Texts, *, have: int, want: int = FORMAT, through: Mapping[int, Step] | None = None
) -> Texts:
    """Texts of format `have` → texts of format `want`, one step after the other."""
    known = steps() if through is None else through
    for number in range(have + 1, want + 1):
        if number in known:
            files = known[number](dict(files))
    return files


def check_format(project: str, have: object) -> int:
    """The format a project says it has. Raises Refused for one we do not know yet."""
    if isinstance(have, int) and not isinstance(have, bool) and 1 <= have <= FORMAT:
        return have
    if isinstance(have, int) and have > FORMAT:
        raise Refused(
            f"Project {project} was written by a newer Penstock (format {have}; this one knows {FORMAT}).",
            hint="Open it with that version.",
        )
    raise Refused(
        f"Project {project} says `format: {have}`, which is no format.", hint=f"Write `format: {FORMAT}`."
    )
