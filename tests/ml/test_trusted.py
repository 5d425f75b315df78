"""The allow-list: what scikit-learn models are made of, and nothing that runs."""

from __future__ import annotations

import io
import json
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from penstock.core.errors import UntrustedModel
from penstock.ml import trusted

X = np.random.default_rng(0).normal(size=(80, 4))
Y = (X[:, 0] > 0).astype(int)


def repacked(data: bytes, change: Any) -> bytes:
    """The skops file with its schema changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "schema.json":
                schema = json.loads(content)
                change(schema)
                content = json.dumps(schema).encode()
            new.writestr(name, content)
    return out.getvalue()


def test_a_pipeline_of_common_parts_survives() -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    again = trusted.loads(trusted.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_neighbours_grow_their_tree_again() -> None:
    model = KNeighborsClassifier(algorithm="kd_tree").fit(X, Y)
    data = trusted.dumps(model)
    assert b"KDTree" not in data
    np.testing.assert_array_equal(trusted.loads(data).predict_proba(X), model.predict_proba(X))
    assert model._tree is not None  # the model in hand is untouched


def test_equal_models_give_equal_bytes() -> None:
    first, second = (trusted.dumps(RandomForestClassifier(5, random_state=1).fit(X, Y)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "thing",
    [
        make_pipeline(FunctionTransformer(np.log1p), LogisticRegression()),
        FunctionTransformer(partial(print, "hello")),
        HistGradientBoostingClassifier(max_iter=2).fit(X, Y),
        print,
        {"a": Path},
    ],
    ids=lambda t: type(t).__name__,
)
def test_functions_and_unlisted_classes_are_not_kept(thing: Any) -> None:
    with pytest.raises(UntrustedModel):
        trusted.dumps(thing)


@pytest.mark.parametrize(
    ("loader", "module", "name"),
    [
        ("FunctionNode", "os", "system"),
        ("TypeNode", "subprocess", "Popen"),
        ("ObjectNode", "subprocess", "Popen"),
        ("ObjectNode", "penstock.ml.trusted", "anything"),
        ("MethodNode", "builtins", "str"),
        ("PartialNode", "functools", "partial"),
        ("OperatorFuncNode", "operator", "methodcaller"),
        ("ConstructorFromReduceNode", "zoneinfo", "ZoneInfo"),
        ("FunctionNode", "numpy", "load"),
        ("ReduceNode", "sklearn.linear_model._logistic", "LogisticRegression"),
        ("ObjectNode", "sklearn.tree._tree", "Tree"),
        ("None", "builtins", "list"),
    ],
)
def test_a_forged_part_is_refused_before_anything_is_built(loader: str, module: str, name: str) -> None:
    def forge(schema: dict[str, Any]) -> None:
        schema["content"]["content"]["C"] = {
            "__class__": name,
            "__module__": module,
            "__loader__": loader,
            "content": [],
        }

    with pytest.raises(UntrustedModel, match="not on our allow-list"):
        trusted.loads(repacked(trusted.dumps(LogisticRegression().fit(X, Y)), forge))


def test_a_part_hidden_deep_inside_is_found() -> None:
    def forge(schema: dict[str, Any]) -> None:
        schema["somewhere"] = [
            [[{"x": {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}}]]
        ]

    with pytest.raises(UntrustedModel, match=r"os\.system"):
        trusted.check(repacked(trusted.dumps(LogisticRegression().fit(X, Y)), forge))


def test_the_files_own_list_is_not_asked() -> None:
    """What skops would open when told to trust what the file holds, we do not."""
    data = skops.io.dumps(FunctionTransformer(print))
    assert skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))
    with pytest.raises(UntrustedModel):
        trusted.loads(data)


@pytest.mark.parametrize(
    ("field", "value"), [("left_child", 999), ("right_child", 0), ("feature", 77), ("feature", -5)]
)
def test_a_tree_that_points_outside_itself_is_refused(field: str, value: int) -> None:
    model = DecisionTreeClassifier(random_state=0).fit(X, Y + (X[:, 1] > 1))
    state = model.tree_.__getstate__()
    state["nodes"] = state["nodes"].copy()
    state["nodes"][field][0] = value
    model.tree_.__setstate__(state)
    with pytest.raises(UntrustedModel, match="points outside itself"):
        trusted.loads(trusted.dumps(model))


def test_a_tree_wider_than_its_forest_is_refused() -> None:
    wide = RandomForestClassifier(2, random_state=0).fit(np.hstack([np.zeros((80, 9)), X]), Y)
    wide.n_features_in_ = 4
    with pytest.raises(UntrustedModel, match="points outside itself"):
        trusted.loads(trusted.dumps(wide))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no zip", b"{}"])
def test_what_is_no_skops_file_is_refused(data: bytes) -> None:
    with pytest.raises(UntrustedModel, match="no skops file"):
        trusted.loads(data)


def test_a_file_that_unpacks_to_far_more_than_its_size_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("schema.json", b" " * (80 * 2**20))
    with pytest.raises(UntrustedModel, match="far more than its size"):
        trusted.check(out.getvalue())


def test_a_damaged_part_is_refused_in_our_words() -> None:
    def damage(schema: dict[str, Any]) -> None:
        schema["content"]["content"]["coef_"].pop("file")

    with pytest.raises(UntrustedModel, match="damaged"):
        trusted.loads(repacked(trusted.dumps(LogisticRegression().fit(X, Y)), damage))
