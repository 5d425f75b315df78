"""The project wiki: it says what is so, knows what it stands on, and tells which article is no longer true."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from penstock.core import documented
from penstock.core.document import Generated
from penstock.core.environment import EnvironmentDefinition
from penstock.core.errors import Invalid
from penstock.core.node import Node
from penstock.core.wiki import walked
from penstock.deploy import bundles
from penstock.runtime import plugins, project_wiki, variables, wiki
from penstock.runtime.documenting.material import Material
from penstock.testing import a_node, a_project
from tests.runtime.documented import SEALED, a_documented_node, linking, ship
from tests.runtime.test_plugins import sources, zipped

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


@dataclass(frozen=True)
class Told:
    """The project wiki of one of the example projects, beside what is so."""

    node: Node
    project: str

    @property
    def m(self) -> Material:
        return Material(self.node, self.project)

    def says(self, article: str, *words: object) -> None:
        text = _text(self.node, self.project, article)
        missing = [str(word) for word in words if str(word) not in text]
        assert not missing, f"{article} does not say {missing}"

    def in_part(self, article: str, part: str, *words: object) -> None:
        """As `says`, in one generated part."""
        text = wiki.show(self.node, self.project, article).text
        inside = re.sub(r"\\([_*|<>\[\]~`])", r"\1", documented.parts(text)[part])
        missing = [str(word) for word in words if str(word) not in inside]
        assert not missing, f"{part} of {article} does not say {missing}"

    @property
    def sources(self) -> list[str]:
        tree = wiki.tree(self.node, self.project).tree
        prefix = "data-source-"
        return [e.article.removeprefix(prefix) for _, e in walked(tree) if e.article.startswith(prefix)]

    @property
    def model(self) -> str:
        return next(iter(self.m.project.models))


def _environment_name_and_python(told: Told) -> None:
    told.in_part("code-environment", "environment", "Name | builtin", f"Python {told.m.environment.python}")


def _required_packages(told: Told) -> None:
    rows = [f"| {p.name} | {p.version} |" for p in told.m.environment.packages]
    assert len(rows) > 50
    told.in_part("code-environment", "packages", *rows)


def _requirements_attached(told: Told) -> None:
    told.says("code-environment", "attachment:requirements.txt")
    there = wiki.attachment(told.node, told.project, "code-environment", "requirements.txt").decode()
    assert there.splitlines() == [f"{p.name}=={p.version}" for p in told.m.environment.packages]


def _environment_here_and_in_production(told: Told) -> None:
    told.in_part("code-environment", "production", f"{told.project}-on-production", "v1", "none")


def _plugins(told: Told) -> None:
    assert told.m.plugins() == {}
    told.in_part("plugins", "plugins", "No plugin is used")


def _sources_are_what_no_recipe_writes(told: Told) -> None:
    p = told.m.project
    made = {out for recipe in p.recipes.values() for out in recipe.writes}
    assert set(told.sources) <= set(p.datasets) - made
    assert told.sources
    for name in told.sources:
        told.says("data-sources", f"](dataset:{name})", p.datasets[name].short_description)
        told.says(f"data-source-{name}", f"](dataset:{name})", "Connection", p.datasets[name].where())


def _schemas(told: Told) -> None:
    for name in told.sources:
        columns = told.m.project.datasets[name].columns
        assert columns
        for column in columns:
            told.says(f"data-source-{name}", column.name, column.type, column.description)
        silent = [c.name for c in columns if not c.description]
        if silent:
            told.says(f"data-source-{name}", f"{len(silent)} of", ", ".join(silent))


def _connections_here_and_in_production(told: Told) -> None:
    for name in told.sources:
        told.says(f"data-source-{name}", "Connection here and in production", "production")


def _schema_differences_to_production(told: Told) -> None:
    for name in told.sources:
        told.says(f"data-source-{name}", f"{told.project}-on-production", "the same as here, in bundle v1")


def _how_outputs_are_computed(told: Told) -> None:
    p = told.m.project
    for name, recipe in p.recipes.items():
        ends = [f"]({p.item_type(one)}:{one})" for one in (*recipe.reads, *recipe.writes)]
        told.says("data-processing", f"](recipe:{name})", *ends)
        told.says(f"recipe-{name}", recipe.short_description, *ends, getattr(recipe, "body", "").strip())
        told.says(f"recipe-{name}", *(step.comment for step in getattr(recipe, "steps", ())))


def _model_design(told: Told) -> None:
    for name, model in told.m.project.models.items():
        design = model.design
        assert design is not None
        rejected = [column for column, feature in design.features.items() if feature.role == "reject"]
        trains = next(r for r in told.m.project.recipes.values() if name in r.writes)
        told.says(f"model-{name}", f"](dataset:{trains.reads[0]})", design.target, *rejected)
        told.says(f"model-{name}", *(a.kind_name().replace("_", " ") for a in design.algorithms))
        told.says(f"model-{name}", "Split", "Search", "Threshold", "Training dataset")


def _model_behaviour(told: Told) -> None:
    told.says(f"model-{told.model}-behaviour", "Most important features", "Different inputs")


def _monitoring_frequency(told: Told) -> None:
    scenarios = told.m.project.scenarios
    assert any("every week" in t.words for t in scenarios["data_drift_monitor"].triggers)
    told.says(f"model-{told.model}-behaviour", "Monitoring", "every week")


def _expected_drift(told: Told) -> None:
    stores = told.m.project.evaluation_stores
    assert any(store.checks for store in stores.values())
    for name, store in stores.items():
        for check in store.checks:
            told.says(f"model-{told.model}-behaviour", f"](evaluation_store:{name})", check.name)


def _plugins_for_drift(told: Told) -> None:
    told.says(f"model-{told.model}-behaviour", "Plugins used for drift")


def _dashboards(told: Told) -> None:
    boards = told.m.project.dashboards
    assert boards, "both stories have a dashboard"
    for name, board in boards.items():
        told.says(f"dashboard-{name}", board.title, "How to make it again", "bundle v1")
        for tile in (tile for page in board.pages for tile in page.tiles):
            told.says(f"dashboard-{name}", *(f":{r.name})" for r in tile.objects(told.project)))
    told.says("dashboards", *(board.title for board in boards.values()))


def _flow_diagram(told: Told) -> None:
    told.says("flow-diagram", "attachment:flow.png")
    picture = wiki.attachment(told.node, told.project, "flow-diagram", "flow.png")
    assert picture.startswith(b"\x89PNG")


def _metrics_and_checks(told: Told) -> None:
    for name, item in told.m.project.items.items():
        demands = (*getattr(item, "rules", ()), *item.checks)
        for one in demands:
            said = one.label() if hasattr(one, "label") else one.name
            told.in_part("metrics-and-checks", f"of-{name}", said)


def _scenarios(told: Told) -> None:
    for name, scenario in told.m.project.scenarios.items():
        told.says(f"scenario-{name}", scenario.short_description, *scenario.labels)
        told.says(f"scenario-{name}", *(t.words for t in scenario.triggers))
        told.says(f"scenario-{name}", *(r.name for r in scenario.reporters))
        for reporter in scenario.reporters:
            told.says(f"scenario-{name}", getattr(reporter, "subject", ""), reporter.when or "")


def _triggers_at_activation(told: Told) -> None:
    for name in told.m.project.scenarios:
        told.says(f"scenario-{name}", f"{told.project}-on-production", "left alone")


def _variables_and_where_used(told: Told) -> None:
    values = told.m.project.settings.variables
    assert values
    for name, value in values.items():
        users = [n for n, r in told.m.project.recipes.items() if f"${{{name}" in str(r.to_mapping())]
        told.in_part("project-variables", "variables", f"`{name}`", value)
        told.in_part("project-variables", "variables", *(f"](recipe:{user})" for user in users))


def _infrastructure(told: Told) -> None:
    told.in_part(
        "deployment", "infrastructure", "http://automation.example.com:7878", "Production",
        "warehouse_dev → warehouse_prod",
    )  # fmt: skip
    told.in_part("deployment", "deployments", f"{told.project}-on-production", "bundle v1")


def _services(told: Told) -> None:
    services = told.m.project.services
    assert services
    for name, service in services.items():
        for one in service.endpoints:
            told.says(f"service-{name}", one.name, f"/public/api/v1/{name}/{one.name}/{one.VERBS[0]}")
        told.says(f"service-{name}", "Test queries", "Versions")
        told.says(f"service-{name}", "whoever shows an API key", "Keys of the service | 1")


def _bundles(told: Told) -> None:
    bundle = told.m.bundles[0]
    row = ("v1", "The first one.", "ann", bundle.commit[:10], f"{bundle.created_at:%Y-%m-%d %H:%M}")
    told.in_part("project-bundles", "bundles", *row)
    told.in_part("project-bundles", "differences", f"{len(told.m.project.datasets)} datasets")


def _version_control(told: Told) -> None:
    told.says("project-version-control", "ann", "git")


def _cross_links(told: Told) -> None:
    told.says("deployment", "](article:ml-modeling)", "](article:data-sources)")


ITEMS = (
    _environment_name_and_python, _required_packages, _requirements_attached, _environment_here_and_in_production,
    _plugins, _sources_are_what_no_recipe_writes, _schemas, _connections_here_and_in_production,
    _schema_differences_to_production, _how_outputs_are_computed, _model_design, _model_behaviour,
    _monitoring_frequency, _expected_drift, _plugins_for_drift, _dashboards, _flow_diagram, _metrics_and_checks,
    _scenarios, _triggers_at_activation, _variables_and_where_used, _infrastructure, _services, _bundles,
    _version_control, _cross_links,
)  # fmt: skip
"""Every item that deployment §5.2 marks as generable, in its order."""


@pytest.mark.requirement("D82")
@pytest.mark.parametrize("project", ["FLIGHTS", "FRAUD"])
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.__name__.strip("_"))
def test_what_can_be_derived_is_true(
    shipped: tuple[Node, object], project: str, item: Callable[[Told], None]
) -> None:
    item(Told(shipped[0], project))


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
        "data-sources": "part sources was edited by hand; its link to dataset:wrong leads nowhere",
        "plugins": "part plugins is missing",
    }  # fmt: skip
    with pytest.raises(Invalid, match="asks no question"):
        project_wiki.answer(node, "DEMO", "plugins", "why", "So.", author="ann")


@pytest.mark.requirement("D76")
def test_links_that_lead_nowhere_are_told_with_article_and_target_also_where_people_write_alone(
    tmp_path: Path,
) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    project_wiki.generate(node, "DEMO", author="ann")
    text = "[a](dataset:raw) [b](dataset:gone) [c](article:Nothing) again [b](dataset:gone) `[x](dataset:no)`"
    wiki.create(node, "DEMO", "Notes", author="ann", text=text)
    wrong = {one.article: one for one in project_wiki.check(node, "DEMO").wrong}
    assert wrong.keys() == {"notes"}
    state = project_wiki.check(node, "DEMO")
    assert (state.untrue, [one.article for one in state.broken]) == ((), ["notes"])
    assert (wrong["notes"].title, wrong["notes"].dead) == ("Notes", ("dataset:gone", "article:Nothing"))
    assert project_wiki.untrue(node, "DEMO") == {"notes": wrong["notes"].why}
    wiki.save(node, "DEMO", "notes", "[a](dataset:raw)", author="ann")
    assert not project_wiki.check(node, "DEMO").wrong


@pytest.mark.slow
@pytest.mark.requirement("D82")
def test_after_any_edit_exactly_the_articles_that_speak_of_the_object_are_stale(
    shipped: tuple[Node, object], tmp_path: Path
) -> None:
    """50 random edits of FLIGHTS, of each object at least one: found by what the articles link to, letter by letter."""
    node, _ = shipped
    chance = random.Random(2013)
    files = _files(node)
    each = chance.sample(files, len(files))
    assert len(each) < EDITS
    for number, (object, file) in enumerate([*each, *chance.choices(files, k=EDITS - len(each))]):
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


@dataclass(frozen=True)
class Edit:
    """A change of one file, and what a check must tell of it: article → the object that makes it untrue."""

    file: str
    old: str
    new: str
    told: Mapping[str, str]


DRIFT, WEEKLY = "evaluation_store:mes_for_input_drift", "scenario:data_drift_monitor"
SOURCES = tuple(f"data-source-{name}" for name in ("airports", "flights", "planes", "weather"))
CHECKED = ("data-processing", "dashboard-default", "metrics-and-checks", "model-late_arrival-behaviour")
EDITS_OF_FILES = {
    "a variable more": Edit(
        "project.yaml", "variables:", "variables:\n  added: 1", {"project-variables": "settings:variables"}
    ),
    "a variable's value": Edit(
        "project.yaml", '"2013-04-01"', '"2013-05-01"', {"project-variables": "settings:variables"}
    ),
    "a recipe that uses a variable from now on": Edit(
        "flow/recipes/score_new_flights.yaml", "type: score", 'type: score\nannotations: {x: "${train_until}"}',
        {"project-variables": "uses_of_variables:",
         **dict.fromkeys(("data-processing", "recipe-score_new_flights"), "recipe:score_new_flights")},
    ),
    "the limit of a check": Edit(
        "flow/evaluations/mes_for_input_drift.yaml", "soft_maximum: 0.72", "soft_maximum: 0.73",
        dict.fromkeys((*CHECKED, "recipe-evaluate_input_drift", "scenario-data_drift_monitor",
                       "scenario-retrain_model"), DRIFT),
    ),
    "the values of a rule": Edit(
        "flow/datasets/new_flights.yaml", "[EWR, JFK, LGA]", "[EWR, JFK]",
        dict.fromkeys(("data-processing", "metrics-and-checks", "recipe-score_new_flights",
                       "recipe-evaluate_input_drift"), "dataset:new_flights"),
    ),
    "how often a trigger fires": Edit(
        "scenarios/data_drift_monitor.yaml", "every: 1 week", "every: 2 weeks",
        dict.fromkeys((*SOURCES, "model-late_arrival-behaviour", "dashboard-default", "scenario-data_drift_monitor",
                       "scenarios-metrics-and-checks"), WEEKLY),
    ),
    "a dataset that a recipe reads from now on": Edit(
        "flow/recipes/write_months.yaml", "inputs: [flights_after]", "inputs: [flights_after, airports]",
        {"data-source-airports": "readers:airports", "flow-diagram": "flow:",
         **dict.fromkeys(("code-environment", "data-processing", "recipe-write_months"), "recipe:write_months")},
    ),
    "an endpoint": Edit(
        "services/late_flights.yaml", "name: predict_late", "name: predict_later",
        dict.fromkeys(("api-deployer", "service-late_flights"), "service:late_flights"),
    ),
    "a zone": Edit("flow/zones.yaml", '"#2f9e44"', '"#2f6fed"', {"flow-diagram": "zones:"}),
    "a tag": Edit("project.yaml", "tags: [demo,", "tags: [shown,", {"project-goals": "settings:goals"}),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.requirement("D82")
@pytest.mark.parametrize("what", EDITS_OF_FILES)
def test_after_an_edit_exactly_the_articles_that_it_makes_untrue_are_told_with_the_object(
    shipped: tuple[Node, object], what: str
) -> None:
    """What writing the wiki anew would change is among what the check tells, which is as people counted it."""
    node, _ = shipped
    edit = EDITS_OF_FILES[what]
    assert not project_wiki.check(node, "FLIGHTS").wrong
    file = node.projects.path("FLIGHTS") / edit.file
    before = file.read_text(encoding="utf-8")
    file.write_text(before.replace(edit.old, edit.new, 1), encoding="utf-8")
    try:
        assert file.read_text(encoding="utf-8") != before
        told = _told(node, "FLIGHTS")
        assert _saying_something_else(node, "FLIGHTS") <= set(told)
    finally:
        file.write_text(before, encoding="utf-8")
    assert set(told) == set(edit.told)
    assert {article for article, object in edit.told.items() if object not in told[article]} == set()


@pytest.mark.slow
@pytest.mark.requirement("D82")
def test_a_new_bundle_makes_untrue_what_speaks_of_bundles(shipped: tuple[Node, object]) -> None:
    node, _ = shipped
    assert not project_wiki.check(node, "FLIGHTS").wrong
    bundles.create(node, "FLIGHTS", "v2", by="ann", notes="Another.", content={})
    try:
        told = _told(node, "FLIGHTS")
    finally:
        bundles.delete(node, "FLIGHTS", "v2", by="ann")
    assert set(told) == {"code-environment", "dashboard-default", "project-bundles", *SOURCES}
    assert all("bundles:" in objects for objects in told.values())


def _told(node: Node, project: str) -> dict[str, set[str]]:
    """Article that is no longer true → the objects that a check names as the reason."""
    return {one.article: {c.object for c in one.changes} for one in project_wiki.check(node, project).untrue}


def _saying_something_else(node: Node, project: str) -> set[str]:
    """The articles with a part whose words would be others if it was written now. Nothing is asked what it stands on;
    the last saves, which are told as of the moment of writing, and pictures are left out."""
    m = Material(node, project)
    found = set()
    for page in project_wiki.pages(m):
        there = documented.parts(wiki.show(node, project, page.name).text)
        for block in page.blocks:
            if isinstance(block, Generated) and block.name not in ("git", "flow"):
                words = there[block.name].rpartition(f"\n\n{project_wiki.FOOT}")[0] or there[block.name]
                if project_wiki.part_text(m, block)[0] != words:
                    found.add(page.name)
    return found


@pytest.mark.requirement("D74", "D82")
def test_another_plugin_or_another_use_of_it_makes_the_articles_about_it_untrue(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    plugins.install(node, [zipped(tmp_path, sources("1.0"))], by="ann")
    try:
        checked = {"type": "managed", "checks": [{"type": "pst_geo.always", "name": "a"}]}
        a_project(node, {"datasets/raw": checked, "datasets/other": {"type": "managed"}})
        project_wiki.generate(node, "DEMO", author="ann")
        assert "pst_geo | 1.0 | [raw](dataset:raw)" in _text(node, "DEMO", "plugins")
        assert not _told(node, "DEMO")
        plugins.install(node, [zipped(tmp_path, sources("1.1", "better"))], by="ann")
        assert _told(node, "DEMO") == {"plugins": {"plugins:"}}
        project_wiki.generate(node, "DEMO", author="ann")
        assert "pst_geo | 1.1" in _text(node, "DEMO", "plugins")
        used = "type: managed\nchecks: [{type: pst_geo.always, name: b}]\n"
        node.projects.save("DEMO", {"flow/datasets/other.yaml": used}, author="ann", message="x")
        told = _told(node, "DEMO")
    finally:
        node.projects.delete("DEMO")
        plugins.delete(node, "pst_geo", by="ann")
    assert told["plugins"] == {"plugins:"}
    assert "dataset:other" in told["data-source-other"]


@pytest.mark.requirement("D69", "D82")
def test_a_code_environment_that_changes_or_is_used_elsewhere_makes_its_article_untrue(
    tmp_path: Path,
) -> None:
    node = a_node(tmp_path)
    for name in ("colours", "shades"):
        node.environments.save(name, EnvironmentDefinition(packages=("pst_colour==1.0",)))
    recipe = {"type": "python", "outputs": ["made"], "body": "pass\n", "code_environment": "colours"}
    a_project(node, {"datasets/made": {"type": "managed"}, "recipes/code": recipe})
    project_wiki.generate(node, "DEMO", author="ann")
    assert not _told(node, "DEMO")
    node.environments.save("colours", EnvironmentDefinition(packages=("pst_colour==2.0",)))
    assert _told(node, "DEMO") == {"code-environment": {"code_environment:colours"}}
    project_wiki.generate(node, "DEMO", author="ann")
    changed = "type: python\noutputs: [made]\ncode_environment: shades\n"
    node.projects.save("DEMO", {"flow/recipes/code.yaml": changed}, author="ann", message="x")
    (state,) = (s for s in project_wiki.check(node, "DEMO").untrue if s.article == "code-environment")
    assert (state.missing, state.outdated) == (("environment-shades",), ("environment-colours",))
    assert {c.object for c in state.changes} == {"recipe:code"}
    project_wiki.generate(node, "DEMO", author="ann")
    assert not _told(node, "DEMO")


def test_what_nothing_that_is_named_tells_is_still_found_out_of_date(tmp_path: Path) -> None:
    """Data that a new scenario reads from now on: the article stands on no scenario yet."""
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    project_wiki.generate(node, "DEMO", author="ann")
    text = "triggers: [{type: time, every: 1 week}]\nsteps: [{type: build, items: [raw]}]\n"
    node.projects.save("DEMO", {"scenarios/weekly.yaml": text}, author="ann", message="x")
    why = project_wiki.untrue(node, "DEMO")
    assert why is not None
    assert why["data-source-raw"] == "part availability would say something else now"
    shown = project_wiki.state_of(node, "DEMO", "data-source-raw")
    assert shown is not None
    assert shown.outdated == ("availability",)
    project_wiki.generate(node, "DEMO", author="ann")
    assert not project_wiki.check(node, "DEMO").wrong


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
