"""Where columns come from and where they go; what people know of it; words for columns without any."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.counting import counted
from penstock.core.errors import Invalid
from penstock.core.lineage import Lineage
from penstock.runtime import datasets, lineage, projects
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/projects/{project}/datasets/{dataset}/lineage", Permission.READ)
def show(ask: Ask, dataset: str) -> Response:
    """The way of one column, the first one unless told."""
    loaded = projects.show(ask.node, ask.project)
    columns = [c.name for c in datasets.known_columns(ask.node, loaded, dataset)]
    column = ask.word("column") or next(iter(columns), "")
    maker = loaded.producer(dataset)
    inputs = loaded.recipes[maker].reads if maker else ()
    schemas = lineage.schemas(ask.node, loaded)
    found = lineage.of_column(ask.node, ask.project, dataset, column) if column else None
    return ask.page(
        "lineage/show.html", dataset=dataset, columns=columns, column=column, maker=maker, found=found,
        told=loaded.lineage.known.get(dataset, {}).get(column), guesses=dataset not in loaded.lineage.only_known,
        chosen={(r.source, r.source_column) for r in (found.upstream if found else ())
                if (r.target, r.target_column) == (dataset, column)},
        offered=[(name, c.name) for name in inputs for c in schemas.get(name, ())], seen=_seen(loaded.lineage),
    )  # fmt: skip


@routes.post("/projects/{project}/datasets/{dataset}/lineage", Permission.WRITE)
def tell(ask: Ask, dataset: str) -> Response:
    ask.check_seen("The origin of columns", _seen(projects.show(ask.node, ask.project).lineage))
    column = ask.word("column")
    origins = [_origin(word) for word in ask.words("origins")]
    forget = ask.word("what") == "forget"
    lineage.tell(ask.node, ask.project, dataset, column, None if forget else origins, author=ask.me.login)
    return ask.to(
        ask.url("datasets", dataset, "lineage", column=column), "Kept." if not forget else "Forgotten."
    )


@routes.post("/projects/{project}/datasets/{dataset}/lineage/guessing", Permission.WRITE)
def trust(ask: Ask, dataset: str) -> Response:
    lineage.trust(ask.node, ask.project, dataset, guess=ask.word("guess") == "yes", author=ask.me.login)
    return ask.back("Kept.")


@routes.get("/projects/{project}/descriptions", Permission.READ)
def proposals(ask: Ask) -> Response:
    """Descriptions that columns could take over."""
    return ask.page("lineage/proposals.html", proposals=lineage.proposals(ask.node, ask.project))


@routes.post("/projects/{project}/descriptions", Permission.WRITE)
def accept(ask: Ask) -> Response:
    chosen = [_origin(word) for word in ask.words("columns")]
    many = lineage.accept(ask.node, ask.project, chosen, author=ask.me.login)
    return ask.to(ask.url("descriptions"), f"{counted(many, 'column')} described now.")


def _origin(word: str) -> dict[str, str]:
    dataset, dot, column = word.partition("\t")
    if not dot:
        raise Invalid(f"'{word}' names no column of a dataset.")
    return {"dataset": dataset, "column": column}


def _seen(told: Lineage) -> dict[str, object]:
    return told.to_mapping()
