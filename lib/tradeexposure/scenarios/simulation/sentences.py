"""What the scenario notebook says of its results, the answer first: every sentence follows the sign of its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.core.text import capital, listing
from tradeexposure.econometrics.draws import Spread, spread
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.scenarios.simulation.changes import CanolaChange, Changes, Ensemble
from tradeexposure.scenarios.simulation.names import CLOSURE_NAMES, OUTPUTS, QUOTA_OUTCOMES, assumption
from tradeexposure.scenarios.simulation.results import EPISODES, EXCHANGE_RATE, VALIDATION_STEM
from tradeexposure.scenarios.simulation.validation import Episode

INCOME = "scenario.canola.grower_income_change_cad"
PRICE = "scenario.canola.producer_price_change"
CHINA = "scenario.ev.china_built_registrations"
SHOWN = 3  # assumptions named in a sentence
MOSTLY, ALWAYS = 0.5, 0.995  # share of draws that are "most" and "all"
UNCLEAR = "Whether canola growers gain or lose does not show"


def answer(found: Changes, *, title: str, against: str) -> str:
    """The answer: one sentence with ranges, a null first and both closures where they lie apart, then each sector."""
    cars = spread(found.vehicles.china_built_change)
    first = f"**{title}, measured against {against}: {_lead(found, cars)}**"
    parts = [first, _apart(found.canola.income), _price(found.canola.price), _cars(found, cars)]
    return " ".join(filter(None, [*parts, exchange(True) if found.has_exchange_rate else ""]))


def _lead(found: Changes, cars: Spread) -> str:
    """Growers and China-built cars, a null first; the United States where something moves there."""
    income, exports = found.canola.income, spread(found.us)
    sectors = {
        "canola growers": (spread(income.pooled).direction, _growers_short(income)),
        "electric cars from China": (cars.direction, _cars_short(cars)),
    }  # fmt: skip
    nulls = [name for name, (sign, _) in sectors.items() if sign == "none"]
    moved = [text for sign, text in sectors.values() if sign != "none"]
    if exports.direction != "none":
        moved.append("vehicle exports to the United States change by {scenario.us.vehicle_export_change_cad:full}")
    return "; ".join([*([f"nothing changes for {listing(nulls)}"] if nulls else []), *moved]) + "."


def _growers_short(income: Ensemble) -> str:
    signs = {spread(values).direction for values in income.by_closure.values()}
    known = {"rise": "canola growers gain", "fall": "canola growers lose"}
    lead = known.get(signs.pop() if len(signs) == 1 else "", "whether canola growers gain or lose does not show")
    if income.apart:
        return (f"{lead}, {{{INCOME}.armington:full}} if buyers tell origins apart and {{{INCOME}.homogeneous:full}} "
                "if canola is one good")  # fmt: skip
    return (f"{lead}: {{{INCOME}:full}} over two readings of the market, {{{INCOME}.armington:full}} if buyers tell "
            f"origins apart and {{{INCOME}.homogeneous:full}} if canola is one good")  # fmt: skip


def _cars_short(cars: Spread) -> str:
    if cars.direction == "rarely":
        return (f"registrations of China-built electric cars stay as they are in most draws (range of the change "
                f"{{{CHINA}_change:range}})")  # fmt: skip
    return f"registrations of China-built electric cars change by {{{CHINA}_change:full}}"


def _apart(income: Ensemble) -> str:
    """That no number between the closures stands for both, where their ranges do not overlap."""
    return "The two ranges of growers' income do not overlap, so no number between them stands for both." if (
        income.apart) else ""  # fmt: skip


def _price(change: Ensemble) -> str:
    if spread(change.pooled).direction == "none":
        return ""
    return (
        f"The farm price changes by {{{PRICE}.armington:full}} with origins told apart and by "
        f"{{{PRICE}.homogeneous:full}} as one good."
    )


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
    """What growers' income does, a null first and both closures where their ranges lie apart."""
    found = spread(income.pooled).direction
    if found == "none":
        return "Nothing changes for canola growers: no duty on canola differs."
    if income.apart:
        parts = (f"{{{INCOME}.armington:full}} if buyers tell origins apart, {{{INCOME}.homogeneous:full}} if canola "
                 "is one good")  # fmt: skip
        same = {spread(values).direction for values in income.by_closure.values()} == {found}
        lead = {"rise": "Canola growers gain", "fall": "Canola growers lose"}.get(found if same else "open", UNCLEAR)
        return f"{lead}: {parts}; the two ranges do not overlap, so no number between them stands for both."
    lead = {"rise": "Canola growers gain", "fall": "Canola growers lose"}.get(found, UNCLEAR)
    return (f"{lead}: {{{INCOME}:full}} over both models, {{{INCOME}.armington:full}} if buyers tell origins apart, "
            f"{{{INCOME}.homogeneous:full}} if canola is one good.")  # fmt: skip


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
    oil, cars = spread(change.canola.us_oil.pooled), spread(change.us)
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


