from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.core.errors import AnswerFailed, BadQuery
from penstock.core.package import PackedModel
from penstock.deploy import service_packing
from penstock.ml import model_file, scoring
from penstock.testing import KEY
from tests.kinds.endpoints.opened import opened, sqlite
from tests.web.pages.modelled import a_bank

FEATURES = {"amount": 80.0, "card_age": 50.0, "sector": "food"}
CARDS = (
    "CREATE TABLE cards (id INTEGER, card_age REAL, sector TEXT);"
    "INSERT INTO cards VALUES (1, 50.0, 'food'), (2, 10.0, 'games'), (3, 1.0, 'food'), (3, 2.0, 'food');"
)


@cache
def models(folder: Path) -> Mapping[str, tuple[PackedModel, Path]]:
    node = a_bank(folder)
    project = node.projects.load(KEY)
    found = {}
    for name in ("authorized", "fare"):
        version = node.models.version(KEY, name)
        endpoint = Endpoint(name)
        found[name] = (
            service_packing.model_of(node, project, endpoint),
            node.models.files(KEY, name, version.id),
        )
    return found


class Endpoint:
    """As much of one as `model_of` asks for."""

    FORECASTS = False

    def __init__(self, model: str) -> None:
        self.model = model


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[PackedModel, Path]]:
    return models(tmp_path_factory.mktemp("bank"))


def asking(
    folder: Path,
    bank: Any,
    model: str = "authorized",
    connected: Any = None,
    lookups: Any = None,
    **more: Any,
) -> Any:
    endpoint = {"type": "prediction", "name": "p", "model": model, **more}
    return opened(folder, endpoint, model=bank[model], connected=connected, lookups=lookups)


@pytest.mark.requirement("D41")
def test_a_classifier_answers_with_label_and_probabilities(tmp_path: Path, bank: Any) -> None:
    said = asking(tmp_path, bank).answer("predict", {"features": FEATURES, "context": {"order": "A-77"}})
    result = said.body["result"]
    assert result["prediction"] in ("0", "1")
    assert math.isclose(sum(result["probas"].values()), 1)
    assert 0 <= result["probaPercentile"] <= 100
    assert result["ignored"] is False
    assert [(r.features, r.context, r.result) for r in said.records] == [
        (FEATURES, {"order": "A-77"}, result)
    ]


def test_a_regression_answers_with_a_number(tmp_path: Path, bank: Any) -> None:
    result = (
        asking(tmp_path, bank, "fare")
        .answer("predict", {"features": {"distance": 6, "night": 1}})
        .body["result"]
    )
    assert isinstance(result["prediction"], float)
    assert "probas" not in result


@pytest.mark.requirement("D43")
def test_many_keep_their_order_and_a_bad_one_hinders_no_other(tmp_path: Path, bank: Any) -> None:
    answers = asking(tmp_path, bank)
    records = [{**FEATURES, "amount": amount} for amount in (10.0, 100.0, 1000.0)]
    items: list[Any] = [{"features": r} for r in records]
    items[1:1] = ["no record", {"context": {}}]
    results = answers.answer("predict-multi", {"items": items}).body["results"]
    alone = [answers.answer("predict", {"features": r}).body["result"] for r in records]
    assert [results[0], results[3], results[4]] == alone
    assert [r["ignored"] for r in results] == [False, True, True, False, False]


@pytest.mark.requirement("D44")
def test_the_query_string_gets_the_same_answer(tmp_path: Path, bank: Any) -> None:
    answers = asking(tmp_path, bank)
    texts = {name: str(value) for name, value in FEATURES.items()}
    posted = answers.answer("predict", {"features": FEATURES}).body
    assert answers.answer("predict-simple", texts).body == posted


@pytest.mark.requirement("D45")
def test_unknown_features_are_ignored_missing_and_odd_ones_count_as_empty(tmp_path: Path, bank: Any) -> None:
    answers = asking(tmp_path, bank)
    plain = answers.answer("predict", {"features": FEATURES}).body["result"]
    more = answers.answer("predict", {"features": {**FEATURES, "shoe_size": 44}}).body["result"]
    assert more["probas"] == plain["probas"]
    assert "shoe_size" in more["warnings"][0]
    missing = answers.answer("predict", {"features": {"sector": "food"}}).body["result"]
    odd = answers.answer("predict", {"features": {**FEATURES, "amount": "much", "card_age": None}}).body[
        "result"
    ]
    assert missing["probas"] == odd["probas"]
    assert "'much'" in odd["warnings"][0]
    with pytest.raises(BadQuery, match="`features`"):
        answers.answer("predict", {"amount": 1})


@pytest.mark.requirement("D61")
def test_explanations_come_when_asked_for_as_many_as_asked_for(tmp_path: Path, bank: Any) -> None:
    answers = asking(tmp_path, bank)
    assert "explanations" not in answers.answer("predict", {"features": FEATURES}).body["result"]
    for method in ("SHAPLEY", "ICE"):
        wish = {"enabled": True, "method": method, "nExplanations": 2, "nMonteCarloSteps": 25}
        why = answers.answer("predict", {"features": FEATURES, "explanations": wish}).body["result"][
            "explanations"
        ]
        assert len(why) == 2
        assert why.keys() <= FEATURES.keys()
    for wrong in ({"method": "LIME"}, {"nExplanations": 0}, {"nMonteCarloSteps": 5000}):
        with pytest.raises(BadQuery):
            answers.answer("predict", {"features": FEATURES, "explanations": {"enabled": True, **wrong}})
    always = asking(tmp_path, bank, explanations={"always": True, "number": 1})
    assert len(always.answer("predict", {"features": FEATURES}).body["result"]["explanations"]) == 1


