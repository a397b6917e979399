"""Placebos over cells and years, and cells as controls: size under nothing, rank of a real loss, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.trade_effect import effects, figures, placebo_cells, results
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.treatment_effects import placebo
from tradeexposure.policy.studies import Episode

SEASONAL = (("destination", "calendar_month"), "month")
WINDOW, BASELINE, EARLY = ("2019-03", "2020-02"), [("2014-08", "2019-02")], ("2014-08", "2018-02")
AMONG = placebo_cells.Untouched(
    share=0.75, treated={"soybeans": "2014-08", "peas": "2025-03"}, effects=SEASONAL, least_before=18,
    models=("structural", "sarimax"),
)  # fmt: skip
EPISODES = {"2019": Episode("2019", "First year", WINDOW, tuple(BASELINE))}
BASELINES = {"2019": {"": BASELINE, "baseline_to_2018_02": [EARLY]}}
MONTHS = pd.date_range("2014-08", "2020-02", freq="MS", name="month")
CROPS, PLACES = (
    ("canola", "wheat", "barley", "peas", "soybeans"),
    ("China", "Japan", "Mexico", "Peru", "Chile", "India"),
)


def flows(rng: np.random.Generator, *, lost: float = 0.0, noise: float = 0.3) -> pd.DataFrame:
    """All crops to all places, log-normal; canola to China loses a share in the window; peas to Chile are rare."""
    keys = pd.MultiIndex.from_product([CROPS, PLACES, MONTHS], names=["crop", "destination", "month"])
    rows = keys.to_frame(index=False).assign(volume_kt=np.exp(4 + rng.normal(0, noise, len(keys))))
    rows.loc[
        (rows["crop"] == "peas") & (rows["destination"] == "Chile") & (rows["month"].dt.month > 4), "volume_kt"
    ] = 0
    hit = (rows["crop"] == "canola") & (rows["destination"] == "China") & (rows["month"] >= WINDOW[0])
    rows.loc[hit, "volume_kt"] *= 1 - lost
    return rows


def test_cells_are_the_other_crops_where_trade_is_regular():
    cells = placebo_cells.cells(flows(np.random.default_rng(1)), window=WINDOW, baseline=BASELINE, among=AMONG)
    pairs = set(zip(cells["crop"], cells["destination"], strict=True))
    assert not {crop for crop, _ in pairs} & {"canola"}
    assert ("soybeans", "China") not in pairs and ("peas", "Chile") not in pairs and ("wheat", "China") in pairs
    assert len(pairs) == 4 * 6 - 2


def test_peas_to_china_are_no_placebo_once_they_pay_the_duty():
    rows = flows(np.random.default_rng(1))
    for last, kept in (("2025-02", True), ("2025-03", False), ("2025-10", False)):
        cells = placebo_cells.cells(rows, window=("2025-01", last), baseline=BASELINE, among=AMONG)
        assert (("peas", "China") in set(zip(cells["crop"], cells["destination"], strict=True))) == kept


def test_placebo_effects_centre_on_nothing_and_find_a_cell_that_was_hit():
    rows = flows(np.random.default_rng(2))
    wheat = (rows["crop"] == "wheat") & (rows["destination"] == "Peru") & (rows["month"] >= WINDOW[0])
    rows.loc[wheat, "volume_kt"] *= 0.2
    placebos = placebo_cells.cell_effects(rows, window=WINDOW, baseline=BASELINE, among=AMONG).set_index(
        ["crop", "destination"]
    )
    assert placebos.loc[("wheat", "Peru"), "change"] == pytest.approx(-0.8, abs=0.06)
    assert placebos["log_effect"].drop([("wheat", name) for name in PLACES]).abs().mean() < 0.15


def test_a_cell_that_ships_nothing_in_the_window_counts_as_the_largest_fall():
    rows = flows(np.random.default_rng(3))
    rows.loc[
        (rows["crop"] == "barley") & (rows["destination"] == "Peru") & (rows["month"] >= WINDOW[0]), "volume_kt"
    ] = 0
    placebos = placebo_cells.cell_effects(rows, window=WINDOW, baseline=BASELINE, among=AMONG)
    assert placebos["log_effect"].min() == placebo_cells.LOWEST
    assert np.isfinite(placebos["log_effect"]).all()


@pytest.mark.long
def test_standardised_gaps_have_about_unit_size_where_nothing_happened():
    rows = flows(np.random.default_rng(4))
    usual = placebo_cells.cell_shortfalls(rows, window=WINDOW, baseline=BASELINE, among=AMONG).set_index(
        ["crop", "destination"]
    )
    assert 0.4 < usual["standardised"].std() < 1.6
    lost = (rows["crop"] == "wheat") & (rows["destination"] == "Peru") & (rows["month"] >= WINDOW[0])
    missing = 0.8 * rows.loc[lost, "volume_kt"].sum()
    rows.loc[lost, "volume_kt"] *= 0.2
    hit = placebo_cells.cell_shortfalls(rows, window=WINDOW, baseline=BASELINE, among=AMONG).set_index(
        ["crop", "destination"]
    )
    moved = hit["gap_kt"] - usual["gap_kt"]
    assert moved[("wheat", "Peru")] == pytest.approx(missing)
    assert moved.drop(("wheat", "Peru")).abs().max() < 1e-9
    assert hit.loc[("wheat", "Peru"), "standardised"] > 4


@pytest.mark.long
def test_intervals_of_paths_hold_cells_that_nothing_happened_to_and_no_cell_that_lost_all():
    rows = flows(np.random.default_rng(8))
    options = {"window": WINDOW, "baseline": BASELINE, "seed": 1, "draws": 400, "among": AMONG}
    assert placebo_cells.path_coverage(rows, level=0.95, **options) >= 0.85
    assert placebo_cells.path_coverage(rows, level=0.3, **options) < 0.7
    assert placebo_cells.path_coverage(rows.assign(volume_kt=rows["volume_kt"].where(rows["month"] < WINDOW[0], 0.0)),
                                level=0.95, **options) == 0  # fmt: skip


def test_paths_of_cells_are_of_the_models_chosen():
    rows, spans = flows(np.random.default_rng(4)), {"window": WINDOW, "baseline": BASELINE}
    both, alone = (
        placebo_cells.cell_shortfalls(rows, **spans, among=replace(AMONG, models=models))["standardised"]
        for models in (AMONG.models, ["sarimax"])
    )
    assert not np.isclose(both, alone).any()


def test_other_years_stay_within_clean_months_and_use_only_months_before():
    rows = flows(np.random.default_rng(5), lost=0.7)
    spans = [("2014-08", "2019-02")]
    years = placebo_cells.other_years(
        rows, windows=placebo_cells.year_windows(WINDOW, 2015, 2019), spans=spans, among=AMONG
    )
    assert placebo_cells.year_windows(("2019-04", "2020-01"), 2016, 2016) == [("2016-04", "2017-01")]
    assert years["window"].tolist() == ["2016-03", "2017-03", "2018-03"]
    assert years["log_effect"].abs().max() < 0.4
    assert placebo_cells.before(("2017-03", "2018-02"), spans, least=18) == [("2014-08", "2017-02")]
    assert placebo_cells.before(("2015-03", "2016-02"), spans, least=18) == []


def test_cells_by_date_hold_every_cell_in_every_window():
    rows = flows(np.random.default_rng(6))
    cells = placebo_cells.by_date(
        rows, windows=placebo_cells.year_windows(WINDOW, 2016, 2018), since="2014-08", among=AMONG
    )
    assert cells["window"].nunique() == 3 and len(cells) == 3 * 22


def test_bad_input_is_refused():
    rows = flows(np.random.default_rng(7))
    with pytest.raises(BadInput, match="share"):
        placebo_cells.cells(rows[rows["crop"] == "canola"], window=WINDOW, baseline=BASELINE, among=AMONG)
    with pytest.raises(BadInput, match="clean"):
        placebo_cells.other_years(rows, windows=[("2019-03", "2020-02")], spans=[("2014-08", "2019-02")], among=AMONG)


@pytest.mark.slow
def test_the_permutation_test_has_its_size():
    """Without an effect the p-value is at most 0.1 in about a tenth of replications."""
    small = []
    for seed in range(200):
        rows = flows(np.random.default_rng(100 + seed))
        actual = effects.difference(rows, window=WINDOW, baseline=BASELINE, effects=SEASONAL).log_effect
        others = placebo_cells.cell_effects(rows, window=WINDOW, baseline=BASELINE, among=AMONG)["log_effect"]
        small.append(placebo.rank(actual, others).p_value <= 0.1)
    print(f"size of the 10% permutation test over 200 replications: {np.mean(small):.3f}")
    assert 0.04 <= np.mean(small) <= 0.16


def quiet_flows(*, lost: float = 0.0) -> pd.DataFrame:
    return flows(np.random.default_rng(4), lost=lost, noise=0.1)


def test_a_year_is_the_months_of_the_window_and_part_years_are_left_out() -> None:
    rows = quiet_flows()
    before, after = placebo_cells.yearly(rows, window=WINDOW, baseline=BASELINE, among=AMONG)
    assert list(before.index) == [-4, -3, -2, -1] and list(after.index) == [0]
    own = rows[(rows["crop"] == "wheat") & (rows["destination"] == "Peru")].set_index("month")["volume_kt"]
    assert before.loc[-4, "wheat to Peru"] == pytest.approx(np.log1p(own["2015-03":"2016-02"].sum()))
    assert after.loc[0, "wheat to Peru"] == pytest.approx(np.log1p(own["2019-03":"2020-02"].sum()))
    assert placebo_cells.TREATED in before and "soybeans to China" not in before
    assert not [name for name in before if name.startswith("canola") and name != placebo_cells.TREATED]


def test_a_short_window_takes_the_same_months_of_each_year_and_a_long_one_several_years() -> None:
    rows = quiet_flows()
    before, _ = placebo_cells.yearly(
        rows, window=("2019-03", "2019-07"), baseline=[EARLY, ("2018-06", "2019-02")], among=AMONG
    )
    assert list(before.index) == [-4, -3, -2]  # of 2018 the baseline lacks March to May
    own = rows[(rows["crop"] == "wheat") & (rows["destination"] == "Peru")].set_index("month")["volume_kt"]
    assert before.loc[-2, "wheat to Peru"] == pytest.approx(np.log1p(own["2017-03":"2017-07"].sum()))
    before, after = placebo_cells.yearly(
        rows, window=("2018-01", "2020-02"), baseline=[("2014-08", "2017-12")], among=AMONG
    )
    assert list(before.index) == [-3, -2, -1] and list(after.index) == [0, 1]  # two months over two years are left out


def test_a_baseline_without_a_whole_year_is_refused() -> None:
    with pytest.raises(BadInput, match="baseline: found 2018-06 to 2019-02; allowed: one year's months of 2019-03 to"):
        placebo_cells.yearly(quiet_flows(), window=WINDOW, baseline=[("2018-06", "2019-02")], among=AMONG)


def test_a_cell_that_ends_stays_among_the_placebos() -> None:
    rows = quiet_flows()
    ended = (rows["crop"] == "peas") & (rows["destination"] == "India") & (rows["month"] >= WINDOW[0])
    rows.loc[ended, "volume_kt"] = 0.0
    tested = placebo_cells.synthetic_did(rows, EPISODES, {"2019": {"": BASELINE}}, among=AMONG)["2019"]
    assert tested.placebos.idxmin() == "peas to India" and tested.placebos.min() < -5


def test_a_loss_is_found_and_published_with_its_rank() -> None:
    tested = placebo_cells.synthetic_did(quiet_flows(lost=0.6), EPISODES, BASELINES, among=AMONG)
    rows = results.synthetic_did(tested, EPISODES, level=0.95).set_index("result_id")
    stem = "canola.trade_effect.2019.synthetic_did"
    assert list(rows.index) == [f"{stem}{variant}{end}" for variant in ("", ".baseline_to_2018_02")
                                for end in ("", ".p_value", ".p_floor")]  # fmt: skip
    assert rows.loc[stem, "value"] == pytest.approx(-0.6, abs=0.05)
    assert rows.loc[stem, "low"] < rows.loc[stem, "value"] < rows.loc[stem, "high"] < 0
    controls = 4 * 6 - 2
    assert rows.loc[f"{stem}.p_value", "value"] == rows.loc[f"{stem}.p_floor", "value"] == 1 / (controls + 1)
    assert rows.loc[stem, ["controls", "years"]].tolist() == [str(controls), "4"]
    shown = results.synthetic_did_table(tested, EPISODES, BASELINES)
    assert set(figures.TABLES["synthetic"]["columns"]) == set(shown) and shown["years"].tolist() == [4, 3]
    assert shown["controls"].tolist() == [controls, controls]
