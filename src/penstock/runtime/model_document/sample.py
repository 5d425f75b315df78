"""A sample template: a Word document with placeholders, to begin one's own with."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.core.document import Block, Document, Heading, Paragraph

OUTLINE: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("Executive Summary", 1, (
        "{{model.name}} predicts {{design.target.name}}: {{design.prediction_type.name}} by "
        "{{result.chosen_algorithm.name}} from {{design.features_count.value}} features.",
        "It reaches a {{design.test_metrics.name}} of {{result.test_metrics.value}} on "
        "{{result.test_set.sample_rows_count.value}} rows of its test set.",
    )),
    ("Methodology", 1, ("design.training_and_testing_strategy.table",)),
    ("Data Preparation", 2, ("?dataset.prepare_steps",)),
    ("Features", 2, ("design.input_feature.table", "design.rejected_feature.table")),
    ("Algorithm", 2, (
        "design.chosen_algorithm_search_strategy.text", "design.chosen_algorithm_search_strategy.table",
        "?design.other_algorithms_search_strategy",
    )),
    ("Weighting and Calibration", 2, ("design.weighting_strategy.text", "design.calibration_strategy.text")),
    ("Results", 1, ("result.detailed_metrics.table",)),
    ("Charts", 2, (
        "result.confusion_matrix.image", "result.roc_curve.plot", "result.pr_curve.plot",
        "result.calibration.plot", "result.scatter.plot", "result.error_distribution.plot",
    )),
    ("What Moves It", 2, ("result.feature_importance.plot", "result.feature_dependence.plots")),
    ("Fairness", 1, ("fairness.gaps.table", "fairness.groups.table", "fairness.warnings")),
    ("Deployment and Monitoring", 1, (
        "deployment.implementation.table", "deployment.endpoints.table", "monitoring.stores.table",
        "monitoring.checks.table",
    )),
)  # fmt: skip
"""Title, level, and lines; a name with `?` stands under a condition on its status."""


def made() -> Document:
    """The sample as blocks. Filled for a version that lacks something, its lines are simply gone."""
    facts = (("Project", "{{config.project.name}}"), ("Version", "{{version.name}}"),
             ("Written", "{{config.generation_date.name}} for {{config.author.name}}"))  # fmt: skip
    return Document(
        title="{{model.name}}", subtitle="{{model.description}}", kind="Model documentation", facts=facts,
        foot="{{version.id}}", blocks=tuple(_blocks()), contents=False,
    )  # fmt: skip


def _blocks() -> Iterator[Block]:
    for title, level, lines in OUTLINE:
        yield Heading(title, level)
        for said in lines:
            yield from _lines(said)


def _lines(said: str) -> Iterator[Block]:
    if "{{" in said:
        yield Paragraph(said)
    elif said.startswith("?"):
        yield Paragraph(f"{{{{if {said[1:]}.status == Yes}}}}")
        yield Paragraph(f"{{{{{said[1:]}.table}}}}")
        yield Paragraph(f"{{{{endif {said[1:]}.status}}}}")
    else:
        yield Paragraph(f"{{{{{said}}}}}")
