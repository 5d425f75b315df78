"""Data sources: where each comes from, when it is fresh, whose it is, what its columns mean."""

from __future__ import annotations

from penstock.core.dataset import Dataset
from penstock.core.document import Block, Heading, Note, Paragraph, Table, facts, line, table
from penstock.core.folder import Folder
from penstock.core.project import file_of
from penstock.core.schema import Schema
from penstock.runtime.documenting import plain
from penstock.runtime.documenting.material import Material, Page, ask, part, several, to

NAME = "data-sources"
TITLE = "Data sources"


def pages(m: Material) -> list[Page]:
    """The section, and an article for each object that no recipe makes."""
    names = sources(m)
    rows = [[to(m.project.item_type(n), n), _where(m, n), m.project.item(n).short_description] for n in names]
    shown = table(["Source", "Where it lies", "What it is"], rows, empty="The Flow has no source yet.")
    each = Paragraph((*line("Each has an article of its own: "), *several([_article(n) for n in names])))
    return [
        Page(
            name=NAME,
            title=TITLE,
            blocks=(
                part("sources", shown, *([each] if names else []), on=("names:dataset", "names:folder")),
            ),
        ),
        *(_source(m, name) for name in names),
    ]


def sources(m: Material) -> list[str]:
    """Datasets and folders that come from outside, by name."""
    found = [n for n in m.flow.sources() if m.project.item_type(n) in ("dataset", "folder")]
    behind = {folder for n in m.project.datasets for folder in m.flow.behind.get(n, ())}
    return [n for n in found if n not in behind or n in m.project.folders or not m.flow.behind.get(n)]


def schema(columns: Schema) -> Table:
    """Columns with type, meaning, description."""
    rows = [[c.name, c.type, c.meaning or "", c.description or ""] for c in columns]
    return table(
        ["Column", "Type", "Meaning", "Description"],
        rows,
        empty="Its columns are not known before it is read.",
    )


def undescribed(columns: Schema) -> list[str]:
    """Columns that say nothing of themselves."""
    return [c.name for c in columns if not c.description]


def _article(name: str) -> tuple:  # type: ignore[type-arg]
    return line(f"[{name}](article:data-source-{name})")


def _where(m: Material, name: str) -> str:
    item = m.project.item(name)
    if isinstance(item, Dataset):
        return item.where()
    connection = getattr(item, "connection", "")
    return f"on connection {connection}" if connection else "in files of Penstock's own"


def _source(m: Material, name: str) -> Page:
    item = m.project.item(name)
    columns: Schema = getattr(item, "columns", ())
    blocks: list[Block] = [
        part("source", *_source_facts(m, name), on=(f"readers:{name}", *_connected(item))),
        part("availability", Heading("Availability", 1), *_availability(m, name), on=(f"data:{name}",)),
        ask("How often does new data arrive, and when at the latest?", "What was promised, and by whom."),
        part("ownership", Heading("Ownership", 1), _ownership(m, name)),
    ]
    if not _steward(item):
        blocks.append(ask("Who owns this data, and whom does one ask about it?", _STEWARD))
    if isinstance(item, Dataset):
        blocks.append(part("schema", Heading("Schema", 1), *_schema(name, columns), on=(f"dataset:{name}",)))
    blocks.append(
        part(
            "connection",
            Heading("Connection here and in production", 1),
            *_connections(m, name),
            on=_deployed(m),
        )
    )
    return Page(
        name=f"data-source-{name}",
        about=f"{m.project.item_type(name)}:{name}",
        title=f"Data source: {name}",
        parent=NAME,
        blocks=tuple(blocks),
    )


def _source_facts(m: Material, name: str) -> list[Block]:
    item = m.project.item(name)
    sort = m.project.item_type(name)
    connection = getattr(item, "connection", "") or (item.database() if isinstance(item, Dataset) else "")
    readers = [to("recipe", r) for r in m.flow.consumers.get(name, ())]
    pairs = [
        ("Source", to(sort, name)),
        ("Sort", plain.kind(item) if isinstance(item, Dataset) else "managed folder"),
        ("Where it lies", _where(m, name)),
        (
            "Connection",
            f"{connection} ({_type(m, connection)})" if connection else _without(item),
        ),
        ("Table or path", _place(m, name)),
        ("What it is", item.short_description),
        ("Read by", several(readers)),
    ]
    chosen = [row[:2] for row in plain.settings(item, without=_ELSEWHERE)]
    more = [table(["Setting", "Value"], chosen, caption="Settings")] if chosen else []
    return [facts(pairs), *([Paragraph(item.description)] if item.description else []), *more]


def _without(item: object) -> str:
    """What stands in for a connection."""
    is_journal = isinstance(item, Dataset) and plain.kind(item) == "api log"
    return "none: the journal of the API nodes" if is_journal else "none: files of Penstock's own"


_ELSEWHERE = frozenset({"columns", "rules", "checks", "probes", "displayed_metrics", "rows", "connection"})
_STEWARD = "Or give the object an annotation `steward`: then it stands above by itself."


def _type(m: Material, connection: str) -> str:
    found = m.connections.get(connection)
    return found.kind_name() if found else "not on this node"


