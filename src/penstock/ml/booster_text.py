"""Opening LightGBM's text form: its trees are followed by compiled code, so they are checked before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from penstock.core.errors import UntrustedModel
from penstock.core.score import PredictionType

OBJECTIVES: dict[PredictionType, str] = {
    "binary": "binary",
    "multiclass": "multiclass",
    "regression": "regression",
}


def open_booster(text: str, prediction_type: PredictionType, *, width: int, classes: int) -> Any:
    """The booster in a text. Raises UntrustedModel when it does not fit, or a tree points outside itself."""
    import lightgbm

    check(text, prediction_type, width=width, classes=classes)
    try:
        return lightgbm.Booster(model_str=text)
    except (lightgbm.basic.LightGBMError, ValueError) as error:
        raise UntrustedModel(f"The LightGBM text cannot be read: {error}") from error


def check(text: str, prediction_type: PredictionType, *, width: int, classes: int) -> None:
    """Raise UntrustedModel unless header and every tree are sound. Only whole-number splits are looked at."""
    header, *trees = _blocks(text)
    try:
        outputs = classes if prediction_type == "multiclass" else 1
        fits = (
            int(header["max_feature_idx"]) == width - 1
            and int(header["num_tree_per_iteration"]) == int(header["num_class"]) == outputs
            and header["objective"].split()[0] == OBJECTIVES[prediction_type]
        )
        sound = all(_is_sound(tree, width) for tree in trees)
    except (KeyError, ValueError, IndexError) as error:
        raise UntrustedModel(f"The LightGBM text is damaged: {error}") from error
    if not fits:
        raise UntrustedModel("The LightGBM text does not fit its manifest.")
    if not sound:
        raise UntrustedModel(
            "A tree of the LightGBM text points outside itself.", hint="It was tampered with."
        )


def _blocks(text: str) -> Iterator[dict[str, str]]:
    """The header, then each tree, as key → value; what stands behind the trees is left out."""
    body, _, _ = text.partition("\nend of trees")
    for block in body.split("\nTree="):
        pairs = (line.partition("=") for line in block.splitlines())
        yield {key: value for key, _, value in pairs}


def _is_sound(tree: dict[str, str], width: int) -> bool:
    """Children come after their parent and exist, features exist, nothing but plain splits on numbers."""
    leaves = int(tree["num_leaves"])
    if tree["num_cat"] != "0" or tree["is_linear"] != "0" or leaves < 1:
        return False
    if len(tree["leaf_value"].split()) != leaves:
        return False
    if leaves == 1:
        return True
    features, left, right = (_whole(tree[key]) for key in ("split_feature", "left_child", "right_child"))
    lengths = {
        len(features),
        len(left),
        len(right),
        len(tree["threshold"].split()),
        len(tree["decision_type"].split()),
    }
    if lengths != {leaves - 1} or min(features) < 0 or max(features) >= width:
        return False
    return all(
        -leaves <= min(side)
        and max(side) < leaves - 1
        and all(child < 0 or child > parent for parent, child in enumerate(side))
        for side in (left, right)
    )


def _whole(text: str) -> list[int]:
    return list(map(int, text.split()))
