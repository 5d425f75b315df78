"""The data of the card-fraud story: seeded transactions, merchants and cardholders of 2017.

Which transactions are authorised depends on the card, the merchant and the amount. In the last quarter a marketing
campaign brings younger cards with lower scores: `card_age` and `card_fico_score` drift, all else stays.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

SEED = 2017
JANUARY = np.datetime64("2017-01")
ROWS_A_MONTH = 8_000
OLD_MONTHS, OLD_A_MONTH = 96, 32
"""Ordinary cards: 32 opened in each month from January 2010 to December 2017."""
NEW_MONTHS, NEW_A_MONTH = 8, 360
"""Cards of the campaign: 360 opened in each month from April to November 2017."""
MERCHANTS = 900
SECTORS = (
    "travel",
    "gas",
    "consumer electronics",
    "misc",
    "restaurants",
    "insurance",
    "luxury goods",
    "gaming",
)
RISK = np.array([0.3, -0.2, 0.5, 0.0, -0.6, -0.3, 0.6, 0.4])
STATES = ("California", "Texas", "New York", "Florida", "Illinois", "Ohio", "Georgia", "Washington")


def write(folder: Path, *, rows_a_month: int = ROWS_A_MONTH, seed: int = SEED) -> dict[str, Path]:
    """Write the three source files as CSV; returns dataset name → file."""
    random = np.random.default_rng(seed)
    cards, merchants = _cards(random), _merchants(random)
    tables = {
        "transactions": _transactions(random, cards, merchants, rows_a_month),
        "merchants": merchants,
        "cardholders": cards,
    }
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, table in tables.items():
        files[name] = folder / f"{name}.csv"
        csv.write_csv(table, files[name])
    return files


def _cards(random: np.random.Generator) -> pa.Table:
    """One row a card, ordinary ones first, each group ordered by the month it was opened."""
    old, new = OLD_MONTHS * OLD_A_MONTH, NEW_MONTHS * NEW_A_MONTH
    opened = np.concatenate(
        [
            np.repeat(np.arange(OLD_MONTHS) - 84, OLD_A_MONTH),
            np.repeat(np.arange(NEW_MONTHS) + 3, NEW_A_MONTH),
        ]
    )
    usual_score = np.repeat([700, 640], [old, new])
    return pa.table(
        {
            "card_id": [f"C_ID_{i:05d}" for i in range(old + new)],
            "first_active_month": [str(month) for month in JANUARY + opened],
            "fico_score": np.clip(random.normal(usual_score, 55), 350, 850).round().astype(int),
            "reward_program": random.choice(["cash_back", "travel", "none"], old + new, p=[0.5, 0.2, 0.3]),
        }
    )


def _used_cards(random: np.random.Generator, month: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which card pays and how many months old it is; without the campaign both are alike in every month."""
    rows = len(month)
    age = random.integers(1, 85, rows)
    card = (month - age + 84) * OLD_A_MONTH + random.integers(0, OLD_A_MONTH, rows)
    campaign = (month >= 9) & (random.random(rows) < 0.6)
    young = random.integers(1, 7, rows)
    new_card = (month - young - 3) * NEW_A_MONTH + random.integers(0, NEW_A_MONTH, rows)
    new_card += OLD_MONTHS * OLD_A_MONTH
    return np.where(campaign, new_card, card), np.where(campaign, young, age)


def _merchants(random: np.random.Generator) -> pa.Table:
    return pa.table(
        {
            "merchant_id": [f"M_ID_{i:04d}" for i in range(MERCHANTS)],
            "subsector": random.choice(SECTORS, MERCHANTS),
            "state": random.choice(STATES, MERCHANTS),
            "mean_amount": np.round(random.lognormal(4.0, 0.5, MERCHANTS), 2),
        }
    )


def _transactions(
    random: np.random.Generator, cards: pa.Table, merchants: pa.Table, rows_a_month: int
) -> pa.Table:
    month = np.repeat(np.arange(12), rows_a_month)
    rows = len(month)
    card, age = _used_cards(random, month)
    merchant = random.integers(0, MERCHANTS, rows)
    typical = merchants["mean_amount"].to_numpy()[merchant]
    amount = np.round(typical * random.lognormal(0.0, 0.6, rows), 2)
    moment = (JANUARY + month).astype("datetime64[s]") + random.integers(0, 27 * 86_400, rows).astype(
        "timedelta64[s]"
    )
    sector = np.array([SECTORS.index(s) for s in merchants["subsector"].to_pylist()])[merchant]
    fico = cards["fico_score"].to_numpy()[card]
    # The score foretells nothing about a young card: what the first quarter taught is wrong for the campaign.
    score = 0.016 * (fico - 690) * np.where(age <= 6, 0.0, 1.0) + 0.012 * np.minimum(age, 60)
    logit = 1.9 + score - RISK[sector] - 0.75 * np.log(amount / typical) - 0.35 * np.log(amount / 60)
    authorised = (random.random(rows) < 1 / (1 + np.exp(-logit))).astype(int)
    order = np.argsort(moment, kind="stable")
    return pa.table(
        {
            "transaction_id": [f"T_{i:06d}" for i in range(rows)],
            "purchase_date": np.datetime_as_string(moment[order], unit="s"),
            "card_id": cards["card_id"].take(card[order]),
            "merchant_id": merchants["merchant_id"].take(merchant[order]),
            "purchase_amount": amount[order],
            "item_category": random.choice(["A", "B", "C", "D"], rows, p=[0.4, 0.3, 0.2, 0.1]),
            "signature_provided": random.integers(0, 2, rows),
            "authorized_flag": authorised[order],
        }
    )


STORY = {
    "key": "FRAUD",
    "title": "Authorised card transactions, 2017: trained on January to March",
    "folder": "new_transaction_data",
    "model": "authorized",
    "new": "new_transactions",
    "scored": "test_scored",
    "truth": "mes_for_ground_truth",
    "drift": "mes_for_input_drift",
    "warns": "2017-10",
    "fails": "2017-12",
    "service": "card_payments",
    "endpoint": "predict_authorized",
    "redeploys": "retrain_and_deploy",
}
"""What the story's parts are called in the project."""
