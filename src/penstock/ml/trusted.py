"""Our allow-list for scikit-learn model files, and the only door through which one is opened.

A skops file is a zip with a description of objects. Before anything is built, every type it names must be on the
list below – ours, never the file's own – together with the way it would be built. Functions, methods, partials
and arbitrary constructors are on no list. Tree arrays, which scikit-learn follows without looking, are checked
for places that lie outside.
"""

from __future__ import annotations

import copy
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from penstock.core.errors import UntrustedModel

ESTIMATORS = (
    "sklearn.calibration.CalibratedClassifierCV", "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration", "sklearn.isotonic.IsotonicRegression",
    "sklearn.compose._column_transformer.ColumnTransformer", "sklearn.compose._target.TransformedTargetRegressor",
    "sklearn.discriminant_analysis.LinearDiscriminantAnalysis",
    "sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis",
    "sklearn.dummy.DummyClassifier", "sklearn.dummy.DummyRegressor",
    "sklearn.ensemble._bagging.BaggingClassifier", "sklearn.ensemble._bagging.BaggingRegressor",
    "sklearn.ensemble._forest.ExtraTreesClassifier", "sklearn.ensemble._forest.ExtraTreesRegressor",
    "sklearn.ensemble._forest.RandomForestClassifier", "sklearn.ensemble._forest.RandomForestRegressor",
    "sklearn.ensemble._gb.GradientBoostingClassifier", "sklearn.ensemble._gb.GradientBoostingRegressor",
    "sklearn.ensemble._weight_boosting.AdaBoostClassifier", "sklearn.ensemble._weight_boosting.AdaBoostRegressor",
    "sklearn.ensemble._voting.VotingClassifier", "sklearn.ensemble._voting.VotingRegressor",
    "sklearn.ensemble._stacking.StackingClassifier", "sklearn.ensemble._stacking.StackingRegressor",
    "sklearn.feature_selection._univariate_selection.SelectKBest",
    "sklearn.feature_selection._variance_threshold.VarianceThreshold",
    "sklearn.decomposition._pca.PCA",
    "sklearn.impute._base.SimpleImputer", "sklearn.impute._base.MissingIndicator",
    "sklearn.linear_model._base.LinearRegression", "sklearn.linear_model._bayes.BayesianRidge",
    "sklearn.linear_model._coordinate_descent.ElasticNet", "sklearn.linear_model._coordinate_descent.Lasso",
    "sklearn.linear_model._huber.HuberRegressor",
    "sklearn.linear_model._logistic.LogisticRegression", "sklearn.linear_model._logistic.LogisticRegressionCV",
    "sklearn.linear_model._ridge.Ridge", "sklearn.linear_model._ridge.RidgeClassifier",
    "sklearn.linear_model._ridge.RidgeCV",
    "sklearn.linear_model._stochastic_gradient.SGDClassifier",
    "sklearn.linear_model._stochastic_gradient.SGDRegressor",
    "sklearn.naive_bayes.BernoulliNB", "sklearn.naive_bayes.GaussianNB", "sklearn.naive_bayes.MultinomialNB",
    "sklearn.neighbors._classification.KNeighborsClassifier", "sklearn.neighbors._regression.KNeighborsRegressor",
    "sklearn.neural_network._multilayer_perceptron.MLPClassifier",
    "sklearn.neural_network._multilayer_perceptron.MLPRegressor",
    "sklearn.pipeline.FeatureUnion", "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing._data.MaxAbsScaler", "sklearn.preprocessing._data.MinMaxScaler",
    "sklearn.preprocessing._data.Normalizer", "sklearn.preprocessing._data.PowerTransformer",
    "sklearn.preprocessing._data.QuantileTransformer", "sklearn.preprocessing._data.RobustScaler",
    "sklearn.preprocessing._data.StandardScaler",
    "sklearn.preprocessing._discretization.KBinsDiscretizer",
    "sklearn.preprocessing._encoders.OneHotEncoder", "sklearn.preprocessing._encoders.OrdinalEncoder",
    "sklearn.preprocessing._label.LabelBinarizer", "sklearn.preprocessing._label.LabelEncoder",
    "sklearn.preprocessing._polynomial.PolynomialFeatures",
    "sklearn.preprocessing._target_encoder.TargetEncoder",
    "sklearn.tree._classes.DecisionTreeClassifier", "sklearn.tree._classes.DecisionTreeRegressor",
    "sklearn.tree._classes.ExtraTreeClassifier", "sklearn.tree._classes.ExtraTreeRegressor",
)  # fmt: skip
"""Plain containers of fitted numbers. Histogram gradient boosting, support vectors and kd-trees are left out:
their compiled parts follow stored places unchecked, and nobody here checks them yet."""