def exchange(published: bool) -> str:
    """The exchange rate of the deal, or why there is none."""
    if not published:
        return ("There is no exchange rate: it needs a gain of canola growers and registrations displaced by cars from "
                "China in all but the outer draws, and this scenario does not have both.")  # fmt: skip
    parts = (("origins apart", "armington"), ("one good", "homogeneous"))
    stem = EXCHANGE_RATE
    rates = ", ".join(f"{{{stem}.{closure}:full}} with {name}" for name, closure in parts)
    gains = " or ".join(f"{{{stem}.producer_surplus_cad.{closure}}}" for _, closure in parts)
    return (
        f"Per registration displaced canola growers gain {rates}: {gains} against {{{stem}.displaced:full}}, of which "
        f"built in Canada {{{stem}.displaced_canada:full}}."
    )


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
    if spread(found.price.pooled).direction == "none":
        return (
            "Shipped to China in the scenario: {scenario.canola.china_volume_kt.armington:full} if buyers tell origins "
            "apart, {scenario.canola.china_volume_kt.homogeneous:full} if canola is one good; nothing changes."
        )
    stems = {"the farm price": PRICE, "receipts": "scenario.canola.receipts_change_cad",
             "seed shipped to China": "scenario.canola.china_volume_change_kt",
             "seed sold elsewhere": "scenario.canola.diverted_kt"}  # fmt: skip
    rows = "\n".join(f"- {capital(name)}: {{{stem}.armington:full}} and {{{stem}.homogeneous:full}}"
                     for name, stem in stems.items())  # fmt: skip
    return f"Changes if buyers tell origins apart and if canola is one good:\n\n{rows}"


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
    if spread(income.pooled).direction == "none":
        return "No duty on canola differs, so growers' income does not change on any base year or expected duty."
    parts = [f"On the mean of 2023 and 2024 as base year growers' income changes by {_both('base_2023_2024')}."]
    if expected:
        parts.append(
            "If importers reckoned not with the deposit of 2025 but with what they expected to owe, it changes by "
            f"{_both('expected_duty')}."
        )
    else:
        parts.append(
            "Neither side of the comparison holds the deposit of 2025 on seed, so what importers expected of it "
            "has no place here."
        )
    return " ".join(parts)


def _both(variant: str) -> str:
    """A variant of growers' income in both closures."""
    return (f"{{{INCOME}.{variant}.armington:full}} if buyers tell origins apart and "
            f"{{{INCOME}.{variant}.homogeneous:full}} if canola is one good")  # fmt: skip


def episodes(found: Sequence[Episode]) -> str:
    """What the comparison shows and what it cannot tell."""
    return " ".join(_episode(one) for one in found if one.beside is not None)


def _episode(one: Episode) -> str:
    inside = [closure for closure in CLOSURES if one.inside(closure)]
    beside = one.beside or Spread(0.0, 0.0, 0.0)
    label, stem = EPISODES[one.key][0], f"{VALIDATION_STEM}.{one.key}"
    full = "" if beside.low == beside.high else ":full"
    numbers = (f"{{{stem}.armington:full}} with origins told apart, {{{stem}.homogeneous:full}} as one good, estimated "
               f"{{{stem}.estimate{full}}}")  # fmt: skip
    where = "the estimate's range" if full else "the estimate, which has no range"
    verdict = {len(CLOSURES): f"both medians agree with {where}", 0: f"neither median agrees with {where}"}.get(
        len(inside), f"only {CLOSURE_NAMES[inside[0]] if inside else ''} agrees with {where}"
    )
    null = "; that range holds zero, so it tells little" if beside.low < 0 < beside.high else ""
    return f"{label}: {numbers}; {verdict}{null}."
