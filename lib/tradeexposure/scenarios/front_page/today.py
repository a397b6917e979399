"""The first screen of the front page: what is charged, what has happened since the deal, what comes next.

Duties and dates are those of ``data/parameters`` on the day that pages speak of; no clock is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from tradeexposure import data
from tradeexposure.canola.since_deal.sentences import COMMON
from tradeexposure.core.text import day_in_words, listing
from tradeexposure.policy import duty_tables, regimes, tariff_schedule
from tradeexposure.policy.duty_tables import percent, short_day
from tradeexposure.policy.measures import TradeMeasure
from tradeexposure.policy.tariff_schedule import FIRST_DAY, HORIZON
from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import newest_figure
from tradeexposure.reporting.pieces import Charge, Coming, Figure
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.brief import sentences
from tradeexposure.scenarios.by_sign import fill_by_sign
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.figures import SEED_TABLE
from tradeexposure.scenarios.comparison.inputs import Compared
from tradeexposure.scenarios.front_page.reader_links import number_of
from tradeexposure.scenarios.simulation import messages as simulated
from tradeexposure.vehicles.exposure.results import ADMITTED as COUNTS
from tradeexposure.vehicles.exposure.results import counted as counted_when

CLAIM_WORDS = 20  # at most; a day is one
CHINA, CANADA, US = "china", "canada", "united_states"
QUOTA, REVIEW, DEAL = "canada_ev_quota", "cusma_joint_review", "china_canada_arrangement_2026"
LAPSE, NO_CUSMA = "deal_lapses_2027", "cusma_lapse"  # scenarios that say what a date would cost
GROWN = "quota_2030"  # the scenario of the quota's fifth year
YEAR_OF_QUOTA = "price_cap_share_year_"
ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}

RETURNS = "China charges {seed} on canola seed; an extra {extra} on {goods} returns on {day} unless suspended again."
CHARGES = "China charges {seed} on canola seed and {meal} on canola meal."
#: Whether chance makes all that is told of trade since the deal.
NOISE = {
    True: "The deal of January 2026, in force since {day}, cannot yet be seen in trade: changes as large came before.",
    False: "The deal is in force since {day}. Not all that changed since is chance, but it is not the only cause.",
}
MOVED = "What the deal is worth is counted by the duties of {day}; some of what is charged has changed since."
CHECKED = "Duties checked to {day}"

#: Goods of the first screen: product as the schedule knows it → goods and border in words, and how it is entered.
GOODS: dict[tuple[str, str, str], tuple[str, str]] = {
    (CHINA, CANADA, "canola_seed"): ("Canola seed", "into China"),
    (CHINA, CANADA, "canola_oil_refined"): ("Canola oil", "into China"),
    (CHINA, CANADA, "canola_meal"): ("Canola meal", "into China"),
    (CHINA, CANADA, "peas"): ("Peas", "into China"),
    (CHINA, CANADA, "lobster_crab"): ("Lobster and crab", "into China"),
    (CANADA, CHINA, "electric_vehicles"): ("China-built electric cars", "into Canada"),
    (US, CANADA, "passenger_vehicles"): ("Canadian cars", "into the United States"),
}
SHORT = {"canola_meal": "meal", "peas": "peas", "lobster_crab": "lobster and crab"}
ORDINARY, ADDED, ANTIDUMPING = "{rate} ordinary duty", "{rate} added", "{rate} against dumping"
SUSPENDED, NOTHING_ADDED = "an extra {rate} is suspended", "none added"
ON_TOP = "on top of the ordinary duty"
WITHIN = "within the quota of {quota} a year; none enters above it"
CONTENT = "on what is not US-made, with a CUSMA claim; {without} without"
UNTIL, OPEN = "{since} to {until}", "since {since}"

SOLD = (
    "Prairie farm and food exports (canola, wheat, peas, meat and more) to China on a year before, {months}: {level}; "
    "{earlier}. {noise}"
)
WORLD = "Canola seed (without oil and meal) to all countries by value, on a year before, same months. {noise}"
PRICE = (
    "Farm price of canola, allowing for world oilseed prices, {months}, against the months of China’s provisional "
    "duty ({level}: {span}). {noise}"
)
ADMITTED = "China-built cars let in of the quota of {quota}, {counted}"

SEED_WENT = "Our files say where seed went only to {month}."

EXTRA = "On {goods} it is an extra {rate}."
ENDS_TITLE = "Suspension on {goods} ends"
ENDS_WORDS = "Unless China renews it, more is charged from {day}. {extras}"
QUOTA_TITLE = "The car quota’s {which} year begins"
QUOTA_WORDS = "The quota of {quota} grows by {growth} a year; {share} of it is kept for cars of {cap} or less."
QUOTA_STATED = "The quota of {quota} becomes {next}; {share} of it is kept for cars of {cap} or less."
REVIEW_SHOWN, REVIEW_TITLE = "{month}, day not set", "Next yearly review of CUSMA"
REVIEW_WORDS = (
    "The United States declined to extend it in {month}: it ends in {end} unless all three agree to extend it. "
    "Each may leave on {notice} months' notice."
)
SEED_TITLE = "China’s duty against dumping of seed ends"
SEED_WORDS = "Its five years are over unless China renews it; {rate} would remain."
SEED_LEFT = "Unless China renews it, {rate} remains."
ALSO_ENDS, ALSO_BEGINS, THREAT = "{measure} (ends)", "{measure} (begins)", "{measure} (not enacted)"
UNSURE = "{measure} (unconfirmed)"
#: A dated threat → the same in plain words; the rate is the one that its measure states.
THREATS = {
    "us_threat_232_vehicles_50": "the US duty on cars may rise to {rate} (a threat, not enacted)",
}


def asked(product: tuple[str, str, str]) -> dict[str, Any]:
    """What the schedule is asked for goods of the first screen; cars claim CUSMA where they can."""
    imposer, origin, name = product
    return {"imposer": imposer, "origin": origin, "product": name, "claim": (imposer, origin) == (US, CANADA)}


def charged() -> list[Charge]:
    """What is charged on :data:`GOODS` on the day of the newest measure on file, in one row where all is the same."""
    day, rows = tariff_schedule.newest_change(), dict[Charge, list[str]]()
    for product, (goods, way) in GOODS.items():
        stretches = tariff_schedule.stretches(start=FIRST_DAY, end=HORIZON, **asked(product))
        begun = [start for start, _ in stretches if start <= day]
        later = [start for start, _ in stretches if start > day]
        last = later[0] - timedelta(days=1) if later else None
        dates = {"since": duty_tables.since(begun[-1]), "until": short_day(last) if last else ""}
        rate, parts = _made_of(product, day)
        charge = Charge("", way, parts, (UNTIL if last else OPEN).format(**dates), rate, f"{last or ''}")
        rows.setdefault(charge, []).append(goods)
    return [replace(row, goods=listing([goods[0], *map(str.lower, goods[1:])])) for row, goods in rows.items()]


def _made_of(product: tuple[str, str, str], day: date) -> tuple[str, tuple[str, ...]]:
    """The rate of a day, and what it is made of."""
    charged = tariff_schedule.rate(**asked(product), on=day)
    if product[0] == US:
        whole, without = (tariff_schedule.rate(**{**asked(product), **how}, on=day).rate or 0.0
                          for how in ({"us_content": 0.0}, {"claim": False}))  # fmt: skip
        return percent(whole), (CONTENT.format(without=percent(without)),)
    if product[0] == CANADA:
        is_open = tariff_schedule.get(QUOTA).in_force(day)
        within = (WITHIN.format(quota=f"{regimes.quota_on(day):,.0f}"),) if is_open else ()
        return percent(charged.rate or 0.0), within
    parts = []
    only_added = charged.rate is None and charged.additional  # the ordinary duty is not on file
    for measure in charged.measures:
        if measure.stacking == "suspends":
            parts.append(SUSPENDED.format(rate=percent(_extra(measure, product[2]))))
        elif measure.rate and measure.rate != charged.rate and not only_added:
            templates = {"base": ORDINARY, "additional": ANTIDUMPING if _against_dumping(measure) else ADDED}
            parts.append(templates[measure.stacking].format(rate=percent(measure.rate)))
    if only_added:
        return ADDED.format(rate=percent(only_added)), (*parts, ON_TOP)
    return NOTHING_ADDED if charged.rate is None else percent(charged.rate), tuple(parts)


def _against_dumping(measure: TradeMeasure) -> bool:
    return "canola_seed" in measure.products and "anti-dumping" in measure.title.lower()


def _extra(suspension: TradeMeasure, product: str) -> float:
    """The additional rate on a product that a suspension holds back."""
    suspended = map(tariff_schedule.get, suspension.targets)
    return next(measure.rate or 0.0 for measure in suspended if product in measure.products)


def ending(day: date) -> list[TradeMeasure]:
    """China's suspensions on goods of the first screen that end next after a day, in the order of the facts."""
    known = _suspending()
    last = [
        measure for measure in known if measure.in_force(day) and measure.end and measure.end > day
        and not any(later.in_force(_after(measure)) and {*measure.targets} <= {*later.targets} for later in known)
    ]  # fmt: skip
    return [measure for measure in last if measure.end == min(each.end for each in last if each.end)]


