"""The models beside estimates and published numbers: comparisons are fair, the published example is reproduced."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import samplerows

from tradeexposure import data
from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.draws import Spread, spread
from tradeexposure.reporting import results_book
from tradeexposure.scenarios.simulation import gsim, models, results, sentences, tables, validation
from tradeexposure.scenarios.simulation.changes import ensemble
from tradeexposure.scenarios.simulation.models import Setting
from tradeexposure.scenarios.simulation.validation import Episode

SEED = 7
REPLACED = {"volume_fall_2019": (0.6, 0.7, 0.8), "ev_semi_elasticity": (0.02, 0.06, 0.1)}
ROWS = {"price_change.2019": (-0.05, -0.16, 0.08), "diversion_share.2019": (0.7, 0.2, 1.5),
        "price_change.2025": (-0.06, -0.16, 0.06), "china_volume_change.2025": (-1.0, np.nan, np.nan)}  # fmt: skip


@pytest.fixture(scope="module")
def setting() -> Setting:
    return models.prepare("deal_2026", draws=1000, seed=SEED, replaced=REPLACED, rows=samplerows.rows())


@pytest.fixture(scope="module")
def episodes(setting: Setting) -> list[Episode]:
    ids = [validation.ESTIMATES[key] for key in ROWS]
    earlier = pd.DataFrame(list(ROWS.values()), index=ids, columns=["value", "low", "high"])
    return validation.episodes(setting, earlier, seed=SEED, replaced=REPLACED)


def of(episodes: list[Episode], key: str) -> Episode:
    return next(one for one in episodes if one.key == key)


def told(one: Episode) -> str:
    return sentences.episodes(results.episode_rows([one]), [one])


def test_both_episodes_lower_the_price_and_move_seed_elsewhere(episodes: list[Episode]):
    for closure in CLOSURES:
        for key in ("price_change.2019", "price_change.2025"):
            assert spread(of(episodes, key).found.by_closure[closure]).high < 0
        assert 0 < spread(of(episodes, "diversion_share.2019").found.by_closure[closure]).value <= 1
        assert spread(of(episodes, "tariff_equivalent.2019").found.by_closure[closure]).low > 0


def test_one_good_loses_all_of_china_under_the_duties_of_2025(episodes: list[Episode]):
    one = of(episodes, "china_volume_change.2025")
    assert one.inside("homogeneous") and not one.inside("armington")
    assert "Only the model in which origin does not matter agrees" in told(one)


def test_inside_needs_an_estimate():
    both = ensemble(lambda _: np.full(3, -0.1))
    assert Episode("price_change.2019", both, Spread(-0.05, -0.16, 0.08), "x").inside("armington")
    assert not Episode("price_change.2019", both, Spread(-0.05, -0.06, 0.08), "x").inside("armington")
    with pytest.raises(ValueError, match="nothing is estimated"):
        Episode("tariff_equivalent.2019", both, None, "").inside("armington")


def test_an_estimate_that_holds_zero_is_called_weak(episodes: list[Episode]):
    assert "holds zero" in told(of(episodes, "price_change.2019"))
    assert "holds zero" not in told(of(episodes, "diversion_share.2019"))


def test_the_published_study_is_read_as_it_is_printed():
    table = data.load("benchmarks_vehicles")
    assert validation.published_quota_study(table).to_dict() == pytest.approx({
        "china_built": 49_000, "additional_evs": 30_745, "displaced_evs": 18_255, "displaced_share": 18_255 / 49_000,
        "china_share_of_evs": 0.233,
    })  # fmt: skip
    with pytest.raises(BadInput, match=r"net additional EVs / displaced other EVs.*0 rows"):
        validation.published_quota_study(table.head(3))


def test_everything_beside_is_published(setting: Setting, episodes: list[Episode]):
    book = results_book.Book("70_simulate_scenario")
    study = validation.quota_study(setting, seed=SEED, replaced=REPLACED)
    for rows in (
        results.episode_rows(episodes),
        results.quota_rows(study),
        results.example_rows(gsim.worked_example()),
    ):
        book.add_frame(rows)
    rows = book.frame().set_index("result_id")
    assert rows.loc["scenario.validation.gsim.largest_difference", "value"] == 0
    assert rows.loc["scenario.validation.quota.china_built.sawyer", "value"] == 49000
    assert rows.loc["scenario.validation.price_change.2019.estimate", "value"] == -0.05
    assert not {f"scenario.validation.{one.key}" for one in episodes} & set(rows.index)
    assert np.isnan(rows.loc["scenario.validation.china_volume_change.2025.estimate", "low"])
    assert len(tables.episodes(episodes)) == len(CLOSURES) * len(episodes)
    assert len(tables.quota_study(study)) == len(study)
