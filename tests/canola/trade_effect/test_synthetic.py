"""The second design for volumes: years made of the window's months, which cells are controls, a loss found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.trade_effect import synthetic
from tradeexposure.canola.trade_effect.effects import SEASONAL
from tradeexposure.canola.trade_effect.placebo_cells import Untouched
from tradeexposure.core.errors import BadInput
from tradeexposure.policy.studies import Episode

WINDOW, BASELINE, EARLY = ("2019-03", "2020-02"), ("2014-08", "2019-02"), ("2014-08", "2018-02")
AMONG = Untouched(share=0.75, treated={"soybeans": "2014-08"}, effects=SEASONAL, least_before=18)
MONTHS = pd.date_range("2014-08", "2020-02", freq="MS", name="month")
CROPS, PLACES = (
    ("canola", "wheat", "barley", "peas", "soybeans"),
    ("China", "Japan", "Mexico", "Peru", "Chile", "India"),
)
EPISODES = {"2019": Episode("2019", "First year", WINDOW, (BASELINE,))}
BASELINES = {"2019": {"": [BASELINE], "baseline_to_2018_02": [EARLY]}}


def flows(*, lost: float = 0.0) -> pd.DataFrame:
    """All crops to all places with a season of their own; canola to China loses a share in the window."""
    rng = np.random.default_rng(4)
    keys = pd.MultiIndex.from_product([CROPS, PLACES, MONTHS], names=["crop", "destination", "month"])
    rows = keys.to_frame(index=False)
    season = 1 + 0.9 * np.sin(2 * np.pi * (rows["month"].dt.month + rows["destination"].str.len()) / 12)
    rows["volume_kt"] = 50 * season * np.exp(rng.normal(0, 0.1, len(rows)))
    hit = (rows["crop"] == "canola") & (rows["destination"] == "China") & (rows["month"] >= WINDOW[0])
    rows.loc[hit, "volume_kt"] *= 1 - lost
    return rows


def test_a_year_is_the_months_of_the_window_and_part_years_are_left_out() -> None:
    rows = flows()
    before, after = synthetic.yearly(rows, window=WINDOW, baseline=[BASELINE], among=AMONG)
    assert list(before.index) == [-4, -3, -2, -1] and list(after.index) == [0]
    own = rows[(rows["crop"] == "wheat") & (rows["destination"] == "Peru")].set_index("month")["volume_kt"]
    assert before.loc[-4, "wheat to Peru"] == pytest.approx(np.log1p(own["2015-03":"2016-02"].sum()))
    assert after.loc[0, "wheat to Peru"] == pytest.approx(np.log1p(own["2019-03":"2020-02"].sum()))
    assert synthetic.TREATED in before and "soybeans to China" not in before
    assert not [name for name in before if name.startswith("canola") and name != synthetic.TREATED]


def test_a_short_window_takes_the_same_months_of_each_year_and_a_long_one_several_years() -> None:
    rows = flows()
    before, _ = synthetic.yearly(
        rows, window=("2019-03", "2019-07"), baseline=[EARLY, ("2018-06", "2019-02")], among=AMONG
    )
    assert list(before.index) == [-4, -3, -2]  # of 2018 the baseline lacks March to May
    own = rows[(rows["crop"] == "wheat") & (rows["destination"] == "Peru")].set_index("month")["volume_kt"]
    assert before.loc[-2, "wheat to Peru"] == pytest.approx(np.log1p(own["2017-03":"2017-07"].sum()))
    before, after = synthetic.yearly(
        rows, window=("2018-01", "2020-02"), baseline=[("2014-08", "2017-12")], among=AMONG
    )
    assert list(before.index) == [-3, -2, -1] and list(after.index) == [0, 1]  # two months over two years are left out


def test_a_baseline_without_a_whole_year_is_refused() -> None:
    with pytest.raises(BadInput, match="baseline: found 2018-06 to 2019-02; allowed: one year's months of 2019-03 to"):
        synthetic.yearly(flows(), window=WINDOW, baseline=[("2018-06", "2019-02")], among=AMONG)


def test_a_cell_that_ends_stays_among_the_placebos() -> None:
    rows = flows()
    ended = (rows["crop"] == "peas") & (rows["destination"] == "India") & (rows["month"] >= WINDOW[0])
    rows.loc[ended, "volume_kt"] = 0.0
    found = synthetic.estimates(rows, EPISODES, {"2019": {"": [BASELINE]}}, among=AMONG)["2019"]
    assert found.placebos.idxmin() == "peas to India" and found.placebos.min() < -5


def test_a_loss_is_found_and_published_with_its_rank() -> None:
    found = synthetic.estimates(flows(lost=0.6), EPISODES, BASELINES, among=AMONG)
    rows = synthetic.results(found, EPISODES, level=0.95).set_index("result_id")
    stem = "canola.trade_effect.2019.synthetic_did"
    assert list(rows.index) == [f"{stem}{variant}{end}" for variant in ("", ".baseline_to_2018_02")
                                for end in ("", ".p_value", ".p_floor")]  # fmt: skip
    assert rows.loc[stem, "value"] == pytest.approx(-0.6, abs=0.05)
    assert rows.loc[stem, "low"] < rows.loc[stem, "value"] < rows.loc[stem, "high"] < 0
    controls = 4 * 6 - 1
    assert rows.loc[f"{stem}.p_value", "value"] == rows.loc[f"{stem}.p_floor", "value"] == 1 / (controls + 1)
    assert rows.loc[stem, ["controls", "years"]].tolist() == [str(controls), "4"]
    shown = synthetic.table(found, EPISODES, BASELINES)
    assert set(synthetic.TABLE["columns"]) == set(shown) and shown["years"].tolist() == [4, 3]
    assert shown["controls"].tolist() == [controls, controls]
