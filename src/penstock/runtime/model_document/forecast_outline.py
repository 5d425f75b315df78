"""The default model document of a model that continues series in time: the same chapters, in its own words."""

from __future__ import annotations

from penstock.core import document
from penstock.core.document import Bullets, Document, Heading, Note, Paragraph, Question, line
from penstock.runtime.model_document import outline
from penstock.runtime.model_document.outline import Part, Writing
from penstock.runtime.model_document.subject import Subject


def made(s: Subject) -> Document:
    """The document of any version, whether it predicts rows or continues series."""
    return outline.made(s, Forecasting if s.forecast else Writing)


class Forecasting(Writing):
    """The chapters, of a forecast."""

    def summary(self) -> Part:
        s, v = self.s, self.s.version
        yield Heading("Executive Summary")
        if s.model.description:
            yield document.Prose(s.model.description)
        active = ", the active one" if s.report.is_active else ", which is not the active one"
        yield Paragraph(line(
            f"**{outline.plainly(s.title)}** forecasts `{v.target}` by **{v.algorithm}**. This document describes "
            f"version {outline.plainly(v.name)}{active}."
        ))  # fmt: skip
        yield from self.say("forecast.design.text")
        yield Heading("Methodology", 2)
        yield Bullets((
            line(f"**Data.** {v.train_rows:,} rows of `{v.train_dataset}`, {self.text('forecast.series.count.value')} "
                 "series."),
            line(f"**Judged on.** {self.text('forecast.windows.count.value')} forecasts of rows that were held back, "
                 f"{v.test_rows:,} in all."),
            line(f"**Algorithms.** {v.algorithm} was kept: it has the lowest "
                 f"{self.text('design.test_metrics.name')}."),
        ))  # fmt: skip
        yield Heading("Results", 2)
        yield from self._outcome()
        yield from self.say("forecast.measures.text")

    def methodology(self) -> Part:
        s, v = self.s, self.s.version
        yield Heading("Methodology")
        yield Heading("Data Preparation", 2)
        yield from self.say(
            "dataset.prepare_steps.table",
            otherwise=f"{v.train_dataset} is used as it comes: no recipe of the project makes it.",
        )
        yield Heading("Problem Definition", 2)
        yield Heading("Target Selection", 3)
        yield Paragraph(f"The model continues the column {v.target} of each series in time.")
        yield Heading("Horizon, Series and Seasons", 3)
        yield from self.say("forecast.design.table")
        yield Heading("Data Ingestion", 2)
        yield from self.say("forecast.held_back.text", otherwise=s.why_not)
        yield Heading("Model and Feature Tuning", 2)
        yield Heading("Tested Algorithms", 3)
        yield Heading("Selected Model", 4)
        yield from self.say("forecast.algorithm.text", "forecast.algorithm.table",
                            otherwise="It has no hyperparameters.")  # fmt: skip
        yield Heading("Evaluation and Selection", 2)
        yield Paragraph(
            f"Every algorithm was judged by {self.text('design.test_metrics.name')} on the rows held back, which "
            "it had not learned; the one with the lowest was kept, and then learned all rows."
        )

    def experiments(self) -> Part:
        yield Heading("Experiment Results")
        yield Heading("Selected Model", 2)
        yield from self.say("result.chosen_algorithm_details.table")
        yield Heading("Alternative Models", 2)
        yield from self.say("forecast.algorithms.table", "result.leaderboard.table",
                            otherwise="There is nothing to compare with.")  # fmt: skip

    def results(self) -> Part:
        yield Heading("Selected Model Results")
        yield Heading("Metrics", 2)
        yield from self.say(
            "result.detailed_metrics.table", "forecast.measures.text", otherwise=self.s.performance.reason
        )
        yield from self.section("Forecasts Beside What Came", 2, "forecast.examples.plots")
        yield from self.section("How Far Ahead", 2, "forecast.steps.plot", "forecast.steps.table")
        yield from self.section("Series by Series", 2, "forecast.series.table")
        yield from self.section(
            "Quantiles", 2, "forecast.quantiles.text", "forecast.quantiles.table",
            otherwise="They could not be judged: one forecast per series leaves no other rows to learn them on.",
        )  # fmt: skip
        yield Heading("Diagnostics", 2)
        yield from self.say("result.diagnostics.table", otherwise=(
            "Nothing to report: the length of the series, the gain over a naive forecast and the quantiles were looked "
            "at."
        ))  # fmt: skip
        yield from self.section("Training Time", 2, "result.timings.table")

    def responsible(self) -> Part:
        yield Heading("Fairness and Responsible Use")
        yield Heading("Intended Use", 2)
        yield Question("Which decisions does this forecast support, and who takes them?",
                       "Write it into the description of the model.")  # fmt: skip
        yield Question("For what must it not be used: which series, which distances, which events?")
        yield Heading("Fairness", 2)
        yield Note("A forecast tells of series, not of people: no groups of rows are there to be compared.")

    def annexes(self) -> Part:
        yield Heading("Annexes")
        yield from self.section(
            "Packages", 2, "deployment.packages.table", otherwise="No packages are known."
        )
