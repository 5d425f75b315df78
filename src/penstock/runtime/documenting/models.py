"""ML modeling: what each model was trained on, how, with which result, how it behaves and how it is watched."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from penstock.core import metric
from penstock.core.design import Design
from penstock.core.document import Block, Heading, Paragraph, facts, line, table
from penstock.core.errors import PenstockError
from penstock.core.forecasting import ForecastDesign
from penstock.core.model import ModelVersion, SavedModel
from penstock.runtime import checks, model_documents, model_reports, status
from penstock.runtime.documenting import plain
from penstock.runtime.documenting.material import Material, Page, ask, part, several, to
from penstock.runtime.model_document import design_names, forecast_names

NAME = "ml-modeling"
TITLE = "ML modeling"
DOCUMENT = "model-document.docx"
MOST = 12
"""Features listed by importance."""


def pages(m: Material) -> list[Page]:
    """The section, and two articles for each model: the model, and its behaviour and monitoring."""
    rows = [
        [
            to("model", name),
            model.short_description,
            _target(model),
            len(m.versions(name)),
            _active(m, name),
        ]
        for name, model in m.project.models.items()
    ]
    shown = table(
        ["Model", "What it does", "Target", "Versions", "Active version"],
        rows,
        empty="The Flow has no model.",
    )
    on = ("names:model", *(f"versions:{name}" for name in m.project.models))
    found = [Page(name=NAME, title=TITLE, blocks=(part("models", shown, on=on),))]
    for name in m.project.models:
        found += [_summary(m, name), _behaviour(m, name)]
    return found


def _target(model: SavedModel) -> str | None:
    design = model.design or model.forecast
    return design.target if design else None


def _active(m: Material, name: str) -> str:
    active = m.active(name)
    return f"{active.name} ({active.id})" if active else "none"


def _summary(m: Material, name: str) -> Page:
    model, active = m.project.models[name], m.active(name)
    on = (f"versions:{name}",)
    train = next((r for r, one in m.project.recipes.items() if name in one.writes), "")
    source = next(iter(m.project.recipes[train].reads), "") if train else ""
    told = facts(
        [
            ("Model", to("model", name)),
            ("What it does", model.short_description),
            ("Trained by", to("recipe", train) if train else "no recipe: versions are imported"),
            ("Training dataset", to("dataset", source) if source in m.project.datasets else source),
            ("Target", _target(model) or (active.target if active else None)),
            ("Prediction type", "forecast" if model.forecast else _kind(model.design, active)),
            ("Active version", _active(m, name)),
            ("Activation", model.activation),
        ]
    )
    blocks: list[Block] = [part("model", told, on=on)]
    blocks.append(ask("What is the model used for, and what must it not be used for?", _HINT))
    if model.design:
        blocks.append(part("design", Heading("Design", 1), *_designed(model.design)))
    if model.forecast:
        blocks.append(part("design", Heading("Design", 1), *_continued(model.forecast)))
    blocks.append(part("results", Heading("Results", 1), *_results(active), on=on))
    if _forecasts(found := _detail(m, name)) and found is not None:
        blocks.append(part("ahead", Heading("How far ahead", 1), *_ahead(found), on=on))
    blocks.append(part("versions", Heading("Versions", 1), _versions(m, name), on=on))
    costly = {DOCUMENT: (f"versions:{name}", partial(_document, m, name))} if active else {}
    blocks.append(part("document", Paragraph(line(_DOCUMENTED if active else _NO_DOCUMENT)), on=on))
    return Page(
        name=f"model-{name}",
        about=f"model:{name}",
        title=f"Model: {name}",
        parent=NAME,
        blocks=tuple(blocks),
        costly=costly,
    )


_HINT = "Its intended use, in words of the business."
_DOCUMENTED = (
    "The whole story of the active version, its executive summary, methodology, experiments, results, charts and "
    "deployment, stands in the model document: [model-document.docx](attachment:model-document.docx)."
)
_NO_DOCUMENT = "There is no model document before a version is active."


def _document(m: Material, name: str) -> bytes:
    return model_documents.export(m.node, m.key, name).document.content


def _kind(design: Design | None, active: ModelVersion | None) -> str:
    chosen = design.prediction_type if design and design.prediction_type else None
    return str(chosen or (active.prediction_type if active else "")).replace("_", " ")


def _designed(design: Design) -> list[Block]:
    """Features, split, algorithms, search, threshold: what was decided, defaults too where they matter."""
    kept = [n for n, f in design.features.items() if f.role not in ("reject", "weight")]
    rejected = [n for n, f in design.features.items() if f.role == "reject"]
    rest = "every other column" if design.other_columns == "input" else "none of the other columns"
    pairs = [
        ("Features set up", ", ".join(kept) or None),
        ("Also features", rest),
        ("Rejected", ", ".join(rejected) or "none"),
        ("Split", design_names.policy(design)),
        ("Rows looked at", design_names.sampling(design)),
        ("Metric", design.metric.LABEL if design.metric else "the usual one of its prediction type"),
        (
            "Algorithms",
            "; ".join(plain.words(a.to_mapping()) for a in design.algorithms) or "the default ones",
        ),
        ("Search", design_names.searched(design)),
        ("Threshold", design_names.threshold(design)),
        ("Weighting", design_names.weighting(design)),
        ("Calibration", design_names.calibration(design)),
    ]
    handled = [
        [
            name,
            feature.role,
            plain.words({k: v for k, v in feature.to_mapping().items() if k != "role"}) or "automatic",
        ]
        for name, feature in design.features.items()
        if feature.role != "reject"
    ]
    more = [table(["Feature", "Role", "Preprocessing"], handled)] if handled else []
    return [facts(pairs), *more]


def _continued(design: ForecastDesign) -> list[Block]:
    """What is continued, how far, from what; and what is tried for it."""
    tried = "; ".join(plain.words(one.to_mapping()) for one in design.forecasters)
    return [
        forecast_names.design_table(design),
        Paragraph(f"Tried: {tried or 'the season before, and gradient boosting'}."),
    ]


def _ahead(found: model_reports.VersionReport) -> list[Block]:
    shown = forecast_names.steps_table(found.detail.get("forecast") or {})
    return [shown or Paragraph("Nothing was judged step by step.")]


def _results(active: ModelVersion | None) -> list[Block]:
    if active is None:
        return [Paragraph("No version is active, so there is no result to tell.")]
    rows = [
        [
            metric.label(metric.performance_id(code)),
            value,
            "main metric" if code == active.main_metric else "",
        ]
        for code, value in sorted(active.metrics.items())
    ]
    pairs = [
        ("Version", f"{active.name} ({active.id})"),
        ("Algorithm", active.algorithm),
        ("Trained", active.created_at),
        ("Train rows", active.train_rows),
        ("Test rows", active.test_rows),
        ("Features", active.features),
        ("Threshold", active.threshold),
        ("Scored by", active.scoring),
    ]
    return [facts(pairs), table(["Metric on the test set", "Value", ""], rows)]


def _versions(m: Material, name: str) -> Any:
    active = m.active(name)
    rows = [
        [
            one.name,
            one.id,
            one.created_at,
            one.algorithm,
            one.metrics.get(one.main_metric),
            "active" if active and one.id == active.id else "",
            plain.words({k: v for k, v in one.labels.items() if not k.endswith(_TOLD_ELSEWHERE)}),
        ]
        for one in m.versions(name)
    ]
    titles = ["Version", "Id", "Made", "Algorithm", "Main metric", "", "Labels"]
    return table(titles, rows, empty="It has no version yet.")


_TOLD_ELSEWHERE = "Dataset:dataset-name"
"""Labels that every version has by itself: the design names the datasets."""


def _behaviour(m: Material, name: str) -> Page:
    on = (f"versions:{name}",)
    blocks: list[Block] = [
        part("importance", Heading("Most important features", 1), *_importance(m, name), on=on),
        part("inputs", Heading("Different inputs", 1), *_inputs(m, name), on=on),
        part("fairness", Heading("Responsible AI", 1), *_fairness(m, name)),
        ask(
            "Was the model designed with responsible AI and fairness in mind?",
            "Which groups, which gaps, who judged.",
        ),
        part("monitoring", Heading("Monitoring", 1), *_monitoring(m, name), on=_watched(m, name)),
        ask("Which drift is expected, and why are the limits where they are?"),
    ]
    return Page(
        name=f"model-{name}-behaviour", about=f"model:{name}",
        title=f"Behaviour and monitoring: {name}", parent=f"model-{name}",
        blocks=tuple(blocks),
    )  # fmt: skip


_FAIRNESS = (
    "The page of the [model](model:{name}) compares demographic parity, equalized odds, equality of opportunity and "
    "predictive rate parity between the groups of any column, once somebody chose the sensitive one."
)


def _fairness(m: Material, name: str) -> list[Block]:
    if m.project.models[name].forecast is not None:
        return [Paragraph("A forecast has no single rows whose groups could be compared.")]
    return [Paragraph(line(_FAIRNESS.format(name=name)))]


def _forecasts(found: model_reports.VersionReport | None) -> bool:
    return found is not None and found.version.prediction_type == "forecast"


def _detail(m: Material, name: str) -> model_reports.VersionReport | None:
    try:
        return model_reports.version(m.node, m.key, name)
    except PenstockError:
        return None


def _importance(m: Material, name: str) -> list[Block]:
    found = _detail(m, name)
    if _forecasts(found):
        return [Paragraph("A forecast has none: it is told from the last values of each series.")]
    if found is None or not found.importances:
        return [
            Paragraph("They are not known: no version is active, or it came without rows to explain it on.")
        ]
    weights: Mapping[str, float] = (
        found.importances.get("shapley") or found.importances.get("permutation") or {}
    )
    total = sum(abs(value) for value in weights.values()) or 1.0
    rows = [
        [place, feature, f"{abs(weights.get(feature, 0.0)) / total:.1%}"]
        for place, feature in enumerate(found.ranked[:MOST], 1)
    ]
    return [table(["Rank", "Feature", "Share of the importance"], rows)]


def _inputs(m: Material, name: str) -> list[Block]:
    """What the report keeps of how the prediction changes with an input."""
    found = _detail(m, name)
    if found is None or not found.detail:
        return [Paragraph("Nothing is known of it without an active version.")]
    if _forecasts(found):
        return [
            Paragraph(
                line(
                    f"The page of the [model](model:{name}) draws forecasts of each series beside what really came."
                )
            )
        ]
    start = [[feature, _cell(found.start.get(feature))] for feature in found.ranked[:MOST]]
    told = Paragraph(
        line(
            f"Partial dependence, what-if, subpopulations and single explanations are shown, and worked out on demand, "
            f"on the page of the [model](model:{name}). What-if begins with the typical row of the train set:"
        )
    )
    return [told, table(["Feature", "Typical value"], start)]


def _cell(value: Any) -> Any:
    """A value of data as it stands there: a year of 2002 is no 2,002."""
    return value if isinstance(value, float | bool) or value is None else str(value)


def _watched(m: Material, name: str) -> tuple[str, ...]:
    stores = status.fed_stores(m.project, name)
    return (*(f"evaluation_store:{s}" for s in stores), *(f"values:{s}" for s in stores))


def _version_named(m: Material, model: str, id: str) -> str:
    """The name of a version; its id when it is no longer kept."""
    return next((v.name for v in m.versions(model) if v.id == id), id)


def _monitoring(m: Material, name: str) -> list[Block]:
    stores = status.fed_stores(m.project, name)
    rows = []
    for store in stores:
        last = m.node.evaluations.latest(m.key, store)
        for one in checks.latest_of(m.node, m.project, store):
            said = one.last
            rows.append(
                [
                    to("evaluation_store", store),
                    one.name,
                    plain.demand(one.demand),
                    said.observed if said else None,
                    _version_named(m, name, last.version) if last else None,
                    str(said.verdict) if said else "never judged",
                ]
            )
    when = [
        [to("scenario", scenario), trigger.words, "on" if trigger.active and one.active else "off"]
        for scenario, one in m.project.scenarios.items()
        if any(item in stores for step in one.steps for item in getattr(step, "items", ()))
        for trigger in one.triggers
    ]
    plugins = sorted(
        p for p, (_, users) in m.plugins().items() if {f"evaluation_store:{s}" for s in stores} & set(users)
    )
    return [
        Paragraph(
            (
                *line("Evaluated into: "),
                *several([to("evaluation_store", s) for s in stores], "no store watches it"),
            )
        ),
        table(
            ["Store", "Check", "Demands", "Last value", "Of version", "Verdict"],
            rows,
            empty="No check judges it.",
        ),
        table(["Scenario", "How often", "Trigger now"], when, empty="No scenario with a trigger watches it."),
        Paragraph(f"Plugins used for drift: {', '.join(plugins) or 'none, drift comes with Penstock'}."),
    ]
