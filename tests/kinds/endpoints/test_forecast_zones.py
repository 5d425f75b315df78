"""A forecast endpoint whose model counts the days of a zone."""

from __future__ import annotations

from penstock.kinds.endpoints._forecasting import Forecasts
from penstock.ml import forecast_training
from tests.ml.test_time_zones import PARIS, by, midnights, rows


def test_answers_are_instants_at_which_days_begin_in_the_zone() -> None:
    times = midnights((2024, 2, 1), 58)
    endpoint = Forecasts(forecast_training.train(by(), rows(times)).model)
    told = [{"day": t.isoformat(), "sales": float(n % 7)} for n, t in enumerate(times)]
    plain = [
        {"day": f"{t.astimezone(PARIS):%Y-%m-%d}", "sales": r["sales"]}
        for t, r in zip(times, told, strict=True)
    ]
    for items in (told, plain):
        results = endpoint.answer("forecast", {"items": items}).body["results"]
        assert [r["time"] for r in results][:4] == [
            "2024-03-29T23:00:00.000000Z", "2024-03-30T23:00:00.000000Z", "2024-03-31T22:00:00.000000Z",
            "2024-04-01T22:00:00.000000Z",
        ]  # fmt: skip