def _suspending() -> list[TradeMeasure]:
    """China's suspensions on goods of the first screen."""
    china = [measure for measure in tariff_schedule.all_measures() if measure.imposer == CHINA]
    return [measure for measure in china if measure.stacking == "suspends" and {*measure.products} & {*SHORT}]


def claim() -> str:
    """The headline: the duty on seed, and what its own terms end next."""
    day = tariff_schedule.newest_change()
    seed, meal = (tariff_schedule.rate(**asked((CHINA, CANADA, name)), on=day).rate or 0.0
                  for name in ("canola_seed", "canola_meal"))  # fmt: skip
    measures = ending(day)
    if not measures:
        return CHARGES.format(seed=percent(seed), meal=percent(meal))
    extra, goods = next(iter(_returning(measures).items()))
    return RETURNS.format(seed=percent(seed), extra=percent(extra), goods=listing(goods),
                          day=duty_tables.long_day(_after(measures[0])))  # fmt: skip


def _after(measure: TradeMeasure) -> date:
    """The first day without a measure."""
    return (measure.end or HORIZON) + timedelta(days=1)


def _returning(measures: Sequence[TradeMeasure]) -> dict[float, list[str]]:
    """Additional rate that returns when suspensions end → the goods that it is charged on."""
    goods: dict[float, list[str]] = {}
    for measure in measures:
        for name in measure.products:
            if name in SHORT:
                goods.setdefault(_extra(measure, name), []).append(SHORT[name])
    return goods


