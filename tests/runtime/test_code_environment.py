"""The code environment as it is told."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

from penstock.runtime import code_environment
from penstock.testing import a_node


def test_the_python_and_the_packages_are_those_of_this_process(tmp_path: Path) -> None:
    found = code_environment.show(a_node(tmp_path))
    assert found.python == platform.python_version()
    assert {p.name.lower(): p.version for p in found.packages}["pyarrow"] == metadata.version("pyarrow")


def test_packages_are_found_by_name_with_either_dash(tmp_path: Path) -> None:
    found = code_environment.show(a_node(tmp_path), "scikit_learn")
    assert "scikit-learn" in [p.name for p in found.packages]
    assert "pyarrow" not in [p.name for p in found.packages]
