"""Numbers that the EV exposure notebook publishes, US claims and duties among them; words stand in ``data/results``."""

from __future__ import annotations

import pandas as pd

from tradeexposure.core.text import day_in_words
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.data.geography import CANADA
from tradeexposure.data.periods import Months
from tradeexposure.policy.cusma_claims import CLAIMS_SINCE
from tradeexposure.reporting import chart_style
from tradeexposure.reporting.result_rows import result_rows
from tradeexposure.vehicles.exposure import sector
from tradeexposure.vehicles.registrations import BATTERY, PROVINCES, yearly

PLACES = {name: key for key, name in chart_style.LABELS.items() if len(key) == 2} | {CANADA: "canada"}
ADMITTED = "ev.quota_admitted."  # how the identifiers of counts of cars begin, in the order of their days
FIRST_COUNT = "at the first count; its day was not published"
FULL_YEAR, HALF_YEAR = 4, 2  # quarters


def zev_shares(annual: pd.DataFrame) -> pd.DataFrame:
    """Zero-emission share of new light vehicles: Canada without a place in the identifier, provinces with theirs."""
    placed = annual[annual["geo"].isin(PLACES)]
    placed = placed.assign(place=placed["geo"].map(PLACES), dot=_dotted(placed["geo"]))
    return result_rows(placed, {"ev.zev_share{dot}.{year}": "zev_share"})


def _dotted(places: pd.Series) -> pd.Series:
    """What a place adds to an identifier: nothing for Canada, ``.qc`` for Quebec."""
    return places.map(lambda name: "" if name == CANADA else f".{PLACES[name]}")


def battery_electric(national: pd.DataFrame, provincial: pd.DataFrame) -> pd.DataFrame:
    """Battery-electric cars registered: full years, and January to June of the years since 2025, never stretched.

    `national`, `provincial`: :func:`tradeexposure.vehicles.registrations.quarterly`; provinces are published from 2024
    on.
    """
    local = provincial[(provincial["geo"] != CANADA) & (provincial["quarter"] >= "2024")]
    both = pd.concat([national, local], ignore_index=True)
    both = both[both["fuel"] == BATTERY]
    early = both[(both["quarter"].dt.month <= 4) & (both["quarter"] >= "2025") & both["geo"].isin([CANADA, *PROVINCES])]
    full = yearly(both).query("quarters == @FULL_YEAR")
    counts = pd.concat([full, yearly(early).query("quarters == @HALF_YEAR")], ignore_index=True)
    counts = counts.assign(later=counts["geo"] != CANADA).sort_values(
        ["later", "geo", "year", "quarters"], ignore_index=True
    )
    named = _halves_named(counts.assign(place=counts["geo"].map(PLACES), dot=_dotted(counts["geo"])))
    return result_rows(named, {"ev.bev_registrations{dot}.{year}{part}": "registrations"}, period="{when}")


def _halves_named(counts: pd.DataFrame) -> pd.DataFrame:
    """`counts` with how a half year ends identifiers (`part`), and with its months (`when`)."""
    half = counts["quarters"] == HALF_YEAR
    when = counts["year"].astype(str) + half.map({True: ", January to June", False: ""})
    return counts.assign(part=half.map({True: "_jan_jun", False: ""}), when=when)


def not_published(beside: pd.DataFrame) -> pd.DataFrame:
    """The gap between the national count and the provinces that are published: full years since 2024, and halves."""
    dated = beside[beside["fuel"] == BATTERY].assign(year=beside["quarter"].dt.year, quarters=1).query("year >= 2024")
    counts = ["canada", "provinces", "territories", "not_published", "quarters"]
    sums = dated.groupby("year")[counts].sum().reset_index().query("quarters in [@HALF_YEAR, @FULL_YEAR]")
    sums = _halves_named(sums.assign(share=sums["not_published"] / sums["canada"]))
    numbers = {
        "ev.bev_registrations.eight_provinces.{year}{part}": "provinces",
        "ev.bev_registrations.not_published.{year}{part}": "not_published",
        "ev.bev_share_not_published.{year}{part}": "share",
    }
    return result_rows(sums, numbers, period="{when}")


def china_supply(imports: pd.DataFrame, units: pd.DataFrame, dependence: pd.DataFrame) -> pd.DataFrame:
    """Import values and vehicles from China, and its part in supply by every source."""
    values = result_rows(imports, {"ev.china_import_value_cad.{year}": ("value_cad", "low_cad", "high_cad")})
    sent = result_rows(units, {"ev.china_vehicles.{year}": "vehicles"}, trust="{trust}")
    each = result_rows(dependence, {"ev.china_built_share.{key}": "share"}, period="{period}", trust="{trust}")
    flow = dependence.loc[dependence["supply"], "share"]
    headline = {
        "result_id": "ev.china_built_share.2023", "value": flow.iloc[0], "low": flow.min(), "high": flow.max(),
        "period": "2023",
    }  # fmt: skip
    return pd.concat([values, sent, each, pd.DataFrame([headline])], ignore_index=True)


