"""What the notebook on canola trade publishes of its regression."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.trade_effect import effects, results
from tradeexposure.data import result_words
from tradeexposure.policy import studies


def test_the_regressions_own_shortfall_is_what_its_effect_implies() -> None:
    """Only where the share diverted was measured; bounds are those of all and of none diverted."""
    episodes = studies.episodes("2019", "2025")

    def volume(change: float) -> effects.VolumeEffect:
        return effects.VolumeEffect(change, np.log1p(change), False, 0.0, 100.0, 100.0 / (1 + change), 9, 0)

    some = {"none": volume(-0.8), "measured": volume(-0.75), "full": volume(-0.5)}
    bounds = {"2019": some, "2019.baseline_to_2018_02": some, "2025": {"none": volume(-0.8), "full": volume(-0.5)}}
    rows = results.regression_shortfalls(bounds, episodes).set_index("result_id")
    assert list(rows.index) == ["canola.shortfall_kt.2019.regression"]
    assert rows[["low", "value", "high"]].iloc[0].tolist() == pytest.approx([100.0, 300.0, 400.0])


def test_methods_name_the_terms_the_clusters_and_the_control_crops_of_the_cells() -> None:
    wording, episodes = result_words.of("30_estimate_canola_trade"), studies.episodes("2019")
    logs = {name: pd.Series({"treated": value}) for name, value in (("coefficients", -1.0), ("std_errors", 0.1))}

    def method(frame: pd.DataFrame) -> str:
        fills = frame.iloc[0].astype(str).to_dict() | {"terms": results.terms([("destination", "year"), "month"])}
        return wording.method(fills["result_id"], fills)

    for clusters, ending in ((0, "rows as if independent"), (9, "standard error by 9 clusters")):
        fit = SimpleNamespace(**logs, n_clusters=clusters)
        text = method(results.robust_errors(fit, episodes["2019"], level=0.95))  # type: ignore[arg-type]
        assert text.startswith("Poisson regression, destination by year and month effects") and text.endswith(ending)
    frame = pd.DataFrame({"controls": ["oats"], "none": -0.7, "full": -0.6})
    assert "against oats, full" in method(results.triple({"2019": frame}, episodes))


def test_tonnes_of_soybeans_are_of_their_own_year_and_no_estimate() -> None:
    wording, key = result_words.of("30_estimate_canola_trade"), "soybeans.exports_china_kt.2018"
    assert (wording.stated(key, {})["period"], wording.method(key, {})) == ("2018", "as published, of a calendar year")


def test_the_answer_says_on_which_rows_the_regression_rests() -> None:
    rows = [(place, f"2018-{month:02d}", float(month)) for place in ("China", "Japan", "Mexico") for month in (1, 2, 3)]
    sample = pd.DataFrame(rows, columns=["destination", "month", "volume_kt"])
    fit = SimpleNamespace(n_obs=1559, n_separated=44)
    assert results.sample_words(sample, fit, studies.episodes("2019")["2019"]) == {  # type: ignore[arg-type]
        "rows": "1,559", "separated": "44", "markets": "3",
        "months": "August 2014 to February 2019 and March 2019 to February 2020",
    }  # fmt: skip
