"""The default model document: an outline over the same names that templates have."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.core import document
from penstock.core.document import (
    Block,
    Bullets,
    Document,
    Generated,
    Heading,
    Line,
    Note,
    Paragraph,
    Picture,
    Prose,
    Question,
    Table,
    line,
)
from penstock.core.placeholders import Names, Said, is_text
from penstock.runtime.model_document.names import names
from penstock.runtime.model_document.subject import TYPES, Subject
from penstock.runtime.model_document.wording import listed

Part = Iterator[Block]


def made(s: Subject, of: type[Writing] | None = None) -> Document:
    """The whole document of a version, in the words of one sort of model."""
    v = s.version
    writing = (of or Writing)(s, names(s))
    chapters = (
        writing.summary, writing.methodology, writing.experiments, writing.results, writing.responsible,
        writing.running, writing.annexes,
    )  # fmt: skip
    blocks = tuple(
        Generated(name=chapter.__name__, blocks=tuple(chapter()), sources=(s.source,)) for chapter in chapters
    )
    project = s.project.settings.title or s.project.key
    shown = (
        ("Project", f"{project} ({s.project.key})" if project != s.project.key else project),
        ("Model", s.title), ("Version", f"{v.name} ({v.id})"),
        ("Prediction", f"{TYPES[v.prediction_type]} of {v.target}"),
        ("Algorithm", v.algorithm), ("Trained", f"{v.created_at:%d %B %Y, %H:%M} UTC"),
        ("Written for", writing.text("config.author.name")),
    )  # fmt: skip
    return Document(
        title=s.title, subtitle=s.model.short_description, kind="Model documentation", facts=shown,
        made_at=s.node.clock.now(), foot=f"{s.project.key} · {s.name} · {v.name}", blocks=blocks,
    )  # fmt: skip


class Writing:
    """The chapters, of a model that predicts row by row."""

    def __init__(self, s: Subject, known: Names) -> None:
        self.s, self.known = s, known

    def text(self, name: str) -> str:
        said = self.known.said(name)
        return document.plain(said) if is_text(said) else ""

    def say(self, *wanted: str, otherwise: str = "") -> Part:
        """What names say, one below the other; `otherwise` when none says anything."""
        found = [block for name in wanted for block in _blocks(self.known.said(name))]
        yield from found or ([Paragraph(otherwise)] if otherwise else [])

    def section(self, title: str, level: int, *wanted: str, otherwise: str = "") -> Part:
        """A heading with what names say; nothing at all when none says anything."""
        found = list(self.say(*wanted, otherwise=otherwise))
        if found:
            yield Heading(title, level)
            yield from found

    # chapters ---------------------------------------------------------------------------------------------------------

    def summary(self) -> Part:
        s, v = self.s, self.s.version
        yield Heading("Executive Summary")
        if s.model.description:
            yield Prose(s.model.description)
        yield Paragraph(line(
            f"**{plainly(s.title)}** predicts `{v.target}`: {TYPES[v.prediction_type].lower()} by "
            f"**{v.algorithm}** from {v.features:,} features. This document describes version {plainly(v.name)}"
            f"{', the active one' if s.report.is_active else ', which is not the active one'}."
        ))  # fmt: skip
        yield Heading("Methodology", 2)
        yield from self._in_short()
        yield Heading("Results", 2)
        yield from self._outcome()

    def _in_short(self) -> Part:
        s, v = self.s, self.s.version
        if not s.design:
            yield Note(s.why_not)
            return
        others = self.known.said("design.other_algorithms_search_strategy.table")
        tried = [document.plain(row[0]) for row in others.rows] if isinstance(others, Table) else []
        said: list[Line] = [
            line(f"**Data.** {v.train_rows:,} rows of `{v.train_dataset}` train, {v.test_rows:,} test."),
            line(f"**Split.** {plainly(self.text('design.training_and_testing_strategy.policy.value'))}"),
            line(f"**Algorithms.** {v.algorithm} was chosen"
                 + (f"; {listed(tried)} {'was' if len(tried) == 1 else 'were'} tried besides." if tried else ".")),
            line(f"**Optimised for.** {self.text('design.test_metrics.name')}, validated by "
                 f"{self.text('design.cross_validation_strategy.value').lower()}."),
        ]  # fmt: skip
        yield Bullets(tuple(said))

    def _outcome(self) -> Part:
        s = self.s
        if s.main is None or s.main.value is None:
            yield Note(s.performance.reason or "Nothing was measured.", "warning")
            return
        yield Paragraph(line(
            f"On {s.performance.rows:,} rows of its test set it reaches **{s.main.label} "
            f"{document.number(s.main.value)}**. {plainly(s.main.about)}"
        ))  # fmt: skip
        said = self.text("result.confusion_matrix_metrics.text")
        if said:
            yield Paragraph(said)
        shown = [x for x in s.scores if x.value is not None][:6]
        yield document.table(
            ["Metric", "Value"], [(x.label, x.value) for x in shown], caption="Results in short"
        )
        if s.report.ranked and self.text("result.feature_importance.status") == "Yes":
            yield Paragraph(f"What moves it most: {listed(s.report.ranked[:3])}.")

    def methodology(self) -> Part:
        s, v = self.s, self.s.version
        yield Heading("Methodology")
        yield Heading("Data Preparation", 2)
        yield from self.say("dataset.prepare_steps.table", otherwise=(
            f"{v.train_dataset} is used as it comes: no recipe of the project makes it."
            if v.train_dataset else s.why_not
        ))  # fmt: skip
        yield Heading("Problem Definition", 2)
        yield Heading("Target Selection", 3)
        yield Paragraph(self._target())
        yield from self.say("design.target_proportion.plot")
        yield Heading("Segmentation", 3)
        yield Paragraph("One model serves all rows: it is not partitioned.")
        yield Heading("Data Ingestion", 2)
        yield from self.say("design.training_and_testing_strategy.table", "design.sampling_and_splitting.image",
                            otherwise=s.why_not)  # fmt: skip
        yield Heading("Model and Feature Tuning", 2)
        yield from self._tuning()
        yield Heading("Evaluation and Selection", 2)
        yield Paragraph(self._selection())

    def _target(self) -> str:
        s, v = self.s, self.s.version
        classes = f" Its classes are {listed(v.classes)}." if v.classes else ""
        positive = f" {s.positive} is the positive class." if s.positive else ""
        return f"The model predicts the column {v.target}.{classes}{positive}"

    def _tuning(self) -> Part:
        s = self.s
        yield from self.section("Pre-processings", 3, "design.input_feature.table", "design.rejected_feature.table",
                                otherwise=s.why_not)  # fmt: skip
        if s.design:
            yield Paragraph("No features are generated from others, and none are reduced.")
        yield Heading("Tested Algorithms", 3)
        yield Heading("Selected Model", 4)
        yield from self.say("design.chosen_algorithm_search_strategy.text",
                            "design.chosen_algorithm_search_strategy.table", otherwise=s.why_not)  # fmt: skip
        yield Heading("Alternative Models", 4)
        yield from self.say(
            "design.other_algorithms_search_strategy.table", otherwise="No other algorithm was tried."
        )
        yield from self.section("Hyperparameter Search", 3, "design.hyperparameter_search_strategy.table",
                                otherwise=s.why_not)  # fmt: skip
        yield from self.section(
            "Weighting Strategy", 3, "design.weighting_strategy.text", otherwise=s.why_not
        )
        if s.kind != "regression":
            yield from self.section("Calibration", 3, "design.calibration_strategy.text", otherwise=s.why_not)
        yield Heading("ML Overrides", 3)
        yield Paragraph("No rule overrides what the model predicts.")

    def _selection(self) -> str:
        s = self.s
        if not s.design:
            return s.why_not
        stopped = s.detail.get("search_stopped")
        at = f" The threshold in use is {self.text('result.classification_threshold.current.value')}." \
            if s.version.threshold is not None else ""  # fmt: skip
        return (
            f"Candidates were compared by {self.text('design.test_metrics.name')} on rows of the train set; the test "
            f"set had no say. The best was trained again on all train rows and measured once on the test set.{at}"
            + (f" The search ended early: {stopped}" if stopped else "")
        )

    def experiments(self) -> Part:
        yield Heading("Experiment Results")
        yield Heading("Selected Model", 2)
        yield from self.say("result.chosen_algorithm_details.table")
        yield Heading("Alternative Models", 2)
        yield from self.say("result.hyperparameter_search.table", "result.hyperparameter_search.plot",
                            "result.leaderboard.table", otherwise="There is nothing to compare with.")  # fmt: skip

    def results(self) -> Part:
        yield Heading("Selected Model Results")
        yield Heading("Metrics", 2)
        yield from self.say("result.detailed_metrics.table", otherwise=self.s.performance.reason)
        charts = [block for part in self._charts() for block in part]
        if charts:
            yield Heading("Performance Charts", 2)
            yield from charts
        sensitivity = [block for part in self._sensitivity() for block in part]
        if sensitivity:
            yield Heading("Sensitivity Testing", 2)
            yield from sensitivity
        yield Heading("Diagnostics", 2)
        yield from self.say("result.diagnostics.table", otherwise=(
            "Nothing to report: sizes, split, leakage, overfitting and dominating features were looked at."
            if self.s.design else self.s.why_not
        ))  # fmt: skip
        yield from self.section("Training Time", 2, "result.timings.table")

    def _charts(self) -> Iterator[Part]:
        part = self.section
        yield part("Confusion Matrix", 3, "result.confusion_matrix.image", "result.confusion_matrix_metrics.text",
                   "result.confusion_matrix_metrics.table")  # fmt: skip
        yield part("Cost Matrix", 3, "result.cost_matrix.text", "result.cost_matrix.table")
        yield part("Decision Chart", 3, "result.decision_chart.text", "result.decision_chart.plot")
        yield part(
            "Lift Curve", 3, "result.lift_curve.text", "result.lift_curve.plot", "result.lift_by_tenth.plot"
        )
        yield part("ROC Curve", 3, "result.roc_curve.text", "result.roc_curve.plot")
        yield part("Precision-Recall Curve", 3, "result.pr_curve.text", "result.pr_curve.plot")
        yield part("Density Chart", 3, "result.density_chart.text", "result.density_chart.plot")
        yield part("Calibration Curve", 3, "result.calibration.text", "result.calibration.plot")
        yield part("Scatter Plot", 3, "result.scatter.text", "result.scatter.plot")
        yield part(
            "Error Distribution", 3, "result.error_distribution.text", "result.error_distribution.plot"
        )

    def _sensitivity(self) -> Iterator[Part]:
        part = self.section
        yield part(
            "Feature Importance", 3, "result.absolute_importance.plot", "result.permutation_importance.plot"
        )
        yield part("Coefficients", 3, "result.regression_coefficients.plot")
        yield part("Partial Dependence", 3, "result.feature_dependence.plots")
        yield part("Subpopulations", 3, "result.subpopulations.table")
        yield part("Individual Explanations", 3, "result.individual_explanations.text",
                   "result.individual_explanations.image")  # fmt: skip

    def responsible(self) -> Part:
        s = self.s
        yield Heading("Fairness and Responsible Use")
        yield Heading("Intended Use", 2)
        yield Question("Which decisions does this model support, and who takes them?",
                       "Write it into the description of the model.")  # fmt: skip
        yield Question("For what must it not be used, and for whom does it not hold?")
        yield Heading("Fairness", 2)
        if s.kind != "binary":
            yield Paragraph("Fairness is measured for two-class models only.")
            return
        found = list(
            self.say(
                "fairness.gaps.table", "fairness.groups.table", "fairness.groups.plot", "fairness.warnings"
            )
        )
        if not found:
            yield Note("No sensitive column was named in the design, so no fairness was measured. Name one under "
                       "`fairness` in the design of the model, and train a version.")  # fmt: skip
            return
        yield Paragraph(
            f"Groups of {self.text('fairness.column.name')} are held to {self.text('fairness.reference.name')}; the "
            f"wanted outcome is {self.text('fairness.positive.name')}. Several measures cannot be fair at once unless "
            "the groups are alike."
        )
        yield from found
        yield Question("Is what these figures say acceptable, and why?")

    def running(self) -> Part:
        yield Heading("Deployment and Monitoring")
        yield from self.section("Implementation Details", 2, "deployment.implementation.table")
        yield from self.section("Version Control", 2, "deployment.version_control.table")
        yield from self.section("Where It Runs", 2, "deployment.endpoints.table", "deployment.deployments.table",
                                "deployment.bundles.table",
                                otherwise="No endpoint answers with it, no bundle was made of it.")  # fmt: skip
        yield from self.section("Monitoring", 2, "monitoring.schedule.text", "monitoring.stores.table",
                                "monitoring.last_evaluation.table", "monitoring.history.plot",
                                "monitoring.checks.table",
                                otherwise="No evaluation store watches this model.")  # fmt: skip
        yield Question(
            "Which drift and which loss of performance are acceptable, and what happens beyond that?"
        )

    def annexes(self) -> Part:
        yield Heading("Annexes")
        yield from self.section(
            "Packages", 2, "deployment.packages.table", otherwise="No packages are known."
        )
        yield from self.section("Error Distribution in Numbers", 2, "result.error_distribution.table")


def _blocks(said: Said) -> tuple[Block, ...]:
    """What a name says, as blocks."""
    if said is None or said == "":
        return ()
    if isinstance(said, (Table, Picture)):
        return (said,)
    return (Paragraph(said),) if is_text(said) else tuple(said)  # type: ignore[arg-type]


def plainly(text: str) -> str:
    """Letters that `line` does not read as marks."""
    return text.replace("**", "").replace("`", "'").replace("[", "(").replace("]", ")")