def lead(comparison: Compared) -> str:
    """The headline, what can be told of the months since, and whether a duty has moved since the scenario's day."""
    begun = tariff_schedule.get(DEAL).effective
    tested = (*_changes(comparison), inputs.SINCE_PRICE)
    by_chance = all(comparison.quoted[f"{key}.p_value"].value > COMMON for key in tested)
    since = NOISE[by_chance].format(day=duty_tables.long_day(begun) if begun else "")
    then, now = comparison.scenarios[brief.DEAL].facts_on, tariff_schedule.newest_change()
    moved = now > then and any(_made_of(product, now)[0] != _made_of(product, then)[0] for product in GOODS)
    later = MOVED.format(day=duty_tables.long_day(then)) if moved else ""
    return f"{claim()}\n\n{simulated.paragraph(since, later)}"


def _changes(comparison: Compared) -> tuple[str, str]:
    """Identifiers of what changed on a year before: sales to China, and canola to all countries."""
    months = sentences.months_tracked(comparison.quoted)
    return tuple(f"{stem}.{months}.change_on_year" for stem in (brief.TO_CHINA, brief.TO_WORLD))  # type: ignore[return-value]


def seen(comparison: Compared) -> list[Figure]:
    """What has happened since the deal, each with whether chance could have done it."""
    quoted, (sold, world) = comparison.quoted, _changes(comparison)
    level, price = quoted[sold.removesuffix(".change_on_year")], quoted[inputs.SINCE_PRICE]
    earlier = quoted[sold.replace("change_on_year", "against_2024")]
    *_, admitted = (number for key, number in quoted.items() if key.startswith(COUNTS))
    months, counted = sentences.months_in_words(level.period), counted_when(admitted.period)
    noise = {key: sentences.chance(quoted, key) for key in (sold, world, price.key)}
    begun = datetime.strptime(price.key.split(".")[2], "%Y_%b")
    after = sentences.months_in_words(f"{begun:%Y-%m} to {price.period.rpartition(' to ')[2]}")
    figures = {"months": months, "level": level.bare, "earlier": fill_by_sign("today_earlier", earlier)}
    interval = {"level": price.level_text, "span": price.span}
    rows = [
        (quoted[sold], SOLD.format(noise=noise[sold], **figures), "since"),
        (quoted[world], WORLD.format(noise=noise[world]), "since"),
        (price, PRICE.format(months=after, **interval, noise=noise[price.key]), "price"),
        (admitted, ADMITTED.format(quota=quoted[inputs.QUOTA].bare, counted=counted), "cars"),
    ]  # fmt: skip
    return [
        Figure(number.text, text, number_of(page, number.key), newest_figure(number)) for number, text, page in rows
    ]