def _place(m: Material, name: str) -> str:
    item = m.project.item(name)
    table_, schema_ = getattr(item, "table", ""), getattr(item, "db_schema", "")
    if table_:
        return f"{schema_}.{table_}" if schema_ else table_
    path = getattr(item, "path", "") or getattr(item, "folder", "")
    if path:
        return str(path)
    uploaded = m.node.projects.path(m.key) and _uploads(m, name)
    return ", ".join(uploaded) if uploaded else ""


def _uploads(m: Material, name: str) -> list[str]:
    """Files that were uploaded to a dataset; the first few."""
    if name not in m.project.datasets or plain.kind(m.project.datasets[name]) != "upload":
        return []
    place = m.node.data.uploads(m.key, name)
    found = sorted(file.name for file in place.iterdir() if file.is_file()) if place.is_dir() else []
    return [*found[:5], *([f"and {len(found) - 5} more"] if len(found) > 5 else [])]


def _availability(m: Material, name: str) -> list[Block]:
    held = m.snapshot(name)
    down = m.flow.downstream([name])
    recipes = {r for item in down for r in [m.flow.producer(item)] if r}
    building = [
        (scenario, trigger)
        for scenario, one in m.project.scenarios.items()
        if _builds(one, {name, *down, *recipes})
        for trigger in one.triggers
    ]
    pairs = [
        ("Rows", held.rows if held else None),
        ("Last written", held.written_at if held else None),
        ("Snapshot", held.id if held else None),
    ]
    rows = [
        [
            to("scenario", scenario),
            trigger.words,
            "on" if trigger.active and m.project.scenarios[scenario].active else "off",
        ]
        for scenario, trigger in building
    ]
    read = table(["Scenario", "Reads it", "Now"], rows, empty="No scenario with a trigger reads it.")
    known = facts(pairs)
    return [
        *([known] if known.rows else [Paragraph(_outside(m, name))]),
        read,
    ]


def _outside(m: Material, name: str) -> str:
    """Of data that no recipe of ours wrote: who knows when it came."""
    sort = plain.kind(m.project.datasets[name]) if name in m.project.datasets else "folder"
    if sort == "upload":
        return "Somebody uploads it: it is as new as its files, and comes anew when files are uploaded again."
    if sort == "api log":
        return "The API nodes that answer write it, as long as they are asked: their journal is read at every build."
    return "It lies outside: when it was written is known there."


def _builds(scenario: object, names: set[str]) -> bool:
    steps = getattr(scenario, "steps", ())
    return any(item in names for step in steps for item in getattr(step, "items", ()))


def _steward(item: Dataset | Folder | object) -> str:
    annotations = getattr(item, "annotations", {})
    return str(annotations.get("steward") or annotations.get("owner") or "")


def _ownership(m: Material, name: str) -> Table:
    item = m.project.item(name)
    changed = m.node.projects.last_change(m.key, file_of(m.project.item_type(name), name))
    by = changed[0].split(" <")[0] if changed else ""
    return facts(
        [
            ("Data steward", _steward(item) or "nobody is named"),
            ("Owner of the project", m.people.owner),
            ("Defined by", by),
        ]
    )


def _schema(name: str, columns: Schema) -> list[Block]:
    silent = undescribed(columns)
    told = f"{len(silent)} of {len(columns)} columns have no description: {', '.join(silent)}."
    return [schema(columns), *([Note(told, "warning")] if silent else [])]


def _connected(item: object) -> tuple[str, ...]:
    connection = getattr(item, "connection", "")
    return (f"connection:{connection}",) if connection else ()


def _deployed(m: Material) -> tuple[str, ...]:
    used = [f"infrastructure:{one.infrastructure}" for one in m.deployments.values()]
    return ("deployments:", "bundles:", *(f"deployment:{id}" for id in m.deployments), *dict.fromkeys(used))


def _connections(m: Material, name: str) -> list[Block]:
    """Which connection stands for it where the project is deployed, and whether its columns are the same there."""
    from penstock.core.deployment import effective

    item = m.project.item(name)
    connection = getattr(item, "connection", "")
    if not m.deployments:
        return [Paragraph("The project is not deployed: there is no other connection, and no other schema.")]
    rows = []
    for id, deployment in m.deployments.items():
        infrastructure = m.infrastructures.get(deployment.infrastructure)
        theirs = getattr(infrastructure, "connections", {}) or {}
        mapped = effective(deployment, theirs)
        there = mapped.get(connection, connection) if connection else "none"
        rows.append(
            [id, deployment.infrastructure, connection or "none", there, _same(m, name, deployment.bundle)]
        )
    return [
        table(
            ["Deployment", "Infrastructure", "Connection here", "Connection there", "Definition there"], rows
        )
    ]


def _same(m: Material, name: str, id: str) -> str:
    """Whether the definition in a bundle, its columns with it, is the one of now."""
    manifest = next((one for one in m.bundles if one.bundle == id), None)
    if manifest is None:
        return f"bundle {id} is not on this node"
    file = file_of(m.project.item_type(name), name)
    then = m.files_at(manifest.commit).get(file)
    if then is None:
        return f"not in bundle {id}"
    same = then == m.node.projects.content(m.key, file)
    return f"the same as here, in bundle {id}" if same else f"differs from here since bundle {id}"
