"""The second design for the price: which prices are controls, which months count, a gap found and published."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.price_effect import names, synthetic
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series.months import window

MONTHS = pd.date_range("2014-01", "2020-02", freq="MS", name="month")
WORLD = ("soybeans", "maize", "palm_oil", "barley")
LATE = window("2019", "2019-03", "2020-02")
EARLY_FIT = window("2019.fit_2018_08", "2019-03", "2020-02", "2018-08")


def panel(gap: float = 0.0) -> pd.DataFrame:
    """Canola is a mean of soybeans and palm oil, lower by `gap` in the window; barley ends in it."""
    walks = np.random.default_rng(5).normal(0, 0.03, (len(MONTHS), 4)).cumsum(axis=0)
    frame = pd.DataFrame(walks + 6, MONTHS, columns=list(WORLD))
    frame.insert(0, "canola", (frame["soybeans"] + frame["palm_oil"]) / 2 + 0.2)
    frame.loc["2019-03":, "canola"] += np.log1p(gap)
    frame.loc["2019-09":, "barley"] = np.nan
    return frame.assign(crude_oil=1.0)


def farm_prices() -> pd.DataFrame:
    rows = pd.DataFrame({"month": MONTHS, "crop": "wheat", "price_cad_per_tonne": np.exp(5 + 0.1 * np.sin(range(74)))})
    return pd.concat([rows.assign(province=name) for name in ("Alberta", "Manitoba")], ignore_index=True)


def logs(gap: float = 0.0) -> pd.DataFrame:
    return synthetic.prices(panel(gap), farm_prices(), world=WORLD, farm={"wheat": ("wheat", ("Alberta", "Manitoba"))})


def test_controls_are_the_prices_named_and_held_throughout() -> None:
    assert list(logs()) == ["canola", *WORLD, "wheat"]
    found = synthetic.estimate(logs(), LATE, since="2015-01")
    assert set(found.placebos.index) == {"soybeans", "maize", "palm_oil", "wheat"}
    assert logs()["wheat"].iloc[1] == pytest.approx(5 + 0.1 * np.sin(1))
    with pytest.raises(BadInput, match="world prices: rice: found rice; allowed: canola, soybeans"):
        synthetic.prices(panel(), farm_prices(), world=("rice",), farm={})


def test_months_compared_with_end_with_the_fit_or_where_they_are_told_to() -> None:
    both = synthetic.estimates(
        logs(), {"2019": LATE, EARLY_FIT.name: EARLY_FIT}, since={"": "2015-01", "2019": "2014-08"}
    )
    first, second = (one.estimate.time_weights.index for one in both.values())
    assert (f"{first[0]:%Y-%m}", f"{first[-1]:%Y-%m}") == ("2014-08", "2019-02")
    assert (f"{second[0]:%Y-%m}", f"{second[-1]:%Y-%m}") == ("2015-01", "2018-08")
    cut = synthetic.estimate(logs(), LATE, since="2014-08", until="2018-02").estimate.time_weights.index
    assert f"{cut[-1]:%Y-%m}" == "2018-02"


def test_a_gap_is_found_and_published_with_its_rank() -> None:
    found = synthetic.estimates(logs(-0.3), {"2019": LATE}, since={"": "2014-08"})
    found["2019:baseline_to_2018_02"] = synthetic.estimate(logs(-0.3), LATE, since="2014-08", until="2018-02")
    rows = synthetic.results(found, {"2019": LATE}, level=0.95).set_index("result_id")
    stem = "canola.price_effect.2019.synthetic_did"
    assert list(rows.index) == [f"{stem}{variant}{end}" for variant in ("", ".baseline_to_2018_02")
                                for end in ("", ".p_value", ".p_floor")]  # fmt: skip
    assert rows.loc[stem, "value"] == pytest.approx(-0.3, abs=0.05)
    assert rows.loc[stem, "low"] < rows.loc[stem, "value"] < rows.loc[stem, "high"]
    assert rows.loc[f"{stem}.p_value", "value"] == rows.loc[f"{stem}.p_floor", "value"] == 1 / 5
    assert set(rows["period"]) == {"2019-03 to 2020-02"}
    shown = synthetic.table(found, {"2019": LATE})
    assert set(shown) == set(names.HEADINGS["synthetic"]) and shown["before"].tolist() == [
        "2014-08 to 2019-02", "2014-08 to 2018-02"
    ]  # fmt: skip
