"""Shares, concentration and targets: known answers, a second route through the raw rows, and bad tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from choices import of

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.trade import flows


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return data.load("merchandise_trade_monthly")


@pytest.fixture(scope="module")
def monthly(table: pd.DataFrame) -> pd.DataFrame:
    return flows.flows(table)


def raw(table: pd.DataFrame, year: int, flow: str, partner: str, product: str = "all") -> float:
    """The second route: the rows of one series and year, added up, C$ million."""
    wanted = table.query("flow == @flow and partner == @partner and product == @product")
    return float(wanted.loc[wanted["month"].dt.year == year, "value_cad_millions"].sum())


def test_two_way_trade_with_china_is_the_press_figure(table: pd.DataFrame, monthly: pd.DataFrame) -> None:
    total = flows.by_year(monthly).at[2024, "trade_china_cad"]
    assert total == pytest.approx(118_923.0e6, abs=0.1e6)
    assert total / 1e6 == pytest.approx(raw(table, 2024, "export", "china") + raw(table, 2024, "import", "china"))


@pytest.mark.parametrize("year", [2024, 2025])
def test_shares_agree_with_the_raw_rows(table: pd.DataFrame, monthly: pd.DataFrame, year: int) -> None:
    shares = flows.shares(flows.by_year(monthly)).loc[year]
    us, world = raw(table, year, "export", "united_states"), raw(table, year, "export", "world")
    metals_us = raw(table, year, "export", "united_states", "precious_metals")
    metals = raw(table, year, "export", "world", "precious_metals")
    assert shares["us_share_of_exports"] == pytest.approx(us / world)
    assert shares["us_share_of_exports_ex_precious_metals"] == pytest.approx((us - metals_us) / (world - metals))
    imports = raw(table, year, "import", "united_states") / raw(table, year, "import", "world")
    assert shares["us_share_of_imports"] == pytest.approx(imports)


def test_metals_outside_the_us_are_the_world_less_the_us(table: pd.DataFrame, monthly: pd.DataFrame) -> None:
    year = flows.by_year(monthly).loc[2025]
    metals = year["exports_non_us_cad"] - year["exports_non_us_ex_precious_metals_cad"]
    world, us = (raw(table, 2025, "export", who, "precious_metals") for who in ("world", "united_states"))
    assert metals / 1e6 == pytest.approx(world - us)


def test_a_year_that_is_not_complete_is_left_out(monthly: pd.DataFrame) -> None:
    assert monthly.index[-1].month != 12
    assert flows.by_year(monthly).index[-1] == monthly.index[-1].year - 1


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda table: table[~((table["month"] == "2010-05-01") & (table["partner"] == "china"))], "2010-05"),
        (lambda table: table.assign(value_cad_millions=table["value_cad_millions"] * (table["flow"] == "import")),
         "above zero"),
        (lambda table: table[table["product"] != "precious_metals"], "precious_metals"),
    ],
)  # fmt: skip
def test_a_bad_table_is_refused(table: pd.DataFrame, spoil, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        flows.flows(spoil(table))


def test_months_end_with_the_series_that_ends_first(table: pd.DataFrame, monthly: pd.DataFrame) -> None:
    metals = (table["product"] == "precious_metals") & (table["month"] > "2026-02-01")
    shorter = flows.flows(table[~metals])
    assert shorter.index[-1] == pd.Timestamp("2026-02-01")
    pd.testing.assert_frame_equal(shorter, monthly.loc[:"2026-02"])


@pytest.fixture(scope="module")
def partners() -> pd.DataFrame:
    return data.load("partner_trade_monthly")


def test_the_newest_reading_stands_where_it_has_a_month(monthly: pd.DataFrame, partners: pd.DataFrame) -> None:
    joined = flows.newest(monthly, partners)
    read = partners.pivot(index="month", columns=["flow", "partner"], values="value_cad_millions") * 1e6
    for (flow, partner), series in read.items():
        name = f"{flow}s_{partner}_cad"
        assert joined.loc[series.index, name].tolist() == series.tolist()
        before = joined.index < series.index[0]
        assert joined.loc[before, name].equals(monthly.loc[before[: len(monthly)], name])
    assert joined.at["2026-08-01", "trade_china_cad"] == pytest.approx((3873.7 + 8921.8) * 1e6)


def test_no_total_is_taken_from_the_newest_reading(monthly: pd.DataFrame, partners: pd.DataFrame) -> None:
    """Revised exports to the United States would turn up in those elsewhere: C$1.9 bn in 2025."""
    joined = flows.newest(monthly, partners)
    assert joined["exports_non_us_cad"].dropna().equals(monthly["exports_non_us_cad"])
    assert "exports_world_cad" not in joined
    with pytest.raises(KeyError):
        flows.shares(joined)
    assert {name: f"{series.index[-1]:%Y-%m}" for name, series in flows.target_series(joined).items()} == {
        "non_us": "2026-04", "non_us_ex_precious_metals": "2026-04", "china": "2026-08",
    }  # fmt: skip


def test_the_newest_reading_has_no_gap(monthly: pd.DataFrame, partners: pd.DataFrame) -> None:
    june = partners["month"].eq("2026-06-01") & partners["partner"].eq("china")
    with pytest.raises(BadInput, match="partner_trade_monthly: exports_china_cad 2026-06: found nan"):
        flows.newest(monthly, partners[~june])
    with pytest.raises(BadInput, match=r"partner_trade_monthly: exports_china_cad 2026-06: found 0\.0"):
        flows.newest(monthly, partners.assign(value_cad_millions=partners["value_cad_millions"].mask(june, 0.0)))


def equal_markets(count: int, rest: float = 0.0) -> pd.DataFrame:
    named = {f"exports_{name}_cad": [0.0] for name in flows.NAMED_MARKETS}
    for name in list(named)[:count]:
        named[name] = [1.0]
    return pd.DataFrame({**named, "exports_world_cad": [count + rest]}, index=[2020])


def test_effective_number_of_equal_markets_is_their_number() -> None:
    markets = flows.effective_markets(equal_markets(5)).loc[2020]
    assert markets["effective_markets_low"] == pytest.approx(5)
    assert markets["effective_markets_high"] == pytest.approx(5)


def test_unnamed_markets_open_the_bounds() -> None:
    markets = flows.effective_markets(equal_markets(2, rest=2.0)).loc[2020]
    assert markets["unnamed_share"] == pytest.approx(0.5)
    assert markets["effective_markets_high"] == pytest.approx(8)  # 1 / (2 × ¼²): the rest counts for nothing
    assert markets["effective_markets_low"] == pytest.approx(8 / 3)  # 1 / (2 × ¼² + ½²): the rest is one market


def test_required_growth_is_the_inverse_of_compounding() -> None:
    growth = flows.required_growth(start=100, target=200, years=11)
    assert 100 * (1 + growth) ** 11 == pytest.approx(200)


def test_targets_are_the_levels_of_the_definitions(monthly: pd.DataFrame) -> None:
    yearly = flows.by_year(monthly)
    targets = flows.targets(yearly, of(10, "targets").aims).set_index(["series", "target"])
    head = targets.loc[("non_us", "2035 at 2 × 2024")]
    assert (head["year"], head["base_year"]) == (2035, 2024)
    assert head["target_cad"] == pytest.approx(2 * yearly.at[2024, "exports_non_us_cad"])
    assert head["required_growth"] == pytest.approx(2 ** (1 / 11) - 1)
    left = yearly.at[2025, "exports_non_us_cad"] * (1 + head["required_growth_from_last"]) ** 10
    assert left == pytest.approx(head["target_cad"])
    china = targets.loc[("china", "2030 at 1.5 × 2024")]
    assert china["target_cad"] == pytest.approx(1.5 * yearly.at[2024, "exports_china_cad"])
    later = targets.loc[("china", "2030 at 1.5 × 2025")]
    assert later["target_cad"] == pytest.approx(1.5 * yearly.at[2025, "exports_china_cad"])
    assert later["required_growth"] == later["required_growth_from_last"] == pytest.approx(1.5 ** (1 / 5) - 1)


def growing(rate: float, years: int = 30) -> pd.DataFrame:
    """Exports that grow at one rate, with a seasonal pattern on top."""
    index = pd.date_range("1997-01", periods=12 * years, freq="MS")
    level = (1 + rate) ** (np.arange(len(index)) / 12) * (1 + 0.3 * np.sin(index.month / 12 * 2 * np.pi))
    names = [f"exports_{name}_cad" for name in flows.TARGETED]
    return pd.DataFrame(dict.fromkeys(names, level), index=index)


@pytest.mark.parametrize(("rate", "share"), [(0.08, 1.0), (0.05, 0.0)])
def test_base_rate_of_steady_growth(rate: float, share: float) -> None:
    rates = flows.base_rates(growing(rate), spans=[("non_us", 10, 2.0)]).iloc[0]
    assert rates["share"] == share  # 1.08^10 = 2.16, 1.05^10 = 1.63
    assert rates["lowest_growth"] == pytest.approx(rate) and rates["highest_growth"] == pytest.approx(rate)
    assert rates["spans"] == 12 * 30 - 11 - 120
    assert rates["independent"] == 2


def test_a_span_longer_than_the_figures_is_refused() -> None:
    with pytest.raises(BadInput, match="40 years"):
        flows.base_rates(growing(0.05), spans=[("non_us", 40, 2.0)])


def test_every_specification_of_the_break_is_listed_once(monthly: pd.DataFrame) -> None:
    variants = flows.break_variants(monthly, date="2025-03", clean_until="2024-12")
    assert not variants.duplicated(["metals", "window_months", "placebo_dates"]).any() and len(variants) == 8
    assert (variants["p_value"] >= variants["floor"]).all()
