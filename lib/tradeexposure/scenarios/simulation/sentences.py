"""What the scenario notebook says of its results, the answer first: every sentence follows the sign of its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.core.text import capital, listing
from tradeexposure.econometrics.draws import Spread, spread
from tradeexposure.policy import studies
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.scenarios.simulation.changes import CanolaChange, Changes, Ensemble
from tradeexposure.scenarios.simulation.names import CLOSURE_NAMES, OUTPUTS, QUOTA_OUTCOMES, assumption
from tradeexposure.scenarios.simulation.results import EPISODES, VALIDATION_STEM, WELFARE
from tradeexposure.scenarios.simulation.validation import Episode

INCOME = "scenario.canola.grower_income_change_cad"
PRICE = "scenario.canola.producer_price_change"
CHINA = "scenario.ev.china_built_registrations"
SHOWN = 3  # assumptions named in a sentence
MOSTLY, ALWAYS = 0.5, 0.995  # share of draws that are "most" and "all"
UNCLEAR = "Whether canola growers gain or lose does not show"


def answer(found: Changes, canada: Spread, *, title: str, against: str) -> str:
    """The answer: one sentence with ranges, a null first, then the account and each sector."""
    cars = spread(found.vehicles.china_built_change)
    first = f"**{title}, measured against {against}: {_lead(found, cars)}**"
    return " ".join(filter(None, [first, account(canada), _price(found.canola.price), _cars(found, cars)]))


def _lead(found: Changes, cars: Spread) -> str:
    """Growers and China-built cars, a null first; the United States where something moves there."""
    income, exports = spread(found.canola.income.headline), spread(found.us)
    sectors = {
        "canola growers": (income.direction, _growers_short(income)),
        "electric cars from China": (cars.direction, _cars_short(cars)),
    }  # fmt: skip
    nulls = [name for name, (sign, _) in sectors.items() if sign == "none"]
    moved = [text for sign, text in sectors.values() if sign != "none"]
    if exports.direction != "none":
        moved.append("vehicle exports to the United States change by {scenario.us.vehicle_export_change_cad:full}")
    return "; ".join([*([f"nothing changes for {listing(nulls)}"] if nulls else []), *moved]) + "."


def _growers_short(income: Spread) -> str:
    known = {"rise": "canola growers gain", "fall": "canola growers lose, a change of"}
    lead = known.get(income.direction, "whether canola growers gain or lose does not show:")
    return f"{lead} {{{INCOME}:full}}, draws weighed by history"


def _cars_short(cars: Spread) -> str:
    if cars.direction == "rarely":
        return (f"registrations of China-built electric cars stay as they are in most draws (range of the change "
                f"{{{CHINA}_change:range}})")  # fmt: skip
    return f"registrations of China-built electric cars change by {{{CHINA}_change:full}}"


def _price(change: Ensemble) -> str:
    if spread(change.headline).direction == "none":
        return ""
    return f"The farm price changes by {{{PRICE}:full}}."


def _cars(found: Changes, cars: Spread) -> str:
    """The quota, and what buyers and other cars get, where anything moves."""
    if cars.direction == "none":
        return ""
    return (
        f"{quota(found.vehicles.quota).strip()} Buyers' surplus changes by {{scenario.ev.consumer_surplus_cad:full}}, "
        "the number of other cars displaced by {scenario.ev.displaced:full}, Canadian assembly by "
        "{scenario.ev.domestic_assembly_change:full}."
    )


def setting(chosen: Scenario, against: str) -> str:
    """The scenario's question and what it is measured against."""
    horizon = {"acreage": "by changing their acreage", "crop_year": "within one crop year only"}
    growers = f"Growers answer the price {horizon[chosen.horizon]}."
    return f"{chosen.title}. {chosen.question} Measured against {against}. {growers}"


def growers(income: Ensemble) -> str:
    """What growers' income does, a null first; what it rests on, and the two other models."""
    found = spread(income.headline).direction
    if found == "none":
        return "Nothing changes for canola growers: no duty on canola differs."
    lead = {"rise": "Canola growers gain:", "fall": "Canola growers lose, a change of"}.get(found, f"{UNCLEAR}:")
    return (
        f"{lead} {{{INCOME}:full}} (median and 90% of the draws that history weighs). By official data alone it is "
        f"{{{INCOME}.official_data_only:full}}, with no data weighed {{{INCOME}.unweighted:full}}. China's duty on "
        f"seed alone accounts for {{{INCOME}.seed_only:full}}, that on meal alone for {{{INCOME}.meal_only:full}}. "
        f"{_both()}"
    )


