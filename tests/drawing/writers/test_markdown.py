"""Documents as Markdown."""

from __future__ import annotations

from penstock.core.document import (
    Bullets,
    Chart,
    Code,
    Document,
    Heading,
    Note,
    Paragraph,
    Picture,
    Question,
    line,
    table,
)
from penstock.drawing.writers import DocumentWriter

ROC = {"by_class": {"1": {"roc": {"x": [0, 0.2, 1], "y": [0, 0.7, 1]}, "auc": 0.75}}}
EVERYTHING = Document(
    title="Late *flights*",
    kind="Model documentation",
    facts=(("Project", "FLIGHTS"),),
    foot="FLIGHTS",
    blocks=(
        Heading("Results"),
        Paragraph(line("It is **good**, see [more](https://x.test) and `a_b`.")),
        Bullets(("one", "two"), numbered=True),
        table(["a|b", "n"], [["x", 1], ["y", 2.5]], caption="Numbers", strong=frozenset({1})),
        Picture(drawn=Chart("roc", {"sets": {"v1": ROC}}), caption="ROC curve", name="roc"),
        Code("select 1", "sql"),
        Note("Careful", "warning"),
        Question("Why?"),
    ),
)


def test_everything_has_its_mark() -> None:
    made = DocumentWriter().markdown(EVERYTHING, pictures="pictures/")
    assert made.text.splitlines() == [
        "# Late \\*flights\\*", "", "- **Project**: FLIGHTS", "", "## Results", "",
        "It is **good**, see [more](https://x.test) and `a_b`.", "", "1. one", "2. two", "",
        "| a\\|b | n |", "| --- | ---: |", "| x | 1 |", "| **y** | **2.5** |", "", "*Numbers*", "",
        "![ROC curve](pictures/roc.svg)", "", "*ROC curve*", "", "```sql", "select 1", "```", "",
        "> **Warning.** Careful", "", "> **To be answered:** Why?", "", "---", "", "*FLIGHTS*",
    ]  # fmt: skip
    assert made.files["roc.svg"].startswith(b"<svg")


def test_letters_that_would_be_marks_are_letters() -> None:
    made = Document(title="t", blocks=(Paragraph("1. <b>*x*</b> _y_ a_b\n"), Paragraph("# no heading")))
    text = DocumentWriter().markdown(made).text
    assert r"1\. \<b\>\*x\*\</b\> \_y\_ a_b" in text or r"\1. \<b\>\*x\*" in text
    assert r"\# no heading" in text
