"""What the trade notebook says in words, held against its numbers."""

from __future__ import annotations

import pandas as pd

from tradeexposure.reporting.claims import Claim, listed

DOUBLED = "2035 at 2 × 2024"
LEVEL = 0.8  # of the intervals whose coverage is spoken of
SUM = 1e-9


def of_shares(yearly: pd.DataFrame, shares: pd.DataFrame, variants: pd.DataFrame) -> list[Claim]:
    """What is said about trade with China and the break; `variants` from :func:`flows.break_variants`."""
    apart = (shares["us_share_of_exports"] + shares["non_us_share_of_exports"] - 1).abs().max()
    bought = float(yearly["imports_china_cad"][2025] / yearly["trade_china_cad"][2025])
    first = variants.iloc[0]
    return [
        Claim("shares add up", apart < SUM, f"{apart:.2g}", "The United States' share"),
        Claim("three dollars in four are imports", 0.7 < bought < 0.8, f"a share of {bought:.3g}", "Trade with China"),
        Claim("no earlier year saw the US share of exports fall as far",
              first["p_value"] == first["floor"] and first["before"] > first["after"],
              f"p {first['p_value']:.3g}, floor {first['floor']:.3g}", "Did the US share break?"),
    ]  # fmt: skip


def of_forecasts(chances: pd.DataFrame, coverage: pd.DataFrame) -> list[Claim]:
    """What is said about chances and about how the models would have done."""
    spread = chances.query("series == 'non_us'").query("origin == origin.max()")["probability"]
    covered = coverage[(coverage["series"] == "non_us") & (coverage["level"] == LEVEL)]
    trended = covered[covered["family"] != "no_trend"].groupby("horizon_years")["coverage"].agg(["min", "max"])
    china = coverage[(coverage["series"] == "china") & (coverage["level"] == LEVEL)]
    above = china[china["horizon_years"] == 5].set_index("family")["above_median"]
    others, where = above.drop("no_trend"), "Would the models have been right before?"
    late = trended.loc[3:, "min"].min()
    return [
        *_of_origins(chances),
        Claim("every band straddles the target", 0 < spread.min() <= spread.max() < 1, listed(spread),
              "How likely are they?"),
        Claim("models with a trend held fewer outcomes than they should one year ahead",
              bool(trended["max"][1] < LEVEL), f"{trended['max'][1]:.3g}", where),
        Claim("and nearly all from three years on", late > 0.9, f"from {late:.3g}", where),
        Claim("on China the models with a trend have promised too much, the one without too little",
              bool(others.max() < 0.5 < above["no_trend"]), listed(above), where),
    ]  # fmt: skip


def _of_origins(chances: pd.DataFrame) -> list[Claim]:
    """What the chart of chances says of doubling: by origin, goods and model."""
    of = chances[chances["target"] == DOUBLED].reset_index()
    origins = of["origin"].astype(str)
    wide = of.assign(origin=origins).pivot(index="family", columns=["series", "origin"], values="probability")
    newest, check = (("non_us", origin) for origin in (origins.max(), origins.min()))
    now, then, goods = wide[newest], wide[check], wide["non_us_ex_precious_metals", origins.max()]
    trended = now.drop("no_trend")
    least = min((now - then).drop("no_trend").min(), (now - goods).drop("no_trend").min())
    spread, where = trended.max() - trended.min(), "How likely are they?"
    return [
        Claim("three models in four expect exports outside the United States to double by 2035",
              bool(trended.min() > 1 / 2 > now["no_trend"]), listed(now), where),
        Claim("leaving out metals or starting at the check origin lowers all of them",
              bool((then < now).all() and (goods < now).all()), f"{listed(then)}; {listed(goods)}; from {listed(now)}",
              where),
        Claim("metals, the starting month and whether growth goes on matter more than which model with a trend is used",
              bool(spread < least and spread < trended.min() - now["no_trend"]),
              f"models {spread:.3g}, starting point and metals from {least:.3g}", where),
    ]  # fmt: skip
