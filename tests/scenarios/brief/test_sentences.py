"""The brief reads earlier numbers, and what it says is found untrue when they say so."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pandas as pd
import pytest
import samplerows
from samplebrief import CASES, SEEN, Row, changed, deal, frame, made, mine, second
from wordedrows import worded

from tradeexposure.core import earlier_results, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import scenario_grids, scenarios
from tradeexposure.publishing import plain_words
from tradeexposure.reporting.claims import Claim, assert_claims, false_claims
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.brief import checks, figures, inputs, sentences, tables
from tradeexposure.scenarios.simulation import messages

OF_NUMBERS = (checks.provinces_add_up, checks.same_as_compared, checks.same_growers, checks.lines_can_add_up)
ESTIMATES: dict[str, Row] = {
    key: (0.04, None, None, "pvalue") if key.endswith(("p_value", "p_floor")) else (-0.4, -0.6, -0.2, "change")
    for key in sentences.ESTIMATES
}


def rows(case: dict[str, Row]) -> str:
    shown = frame(case).assign(geography="canada", method="", notebook="70_simulate_scenario")
    return str(shown.to_json(orient="records"))


@pytest.fixture
def handed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run's earlier numbers: three scenarios and the estimates."""
    cases = (("deal_2026", "deal"), ("status_quo_2025", "loss"), ("licence_ban_2019", "no cars"))
    both = {
        name: {key: row for key, row in CASES[case].items() if key not in SEEN}
        | (second(1) if name == "deal_2026" else {})
        for name, case in cases
    }
    every = samplerows.tables({name: json.loads(rows(own)) for name, own in both.items()})
    path = tmp_path / "handover.json"
    own = [rows(ESTIMATES | SEEN), rows(both["deal_2026"])]
    path.write_text(earlier_results.as_json("deal_2026", own, {}, [every]), encoding="utf-8")
    monkeypatch.setenv(earlier_results.VARIABLE, str(path))


def worded_claims(brief: inputs.Brief) -> list[Claim]:
    """Claims whose sentences the package words, in all cells of the notebook."""
    return [*sentences.claims_of_answer(brief), *filter(None, [figures.displaces(brief)]), tables.moves(brief)]


def untrue(brief: inputs.Brief) -> list[str]:
    """What a brief says and its numbers do not bear out: sentences, and names of what holds of the numbers alone."""
    whole = checks.sum_to_one(checks.quota_outcomes(brief))
    true = {
        "sum_to_one": whole,
        "unpublished_figures": not checks.unpublished_figures(brief, sentences.answer(brief).values()),
    }
    true |= {check.__name__: check(brief) for check in OF_NUMBERS}
    return [*(claim.sentence for claim in false_claims(worded_claims(brief))), *(key for key in true if not true[key])]


@pytest.mark.usefixtures("handed")
def test_read_takes_its_own_scenario_and_all_others() -> None:
    brief = inputs.read(Book("90_write_brief"), "status_quo_2025", estimates=sentences.ESTIMATES)
    assert brief.growers.direction == "fall" and brief.against == "the duties before the measures"
    assert list(brief.across) == ["deal_2026", "status_quo_2025", "licence_ban_2019"]
    assert "cars" not in brief.across["licence_ban_2019"]
    assert list(brief.beside) == ["deal_2026"]
    own, beside = brief.across["deal_2026"], brief.beside["deal_2026"]
    assert (own["growers"].value, beside["growers"].value) == (640e6, 130e6)
    assert beside["cars"] == own["cars"], "the cars are the same against both"