def _both() -> str:
    """What the two other models say of growers' income."""
    base = studies.base_years(studies.OTHER_MODELS).words
    return (
        f"Two other models on the trade of {base} give {{{INCOME}.origin_matters:full}} where buyers tell origins "
        f"apart and {{{INCOME}.origin_does_not_matter:full}} where canola is one good; they are no bounds: they stand "
        "on another base year and are weighed by nothing, and the gain is highest at elasticities inside what the "
        "first of them draws."
    )


def account(canada: Spread) -> str:
    """The account of both sectors in one sentence."""
    if canada.direction == "none":
        return "Nobody in Canada gains or loses in the account of both sectors."
    lead = {"rise": "Over both sectors Canada gains", "fall": "Over both sectors Canada loses, a change of"}.get(
        canada.direction, "Whether Canada gains or loses over both sectors does not show:"
    )
    return (
        f"{lead} {{{WELFARE}.canada_cad:full}}: growers, handlers, crushers and users of canola, buyers of cars, "
        f"rebates, rent and revenue; without crushers, whose owners are not held, "
        f"{{{WELFARE}.canada_without_crushers:full}}."
    )


def vehicles(cars: Spread, regimes: Mapping[str, float]) -> str:
    """What happens to China-built electric cars; `cars` is their change, `regimes` is empty without a quota."""
    if cars.direction == "none":
        return "Nothing changes for electric cars from China: no measure on them differs."
    change, level = f"{{{CHINA}_change:full}}", f"{{{CHINA}:full}}"
    if cars.direction == "rarely":
        return (f"In most draws nothing changes for electric cars from China; the range of the change is "
                f"{{{CHINA}_change:range}}, the level {level}.{quota(regimes)}")  # fmt: skip
    lead = {
        "rise": "More electric cars from China are registered",
        "fall": "Fewer electric cars from China are registered",
        "open": "Whether more or fewer electric cars from China are registered does not show",
    }[cars.direction]
    return f"{lead}: a change of {change}, to {level}.{quota(regimes)}"


def quota(regimes: Mapping[str, float]) -> str:
    """How often the quota binds; `regimes` maps the names of :data:`QUOTA_OUTCOMES` to shares of draws."""
    if not regimes:
        return " There is no quota in this scenario."
    likeliest = max(regimes, key=lambda name: regimes[name])
    share = regimes[likeliest]
    size = "all" if share >= ALWAYS else "most" if share > MOSTLY else "the largest part"
    return (f" In {size} of the draws the quota is {QUOTA_OUTCOMES[likeliest]} (not filled "
            "{scenario.ev.quota_regime.unfilled}, exactly filled {scenario.ev.quota_regime.filled}, exceeded "
            "{scenario.ev.quota_regime.overfilled}).")  # fmt: skip


def treatments(shown: bool) -> str:
    """What the table of rules above the quota says, or that there is none."""
    if not shown:
        return "The scenario has no quota, so no rule above it applies."
    return ("China-built cars: {scenario.ev.china_built_registrations.no_entry:full} if none enter above the "
            "quota, {scenario.ev.china_built_registrations.surtax:full} if those above it pay the surtax, "
            "{scenario.ev.china_built_registrations.mfn:full} if they pay the ordinary duty.")  # fmt: skip


def united_states(change: Changes) -> str:
    """What the US part says."""
    oil, cars = spread(change.canola.us_oil.headline), spread(change.us)
    first = {
        "none": "Nothing changes for canola oil sold to the United States.",
        "rise": "More is earned from canola oil sold to the United States: {scenario.us.canola_oil_change_cad:full}.",
        "fall": "Less is earned from canola oil sold to the United States: {scenario.us.canola_oil_change_cad:full}.",
    }.get(oil.direction, "Whether more or less is earned from canola oil sold to the United States does not show: "
                         "{scenario.us.canola_oil_change_cad:full}.")  # fmt: skip
    if cars.direction == "none":
        return f"{first} No duty on vehicles into the United States differs."
    return (f"{first} Exports of passenger vehicles to the United States change by "
            "{scenario.us.vehicle_export_change_cad:full} within a year and by "
            "{scenario.us.vehicle_export_change_cad.long_run:full} in the long run.")  # fmt: skip


