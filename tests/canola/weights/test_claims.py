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
    assert_claims(claims.claims(published))


@pytest.mark.parametrize(
    ("key", "column", "value", "claim"),
    [
        ("canola.weights.effective_share", "value", 0.1, "a fifth of the draws"),
        ("canola.weights.largest", "value", 0.02, "weighs above 1%"),
        ("canola.weights.gain_cad", "high", 4e8, "stays wide"),
        ("canola.substitution.posterior", "high", 40.0, "factor of about nine"),
        ("canola.substitution.posterior.wider_scale", "high", 300.0, "edge of the prior makes no elasticity"),
        ("canola.substitution.posterior.wider_scale.official_data_only", "high", 80.0, "makes the upper end"),
        ("canola.substitution.posterior.official_data_only", "high", 40.0, "is that of the prior"),
        ("canola.weights.gain_cad.wider_scale", "high", 2e9, "makes no gain"),
        ("canola.weights.gain_cad.china_share_low", "value", 6e8, "put at its ends"),
        ("canola.weights.left_out.d1", "value", 9.5e8, "no single datum makes the median"),
        ("canola.weights.crush_2019_kt", "value", 900.0, "crushers of 2019 take less"),
        ("canola.weights.crush_2019_kt.seen", "low", 300.0, "holds both"),
        ("canola.weights.pull.d5", "value", 1e8, "pull the gain down most"),
        ("canola.weights.calibration.gain", "value", 0.8, "nine times in ten"),
        ("canola.meal_relative_price.after", "value", 0.7, "meal did not recover"),
    ],
)
def test_a_number_that_does_not_is_named(
    published: pd.DataFrame, key: str, column: str, value: float, claim: str
) -> None:
    wrong = published.assign(**{column: published[column].mask(published["result_id"] == key, value)})
    with pytest.raises(AssertionError, match=claim):
        assert_claims(claims.claims(wrong))
