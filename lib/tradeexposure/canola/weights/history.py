"""What was observed in 2019, 2025 and 2026, as the tables hold it, and how likely each draw of the market makes it.

A quantity that was measured has normal errors. A bound that was told, or a month without a vessel, is an event: it
happens or not, and a draw is weighed by the probability that it gives to what did happen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Literal

import numpy as np
import pandas as pd
from scipy import special

from tradeexposure import data
from tradeexposure.canola.exposure import export_values, grain_exports
from tradeexposure.canola.market import base_year
from tradeexposure.canola.weights.simulated_history import Paths2019
from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series.months import Span

#: Least probability of what was seen; no draw is ruled out for good by one datum.
SINGULAR = 1e-9
Rows = Ints
QUOTED, IMPORTS, OUTLOOK = "benchmarks_canola", "china_seed_imports", "rapeseed_world_balance"
PUBLISHED = "elasticities_trade"
#: Code of a published elasticity -> the product of the model that it is of.
PRODUCT_OF = {"1205": "seed", "120": "seed", "120510": "seed", "151411": "oil", "151419": "oil", "230641": "meal"}
BETWEEN_ORIGINS = "elasticity of substitution"
KT_IN_MT = 1e3


@dataclass(frozen=True, eq=False)
class Histories:
    """Log likelihoods of synthetic histories, each a line in what would have been seen, up to a constant of its own."""

    #: Takes draws that are true and a random generator; what would have been seen, (history, k).
    seen: Callable[[Rows, np.random.Generator], Floats]
    slopes: Floats  #: Shape (k, draw).
    constant: Floats  #: Shape (draw,).


@dataclass(frozen=True, eq=False)
class Normal:
    """Quantities observed with normal error around what a draw simulates."""

    key: str  #: Its name in code.
    label: str  #: What charts call it.
    columns: tuple[str, ...]  #: Of the simulated quantities.
    observed: Floats  #: Shape (k,).
    covariance: Floats  #: Shape (k, k).
    official: bool
    source: str
    given: str = ""  #: A column that the observed values depend on linearly, with `slope` (k,); none if empty.
    slope: Floats = field(default_factory=lambda: np.zeros(0))

    def apart(self, simulated: pd.DataFrame) -> Floats:
        """Simulated less what the given column explains, (draw, k); comparable with `observed`."""
        values = simulated[list(self.columns)].to_numpy(dtype=float)
        return values - simulated[[self.given]].to_numpy(dtype=float) * self.slope if self.given else values

    def log_likelihood(self, simulated: pd.DataFrame) -> Floats:
        """Log of the density of what was observed, up to a constant, (draw,)."""
        root = np.linalg.cholesky(self.covariance)
        scaled = np.linalg.solve(root, (self.apart(simulated) - self.observed).T)
        return np.asarray(-0.5 * (scaled**2).sum(axis=0))

    def synthetic(self, simulated: pd.DataFrame) -> Histories:
        """What would have been observed, were one draw or another true."""
        scaled = np.linalg.solve(np.linalg.cholesky(self.covariance), self.apart(simulated).T)

        def seen(truths: Rows, rng: np.random.Generator) -> Floats:
            return np.asarray((scaled[:, truths] + rng.standard_normal((len(scaled), len(truths)))).T)

        return Histories(seen, scaled, -0.5 * (scaled**2).sum(axis=0))


class Event:
    """Something that happened; a history of a truth has it with the probability that the truth gives it."""

    def log_chances(self, simulated: pd.DataFrame) -> tuple[Floats, Floats]:
        """Log probability that it happens and that it does not, each (draw,)."""
        raise NotImplementedError

    def log_likelihood(self, simulated: pd.DataFrame) -> Floats:
        """Log of the probability of what was seen, (draw,)."""
        return self.log_chances(simulated)[0]

    def synthetic(self, simulated: pd.DataFrame) -> Histories:
        """What would have been observed, were one draw or another true."""
        happens, fails = self.log_chances(simulated)

        def seen(truths: Rows, rng: np.random.Generator) -> Floats:
            return np.asarray(rng.random(len(truths)) < np.exp(happens[truths]), dtype=float)[:, None]

        return Histories(seen, (happens - fails)[None], fails)


@dataclass(frozen=True, eq=False)
class Bound(Event):
    """A quantity of which only a bound was told: it is at least, or at most, `limit`, told with a spread."""

    key: str
    label: str
    column: str  #: Of the simulated quantities, a log.
    limit: float  #: The same log of what was told.
    spread: float
    side: Literal["least", "most"]  #: {"least", "most"}.
    official: bool
    source: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def log_chances(self, simulated: pd.DataFrame) -> tuple[Floats, Floats]:
        """Log of the normal distribution at the distance on the side of the bound, and on the other."""
        distance = (simulated[self.column].to_numpy(dtype=float) - self.limit) / self.spread
        beyond = distance if self.side == "least" else -distance
        return special.log_ndtr(beyond), special.log_ndtr(-beyond)


@dataclass(frozen=True, eq=False)
class ZeroShipmentDatum(Event):
    """Two months without a vessel: some importers wait, the others' vessels bunch (negative binomial)."""

    key: str
    label: str
    #: Part of importers who wait where they expect the lowest duty of `expected`; it falls in a line to none where they
    #: expect the highest.
    waiting: float
    #: `vessels`, `bunching`: vessels that load in two months without a measure, and the shape of how they bunch.
    vessels: float
    bunching: float
    expected: tuple[float, float]
    official: bool = True
    source: str = base_year.EXPORTS
    columns: tuple[str, ...] = ("kept_2025",)

    def chance(self, simulated: pd.DataFrame) -> Floats:
        """Probability of no vessel, (draw,)."""
        low, high = self.expected
        vessels = self.vessels * simulated["kept_2025"].to_numpy(dtype=float)
        waits = self.waiting * (high - simulated["expected"].to_numpy(dtype=float)) / (high - low)
        return np.asarray(waits + (1 - waits) * (1 + vessels / self.bunching) ** -self.bunching)

    def log_chances(self, simulated: pd.DataFrame) -> tuple[Floats, Floats]:
        """Log probability of no vessel and of some."""
        chance = self.chance(simulated)
        return np.log(np.maximum(chance, SINGULAR)), np.log(np.maximum(1 - chance, SINGULAR))