def enriched(folder: Path, bank: Any, *, table: str = CARDS, **rules: str) -> Any:
    """An endpoint that completes a query by the id of a card."""
    columns = [
        {"name": "id", "type": "bigint"},
        {"name": "card_age", "type": "double"},
        {"name": "sector", "type": "string"},
        *([{"name": "holder", "type": "string"}] if "holder" in table else []),
    ]
    packed = {
        "dataset": "cards",
        "mode": "referenced",
        "columns": columns,
        "connection": "shop",
        "table": "cards",
    }
    lookup = {"dataset": "cards", "mode": "referenced", "keys": [{"column": "id", "field": "card"}], **rules}
    shop = sqlite(folder, f"DROP TABLE IF EXISTS cards; {table}")
    return asking(
        folder,
        bank,
        connected=shop,
        lookups={"cards:referenced": packed},
        enrichment=[lookup],
        log_enriched=True,
    )


@pytest.mark.requirement("D52")
def test_who_sends_only_the_key_gets_the_prediction_of_the_full_row(tmp_path: Path, bank: Any) -> None:
    answers = enriched(tmp_path, bank)
    full = answers.answer("predict", {"features": FEATURES}).body["result"]
    said = answers.answer("predict", {"features": {"card": 1, "amount": 80.0}})
    assert said.body["result"]["probas"] == full["probas"]
    assert "warnings" not in said.body["result"]
    assert said.records[0].features == {"card": 1, "amount": 80.0}
    assert said.records[0].enriched == FEATURES
    own = answers.answer("predict", {"features": {"card": 2, **FEATURES}}).body["result"]
    assert own["probas"] == full["probas"], "what the query says wins"


def test_columns_that_the_model_does_not_use_are_left_out_without_a_word(tmp_path: Path, bank: Any) -> None:
    wide = CARDS.replace("sector TEXT", "sector TEXT, holder TEXT").replace("'food')", "'food', 'Ann')")
    wide = wide.replace("'games')", "'games', 'Bob')")
    said = enriched(tmp_path, bank, table=wide).answer("predict", {"features": {"card": 1, "amount": 80.0}})
    assert "warnings" not in said.body["result"]
    assert said.records[0].enriched == FEATURES
    told = (
        enriched(tmp_path, bank).answer("predict", {"features": {"card": 1, "shoe_size": 44}}).body["result"]
    )
    assert ["shoe_size" in text for text in told["warnings"]] == [True], "what the query says itself is told"


@pytest.mark.requirement("D52")
def test_a_card_that_is_not_found_or_twice_follows_the_rule(tmp_path: Path, bank: Any) -> None:
    answers = enriched(tmp_path, bank, no_match="fail")
    twice = answers.answer("predict", {"features": {"card": 3, "amount": 1}}).body["result"]
    assert twice == {"ignored": True, "ignoreReason": "MULTIPLE_LOOKUP_MATCHES"}
    with pytest.raises(AnswerFailed, match="NO_LOOKUP_MATCH"):
        answers.answer("predict", {"features": {"card": 99}})
    items = [{"features": {"card": card, "amount": 80.0}} for card in (99, 1)]
    first, second = answers.answer("predict-multi", {"items": items}).body["results"]
    assert (first["ignored"], second["ignored"]) == (True, False)


CELLS = {
    "amount": st.none() | st.floats(-1e6, 1e6) | st.integers(-1000, 1000),
    "card_age": st.none() | st.floats(0, 500),
    "sector": st.none()
    | st.sampled_from(["food", "travel", "games", "Food", "", "ünseen ✈"])
    | st.text(max_size=5),
}


@pytest.mark.requirement("D42")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=20))
def test_the_same_row_batch_and_live_is_equal(tmp_path: Path, bank: Any, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa

    schema = pa.schema({"amount": pa.float64(), "card_age": pa.float64(), "sector": pa.string()})
    table = pa.Table.from_pylist(rows, schema=schema)
    batch = scoring.score_table(_opened(bank["authorized"][1]), table).to_pylist()
    answers = _answers(tmp_path, bank)
    live = answers.answer("predict-multi", {"items": [{"features": row} for row in rows]}).body["results"]
    for scored, said in zip(batch, live, strict=True):
        assert said["prediction"] == str(scored["prediction"])
        assert math.isclose(said["probas"]["1"], scored["proba_1"], abs_tol=1e-6)


@cache
def _opened(files: Path) -> Any:
    return model_file.load(files)


_KEPT: list[Any] = []


def _answers(folder: Path, bank: Any) -> Any:
    if not _KEPT:
        _KEPT.append(asking(folder, bank))
    return _KEPT[0]


def test_a_version_without_percentiles_or_probabilities_leaves_them_out(tmp_path: Path, bank: Any) -> None:
    result = (
        asking(tmp_path, bank, probabilities=False, percentile=False)
        .answer("predict", {"features": FEATURES})
        .body
    )
    assert result["result"].keys() == {"prediction", "ignored"}
