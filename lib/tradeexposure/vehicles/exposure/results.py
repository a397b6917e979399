"""Numbers that the EV exposure notebook publishes, US claims and duties among them: identifier, label, unit, method."""

from __future__ import annotations

import pandas as pd

from tradeexposure.core.provinces import CANADA
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.policy.cusma_claims import CLAIMS_SINCE, LINES, MONTHLY
from tradeexposure.reporting import chart_style
from tradeexposure.reporting.result_rows import (
    QUOTIENT_DIGITS,
    Latest,
    latest,
    result_rows,
    sourced_rows,
    written_whole,
)
from tradeexposure.vehicles.exposure import stakeholder_matrix, supply
from tradeexposure.vehicles.registrations import BATTERY, NATIONAL, PROVINCES, PROVINCIAL, yearly

PLACES = {name: key for key, name in chart_style.LABELS.items() if len(key) == 2} | {CANADA: "canada"}
DIGITS = 3
FULL_YEAR, HALF_YEAR = 4, 2  # quarters
FLOWS = f"{LINES}; {MONTHLY}; exchange_rate_monthly"


def whole(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with counts printed to the last digit and everything else to three significant digits."""
    written = written_whole(rows, DIGITS)
    return written.assign(digits=written["digits"].clip(lower=DIGITS))


def zev_shares(annual: pd.DataFrame) -> pd.DataFrame:
    """Zero-emission share of new light vehicles: Canada without a place in the identifier, provinces with theirs."""
    placed = annual[annual["geo"].isin(PLACES)]
    placed = placed.assign(place=placed["geo"].map(PLACES), dot=_dotted(placed["geo"]))
    return sourced_rows(result_rows(
        placed, result_id="ev.zev_share{dot}.{year}", label="Zero-emission share of new light vehicles, {geo}, {year}",
        value="zev_share", unit="share", period="{year}", geography="{place}", tables="zev_share_annual",
        method="battery-electric and plug-in hybrid in new registrations, as published",
    ))  # fmt: skip


def _dotted(places: pd.Series) -> pd.Series:
    """What a place adds to an identifier: nothing for Canada, ``.qc`` for Quebec."""
    return places.map(lambda name: "" if name == CANADA else f".{PLACES[name]}")


def battery_electric(national: pd.DataFrame, provincial: pd.DataFrame) -> pd.DataFrame:
    """Battery-electric cars registered: full years, and January to June of the years since 2025, never stretched.

    Parameters
    ----------
    national, provincial : DataFrame
        :func:`tradeexposure.vehicles.registrations.quarterly`; provinces are published from 2024 on.
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
    partial = counts["quarters"] == HALF_YEAR
    named = counts.assign(
        place=counts["geo"].map(PLACES), dot=_dotted(counts["geo"]), part=partial.map({True: "_jan_jun", False: ""}),
        when=counts["year"].astype(str) + partial.map({True: ", January to June", False: ""}),
    )  # fmt: skip
    rows = result_rows(
        named, result_id="ev.bev_registrations{dot}.{year}{part}", value="registrations", unit="count",
        label="Battery-electric cars registered, {geo}, {when}", period="{when}", geography="{place}",
        method="sum of quarters", tables=f"{NATIONAL}; {PROVINCIAL}",
    )  # fmt: skip
    return whole(rows)


def not_published(beside: pd.DataFrame) -> pd.DataFrame:
    """The gap between the national count and the provinces that are published: full years since 2024, and halves."""
    dated = beside[beside["fuel"] == BATTERY].assign(year=beside["quarter"].dt.year, quarters=1).query("year >= 2024")
    counts = ["canada", "provinces", "territories", "not_published", "quarters"]
    sums = dated.groupby("year")[counts].sum().reset_index().query("quarters in [@HALF_YEAR, @FULL_YEAR]")
    half = sums["quarters"] == HALF_YEAR
    when = sums["year"].astype(str) + half.map({True: ", January to June", False: ""})
    sums = sums.assign(part=half.map({True: "_jan_jun", False: ""}), when=when)
    sums["share"] = sums["not_published"] / sums["canada"]
    place = "ev.bev_registrations.{key}.{year}{part}"
    parts = [
        result_rows(
            sums.assign(key=key), result_id=place, label=f"Battery-electric cars registered, {quantity}, {{when}}",
            value=column, unit="count", period="{when}", method=method, tables=f"{NATIONAL}; {PROVINCIAL}",
        )
        for key, column, quantity, method in (
            ("eight_provinces", "provinces", "the eight provinces that are published", "sum of quarters and provinces"),
            ("not_published", "not_published", "Alberta and Newfoundland and Labrador (not published)",
             "national count - eight provinces - territories; includes revisions of the national count"),
        )
    ]  # fmt: skip
    share = result_rows(
        sums, result_id="ev.bev_share_not_published.{year}{part}", value="share", unit="share", period="{when}",
        label="Battery-electric cars of Alberta and Newfoundland and Labrador in Canada's, {when}",
        method="what the provincial figures leave out / national count", tables=f"{NATIONAL}; {PROVINCIAL}",
    )  # fmt: skip
    return sourced_rows(whole(pd.concat([*parts, share], ignore_index=True)))


def china_supply(imports: pd.DataFrame, units: pd.DataFrame, dependence: pd.DataFrame) -> pd.DataFrame:
    """Import values and vehicles from China, and its part in supply by every source."""
    table = "ev_imports_by_origin"
    values = result_rows(
        imports, result_id="ev.china_import_value_cad.{year}", value="value_cad", low="low_cad", high="high_cad",
        label="Battery-electric cars imported from China, {year}", unit="CAD", period="{year}", tables=table,
        method="customs value as quoted by the press; range: rounding of the printed figure",
    )  # fmt: skip
    sent = result_rows(
        units, result_id="ev.china_vehicles.{year}", value="vehicles", unit="count", period="{year}", tables=table,
        label="Electric vehicles sent by China to Canada, {year} (trust: {trust})", method="as cited",
    )  # fmt: skip
    each = result_rows(
        dependence, result_id="ev.china_built_share.{key}", value="share", unit="share", period="{period}",
        label="{measure} ({period}, trust: {trust})", method="as cited, or cited vehicles / registrations",
        tables=f"{table}; chinese_built_share; {NATIONAL}",
    )  # fmt: skip
    flow = dependence.loc[dependence["supply"], "share"]
    headline = {
        "result_id": "ev.china_built_share.2023", "label": "China-built part of battery-electric supply, 2023",
        "value": flow.iloc[0], "low": flow.min(), "high": flow.max(),
        "unit": "share", "period": "2023", "tables": f"{table}; chinese_built_share; {NATIONAL}",
        "method": "China's exports of electric cars / battery-electric registrations; range over the sources on supply",
    }  # fmt: skip
    return sourced_rows(whole(pd.concat([values, sent, each, pd.DataFrame([headline])], ignore_index=True)))


def surtax(charged: pd.DataFrame, removed: pd.DataFrame) -> pd.DataFrame:
    """Canada's duty on China-built electric vehicles by day, and what was missing after the surtax beside 2023."""
    table = "ev_imports_by_origin"
    rate = result_rows(
        charged, result_id="ev.china_ev_rate.{date}", label="Canada's duty on electric vehicles of China, {date}",
        value="rate", unit="rate", period="{date}", method="dated measures; within the quota where there is one",
    )  # fmt: skip
    change = result_rows(
        removed, result_id="ev.china_import_change.2024q4", value="change", unit="change", period="2024Q4",
        label="Imports of cars and light trucks from China after the surtax, last quarter of 2024", method="as cited",
        tables=table,
    )  # fmt: skip
    money = result_rows(
        removed, result_id="ev.surtax_removed_cad", value="value_cad", low="low_cad", high="high_cad",
        label="Imports from China missing after the surtax beside 2023, all causes together", period="2023 to 2025",
        unit="CAD per year", tables=table,
        method="fall of 2024Q4 (value) x imports of 2023; range to the fall of vehicles sent, 2023 to 2025",
    )  # fmt: skip
    return pd.concat([rate, change, money], ignore_index=True)


def quota(shares: pd.DataFrame) -> pd.DataFrame:
    """The quota on China-built electric vehicles in the registrations of 2025, by what it is compared with."""
    return sourced_rows(result_rows(
        shares, result_id="ev.quota_share.{key}.2025", label="Quota of 49,000 in registrations of 2025, {measure}",
        value="share", unit="share", period="2025", method="quota / registrations", tables=NATIONAL,
    ))  # fmt: skip


def first_count(cars: float) -> pd.DataFrame:
    """The first count of cars under the quota, of which no day is held."""
    count = pd.DataFrame([{"cars": cars}])
    return sourced_rows(result_rows(
        count, result_id="ev.quota_admitted.first_count", value="cars", unit="count", method="as cited; one outlet",
        label="China-built cars admitted under the quota at the first count, day of the count not held",
        period="2026", tables="ev_imports_by_origin",
    ))  # fmt: skip


def auto_exports(exports: pd.DataFrame, *, part: str = "", when: str = "{year}") -> pd.DataFrame:
    """Exports of autos and parts to the United States and their share; `part` and `when` name incomplete years."""
    shared = {"period": when, "method": "customs basis, not seasonally adjusted", "tables": "merchandise_trade_monthly"}
    value = result_rows(
        exports, result_id=f"ev.auto_exports_us_cad.{{year}}{part}", value="us_cad", unit="CAD",
        label=f"Exports of autos and parts to the United States, {when}", **shared,
    )  # fmt: skip
    share = result_rows(
        exports, result_id=f"ev.auto_exports_us_share.{{year}}{part}", value="us_share", unit="share",
        label=f"United States in exports of autos and parts, {when}", **shared,
    )  # fmt: skip
    return sourced_rows(pd.concat([value, share], ignore_index=True))


def auto_exports_held(exports: pd.DataFrame, first_months: pd.DataFrame) -> pd.DataFrame:
    """:func:`auto_exports` of whole years and, where the newest is not over, of its first months and those before it.

    Parameters
    ----------
    exports, first_months : DataFrame
        :func:`supply.auto_exports` and :func:`supply.same_months`.
    """
    whole = auto_exports(exports[exports["months"] == MONTHS_IN_YEAR])
    newest = Latest(int(first_months["year"].max()), int(first_months["months"].max()))
    if not newest.span:
        return whole
    part = auto_exports(first_months, part=newest.suffix, when=f"{{year}}, {newest.span}")
    return pd.concat([whole, part], ignore_index=True)


def so_far(template: str, monthly: pd.DataFrame) -> str:
    """A text about the newest year held, whether or not it is over (:meth:`Latest.fill`)."""
    return latest(monthly["month"]).fill(template)


def assembly(makers: pd.DataFrame, totals: pd.Series, drives: pd.DataFrame) -> pd.DataFrame:
    """Vehicles assembled, the two Japanese makers' part, and what drives the vehicles sold to the United States."""
    named = makers.assign(key=makers["maker"].str.lower().str.replace(r"[^a-z]+", "_", regex=True))
    each = result_rows(
        named, result_id="ev.vehicles_assembled.{key}.2024", label="Vehicles assembled in Canada by {maker}, 2024",
        value="vehicles", unit="count", period="2024", method="as cited", tables="vehicle_production",
    )  # fmt: skip
    total = {
        "result_id": "ev.vehicles_assembled.2024", "label": "Vehicles assembled in Canada, 2024", "unit": "count",
        "value": totals.iloc[0], "low": totals.min(), "high": totals.max(), "period": "2024",
        "method": "first of three published totals; range over the three, whose coverage differs",
        "tables": "vehicle_production",
    }  # fmt: skip
    pair = makers.set_index("maker")["vehicles"]
    two = {
        "result_id": "ev.japanese_makers_share.2024", "label": "Toyota and Honda in vehicles assembled in Canada, 2024",
        "value": pair[["Toyota", "Honda"]].sum() / totals.iloc[0], "unit": "share", "period": "2024",
        "method": "plants' vehicles / first published total", "tables": "vehicle_production",
    }  # fmt: skip
    kinds = result_rows(
        drives.assign(key=drives["kind"].str.lower().str.replace(r"[^a-z]+", "_", regex=True)),
        result_id="ev.us_sales_share.{key}.2024", value="share", unit="share", period="2024", tables=LINES,
        label="{kind} in the value of vehicles the United States imports from Canada, 2024",
        method="value of tariff lines / headings 8703 and 8704",
    )  # fmt: skip
    electric = {
        "result_id": "ev.us_sales_share.battery_electric.2024", "unit": "share", "period": "2024", "tables": LINES,
        "label": "Battery-electric in the value of vehicles the United States imports from Canada, 2024",
        "value": drives.loc[drives["kind"].str.startswith("Battery-electric"), "share"].sum(),
        "method": "lines 8703.80 and 8704.60 / headings 8703 and 8704",
    }  # fmt: skip
    rows = pd.concat([pd.DataFrame([total, two]), each, kinds, pd.DataFrame([electric])], ignore_index=True)
    return sourced_rows(whole(rows))


def investment(money: pd.DataFrame) -> pd.DataFrame:
    """Capital announced and stopped; support is never counted."""
    labels = {
        "announced": "announced, October 2020 to April 2024", "listed": "announced, sum of listed projects",
        "stopped": "paused or cancelled, stated amounts", "paused": "paused, stated amounts",
        "cancelled": "cancelled, stated amounts",
    }  # fmt: skip
    methods = {
        "announced": "budget office's total; capital, not support",
        "stopped": "sum of stated amounts, a floor: five stopped projects state none; high end with one not confirmed",
    }
    named = money.assign(
        words=money["key"].map(labels),
        method=money["key"].map(methods).fillna("sum of stated amounts; capital, not support"),
        period=money["key"].map({"announced": "2020-10 to 2024-04"}).fillna("2020-10 to 2026-05"),
    )
    return result_rows(
        named, result_id="ev.investment_{key}_cad.canada", value="value_cad", low="low_cad", high="high_cad",
        label="EV and battery investment {words}", unit="CAD", period="{period}", method="{method}",
        tables="ev_investments_status",
    )  # fmt: skip


def workers(staff: pd.DataFrame) -> pd.DataFrame:
    """Automotive manufacturing workers in Canada and the part of Ontario, the only province known."""
    national = pd.DataFrame(supply.workers(staff).items(), columns=["year", "value"])
    total, least = supply.ontario_floor(staff)
    ontario = pd.DataFrame(supply.ontario_shares(staff).items(), columns=["year", "value"])
    floor = pd.DataFrame({"year": [supply.FLOOR_YEAR], "value": [least / total], "at": ", at least"})
    counts = result_rows(
        national, result_id="ev.auto_workers.{year}", label="Automotive manufacturing workers, {year}", value="value",
        unit="count", period="{year}", method="as cited; definitions differ between years", tables="auto_employment",
    )  # fmt: skip
    shares = result_rows(
        pd.concat([ontario.assign(at=""), floor]), result_id="ev.auto_workers_share.on.{year}", unit="share",
        label="Ontario in automotive manufacturing workers, {year}{at}", value="value", period="{year}", geography="on",
        method="as the note of the national figure says", tables="auto_employment",
    )  # fmt: skip
    return sourced_rows(pd.concat([counts, shares], ignore_index=True))


def matrix(cells: pd.DataFrame) -> pd.DataFrame:
    """The matrix: money and share of every cell that has them; the direction stands in the label."""
    named = stakeholder_matrix.with_names(cells)
    label = "{who}: {what} ({direction})"
    flow = result_rows(
        named.dropna(subset=["flow_cad"]), result_id="ev.matrix_flow_cad.{stakeholder}.{measure}", value="flow_cad",
        label=label, unit="CAD", period="{period}",
        method="a year's trade that the measure stands on, or capital stopped; not a loss",
    )  # fmt: skip
    duty = result_rows(
        named.dropna(subset=["duty_cad"]), result_id="ev.matrix_duty_cad.{stakeholder}.{measure}", value="duty_cad",
        low="duty_low_cad", high="duty_high_cad", label=label + ": duty on a year as 2024", unit="CAD per year",
        period="{period}", method="flow x rate of the last date; range over claim shares, US content, lists",
    )  # fmt: skip
    share = result_rows(
        named.dropna(subset=["share"]), result_id="ev.matrix_share.{stakeholder}.{measure}", value="share",
        low="share_low", high="share_high", label=label + ": {share_of}", unit="share",
        period="{period}", method="{share_of}",
    )  # fmt: skip
    return pd.concat([flow, duty, share], ignore_index=True)


def headings(table: pd.DataFrame, *, december: pd.DataFrame) -> pd.DataFrame:
    """US imports from Canada by heading: value, share claimed in 2024, and with the claims of December 2025.

    `december` (`heading`, `share`) holds claims of December 2025 weighted by that month, where lines are held.
    """
    both = table.merge(december, on="heading", how="left")
    claims = both[["cusma_2025_12", "share"]].astype(float).where(both["share"].notna())
    both = both.assign(low=claims.min(axis=1), high=claims.max(axis=1))
    value = result_rows(
        both, result_id="ev.us_imports_cad.{heading}.2024", value="value_cad", unit="CAD", period="2024", tables=FLOWS,
        label="US imports from Canada, {name}, 2024", method="US dollars at the mean exchange rate of 2024",
    )  # fmt: skip
    first = result_rows(
        both, result_id="ev.cusma_share.{heading}.2024", value="cusma_2024", unit="share", period="2024", tables=LINES,
        label="Claimed under CUSMA, {name}, 2024", method="weighted by value",
    )  # fmt: skip
    later = result_rows(
        both, result_id="ev.cusma_share.{heading}.2025-12", value="cusma_2025_12", low="low", high="high", unit="share",
        label="Claimed under CUSMA, {name}, December 2025", period="2025-12", tables=f"{LINES}; {MONTHLY}",
        method="claims of December 2025 weighted by values of 2024; range to those weighted by December, where held",
    )  # fmt: skip
    return sourced_rows(pd.concat([value, first, later], ignore_index=True), kept=QUOTIENT_DIGITS)


def us_tariffs(exposure: pd.DataFrame) -> pd.DataFrame:
    """US tariff exposure of the flows of 2024 on each date: rate and C$ a year."""
    area = exposure["good"].map(lambda good: "ev" if good in ("vehicles", "parts") else "canola")
    named = exposure.assign(area=area, lower=exposure["title"].str[0].str.lower() + exposure["title"].str[1:])
    method = "claimed and unclaimed shares of 2024 x rates of the date; range over claim shares, US content, lists"
    shared = {"period": "{date}", "tables": FLOWS, "method": method}
    rate = result_rows(
        named, result_id="{area}.us_tariff_exposure.{good}.{date}", value="rate", low="low", high="high", unit="rate",
        label="US tariff on Canadian {lower}, {date}", **shared,
    )  # fmt: skip
    duty = result_rows(
        named, result_id="{area}.us_tariff_exposure_cad.{good}.{date}", value="duty_cad", low="duty_low_cad",
        high="duty_high_cad", unit="CAD per year", label="US duty on a year of Canadian {lower} as in 2024, {date}",
        **shared,
    )  # fmt: skip
    return pd.concat([rate, duty], ignore_index=True)


def crude_claims(months: pd.DataFrame) -> pd.DataFrame:
    """Claimed share of crude canola oil since a claim saves an extra duty, with its lowest and highest month.

    To the end of the year in which it began, and in the newest year as far as it is held.
    """
    newest, since = latest(months["month"]), pd.Period(CLAIMS_SINCE, "M")
    held_to, end_of_first = f"{newest.year}-{newest.month:02d}", pd.Period(f"{since.year}-12", "M")
    newest_months = f"{newest.span} {newest.year}".strip()
    first = (f"{since:%Y}_{since:%b}_{end_of_first:%b}".lower(), f"{since:%Y-%m}", f"{end_of_first:%Y-%m}",
             f"{since:%B} to {end_of_first:%B} {since:%Y}")  # fmt: skip
    rows = []
    for part, start, end, when in (
        first,
        (f"{newest.year}{newest.suffix}", f"{newest.year}-01", held_to, newest_months),
    ):
        held_months = months[(months["month"] >= start) & (months["month"] <= end)]
        mean = (held_months["value_usd"] * held_months["share"]).sum() / held_months["value_usd"].sum()
        rows.append((part, f"{start} to {end}", when, mean, held_months["share"].min(), held_months["share"].max()))
    return result_rows(
        pd.DataFrame(rows, columns=["part", "span", "when", "value", "low", "high"]), value="value", low="low",
        high="high", unit="share", period="{span}", tables=MONTHLY, result_id="canola.crude_oil_claim_share.{part}",
        label="Crude canola oil claimed under CUSMA, {when} (unexplained)",
        method="weighted by value; range: lowest and highest month",
    )  # fmt: skip
