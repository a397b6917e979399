"""The year before the measures: Canadian canola and its competitors in every market, each cell with its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from tradeexposure import canola_cells
from tradeexposure.canola_cells import CANADA, MARKETS, OTHERS, PRODUCTS, Cell
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import tariff_schedule

Floats = npt.NDArray[np.float64]
BASE_DAY = "2023-07-01"  # a day of the base year; no measure began or ended in that year
#: What stands in the facts under another name than here.
FACTS = {"seed": "canola_seed", "oil": "canola_oil", "meal": "canola_meal"}


@dataclass(frozen=True, eq=False)
class CanolaBase:
    """Flows, prices and duties of the base year.

    Attributes
    ----------
    canada_kt, others_kt : array (market, product)
        Tonnes from Canada and from all other exporters; kt a year.
    duty : array (market, product)
        Duty on Canadian goods in the base, share of border value.
    price_cad_t : array (product,)
        Price of Canadian goods at the border, C$/t, the same for every market.
    farm_price_cad_t, receipts_cad : float
        Prairie farm price, C$/t; canola receipts of all farms, C$ a year.
    harvest_kt, crush_kt, stock_change_kt : float
        Harvest = seed exports + crush + stock change; kt. The last also holds feed, seed, losses, and exports that
        do not pass a licensed facility, and is held fixed.
    table : DataFrame
        What :meth:`cells` returns.
    """

    canada_kt: Floats
    others_kt: Floats
    duty: Floats
    price_cad_t: Floats
    farm_price_cad_t: float
    receipts_cad: float
    harvest_kt: float
    crush_kt: float
    stock_change_kt: float
    table: pd.DataFrame

    def cells(self) -> pd.DataFrame:
        """Every cell: `quantity`, `origin`, `market`, `product`, `value`, `unit`, `source`, `assumed`, `note`."""
        return self.table.copy()


def calibrate(*, year: int | Sequence[int] = 2023, duties: Mapping[tuple[str, str], float] | None = None) -> CanolaBase:
    """The base of one year, or the mean of several.

    Parameters
    ----------
    year : int or sequence of int
        Calendar years held in full by every table (2023, 2024); the headline is 2023.
    duties : mapping of (market, product) to float, optional
        Duties on Canadian goods in the base; those not named are read from the facts of :data:`BASE_DAY`.

    Raises
    ------
    BadInput
        A year that a table does not hold in full; an unknown market or product; a duty below -1.
    """
    years = (year,) if isinstance(year, int) else tuple(year)
    if not years:
        raise BadInput("calibrate", "year", found="no year", allowed="2023, 2024 or both")
    flows = _mean([canola_cells.of_year(one) for one in years])
    cells = [*flows, *_duties(duties or {})]
    table = pd.DataFrame(cells, columns=list(Cell._fields))
    return CanolaBase(
        canada_kt=_matrix(cells, "volume", CANADA),
        others_kt=_matrix(cells, "volume", OTHERS),
        duty=_matrix(cells, "duty", CANADA),
        price_cad_t=np.array([_one(cells, "border_price", product=product) for product in PRODUCTS]),
        farm_price_cad_t=_one(cells, "farm_price"),
        receipts_cad=_one(cells, "receipts"),
        harvest_kt=_one(cells, "harvest"),
        crush_kt=_one(cells, "crush"),
        stock_change_kt=_one(cells, "stock_change"),
        table=table,
    )


def _mean(years: Sequence[Sequence[Cell]]) -> list[Cell]:
    """Cell by cell mean; assumed if any year's is."""
    together = [list(cells) for cells in zip(*years, strict=True)]
    return [
        same[0]._replace(
            value=float(np.mean([cell.value for cell in same])),
            assumed=any(cell.assumed for cell in same),
            note="; ".join(dict.fromkeys(cell.note for cell in same if cell.note)),
        )
        for same in together
    ]


def _duties(given: Mapping[tuple[str, str], float]) -> list[Cell]:
    check_keys(given)
    cells = []
    for market in MARKETS:
        for product in PRODUCTS:
            if (market, product) in given:
                value = float(given[market, product])
                cells.append(Cell("duty", CANADA, market, product, value, "share", "given", False, ""))
            else:
                cells.append(_duty_of_facts(market, product))
    low = [cell for cell in cells if not cell.value > -1]
    if low:
        raise BadInput("duties", f"{low[0].market}, {low[0].product}", found=f"{low[0].value}", allowed="above -1")
    return cells


def _duty_of_facts(market: str, product: str) -> Cell:
    if market == "china":
        rate = tariff_schedule.rate(imposer="china", origin="canada", product=FACTS[product], on=BASE_DAY).rate
        if rate is None:
            raise BadInput("data/parameters", f"china, {product}", found="no rate", allowed="a rate on " + BASE_DAY)
        return Cell("duty", CANADA, market, product, rate, "share", "data/parameters", False, f"in force on {BASE_DAY}")
    if market == "united_states":
        return canola_cells.us_duty(product)
    note = "preferences or a free tariff line; lines that pay a duty are not held"
    return Cell("duty", CANADA, market, product, 0.0, "share", "data/parameters", True, note)


def check_keys(keys: Iterable[tuple[str, str]]) -> None:
    """Refuse a pair that is not a market and a product of the model."""
    for market, product in keys:
        if market not in MARKETS or product not in PRODUCTS:
            allowed = f"one of {', '.join(MARKETS)} and one of {', '.join(PRODUCTS)}"
            raise BadInput("duties", found=f"{market}, {product}", allowed=allowed)


def _matrix(cells: Sequence[Cell], quantity: str, origin: str) -> Floats:
    found = {
        (cell.market, cell.product): cell.value for cell in cells if (cell.quantity, cell.origin) == (quantity, origin)
    }
    return np.array([[found[market, product] for product in PRODUCTS] for market in MARKETS])


def _one(cells: Sequence[Cell], quantity: str, *, product: str = "seed") -> float:
    (found,) = [cell.value for cell in cells if (cell.quantity, cell.product) == (quantity, product)]
    return found


__all__ = ["CANADA", "MARKETS", "NATIONAL", "OTHERS", "PRODUCTS", "CanolaBase", "calibrate", "check_keys"]