#: One thing observed.
Datum = Normal | Bound | ZeroShipmentDatum


def about(key: str, label: str, column: str, value: float, spread: float, *, official: bool, source: str) -> Normal:
    """One quantity seen to lie about a value, in the unit of the simulated column (logs where that is a log)."""
    return Normal(key, label, (column,), np.array([value]), np.array([[spread**2]]), official, source)


def press(key: str, label: str, column: str, value: float, spread: float) -> Normal:
    """A quantity told by the trade (tonnes, or a ratio of prices), its error a spread of its logarithm."""
    return about(key, label, column, float(np.log(value)), spread, official=False, source="trade press")


def bound(side: Literal["least", "most"], key: str, label: str, column: str, value: float, spread: float) -> Bound:
    """Tonnes told as a bound by the trade or a forecast, with the spread of their logarithm."""
    with np.errstate(divide="ignore"):  # at least nothing is no bound
        return Bound(key, label, column, float(np.log(value)), spread, side, False, "trade press")


def price(key: str, label: str, column: str, estimate: pd.Series) -> Normal:
    """A published price effect as a normal in logs.

    `estimate`: A row of published results: `value`, `low`, `high` and the `level` of its interval.
    """
    value, low, high = np.log1p(estimate[["value", "low", "high"]].to_numpy(dtype=float))
    spread = (high - low) / (2 * NormalDist().inv_cdf((1 + float(estimate["level"])) / 2))
    return about(key, label, column, value, spread, official=True, source=str(estimate.get("notebook", "")))


def step(key: str, label: str, column: str, estimate: pd.Series, spread: float) -> Normal:
    """A published change of a price with a spread of its logarithm that is not that of its interval."""
    value, source = float(np.log1p(estimate["value"])), str(estimate.get("notebook", ""))
    return about(key, label, column, value, spread, official=True, source=source)


def others_and_crush(key: str, label: str, paths: Paths2019, *, source: str, factor: float) -> Normal:
    """Rise of others' purchases and of home crush in 2019, jointly, at the shortfall of the same draw.

    The variance of others' rise is multiplied by `factor`; its covariance with crush is left as it is.
    """
    some = paths.shortfall > 0
    both = np.stack([paths.others[some], paths.crush[some]], axis=1)
    known = np.stack([np.ones(some.sum()), paths.shortfall[some]], axis=1)
    (constant, slope), *_ = np.linalg.lstsq(known, both, rcond=None)
    covariance = np.cov((both - known @ np.stack([constant, slope])).T)
    covariance[0, 0] *= factor
    return Normal(key, label, ("others_2019_kt", "crush_2019_kt"), constant, covariance, True, source,
                  "shortfall_2019_kt", slope)  # fmt: skip