def electric_imports(table: pd.DataFrame) -> pd.DataFrame:
    """Imports of electric cars from all origins, :func:`sector.electric_imports`."""
    known = table.dropna(subset="change")
    stated = {"period": "{period}", "when": "{words}"}
    parts = [
        result_rows(table, {"ev.electric_car_imports_cad.{suffix}": "value_cad"}, **stated),
        result_rows(known, {"ev.electric_car_imports_change.{suffix}": "change"}, **stated),
    ]
    return pd.concat(parts, ignore_index=True)


def electric_imports_sentence(table: pd.DataFrame) -> str:
    """A text for ``Book.say`` on the last full year and on the months since the quota opened."""
    full = table[table["suffix"].str.len() == len("2024")].iloc[-1]
    last = table.iloc[-1]
    stem = "ev.electric_car_imports_"
    return (
        f"New electric cars worth {{{stem}cad.{full['suffix']}}} were imported in {full['words']} "
        f"({{{stem}change.{full['suffix']}}} on the year before), and {{{stem}cad.{last['suffix']}}} in "
        f"{last['words']} ({{{stem}change.{last['suffix']}}}), from all countries."
    )


def surtax(charged: pd.DataFrame, removed: pd.DataFrame) -> pd.DataFrame:
    """Canada's duty on China-built electric vehicles by day, and what was missing after the surtax beside 2023."""
    rate = result_rows(charged, {"ev.china_ev_rate.{date}": "rate"})
    missing = {"ev.china_import_change.2024q4": "change",
               "ev.surtax_removed_cad": ("value_cad", "low_cad", "high_cad")}  # fmt: skip
    return pd.concat([rate, result_rows(removed, missing)], ignore_index=True)


def quota(shares: pd.DataFrame) -> pd.DataFrame:
    """The quota on China-built electric vehicles in the registrations of 2025, by what it is compared with."""
    return result_rows(shares, {"ev.quota_share.{key}.2025": "share"})


def admitted(counts: pd.DataFrame) -> pd.DataFrame:
    """Cars let in under the quota, :func:`sector.counts`."""
    worded = counts.assign(when=counts["period"].map(counted))
    return result_rows(worded, {f"{ADMITTED}{{key}}": "vehicles"}, period="{period}", when="{when}")


def counted(period: str) -> str:
    """When cars let in under the quota were counted, by the `period` of their number, as a sentence says it."""
    if len(period) == len("2026"):
        return FIRST_COUNT
    return " to ".join(map(day_in_words, period.split(" to ")))


def admitted_sentence(counts: pd.DataFrame) -> str:
    """A text for ``Book.say`` on the first count of cars under the quota, and on the newest where that is another."""
    ids = ADMITTED + counts["key"]
    first, last = ids.iloc[0], ids.iloc[-1]
    text = f"Of its first window {{{first}}} cars had entered at the first count; its day was not published."
    newest_days = counted(counts["period"].iloc[-1])
    return text if first == last else f"{text} At the newest count, {newest_days}, {{{last}}} had entered."


def auto_exports(exports: pd.DataFrame, *, part: str = "", when: str = "{year}") -> pd.DataFrame:
    """Exports of autos and parts to the United States and their share; `part` and `when` name incomplete years."""
    numbers = {f"ev.auto_exports_{column}.{{year}}{part}": column for column in ("us_cad", "us_share")}
    return result_rows(exports, numbers, period=when)


def auto_exports_held(exports: pd.DataFrame, first_months: pd.DataFrame) -> pd.DataFrame:
    """:func:`auto_exports` of whole years and, where the newest is not over, of its first months and those before it.

    `exports`, `first_months`: :func:`sector.auto_exports` and :func:`sector.same_months`.
    """
    whole = auto_exports(exports[exports["months"] == MONTHS_IN_YEAR])
    year, last = first_months["year"].max(), first_months["months"].max()
    newest = Months.of(f"{year}-01", f"{year}-{last:02d}")
    if not newest.span:
        return whole
    part = auto_exports(first_months, part=newest.part, when=f"{{year}}, {newest.span}")
    return pd.concat([whole, part], ignore_index=True)


