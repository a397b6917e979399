"""The soybean precedent: a known loss is found and ranked first; what cannot be compared is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.trade_effect import soybean_precedent
from tradeexposure.core.errors import BadInput


def soybeans(*, last: float) -> pd.DataFrame:
    """Ten steady importers and one that comes and goes; China buys 3 Mt until the last year."""
    rng, rows = np.random.default_rng(1), []
    for year in range(2013, 2020):
        rows.append({"year": year, "importer_iso3": "CHN", "volume_t": last if year == 2019 else 3e6})
        rows += [{"year": year, "importer_iso3": f"X{place:02d}", "volume_t": 1e5 * float(np.exp(rng.normal(0, 0.1)))}
                 for place in range(10)]  # fmt: skip
    rows.append({"year": 2015, "importer_iso3": "ZZZ", "volume_t": 10.0})
    return pd.DataFrame(rows)


def test_the_precedent_finds_a_known_loss_and_ranks_it_first():
    loss = soybean_precedent.compared(soybeans(last=3e4), window=2019, baseline=range(2013, 2019))
    assert loss["before_kt"] == 3000 and loss["after_kt"] == 30
    assert loss["none"] == pytest.approx(-0.99, abs=0.002) and loss["none"] <= loss["full"]
    assert loss["p_value"] == loss["floor"] == pytest.approx(1 / 11)


def test_the_precedent_refuses_what_it_cannot_compare():
    table = soybeans(last=3e4)
    with pytest.raises(BadInput, match="2020"):
        soybean_precedent.yearly_panel(table, window=2020, baseline=range(2013, 2019))
    with pytest.raises(BadInput, match="ZZZ"):
        soybean_precedent.yearly_panel(table, window=2019, baseline=range(2013, 2019), unit="ZZZ")
