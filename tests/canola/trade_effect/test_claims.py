"""Claims in words: each is found untrue when the number behind it says so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.trade_effect import claims, results
from tradeexposure.canola.trade_effect.effects import VolumeEffect
from tradeexposure.canola.trade_effect.shortfall import VolumePaths
from tradeexposure.policy import studies
from tradeexposure.reporting.claims import Claim, false_claims

MONTHS = pd.date_range("2019-03", "2020-02", freq="MS")


def path() -> VolumePaths:
    actual = pd.DataFrame({"China": 100.0}, MONTHS)
    actual.loc["2019-08-01", "China"] = 300.0
    return VolumePaths(MONTHS, {"China": np.full((50, 12), 300.0)}, actual)


def markets(*, europe: float) -> dict[str, VolumePaths]:
    actual = pd.DataFrame({"China": 900.0, "European Union": europe, "Japan": 50.0, "Home crush": 900.0}, MONTHS)
    return {"one": VolumePaths(MONTHS, {name: np.full((50, 12), 40.0) for name in actual}, actual)}


def published() -> pd.DataFrame:
    """Numbers that bear out every claim."""
    effect, shortfall, case = "canola.trade_effect", "canola.shortfall_kt", "canola.frontloading_kt.2024-08.placebo"
    rows = {f"{shortfall}.{key}": (5.0, 1.0, 9.0) for key in ("2019", "2019.uncapped")}
    rows |= {f"{shortfall}.{key}": (5.0, -1.0, 9.0)
             for key in ("2025", "2025_before_seed", "2025.long_baseline", "2025.uncapped")}  # fmt: skip
    rows |= {f"{effect}.2019{name}.p_{end}": (0.03, np.nan, np.nan)
             for name in ("", ".full_diversion") for end in ("value", "floor")}  # fmt: skip
    rows |= {f"{effect}.2025{key}{name}.p_value": (0.06, np.nan, np.nan)
             for key in ("", "_before_seed") for name in ("", ".full_diversion")}  # fmt: skip
    rows |= {"canola.trade_spec_curve.2019.share_middle": (0.6, np.nan, np.nan), case: (3.0, -1.0, 9.0),
             f"{case}_long_baseline": (3.0, 1.0, 9.0), "canola.path_coverage.2019": (1.0, np.nan, np.nan),
             "canola.path_coverage.2025": (0.93, np.nan, np.nan)}  # fmt: skip
    rows |= {f"{effect}.2019{name}": (-0.6, -0.7, -0.5) for name in ("", ".triple_difference", ".counterfactual")}
    synthetic = {"2019": -0.7, "2019.p_value": 0.03, "2019.baseline_to_2018_02": -0.7,
                 "2019.baseline_to_2018_02.p_value": 0.07, "2025_before_seed.p_value": 0.2,
                 "2025_before_seed.long_baseline.p_value": 0.2}  # fmt: skip
    for key, number in synthetic.items():
        episode, dot, rest = key.partition(".")
        rows[f"{effect}.{episode}.synthetic_did{dot}{rest}"] = (number, np.nan, np.nan)
    rows |= {f"{effect}.2025.counterfactual": (-0.5, -0.8, 1.4)}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"])
    return frame.rename_axis("result_id").reset_index()


ENDED = VolumeEffect(-1.0, -np.inf, True, 0.0, 0.0, np.nan, 0, 0)


def untrue(
    rows: pd.DataFrame, *, europe: float, seed: VolumeEffect = ENDED, baseline: tuple[str, ...] = ()
) -> list[Claim]:
    chosen = studies.episodes("2019", "2025", baseline={"before_2019": baseline})
    return false_claims(
        claims.stated(
            rows, path=path(), markets=markets(europe=europe), seed={"none": seed}, soybeans=ENDED, episodes=chosen
        )
    )


def test_nothing_is_untrue_where_the_numbers_bear_it_out():
    assert untrue(published(), europe=90.0) == []


@pytest.mark.parametrize(
    ("result_id", "column", "number", "claim"),
    [
        ("canola.shortfall_kt.2019", "low", -1.0, "2019 is above zero"),
        ("canola.shortfall_kt.2019.uncapped", "value", 6.0, "caps"),
        ("canola.shortfall_kt.2025.uncapped", "low", 0.5, "2025 holds zero"),
        ("canola.trade_effect.2019.full_diversion.p_value", "value", 0.07, "no other crop"),
        ("canola.trade_effect.2019.triple_difference", "high", -0.1, "large by every method"),
        ("canola.trade_effect.2025.counterfactual", "high", -0.1, "not pinned down"),
        ("canola.trade_effect.2025.p_value", "value", 0.04, "no effect"),
        ("canola.trade_spec_curve.2019.share_middle", "value", 0.5, "most specifications"),
        ("canola.frontloading_kt.2024-08.placebo", "value", -1.0, "August"),
        ("canola.path_coverage.2025", "value", 0.8, "placebo cells"),
        ("canola.trade_effect.2019.synthetic_did", "value", -0.4, "second design shows a large fall of 2019"),
        ("canola.trade_effect.2019.synthetic_did.baseline_to_2018_02.p_value", "value", 0.04, "early baseline"),
        (
            "canola.trade_effect.2025_before_seed.synthetic_did.long_baseline.p_value",
            "value",
            0.04,
            "before the deposit",
        ),
    ],
)
def test_a_number_that_contradicts_a_claim_is_found(result_id: str, column: str, number: float, claim: str):
    rows = published()
    rows.loc[rows["result_id"] == result_id, column] = number
    found = untrue(rows, europe=90.0)
    assert len(found) == 1 and claim in found[0].sentence and found[0].found and found[0].where


def test_the_band_and_the_largest_rise_are_read_from_the_paths():
    assert claims.months_not_below(path()) == ["2019-08"]
    assert claims.largest_rises(markets(europe=45.0)) == {"Japan"}
    assert [str(claim) for claim in untrue(published(), europe=45.0)] == [
        "“Europe shows the largest rise”: found Japan (Where the seed went)"
    ]


def test_seed_that_went_on_is_found():
    some = VolumeEffect(-0.9, -2.3, False, 0.0, 1.0, 10.0, 50, 0)
    assert [claim.sentence for claim in untrue(published(), europe=90.0, seed=some)] == [
        "under the deposit nothing was shipped"
    ]


def test_another_baseline_is_named_in_the_sentence():
    rows = published()
    rows.loc[rows["result_id"] == "canola.trade_effect.2019.p_value", "value"] = 0.07
    (found,) = untrue(rows, europe=90.0, baseline=("2014-08", "2018-02"))
    assert "in March 2019 to February 2020 (baseline August 2014 to February 2018)”" in str(found)


def test_a_row_with_a_baseline_of_its_own_names_no_chosen_one():
    (one,) = studies.episodes("2019", baseline={"before_2019": ["2014-08", "2017-12"]}).values()
    some = VolumeEffect(-0.7, -1.2, False, 0.0, 1.0, 10.0, 450, 0)
    bounds = {key: {"none": some, "full": some} for key in ("2019", "2019.baseline_to_2018_02")}
    table = results.bounds_table(bounds, {"2019": one})
    assert table["label"].tolist() == [
        "March 2019 to February 2020 (baseline August 2014 to December 2017)",
        "March 2019 to February 2020, baseline to February 2018",
    ]
    assert table["n_obs"].tolist() == [450, 450]
