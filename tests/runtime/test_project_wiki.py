"""The project wiki: it says what is so, knows what it stands on, and tells which article is no longer true."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from penstock.core import documented
from penstock.core.errors import Invalid
from penstock.core.node import Node
from penstock.core.wiki import walked
from penstock.runtime import project_wiki, variables, wiki
from penstock.runtime.documenting.material import Material
from penstock.testing import a_node, a_project
from tests.runtime.documented import SEALED, a_documented_node, linking, ship

SECTIONS = (
    "project-goals", "code-environment-and-plugins", "data-sources", "data-processing", "ml-modeling", "dashboards",
    "scenarios-metrics-and-checks", "deployment",
)  # fmt: skip
EDITS = 50


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Node, dict[str, dict[str, str]]]:
    """Both example projects, shipped on paper and documented."""
    node = a_documented_node(tmp_path_factory.mktemp("documented"))
    keys = {key: ship(node, key) for key in ("FLIGHTS", "FRAUD")}
    for key in keys:
        project_wiki.generate(node, key, author="ann")
    return node, keys


def _text(node: Node, project: str, article: str) -> str:
    """An article as people read it, without escapes."""
    return re.sub(r"\\([_*|<>\[\]~`])", r"\1", wiki.show(node, project, article).text)


@pytest.mark.requirement("D82")
@pytest.mark.parametrize("project", ["FLIGHTS", "FRAUD"])
def test_the_eight_sections_stand_in_their_order_and_no_link_leads_nowhere(
    shipped: tuple[Node, object], project: str
) -> None:
    node, _ = shipped
    tree = wiki.tree(node, project)
    assert tuple(entry.article for entry in tree.tree) == SECTIONS
    assert tree.first == "project-goals"
    dead = {e.article: wiki.show(node, project, e.article).dead for _, e in walked(tree.tree)}
    assert not {article: links for article, links in dead.items() if links}


@pytest.mark.requirement("D82")
@pytest.mark.parametrize("project", ["FLIGHTS", "FRAUD"])
def test_what_can_be_derived_is_true(shipped: tuple[Node, dict[str, dict[str, str]]], project: str) -> None:
    """Every item that deployment §5.2 marks as generable, one by one."""
    node, _ = shipped
    m = Material(node, project)

    def says(article: str, *words: object) -> None:
        text = _text(node, project, article)
        for word in words:
            assert str(word) in text, f"{article} does not say {word}"

    # Code environment: name, Python version, required packages, requirements.txt, dev against prod
    says("code-environment", "builtin", m.environment.python, "duckdb", "attachment:requirements.txt")
    packages = wiki.attachment(node, project, "code-environment", "requirements.txt").decode().splitlines()
    assert packages == [f"{p.name}=={p.version}" for p in m.environment.packages]
    says("code-environment", "v1", "none")
    # Plugins
    says("plugins", "No plugin is used")
    # Data sources: source, connection, table or path, schema with types and descriptions, production
    sources = [e for _, e in walked(wiki.tree(node, project).tree) if e.article.startswith("data-source-")]
    assert sources
    for entry in sources:
        name = entry.article.removeprefix("data-source-")
        says(
            entry.article,
            f"](dataset:{name})",
            "Connection",
            "Connection here and in production",
            "production",
        )
        says(entry.article, f"{project}-on-production", "the same as here, in bundle v1")
        for column in m.project.datasets[name].columns:
            says(entry.article, column.name, column.type, column.description)
        silent = [c.name for c in m.project.datasets[name].columns if not c.description]
        if silent:
            says(entry.article, f"{len(silent)} of", ", ".join(silent))
    # Data processing: type, inputs, outputs, steps, code of each recipe
    for name, recipe in m.project.recipes.items():
        says("data-processing", f"](recipe:{name})")
        says(
            f"recipe-{name}",
            recipe.short_description,
            *(f"]({m.project.item_type(i)}:{i})" for i in recipe.reads),
        )
        says(f"recipe-{name}", *(f"]({m.project.item_type(o)}:{o})" for o in recipe.writes))
        says(f"recipe-{name}", getattr(recipe, "body", "").strip())
        for step in getattr(recipe, "steps", ()):
            says(f"recipe-{name}", step.comment)
    # Models: training dataset, target, features, split, metric, algorithms, search, threshold
    for name, model in m.project.models.items():
        assert model.design is not None
        rejected = [c for c, f in model.design.features.items() if f.role == "reject"]
        says(
            f"model-{name}",
            model.design.target,
            *rejected,
            "Split",
            "Search",
            "Threshold",
            "Training dataset",
        )
        says(f"model-{name}", *(a.kind_name().replace("_", " ") for a in model.design.algorithms))
        says(f"model-{name}-behaviour", "Most important features", "Different inputs", "Monitoring")
    # Monitoring: frequency from triggers, limits of the stores' checks, plugins used for drift
    model = next(iter(m.project.models))
    for store, one in m.project.evaluation_stores.items():
        for check in one.checks:
            says(f"model-{model}-behaviour", f"](evaluation_store:{store})", check.name)
            says("metrics-and-checks", check.name)
    says(f"model-{model}-behaviour", "every week", "Plugins used for drift")
    # Dashboards: title, insights with their objects, how to make them again, production
    for name, board in m.project.dashboards.items():
        says(f"dashboard-{name}", board.title, "How to make it again", "bundle v1")
        for tile in (tile for page in board.pages for tile in page.tiles):
            says(f"dashboard-{name}", *(f":{r.name})" for r in tile.objects(project)))
    # The Flow as a picture
    says("flow-diagram", "attachment:flow.png")
    assert wiki.attachment(node, project, "flow-diagram", "flow.png").startswith(b"\x89PNG")
    # Scenarios: settings, steps, triggers, reporters; what becomes of their triggers at activation
    for name, scenario in m.project.scenarios.items():
        says(
            f"scenario-{name}",
            scenario.short_description,
            *scenario.labels,
            *(t.words for t in scenario.triggers),
        )
        says(
            f"scenario-{name}",
            f"{project}-on-production",
            "left alone",
            *(r.name for r in scenario.reporters),
        )
    # Variables and where they are used
    for name, value in m.project.settings.variables.items():
        says("project-variables", f"`{name}`", value)
    # Infrastructure: nodes, addresses, stage, remapped connections
    says("deployment", "http://automation.example.com:7878", "Production", "warehouse_dev → warehouse_prod")
    says("deployment", f"{project}-on-production", "bundle v1")
    # API services: endpoints, addresses, models, security with the number of keys
    for name, service in m.project.services.items():
        for endpoint in service.endpoints:
            says(
                f"service-{name}", endpoint.name, f"/public/api/v1/{name}/{endpoint.name}/{endpoint.VERBS[0]}"
            )
        says(
            f"service-{name}",
            "whoever shows an API key",
            "Keys of the service | 1",
            "Test queries",
            "Versions",
        )
    # Bundles: names, dates, authors, release notes; version control
    bundle = m.bundles[0]
    says(
        "project-bundles", "v1", "The first one.", "ann", bundle.commit[:10], f"{bundle.created_at:%Y-%m-%d}"
    )
    says("project-version-control", "ann", "git")
    # Cross-links between sections
    says("deployment", "](article:ml-modeling)", "](article:data-sources)")


@pytest.mark.requirement("D83")
def test_no_secret_ever_stands_in_it(shipped: tuple[Node, dict[str, dict[str, str]]]) -> None:
    node, keys = shipped
    assert keys["FLIGHTS"]
    for project in ("FLIGHTS", "FRAUD"):
        everything = "".join(
            file.read_text(encoding="utf-8", errors="replace")
            for file in (node.projects.path(project) / "wiki").rglob("*")
            if file.is_file()
        )
        hashes = [key.hash for s in node.projects.load(project).services.values() for key in s.access.keys]
        for secret in (SEALED, *keys[project].values(), *hashes):
            assert secret not in everything


@pytest.mark.requirement("D83")
def test_a_secret_typed_into_a_definition_does_not_go_on_into_the_wiki(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    code = 'password = "s3cr3t-of-ann-12"\nurl = "postgresql://ann:deeplyhidden@db/x"\n'
    a_project(node, {
        "datasets/raw": {"type": "managed"}, "datasets/made": {"type": "managed"},
        "recipes/code": {"type": "python", "inputs": ["raw"], "outputs": ["made"], "body": code},
    })  # fmt: skip
    variables.assign(node, "DEMO", {"api_token": "tok-1234567890", "month": "2013-04"}, author="ann")
    project_wiki.generate(node, "DEMO", author="ann")
    everything = "".join(content.decode() for content in node.projects.texts("DEMO", "wiki").values())
    for hidden in ("s3cr3t-of-ann-12", "deeplyhidden", "tok-1234567890"):
        assert hidden not in everything
    assert "2013-04" in everything


@pytest.mark.requirement("D83")
def test_what_people_wrote_stays_and_what_changed_is_written_anew(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed", "short_description": "Before."}})
    project_wiki.generate(node, "DEMO", author="ann")
    article = "data-source-raw"
    asked = next(q for q in project_wiki.questions(node, "DEMO") if q.article == article)
    project_wiki.answer(node, "DEMO", article, asked.name, "Every night, says **Bob**.", author="ann")
    text = wiki.show(node, "DEMO", article).text
    between = text.replace(
        "<!-- generated:ownership -->", "Ann keeps a copy.\n\n<!-- generated:ownership -->"
    )
    wiki.save(node, "DEMO", article, between + "\n## Notes\n\nMine.\n", author="ann")
    node.projects.save(
        "DEMO", {"flow/datasets/raw.yaml": "type: managed\nshort_description: After.\n"},
        author="ann", message="x",
    )  # fmt: skip
    stale = {one.article: one.why for one in project_wiki.check(node, "DEMO").wrong}
    assert stale[article] == "dataset:raw: short_description"
    written = project_wiki.generate(node, "DEMO", author="ann").written
    now = wiki.show(node, "DEMO", article).text
    assert article in written
    assert ("After." in now, "Before." in now) == (True, False)
    for kept in ("Every night, says **Bob**.", "Ann keeps a copy.", "## Notes\n\nMine."):
        assert kept in now
    assert asked.name not in {q.name for q in project_wiki.questions(node, "DEMO") if q.article == article}
    assert not project_wiki.check(node, "DEMO").wrong
    assert project_wiki.generate(node, "DEMO", author="ann").written == ()


@pytest.mark.requirement("D82")
def test_a_new_object_lacks_its_article_a_gone_one_takes_its_own_along_unless_somebody_wrote_in_it(
    tmp_path: Path,
) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}, "datasets/other": {"type": "managed"}})
    project_wiki.generate(node, "DEMO", author="ann")
    wiki.save(
        node, "DEMO", "data-source-other", wiki.show(node, "DEMO", "data-source-other").text + "\nMine.\n",
        author="ann",
    )  # fmt: skip
    node.projects.save("DEMO", {
        "flow/datasets/new.yaml": "type: managed\n", "flow/datasets/raw.yaml": None, "flow/datasets/other.yaml": None,
    }, author="ann", message="x")  # fmt: skip
    wrong = {one.article: one.why for one in project_wiki.check(node, "DEMO").wrong}
    assert wrong["data-source-new"] == "it is missing"
    assert "dataset:raw: is gone" in wrong["data-source-raw"]
    assert project_wiki.generate(node, "DEMO", author="ann").removed == ("data-source-raw",)
    articles = [e.article for _, e in walked(wiki.tree(node, "DEMO").tree)]
    assert "data-source-raw" not in articles
    assert wiki.show(node, "DEMO", "data-source-other").text.strip().endswith("Mine.")
    assert not project_wiki.check(node, "DEMO").wrong


def test_a_part_that_somebody_took_out_or_changed_by_hand_is_told(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    assert project_wiki.untrue(node, "DEMO") is None
    project_wiki.generate(node, "DEMO", author="ann")
    text = wiki.show(node, "DEMO", "data-sources").text
    wiki.save(node, "DEMO", "data-sources", text.replace("](dataset:raw)", "](dataset:wrong)"), author="ann")
    wiki.save(node, "DEMO", "plugins", "# Plugins\n", author="ann")
    assert project_wiki.untrue(node, "DEMO") == {
        "data-sources": "part sources was edited by hand", "plugins": "part plugins is missing",
    }  # fmt: skip
    with pytest.raises(Invalid, match="asks no question"):
        project_wiki.answer(node, "DEMO", "plugins", "why", "So.", author="ann")


@pytest.mark.slow
@pytest.mark.requirement("D82")
def test_after_any_edit_exactly_the_articles_that_speak_of_the_object_are_stale(
    shipped: tuple[Node, object], tmp_path: Path
) -> None:
    """50 random edits of any one object of FLIGHTS: found by what the articles link to, letter by letter."""
    node, _ = shipped
    chance = random.Random(2013)
    files = _files(node)
    for number in range(EDITS):
        object, file = chance.choice(files)
        before = file.read_text(encoding="utf-8")
        sort, edited = _edited(before, number, chance)
        file.write_text(edited, encoding="utf-8")
        try:
            stale = {one.article: one.changes for one in project_wiki.check(node, "FLIGHTS").wrong}
        finally:
            file.write_text(before, encoding="utf-8")
        speaking = linking(node, "FLIGHTS", object)
        shown = {"flow-diagram"} if sort == "title" and _is_in_the_flow(object) else set()
        assert set(stale) == speaking | shown, f"{object} {sort}"
        assert all(object in {c.object for c in stale[article]} for article in speaking)
        assert all(sort in c.what for article in speaking for c in stale[article] if c.object == object)


def _is_in_the_flow(object: str) -> bool:
    return object.partition(":")[0] in ("dataset", "folder", "model", "evaluation_store", "recipe")


def _files(node: Node) -> list[tuple[str, Path]]:
    m = Material(node, "FLIGHTS")
    from penstock.core.project import file_of

    root = node.projects.path("FLIGHTS")
    return [(f"{sort}:{name}", root / file_of(sort, name)) for sort, name, _ in m.objects()]


def _edited(text: str, number: int, chance: random.Random) -> tuple[str, str]:
    """A field, and the file with another value of it."""
    field = chance.choice(["title", "short_description", "description", "tags", "annotations"])
    value = {"tags": f"[edit{number}]", "annotations": f"{{edit: {number}}}"}.get(field, f"Edit {number}")
    kept = re.sub(rf"^{field}:.*\n(?:[ \t-].*\n)*", "", text, flags=re.MULTILINE)
    return field, f"{kept.rstrip()}\n{field}: {value}\n"


def test_a_check_of_flights_is_quick(shipped: tuple[Node, object]) -> None:
    import time

    node, _ = shipped
    project_wiki.check(node, "FLIGHTS")
    begun = time.perf_counter()
    project_wiki.check(node, "FLIGHTS")
    assert time.perf_counter() - begun < 5


def test_parts_are_replaced_in_place_and_never_end_early() -> None:
    part = documented.marked("x", "text <!-- /generated --> more")
    text = f"# T\n\nmine\n\n{part}\n\nalso mine\n"
    assert documented.parts(text) == {"x": "text &lt;!-- /generated --> more"}
    changed = documented.refreshed(text, [documented.Piece(name="x", text=documented.marked("x", "new"))])
    assert changed == f"# T\n\nmine\n\n{documented.marked('x', 'new')}\n\nalso mine\n"
    assert documented.human(changed) == "mine\n\n\n\nalso mine"
    assert documented.read("nothing we know") == documented.Standing()
