"""Code environment and plugins: what the project's code runs in, here and where it is deployed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from penstock.core.bundle import EnvironmentFacts
from penstock.core.document import Block, Generated, Heading, Paragraph, Table, facts, line, table
from penstock.runtime import environments
from penstock.runtime.documenting.material import Material, Page, in_code, part, several, to

NAME = "code-environment-and-plugins"
TITLE = "Code environment and plugins"
ENVIRONMENT = "builtin"
BESIDE = 3
"""Packages in a row of a table."""


def pages(m: Material) -> list[Page]:
    """The section, the environment with its requirements, the plugins."""
    return [
        Page(name=NAME, title=TITLE, blocks=(part("overview", Paragraph(line(_OVERVIEW))),)),
        _environment(m),
        _plugins(m),
    ]


_OVERVIEW = (
    "What the project needs to run the same way elsewhere: the [Code environment](article:code-environment) with every "
    "package, and the [Plugins](article:plugins) whose kinds it uses."
)


def requirements(m: Material) -> bytes:
    """`name==version`, one a line."""
    return "".join(f"{p.name}=={p.version}\n" for p in m.environment.packages).encode()


def _environment(m: Material) -> Page:
    shown = m.environment
    told = facts(
        [
            ("Name", ENVIRONMENT),
            ("Language", f"Python {shown.python} ({shown.implementation})"),
            ("System", shown.system),
            ("Packages", len(shown.packages)),
            ("Requirements", line("[requirements.txt](attachment:requirements.txt)")),
        ]
    )
    code = [to(*one.split(":", 1)) for one in m.coded()]
    uses = Paragraph((*line("Code that runs in it: "), *several(code, "none besides the program itself")))
    packages = _side_by_side([(p.name, p.version) for p in shown.packages])
    return Page(
        name="code-environment",
        title="Code environment",
        parent=NAME,
        blocks=(
            part("environment", told, uses, on=("environment:", "code:")),
            part(
                "production",
                Heading("Here and in production", 1),
                *_compared(m),
                on=("environment:", "bundles:"),
            ),
            *(_own(m, name) for name in m.environments),
            part("packages", Heading("Required packages", 1), packages, on=("environment:",)),
        ),
        attachments={"requirements.txt": requirements(m), **_files(m)},
    )


def _side_by_side(pairs: Sequence[tuple[str, str]]) -> Table:
    """Packages in three columns, each read from top to bottom: a hundred of them fill one page, not four."""
    high = -(-len(pairs) // BESIDE)
    columns = [pairs[start : start + high] for start in range(0, len(pairs), high or 1)]
    rows = [[word for pair in row for word in pair] for row in zip_longest(*columns, fillvalue=("", ""))]
    return table(["Package", "Version"] * len(columns), rows, empty="None is installed.")


def _own(m: Material, name: str) -> Generated:
    """An environment with packages of its own: what was asked for, what is installed, who runs in it."""
    shown = m.environments[name]
    users = [u for u in environments.usages(m.node, name) if u.project == m.key]
    version = shown.version
    told = facts(
        [
            ("Name", name),
            ("Language", f"Python {version.python}" if version else "not built yet"),
            ("Version", version.id if version else None),
            ("State", shown.state),
            ("Used by", "; ".join(" ".join(filter(None, (u.sort, u.name, u.part))) for u in users)),
            ("Requirements", line(f"[requirements-{name}.txt](attachment:requirements-{name}.txt)")),
        ]
    )
    asked = set(version.requested) if version else set()
    rows = [
        [*(one.split("==", 1) if "==" in one else (one, "")), "asked for" if one in asked else ""]
        for one in (version.actual if version else ())
    ]
    return part(
        f"environment-{name}",
        Heading(f"Environment {name}", 1),
        told,
        table(["Package", "Version", ""], rows, empty="Nothing is installed yet."),
        on=(f"code_environment:{name}",),
    )


def _files(m: Material) -> dict[str, bytes]:
    return {
        f"requirements-{name}.txt": "".join(
            f"{one}\n" for one in (shown.version.actual if shown.version else ())
        ).encode()
        for name, shown in m.environments.items()
    }


def _compared(m: Material) -> list[Block]:
    """The environment now beside those of the bundles that are deployed, or of the last one."""
    known = {one.bundle: one for one in m.bundles}
    chosen = [(id, known[one.bundle]) for id, one in m.deployments.items() if one.bundle in known] or [
        ("not deployed", one) for one in m.bundles[:1]
    ]
    if not chosen:
        return [
            Paragraph("No bundle was made yet, so there is no environment of production to compare with.")
        ]
    rows = []
    for where, manifest in chosen:
        for facts_ in manifest.environments:
            differ = differences(m, facts_)
            rows.append([where, in_code(manifest.bundle), facts_.name, facts_.version, differ or "none"])
    return [table(["Deployment", "Bundle", "Environment", "Python", "Different now"], rows)]


def differences(m: Material, then: EnvironmentFacts) -> str:
    """`pandas 2.1 → 2.2, polars new`; empty when nothing differs."""
    before = dict(one.split("==", 1) for one in then.actual if "==" in one)
    python, now = _now(m, then.name)
    told = [f"Python {then.version} → {python}"] if then.version != python else []
    for name in sorted({*before, *now}):
        old, new = before.get(name), now.get(name)
        if old != new:
            told.append(f"{name} {old or 'new'} → {new or 'gone'}")
    return ", ".join(told)


def _now(m: Material, name: str) -> tuple[str, dict[str, str]]:
    """Python and packages of an environment as it is now."""
    own = m.environments.get(name)
    if own is None:
        return m.environment.python, {p.name: p.version for p in m.environment.packages}
    actual = own.version.actual if own.version else ()
    python = own.version.python if own.version else ""
    return python, dict(one.split("==", 1) for one in actual if "==" in one)


def _plugins(m: Material) -> Page:
    rows = [
        [name, version or "not installed here", several([to(*user.split(":", 1)) for user in users])]
        for name, (version, users) in m.plugins().items()
    ]
    shown = table(
        ["Plugin", "Version", "Used by"], rows, empty="No plugin is used: every kind comes with Penstock."
    )
    return Page(
        name="plugins", title="Plugins", parent=NAME, blocks=(part("plugins", shown, on=("plugins:",)),)
    )