def test_a_scenario_of_ones_own_stands_beside_those_of_the_project(
    handed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table of all has the project's alone, and its own run has its numbers."""
    handover = json.loads((tmp_path / "handover.json").read_text("utf-8"))
    (tmp_path / "handover.json").write_text(json.dumps({**handover, "scenario": "my_own"}), "utf-8")
    own = scenarios.load("deal_2026").model_copy(update={"name": "my_own", "title": "Mine", "also_against": None})
    load = scenarios.load
    monkeypatch.setattr(scenarios, "load", lambda name: own if name == own.name else load(name))
    brief = inputs.read(Book("90_write_brief"), "my_own", estimates=sentences.ESTIMATES)
    assert list(brief.across) == ["deal_2026", "status_quo_2025", "licence_ban_2019", "my_own"]
    assert brief.across["my_own"]["growers"].value == brief.growers.value and checks.same_as_compared(brief)
    shown = tables.across(brief)
    assert shown.loc[shown["here"], "scenario"].tolist() == ["Mine"]
    assert "brief.grower_income_change_cad.my_own" in set(inputs.published(brief)["result_id"])


@pytest.mark.usefixtures("handed")
def test_read_refuses_what_is_not_there() -> None:
    with pytest.raises(BadInput, match="did you mean"):
        inputs.read(Book("90_write_brief"), "deal_2025")
    with pytest.raises(BadInput, match="quota_2030"):
        inputs.read(Book("90_write_brief"), "quota_2030")


@pytest.mark.usefixtures("handed")
def test_how_we_know_fits_and_links() -> None:
    brief = inputs.read(Book("90_write_brief"), "deal_2026", estimates=sentences.ESTIMATES)
    text = sentences.how_we_know(brief)
    assert sentences.word_count(text) <= sentences.WORDS
    assert "Weighed by 2025 and 2026 alone, simulations put 2019's farm-price change at" in text
    assert "the largest fall of 25 markets compared; 1/25 is the smallest p-value possible" in text
    assert ", widened since in backtests it held " in text, "the share is of the narrower interval"
    assert all(f"]({page})" in text for page in sentences.PAGES.values())
    assert checks.unpublished_figures(brief, [text]) == []


@pytest.mark.parametrize("case", CASES)
def test_the_answer_is_true_of_its_numbers(case: str) -> None:
    assert untrue(made(case)) == []


@pytest.mark.parametrize("sign", [1, -1])
def test_the_answer_of_the_deal_is_true_of_its_numbers(sign: float) -> None:
    brief = deal(sign)
    answer = sentences.answer(brief)
    wrong = untrue(brief)
    assert all("ten points" in sentence for sentence in wrong) and bool(wrong) == (sign < 0)
    lead, rest = answer["lead"], answer["compared"]
    verb = "bring" if sign > 0 else "cost"
    assert lead == (
        f"If China had kept 84.8% on seed, the deal would {verb} canola growers C$640 m (C$30 m to C$1.8 bn) a year, "
        "our model suggests."
    )
    assert rest.startswith(
        f"Had China settled on 14.9% anyway, the deal would {verb} growers C$130 m (C$20 m to C$240 m) a year, all of "
        "it on meal."
    )


def test_every_sentence_with_a_gain_of_the_deal_names_what_it_is_compared_with() -> None:
    answer = sentences.answer(deal())
    texts = " ".join(answer[part] for part in ("lead", "compared", "growers", "together", "pays"))
    gains = [sentence for sentence in plain_words.sentences_of(texts) if "C$" in sentence or "largest for" in sentence]
    named = re.compile(r"[Ii]f China had kept|[Hh]ad China settled|ten points of duty above|[Ww]ith 84.8% kept")
    assert len(gains) >= 7 and [sentence for sentence in gains if not named.search(sentence)] == []
    assert texts.count("If China had kept 84.8% on seed") == 2, "in whole for growers and for Canada, else by its name"
    assert "“with 84.8% kept” is the first of these two cases" in answer["compared"]
    assert "growers had China kept 84.8%: most in Saskatchewan, C$" in vars(figures.by_province(deal()))["title"]


OF_THE_DEAL = re.compile(r"the deal would|[Hh]ad China settled|China had kept|all of it on meal|ten points of duty")


@pytest.mark.parametrize("also", ["final_duty_2026", "escalation", "us_338_extended"])
def test_a_second_counterfactual_of_ones_own_has_neutral_words(also: str) -> None:
    """Whatever it is: no word of the deal, each gain by the title that it is over, and nothing that does not hold."""
    brief, title = mine(also), scenarios.load(also).title
    answer = sentences.answer(brief)
    assert OF_THE_DEAL.search(" ".join(sentences.answer(deal()).values()))
    assert not OF_THE_DEAL.search(" ".join(answer.values()))
    assert answer["lead"] == "Canola growers would gain C$640 m (C$30 m to C$1.8 bn) a year."
    assert answer["compared"].endswith(
        f"Compared with “{title}”, canola growers would gain C$130 m (C$20 m to C$240 m) a year. Compared with "
        f"“{title}”, Canada would gain C$140 m (C$25 m to C$260 m) a year over both sectors."
    )
    assert untrue(brief) == [] and not brief.both
    row = tables.across(brief).set_index("scenario").loc["The same scenario"]
    assert row["growers"] == "C$130 m" and row["against"] == f"Measured against: {title}"
    labels = worded("90_write_brief", inputs.published(brief))["label"]
    assert labels.filter(like=".against_").str.contains("against").all() and labels.index.is_unique
    assert OF_THE_DEAL.search(" ".join(labels)) is None


def test_a_scenario_whose_second_numbers_are_not_there_has_no_second_row() -> None:
    """Not the numbers over the first counterfactual under the name of the second."""
    brief = mine("escalation")
    assert inputs.beside(brief.numbers.without("against_escalation"), {}, inputs.over(brief.scenario)) == {}


def test_a_second_counterfactual_that_is_no_longer_meal_alone_is_found() -> None:
    brief = deal()
    moved = {**brief.scenarios, "final_duty_2026": scenarios.load("status_quo_2025")}
    wrong = untrue(dataclasses.replace(brief, scenarios=moved))
    assert {"all of it on meal", "a duty that stays is higher than the settled one"} <= {*wrong}


@pytest.mark.parametrize(
    ("wrong", "claim"),
    [
        ({f"{messages.INCOME}.sk": (9e9, 8e9, 10e9, "CAD per year")}, "provinces_add_up"),
        ({"scenario.ev.quota_regime.filled": (0.2, None, None, "probability")}, "sum_to_one"),
        ({messages.DISPLACED: (-20e3, -30e3, -10e3, "vehicles per year")}, "China-built"),
        ({messages.INCOME: (-640e6, -1.8e9, -30e6, "CAD per year")}, "same_growers"),
        ({messages.CANADA: (9e9, 8e9, 10e9, "CAD per year")}, "lines_can_add_up"),
        ({f"{messages.INCOME}.unweighted": (640e6, 30e6, 1.8e9, "CAD per year")}, "history moves"),
        ({messages.CARS_CHANGE: (31e3, 9e3, 46e3, "vehicles per year")}, "same_as_compared"),
    ],
)  # fmt: skip
def test_numbers_that_do_not_bear_a_claim_out_are_found(wrong: dict[str, Row], claim: str) -> None:
    assert any(claim in sentence for sentence in untrue(changed("deal", wrong)))


def test_a_figure_from_nowhere_is_found() -> None:
    text = "Growers gain C$641 m a year, 3 in “The quota of 2030”."
    assert checks.unpublished_figures(made("deal"), [text]) == ["3", "641"]


ALONE = {f"{messages.INCOME}.meal_only": (-190e6, -540e6, -9e6, "CAD per year")}
SAME = {f"{messages.INCOME}.unweighted": (640e6, 30e6, 1.8e9, "CAD per year")}
WON = {messages.DISPLACED: (-20e3, -30e3, -10e3, "vehicles per year")}


@pytest.mark.parametrize(
    ("wrong", "sentence", "neutral"),
    [
        (
            ALONE,
            "lower duty on seed alone brings",
            "China's duty on seed alone changes their income by C$450 m, its",
        ),
        (SAME, "history moves the number", "With no data weighed growers' income comes to the same number."),
        (WON, "and fewer of others", "Registrations of electric cars by where they are built"),
    ],
)
def test_a_claim_on_the_scenario_has_neutral_words_where_its_sentence_stands(
    wrong: dict[str, Row], sentence: str, neutral: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """False for a shipped scenario it stops; of another one the page has the neutral words and not the sentence."""
    brief = changed("deal", wrong)
    (claim,) = [claim for claim in false_claims(worded_claims(brief)) if sentence in claim.sentence]
    assert claim.neutral.startswith(neutral) and not brief.own
    tables.show_choices(brief)
    page = " ".join([*sentences.answer(brief).values(), figures.registrations(brief).title, capsys.readouterr().out])
    assert neutral in page and sentence not in page
    assert neutral not in " ".join(
        [*sentences.answer(made("deal")).values(), figures.registrations(made("deal")).title]
    )
    with pytest.raises(AssertionError):
        assert_claims([claim])
    assert_claims([claim], own=True)


def test_growers_gain_in_every_draw_only_where_no_duty_rises() -> None:
    deal = scenarios.load("deal_2026")
    mixed = scenario_grids.variant(deal, {"overrides.china_oil_additional.rate": 1.5}, "mixed")
    for chosen, holds in ((deal, True), (mixed, False)):
        brief = inputs.Brief(chosen, made("deal").numbers, {}, {"status_quo_2025": scenarios.load("status_quo_2025")})
        claim = sentences.sure(brief)
        assert claim.holds == holds and brief.own != holds
        assert ("Growers gain in every simulation" in sentences.growers(brief)) == holds
        assert ("here some fall and others rise" in sentences.growers(brief)) != holds


def test_what_is_about_tables_estimates_or_a_solution_is_never_neutral() -> None:
    """Notebooks that no scenario changes have no neutral words, and of those of a scenario four alone."""
    assert sum(bool(claim.neutral) for claim in worded_claims(made("deal"))) == 4
    for path in (paths.path("lib", "tradeexposure")).rglob("*.py"):
        text = path.read_text("utf-8")
        assert "neutral=" not in text or "scenarios/brief" in path.as_posix(), path


@pytest.mark.parametrize(("share", "holds"), [(0.2, False), (0.3, True), (0.4, False)])
def test_provinces_may_miss_canada_on_neither_side(share: float, holds: bool) -> None:
    """Saskatchewan has 0.55 and Manitoba 0.15 of what Canada's growers gain."""
    deal = dict(CASES["deal"])
    value, *ends, unit = deal[messages.INCOME]
    deal[f"{messages.INCOME}.ab"] = (share * value, share * ends[0], share * ends[1], unit)
    brief = dataclasses.replace(made("deal"), numbers=Numbers(frame(deal)))
    assert checks.provinces_add_up(brief) == holds


MONTHS = f"{inputs.TO_CHINA}.2026_mar_aug"


def tracked(change: float, p: float, period: str = "2026-03 to 2026-08") -> Numbers:
    """Sales to China in some months, and their change on a year before."""
    rows: dict[str, Row] = {
        MONTHS: (3.4e9, None, None, "CAD"), f"{MONTHS}.change_on_year": (change, None, None, "change"),
        f"{MONTHS}.change_on_year.p_value": (p, None, None, "pvalue"), f"{MONTHS}.rise": (1e9, None, None, "CAD"),
    }  # fmt: skip
    return Numbers(frame(rows).assign(period=period))


HALF_THE_TIME = "Earlier changes were as large about half the time."


@pytest.mark.parametrize(
    ("change", "p", "says"),
    [
        (0.65, 0.49, f"for C$3.4 bn, 65% more than a year before. {HALF_THE_TIME}"),
        (-0.2, 0.49, f"for C$3.4 bn, 20% less than a year before. {HALF_THE_TIME}"),
        (-0.2, 0.04, "20% less than a year before. Earlier changes were as large in fewer than one case in twenty."),
        (-0.2, 0.11, "20% less than a year before. Earlier changes were as large in about one case in ten."),
        (-0.2, 0.72, "20% less than a year before. Earlier changes were as large in about seven cases in ten."),
        (0.0, 1.0, "as much as a year before. Earlier changes were as large nearly every time."),
    ],
)
def test_what_trade_did_since_follows_sign_and_p_value(change: float, p: float, says: str) -> None:
    text = sentences.since(tracked(change, p))
    assert text.startswith("In March to August 2026 the Prairies sold China") and text.endswith(says)


def test_months_are_those_that_are_tracked_and_without_any_nothing_is_said() -> None:
    assert sentences.since(tracked(0.1, 0.5, "2026-11 to 2027-01")).startswith("In November 2026 to January 2027 the")
    assert sentences.since(Numbers(pd.DataFrame())) == ""


def test_as_placeholders_what_trade_did_is_the_same_sentence() -> None:
    numbers = tracked(0.65, 0.49)
    named = sentences.since(numbers.named())
    assert f"{{{MONTHS}:bare.2}}" in named and f"{{{MONTHS}.change_on_year:size_bare.2}}" in named
    assert named.endswith(HALF_THE_TIME)


def test_words_follow_the_probability() -> None:
    phrases = [sentences.likelihood(probability) for probability in (1.0, 0.95, 0.66, 0.5, 0.1, 0.0)]
    assert phrases == ["almost certain", "almost certain", "likely", "about as likely as not", "unlikely",
                       "almost excluded"]  # fmt: skip
    with pytest.raises(ValueError, match="no probability"):
        sentences.likelihood(1.2)
    assert [least for least, _ in sentences.SCALE] == sorted((least for least, _ in sentences.SCALE), reverse=True)


@pytest.mark.parametrize(
    ("case", "lead"),
    [
        ("deal", "Canola growers would gain C$640 m (C$30 m to C$1.8 bn) a year."),
        ("loss", "Canola growers would lose C$640 m (C$30 m to C$1.8 bn) a year."),
        ("undetermined", "Whether canola growers would gain or lose is unclear: C$640 m (−C$30 m to C$1.8 bn) a year."),
        ("us", "Vehicle sales to the United States would fall by C$9.0 bn (C$4.0 bn to C$14 bn) a year."),
        ("nothing", "Registrations of China-built electric cars would stay at about 39,000 a year."),
        ("no cars", "Canola growers would lose C$640 m (C$30 m to C$1.8 bn) a year."),
    ],
)
def test_the_lead_is_what_moves_most(case: str, lead: str) -> None:
    assert sentences.lead(made(case)) == lead


@pytest.mark.parametrize("case", CASES)
def test_sentences_are_whole_and_hold_three_numbers(case: str) -> None:
    for part, text in sentences.answer(made(case)).items():
        assert text, part
        for sentence in plain_words.sentences_of(text):
            assert (
                sentence[0].isupper()
                and sentence.endswith(".")
                and plain_words.numbers(sentence) <= plain_words.SENTENCE_NUMBERS
            )
        for fault in ("  ", ",,", "..", " ,", "a year a year", "None", "nan", "()", "{"):
            assert fault not in text


@pytest.mark.parametrize("case", CASES)
def test_the_lead_is_said_once(case: str) -> None:
    answer = sentences.answer(made(case))
    assert all(answer["lead"] not in answer[part] for part in ("growers", "vehicles", "together"))


NO_SEED: dict[str, Row] = {sentences.SEED: (0.00016, 3.7e-17, 330.0, "kilotonnes per year")}
#: Part of the answer, case, numbers that are others, and what is said.
SAID = [
    ("growers", "deal", {}, "gain in every simulation, because in the model a lower duty raises"),
    ("growers", "loss", {}, "lose in every simulation, because in the model a higher duty lowers"),
    ("growers", "deal", {}, "lower duty on seed alone brings them C$450 m"),
    ("growers", "loss", {}, "duty on seed alone costs them C$450 m"),
    ("growers", "loss", NO_SEED, "In the model China buys almost no seed."),
    ("vehicles", "deal", {}, "At a duty of 100% or more none enters in the model"),
    ("vehicles", "no cars", {}, "no part on electric cars"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "case", "rows", "phrase"), SAID, ids=lambda arg: arg if isinstance(arg, str) else "")
def test_each_part_follows_its_numbers(part: str, case: str, rows: dict[str, Row], phrase: str) -> None:
    text = getattr(sentences, part)(changed(case, rows))
    assert phrase in text and "almost certain" not in text


def test_an_open_sign_has_no_reason() -> None:
    assert "in every simulation" not in sentences.growers(made("undetermined"))


def test_the_account_names_who_gains_and_loses_most() -> None:
    text = sentences.together(made("deal"))
    assert text == (
        "Over both sectors Canada would gain C$700 m (C$33 m to C$2.0 bn) a year. "
        "Gains are largest for canola growers, then for elevators and railways."
    )
    text = sentences.pays(made("loss"))
    assert text.startswith("Losses are largest for canola growers: C$640 m (C$30 m to C$1.8 bn) a year. Next: ")
    assert text.endswith(sentences.NOT_MODELLED)
    assert "nobody gains or loses" in sentences.together(made("nothing"))