LOSSES = (
    "sklearn._loss.link.HalfLogitLink", "sklearn._loss.link.IdentityLink", "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogLink", "sklearn._loss.link.LogitLink", "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.AbsoluteError", "sklearn._loss.loss.ExponentialLoss",
    "sklearn._loss.loss.HalfBinomialLoss", "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss.loss.HalfSquaredError", "sklearn._loss.loss.HuberLoss", "sklearn._loss.loss.PinballLoss",
)  # fmt: skip

COMPILED_LOSSES = tuple(
    f"sklearn._loss._loss.Cy{name}"
    for name in (
        "AbsoluteError", "ExponentialLoss", "HalfBinomialLoss", "HalfMultinomialLoss", "HalfSquaredError",
        "HuberLoss", "PinballLoss",
    )
) + tuple(
    f"sklearn.linear_model._sgd_fast.{name}"
    for name in ("EpsilonInsensitive", "Hinge", "ModifiedHuber", "SquaredEpsilonInsensitive", "SquaredHinge")
)  # fmt: skip

NUMBERS = tuple(
    f"numpy.{name}"
    for name in (
        "bool", "bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
        "float32", "float64", "str_",
    )
)  # fmt: skip

ALLOWED: dict[str, frozenset[str]] = {
    "ObjectNode": frozenset(ESTIMATORS + LOSSES),
    "LossNode": frozenset(COMPILED_LOSSES),
    "TreeNode": frozenset({"sklearn.tree._tree.Tree"}),
    "NdArrayNode": frozenset({"numpy.ndarray", *NUMBERS}),
    "DTypeNode": frozenset({"numpy.dtype", *NUMBERS}),
    "TypeNode": frozenset({"builtins.str", "builtins.int", "builtins.float", "builtins.bool", *NUMBERS}),
    "SparseMatrixNode": frozenset({"scipy.sparse._csr.csr_matrix", "scipy.sparse._csc.csc_matrix"}),
    "JsonNode": frozenset({"builtins.str"}),
    "DictNode": frozenset({"builtins.dict", "sklearn.utils._bunch.Bunch"}),
    "ListNode": frozenset({"builtins.list"}),
    "TupleNode": frozenset({"builtins.tuple"}),
    "SetNode": frozenset({"builtins.set"}),
    "RandomStateNode": frozenset({"numpy.random.mtrand.RandomState"}),
    "SliceNode": frozenset({"builtins.slice"}),
}
"""The way a part is built → the types that may be built that way."""

MOST_UNPACKED, MOST_RATIO = 64 * 2**20, 50
"""A zip may unpack to 64 MiB, or to 50 times its size."""

_UNKNOWN = 2**31

_LEFT_OUT = ("_random_state", "_optimizer", "_feature_subsample_rng", "_rng")
"""Attributes that only further training would need."""


def dumps(estimator: Any) -> bytes:
    """A fitted estimator as skops bytes. Raises UntrustedModel if it holds anything we would not open again."""
    import skops.io
    from skops.io.exceptions import UnsupportedTypeException

    try:
        data = bytes(skops.io.dumps(_bare(estimator)))
    except UnsupportedTypeException as error:
        raise UntrustedModel(
            f"A {type(estimator).__name__} cannot be kept in a file that runs nothing: {error}",
            hint="Build the model of scikit-learn's own estimators.",
        ) from error
    check(data)
    return _canonical(data)


def loads(data: bytes) -> Any:
    """The estimator in skops bytes. Raises UntrustedModel before anything is built when a part is not allowed."""
    import skops.io

    check(data)
    try:
        estimator = skops.io.loads(data, trusted=sorted({n for names in ALLOWED.values() for n in names}))
    except (TypeError, ValueError, KeyError, AttributeError, ImportError, IndexError) as error:
        raise UntrustedModel(f"The model file is damaged: {error}") from error
    for tree, width in trees_of(estimator):
        _check_tree(tree, width)
    return _complete(estimator)


def check(data: bytes) -> None:
    """Raise UntrustedModel unless every part is on the allow-list. Builds nothing."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            _check_size(file, len(data))
            schema = json.loads(file.read("schema.json"))
    except (zipfile.BadZipFile, KeyError, ValueError, RecursionError) as error:
        raise UntrustedModel(f"The model file is no skops file: {error}") from error
    refused = sorted({found for found in _parts(schema) if not _is_allowed(*found)})
    if refused:
        names = ", ".join(name for _, name in refused[:5])
        raise UntrustedModel(
            f"The model file holds parts that are not on our allow-list: {names}.",
            hint="Only fitted scikit-learn estimators and numbers are opened; functions and other classes never.",
        )


def _canonical(data: bytes) -> bytes:
    """The same file with memory addresses replaced by running numbers: equal models give equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        numbers: dict[str, int] = {}
        schema = _renumbered(json.loads(old.read("schema.json")), numbers)
        entries = {
            f"{numbers[n.split('.')[0]]}.npy": old.read(n) for n in old.namelist() if n != "schema.json"
        }
        for name, content in [("schema.json", json.dumps(schema).encode()), *sorted(entries.items())]:
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


