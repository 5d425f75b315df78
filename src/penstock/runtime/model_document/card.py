"""The model card: a version on one page, for people and for programs."""

from __future__ import annotations

from typing import Any

from penstock.core import document, fairness
from penstock.core.document import Block, Bullets, Document, Heading, Note, Paragraph, Question, Table
from penstock.runtime.model_document import fairness_names, result_names
from penstock.runtime.model_document.names import names
from penstock.runtime.model_document.subject import TYPES, Subject

FORMAT = 1


def facts(s: Subject) -> dict[str, Any]:
    """The card as plain values. What was not measured is null, with its reason beside."""
    v = s.version
    return {
        "format": FORMAT,
        "model": {
            "name": s.name, "title": s.title, "description": s.model.short_description, "version": v.id,
            "full_id": v.full_id, "version_name": v.name, "project": s.project.key, "origin": v.origin,
            "active": s.report.is_active, "created_at": v.created_at.isoformat(), "created_by": v.created_by,
            "sha256": v.fingerprint, "tags": list(s.model.tags),
        },
        "task": {
            "type": v.prediction_type, "target": v.target, "classes": list(v.classes), "threshold": v.threshold,
            "algorithm": v.algorithm, "features": list(s.report.ranked),
        },
        "data": {"train_dataset": v.train_dataset, "train_rows": v.train_rows, "test_rows": v.test_rows},
        "design": dict(s.written) or None,
        "metrics": {
            score.id.partition(":")[2]: {"label": score.label, "value": score.value, "main": score.main,
                                         "reason": score.reason}
            for score in s.scores
        },
        "importance": dict(s.report.importances.get("shapley") or s.report.importances.get("permutation") or {}),
        "fairness": _fairness(s),
        "diagnostics": [dict(d) for d in v.diagnostics],
    }  # fmt: skip


def _fairness(s: Subject) -> dict[str, Any] | None:
    found = s.fairness()
    return {**found, "fewest_rows": fairness.FEWEST} if found else None


def text(s: Subject) -> str:
    """The card as Markdown."""
    v = s.version
    made = Document(
        title=f"Model card: {s.title}", subtitle=s.model.short_description, made_at=s.node.clock.now(),
        foot=f"{v.full_id}, sha256 {v.fingerprint[:12]}", blocks=tuple(_blocks(s)),
    )  # fmt: skip
    return s.node.writer.markdown(made).text


def _blocks(s: Subject) -> list[Block]:
    v = s.version
    parts: list[Block] = [
        Heading("Model details"),
        document.facts([
            ("Version", f"{v.name} ({v.id})"), ("Prediction", f"{TYPES[v.prediction_type]} of {v.target}"),
            ("Classes", v.classes), ("Threshold", v.threshold), ("Algorithm", v.algorithm), ("Origin", v.origin),
            ("Trained", f"{v.created_at:%Y-%m-%d %H:%M} UTC"), ("By", v.created_by),
        ]),
        Heading("Intended use"),
        Paragraph(s.model.description) if s.model.description else Question(
            "Which decisions does it support, and for what must it not be used?"
        ),
        Heading("Data"),
        Paragraph(f"{v.train_rows:,} rows of {v.train_dataset} train, {v.test_rows:,} test."
                  if v.train_dataset else s.why_not),
        Heading("Metrics"),
        result_names.metrics(s) or Note(s.performance.reason or "Nothing was measured.", "warning"),
        Heading("What moves it"),
        Bullets(tuple(s.report.ranked[:10])) if s.report.ranked else Paragraph(s.why_not),
        Heading("Fairness"), *_fair(s),
        Heading("Limits"), *_limits(s),
    ]  # fmt: skip
    return parts


def _fair(s: Subject) -> list[Block]:
    found = [fairness_names.gaps(s), fairness_names.groups(s)]
    shown: list[Block] = [part for part in found if isinstance(part, Table)]
    return [*shown, *(fairness_names.warnings(s) or ())] if shown else [Paragraph("Not measured.")]


def _limits(s: Subject) -> list[Block]:
    told = tuple(d.get("message", "") for d in s.version.diagnostics)
    said = names(s).said("design.training_and_testing_strategy.policy.value")
    how = f"Measured once: {document.plain(said)}" if isinstance(said, str) and said else s.why_not
    return [Paragraph(how), Bullets(told)] if told else [Paragraph(how)]