def ranked(names: Mapping[str, Sequence[str]]) -> str:
    """The assumptions that move each output most; `names` by output, largest share first."""
    if not names:
        return "No output varies over the draws."
    lines = [
        f"- {capital(OUTPUTS[output])}: "
        + ", ".join(f"{assumption(name)} ({{scenario.sensitivity.{output}.{name}}})" for name in found[:SHOWN])
        for output, found in names.items()
    ]  # fmt: skip
    return "Share of the variance that each assumption alone accounts for:\n\n" + "\n".join(lines)


def canola(found: CanolaChange) -> str:
    """What price, receipts and volumes do, or nothing where no duty differs."""
    if spread(found.price.headline).direction == "none":
        return "Shipped to China in the scenario: {scenario.canola.china_volume_kt:full}; nothing changes."
    stems = {"the farm price": PRICE, "receipts": "scenario.canola.receipts_change_cad",
             "seed shipped to China": "scenario.canola.china_volume_change_kt",
             "seed sold elsewhere": "scenario.canola.diverted_kt"}  # fmt: skip
    rows = "\n".join(f"- {capital(name)}: {{{stem}:full}}" for name, stem in stems.items())
    return f"Changes, draws weighed by history:\n\n{rows}"


def sector(found: Changes) -> str:
    """What the electric-car part does to buyers, treasury, makers and assembly, by sign."""
    cars = found.vehicles
    moved = {
        "buyers' surplus": ("consumer_surplus_cad", cars.surplus),
        "tariff revenue": ("tariff_revenue_cad", cars.revenue),
        "rent of the quota": ("quota_rent_cad", cars.rent),
        "registrations displaced": ("displaced", cars.all_displaced),
        "of them electric": ("displaced.electric", cars.electric_displaced),
        "assembly in Canada, at home and through the United States": ("domestic_assembly_change", found.assembly),
    }
    still = [name for name, (_, values) in moved.items() if spread(values).direction == "none"]
    rows = [f"- {capital(name)}: {{scenario.ev.{key}:full}}" for name, (key, _) in moved.items() if name not in still]
    none = f"No change: {', '.join(still)}." if still else ""
    return "\n\n".join(filter(None, [none, "Changes:\n\n" + "\n".join(rows) if rows else ""]))


def variants(income: Ensemble, expected: bool) -> str:
    """What the other choices give for growers' income."""
    if spread(income.headline).direction == "none":
        return "No duty on canola differs, so growers' income does not change on any base year or expected duty."
    other = studies.base_years(studies.OTHER_BASE)
    parts = [f"On the {other.words} as base growers' income changes by {{{INCOME}.{other.key}:full}}."]
    if expected:
        parts.append(
            "If importers reckoned not with the deposit of 2025 but with what they expected to owe, it changes by "
            f"{{{INCOME}.expected_duty:full}}."
        )
    else:
        parts.append(
            "Neither side of the comparison holds the deposit of 2025 on seed, so what importers expected of it "
            "has no place here."
        )
    return " ".join(parts)


def episodes(found: Sequence[Episode]) -> str:
    """What the comparison shows and what it cannot tell."""
    return " ".join(_episode(one) for one in found if one.beside is not None)


def _episode(one: Episode) -> str:
    inside = [closure for closure in CLOSURES if one.inside(closure)]
    beside = one.beside or Spread(0.0, 0.0, 0.0)
    label, stem = EPISODES[one.key][0], f"{VALIDATION_STEM}.{one.key}"
    full = "" if beside.low == beside.high else ":full"
    numbers = (
        f"{{{stem}.origin_matters:full}} with origins told apart, {{{stem}.origin_does_not_matter:full}} as one good, "
        f"estimated {{{stem}.estimate{full}}}"
    )
    where = "the estimate's range" if full else "the estimate, which has no range"
    verdict = {len(CLOSURES): f"both medians agree with {where}", 0: f"neither median agrees with {where}"}.get(
        len(inside), f"only {CLOSURE_NAMES[inside[0]] if inside else ''} agrees with {where}"
    )
    null = "; that range holds zero, so it tells little" if beside.low < 0 < beside.high else ""
    return f"{label}: {numbers}; {verdict}{null}."
