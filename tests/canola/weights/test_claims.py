"""What notebook 65 says in words is found untrue when its numbers say so."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from tradeexposure.canola.weights import claims
from tradeexposure.core import paths
from tradeexposure.core.published_rows import numbers_of
from tradeexposure.core.results_csv import frame_of
from tradeexposure.reporting.claims import assert_claims


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    """The numbers of the committed notebook."""
    return frame_of(numbers_of(json.loads(paths.path("notebooks", "65_weigh_canola_models.ipynb").read_text("utf-8"))))


def test_the_committed_numbers_bear_every_claim_out(published: pd.DataFrame) -> None:
    assert_claims(claims.stated(published))


@pytest.mark.parametrize(
    ("key", "column", "value", "claim"),
    [
        ("canola.weights.effective_rows", "value", 2900.0, "at least 3,000 draws"),
        ("canola.weights.largest", "value", 0.006, "weighs above 0.5%"),
        ("canola.weights.gain_cad", "high", 8e8, "stays wide"),
        ("canola.weights.gain_cad.unweighted", "value", 8e8, "two thirds of what our model"),
        ("canola.substitution.posterior", "high", 40.0, "factor of about ten"),
        ("canola.substitution.posterior", "high", 60.0, "upper end is that of the prior"),
        ("canola.substitution.posterior.wider_scale", "high", 100.0, "makes the upper end"),
        ("canola.weights.gain_cad.wider_scale", "value", 7e8, "down by about a sixth"),
        ("canola.weights.gain_cad.china_share_low", "value", 8e8, "put at its ends"),
        ("canola.weights.gain_cad.against_final_duty", "value", 6e8, "all of the gain is meal"),
        ("canola.weights.gain_cad.first_year", "value", 6e8, "first year the gain is larger"),
        ("canola.weights.gain_cad.highest_variant", "value", 7e8, "on both sides"),
        ("canola.weights.effective_rows.waiting_none", "value", 4000.0, "nobody waits"),
        ("canola.rivals.reshuffling.posterior", "low", 0.2, "markets stand apart"),
        ("canola.rivals.reshuffling.posterior", "high", 0.9, "cannot be told"),
        ("canola.weights.log_evidence.segmented", "value", -8.0, "speak against markets apart"),
        ("canola.weights.log_evidence.one_pool", "value", -12.0, "whether one pool"),
        ("canola.weights.log_evidence.one_pool", "value", 12.0, "whether one pool"),
        ("canola.china_total_kt.deal.seen", "value", 9000.0, "meet China's totals"),
        ("canola.rivals.to_china_kt.2019.seen", "value", 1500.0, "put too high"),
        ("canola.weights.left_out.d14", "value", 7.5e8, "nearer to no data"),
        ("canola.weights.crush_2019_kt", "value", 900.0, "crushers of 2019 take less"),
        ("canola.weights.crush_2019_kt.seen", "low", 500.0, "holds both"),
        ("canola.weights.pull.d5", "value", 1e8, "pull the gain down"),
        ("canola.weights.pull.d6", "value", -9e8, "pull it down most"),
        ("canola.weights.pull.d15", "value", -1e8, "pull it up"),
        ("canola.weights.pull.d13", "value", 3e8, "price of meal pulls hardly"),
        ("canola.weights.calibration.gain", "value", 0.8, "nine times in ten"),
        ("canola.weights.calibration.kappa.p_value", "value", 0.001, "ranks are even"),
        ("canola.meal_relative_price.after", "value", 0.7, "decides its sign"),
        ("canola.weights.total_exports_change_kt", "low", -50.0, "raises exports to all"),
    ],
)
def test_a_number_that_does_not_is_named(
    published: pd.DataFrame, key: str, column: str, value: float, claim: str
) -> None:
    wrong = published.assign(**{column: published[column].mask(published["result_id"] == key, value)})
    with pytest.raises(AssertionError, match=claim):
        assert_claims(claims.stated(wrong))


@pytest.mark.parametrize(("end", "choice"), [("lowest", "nobody waits"), ("highest", "without the price of 2019")])
def test_another_choice_at_an_end_is_named(published: pd.DataFrame, end: str, choice: str) -> None:
    label = published["label"].mask(published["result_id"] == f"canola.weights.gain_cad.{end}_variant", choice)
    with pytest.raises(AssertionError, match=f"the {end} of other choices"):
        assert_claims(claims.stated(published.assign(label=label)))