def _renumbered(item: Any, numbers: dict[str, int]) -> Any:
    if isinstance(item, list):
        return [_renumbered(value, numbers) for value in item]
    if not isinstance(item, dict):
        return item
    out: dict[str, Any] = {}
    for key, value in item.items():
        if key == "__id__":
            out[key] = numbers.setdefault(str(value), len(numbers) + 1)
        elif key == "file" and isinstance(value, str) and value.endswith(".npy"):
            out[key] = f"{numbers.setdefault(value.split('.')[0], len(numbers) + 1)}.npy"
        else:
            out[key] = _renumbered(value, numbers)
    return out


def _check_size(file: zipfile.ZipFile, packed: int) -> None:
    unpacked = sum(entry.file_size for entry in file.infolist())
    if unpacked > max(MOST_UNPACKED, MOST_RATIO * packed):
        raise UntrustedModel(f"The model file would unpack to {unpacked:,} bytes, far more than its size.")


def _parts(schema: Any) -> Iterator[tuple[str, str]]:
    """(way of building, type) of every part, found without recursion."""
    left = [schema]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            if "__loader__" in item or "__class__" in item or "__module__" in item:
                yield str(item.get("__loader__")), f"{item.get('__module__')}.{item.get('__class__')}"
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)


def _is_allowed(loader: str, name: str) -> bool:
    return name in ALLOWED.get(loader, ())


def _bare(estimator: Any) -> Any:
    """A shallow copy without what only training needs; neighbours keep their rows, the tree is grown again."""
    bare = copy.copy(estimator)
    for name in _LEFT_OUT:
        if hasattr(bare, name):
            setattr(bare, name, None)
    if getattr(bare, "_tree", None) is not None and hasattr(bare, "_fit_X"):
        bare._tree = None
    return bare


def _complete(estimator: Any) -> Any:
    """Grow again the search tree of neighbours, from the rows in the file."""
    needs_tree = getattr(estimator, "_fit_method", "") in ("kd_tree", "ball_tree")
    if needs_tree and getattr(estimator, "_tree", 0) is None:
        known = estimator._y
        estimator.fit(
            estimator._fit_X, estimator.classes_[known] if hasattr(estimator, "classes_") else known
        )
    return estimator


def trees_of(estimator: Any) -> Iterator[tuple[Any, int]]:
    """Every compiled tree inside an estimator, and how many features its rows will have when it is walked."""
    left: list[tuple[Any, int]] = [(estimator, _UNKNOWN)]
    seen: set[int] = set()
    while left:
        item, width = left.pop()
        if type(item).__name__ == "Tree" and hasattr(item, "children_left"):
            yield item, width
        elif id(item) not in seen:
            seen.add(id(item))
            left.extend(_inside(item, width))


def _inside(item: Any, width: int) -> list[tuple[Any, int]]:
    """What an object holds. Members of an ensemble are handed the ensemble's rows without being asked again."""
    if isinstance(item, (list, tuple, set)):
        return [(value, width) for value in item]
    if isinstance(item, np.ndarray):
        return [(value, width) for value in item.ravel().tolist()] if item.dtype == object else []
    if isinstance(item, dict):
        return [(value, _UNKNOWN) for value in item.values()]
    if not type(item).__module__.startswith("sklearn.") or not hasattr(item, "__dict__"):
        return []
    own = min(width, vars(item).get("n_features_in_", _UNKNOWN))
    return [
        (value, own if name in ("estimators_", "tree_") else _UNKNOWN) for name, value in vars(item).items()
    ]


def _check_tree(tree: Any, width: int) -> None:
    """Children lie behind their parent and inside; features lie inside: walking the tree stays in it and ends."""
    count = int(tree.node_count)
    left, right, feature = tree.children_left, tree.children_right, tree.feature
    inner = left != -1
    places = np.arange(count)
    inside = (left > places) & (left < count) & (right > places) & (right < count)
    if not (inside | ~inner).all() or not (((feature >= 0) & (feature < width)) | ~inner).all():
        raise UntrustedModel(
            "A tree of the model file points outside itself.", hint="The file was tampered with."
        )
