"""Words by sign of notebooks 70, 80 and 90: one row a message, by the way in which a number's range lies.

Keys begin with where a message stands: ``brief_`` and ``page_`` (notebooks 90 and 70), ``front_``, ``question_`` and
``today_`` (80), ``since_``; without one it stands on several pages. Not here: what a page fills in itself, the
explorer's ``front_page.panel.OUTCOME_WORDS`` and a farm's ``publishing.over_editions.farm_page.EVIDENCE``; what an
estimate found, in the cell tagged ``answer`` of its notebook (40).
"""

from __future__ import annotations

from tradeexposure.core import units
from tradeexposure.core.units import Direction
from tradeexposure.reporting.numbers import Number, NumberGroup

#: Key → direction (:func:`units.direction`) → message; ``unclear`` is said of a sign that is open and of a number
#: that moves in few draws. Without a message for its direction nothing is said of a number.
BY_SIGN: dict[str, dict[str, str]] = {
    "growers": {
        "rise": "Canola growers would gain {full}.",
        "fall": "Canola growers would lose {full}.",
        "undetermined": "Whether canola growers would gain or lose is unclear: {full}.",
        "zero_median": "In most simulations nothing changes for canola growers.",
        "none": "Nothing changes for canola growers.",
    },
    "prices": {
        "rise": "The farm price of canola would rise by {full}.",
        "fall": "The farm price of canola would fall by {full}.",
        "undetermined": "Whether the farm price of canola rises or falls is unclear: {full}.",
    },
    "exports": {
        "rise": "Vehicle sales to the United States would rise by {full}.",
        "fall": "Vehicle sales to the United States would fall by {full}.",
        "undetermined": "Whether vehicle sales to the United States rise or fall is unclear: {full}.",
    },
    "registered": {
        "rise": "Registrations of China-built electric cars would rise by {plain} a year. They would come to about "
        "{level}.",
        "fall": "Registrations of China-built electric cars would fall by {plain} a year. They would come to about "
        "{level}.",
        "undetermined": "Whether more or fewer China-built electric cars are registered is unclear: {plain} a year.",
        "zero_median": "In most simulations registrations of China-built electric cars stay at about {level} a "
        "year; the change ranges from {span}.",
        "none": "Registrations of China-built electric cars would stay at about {level} a year.",
    },
    "registered_from_none": {
        "rise": "Registrations of China-built electric cars would rise from almost none to {plain} a year.",
    },
    "registered_to_none": {
        "fall": "Registrations of China-built electric cars would fall by {plain} a year, to almost none.",
    },
    "lost": {
        "rise": "Other cars would lose {plain} registrations a year.",
        "fall": "Other cars would win back {plain} registrations a year.",
    },
    "assembled": {
        "rise": "Vehicle assembly in Canada would rise by {full}.",
        "fall": "Vehicle assembly in Canada would fall by {full}.",
        "zero_median": "In most simulations vehicle assembly in Canada does not change.",
    },
    "together": {
        "rise": "Over both sectors Canada would gain {full}.",
        "fall": "Over both sectors Canada would lose {full}.",
        "undetermined": "Whether Canada gains or loses over both sectors is unclear: {full}.",
        "zero_median": "In most simulations nobody in either sector gains or loses; the range is {span} a year.",
        "none": "In the account of both sectors nobody gains or loses; it leaves out makers' profit and jobs.",
    },
    #: What a scenario is worth over its two counterfactuals: no sentence without naming the one that it is over.
    "over": {
        "rise": "If China had kept {stays} on seed, the deal would bring canola growers {full}, our model suggests.",
        "fall": "If China had kept {stays} on seed, the deal would cost canola growers {full}, our model suggests.",
        "unclear": "If China had kept {stays} on seed, it is unclear whether canola growers gain or lose by the deal: "
        "{full}.",
        "none": "If China had kept {stays} on seed, the deal would change nothing for canola growers.",
    },
    "settled": {
        "rise": "Had China settled on {settled} anyway, the deal would bring growers {full}{on}.",
        "fall": "Had China settled on {settled} anyway, the deal would cost growers {full}{on}.",
        "unclear": "Had China settled on {settled} anyway, it is unclear whether the deal would bring growers a gain "
        "or a loss: {full}.",
    },
    "over_together": {
        "rise": "If China had kept {stays} on seed, the deal would bring Canada {full} over both sectors.",
        "fall": "If China had kept {stays} on seed, the deal would cost Canada {full} over both sectors.",
        "unclear": "If China had kept {stays} on seed, it is unclear whether the deal would bring Canada a gain or a "
        "loss over both sectors: {full}.",
    },
    "over_price": {
        "rise": "If China had kept {stays} on seed, the deal would raise the farm price of canola by {full}.",
        "fall": "If China had kept {stays} on seed, the deal would lower the farm price of canola by {full}.",
        "unclear": "If China had kept {stays} on seed, it is unclear whether the deal would raise or lower the farm "
        "price of canola: {full}.",
    },
    #: What a scenario of the user's own is worth over the second one that its file names.
    "beside": {
        "rise": "Compared with {second}, canola growers would gain {full}.",
        "fall": "Compared with {second}, canola growers would lose {full}.",
        "unclear": "Compared with {second}, whether canola growers would gain or lose is unclear: {full}.",
        "none": "Compared with {second}, nothing changes for canola growers.",
    },
    "beside_together": {
        "rise": "Compared with {second}, Canada would gain {full} over both sectors.",
        "fall": "Compared with {second}, Canada would lose {full} over both sectors.",
        "unclear": "Compared with {second}, whether Canada gains or loses over both sectors is unclear: {full}.",
    },
    #: Growers' income beside what it rests on; the answer has the shorter ``growers``.
    "page_growers_weighed": {
        "rise": "Canola growers would gain {id:size_full}, the median and 90% of the simulations that history weighs.",
        "fall": "Canola growers would lose {id:size_full}, the median and 90% of the simulations that history weighs.",
        "unclear": "Whether canola growers would gain or lose is unclear: {id:full}, with simulations weighed by "
        "history.",
        "none": "Nothing changes for canola growers: no duty on canola differs.",
    },
    "page_oil": {
        "rise": "Canola oil sold to the United States earns {scenario.us.canola_oil_change_cad:size_full} more.",
        "fall": "Canola oil sold to the United States earns {scenario.us.canola_oil_change_cad:size_full} less.",
        "unclear": "Whether canola oil sold to the United States earns more or less is unclear: "
        "{scenario.us.canola_oil_change_cad:full}.",
        "none": "Nothing changes for canola oil sold to the United States.",
    },
    #: Vehicles sold to the United States in both runs; the answer has the shorter ``exports``.
    "page_exports_in_time": {
        "rise": "Exports of passenger vehicles to the United States rise by {id:size_full} within a year, and by "
        "{id.long_run:size_full} in the long run.",
        "fall": "Exports of passenger vehicles to the United States fall by {id:size_full} within a year, and by "
        "{id.long_run:size_full} in the long run.",
        "unclear": "Whether exports of passenger vehicles to the United States rise or fall is unclear: {id:full} "
        "within a year, {id.long_run:full} in the long run.",
        "none": "No duty on vehicles into the United States differs.",
    },
    "page_growers_titles": {
        "rise": "Saskatchewan's growers would gain most, {size} a year",
        "fall": "Saskatchewan's growers would lose most, {size} a year",
        "undetermined": "Whether growers gain or lose is unclear",
        "zero_median": "In most simulations growers' income does not change",
    },
    "page_growers_alts": {
        "rise": "Dots with ranges by province, Saskatchewan first: the ranges lie above zero.",
        "fall": "Dots with ranges by province, Saskatchewan first: the ranges lie below zero.",
        "undetermined": "Dots with ranges by province, Saskatchewan first: the ranges include zero.",
        "zero_median": "Dots with ranges by province, Saskatchewan first: most simulations are zero.",
    },
    "page_account_titles": {
        "rise": "Over both sectors Canada would gain {size} a year",
        "fall": "Over both sectors Canada would lose {size} a year",
        "undetermined": "Whether Canada gains or loses over both sectors is unclear",
        "zero_median": "In most simulations nobody gains or loses",
    },
    "page_car_titles": {
        "rise": "Cars from China are added, and take buyers from other electric cars",
        "fall": "Cars from China leave, and other electric cars win buyers",
        "undetermined": "Whether more or fewer cars from China are registered is unclear",
        "zero_median": "In most simulations registrations of electric cars do not change",
    },
    "brief_income_titles": {
        "rise": "Growers would gain in every canola province, most in {place}: {size}",
        "fall": "Growers would lose in every canola province, most in {place}: {size}",
        "undetermined": "Whether growers gain or lose is unclear in every province",
    },
    "brief_kept_titles": {
        "rise": "Deal's worth to growers had China kept {stays}: most in {place}, {size}",
        "fall": "Deal's cost to growers had China kept {stays}: most in {place}, {size}",
    },
    "brief_income_alts": {
        "rise": "Dots with ranges by province, {place} first. Canola growers in Canada gain {full}.",
        "fall": "Dots with ranges by province, {place} first. Canola growers in Canada lose {full}.",
        "undetermined": "Dots with ranges by province, {place} first. For Canada the range includes zero: {full}.",
    },
    "brief_deal_titles": {
        "rise": "Deal's worth to canola growers: {first} had China kept {stays}, {second} at {settles}",
        "fall": "Deal's cost to canola growers: {first} had China kept {stays}, {second} at {settles}",
    },
    "brief_car_titles": {
        "rise": "More China-built electric cars are registered, and fewer of others",
        "fall": "Fewer China-built electric cars are registered, and more of others",
        "undetermined": "Whether more or fewer China-built electric cars are registered is unclear",
        "zero_median": "In most simulations as many China-built electric cars are registered as before",
    },
    "brief_car_alts": {
        "rise": "Dots with ranges by origin. China-built electric cars rise by {plain} a year.",
        "fall": "Dots with ranges by origin. China-built electric cars fall by {plain} a year.",
        "undetermined": "Dots with ranges by origin. China-built electric cars: {plain} a year, a range that "
        "includes zero.",
        "zero_median": "Dots with ranges by origin. China-built electric cars: {plain} a year.",
    },
    "brief_sum_titles": {
        "rise": "Canada's gain a year: {first} had China kept {stays}, {second} at {settles} anyway",
        "fall": "Canada's loss a year: {first} had China kept {stays}, {second} at {settles} anyway",
    },
    "brief_farms": {
        "rise": "The average canola farm gains {plain} a year; the largest part of the sum goes to {place}.",
        "fall": "The average canola farm loses {plain} a year; the largest part of the sum falls on {place}.",
        "undetermined": "For the average canola farm that is {plain} a year.",
    },
    #: The same of the deal, each with what it is compared with.
    "brief_farms_of_deal": {
        "rise": "It would bring the average canola farm {plain} a year with {stays} kept; the largest part of the sum "
        "goes to {place}.",
        "fall": "It would cost the average canola farm {plain} a year with {stays} kept; the largest part of the sum "
        "falls on {place}.",
        "undetermined": "It would change what the average canola farm earns by {plain} a year with {stays} kept.",
    },
    "brief_price_of_deal": {
        "rise": "With {stays} kept, the deal would raise the farm price of canola by {full}.",
        "fall": "With {stays} kept, the deal would lower the farm price of canola by {full}.",
        "unclear": "With {stays} kept, it is unclear whether the deal would raise or lower the farm price of canola: "
        "{full}.",
    },
    "brief_sure": {
        "rise": "Growers gain in every simulation, because in the model a lower duty raises the price.",
        "fall": "Growers lose in every simulation, because in the model a higher duty lowers the price.",
    },
    "brief_sure_suspended": {
        "fall": "Growers lose in every simulation, because in the model suspending licences lowers the price.",
    },
    "brief_duties": {
        "rise": "China's lower duty on seed alone brings them {seed}, its lower duty on meal alone {meal}.",
        "fall": "China's duty on seed alone costs them {seed}, its duty on meal alone {meal}.",
    },
    "brief_duties_of_deal": {
        "rise": "With {stays} kept, China's lower duty on seed alone would bring them {seed}, its lower duty on meal "
        "alone {meal}.",
        "fall": "With {stays} kept, China's duty on seed alone would cost them {seed}, its duty on meal alone {meal}.",
    },
    "since_sold": {
        "rise": "In {months} the Prairies sold China farm and food products for {level}, {value} more than a year "
        "before.",
        "fall": "In {months} the Prairies sold China farm and food products for {level}, {value} less than a year "
        "before.",
        "none": "In {months} the Prairies sold China farm and food products for {level}, as much as a year before.",
    },
    "front_us_sales": {
        "rise": "A US duty of {rate} on Canadian canola and on the whole of Canadian cars would raise car sales there "
        "by {value} in the first year.",
        "fall": "A US duty of {rate} on Canadian canola and on the whole of Canadian cars would cut car sales there by "
        "{value} in the first year.",
        "unclear": "What a US duty of {rate} on Canadian canola and on the whole of Canadian cars would do to car "
        "sales there in the first year is unclear.",
        "none": "A US duty of {rate} on Canadian canola and on the whole of Canadian cars would leave car sales there "
        "as they are in the first year.",
    },
    "front_growers": {
        "rise": "more a year for canola growers with the deal if China had kept {stays} on seed; {settled} more had "
        "China settled on {settles} anyway",
        "fall": "less a year for canola growers with the deal if China had kept {stays} on seed; a change of "
        "{settled} had China settled on {settles} anyway",
        "unclear": "a year for canola growers with the deal if China had kept {stays} on seed, no clear change "
        "({span}); {settled} had China settled on {settles} anyway",
        "none": "a year for canola growers with the deal if China had kept {stays} on seed: no change; {settled} had "
        "China settled on {settles} anyway",
    },
    "front_unknown_price": {
        "rise": "**The farm price in 2019.** It rose under China's measures by {value}, {level} interval {span}.",
        "fall": "**The farm price in 2019.** It fell under China's measures by {value}, {level} interval {span}.",
        "unclear": "**The farm price in 2019.** We cannot tell whether China's measures lowered it: the estimate is "
        "{value}, {level} interval {span}.",
        "none": "**The farm price in 2019.** China's measures left it as it was.",
    },
    "question_volume": {
        "rise": "For a year China bought {value} more seed than it otherwise would have.",
        "fall": "For a year China bought {value} less seed than it otherwise would have.",
        "unclear": "No clear effect on seed to China.",
        "none": "China bought as much seed as it otherwise would have.",
    },
    "question_price": {
        "rise": "The farm price was {value} above what it otherwise would have been.",
        "fall": "The farm price was {value} below what it otherwise would have been.",
        "unclear": "No clear effect on the farm price.",
        "none": "The farm price was what it otherwise would have been.",
    },
    "question_rebates": {
        "rise": "By Ontario's case and published studies C$1,000 of rebate raises sales of electric cars by {span}; "
        "eight provinces together do not narrow it.",
        "fall": "By Ontario's case and published studies C$1,000 of rebate lowers sales of electric cars by {span}; "
        "eight provinces together do not narrow it.",
        "unclear": "We cannot tell whether a rebate raises sales.",
        "none": "A rebate does not change sales.",
    },
    "question_canada": {
        "rise": "A gain of {value} a year if China had kept {stays} on seed, {settled} had China settled on {settles} "
        "anyway.",
        "fall": "A loss of {value} a year if China had kept {stays} on seed; a change of {settled} had China settled "
        "on {settles} anyway.",
        "unclear": "Unclear if China had kept {stays} on seed; {settled} a year had China settled on {settles} anyway.",
        "none": "Nothing if China had kept {stays} on seed; {settled} a year had China settled on {settles} anyway.",
    },
    "today_earlier": {
        "rise": "{value} above 2024",
        "fall": "{value} below 2024",
        "none": "as in 2024",
    },
    "today_rises": {
        "rise": "The same exports to the United States rose by {value} ({us_part}), to China by {china} "
        "({china_part}).",
        "fall": "The same exports to the United States fell by {value} ({us_part}); to China: {china} ({china_part}).",
        "none": "The same exports to the United States stayed as they were; to China: {china} ({china_part}).",
    },
    "today_lapse_cost": {
        "rise": "Our model suggests that it would bring canola growers {plain} a year. Not modelled: {rest}.",
        "fall": "Our model suggests that it would cost canola growers {plain} a year. Not modelled: {rest}.",
        "unclear": "Whether it would cost canola growers anything is unclear: {plain} a year. Not modelled: {rest}.",
        "none": "Canola growers would not feel it. Not modelled: {rest}.",
    },
    "today_review_cost": {
        "rise": "Without its preferences car sales there would rise by {plain} in the first year.",
        "fall": "Without its preferences car sales there would fall by {plain} in the first year.",
        "unclear": "What car sales there would do without its preferences is unclear: {plain} in the first year.",
        "none": "Without its preferences car sales there would stay as they are.",
    },
}


def message(key: str, direction: Direction) -> str:
    """The message of a row for a direction; empty where there is none."""
    row = BY_SIGN[key]
    return row.get(direction) or (row.get("unclear", "") if direction in ("undetermined", "zero_median") else "")


def fill_by_sign(key: str, number: Number | None, **figures: str | NumberGroup) -> str:
    """The message that the sign of `number` bears out; empty without a number or a message for its sign.

    A message may name the number: ``{full}`` with its unit, ``{plain}`` without, ``{value}`` and ``{span}`` the value
    and its range alone; where the sign is settled its size stands there. Of a :class:`NumberGroup` among `figures`
    it may name each number in a form of its own.
    """
    if number is None:
        return ""
    shown, direction = number.size, units.direction(number.value, *number.ends)
    forms = {"full": shown.full, "plain": shown.plain, "value": shown.bare, "span": shown.span}
    return message(key, direction).format(**{**forms, **figures})
