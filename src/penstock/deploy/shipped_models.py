"""Models of a bundle, opened once before it is taken in: what holds code is refused, and nothing of it is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core import bundle
from penstock.core.errors import PenstockError, UntrustedModel

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.signing import Signed

FILES = "/files/"
MANIFEST = f"{FILES}manifest.json"


def judge(node: Node, opened: Signed, work: Path) -> None:
    """Raise UntrustedModel for a version whose files nobody should open. What else is amiss with one is told when
    something scores with it."""
    manifests = [name for name in opened.names(bundle.MODELS) if name.endswith(MANIFEST)]
    for number, name in enumerate(manifests):
        folder = work / f"model-{number}"
        opened.extract(folder, under=name.removesuffix(MANIFEST) + FILES)
        _open(node, folder, name.removeprefix(bundle.MODELS).removesuffix(MANIFEST))


def _open(node: Node, folder: Path, version: str) -> None:
    try:
        node.analyses.judge(folder)
    except UntrustedModel as error:
        model, _, id = version.rpartition("/")
        text = (
            f"The bundle was not taken in: version {id} of model {model} is not to be opened. {error.message}"
        )
        raise UntrustedModel(text, hint=error.hint) from error
    except PenstockError:
        return
