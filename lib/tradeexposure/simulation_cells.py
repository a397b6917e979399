"""The cells of the base years that are assumed, named as a reader names them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tradeexposure.core.text import capital, listing
from tradeexposure.simulation import Setting
from tradeexposure.simulation_names import MARKETS

ORIGINS = {"canada": "Canada", "others": "other exporters"}
UNITS = {"CAD/t": "C$ a tonne", "CAD": "C$"}
#: Cells of the electric-car base and of the sales to the United States.
CELLS = {
    "registrations.china": "Electric cars registered, built in China",
    "registrations.united_states_mexico": "Electric cars registered, built in the United States and Mexico",
    "registrations.other_imports": "Electric cars registered, built in other countries",
    "registrations.canada": "Electric cars registered, built in Canada",
    "price_cad": "Price of an electric car not built in China",
    "market_price_cad": "Price of a new vehicle, mean of all",
    "customs_share": "Customs value of a China-built car in its listed price less duty",
    "canadian_share_of_other_cars": "Built in Canada among cars that are not electric",
    "exported_share": "Sold to the United States among vehicles assembled in Canada",
}


def assumed(setting: Setting) -> pd.DataFrame:
    """Every cell of the base years that stands in for a figure that is not held.

    Returns
    -------
    DataFrame
        `what`, `value`, `unit`, `source` (table and how it was read); flows that are alike in all but their market
        share a row.
    """
    cars = pd.concat([setting.vehicles.cells(), setting.us.cells], ignore_index=True)
    rows = cars[cars["assumed"]].assign(what=cars["cell"].map(lambda name: CELLS.get(name, name)))
    listed = pd.concat([_canola(setting.canola.cells()), rows], ignore_index=True)
    return listed.assign(unit=listed["unit"].replace(UNITS))[["what", "value", "unit", "source"]]


def _canola(cells: pd.DataFrame) -> pd.DataFrame:
    """Rows of the canola base, with what the cell was read from."""
    alike = ["quantity", "origin", "product", "value", "unit", "source", "note"]
    grouped = cells[cells["assumed"]].groupby(alike, sort=False)["market"].agg(list).reset_index()
    what = [_flow(*one) for one in grouped[["quantity", "origin", "product", "market"]].itertuples(index=False)]
    return grouped.assign(what=what, source=grouped["source"] + ": " + grouped["note"])


def _flow(quantity: str, origin: str, product: str, markets: Sequence[str]) -> str:
    """``Oil, Canada to Japan and Mexico``, ``Border price of Canada's seed``."""
    if quantity != "volume":
        return f"{capital(quantity.replace('_', ' '))} of {ORIGINS[origin]}'s {product}"
    return f"{capital(product)}, {ORIGINS[origin]} to {listing([MARKETS[market] for market in markets])}"
