"""What can go with a mail: the log, datasets, files of folders, dashboards, the wiki, a page about an evaluation."""

from __future__ import annotations

import html
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from penstock.core.errors import nearest
from penstock.core.kind import Definition
from penstock.core.message import Attachment
from penstock.core.names import Points

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext

MIMES = {"csv": "text/csv", "tsv": "text/tab-separated-values", "jsonl": "application/jsonl"}
PARQUET = "application/vnd.apache.parquet"
CELL = "padding:5px 10px 5px 0;border-top:1px solid #eceff4;"


class LogFile(Definition):
    """The log of the run."""

    log: Literal[True] = Field(default=True, description="The log of the run.")


class DatasetFile(Definition):
    """Rows of a dataset, as a file or as a table in the mail itself."""

    dataset: Annotated[str, Points("other", ("dataset",))] = Field(description="Name of the dataset.")
    form: Literal["csv", "tsv", "jsonl", "parquet", "table"] = Field(
        default="csv", description="A file of this sort; `table` shows the rows in the mail."
    )
    rows: int | None = Field(
        default=None, ge=1, description="The first so many; all when left out, 50 of a table."
    )


class FolderFile(Definition):
    """Files of a managed folder."""

    folder: Annotated[str, Points("other", ("folder",))] = Field(description="Name of the folder.")
    file: str = Field(
        default="*", description="Path in the folder, `${variables}` filled in; `*` stands for anything."
    )


class EvaluationPage(Definition):
    """A page about an evaluation: metrics, drift by column, how Data Drift went."""

    evaluation: Annotated[str, Points("other", ("evaluation_store",))] = Field(
        description="Name of the evaluation store."
    )
    id: str = Field(
        default="", description="Of the evaluation, `${variables}` filled in; the newest when empty."
    )


class DashboardFile(Definition):
    """A dashboard as PDF or picture, as it is when the mail is sent."""

    dashboard: str = Field(min_length=1, description="Name of the dashboard.")
    form: Literal["pdf", "png", "jpg"] = Field(
        default="pdf", description="pdf; png or jpg: a picture, several as a zip."
    )
    paper: str = Field(
        default="A4 landscape",
        description="A4, letter, each with ` landscape`; screen, or pixels as 1600x900.",
    )
    filters: str = Field(
        default="",
        description='As the address of the page says them: `carrier:in("UA")`; `${variables}` too.',
    )


class WikiFile(Definition):
    """The wiki, or a part of it, as it is when the mail is sent."""

    wiki: str = Field(description="An article, with those below it; `all` for the whole wiki.", min_length=1)
    form: Literal["pdf", "html"] = Field(default="pdf", description="pdf or html.")
    paper: str = Field(default="A4", description="A4, A3, letter, ledger, each with ` landscape`.")
    attachments: bool = Field(
        default=False, description="What is attached to the articles, too; it is a zip then."
    )


SORTS: dict[str, type[Definition]] = {
    "log": LogFile, "dataset": DatasetFile, "folder": FolderFile, "evaluation": EvaluationPage,
    "dashboard": DashboardFile, "wiki": WikiFile,
}  # fmt: skip


def _sort_of(value: Any) -> str:
    """Which sort somebody means, also by a word mistyped, so that an error speaks of that one."""
    if isinstance(value, Mapping):
        near = [sort for word in value for sort in nearest(str(word), SORTS, most=1)]
        return f"tagged-{near[0] if near else 'log'}"
    return next((f"tagged-{sort}" for sort, cls in SORTS.items() if isinstance(value, cls)), "tagged-word")


Attached = Annotated[
    Annotated[Literal["log"], Tag("tagged-word")]
    | Annotated[LogFile, Tag("tagged-log")]
    | Annotated[DatasetFile, Tag("tagged-dataset")]
    | Annotated[FolderFile, Tag("tagged-folder")]
    | Annotated[EvaluationPage, Tag("tagged-evaluation")]
    | Annotated[DashboardFile, Tag("tagged-dashboard")]
    | Annotated[WikiFile, Tag("tagged-wiki")],
    Discriminator(_sort_of),
]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows shown in the mail itself."""

    name: str
    html: Any
    """Markup, cells escaped."""


def files(attached: Attached, ctx: ReportContext) -> list[Attachment]:
    """The files of one entry; none for a table."""
    match attached:
        case DatasetFile(form="table"):
            return []
        case DatasetFile():
            content = ctx.export(attached.dataset, attached.form, attached.rows)
            name = f"{attached.dataset}.{attached.form}"
            return [Attachment(name=name, mime=MIMES.get(attached.form, PARQUET), content=content)]
        case FolderFile():
            found = ctx.files(attached.folder, ctx.expand(attached.file))
            return [_file(path.rpartition("/")[2], content) for path, content in found.items()]
        case EvaluationPage():
            return [_evaluation(attached, ctx)]
        case DashboardFile():
            filters = ctx.expand(attached.filters)
            name, content = ctx.dashboard(attached.dashboard, attached.form, attached.paper, filters)
            return [_file(name, content)]
        case WikiFile():
            article = "" if attached.wiki == "all" else ctx.expand(attached.wiki)
            made = ctx.wiki(article, attached.form, attached.paper, attachments=attached.attachments)
            return [_file(*made)]
    return [
        Attachment(name=f"{ctx.run.scenario}-{ctx.run.id}.log", mime="text/plain", content=ctx.log().encode())
    ]


def table(attached: DatasetFile, ctx: ReportContext) -> Table:
    """The first rows of a dataset as an HTML table."""
    from markupsafe import Markup

    columns, rows = ctx.rows(attached.dataset, attached.rows or 50)
    head = "".join(f'<th align="left" style="{CELL}color:#6b7280;">{html.escape(c)}</th>' for c in columns)
    lines = (
        "".join(f'<td style="{CELL}">{html.escape(_cell(row.get(c)))}</td>' for c in columns) for row in rows
    )
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    style = "font-size:13px;border-collapse:collapse;"
    return Table(
        attached.dataset,
        Markup(f'<table cellpadding="0" cellspacing="0" style="{style}"><tr>{head}</tr>{body}</table>'),
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _file(name: str, content: bytes) -> Attachment:
    return Attachment(
        name=name, mime=mimetypes.guess_type(name)[0] or "application/octet-stream", content=content
    )


def _evaluation(attached: EvaluationPage, ctx: ReportContext) -> Attachment:
    from penstock.kinds.reporters import _evaluation_page

    view = ctx.evaluation(attached.evaluation, ctx.expand(attached.id))
    page = _evaluation_page.page(view, ctx)
    name = f"{attached.evaluation}-{view.evaluation.id}.html"
    return Attachment(name=name, mime="text/html", content=page.encode())
