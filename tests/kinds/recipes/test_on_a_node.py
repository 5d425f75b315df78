"""Code recipes, chosen files and clearing on a real node, as people do it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import penstock
from penstock.core.errors import ExternalData, InvalidDefinition, JobFailed, SourceNotReady
from penstock.runtime import datasets, jobs

FILES = {
    "flow/datasets/sales.yaml": "type: inline\nrows:\n  - {k: a, n: 1}\n  - {k: b, n: 2}\n  - {k: a, n: 3}\n",
    "flow/folders/monthly.yaml": "short_description: One file a month\n",
    "flow/datasets/cleaned.yaml": "type: managed\n",
    "flow/recipes/clean.yaml": "type: python\ninputs: [sales]\noutputs: [cleaned, monthly]\n",
    "flow/recipes/clean.py": (
        "from penstock import Dataset, Folder\n"
        "for month in range(4, 13):\n"
        "    Folder('monthly').write(f'2013-{month:02}.csv', f'month,n\\n{month},1\\n')\n"
        "Dataset('cleaned').write(Dataset('sales').arrow())\n"
        "print('cleaned')\n"
    ),
    "flow/datasets/totals.yaml": "type: managed\n",
    "flow/recipes/total.yaml": "type: sql\ninputs: [cleaned]\noutput: totals\n",
    "flow/recipes/total.sql": "SELECT k, sum(n) AS n FROM cleaned GROUP BY k HAVING sum(n) >= ${least} ORDER BY k\n",
    "flow/datasets/month.yaml": (
        "type: files\nfolder: monthly\nformat: csv\nselection: {mode: explicit, files: [2013-04.csv]}\n"
    ),
    "flow/datasets/copy.yaml": "type: managed\n",
    "flow/recipes/copy_month.yaml": "type: sync\ninput: month\noutput: copy\n",
}


@pytest.fixture
def node(tmp_path: Path) -> Any:
    home = penstock.open(tmp_path / "home", create=True)
    home.create_project("SHOP")
    node = home._transport.node  # type: ignore[attr-defined]
    node.projects.save("SHOP", FILES, author="me", message="A shop")
    node.projects.set_variables("SHOP", {"least": 3}, author="me")
    return node


def rows(node: Any, dataset: str) -> list[dict[str, Any]]:
    return [dict(row) for row in datasets.head(node, "SHOP", dataset).rows]


def test_python_then_sql_from_an_inline_table(node: Any) -> None:
    jobs.build(node, "SHOP", ["totals"], "required")
    assert rows(node, "totals") == [{"k": "a", "n": 4}]


@pytest.mark.requirement("A01", "A02", "A03")
def test_a_month_is_chosen_from_what_a_recipe_wrote_and_then_another_one(node: Any) -> None:
    jobs.build(node, "SHOP", ["copy"], "required")
    assert rows(node, "copy") == [{"month": "4", "n": "1"}]
    listed = datasets.list_files(node, "SHOP", "month")
    assert [file.path for file, selected in listed if selected] == ["2013-04.csv"]
    assert len(listed) == 9
    datasets.select_files(node, "SHOP", "month", ["2013-05.csv"], author="me")
    assert rows(node, "month") == [{"month": "5", "n": "1"}]
    jobs.build(node, "SHOP", ["copy"], "required")
    assert rows(node, "copy") == [{"month": "5", "n": "1"}]


@pytest.mark.requirement("A21")
def test_clearing_empties_what_a_recipe_wrote_and_refuses_everything_else(node: Any) -> None:
    jobs.build(node, "SHOP", ["cleaned"])
    datasets.clear(node, "SHOP", "cleaned")
    with pytest.raises(SourceNotReady, match="cleaned has not been built"):
        rows(node, "cleaned")
    with pytest.raises(ExternalData, match=r"Dataset month .* folder monthly"):
        datasets.clear(node, "SHOP", "month")
    assert len(datasets.list_files(node, "SHOP", "month")) == 9


@pytest.mark.requirement("A22")
def test_code_that_leaves_its_writer_open_fails_and_the_old_rows_stay(node: Any) -> None:
    jobs.build(node, "SHOP", ["cleaned"])
    before = rows(node, "cleaned")
    code = "from penstock import Dataset\nw = Dataset('cleaned').writer()\nw.write([{'k': 'z', 'n': 9}])\n"
    node.projects.save("SHOP", {"flow/recipes/clean.py": code}, author="me", message="Worse")
    with pytest.raises(JobFailed, match="left the writer of cleaned open"):
        jobs.build(node, "SHOP", ["cleaned"])
    assert rows(node, "cleaned") == before


def test_code_that_fails_is_told_with_its_line_and_the_command_for_its_log(node: Any) -> None:
    node.projects.save("SHOP", {"flow/recipes/clean.py": "a = 1\nb = a / 0\n"}, author="me", message="Broken")
    with pytest.raises(JobFailed) as failed:
        jobs.build(node, "SHOP", ["cleaned"])
    said = str(failed.value)
    assert "ZeroDivisionError: division by zero (clean.py, line 2). See its log: `penstock job log " in said
    assert said.endswith(" clean`.")


def test_a_query_over_a_dataset_that_is_no_input_says_where_to_add_it(node: Any) -> None:
    jobs.build(node, "SHOP", ["cleaned"])
    node.projects.save("SHOP", {"flow/recipes/total.sql": "SELECT * FROM sales"}, author="me", message="Else")
    with pytest.raises(
        JobFailed, match=r"reads sales, which is not .* Add sales .*`inputs: \[cleaned, sales\]`"
    ):
        jobs.build(node, "SHOP", ["totals"])
    node.projects.save(
        "SHOP", {"flow/recipes/total.sql": "SELECT * FROM cleand"}, author="me", message="Typo"
    )
    with pytest.raises(JobFailed, match=r"no table 'cleand' in the inputs\. Did you mean cleaned"):
        jobs.build(node, "SHOP", ["totals"])


def test_a_forbidden_statement_is_a_problem_of_the_project(node: Any) -> None:
    (node.projects.path("SHOP") / "flow/recipes/total.sql").write_text("DROP TABLE cleaned")
    [problem] = node.projects.validate("SHOP")
    assert "total.sql: A SQL recipe may only SELECT; this is DROP" in str(problem)
    with pytest.raises(InvalidDefinition, match="may only SELECT"):
        jobs.build(node, "SHOP", ["totals"])
