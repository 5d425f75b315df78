"""Projects as folders of YAML in git."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from penstock.core import flow, registry
from penstock.core.errors import (
    Conflict,
    Invalid,
    InvalidDefinition,
    InvalidName,
    NotFound,
    Refused,
    SaveConflict,
)
from penstock.core.evaluation import EvaluationStore
from penstock.core.folder import Folder
from penstock.core.kind import Definition
from penstock.core.model import SavedModel
from penstock.core.project import FORMAT, Zone, Zones
from penstock.store import reading
from penstock.store.git import blob_hash
from penstock.store.projects import FileProjects

IN, OUT, COPY = "flow/datasets/a.yaml", "flow/datasets/b.yaml", "flow/recipes/copy.yaml"


def dataset(kind: str = "outer", **fields: Any) -> Definition:
    return registry.parse("datasets", {"type": kind, **fields})


def recipe(kind: str = "copying", **fields: Any) -> Definition:
    return registry.parse("recipes", {"type": kind, **fields})


def save(projects: FileProjects, files: dict[str, Any], **extra: Any) -> str:
    return projects.save("P", files, author="Eva", message="Change", **extra)


def a_flow(projects: FileProjects) -> None:
    """a → copy → b"""
    save(projects, {IN: dataset(), OUT: dataset("inner"), COPY: recipe(input="a", output="b")})


def write(projects: FileProjects, file: str, text: str) -> None:
    """What a person does with an editor."""
    path = projects.path("P") / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def problems(projects: FileProjects) -> list[tuple[str, int, str, str]]:
    return [(p.file, p.line, p.field, p.problem) for p in projects.validate("P")]


# which there are


def test_a_new_project_is_an_empty_flow_with_one_commit_by_its_author(projects: FileProjects) -> None:
    project = projects.load("P")
    assert (project.key, project.settings.title, project.items, project.recipes) == ("P", "Trial", {}, {})
    (first,) = projects.history("P")
    assert first.author.startswith("Eva <eva@")
    assert first.files == (".gitignore", "project.yaml")
    assert projects.read("P", "project.yaml")[0] == f"format: {FORMAT}\ntitle: Trial\n"
    assert projects.keys() == ["P"]


def test_a_key_is_taken_once_and_an_unknown_one_is_not_found(projects: FileProjects) -> None:
    with pytest.raises(Conflict, match="project P already"):
        projects.create("P", title="", author="Eva")
    with pytest.raises(NotFound):
        projects.load("Q")
    assert projects.keys() == ["P"]


@pytest.mark.parametrize("key", ["", "p", "../P", "P/Q", ".P", "P" * 81, "1P", "P\n"])
def test_a_key_that_could_lead_elsewhere_is_refused(projects: FileProjects, key: str) -> None:
    for ask in (projects.load, projects.path, projects.delete):
        with pytest.raises(InvalidName):
            ask(key)
    with pytest.raises(InvalidName):
        projects.create(key, title="", author="Eva")


@pytest.mark.parametrize(
    "file",
    ["", "/etc/passwd", "../Q/project.yaml", "flow/../x", "a//b", ".git/config", "lib/.hidden", "lib\\x.py", "a\0b",
     "flow/datasets/../../x.yaml", "flow/datasets/my-data.yaml", "flow/datasets/sub/x.yaml", "flow/dataset/x.yaml",
     "flow/datasets/" + "x" * 101 + ".yaml"],
)  # fmt: skip
def test_a_file_that_leads_out_or_hides_is_neither_written_nor_read(
    projects: FileProjects, file: str
) -> None:
    with pytest.raises(InvalidName):
        save(projects, {file: "type: outer\n"})
    with pytest.raises(InvalidName):
        projects.read("P", file)


def test_a_deleted_project_lies_in_the_trash(projects: FileProjects, tmp_path: Path) -> None:
    projects.set_variables("P", {"x": 1}, author="Eva", local=True)
    projects.delete("P")
    assert projects.keys() == []
    assert len(list((tmp_path / "home/trash").glob("P-*/project.yaml"))) == 1
    assert projects.create("P", title="", author="Eva").local_variables == {}


# saving and loading


def test_every_sort_of_object_comes_back_as_it_was_saved(projects: FileProjects) -> None:
    saved = {
        IN: dataset(
            place="x", columns=[{"name": "n", "type": "int", "description": "no"}], tags=["on", "007"]
        ),
        OUT: dataset("inner", description="several\nlines\n", annotations={"a": [1, 1.5, None, "true"]}),
        COPY: recipe(input="a", output="b", more=[{"dataset": "a", "factor": 0.5}], by_role={"x": "a"}),
        "flow/folders/f.yaml": Folder(id="abcd1234"),
        "flow/models/m.yaml": SavedModel(activation="manual"),
        "flow/evaluations/e.yaml": EvaluationStore(title="Ä"),
        "flow/zones.yaml": Zones(zones={"Z": Zone(items=("a",))}),
    }
    save(projects, saved)
    project = FileProjects(projects.home).load("P")
    assert {**project.datasets, **project.recipes, **project.folders} == {
        "a": saved[IN], "b": saved[OUT], "copy": saved[COPY], "f": saved["flow/folders/f.yaml"],
    }  # fmt: skip
    assert project.models["m"] == saved["flow/models/m.yaml"]
    assert project.evaluation_stores["e"] == saved["flow/evaluations/e.yaml"]
    assert project.zones == saved["flow/zones.yaml"]
    assert projects.validate("P") == []


def test_saving_what_is_there_already_changes_no_byte_and_makes_no_commit(projects: FileProjects) -> None:
    a_flow(projects)
    before = len(projects.history("P"))
    project = projects.load("P")
    head = save(projects, {IN: project.datasets["a"], COPY: project.recipes["copy"]})
    assert head == projects.history("P")[0].id
    assert len(projects.history("P")) == before


def test_comments_and_order_of_a_file_survive_a_save(projects: FileProjects) -> None:
    write(projects, IN, "# mine\nlimit: 5  # five\ntype: outer\n\n# where\nplace: here\n")
    save(projects, {IN: projects.load("P").datasets["a"].changed(limit=6)})
    assert projects.read("P", IN)[0] == "# mine\nlimit: 6  # five\ntype: outer\n\n# where\nplace: here\n"


def test_the_code_of_a_recipe_stands_in_a_file_of_its_own(projects: FileProjects) -> None:
    save(projects, {IN: dataset(), OUT: dataset("inner")})
    code = "import x\n\nprint('é')\n"
    save(projects, {"flow/recipes/c.yaml": recipe("coding", inputs=["a"], outputs=["b"], body=code)})
    assert projects.read("P", "flow/recipes/c.py")[0] == code
    assert projects.read("P", "flow/recipes/c.yaml")[0] == "type: coding\ninputs: [a]\noutputs: [b]\n"
    write(projects, "flow/recipes/c.py", "pass\n")
    assert getattr(projects.load("P").recipes["c"], "body") == "pass\n"  # noqa: B009
    save(projects, {"flow/recipes/c.yaml": None})
    assert not (projects.path("P") / "flow/recipes/c.py").exists()


def test_a_recipe_that_becomes_another_kind_leaves_no_code_behind(projects: FileProjects) -> None:
    a_flow(projects)
    save(projects, {COPY: recipe("coding", inputs=["a"], outputs=["b"], body="")})
    assert (projects.path("P") / "flow/recipes/copy.py").exists()
    save(projects, {COPY: recipe(input="a", output="b")})
    assert not (projects.path("P") / "flow/recipes/copy.py").exists()


def test_files_edited_by_hand_are_seen_at_once_and_reported_as_uncommitted(projects: FileProjects) -> None:
    a_flow(projects)
    for limit in range(1, 6):
        write(projects, IN, f"type: outer\nlimit: {limit}\n")
        assert getattr(projects.load("P").datasets["a"], "limit") == limit  # noqa: B009
    assert projects.uncommitted("P") == [IN]
    (projects.path("P") / IN).unlink()
    write(projects, COPY, "type: coding\nbody: pass\n")
    assert list(projects.load("P").items) == ["b"]


def test_a_new_folder_gets_an_id_and_keeps_it(projects: FileProjects) -> None:
    save(projects, {"flow/folders/f.yaml": Folder()})
    id = projects.load("P").folders["f"].id
    assert len(id) == 8
    save(projects, {"flow/folders/f.yaml": projects.load("P").folders["f"].changed(title="F")})
    assert projects.load("P").folders["f"].id == id
    write(projects, "flow/folders/old.yaml", "title: by hand\n")
    save(projects, {"flow/folders/old.yaml": projects.load("P").folders["old"].changed(title="O")})
    assert projects.load("P").folders["old"].id == ""


def test_the_library_has_a_hash_that_tells_contents_and_names(projects: FileProjects) -> None:
    hashes = [projects.load("P").library_hash]
    for file, text in [("lib/x.py", "a = 1"), ("lib/x.py", "a = 2"), ("lib/sub/y.py", "")]:
        write(projects, file, text)
        hashes.append(projects.load("P").library_hash)
    write(projects, "lib/__pycache__/x.pyc", "compiled")
    assert projects.load("P").library_hash == hashes[-1]
    assert hashes[0] == ""
    assert len(set(hashes)) == 4


def test_a_project_of_500_objects_parses_only_what_changed(
    projects: FileProjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: dict[str, Any] = {f"flow/datasets/d{n}.yaml": dataset("inner") for n in range(250)}
    files |= {f"flow/recipes/r{n}.yaml": recipe(input=f"d{n}", output=f"d{n + 1}") for n in range(249)}
    save(projects, files)
    projects.load("P")
    parsed: list[str] = []
    original = reading.parse

    def counted(text: str, *, file: str = "") -> Any:
        parsed.append(file)
        return original(text, file=file)

    monkeypatch.setattr(reading, "parse", counted)
    fresh = FileProjects(projects.home)
    fresh.load("P")
    assert parsed == [], "a fresh process finds what was parsed before"
    write(projects, "flow/datasets/d7.yaml", "type: inner\ntitle: new\n")
    assert fresh.load("P").datasets["d7"].title == "new"
    assert parsed == ["flow/datasets/d7.yaml"]


# refusals


def test_nothing_is_written_when_one_of_several_files_is_wrong(projects: FileProjects) -> None:
    a_flow(projects)
    before = (len(projects.history("P")), projects.read("P", IN))
    with pytest.raises(InvalidDefinition, match="Did you mean a"):
        save(projects, {IN: dataset(limit=9), COPY: recipe(input="aa", output="b")})
    with pytest.raises(InvalidDefinition, match="limt"):
        save(projects, {OUT: dataset("inner", title="x"), IN: "type: outer\nlimt: 3\n"})
    assert (len(projects.history("P")), projects.read("P", IN)) == before
    assert projects.uncommitted("P") == []


def test_what_others_need_cannot_be_taken_away(projects: FileProjects) -> None:
    a_flow(projects)
    with pytest.raises(InvalidDefinition, match="no object 'a'") as refused:
        save(projects, {IN: None})
    assert refused.value.file == COPY
    save(projects, {IN: None, COPY: None})
    assert list(projects.load("P").items) == ["b"]


def test_a_problem_that_was_there_before_does_not_hinder_saving_something_else(
    projects: FileProjects,
) -> None:
    a_flow(projects)
    write(projects, "flow/datasets/broken.yaml", "type: outer\nlimit: many\n")
    save(projects, {OUT: dataset("inner", title="fine")})
    with pytest.raises(InvalidDefinition, match="limit"):
        projects.load("P").dataset("broken")
    _, read = projects.read("P", "flow/datasets/broken.yaml")
    save(
        projects,
        {"flow/datasets/broken.yaml": "type: outer\nlimit: 3\n"},
        base={"flow/datasets/broken.yaml": read},
    )
    assert projects.load("P").datasets["b"].title == "fine"


def test_a_broken_project_file_can_be_repaired_by_a_save(projects: FileProjects) -> None:
    write(projects, "project.yaml", "format: 1\ntitel: x\n  y\n")
    _, read = projects.read("P", "project.yaml")
    save(projects, {"project.yaml": "format: 1\ntitle: Again\n"}, base={"project.yaml": read})
    assert projects.load("P").settings.title == "Again"


def test_a_save_over_somebody_elses_is_refused_with_what_they_did(projects: FileProjects) -> None:
    a_flow(projects)
    _, mine = projects.read("P", IN)
    save(projects, {IN: dataset(limit=1)})
    with pytest.raises(SaveConflict) as refused:
        save(projects, {IN: dataset(limit=2)}, base={IN: mine})
    assert "+limit: 1" in refused.value.diff
    assert "-limit" not in refused.value.diff
    assert refused.value.by == "Eva"
    assert getattr(projects.load("P").datasets["a"], "limit") == 1  # noqa: B009
    _, now = projects.read("P", IN)
    save(projects, {IN: dataset(limit=2)}, base={IN: now})


def test_a_file_that_should_be_new_and_is_not_is_a_conflict(projects: FileProjects) -> None:
    save(projects, {IN: dataset()}, base={IN: ""})
    with pytest.raises(SaveConflict):
        save(projects, {IN: dataset(limit=2)}, base={IN: ""})
    with pytest.raises(SaveConflict):
        save(projects, {OUT: dataset("inner")}, base={OUT: blob_hash(b"gone")})


def test_links_out_of_the_project_are_refused(projects: FileProjects, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("type: outer\n")
    (projects.path("P") / "flow/datasets").mkdir(parents=True)
    (projects.path("P") / IN).symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(InvalidDefinition, match="leads out"):
        projects.load("P").dataset("a")
    with pytest.raises(NotFound):
        projects.read("P", IN)
    assert [p.problem for p in projects.validate("P")] == ["This link leads out of the project."]
    (projects.path("P") / IN).unlink()
    (projects.path("P") / "lib").symlink_to(tmp_path)
    (projects.path("P") / "flow/datasets/sub").symlink_to(tmp_path)
    with pytest.raises(InvalidDefinition, match="Links to folders"):
        projects.load("P").check_files()


def test_a_broken_file_hides_its_own_object_and_no_other(projects: FileProjects) -> None:
    a_flow(projects)
    write(projects, OUT, "type: inner\ntitel: B\n")
    write(projects, "flow/datasets/y.yml", "type: inner\n")
    write(projects, "scenarios/s.yaml", "steps: 3\n")
    project = projects.load("P")
    assert (list(project.items), list(project.recipes), list(project.scenarios)) == (["a"], ["copy"], [])
    assert [p.file for p in project.problems] == [OUT, "flow/datasets/y.yml", "scenarios/s.yaml"]
    for ask in (lambda: project.item("b"), lambda: project.dataset("b"), lambda: project.item_type("b")):
        with pytest.raises(InvalidDefinition, match=r"b\.yaml:2: titel"):
            ask()
    with pytest.raises(InvalidDefinition, match="yaml"):
        project.item("y")
    with pytest.raises(InvalidDefinition, match="steps"):
        project.scenario("s")
    with pytest.raises(NotFound):
        project.model("b")
    assert flow.problems(project) == [], "that b is missing is no news"
    write(projects, OUT, "type: inner\n")
    assert OUT not in [p.file for p in projects.load("P").problems]


def test_a_rename_waits_until_every_file_can_be_read(projects: FileProjects) -> None:
    a_flow(projects)
    write(projects, "flow/recipes/odd.yaml", "type: copying\ninput: a\noutptu: b\n")
    with pytest.raises(InvalidDefinition, match="outptu"):
        projects.rename("P", "a", "better", author="Eva")


# validating


def test_every_problem_has_file_line_field_and_the_nearest_word(projects: FileProjects) -> None:
    a_flow(projects)
    write(
        projects,
        "flow/datasets/x.yaml",
        "type: outer\n\nlimt: 3\nplace: [1]\ncolumns:\n  - name: q\n    type: bigit\n",
    )
    write(projects, "flow/datasets/y.yaml", "type: oter\n")
    write(projects, "flow/datasets/z.yaml", "type: outer\na: 1\na: 2\n")
    write(projects, COPY, "type: copying\ninput: a\noutput: b\nmore:\n  - dataset: a\n  - dataset: aaa\n")
    found = {(file, line, field): problem for file, line, field, problem in problems(projects)}
    assert "Did you mean limit" in found["flow/datasets/x.yaml", 3, "limt"]
    assert ("flow/datasets/x.yaml", 4, "place") in found
    assert "not one of the words" in found["flow/datasets/x.yaml", 7, "columns.0.type"]
    assert "Did you mean outer" in found["flow/datasets/y.yaml", 1, "type"]
    assert "twice" in found["flow/datasets/z.yaml", 3, ""]
    assert "no object 'aaa'" in found[COPY, 6, "more.1.dataset"]
    assert len(found) == 6


def test_a_problem_in_a_short_form_or_between_settings_names_its_own_line(projects: FileProjects) -> None:
    write(projects, "flow/models/m.yaml", "design:\n  target: x\n  algorithms: [ridge, rigde]\n")
    write(
        projects, IN,
        "type: outer\nchecks:\n"
        "  - {type: numeric_range, name: A, metric: m}\n"
        "  - {type: numeric_range, name: B, metric: m, minimum: 5, maximum: 1}\n"
        "  - {type: numeric_range, name: A, metric: m}\n",
    )  # fmt: skip
    write(projects, "project.yaml", "format: 1\nvariables:\n  good: 1\n  a b: 2\n")
    write(projects, "flow/zones.yaml", "zones:\n  Z:\n    items: []\n    color: red\n")
    found = {(file, line, field): problem for file, line, field, problem in problems(projects)}
    assert "Did you mean ridge" in found["flow/models/m.yaml", 3, "design.algorithms.1"]
    assert "minimum 5 is above maximum 1" in found[IN, 4, "checks.1.maximum"]
    assert "no name for a variable" in found["project.yaml", 4, "variables.a b"]
    assert "no colour" in found["flow/zones.yaml", 4, "zones.Z.color"]
    assert "Two of them are called 'A'" in found[IN, 5, "checks.2"]
    assert len(found) == 5


def test_all_layers_of_problems_are_told_at_once(projects: FileProjects) -> None:
    a_flow(projects)
    write(
        projects, IN,
        "type: outer\nlimit: many\nchecks:\n"
        "  - {type: numeric_rang}\n  - {type: numeric_range, name: A}\n  - {type: python, nmae: x}\n",
    )  # fmt: skip
    write(projects, "flow/recipes/odd.yaml", "type: copying\ninput: nowhere\noutput: b\n")
    found = {(file, line, field) for file, line, field, _ in problems(projects)}
    assert {
        (IN, 2, "limit"), (IN, 4, "checks.0.type"), (IN, 5, "checks.1.metric"), (IN, 6, "checks.2.nmae"),
        ("flow/recipes/odd.yaml", 2, "input"), ("flow/recipes/odd.yaml", 3, "output"),
    } <= found  # fmt: skip


def test_problems_of_the_graph_are_told_with_their_line(projects: FileProjects) -> None:
    a_flow(projects)
    write(projects, "flow/datasets/c.yaml", "type: inner\n")
    write(projects, "flow/recipes/two.yaml", "type: copying\ninput: b\noutput: b\n")
    write(projects, "flow/recipes/ext.yaml", "type: copying\ninput: b\noutput: a\n")
    write(projects, "flow/recipes/kind.yaml", "type: copying\ninput: a\noutput: c\nmodel: b\n")
    write(projects, "flow/folders/a.yaml", "title: same name\n")
    told = problems(projects)
    assert any(f == "flow/recipes/two.yaml" and "is written by recipe copy too" in p for f, _, _, p in told)
    assert any(f == "flow/recipes/ext.yaml" and line == 3 and "external" in p for f, line, _, p in told)
    assert any(f == "flow/recipes/kind.yaml" and line == 4 and "a model" in p for f, line, _, p in told)
    assert any(f == "flow/folders/a.yaml" and "names are unique" in p for f, _, _, p in told)
    assert any("circle" in p for _, _, _, p in told)


def test_misplaced_and_misnamed_files_are_told(projects: FileProjects) -> None:
    for file in (
        "flow/dataset/x.yaml",
        "flow/datasets/y.yml",
        "flow/datasets/my-data.yaml",
        "flow/recipes/z.py",
    ):
        write(projects, file, "type: outer\n")
    write(projects, "flow/README.md", "# notes are welcome")
    assert [file for file, _, _, _ in problems(projects)] == [
        "flow/dataset/x.yaml", "flow/datasets/my-data.yaml", "flow/datasets/y.yml", "flow/recipes/z.py"
    ]  # fmt: skip


def test_code_that_is_missing_or_said_twice_is_told(projects: FileProjects) -> None:
    write(projects, "flow/recipes/c.yaml", "type: coding\n")
    assert "flow/recipes/c.py" in problems(projects)[0][3]
    write(projects, "flow/recipes/c.yaml", "type: coding\nbody: pass\n")
    assert not any("body" in p[2] for p in problems(projects))
    write(projects, "flow/recipes/c.py", "pass\n")
    assert "file of its own" in problems(projects)[0][3]


# variables


def test_variables_are_merged_standard_ones_in_git_local_ones_beside(projects: FileProjects) -> None:
    write(projects, "project.yaml", "format: 1\n# mine\nvariables:\n  a: 1  # one\n")
    projects.set_variables("P", {"b": {"x": [1, "no"]}}, author="Eva")
    projects.set_variables("P", {"a": 2, "c": None}, author="Eva", local=True)
    projects.set_variables("P", {"d": "2026-01-01"}, author="Eva", local=True, remove=["c"])
    project = projects.load("P")
    assert project.settings.variables == {"a": 1, "b": {"x": [1, "no"]}}
    assert project.local_variables == {"a": 2, "d": "2026-01-01"}
    assert "# mine\nvariables:\n  a: 1  # one\n" in projects.read("P", "project.yaml")[0]
    assert projects.history("P")[0].message == "Set variables: b"
    projects.set_variables("P", {}, author="Eva", remove=["a", "b"])
    assert projects.load("P").settings.variables == {}


def test_node_variables_come_from_two_files_the_local_one_last(projects: FileProjects) -> None:
    assert projects.instance_variables() == {}
    (projects.home / "variables.yaml").write_text("a: 1\nb: 1\n")
    (projects.home / "local").mkdir(exist_ok=True)
    (projects.home / "local/variables.yaml").write_text("b: 2\n")
    assert projects.instance_variables() == {"a": 1, "b": 2}


@pytest.mark.parametrize("local", [False, True])
def test_a_variable_that_no_formula_can_name_is_refused(projects: FileProjects, local: bool) -> None:
    for name in ("a b", "1a", "", "${x}"):
        with pytest.raises(Invalid, match="no name for a variable"):
            projects.set_variables("P", {name: 1}, author="Eva", local=local)


def test_a_variable_without_a_value_is_told_and_hinders_no_save(projects: FileProjects) -> None:
    a_flow(projects)
    text = "type: copying\ninput: a\noutput: b\ntitle: ${shown}\nby_role: {x: a}\n"
    write(projects, "project.yaml", "format: 1\nvariables: {known: 1}\n")
    text += "more: [{dataset: a, label: '${known} ${unknwon} ${x|default:1} $${typed}'}]\n"
    save(projects, {COPY: text})
    assert [(p[:3], "'unknwon' has no value. Did you mean known?" in p[3]) for p in problems(projects)] == [
        ((COPY, 6, "more"), True)
    ]
    projects.set_variables("P", {"unknwon": 1}, author="Eva", local=True)
    assert problems(projects) == []


# renaming


def test_a_renamed_object_is_renamed_wherever_it_is_named(projects: FileProjects) -> None:
    a_flow(projects)
    write(
        projects,
        COPY,
        "type: copying\ninput: a  # from\noutput: b\nmore:\n  - {dataset: a}\nby_role: {x: a}\n",
    )
    save(projects, {"flow/zones.yaml": Zones(zones={"Z": Zone(items=("a",), shared=("a",))})})
    projects.rename("P", "a", "better", author="Eva")
    project = projects.load("P")
    assert list(project.datasets) == ["b", "better"]
    assert project.recipes["copy"].reads == ("better",)
    assert project.zones.zones["Z"] == Zone(items=("better",), shared=("better",))
    assert "input: better  # from\n" in projects.read("P", COPY)[0]
    assert projects.validate("P") == []
    assert projects.history("P")[0].message == "Rename a to better"
    assert projects.uncommitted("P") == []


def test_a_recipe_is_renamed_with_its_code(projects: FileProjects) -> None:
    save(
        projects,
        {OUT: dataset("inner"), "flow/recipes/c.yaml": recipe("coding", outputs=["b"], body="pass\n")},
    )
    projects.rename("P", "c", "clean", author="Eva")
    assert list(projects.load("P").recipes) == ["clean"]
    assert projects.read("P", "flow/recipes/clean.py")[0] == "pass\n"


def test_a_name_that_is_taken_unknown_or_bad_is_refused(projects: FileProjects) -> None:
    a_flow(projects)
    for old, new, error in [("a", "b", Conflict), ("x", "y", NotFound), ("a", "../y", InvalidName)]:
        with pytest.raises(error):
            projects.rename("P", old, new, author="Eva")


# taking in


def test_a_folder_is_taken_in_under_its_name_with_its_history(projects: FileProjects, tmp_path: Path) -> None:
    a_flow(projects)
    source = tmp_path / "my-trial"
    projects.path("P").rename(source)
    (source / ".git/hooks").mkdir(exist_ok=True)
    (source / ".git/hooks/post-commit").write_text("#!/bin/sh\n")
    (source / "notes.md").write_text("hello")
    project = projects.add(source, author="Eva")
    assert (project.key, list(project.items)) == ("MY_TRIAL", ["a", "b"])
    assert [r.message for r in projects.history("MY_TRIAL")] == [
        "Add project MY_TRIAL",
        "Change",
        "Create project P",
    ]
    assert projects.history("MY_TRIAL")[0].files == ("notes.md",)
    assert not (projects.path("MY_TRIAL") / ".git/hooks/post-commit").exists()


def test_a_broken_folder_or_one_that_is_no_project_is_not_taken_in(
    projects: FileProjects, tmp_path: Path
) -> None:
    source = tmp_path / "Q"
    (source / "flow/datasets").mkdir(parents=True)
    with pytest.raises(Invalid, match=r"no project\.yaml"):
        projects.add(source, author="Eva")
    (source / "project.yaml").write_text("format: 1\n")
    (source / "flow/datasets/x.yaml").write_text("type: nothing\n")
    with pytest.raises(InvalidDefinition):
        projects.add(source, author="Eva")
    (source / "flow/datasets/x.yaml").write_text("type: outer\n")
    (source / "link").symlink_to("/etc")
    with pytest.raises(Refused, match="link"):
        projects.add(source, author="Eva")
    (source / "link").unlink()
    with pytest.raises(Conflict):
        projects.add(source, author="Eva", key="P")
    assert projects.keys() == ["P"]
    assert [p.name for p in (projects.home / "projects").iterdir()] == ["P"]


@pytest.mark.requirement("A15")
def test_a_copy_of_a_project_shares_no_path_with_it(projects: FileProjects) -> None:
    a_flow(projects)
    projects.add(projects.path("P"), author="Eva", key="P2")
    projects.save("P2", {IN: dataset(limit=7)}, author="Eva", message="Only here")
    assert getattr(projects.load("P").datasets["a"], "limit") == 0  # noqa: B009
    assert projects.load("P").path != projects.load("P2").path
    assert projects.history("P")[0].message == "Change"


# formats


def test_a_project_of_a_newer_format_is_refused_plainly(projects: FileProjects) -> None:
    write(projects, "project.yaml", f"format: {FORMAT + 1}\n")
    with pytest.raises(Refused, match="newer Penstock"):
        projects.load("P")
    with pytest.raises(Refused, match="newer Penstock"):
        save(projects, {IN: dataset()})


def test_parsed_files_are_remembered_by_their_text_and_a_broken_memory_is_no_harm(
    projects: FileProjects,
) -> None:
    save(projects, {f"flow/datasets/d{n}.yaml": dataset(limit=n) for n in range(25)})
    FileProjects(projects.home).load("P")
    cache = projects.home / "cache/P.json"
    assert len(json.loads(cache.read_bytes())) >= 25
    cache.write_text("{broken")
    assert len(FileProjects(projects.home).load("P").datasets) == 25
