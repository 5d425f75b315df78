"""Penstock: build, score, evaluate, notice drift, retrain, ship and document, in one Python product.

Inside a recipe: `from penstock import Dataset, Folder, Model, EvaluationStore, variables, project`.
In a notebook:   `import penstock; flights = penstock.open().project("FLIGHTS")`.
From elsewhere:  `penstock.connect("http://127.0.0.1:7878", "pk_…").project("FLIGHTS")`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.api.remote import connect
    from penstock.app import open_home as open
    from penstock.sdk.dataset import Dataset
    from penstock.sdk.evaluation import EvaluationStore
    from penstock.sdk.folder import Folder
    from penstock.sdk.model import Model
    from penstock.sdk.project import project
    from penstock.sdk.variables import variables

_HOMES = {
    "Dataset": "penstock.sdk.dataset:Dataset",
    "EvaluationStore": "penstock.sdk.evaluation:EvaluationStore",
    "Folder": "penstock.sdk.folder:Folder",
    "Model": "penstock.sdk.model:Model",
    "connect": "penstock.api.remote:connect",
    "open": "penstock.app:open_home",
    "project": "penstock.sdk.project:project",
    "variables": "penstock.sdk.variables:variables",
}

__all__ = ["Dataset", "EvaluationStore", "Folder", "Model", "connect", "open", "project", "variables"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import what is asked for, when it is asked for: `import penstock` itself stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'penstock' has no attribute '{name}'")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(module), attribute)