def meal_price(span: Span) -> float:
    """Meal's export value per tonne of output, over the price of soybean meal; means of the months of a span."""
    return export_values.meal_over_world(export_values.meal_held(), span)


def meal_change(months: Span, before: Span) -> float:
    """Log change of :func:`meal_price` from the months before."""
    return float(np.log(meal_price(months) / meal_price(before)))


def spring_ratio(years: Sequence[int]) -> pd.Series:
    """Seed exported to all countries in March and April over January and February, by year; tonnes."""
    monthly = grain_exports.monthly_exports(data.load(base_year.EXPORTS))
    total = monthly.groupby("month")["volume_kt"].sum()
    return pd.Series({year: _ratio(total, year) for year in years})


def spring_ratio_by_value(year: int) -> float:
    """The same by customs value."""
    table = data.load("canola_ev_trade_value_monthly")
    return _ratio(table[table["hs"] == export_values.SEED].set_index("month")["value_cad"].sort_index(), year)


def _ratio(monthly: pd.Series, year: int) -> float:
    return float(monthly[f"{year}-03" : f"{year}-04"].sum() / monthly[f"{year}-01" : f"{year}-02"].sum())


def quoted(study: str, effect: str) -> pd.Series:
    """The one quoted figure of a study (how its name begins) and an effect: `value`, `low`, `high`, `unit`; Mt in kt.

    Raises
    ------
    BadInput
        No such row, or several.
    """
    row = data.of_study(data.load(QUOTED), study, effect).copy()
    if str(row["unit"]).startswith("million tonnes"):
        row[["value", "low", "high"]] *= KT_IN_MT
    return row


def trade_reports() -> dict[str, float]:
    """What the trade and the press reported, in kt but for the last.

    Returns
    -------
    dict
        `booked`, seed for spring 2026, the middle of the range; `forecast`, China's seed of 2025-26; `cargoes`, rivals'
        that one buyer took under the deposit; `step`, of futures on the day of the deposit, a ratio.
    """
    booked = quoted("Trade sources via Reuters", "Chinese bookings of Canadian seed for spring 2026")
    forecast = quoted("USDA FAS Beijing", "China canola imports 2025/26, forecast and what it was cut from")
    cargoes = quoted("Trade sources", "Chinese bookings of Australian seed, to load November 2025-January 2026")
    fall = quoted("Brewin", "price fall almost immediately")
    before = quoted("ICE futures", "November ICE canola futures, close of the day before")
    return {
        "booked": float(booked[["low", "high"]].mean()),
        "forecast": float(forecast["value"]),
        "cargoes": float(cargoes["value"]),
        "step": 1 + float(fall[["low", "high"]].mean()) / float(before["value"]),
    }


def china_imports(year: int, origin: str) -> pd.Series:
    """China's imports of seed in a year by whose count (index `basis`), kt; `origin` is all, canada or rivals.

    Raises
    ------
    BadInput
        None held.
    """
    table = data.load(IMPORTS)
    rows = table[(table["year"] == year) & (table["origin"] == origin)]
    if rows.empty:
        raise BadInput(IMPORTS, "year, origin", found=f"{year}, {origin}", allowed="a year and an origin that it holds")
    return rows.set_index("basis")["volume_kt"].astype(float)


def china_outlook(year: int) -> float:
    """China's imports of rapeseed that the outlook of a marketing year expects, kt."""
    return data.figure(
        data.load(OUTLOOK), OUTLOOK, column="volume_kt", marketing_year=year, entity="China", item="imports"
    )


def elasticities() -> pd.DataFrame:
    """Published trade elasticities of canola: `product` of the model, `value` (its size, none where left blank),
    `description`, `importer`, `kind`, `source`.
    """
    table = data.load(PUBLISHED)
    product = table["code"].astype(str).map(PRODUCT_OF)
    rows = table.assign(product=product, value=table["elasticity"].abs())[product.notna()]
    return rows[["product", "value", "description", "importer", "kind", "source"]].reset_index(drop=True)


def elasticities_of_seed() -> tuple[float, float]:
    """The lowest and the highest elasticity between origins that was published of seed or of all oilseeds."""
    rows = elasticities()
    values = rows.loc[(rows["product"] == "seed") & (rows["kind"] == BETWEEN_ORIGINS), "value"]
    return float(values.min()), float(values.max())
