"""Our own outline of a Flow document: the chapters of the project wiki as one text, and a section for every object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from penstock.core import metric
from penstock.core.dataset import Dataset
from penstock.core.document import (
    Block,
    Bullets,
    Document,
    Generated,
    Heading,
    PageBreak,
    Paragraph,
    Question,
    Span,
    facts,
    line,
    spans,
    table,
)
from penstock.core.schema import Schema
from penstock.runtime import checks, lineage
from penstock.runtime.documenting import (
    dashboards,
    deployment,
    environment,
    goals,
    models,
    plain,
    processing,
    scenarios,
    sources,
)
from penstock.runtime.documenting.material import Material, Page, several, to

FIGURES = 12
"""Of an evaluation, at most."""
MOVED = (metric.DATA_DRIFT, metric.DRIFTED_COLUMNS)


def made(m: Material) -> Document:
    """The whole document. Questions to people, and what only leads to other articles of a wiki, are left out."""
    settings, schemas = m.project.settings, lineage.schemas(m.node, m.project)
    _, picture, *running = scenarios.pages(m)
    blocks = [
        *_chapter("The project", [*_text(_of_project(m), 0), _counts(m)]),
        *_chapter("The Flow", _text(picture.blocks, 0)),
        *_chapter("Datasets", _each(_dataset(m, n, schemas.get(n, ())) for n in m.project.datasets)),
        *_chapter("Managed folders", _each(_folder(m, n) for n in m.project.folders)),
        *_chapter("Recipes", _each(_recipe(m, n) for n in m.flow.order(m.project.recipes))),
        *_chapter("Saved models", _articles(models.pages(m)[1:])),
        *_chapter("Evaluation stores", _each(_store(m, n) for n in m.project.evaluation_stores)),
        *_chapter("Scenarios, metrics and checks, variables", _articles(running)),
        *_chapter("Dashboards", _articles(dashboards.pages(m)[1:])),
        *_chapter("Environment and plugins", _articles(environment.pages(m))),
        *_chapter("Deployment: bundles, services, nodes", _articles(deployment.pages(m)[1:])),
    ]
    return Document(
        title=settings.title or m.key, subtitle=settings.short_description, kind="Flow document",
        made_at=m.node.clock.now(), facts=tuple(cover(m)), blocks=tuple(blocks), foot=f"Project {m.key}",
    )  # fmt: skip


def cover(m: Material) -> list[tuple[str, str]]:
    """What stands on the title page."""
    saves = m.node.projects.history(m.key, limit=1)
    last = f"{saves[0].time:%Y-%m-%d %H:%M} by {saves[0].author.split(' <')[0]}" if saves else ""
    found = [
        ("Project", m.key), ("Last change", last), ("Commit", saves[0].id[:10] if saves else ""),
        ("Node", m.node.config.node_name or m.node.config.base_url), ("Tags", ", ".join(m.project.settings.tags)),
    ]  # fmt: skip
    return [(name, value) for name, value in found if value]


def _of_project(m: Material) -> list[Block]:
    """What the wiki says of the project, without what it says of itself."""
    return [b for b in goals.pages(m)[0].blocks if not (isinstance(b, Generated) and b.name == "sections")]


def _counts(m: Material) -> Block:
    p = m.project
    sorts = {
        "Datasets": p.datasets, "Managed folders": p.folders, "Recipes": p.recipes, "Saved models": p.models,
        "Evaluation stores": p.evaluation_stores, "Scenarios": p.scenarios, "Dashboards": p.dashboards,
        "API services": p.services,
    }  # fmt: skip
    return table(["What", "How many"], [[name, len(things)] for name, things in sorts.items()])


def _chapter(title: str, blocks: Iterable[Block]) -> list[Block]:
    """A chapter on a page of its own; none when nothing stands in it."""
    inside = list(blocks)
    return [PageBreak(), Heading(title, 1), *inside] if inside else []


def _each(sections: Iterable[Iterable[Block]]) -> Iterator[Block]:
    for section in sections:
        yield from section


def _articles(pages: Sequence[Page]) -> Iterator[Block]:
    """Articles as sections, in their order."""
    for page in pages:
        blocks = _text(page.blocks, 2)
        if blocks:
            yield Heading(page.title, 2)
            yield from blocks


def _text(blocks: Iterable[Block], deeper: int) -> list[Block]:
    """Blocks of articles as blocks of a document: headings so much deeper, nothing asked, nothing that leads away."""
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Generated):
            inside = tuple(_text(block.blocks, deeper))
            found += [replace(block, blocks=inside)] if inside else []
        elif isinstance(block, Heading):
            found.append(replace(block, level=block.level + deeper))
        elif not isinstance(block, Question) and not _leads_to_articles(block):
            found.append(block)
    return found


def _leads_to_articles(block: Block) -> bool:
    if isinstance(block, Paragraph):
        return any(span.to.startswith("article:") for span in spans(block.text))
    if isinstance(block, Bullets):
        return any(span.to.startswith("article:") for item in block.items for span in spans(item))
    return False


def _dataset(m: Material, name: str, columns: Schema) -> list[Block]:
    dataset = m.project.datasets[name]
    snapshot = m.snapshot(name)
    pairs = [
        ("Type", plain.kind(dataset)),
        ("In short", dataset.short_description),
        ("Where it lies", dataset.where()),
        ("Made by", maker(m, name)),
        ("Read by", readers(m, name)),
        ("Rows", f"{snapshot.rows:,}" if snapshot else ""),
        ("Last written", f"{snapshot.written_at:%Y-%m-%d %H:%M}" if snapshot else ""),
        ("Tags", ", ".join(dataset.tags)),
    ]
    return [
        Heading(name, 2), facts([(label, value) for label, value in pairs if value]),
        *([Paragraph(dataset.description)] if dataset.description else []),
        *([sources.schema(columns)] if columns else []), *_demands(dataset),
    ]  # fmt: skip


def _demands(dataset: Dataset) -> list[Block]:
    """Rules and checks that hold for it."""
    rows = [[one.label(), plain.kind(one), ""] for one in dataset.rules]
    rows += [[one.name, plain.kind(one), plain.demand(one)] for one in dataset.checks]
    return [table(["Rule or check", "Type", "Demands"], rows)] if rows else []


def _folder(m: Material, name: str) -> list[Block]:
    folder = m.project.folders[name]
    pairs = [
        ("In short", folder.short_description), ("Made by", maker(m, name)), ("Read by", readers(m, name)),
        ("Tags", ", ".join(folder.tags)),
    ]  # fmt: skip
    said = [(label, value) for label, value in pairs if value]
    words = [Paragraph(folder.description)] if folder.description else []
    return [Heading(name, 2), *([facts(said)] if said else []), *words]


def _recipe(m: Material, name: str) -> list[Block]:
    recipe = m.project.recipes[name]
    pairs = [
        ("Type", plain.kind(recipe)), ("In short", recipe.short_description),
        ("Inputs", objects(m, recipe.reads)), ("Outputs", objects(m, recipe.writes)),
    ]  # fmt: skip
    return [
        Heading(name, 2), facts([(label, value) for label, value in pairs if value]),
        Paragraph(line(plain.about(recipe))), *([Paragraph(recipe.description)] if recipe.description else []),
        *_text(processing.how(recipe), 2),
    ]  # fmt: skip


def _store(m: Material, name: str) -> list[Block]:
    store = m.project.evaluation_stores[name]
    many = m.node.evaluations.count(m.key, name)
    pairs = [
        ("In short", store.short_description), ("Filled by", maker(m, name)), ("Evaluations", f"{many:,}"),
    ]  # fmt: skip
    return [
        Heading(name, 2), facts([(label, value) for label, value in pairs if value]), *_judged(m, name),
        *_last_evaluation(m, name),
    ]  # fmt: skip


def _judged(m: Material, store: str) -> list[Block]:
    """What its checks ask for, in words, and what they said last."""
    rows = [
        [one.name, plain.demand(one.demand), str(one.last.verdict) if one.last else "never judged"]
        for one in checks.latest_of(m.node, m.project, store)
    ]
    return [table(["Check", "Demands", "Last outcome"], rows)] if rows else []


def _last_evaluation(m: Material, store: str) -> list[Block]:
    """The last evaluation with its main figures: those that were chosen, and how good the model was."""
    last = m.node.evaluations.latest(m.key, store)
    if last is None:
        return []
    versions = {v.id: v.name for v in m.versions(last.model)} if last.model in m.project.models else {}
    pairs = [
        ("Last evaluation", last.name), ("At", f"{last.created_at:%Y-%m-%d %H:%M}"), ("Model", last.model),
        ("Version", versions.get(last.version, last.version)), ("Rows", f"{last.rows:,}"),
    ]  # fmt: skip
    shown = m.project.evaluation_stores[store].displayed_metrics
    measured = [id for id in sorted(last.metrics) if id.startswith("performance:")]
    ids = [id for id in dict.fromkeys([*shown, last.main_metric, *measured, *MOVED]) if id in last.metrics]
    rows = [[metric.label(id), last.metrics[id]] for id in ids[:FIGURES]]
    figures = [table(["Metric", "Value"], rows)] if rows else []
    return [facts([(label, value) for label, value in pairs if value]), *figures]


def maker(m: Material, name: str) -> tuple[Span, ...]:
    """The recipe that writes an object, as a link; nothing for a source."""
    found = m.flow.producer(name)
    return to("recipe", found) if found else ()


def readers(m: Material, name: str) -> tuple[Span, ...]:
    """The recipes that read an object, as links."""
    found = m.flow.consumers.get(name, ())
    return several([to("recipe", one) for one in found]) if found else ()


def objects(m: Material, names: Sequence[str]) -> tuple[Span, ...]:
    """Objects as links."""
    own = m.project.own_items
    return several([to(m.project.item_type(n), n) if n in own else (Span(n),) for n in names])
