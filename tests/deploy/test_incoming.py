"""Bundles where they run: what is taken in, what stands in the way, what is replaced and what stays."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from penstock.core import archive, signing
from penstock.core.errors import (
    Conflict,
    NotFound,
    PenstockError,
    UnknownSigner,
    UnsafeArchive,
    UntrustedModel,
)
from penstock.core.model import ModelVersion
from penstock.core.outcome import Outcome
from penstock.core.scenario import RunState, ScenarioRun
from penstock.kinds.connections.postgresql import Postgresql
from penstock.runtime import evaluations, metrics, scenarios
from penstock.testing import build, fill, rows
from tests.kinds.recipes.fraud import transactions
from tests.node.packages import a_model, with_a_pickle

from .conftest import CSV, FLOW, Pair
from .test_bundles import a_version

CODES = "ERR_BUNDLE_ACTIVATE_MISSING_CONNECTION"


def codes(report: Any) -> dict[str, str]:
    return {m.code: m.severity for m in report.messages}


def switch(pair: Pair, name: str, *, on: bool) -> None:
    """What somebody does on the automation node."""
    scenario = pair.there.projects.load(pair.key).scenarios[name]
    pair.there.projects.save(
        pair.key, {f"scenarios/{name}.yaml": scenario.changed(active=on)}, author="op", message="Switch"
    )


def is_on(pair: Pair, name: str) -> bool:
    return pair.there.projects.load(pair.key).scenarios[name].active


@pytest.mark.requirement("D05", "D12")
def test_a_shipped_flow_runs_on_an_empty_node(pair: Pair) -> None:
    pair.project(
        {
            "datasets/history": {"type": "managed"}, "datasets/may": {"type": "managed"},
            "datasets/scored": {"type": "managed"},
            "recipes/train_m": {"type": "train", "input": "history", "model": "m"},
            "recipes/score_may": {"type": "score", "input": "may", "model": "m", "output": "scored"},
            "models/m": 'design: {target: authorized_flag, features: {transaction_id: reject}, '
                        'algorithms: [logistic_regression], importance: "off"}\n',
        }
    )  # fmt: skip
    fill(pair.here, "history", transactions(600), key=pair.key)
    fill(pair.here, "may", transactions(40, seed=2), key=pair.key)
    build(pair.here, "m", key=pair.key)
    build(pair.here, "scored", key=pair.key)
    pair.deploy("v1", content={"datasets": ["may"], "models": ["m"]})
    pair.automation.home.project(pair.key).build("scored")
    assert rows(pair.there, "scored", key=pair.key) == rows(pair.here, "scored", key=pair.key)


@pytest.mark.requirement("D06")
def test_a_model_left_out_is_told_and_scoring_names_it(pair: Pair) -> None:
    score = {"type": "score", "input": "orders", "model": "m", "output": "scored"}
    pair.project({**FLOW, "models/m": "{}\n", "datasets/scored": {"type": "managed"}, "recipes/score": score})
    pair.upload("orders")
    a_version(pair.here, pair.key, "a1", folder=pair.folder)
    pair.ship("v1", content={"datasets": ["orders"]})
    report = pair.incoming.activate(pair.key, "v1")
    assert not report.activated
    assert codes(report) == {"WARN_BUNDLE_MODEL_NO_ACTIVE_VERSION": "WARNING"}
    assert pair.key not in pair.automation.home.keys()  # noqa: SIM118
    pair.activate("v1")
    with pytest.raises(PenstockError, match="Model m"):
        pair.automation.home.project(pair.key).build("scored")


@pytest.mark.requirement("D28")
def test_warnings_wait_for_a_word_and_the_report_says_which(pair: Pair) -> None:
    pair.project(FLOW)
    pair.save({"flow/models/m.yaml": "{}\n"})
    pair.ship("v1")
    assert pair.incoming.check(pair.key, "v1").worst == "WARNING"
    assert pair.incoming.active(pair.key) is None
    asked = f"{pair.automation.url}/api/v1/incoming/{pair.key}/bundles/v1/activation"
    keyed = {"Authorization": f"Bearer {pair.automation.key}"}
    told = httpx.post(asked, json={}, headers=keyed, trust_env=False, timeout=60)
    assert (told.status_code, told.json()["activated"]) == (200, False)
    code = "WARN_BUNDLE_MODEL_NO_ACTIVE_VERSION"
    assert [(m["severity"], m["code"]) for m in told.json()["messages"]] == [("WARNING", code)]
    report = pair.incoming.activate(pair.key, "v1", ignore_warnings=True)
    assert report.activated
    assert pair.incoming.active(pair.key).warnings == tuple(
        m.text for m in report.messages if m.severity == "WARNING"
    )


@pytest.mark.requirement("D15", "A93")
def test_local_variables_stay_and_standard_ones_are_replaced(shop: Pair) -> None:
    shop.deploy("v1")
    shop.there.projects.set_variables(shop.key, {"place": "prod"}, author="op", local=True)
    shop.here.projects.set_variables(shop.key, {"colour": "blue"}, author="ann")
    shop.deploy("v2")
    project = shop.there.projects.load(shop.key)
    assert dict(project.local_variables) == {"place": "prod"}
    assert project.settings.variables == {"colour": "blue"}
    shop.activate("v2", {"local_variables": {"other": 1}})
    assert dict(shop.there.projects.load(shop.key).local_variables) == {"other": 1}


@pytest.mark.requirement("D16", "D17", "A93")
def test_triggers_are_off_at_first_and_then_as_somebody_chose(shop: Pair) -> None:
    report = shop.deploy("v1")
    assert "INFO_BUNDLE_TRIGGERS_OFF" in codes(report)
    assert not is_on(shop, "nightly")
    switch(shop, "nightly", on=True)
    shop.deploy("v2")
    assert is_on(shop, "nightly")
    switch(shop, "nightly", on=False)
    shop.activate("v2")
    assert not is_on(shop, "nightly")
    shop.activate("v2", {"scenarios": {"nightly": True}})
    assert is_on(shop, "nightly")
    shop.activate("v2", {"scenarios": {"nightly": False}})
    assert not is_on(shop, "nightly")
    shop.activate("v2", {"triggers_off": True, "scenarios": {"nightly": True}})
    assert not is_on(shop, "nightly")
    shop.activate("v2", {"triggers_off": False})
    assert is_on(shop, "nightly")


@pytest.mark.requirement("D18")
def test_data_and_histories_of_this_node_stay(shop: Pair) -> None:
    shop.deploy("v1", content={"datasets": ["orders"]})
    there = shop.automation.home.project(shop.key)
    there.build("copied")
    node, scenario = shop.there, shop.there.projects.load(shop.key).scenarios["nightly"]
    metrics.compute(node, shop.key, "copied")
    now = node.clock.now()
    node.scenario_runs.ask(
        ScenarioRun(id=f"r-{shop.key}", project=shop.key, scenario="nightly", definition=scenario.to_mapping(),
                    state=RunState.MISSED, asked_at=now, asked_by="op", run_as="op")
    )  # fmt: skip
    before = node.metrics.project_values(shop.key)
    shop.save({"lib/tools.py": "A = 1\n"})
    shop.deploy("v2", content={"datasets": []})
    assert len(rows(shop.there, "copied", key=shop.key)) == 3
    assert before
    assert shop.there.metrics.project_values(shop.key) == before
    assert [r.id for r in scenarios.history(shop.there, shop.key)] == [f"r-{shop.key}"]
    assert (shop.there.data.uploads(shop.key, "orders") / "orders.csv").read_bytes() == CSV


@pytest.mark.requirement("D19")
def test_scenarios_of_this_node_stay_and_one_of_the_same_name_is_replaced_and_told(shop: Pair) -> None:
    shop.deploy("v1")
    texts = {
        "scenarios/own.yaml": "active: true\nsteps: []\n",
        "scenarios/late.yaml": "title: Mine\nsteps: []\n",
    }
    shop.there.projects.save(shop.key, texts, author="op", message="Own")
    shop.save({"scenarios/late.yaml": "title: Theirs\nsteps: []\n"})
    report = shop.deploy("v2")
    project = shop.there.projects.load(shop.key)
    assert set(project.scenarios) == {"nightly", "own", "late"}
    assert is_on(shop, "own")
    assert project.scenarios["late"].title == "Theirs"
    told = next(m for m in report.messages if m.code == "WARN_BUNDLE_SCENARIO_REPLACED")
    assert told.object == "late"
    shop.save({"scenarios/late.yaml": None})
    shop.deploy("v3")
    assert set(shop.there.projects.load(shop.key).scenarios) == {"nightly", "own"}


@pytest.mark.requirement("D20")
def test_versions_trained_on_this_node_stay_when_the_model_is_not_shipped(shop: Pair) -> None:
    shop.save({"flow/models/m.yaml": "{}\n"})
    a_version(shop.here, shop.key, "a1", folder=shop.folder)
    shop.deploy("v1", content={"models": ["m"]})
    a_version(shop.there, shop.key, "own", folder=shop.folder)
    shop.save({"lib/tools.py": "A = 1\n"})
    shop.deploy("v2", content={"models": []})
    assert shop.there.models.active(shop.key, "m") == "own"
    assert {v.id for v in shop.there.models.versions(shop.key, "m")} == {"a1", "own"}


@pytest.mark.requirement("D20")
@pytest.mark.slow
def test_a_scenario_retrains_there_on_the_rows_of_that_node_and_the_next_bundle_leaves_its_version(
    pair: Pair,
) -> None:
    pair.project(
        {
            "datasets/history": {"type": "managed"},
            "recipes/train_m": {"type": "train", "input": "history", "model": "m"},
            "models/m": 'design: {target: authorized_flag, features: {transaction_id: reject}, '
                        'algorithms: [logistic_regression], importance: "off"}\n',
        }
    )  # fmt: skip
    pair.save({"scenarios/retrain.yaml": "steps: [{type: build, items: [m], mode: only}]\n"})
    fill(pair.here, "history", transactions(300), key=pair.key)
    build(pair.here, "m", key=pair.key)
    shipped = pair.here.models.active(pair.key, "m")
    pair.deploy("v1", content={"models": ["m"]})
    there = pair.automation.home.project(pair.key).model("m")
    assert there.active() == shipped

    fill(pair.there, "history", transactions(300, seed=2, shift=1.0), key=pair.key)
    run = scenarios.run_and_wait(pair.there, pair.key, "retrain")
    assert run.outcome is Outcome.SUCCESS, run.message
    own = there.active()
    assert own != shipped
    learned = [node.models.version(pair.key, "m").metrics for node in (pair.here, pair.there)]
    assert learned[0] != learned[1], "from other rows"

    pair.save({"lib/tools.py": "A = 1\n"})
    pair.deploy("v2", content={"models": []})
    assert there.active() == own
    assert {version.id for version in there.versions()} == {shipped, own}
    assert pair.here.models.active(pair.key, "m") == shipped, "nothing comes back by itself"


def test_shipped_versions_are_merged_and_one_that_makes_way_is_told(shop: Pair) -> None:
    shop.save({"flow/models/m.yaml": "{}\n"})
    a_version(shop.here, shop.key, "a1", folder=shop.folder)
    shop.deploy("v1", content={"models": ["m"]})
    a_version(shop.there, shop.key, "own", folder=shop.folder)
    a_version(shop.here, shop.key, "a2", folder=shop.folder)
    shop.ship("v2")
    report = shop.incoming.activate(shop.key, "v2")
    told = next(m for m in report.messages if m.code == "WARN_BUNDLE_MODEL_DEMOTED")
    assert "own" in told.text
    assert "a2" in told.text
    shop.activate("v2", {"keep_local_active_version": True})
    assert shop.there.models.active(shop.key, "m") == "own"
    shop.activate("v2", {"keep_local_active_version": False})
    assert shop.there.models.active(shop.key, "m") == "a2"
    assert {v.id for v in shop.there.models.versions(shop.key, "m")} == {"a1", "a2", "own"}
    files = shop.there.models.files(shop.key, "m", "a2")
    assert (files / "model.txt").read_text() == "model a2"


@pytest.mark.requirement("D21")
def test_a_missing_connection_stops_it_and_nothing_has_changed(shop: Pair) -> None:
    shop.deploy("v1")
    before = dict(shop.there.projects.files_at(shop.key, "HEAD"))
    shop.here.connections.save(f"dev_{shop.key}", Postgresql(host="h", database="d", user="u"))
    shop.save(
        {
            "flow/datasets/table.yaml": f"type: sql_table\nconnection: dev_{shop.key}\ntable: t\n",
            "lib/tools.py": "A = 5\n",
        }
    )
    shop.ship("v2")
    report = shop.incoming.activate(shop.key, "v2", ignore_warnings=True)
    assert not report.activated
    assert codes(report)[CODES] == "FATAL"
    after = dict(shop.there.projects.files_at(shop.key, "HEAD"))
    assert after == before
    assert shop.incoming.active(shop.key).bundle == "v1"


@pytest.mark.requirement("D22", "D23")
def test_a_connection_stands_for_another_of_its_type_only(shop: Pair) -> None:
    dev, prod, lake = f"dev_{shop.key}", f"prod_{shop.key}", f"lake_{shop.key}"
    shop.here.connections.save(dev, Postgresql(host="h", database="d", user="u"))
    shop.there.connections.save(prod, Postgresql(host="p", database="d", user="u"))
    from penstock.core import registry
    from penstock.core.connection import Connection

    local = registry.parse("connections", {"type": "sqlite", "path": str(shop.automation.folder / "lake.db")})
    assert isinstance(local, Connection)
    shop.there.connections.save(lake, local)
    text = f"type: sql_table\nconnection: {dev}\ntable: t\n"
    shop.save({"flow/datasets/table.yaml": text})
    shop.ship("v1")
    wrong = shop.incoming.activate(shop.key, "v1", {"connections": {dev: lake}}, ignore_warnings=True)
    assert not wrong.activated
    assert codes(wrong)["ERR_BUNDLE_ACTIVATE_BAD_CONNECTION_TYPE"] == "ERROR"
    shop.activate("v1", {"connections": {dev: prod}})
    assert shop.there.projects.load(shop.key).datasets["table"].database() == prod
    assert shop.here.projects.read(shop.key, "flow/datasets/table.yaml")[0] == text
    shop.deploy("v2")
    assert shop.there.projects.load(shop.key).datasets["table"].database() == prod


@pytest.mark.requirement("D23")
def test_a_connection_of_the_same_name_and_another_type_stops_it_with_a_code_of_its_own(shop: Pair) -> None:
    from penstock.kinds.connections.sqlite import Sqlite

    name = f"db_{shop.key}"
    shop.here.connections.save(name, Postgresql(host="h", database="d", user="u"))
    shop.there.connections.save(name, Sqlite(path=str(shop.automation.folder / "other.db")))
    shop.save({"flow/datasets/table.yaml": f"type: sql_table\nconnection: {name}\ntable: t\n"})
    shop.ship("v1")
    report = shop.incoming.activate(shop.key, "v1", ignore_warnings=True)
    assert not report.activated
    assert codes(report)["ERR_BUNDLE_ACTIVATE_CONNECTION_TYPE_DIFFERS"] == "ERROR"
    assert shop.key not in shop.there.projects.keys()  # noqa: SIM118  a port


def resigned(pair: Pair, source: Path, **changes: Any) -> Path:
    """The same bundle with another manifest, signed by the design node itself."""
    node, members = pair.here, {}
    with signing.open_signed(source, node.node_keys.verify) as opened:
        members = {name: opened.content(name) for name in opened.names()}
        manifest = {**opened.manifest, **changes}
    target = pair.folder / "resigned.zip"
    signing.write_signed(target, manifest, members, node.node_keys.sign)
    return target


@pytest.mark.requirement("D24")
def test_only_plugins_that_are_used_are_told_with_version_and_place(shop: Pair) -> None:
    shop.bundles.create("v1")
    plugins = [{"name": "geo", "version": "2.1", "used_by": ["flow/recipes/copy.yaml"]}]
    made = shop.bundles.download("v1", shop.folder)
    assert shop.bundles.manifest("v1").plugins == ()
    shop.incoming.receive(resigned(shop, made, plugins=plugins))
    (told,) = [m for m in shop.incoming.check(shop.key, "v1").messages if m.code == "WARN_BUNDLE_PLUGIN"]
    assert "geo 2.1" in told.text
    assert "flow/recipes/copy.yaml" in told.text


@pytest.mark.requirement("D26")
@pytest.mark.parametrize(("mode", "severity"), [("FAIL_IF_MISS", "ERROR"), ("DO_NOTHING", "WARNING")])
def test_an_environment_that_is_not_here_stops_or_warns(mode: str, severity: str, shop: Pair) -> None:
    shop.bundles.create("v1")
    made = shop.bundles.download("v1", shop.folder)
    environments = [{"name": "nowhere", "requested": ["x==1"]}]
    shop.incoming.receive(resigned(shop, made, environments=environments))
    report = shop.incoming.activate(shop.key, "v1", {"environment_mode": mode}, ignore_warnings=True)
    assert codes(report)["ERR_CODEENV_MISSING_ENV"] == severity
    assert report.activated is (mode == "DO_NOTHING")


@pytest.mark.requirement("D27")
def test_an_older_bundle_is_a_rollback_of_definitions_and_not_of_data(shop: Pair) -> None:
    shop.deploy("v1", content={"datasets": ["orders"]})
    shop.save(
        {"lib/tools.py": "A = 2\n", "scenarios/late.yaml": "steps: []\n", "scenarios/nightly.yaml": None}
    )
    shop.deploy("v2", content={"datasets": []})
    shop.upload("orders", b"n,city\n7,Kyiv\n", node=shop.there)
    assert set(shop.there.projects.load(shop.key).scenarios) == {"late"}
    shop.save({"lib/tools.py": "A = 3\n"})
    shop.deploy("v3")
    shop.activate("v2")
    assert shop.there.projects.content(shop.key, "lib/tools.py") == b"A = 2\n"
    assert set(shop.there.projects.load(shop.key).scenarios) == {"late"}
    assert (shop.there.data.uploads(shop.key, "orders") / "orders.csv").read_bytes() == b"n,city\n7,Kyiv\n"
    assert shop.incoming.active(shop.key).bundle == "v2"
    assert [b.bundle for b in shop.incoming.list(shop.key)] == ["v3", "v2", "v1"]


def test_people_keep_their_rights_and_get_them_only_at_first(shop: Pair) -> None:
    from penstock.core.access import Permission
    from penstock.runtime import people, users

    for node in (shop.here, shop.there):
        if node.users.find("rita") is None:
            users.add(node, "rita")
    people.grant(shop.here, shop.key, ["write"], by="ann", user="rita")
    shop.deploy("v1")
    assert shop.there.users.people(shop.key).users == {}
    shop.there.projects.delete(shop.key)
    shop.there.bundles.note(shop.key, "active", None)
    shop.activate("v1", {"permissions": "READ_ONLY"})
    assert shop.there.users.people(shop.key).users == {"rita": frozenset({Permission.READ, Permission.RUN})}


def test_a_project_may_have_another_key_here(shop: Pair) -> None:
    shop.bundles.create("v1", content={"datasets": ["orders"]})
    other = f"{shop.key}_PROD"
    shop.incoming.receive(shop.bundles.download("v1", shop.folder), key=other)
    assert shop.incoming.activate(other, "v1", ignore_warnings=True).activated
    assert (shop.there.data.uploads(other, "orders") / "orders.csv").read_bytes() == CSV
    assert shop.key not in shop.automation.home.keys()  # noqa: SIM118


def test_what_was_edited_there_is_told_and_stays_in_its_history(shop: Pair) -> None:
    shop.deploy("v1")
    shop.there.projects.save(shop.key, {"lib/tools.py": "HERE = 1\n"}, author="op", message="Hot fix")
    shop.save({"lib/tools.py": "A = 9\n"})
    report = shop.deploy("v2")
    assert codes(report)["INFO_BUNDLE_CHANGED_HERE"] == "INFO"
    assert shop.there.projects.content(shop.key, "lib/tools.py") == b"A = 9\n"
    assert [r.message for r in shop.there.projects.history(shop.key, limit=2)] == [
        "Activate bundle v2",
        "Hot fix",
    ]


def hostile(pair: Pair) -> dict[str, Path]:
    """A good bundle in the shapes somebody who means harm would give it."""
    pair.bundles.create("v1")
    good = pair.bundles.download("v1", pair.folder)
    with archive.read(good) as opened:
        members: dict[str, bytes] = {name: opened.content(name) for name in opened.names()}

    def rewritten(name: str, changes: dict[str, bytes], link: str = "") -> Path:
        path = pair.folder / f"{name}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            for member, data in {**members, **changes}.items():
                out.writestr(member, data)
            if link:
                info = zipfile.ZipInfo(link)
                info.external_attr = 0o120777 << 16
                out.writestr(info, "/etc/passwd")
        return path

    cut = pair.folder / "cut.zip"
    cut.write_bytes(good.read_bytes()[:-200])
    no_zip = pair.folder / "no.zip"
    no_zip.write_bytes(b"hello")
    return {
        "zip slip": rewritten("slip", {"../../out.txt": b"x"}),
        "bomb": rewritten("bomb", {"data/zeros.bin": bytes(32 << 20)}),
        "link": rewritten("link", {}, link="project/lib/passwd.py"),
        "changed file": rewritten("changed", {"project/lib/tools.py": b"import os\n"}),
        "extra file": rewritten("extra", {"project/lib/evil.py": b"import os\n"}),
        "changed manifest": rewritten(
            "manifest", {"manifest.json": members["manifest.json"].replace(b"v1", b"v2")}
        ),
        "cut": cut,
        "no zip": no_zip,
    }


def test_hostile_archives_are_refused_with_nothing_changed(shop: Pair) -> None:
    before = sorted(p.as_posix() for p in (shop.automation.folder / "bundles").rglob("*.zip"))
    for name, path in hostile(shop).items():
        with pytest.raises(UnsafeArchive):
            shop.incoming.receive(path)
        assert shop.incoming.list(shop.key) == [], name
    assert sorted(p.as_posix() for p in (shop.automation.folder / "bundles").rglob("*.zip")) == before
    assert shop.key not in shop.automation.home.keys()  # noqa: SIM118


def test_a_bundle_of_a_stranger_is_refused(shop: Pair, tmp_path: Path) -> None:
    from penstock.testing import a_node, a_project

    stranger = a_node(tmp_path / "stranger", node_name="stranger")
    a_project(stranger, FLOW, key=shop.key)
    from penstock.deploy import bundles

    bundles.create(stranger, shop.key, "v1", by="eve")
    with pytest.raises(UnknownSigner, match="stranger"):
        shop.incoming.receive(bundles.archive(stranger, shop.key, "v1"))


@pytest.mark.slow
def test_a_model_with_code_in_it_is_refused_before_anything_is_taken_in(shop: Pair) -> None:
    ran = shop.folder / "ran"
    shop.save({"flow/models/m.yaml": "{}\n"})
    good = a_model(shop.folder)
    evil = with_a_pickle(shop.folder, f"touch {ran}")
    for id, files in (("v1", good), ("v2", evil)):
        version = ModelVersion(
            project=shop.key, model="m", id=id, name=id, created_at=shop.here.clock.now(), prediction_type="binary",
            target="late", algorithm="lightgbm", metrics={}, main_metric="auc",
        )  # fmt: skip
        shop.here.models.add(version, files, activate=True)
        shop.bundles.create(id, content={"models": ["m"], "only_required_versions": True})
    shop.incoming.receive(shop.bundles.download("v1", shop.folder))
    with pytest.raises(UntrustedModel, match="version v2 of model m"):
        shop.incoming.receive(shop.bundles.download("v2", shop.folder))
    assert [b.bundle for b in shop.incoming.list(shop.key)] == ["v1"]
    assert not ran.exists()


def test_a_bundle_changed_after_it_came_is_refused_at_activation(shop: Pair) -> None:
    shop.ship("v1")
    kept = shop.there.bundles.path(shop.key, "received", "v1")
    wrong = hostile_twin(shop, kept)
    shutil.copyfile(wrong, kept)
    with pytest.raises(PenstockError):
        shop.incoming.activate(shop.key, "v1", ignore_warnings=True)
    assert shop.key not in shop.automation.home.keys()  # noqa: SIM118


def hostile_twin(pair: Pair, source: Path) -> Path:
    path = pair.folder / "twin.zip"
    with zipfile.ZipFile(source) as opened, zipfile.ZipFile(path, "w") as out:
        for name in opened.namelist():
            out.writestr(name, b"import os\n" if name == "project/lib/tools.py" else opened.read(name))
    return path


def test_a_bundle_comes_once_and_can_be_removed(shop: Pair) -> None:
    made = shop.ship("v1")
    with pytest.raises(Conflict):
        shop.incoming.receive(made)
    shop.incoming.delete(shop.key, "v1")
    assert shop.incoming.list(shop.key) == []
    with pytest.raises(NotFound):
        shop.incoming.activate(shop.key, "v1")


def test_evaluations_made_there_keep_their_store(shop: Pair) -> None:
    shop.save({"flow/evaluations/mes.yaml": "{}\n"})
    shop.deploy("v1")
    evaluations.push(shop.there, shop.key, "mes", {"auc": 0.6}, id="own")
    shop.save({"lib/tools.py": "A = 1\n"})
    shop.deploy("v2")
    assert [e.id for e in shop.there.evaluations.list(shop.key, "mes")] == ["own"]
