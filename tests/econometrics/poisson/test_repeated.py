"""An equation fitted many times beside as many single fits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.poisson.fit import fit_ppml
from tradeexposure.econometrics.poisson.repeated import Repeated

EFFECTS = ["unit", "period"]


def panel(seed: int, *, units: int = 8, periods: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    unit, period = (part.ravel() for part in np.meshgrid(range(units), range(periods), indexing="ij"))
    mean = np.exp(1 + 0.5 * rng.normal(size=units)[unit] + 0.3 * rng.normal(size=periods)[period])
    return pd.DataFrame({"unit": unit, "period": period, "y": rng.poisson(mean) * (rng.random(len(unit)) > 0.2) * 1.5})


def test_each_coefficient_is_that_of_a_fit_of_its_own() -> None:
    data = panel(1)
    equation = Repeated(data, outcome="y", effects=EFFECTS)
    for unit in (0, 3, 5, 3):
        treated = ((data["unit"] == unit) & (data["period"] >= 14)).to_numpy(dtype=float)
        alone = fit_ppml(data.assign(treated=treated), outcome="y", regressors=["treated"], effects=EFFECTS)
        found = equation.fit(treated)
        assert found.value == pytest.approx(float(alone.coefficients["treated"]), abs=1e-10)
        assert (found.n_obs, found.n_separated) == (alone.n_obs, alone.n_separated)


def test_a_fit_that_begins_at_another_outcome_ends_where_its_own_would() -> None:
    data = panel(2)
    treated = ((data["unit"] == 0) & (data["period"] >= 14)).to_numpy(dtype=float)
    others = (data["unit"] > 0) & (data["period"] >= 14)
    equation = Repeated(data, outcome="y", effects=EFFECTS)
    for kept in (1.0, 0.2, 3.0, 0.01):
        scaled = data["y"].where(~others, data["y"] * kept)
        own = data.assign(treated=treated, y=scaled)
        alone = fit_ppml(own, outcome="y", regressors=["treated"], effects=EFFECTS)
        found = equation.fit(treated, outcome=scaled.to_numpy())
        assert found.value == pytest.approx(float(alone.coefficients["treated"]), abs=1e-10)


def test_rows_that_only_one_regressor_separates_are_dropped_for_it_alone() -> None:
    data = panel(3)
    late = data["period"] >= 14
    data.loc[(data["unit"] == 2) & late, "y"] = 0.0
    data["side"] = (data["unit"] == 2) & late
    equation = Repeated(data, outcome="y", effects=[*EFFECTS, "side"])
    for unit in (4, 0):
        treated = ((data["unit"] == unit) & late).to_numpy(dtype=float)
        own = data.assign(treated=treated)
        alone = fit_ppml(own, outcome="y", regressors=["treated"], effects=[*EFFECTS, "side"])
        found = equation.fit(treated)
        assert found.n_separated == alone.n_separated > 0
        assert found.value == pytest.approx(float(alone.coefficients["treated"]), abs=1e-10)


def test_what_no_equation_can_tell_is_refused() -> None:
    data = panel(4)
    equation = Repeated(data, outcome="y", effects=EFFECTS)
    with pytest.raises(BadInput, match="collinear with the fixed effects"):
        equation.fit((data["unit"] == 1).to_numpy(dtype=float))
    with pytest.raises(BadInput, match="none above zero, or one below"):
        equation.fit(np.ones(len(data)), outcome=np.full(len(data), -1.0))
