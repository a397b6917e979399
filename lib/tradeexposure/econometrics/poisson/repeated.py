"""One equation fitted many times, for its coefficient alone: other rows treated, or another outcome on the same rows.

What the fits share is read once, and a fit of the regressor of the one before begins where that ended. No standard
error is computed. A test compares each with :func:`fit.fit_ppml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.poisson import fit
from tradeexposure.econometrics.poisson.fit import Estimate, Term


@dataclass(frozen=True)
class Coefficient:
    """A change in the log of the expected outcome; rows used, and rows dropped because they are separated."""

    value: float
    n_obs: int
    n_separated: int


class Repeated:
    """An equation of one regressor.

    Parameters
    ----------
    data, outcome, effects
        As for :func:`fit.fit_ppml`.
    regressor
        What messages call the regressor.

    Raises
    ------
    BadInput
        As :func:`fit.fit_ppml` does for these.
    """

    def __init__(
        self, data: pd.DataFrame, *, outcome: str, effects: Sequence[Term], regressor: str = "regressor"
    ) -> None:
        self._panel = fit.read_panel(data, outcome, [], effects, None, None)
        self._name = regressor
        self._last: Estimate | None = None

    def fit(self, regressor: Floats, *, outcome: Floats | None = None) -> Coefficient:
        """The coefficient of a regressor (n,), finite numbers; `outcome` (n,) in place of the data's.

        Raises
        ------
        BadInput, RunFailed
            As for :func:`fit.fit_ppml`.
        """
        chosen = self._panel.outcome if outcome is None else outcome
        if not (np.isfinite(chosen).all() and chosen.min() >= 0 < chosen.max()):
            raise BadInput(
                fit.WHERE, "outcome", found="none above zero, or one below", allowed="values of zero or more"
            )
        values, scales = fit.scaled(regressor[:, None])
        panel = replace(self._panel, names=[self._name], outcome=chosen, regressors=values, scales=scales)
        found = self._last = fit.estimate(panel, near=self._last)
        return Coefficient(
            float((found.fit.coefficients / scales)[0]), int(found.used.sum()), int(found.separated.sum())
        )