def rises(comparison: Compared) -> str:
    """Sales of the same products to the United States, beside those to China."""
    months = sentences.months_tracked(comparison.quoted)
    stems = {"china": brief.TO_CHINA, "us": brief.TO_UNITED_STATES}
    dollars = {to: comparison.quoted[f"{stem}.{months}.rise"] for to, stem in stems.items()}
    parts = {f"{to}_part": comparison.quoted[f"{stem}.{months}.change_on_year"].text for to, stem in stems.items()}
    return fill_by_sign("today_rises", dollars["us"], china=dollars["china"].bare, **parts)


def coming(comparison: Compared) -> list[Coming]:
    """Dates to come after the newest measure on file, with what they would change, in their order."""
    day = tariff_schedule.newest_change()
    rows = [*_suspensions(comparison, day), *_quota_year(day), *_review(comparison, day), *_seed_duty(day)]
    return sorted(rows, key=lambda event: event.day)


def _seed_duty(day: date) -> Iterator[Coming]:
    """The end of the duty against dumping of seed, unless another one follows it: that is of :func:`also`."""
    seed = asked((CHINA, CANADA, "canola_seed"))
    for duty in filter(_against_dumping, tariff_schedule.rate(**seed, on=day).measures):
        left = tariff_schedule.rate(**seed, on=_after(duty))
        if duty.end and duty.end > day and not any(map(_against_dumping, left.measures)):
            five = duty.effective and duty.effective.replace(year=duty.effective.year + 5) == _after(duty)
            would_remain = (SEED_WORDS if five else SEED_LEFT).format(rate=percent(left.rate or 0.0))
            yield Coming(f"{duty.end}", duty_tables.long_day(duty.end), SEED_TITLE, would_remain)


def _suspensions(comparison: Compared, day: date) -> Iterator[Coming]:
    measures = ending(day)
    if not measures or not measures[0].end:
        return
    returning = _returning(measures)
    extras = [EXTRA.format(rate=percent(rate), goods=listing(each)) for rate, each in returning.items()]
    goods = [name for each in returning.values() for name in each]
    cost = comparison.across.get(LAPSE, {}).get("growers")
    rest = ", ".join(name for name in goods if name != SHORT["canola_meal"])
    yield Coming(
        f"{measures[0].end}", duty_tables.long_day(measures[0].end), ENDS_TITLE.format(goods=", ".join(goods)),
        ENDS_WORDS.format(day=duty_tables.long_day(_after(measures[0])), extras=" ".join(extras)),
        fill_by_sign("today_lapse_cost", cost, rest=rest) if cost else "", number_of("own", cost.key) if cost else "",
    )  # fmt: skip


def _quota_year(day: date) -> Iterator[Coming]:
    quota = tariff_schedule.get(QUOTA)
    if not quota.in_force(day):
        return
    known = quota.figures_on(day)
    for part in quota.quantities:
        year = part.name.removeprefix(YEAR_OF_QUOTA)
        if year != part.name and part.start and part.start > day:
            volume = regimes.VOLUME in quota.figures_on(part.start)  # stated for that year, whatever it would grow to
            yield Coming(
                f"{part.start}", duty_tables.long_day(part.start), QUOTA_TITLE.format(which=ORDINALS[int(year)]),
                (QUOTA_STATED if volume else QUOTA_WORDS).format(
                    quota=f"{regimes.quota_on(day):,.0f}", growth=percent(known["growth_per_year"]),
                    next=f"{regimes.quota_on(part.start):,.0f}", share=percent(part.value),
                    cap=f"C${known['price_cap_cad']:,.0f}"),
            )  # fmt: skip
            return


def _review(comparison: Compared, day: date) -> Iterator[Coming]:
    """The next of the yearly reviews that began with the one on file: its month, since no day is set."""
    review = tariff_schedule.get(REVIEW)
    first, known = review.effective, {quantity.name: quantity for quantity in review.quantities}
    if not first:
        return
    year = day.year + (day.month >= first.month)
    until = date(year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)
    cost = comparison.across.get(NO_CUSMA, {}).get("vehicles")
    yield Coming(
        f"{until}", REVIEW_SHOWN.format(month=f"{until:%B %Y}"), REVIEW_TITLE,
        REVIEW_WORDS.format(month=f"{first:%B %Y}", end=f"{known['term'].end:%B %Y}",
                            notice=f"{known['notice_to_withdraw'].value:.0f}"),
        fill_by_sign("today_review_cost", cost) if cost else "",
        number_of("own", cost.key) if cost else "", counted=False,
    )  # fmt: skip


