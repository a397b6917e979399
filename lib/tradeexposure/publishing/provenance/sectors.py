"""The three models that one cell works out together, and what belongs to which: canola, electric cars, vehicle exports.

A number's sectors are those of its tables. A prior says what it moves, a measure is on products, and the descriptor of
a table and a limit of ``data/studies.yml`` name sectors.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from tradeexposure import data
from tradeexposure.core.loaded_files import ALL
from tradeexposure.data.descriptor import SECTORS
from tradeexposure.policy import assumptions, studies, tariff_schedule
from tradeexposure.policy.measures import EVERY, TradeMeasure

#: How the names of products begin on which a model has duties.
PRODUCTS = {"canola": ("canola",), "electric_vehicles": ("ev",), "passenger_vehicles": ("ev", "us")}
Sectors = frozenset[str]


def of_tables(names: Iterable[str]) -> Sectors:
    """The sectors of what is made from tables: those of tables of one sector alone, of any where there is none such."""
    described = [data.describe(name).get("sectors", ()) for name in {*names}.intersection(data.names())]
    single = [of for of in described if len(of) == 1]
    return frozenset(sector for of in single or described for sector in of)


def of_name(key: str) -> Sectors:
    """The sector that an identifier names, of a number that rests on no table: ``scenario.canola.china_meal_duty``."""
    return frozenset(SECTORS) & {*key.split(".")}


def of_measure(measure: TradeMeasure) -> Sectors:
    """The sectors that a measure can move."""
    if EVERY in measure.products:
        return frozenset(SECTORS)
    named = [of for product in measure.products for start, of in PRODUCTS.items() if product.startswith(start)]
    return frozenset(sector for of in named for sector in of)


def facts(names: Iterable[str], sectors: Sectors) -> tuple[str, ...]:
    """Ids of the facts behind some entries: those named, and of those on a trade the ones that can enter a duty.

    With `sectors`, only facts on their products.
    """
    measures = {measure.id: measure for measure in tariff_schedule.all_measures().held}
    named = [*measures] if ALL in (names := tuple(names)) else tariff_schedule.ids_of(names)
    known = [measures[name] for name in named if name in measures]
    charging = [measure.id for measure in known if measure.id in names or measure.stacking != "none"]
    return tuple(name for name in charging if not sectors or of_measure(measures[name]) & sectors)


def priors(names: Collection[str], sectors: Sectors) -> tuple[str, ...]:
    """Of some priors (``*``: all of them) those that move one of `sectors`, in the order of the file."""
    known = assumptions.load()
    return tuple(
        name
        for name, prior in known.items()
        if (name in names or names == (ALL,)) and (not sectors or prior.moves in sectors)
    )


def choices(names: Collection[str], sectors: Sectors) -> tuple[str, ...]:
    """Of some choices of ``data/studies.yml`` (``*``: all of them) those of `sectors`."""
    own: Mapping[str, Collection[str]] = studies.sectors()
    wanted = own if ALL in names else names
    return tuple(name for name in wanted if not sectors or sectors & {*own.get(name, sectors)})
