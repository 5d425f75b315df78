"""Python recipes: what code can read and write, and every way in which it can fail."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.errors import ActivityFailed
from penstock.core.registry import parse
from penstock.engine import process

FLIGHTS = pa.table({"carrier": ["UA", "AA", "É", None], "delay": [1, 2, None, 4]})


@dataclass
class Activity:
    """Enough of a RecipeContext to run code in a real child process."""

    work: Path
    variables: Mapping[str, Any] = field(default_factory=lambda: {"limit": 3, "who": "é"})
    recipe_name: str = "clean"
    job: str = "job1"
    lines: list[str] = field(default_factory=list)
    written: dict[str, pa.Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("work", "lib", "flights", "raw", "made"):
            (self.work / name).mkdir(parents=True)
        pq.write_table(FLIGHTS.slice(0, 2), self.work / "flights" / "0.parquet")
        pq.write_table(FLIGHTS.slice(2), self.work / "flights" / "1.parquet")
        (self.work / "raw" / "a.txt").write_text("hello")
        (self.work / "lib" / "helping.py").write_text("def twice(x): return 2 * x\n")
        kinds = {
            "flights": "dataset",
            "out": "dataset",
            "second": "dataset",
            "raw": "folder",
            "made": "folder",
        }
        self.project = SimpleNamespace(
            key="FLIGHTS", path=self.work, item_type=kinds.get, datasets={"flights", "out", "second"}
        )

    def expand(self, text: str) -> str:
        return text.replace("${who}", "é")

    def parquet(self, name: str) -> Sequence[Path]:
        return sorted((self.work / name).glob("*.parquet"))

    def folder(self, name: str) -> Path:
        return self._folder(name)

    def change_folder(self, name: str) -> Path:
        return self._folder(name)

    def _folder(self, name: str) -> Path:
        return self.work / name

    def run_python(self, code: Path, environment: Mapping[str, str], code_environment: str = "") -> None:
        process.run(
            code, environment=environment, log=self.lines.append, should_stop=lambda: False, work=self.work
        )

    def write(self, name: str, folder: Path) -> None:
        self.written[name] = pq.read_table(folder)

    def append(self, name: str, rows: pa.Table) -> None:
        self.written[f"{name} appended"] = rows


@pytest.fixture
def activity(tmp_path: Path) -> Activity:
    return Activity(tmp_path)


def run(activity: Activity, code: str, **more: Any) -> dict[str, Any]:
    settings = {"inputs": ["flights", "raw"], "outputs": ["out", "made"], **more}
    recipe: Any = parse("recipes", {"type": "python", "body": textwrap.dedent(code), **settings})
    recipe.run(activity)
    return {name: table.to_pydict() for name, table in activity.written.items()}


def test_a_table_read_and_written_as_arrow(activity: Activity) -> None:
    found = run(
        activity,
        """
        from penstock import Dataset
        table = Dataset("flights").arrow()
        print(table.num_rows, Dataset("flights").columns)
        Dataset("out").write(table.slice(1))
        """,
    )
    assert found["out"] == {"carrier": ["AA", "É", None], "delay": [2, None, 4]}
    assert activity.lines == ["4 ['carrier', 'delay']"]


def test_batches_stay_small_and_pieces_are_written_one_after_the_other(activity: Activity) -> None:
    found = run(
        activity,
        """
        from penstock import Dataset
        with Dataset("out").writer() as writer:
            for batch in Dataset("flights").batches(1, columns=["delay"]):
                assert batch.num_rows == 1
                writer.write(batch)
            print(writer.rows)
        """,
    )
    assert found["out"] == {"delay": [1, 2, None, 4]}


def test_rows_as_mappings_and_a_library_variables_and_environment(activity: Activity) -> None:
    found = run(
        activity,
        """
        import os
        from helping import twice
        from penstock import Dataset, project, variables
        with Dataset("out").writer() as writer:
            for row in Dataset("flights").iter_rows():
                writer.write_row({"n": twice(row["delay"] or 0), "who": os.environ["WHO"]})
        print(project.key, project.recipe, variables["limit"] + 1, variables.get("nothing"), dict(variables))
        """,
        environment={"WHO": "${who}"},
    )
    assert found["out"] == {"n": [2, 4, 0, 8], "who": ["é"] * 4}
    assert activity.lines == ["FLIGHTS clean 4 None {'limit': 3, 'who': 'é'}"]


def test_data_frames_when_pandas_is_wanted(activity: Activity) -> None:
    found = run(
        activity,
        """
        import sys
        from penstock import Dataset
        Dataset("flights").columns
        assert "pandas" not in sys.modules
        frame = Dataset("flights").dataframe()
        frame["day"] = "2013"
        Dataset("out").write(frame[frame.delay > 1])
        """,
    )
    assert found["out"] == {"carrier": ["AA", None], "delay": [2.0, 4.0], "day": ["2013", "2013"]}


def test_folders_are_read_listed_and_written_whole(activity: Activity) -> None:
    run(
        activity,
        """
        from penstock import Dataset, Folder
        raw, made = Folder("raw"), Folder("made")
        assert raw.paths() == ["a.txt"] and raw.read("a.txt") == b"hello"
        made.write("sub/b.txt", "é")
        with made.open("c.bin", "wb") as file:
            file.write(b"1")
        try:
            with made.open("broken.txt", "w") as file:
                file.write("half")
                raise RuntimeError
        except RuntimeError:
            pass
        print(made.paths())
        Dataset("out").write({"a": [1]})
        """,
    )
    assert activity.lines == ["['c.bin', 'sub/b.txt']"]


def test_no_rows_still_have_columns(activity: Activity) -> None:
    run(
        activity,
        """
        import pyarrow as pa
        from penstock import Dataset
        with Dataset("out").writer(pa.schema({"a": pa.int64()})):
            pass
        """,
    )
    assert activity.written["out"].schema == pa.schema({"a": pa.int64()})


def test_appending_keeps_the_old_rows(activity: Activity) -> None:
    code = """
        from penstock import Dataset
        with Dataset("out").writer(append=True) as writer:
            writer.write([{"a": 1}])
    """
    assert run(activity, code) == {"out appended": {"a": [1]}}


@pytest.mark.requirement("A22")
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise ValueError('no')", "ValueError: no"),
        ("import sys; sys.exit(2)", "exit code 2"),
        ("w = penstock.Dataset('out').writer(); w.write([{'a': 1}])", "left the writer of out open"),
        (
            "w = penstock.Dataset('out').writer(); w.write([{'a': 1}]); import os; os._exit(0)",
            "left the writer of out open",
        ),
        ("pass", "without writing its output out"),
        ("with penstock.Dataset('out').writer() as w: pass", "nobody said its columns"),
        ("penstock.Dataset('flights').write({'a': [1]})", "may read flights, not write it"),
        ("penstock.Dataset('flihts').arrow()", r"no dataset 'flihts'.*Did you mean flights"),
        ("penstock.Dataset('flights').arrow(columns=['dely'])", r"no column 'dely'.*Did you mean delay"),
        ("penstock.Folder('raw').write('x', 'y')", "may read raw, not write it"),
        ("penstock.Folder('raw').read('../../x')", "not inside folder raw"),
        ("penstock.Folder('raw').read('a.tx')", r"no file 'a\.tx'.*Did you mean a\.txt"),
        ("penstock.variables['limi']", r"limi.*Did you mean limit"),
        ("penstock.Dataset('out').write(7)", "cannot be written from a int"),
    ],
)
def test_every_mistake_fails_the_activity_and_nothing_is_written(
    activity: Activity, code: str, said: str
) -> None:
    with pytest.raises(ActivityFailed, match=said):
        run(activity, f"import penstock\n{code}")
    assert activity.written == {}


def test_pieces_must_have_the_same_columns(activity: Activity) -> None:
    code = """
        import penstock
        with penstock.Dataset("out").writer() as w:
            w.write({"a": [1], "b": [2]})
            w.write({"a": [1]})
    """
    with pytest.raises(ActivityFailed, match="lacks b"):
        run(activity, code)


def test_outside_of_a_recipe_it_says_where_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    from penstock.core.errors import NotReady
    from penstock.sdk.dataset import Dataset

    monkeypatch.delenv("PENSTOCK_HANDSHAKE", raising=False)
    with pytest.raises(NotReady, match=r"penstock\.open"):
        Dataset("flights").arrow()


def test_it_begins_with_code_for_what_it_reads_and_writes() -> None:
    recipe = parse("recipes", {"type": "python", "inputs": ["flights", "files"], "outputs": ["made"]})
    types = {"flights": "dataset", "files": "folder", "made": "dataset"}
    begun = recipe.starter(types)
    assert begun.startswith("from penstock import Dataset, Folder\n")
    assert 'files = Folder("files")' in begun
    assert 'Dataset("made").write(flights)' in begun


def test_without_a_dataset_to_read_it_begins_with_rows_of_its_own() -> None:
    recipe = parse("recipes", {"type": "python", "outputs": ["made"]})
    assert 'Dataset("made").write([{"column": "value"}])' in recipe.starter({"made": "dataset"})


@pytest.mark.parametrize(
    ("body", "said"),
    [("x = 1", []), ("x = '\\d'", []), ("x = 1\nif x\n", ["Line 2, character 5: expected ':'."])],
)
def test_what_python_cannot_read_is_told_with_its_place(body: str, said: list[str]) -> None:
    assert parse("recipes", {"type": "python", "outputs": ["made"], "body": body}).flaws() == said
