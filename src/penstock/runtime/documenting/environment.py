"""Code environment and plugins: what the project's code runs in, here and where it is deployed."""

from __future__ import annotations

from penstock.core.bundle import EnvironmentFacts
from penstock.core.document import Block, Heading, Paragraph, facts, line, table
from penstock.runtime.documenting.material import Material, Page, part, several, to

NAME = "code-environment-and-plugins"
TITLE = "Code environment and plugins"
ENVIRONMENT = "builtin"


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
    code = [
        to(sort, name)
        for sort, name, one in m.objects()
        if getattr(one, "BODY", "") == "py" or getattr(one, "body", "")
    ]
    uses = Paragraph((*line("Code that runs in it: "), *several(code, "none besides the program itself")))
    packages = table(["Package", "Version"], [[p.name, p.version] for p in shown.packages])
    return Page(
        name="code-environment",
        title="Code environment",
        parent=NAME,
        blocks=(
            part("environment", told, uses, on=("environment:",)),
            part(
                "production",
                Heading("Here and in production", 1),
                *_compared(m),
                on=("environment:", "bundles:"),
            ),
            part("packages", Heading("Required packages", 1), packages, on=("environment:",)),
        ),
        attachments={"requirements.txt": requirements(m)},
    )


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
            rows.append([where, manifest.bundle, facts_.name, facts_.version, differ or "none"])
    return [table(["Deployment", "Bundle", "Environment", "Python", "Different now"], rows)]


def differences(m: Material, then: EnvironmentFacts) -> str:
    """`pandas 2.1 → 2.2, polars new`; empty when nothing differs."""
    before = dict(one.split("==", 1) for one in then.actual if "==" in one)
    now = {p.name: p.version for p in m.environment.packages}
    told = [f"Python {then.version} → {m.environment.python}"] if then.version != m.environment.python else []
    for name in sorted({*before, *now}):
        old, new = before.get(name), now.get(name)
        if old != new:
            told.append(f"{name} {old or 'new'} → {new or 'gone'}")
    return ", ".join(told)


def _plugins(m: Material) -> Page:
    rows = [
        [name, version, several([to(*user.split(":", 1)) for user in users])]
        for name, (version, users) in m.plugins().items()
    ]
    shown = table(
        ["Plugin", "Version", "Used by"], rows, empty="No plugin is used: every kind comes with Penstock."
    )
    return Page(
        name="plugins", title="Plugins", parent=NAME, blocks=(part("plugins", shown, on=("plugins:",)),)
    )