def also() -> list[Coming]:
    """What else the facts of the three countries date after the newest measure on file: announced ends and starts."""
    day, three, suspending = tariff_schedule.newest_change(), {CHINA, CANADA, US}, _suspending()
    rows = []
    for measure in tariff_schedule.all_measures():
        ends = measure.end if measure.end_announced and measure.end and measure.end > day else None
        begins = measure.effective if measure.effective and measure.effective > day else None
        if measure in suspending or (_against_dumping(measure) and measure.in_force(day)):
            ends = None  # :func:`coming` has it
        if measure.imposer in three and (ends or begins):
            threat = THREATS.get(measure.id, UNSURE if measure.confidence == "low" else THREAT)
            template = (threat if measure.kind == "threat" else ALSO_BEGINS) if begins else ALSO_ENDS
            on = begins or ends or day
            figures = {"measure": measure.title, "rate": measure.rate_text.partition(",")[0]}
            rows.append(Coming(f"{on}", duty_tables.long_day(on), template.format(**figures), ""))
    return sorted(rows, key=lambda event: event.day)


def checked() -> str:
    """The day that :func:`charged` and :func:`coming` are as of."""
    return CHECKED.format(day=duty_tables.long_day(tariff_schedule.newest_change()))


def answer(comparison: Compared) -> dict[str, str]:
    """What trade did `since` the deal as the README has it too, and what else `rises` and is not known."""
    went = data.newest([SEED_TABLE])
    unknown = SEED_WENT.format(month=f"{went:%B %Y}") if went else ""
    return {"since": sentences.since(comparison.quoted), "rises": simulated.paragraph(rises(comparison), unknown)}


def claims_of(comparison: Compared) -> list[Claim]:
    """What the first screen says in fixed words."""
    where, lapse = "The first screen", comparison.scenarios.get(LAPSE)
    measures, file = ending(tariff_schedule.newest_change()), f"data/scenarios/{LAPSE}.yml"
    agreed = [measure for measure in tariff_schedule.all_measures()
              if (measure.imposer, measure.kind) == (US, "agreement") and "mexico" in measure.origins]  # fmt: skip
    review = max(agreed, key=lambda measure: measure.effective or measure.announced or FIRST_DAY)
    claims = [
        Claim(f"the headline has at most {CLAIM_WORDS} words", len(claim().split(" ")) <= CLAIM_WORDS, claim(), where),
        Claim("the United States declined to extend CUSMA at its newest review (today.py: REVIEW, REVIEW_WORDS)",
              review.id == REVIEW and "declines" in review.title, f"{review.id}: {review.title}", where),
    ]  # fmt: skip
    grown = comparison.scenarios.get(GROWN)
    for fifth in (part for part in tariff_schedule.get(QUOTA).quantities if grown and part.name == f"{YEAR_OF_QUOTA}5"):
        law = {regimes.VOLUME: regimes.quota_on(fifth.start or HORIZON), fifth.name: fifth.value}
        stated = {change.name: change.value for change in grown.quantities} if grown else {}
        claims += [Claim(f"the scenario of 2030 has the quota of that year (data/scenarios/{GROWN}.yml: value, reason)",
                         stated == law, f"{stated}, not {law}", where)]  # fmt: skip
    if not (lapse and measures):
        return claims
    duties, without = regimes.canola(comparison.scenarios[brief.DEAL]), regimes.canola(lapse)
    ends = _after(measures[0]) - timedelta(days=1)
    apart = sorted({product for (market, product), duty in duties.items() if without[market, product] != duty})
    return [
        *claims,
        Claim(f"the scenario of a lapse begins on the day after the suspension ({file}: facts_on, question)",
              lapse.facts_on == _after(measures[0]) and day_in_words(ends) in lapse.question,
              f"{lapse.facts_on}, not {_after(measures[0])}: {lapse.question}", where),
        Claim(f"in the scenario of a lapse meal alone has another duty than in the deal ({file}: override others back)",
              apart == ["meal"], ", ".join(apart) or "none", where),
    ]  # fmt: skip
