"""Goals: what the project is for, who takes part, who may do what."""

from __future__ import annotations

from penstock.core.document import Block, Paragraph, Prose, facts, line, table
from penstock.runtime.documenting.material import Material, Page, ask, part, to

NAME = "project-goals"
TITLE = "Project goals"


def pages(m: Material) -> list[Page]:
    """One article: what is known of the project, and what only people know."""
    settings = m.project.settings
    written = [text for text in (settings.goals, settings.description) if text.strip()]
    told = facts(
        [
            ("Project", (*to("project", m.key, settings.title or m.key),)),
            ("Key", m.key),
            ("In short", settings.short_description),
            ("Tags", settings.tags),
            ("Owner", m.people.owner),
        ]
    )
    involved = table(["Who", "Role"], sorted(settings.people.items()), empty="Nobody is named yet.")
    groups = table(
        ["Group or user", "May"],
        [[name, ", ".join(sorted(map(str, rights)))] for name, rights in _grants(m)],
        empty="Nobody but administrators has rights in the project.",
    )
    goals: list[Block] = [Prose(text) for text in written] or [Paragraph("Nobody has written them down yet.")]
    return [
        Page(
            name=NAME,
            title=TITLE,
            blocks=(
                part("goals", told, *goals, on=("settings:goals", "people:")),
                *(() if settings.goals else (ask("What is the purpose of the project?", _HINT),)),
                ask("What problem does it solve, and for whom?"),
                part("people", Paragraph("Who is involved:"), involved, on=("settings:goals",)),
                part("rights", Paragraph("Who may do what on this node:"), groups, on=("people:",)),
                *(() if settings.people else (ask("Who will be using the project in production?", _HINT),)),
                part("sections", Paragraph(line(_SECTIONS))),
            ),
        )
    ]


_HINT = "Or say it in the settings of the project: then it stands above by itself."
_SECTIONS = (
    "This wiki goes on with the code environment and plugins, the data sources, the data processing, the models, the "
    "dashboards, the scenarios with metrics and checks, and the deployment. Parts that were generated say what they "
    "stand on; a refresh brings them up to date and leaves everything else as people wrote it."
)


def _grants(m: Material) -> list[tuple[str, tuple[object, ...]]]:
    owner = [(f"{m.people.owner} (owner)", ("admin",))] if m.people.owner else []
    groups = [(f"group {name}", tuple(rights)) for name, rights in sorted(m.people.groups.items())]
    return [*owner, *groups, *((name, tuple(rights)) for name, rights in sorted(m.people.users.items()))]