def assembly(makers: pd.DataFrame, totals: pd.Series, drives: pd.DataFrame) -> pd.DataFrame:
    """Vehicles assembled, the two Japanese makers' part, and what drives the vehicles sold to the United States."""
    named = makers.assign(key=makers["maker"].str.lower().str.replace(r"[^a-z]+", "_", regex=True))
    each = result_rows(named, {"ev.vehicles_assembled.{key}.2024": "vehicles"})
    total = {
        "result_id": "ev.vehicles_assembled.2024", "value": totals.iloc[0], "low": totals.min(), "high": totals.max(),
    }  # fmt: skip
    pair = makers.set_index("maker")["vehicles"]
    two = {"result_id": "ev.japanese_makers_share.2024",
           "value": pair[["Toyota", "Honda"]].sum() / totals.iloc[0]}  # fmt: skip
    keyed = drives.assign(key=drives["kind"].str.lower().str.replace(r"[^a-z]+", "_", regex=True))
    kinds = result_rows(keyed, {"ev.us_sales_share.{key}.2024": "share"})
    electric = {
        "result_id": "ev.us_sales_share.battery_electric.2024",
        "value": drives.loc[drives["kind"].str.startswith("Battery-electric"), "share"].sum(),
    }
    return pd.concat([pd.DataFrame([total, two]), each, kinds, pd.DataFrame([electric])], ignore_index=True)


def investment(money: pd.DataFrame) -> pd.DataFrame:
    """Capital announced and stopped; support is never counted."""
    return result_rows(money, {"ev.investment_{key}_cad.canada": ("value_cad", "low_cad", "high_cad")})


def workers(staff: pd.DataFrame) -> pd.DataFrame:
    """Automotive manufacturing workers in Canada and the part of Ontario, the only province known."""
    national = pd.DataFrame(sector.workers(staff).items(), columns=["year", "value"])
    total, least = sector.ontario_floor(staff)
    ontario = pd.DataFrame(sector.ontario_shares(staff).items(), columns=["year", "value"])
    floor = pd.DataFrame({"year": [sector.FLOOR_YEAR], "value": [least / total]})
    shares = pd.concat([ontario, floor])
    parts = [
        result_rows(national, {"ev.auto_workers.{year}": "value"}),
        result_rows(shares, {"ev.auto_workers_share.on.{year}": "value"}),
    ]
    return pd.concat(parts, ignore_index=True)


def matrix(cells: pd.DataFrame) -> pd.DataFrame:
    """The matrix: money and share of every cell that has them; the direction stands in the label."""
    numbers = {"flow_cad": ["flow_cad"], "duty_cad": ["duty_cad", "duty_low_cad", "duty_high_cad"],
               "share": ["share", "share_low", "share_high"]}  # fmt: skip
    parts = [
        result_rows(cells.dropna(subset=name), {f"ev.matrix_{name}.{{stakeholder}}.{{measure}}": columns},
                    period="{period}", direction="{direction}")
        for name, columns in numbers.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def headings(table: pd.DataFrame, *, december: pd.DataFrame) -> pd.DataFrame:
    """US imports from Canada by heading: value, share claimed in 2024, and with the claims of December 2025.

    `december` (`heading`, `share`) holds claims of December 2025 weighted by that month, where lines are held.
    """
    both = table.merge(december, on="heading", how="left")
    claims = both[["cusma_2025_12", "share"]].astype(float).where(both["share"].notna())
    both = both.assign(low=claims.min(axis=1), high=claims.max(axis=1))
    numbers = {
        "ev.us_imports_cad.{heading}.2024": "value_cad",
        "ev.cusma_share.{heading}.2024": "cusma_2024",
        "ev.cusma_share.{heading}.2025-12": ("cusma_2025_12", "low", "high"),
    }
    return result_rows(both, numbers)


def us_tariffs(exposure: pd.DataFrame) -> pd.DataFrame:
    """US tariff exposure of the flows of 2024 on each date: rate and C$ a year."""
    area = exposure["good"].map(lambda good: "ev" if good in ("vehicles", "parts") else "canola")
    numbers = {
        "{area}.us_tariff_exposure.{good}.{date}": ("rate", "low", "high"),
        "{area}.us_tariff_exposure_cad.{good}.{date}": ("duty_cad", "duty_low_cad", "duty_high_cad"),
    }
    return result_rows(exposure.assign(area=area), numbers, period="{date}")


def crude_claims(months: pd.DataFrame) -> pd.DataFrame:
    """Claimed share of crude canola oil since a claim saves an extra duty, with its lowest and highest month.

    To the end of the year in which it began, and in the newest year as far as it is held.
    """
    rows = []
    for part in (Months.of(CLAIMS_SINCE, f"{CLAIMS_SINCE[:4]}-12"), Months.of_newest_year(months["month"])):
        some = months[months["month"].between(part.first, part.last)]
        mean = (some["value_usd"] * some["share"]).sum() / some["value_usd"].sum()
        rows.append((part.suffix, part.period, part.words, mean, some["share"].min(), some["share"].max()))
    frame = pd.DataFrame(rows, columns=["part", "span", "when", "value", "low", "high"])
    numbers = {"canola.crude_oil_claim_share.{part}": ("value", "low", "high")}
    return result_rows(frame, numbers, period="{span}", when="{when}")
