"""Cases of bad input in what a person writes: scenarios, grids, measures, priors, notebooks, recipes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bad.inputs import (
    BAD,
    FACTS,
    GRID,
    NOTEBOOK,
    PRIORS,
    SOURCES,
    STUDIES,
    Case,
    edited,
    kinds,
    linked,
    nothing,
    removed,
    replaced,
    written,
)  # fmt: skip

SIMULATES = "notebooks/70_use_scenario.ipynb"
RUN_BAD = ("run", "bad")
LIST = ("scenarios",)
LEFT = "start: 2026-02-01, end: 2026-01-01"
GOOD = {
    "name": "bad",
    "title": "Made for a test",
    "question": "What if?",
    "facts_on": "2026-10-01",
    "against": "before_measures",
    "sources": "[{title: nobody}]",
}


def scenario(**changed: str) -> Callable[[Path], None]:
    """A scenario that is sound but for what is changed; a key given nothing is left out."""
    lines = [f"{key}: {value}" for key, value in {**GOOD, **changed}.items() if value]
    return written(BAD, "\n".join(lines) + "\n")


def said(name: str, /, *named: str, **changed: str) -> Case:
    """A scenario with a fault; its file is named."""
    return Case(f"scenario: {name}", scenario(**changed), (BAD, *named), RUN_BAD)


MEASURE = {
    "id": "made_up", "title": "Made up", "imposer": "china", "origins": "[canada]", "products": "[canola_seed]",
    "kind": "duty", "stacking": "additional", "rate": "0.1", "effective": "2026-01-01", "instrument": "none",
    "confidence": "assumption",
}  # fmt: skip


def measure(**changed: str) -> str:
    """A hypothetical measure, as one line; a key given nothing is left out."""
    kept = {key: value for key, value in {**MEASURE, **changed}.items() if value}
    return "{" + ", ".join(f"{key}: {value}" for key, value in kept.items()) + "}"


def supposed(name: str, /, *named: str, **changed: str) -> Case:
    """A scenario with a hypothetical measure that has a fault."""
    return said(f"supposes {name}", *named, hypothetical=f"[{measure(**changed)}]")


def changed(name: str, row: str, *named: str) -> Case:
    """A scenario with an override that has a fault."""
    return said(f"overrides {name}", *named, overrides=f"[{row}]")


def figure(name: str, value: str, figure: str = "annual_vehicles", of: str = "canada_ev_quota", line: str = "") -> Case:
    """A scenario with a figure of a measure that has a fault."""
    row = f"[{{measure: {of}, name: {figure}, value: {value}, reason: x}}]"
    return said(f"figure {name}", line or value, quantities=row)


DEAL = "data/scenarios/deal_2026.yml"


def published(added: str, typed: str) -> Case:
    """The published scenario with a key in place of its own, or beside the others."""

    def change(root: Path) -> None:
        lines = (root / DEAL).read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(f"{added.split(':')[0]}:")]
        (root / DEAL).write_text("".join(kept) + added + "\n", "utf-8")

    return Case(f"deal_2026: {added}", change, (DEAL, typed))


PUBLISHED = [
    *[published(added, typed) for added, typed in (
        ("surprise: 1", "surprise"),
        ("facts_on: 2026-13-45", "2026-13-45"),
        ("facts_on: soon", "soon"),
        ("title: [1, 2]", "title"),
        ("name: status_quo_2025", "status_quo_2025"),
        ("overrides:\n- {measure: china_seed_antidumping, rate: 84.8, reason: x}", "84.8"),
        ("overrides:\n- {measure: china_seed_antidumping, rate: high, reason: x}", "high"),
        ("overrides:\n- {measure: nonsense, rate: 0.1, reason: x}", "nonsense"),
        ("hypothetical:\n- {id: x, title: x, imposer: NO, origins: [canada], products: [peas], kind: duty, "
         "stacking: additional, rate: 0.1, effective: 2026-01-01, instrument: x, confidence: assumption}",
         "found NO; allowed: canada, china, united_states"),
        ("overrides: no", "found no; allowed: a list of overrides"),
        ("title: [1, 2", "found not YAML: "),
        ("hypothetical:\n- {id: x, imposer: china, origin: canada, hs_scope: [0512]}", "0512"),
        ("title: again\ntitle: twice", "title"),
        ("assumptions: {import_demand_china: -1.2}", "found -1.2; allowed: a number above 0: an elasticity"),
        ("assumptions: {under_cap_share: 50}", "found 50; allowed: a share from 0 to 1"),
        ("assumptions: {demand: 1}", "unknown prior demand"),
        ("quantities:\n- {measure: canada_ev_quota, name: annual_vehicles, value: -1, reason: x}",
         "found -1; allowed: 0 or more vehicles a year"),
        ("overrides:\n- {measure: china_seed_antidumping, end: 2020-01-01, reason: x}",
         "allowed: an end on or after the effective date 2026-03-01"),
        ("against: nothing", "found nothing; allowed: before_measures"),
        ("against: cusma_lapse", "no circle (deal_2026 against cusma_lapse against deal_2026)"),
        ("also_against: nothing", "found nothing; allowed: cusma_lapse"),
        ("also_against: deal_2026", "found deal_2026; allowed: cusma_lapse, deal_lapses_2027"),
        ("also_against: deal_lapses_2027",
         "found deal_lapses_2027, with the facts of 2027-01-01; allowed: a scenario with the facts of 2026-10-01"),
        ("also_against: licence_ban_2019", "found licence_ban_2019; allowed: a scenario without licence_suspension"),
        ("horizon: decade", "found decade; allowed: acreage, crop_year"),
        ("licence_suspension: true", "found true; allowed: false"),
    )],
    *[Case(f"deal_2026 is {content!a}", written(DEAL, content), (DEAL,))
      for content in (b"", b"\x00\x01\x02\xff", b"{not: [yaml", b"just words", b"title: caf\xe9\n")],
    Case("deal_2026 is listed and empty", written(DEAL, b""), (DEAL,), LIST),
    Case("priors: ends the wrong way round", replaced(PRIORS, "low: 0.4, high: 0.6", "low: 0.6, high: 0.4"),
         ("data/priors.yml: priors[",)),
]  # fmt: skip

SEED = "measure: china_seed_antidumping"
SCENARIOS = [
    *kinds(BAD, RUN_BAD),
    *[said(f"rate {typed}", typed, overrides=f"[{{{SEED}, rate: {typed}, reason: x}}]") for typed in (
        "8.4", "84", "-0.1", "-0.0", "1e999", "-1e999", "1e-400", ".inf", ".nan", "high", "true", "2026-01-01",
        "0x10", "1_0", "010", "0.1.2", "12%",
    )],
    said("total with a per cent sign", "overrides[0].total (line 7): found 100.5%; allowed: a number; 100.5 per cent",
         "is written 1.005", overrides="[{measure: china_oil_additional, total: 100.5%, reason: x}]"),
    said("rate in percent", "overrides[0].rate (line 7): found 84.8", "84.8 per cent is written 0.848",
         overrides=f"[{{{SEED}, rate: 84.8, reason: x}}]"),
    said("rate of 5,000 digits", "…", overrides=f"[{{{SEED}, rate: {'9' * 5000}, reason: x}}]"),
    said("tag on text", "tag", title="!!int text"),
    said("tag on a number", "tag", facts_on="!!str 2026-10-01"),
    said("tag of Python", "tag", title="!!python/object:os.system x"),
    said("tag of its own", "tag", title="!mine x"),
    said("an alias", "alias", title="&a x", question="*a"),
    said("no title", "title", "found no such key; allowed: title is required", title=""),
    said("title misspelt", "titel (line 7): found unknown key titel; allowed: did you mean title", titel="A test"),
    said("title blank", "title", title='"   "'),
    said("title empty", "title", 'found ""; allowed: text that is not empty', title='""'),
    said("title null", "title", title="null"),
    said("title a number", "title", title="12"),
    said("title with an escape", "title", "\\x1b", title='"\\e[31mred"'),
    said("title with a bell", "title", "\\x07", title='"\\a"'),
    said("title that turns the direction", "title", "\\u202e", title='"a \\u202E b"'),
    said("title on two lines", "title", title='"a\\nb"'),
    said("title with a placeholder", "title (line 2): found A {x}; allowed: text without { and }", title="A {x}"),
    said("question with a brace", "question (line 3): found Why }?; allowed: text without { and }", question="Why }?"),
    said("title of 100,000 letters", "title", title=f'"{"a" * 100_000}"'),
    said("question blank", "question", question='"\\t"'),
    said("sources empty", "sources (line ", "a list that is not empty", sources="[]"),
    said("sources text", "sources", sources="nobody"),
    said("sources of numbers", "sources", sources="[1]"),
    said("a source without a title", "title", sources="[{address: 'https://x.example'}]"),
    said("a source that runs a script", "javascript:alert(1)", sources="[{title: x, address: 'javascript:alert(1)'}]"),
    said("a source that reads a file", "file:///x", sources="[{title: x, address: 'file:///x'}]"),
    said("a day too late", "found 2202-01-01; allowed: a day from 2018-01-01", facts_on="2202-01-01"),
    said("a day too early", "1999-01-01", facts_on="1999-01-01"),
    said("a day in quotes", "facts_on", "allowed: a real date written YYYY-MM-DD, without quotes",
         facts_on='"2026-10-01"'),
    said("a day with an hour", "facts_on", facts_on="2026-10-01T00:00:00"),
    said("no such horizon", "decade", horizon="decade"),
    said("no such way above the quota", "above_quota", "found ban; allowed: no_entry, surtax, mfn", above_quota="ban"),
    said("a comparison misspelt", "found deal_2025; allowed: did you mean deal_2026?", against="deal_2025"),
    said("an assumption misspelt", "assumptions.sed_supply", "allowed: did you mean seed_supply",
         assumptions="{sed_supply: 0.3}"),
    said("an unknown assumption", "demand", assumptions="{demand: 1}"),
    said("an assumption of the wrong sign", "-1", assumptions="{import_demand_china: -1}"),
    said("an assumption without end", "1e999", assumptions="{import_demand_china: 1e999}"),
    said("an assumption that is huge", "1e300", assumptions="{import_demand_china: 1e300}"),
    said("an assumption a thousand times too large", "5000.0", assumptions="{import_demand_china: 5000.0}"),
    said("an assumption that is text", "high", assumptions="{import_demand_china: high}"),
    said("assumptions a list", "assumptions", assumptions="[1]"),
    said("a share above one", "1.5", assumptions="{under_cap_share: 1.5}"),
    figure("negative", "-1"), figure("huge", "1e300"), figure("infinite", "1e999"), figure("half a car", "49000.5"),
    figure("text", "many"), figure("of a share above one", "1.5", "price_cap_share_year_5"),
    figure("unknown", "5", "volume", line="found volume; allowed: annual_vehicles, first_w"),
    figure("of a measure misspelt", "5", of="canada_quota", line="found canada_quota; allowed: canada_ev_quota"),
    figure("of a measure that has none", "5", of="canada_mfn_seed", line="allowed: nothing: canada_mfn_seed has"),
    said("figure without a reason", "reason is required",
         quantities="[{measure: canada_ev_quota, name: annual_vehicles, value: 5}]"),
    changed("that is text", "nothing", "overrides[0]", "found nothing; allowed: a mapping of keys"),
    changed("of nothing", "{measure: nonsense, rate: 0.1, reason: x}", "nonsense"),
    changed("of a measure misspelt", "{measure: china_oil_aditional, suspended: true, reason: x}",
            "found china_oil_aditional; allowed: china_oil_additional"),
    changed("of a party", "{measure: China, suspended: true, reason: x}", "allowed: lower-case letters, digits and _"),
    changed("without a change", f"{{{SEED}, reason: x}}", "overrides[0]", "at least one of rate"),
    changed("suspended with an end", f"{{{SEED}, suspended: true, end: 2026-12-31, reason: x}}",
            "suspended alone: a suspended measure has no end"),
    changed("suspended with a rate", f"{{{SEED}, suspended: true, rate: 0.1, reason: x}}", "measure has no rate"),
    changed("without a reason", f"{{{SEED}, rate: 0.1}}", "reason"),
    changed("with a blank reason", f'{{{SEED}, rate: 0.1, reason: " "}}', "reason"),
    changed("twice", f"{{{SEED}, rate: 0.1, reason: x}}, {{{SEED}, rate: 0.2, reason: x}}",
            "overrides[1].measure (line 7)", "china_seed_antidumping", "each measure once"),
    changed("displaced by itself", f"{{{SEED}, displaced_by: [china_seed_antidumping], reason: x}}", "displaced_by"),
    changed("displaced by nothing", f"{{{SEED}, displaced_by: [us_232_vehicle], reason: x}}", "displaced_by[0]",
            "found us_232_vehicle; allowed: us_232_vehicles"),
    changed("a claimed duty's rate alone", "{measure: us_232_vehicles, rate: 0.15, reason: x}", "rate_with_claim"),
    changed("a claim where none can be made", f"{{{SEED}, rate_with_claim: 0.1, reason: x}}", "rate_with_claim"),
    changed("a rate and a total", f"{{{SEED}, rate: 0.1, total: 0.2, reason: x}}", "rate or total"),
    changed("a total below the ordinary duty", f"{{{SEED}, total: 0.05, reason: x}}", "total", "0.09 or more"),
    changed("a total of a suspended duty", "{measure: china_meal_additional, total: 0.3, reason: x}", "total",
            "rate in its place", "canola_meal of canada on 2026-10-01"),
    changed("a total of a duty on several", "{measure: us_section_301_labour, total: 0.3, reason: x}", "total"),
    changed("a total where a claim pays less", "{measure: us_232_vehicles, total: 0.3, reason: x}", "rate_with_claim"),
    changed("a total of no duty", "{measure: china_meal_peas_suspension, total: 0.3, reason: x}", "no total"),
    changed("a rate of a suspension", "{measure: china_meal_peas_suspension, rate: 0.3, reason: x}", "no rate"),
    changed("a later day alone", f"{{{SEED}, effective: 2026-12-01, reason: x}}", "effective", "2026-12-01"),
    changed("an end before the change", f"{{{SEED}, rate: 0.2, end: 2026-09-30, reason: x}}", "china_seed_antidumping"),
    changed("an end before the start", f"{{{SEED}, end: 2020-01-01, reason: x}}", "china_seed_antidumping"),
    supposed("an imposer that is the origin", "china", origins="[china]"),
    supposed("no products", "products", products="[]"),
    supposed("no origins", "origins", origins="[]"),
    supposed("an unknown product", "found snow; allowed: all, canola_seed", products="[snow]"),
    supposed("an unknown party", "mars", imposer="mars"),
    supposed("targets that are not there", "nonsense", stacking="suspends", rate="", no_rate="not stated",
             targets="[nonsense]"),
    supposed("targets misspelt", "china_peas_additionall", stacking="suspends", rate="", no_rate="not stated",
             targets="[china_peas_additionall]"),
    supposed("targets on other goods", "found china_pork_additional; allowed: a measure on peas", imposer="china",
             origins="[canada]", products="[peas]", stacking="suspends", rate="", no_rate="not stated",
             targets="[china_pork_additional]"),
    supposed("itself as a target", "made_up", stacking="suspends", rate="", no_rate="not stated", targets="[made_up]"),
    supposed("no effective date", "effective", effective=""),
    supposed("an end before its start", "effective", end="2025-01-01"),
    supposed("announced after its start", "announced", announced="2026-06-01"),
    supposed("settled before it began", "settled", settled="[{start: 2026-05-01, end: 2026-04-01, rate: 0.1}]"),
    supposed("two settled rates for a day", "settled rows on days of their own", settled="[{start: 2026-02-01, "
             "end: 2026-04-01, rate: 0.1}, {start: 2026-04-01, end: 2026-05-01, rate: 0.2}]"),
    supposed("an announced end without a day", "end_announced", end_announced="true"),
    supposed("an ordinary duty beside the law's", "china_mfn_seed", kind="mfn", stacking="base"),
    supposed("a rate in percent", "8.4", rate="8.4"),
    supposed("a rate without end", "1e999", rate="1e999"),
    supposed("a rate and none", "either a rate", no_rate="ban"),
    supposed("an HS code unquoted", "found 1205; allowed: text; write digits in quotes", hs="[1205]"),
    supposed("a title that is blank", "title", title='" "'),
    supposed("an id in use", "found china_seed_antidumping; allowed: an id not used", id="china_seed_antidumping"),
    supposed("a key misspelt", "target", target="[x]"),
    said("the same measure twice", "made_up", hypothetical=f"[{measure()}, {measure(id='again')}]"),
    said("one instrument at two rates", "made_up", hypothetical=f"[{measure()}, {measure(id='b', rate='0.2')}]"),
    said("itself as comparison", "bad", against="bad"),
    said("itself as second comparison", "bad", also_against="bad"),
    said("no second comparison", "also_against", also_against='""'),
    said("the second comparison of another day", "status_quo_2025, with the facts of 2025-12-31",
         also_against="status_quo_2025"),
    said("a name of another file", "found deal_2026; allowed: bad, ", "used by deal_2026.yml", name="deal_2026"),
    said("a name of no file", "found other; allowed: bad, the name of the file", name="other"),
    said("a name that is a path", "name (line 1): found ../bad", name="../bad"),
    said("a key unknown", "surprise", surprise="1"),
    Case("scenarios: a file ..yml", written("data/scenarios/..yml", "a: b\n"), ("..yml",), ("scenarios",)),
    Case("scenarios: a file .yml", written("data/scenarios/.yml", "a: b\n"), (".yml",), ("scenarios",)),
    Case("scenarios: a file in capitals", written("data/scenarios/Bad.yml", "a: b\n"),
         ("Bad.yml", "lower-case letters"), LIST),
    Case("scenarios: another ending", written("data/scenarios/x.yaml", "a: b\n"), ("x.yaml",), ("scenarios",)),
    Case("scenarios: a letter of another script", written("data/scenarios/b\u0430d.yml", "a: b\n"), ("yml",), LIST),
]  # fmt: skip


def grid(name: str, text: str, *named: str, options: tuple[str, ...] = ()) -> Case:
    """A grid with a fault."""
    return Case(f"grid: {name}", written(GRID, text), (GRID, *named), ("run", "--grid", GRID, *options))


HEAD = "scenario: deal_2026\nover:\n"
RATE = "  overrides.china_seed_antidumping.rate"
GRIDS = [
    *kinds(GRID, ("run", "--grid", GRID)),
    grid("no lists", "scenario: deal_2026\nover: {}\n", "over", "keys of a scenario"),
    grid("nothing varied", "scenario: deal_2026\n", "over is required"),
    grid("an unknown scenario", f"scenario: nothing\nover:\n{RATE}: [0.1]\n", "found nothing; allowed: ", "deal_2026"),
    grid("a scenario that is a list", f"scenario: [a]\nover:\n{RATE}: [0.1]\n", "scenario"),
    grid("a number of 5,000 digits", f"{HEAD}{RATE}: [{'9' * 5000}]\n"),
    grid("a whole number too large", f"{HEAD}{RATE}: [{'9' * 400}]\n"),
    grid("a rate in percent", f"{HEAD}{RATE}: [0.1, 8.4]\n", RATE.strip(), "8.4"),
    grid("a rate that is text", f"{HEAD}{RATE}: [no]\n", RATE.strip(), "found no"),
    grid("a rate with a leading zero", f"{HEAD}{RATE}: [0512]\n", "0512"),
    grid("a rate without end", f"{HEAD}{RATE}: [1e999]\n", "1e999"),
    grid("a value twice", f"{HEAD}{RATE}: [0.1, 0.10]\n", f"{RATE.strip()}[1]", "found 0.10", "each value once"),
    grid("a list in a list", f"{HEAD}{RATE}: [[0.1]]\n", f"over.{RATE.strip()}[0]"),
    grid("an empty list", f"{HEAD}{RATE}: []\n", f"over.{RATE.strip()}", "a list of at least one value"),
    grid("a number for a list", f"{HEAD}{RATE}: 0.1\n", f"over.{RATE.strip()}", "found 0.1", "a list"),
    grid("an unknown path", f"{HEAD}  nothing.at.all: [1]\n", "nothing.at.all"),
    grid("10,001 scenarios", f"{HEAD}{RATE}: [{', '.join(f'0.{n:05d}' for n in range(1, 10_002))}]\n", "10,001"),
    grid("ten million scenarios", HEAD + "".join(
        f"  quantities.canada_ev_quota.x{n}: [{', '.join(map(str, range(60)))}]\n" for n in range(4)
    ), "12,960,000", options=("--yes",)),
    grid("a claimed duty's rate alone", f"{HEAD}  overrides.us_232_vehicles.rate: [0.1]\n", "rate_with_claim"),
    grid("an unknown measure", f"{HEAD}  overrides.nonsense.rate: [0.1]\n", "nonsense"),
    grid("more keys", f"{HEAD}{RATE}: [0.1]\nmore: 1\n", "unknown key more", "scenario, over"),
    Case("grid: its name empty", nothing, ("--grid",), ("run", "--grid", "")),
    Case("grid: its name too long", nothing, ("--grid",), ("run", "--grid", "a" * 5000)),
    Case("grid: not there", nothing, ("nothing.yml",), ("run", "--grid", "nothing.yml")),
    Case("grid: with scenarios", nothing, ("--grid",), ("run", "deal_2026", "--grid", GRID)),
]  # fmt: skip

FACT = """title: Made up
sources:
  s: {title: nobody}
measures:
  - id: made_up
    title: Made up
    imposer: canada
    origins: [china]
    products: [peas]
    kind: duty
    stacking: additional
    rate: 0.5
    effective: 2026-01-01
    instrument: none
    confidence: high
    sources: [s]
"""


def fact(name: str, old: str, new: str, *named: str) -> Case:
    """A file of facts with a part replaced."""
    assert old in FACT, old
    return Case(f"facts: {name}", written(FACTS, FACT.replace(old, new, 1)), (FACTS, *named))


OTHER = FACT.partition("measures:\n")[2].replace("id: made_up", "id: again")
MEASURES = [
    *kinds(FACTS),
    fact("sources a list", "  s: {title: nobody}", "  [s]", "sources", "s"),
    fact("sources a number", "\n  s: {title: nobody}", " 3", "sources", "3"),
    fact("sources text", "\n  s: {title: nobody}", " nobody", "sources", "nobody"),
    fact("sources null", "\n  s: {title: nobody}", " null", "sources"),
    fact("a source that is text", "{title: nobody}", "nobody", "nobody"),
    fact("a source with a script", "{title: nobody}", "{title: x, address: 'javascript:x'}", "javascript:x"),
    fact("a source key that is a list", "sources: [s]", "sources: [[s]]", "sources"),
    fact("a source key that is a mapping", "sources: [s]", "sources: [{a: b}]", "sources"),
    fact("a source key unknown", "sources: [s]", "sources: [t]", "found t; allowed: s"),
    fact("sources of a measure text", "sources: [s]", "sources: s", "sources", "found s"),
    fact("measures text", FACT.partition("measures:")[2], " none\n", "measures", "none"),
    fact("a measure that is text", FACT.partition("measures:\n")[2], "  - peas\n", "measures"),
    fact("announced after it began", "effective:", "announced: 2026-06-01\n    effective:", "announced"),
    fact("itself as what displaces it", "effective:", "displaced_by: [made_up]\n    effective:", "made_up"),
    fact("displaced by nothing", "effective:", "displaced_by: [nonsense]\n    effective:", "nonsense"),
    fact("suspends nothing there", "effective:", "targets: [nonsense]\n    effective:", "nonsense"),
    fact("imposer as origin", "[china]", "[canada]", "canada"),
    fact("an unknown imposer", "imposer: canada", "imposer: NO", "measures[0].imposer", "found NO"),
    fact("no products", "[peas]", "[]", "products"),
    fact("an unknown product", "[peas]", "[wheat]", "found wheat; allowed: all, canola_seed"),
    *[fact(f"hs {typed}", "kind:", f"hs: [{typed}]\n    kind:", refusal) for typed, refusal in (
        ("1205", "found 1205; allowed: text; write digits in quotes"), ('"peas"', 'found "peas"'),
        ("8703.40.10", 'found 8703.40.10; allowed: HS codes in quotes: "8703.40.10"'),
    )],
    fact("a claim that cannot be made", "rate: 0.5", "rate: 0.5\n    rate_with_claim: 0.1", "rate_with_claim"),
    fact("a rate in percent", "rate: 0.5", "rate: 84.8",
         "found 84.8; allowed: a share of value from 0 to 3; 84.8 per cent is written 0.848"),
    fact("a rate below nothing", "rate: 0.5", "rate: -1", "found -1; allowed: a share of value"),
    fact("no rate", "rate: 0.5", "rate: null", "either a rate"),
    fact("no day", "effective: 2026-01-01", "effective: null", "an effective date"),
    fact("an end before its start", "instrument:", "end: 2025-12-31\n    instrument:",
         "an end on or after the effective date 2026-01-01"),
    fact("an id in use", "id: made_up", "id: china_peas_additional", "allowed: an id not used"),
    fact("an id in capitals", "id: made_up", "id: Peas", "found Peas"),
    fact("a key misspelt", "instrument:", "rates: 3\n    instrument:", "unknown key rates; allowed: did you mean rate"),
    fact("a rate without end", "rate: 0.5", "rate: 1e999", "1e999"),
    fact("the same again under another id", "sources: [s]\n", f"sources: [s]\n{OTHER}", "again"),
    fact("the same again at another rate", "sources: [s]\n", f"sources: [s]\n{OTHER.replace('0.5', '0.4')}", "again"),
    fact("a figure that ends before it starts", "effective:",
         f"quantities: [{{name: a, value: 1, unit: x, {LEFT}}}]\n    effective:", "quantities"),
    fact("two figures for one day", "effective:", "quantities: [{name: a, value: 1, unit: x, end: 2026-07-01}, "
         "{name: a, value: 2, unit: x, start: 2026-07-01}]\n    effective:", "quantities", "days of their own"),
    fact("a blank note", "sources: [s]", 'sources: [s]\n    note: "  "', "note"),
    Case("facts: a second vocabulary", written("data/parameters/my_vocabulary.yml", "parties: {}\n"),
         ("my_vocabulary.yml",)),
    Case("facts: another ending", written("data/parameters/x.yaml", FACT), ("x.yaml",)),
    Case("facts: a file in capitals", written("data/parameters/X.yml", FACT), ("X.yml",)),
    Case("facts: a file .yml", written("data/parameters/.yml", FACT), ("data/parameters",)),
    Case("facts: no vocabulary", removed("data/parameters/vocabulary.yml"), ("vocabulary.yml",)),
]  # fmt: skip


def in_the_way(name: str) -> Callable[[Path], None]:
    """A file where a folder belongs."""

    def change(root: Path) -> None:
        removed(name)(root)
        (root / name).write_text("", "utf-8")

    return change


DRAWN = "distribution: {kind: uniform, low: 0.5, high: 2.0}\n"


def prior(name: str, old: str, new: str, *named: str) -> Case:
    """The priors with a part replaced."""
    return Case(f"priors: {name}", replaced(PRIORS, old, new), (PRIORS, *named))


BELIEFS = [
    *kinds(PRIORS),
    Case("facts: a file for the folder", in_the_way("data/parameters"), ("data/parameters",)),
    prior("one renamed", "name: seed_supply\n", "name: seed_suply\n", "seed_supply"),
    prior("one twice", "name: seed_supply\n", "name: other_supply\n", "found other_supply; allowed: each prior once"),
    prior("of something else", "    moves: canola\n", "    moves: tanks\n", "found tanks; allowed: canola, ev, us"),
    prior("of another sign", "    sign: non_negative\n", "    sign: negative\n",
          "found negative; allowed: positive, non_negative"),
    prior("a key misspelt", "    unit: elasticity\n", "    units: elasticity\n", "allowed: did you mean unit"),
    prior("divided by nothing", "divided_by: rebate_pass_through", "divided_by: nothing", "nothing; allowed: seed_sup"),
    prior("a share above one", "low: 0.4, high: 0.6", "low: 0.4, high: 1.6", "found 1.6; allowed: a share from 0 to 1"),
    prior("the heading misspelt", "priors:\n", "prior:\n", "found unknown key prior; allowed: did you mean priors"),
    *[
        prior(f"{{{new}}}", DRAWN, f"distribution: {{kind: {new}}}\n", "].distribution", refusal)
        for new, refusal in (
            ("uniform, low: 2.0, high: 0.5", "found 2.0; allowed: a number up to high, which is"),
            ("uniform, low: 2.0, high: 2.0", "found 2.0; allowed: a number below high, which is 2; or kind: fixed"),
            ("uniform, low: -0.5, high: 2.0", "found -0.5; allowed: a number above 0: an elasticity"),
            ("uniform, low: 0.5", "found no such key; allowed: high is required"),
            ("uniform, low: 0.5, mode: 1, high: 2", "found the key mode; allowed: low, high (uniform)"),
            ("uniform, low: 0.5, hihg: 2", "found unknown key hihg; allowed: did you mean high"),
            ("normal, low: 0.5, high: 2", "found normal; allowed: fixed, uniform"),
            ("lognormal, low: 0, median: 1, high: 2", "found 0; allowed: a number above 0"),
            ("triangular, low: 1, mode: 3, high: 2", "found 3; allowed: a number up to high, which is 2"),
            ("beta, low: 0.1, high: 2, a: 0, b: 4", "found 0; allowed: a number above 0"),
            ("fixed, value: many", "found many; allowed: a number"),
        )
    ],
    prior("the ends turned", "low: 0.4, high: 0.6", "low: 0.6, high: 0.4", "0.6"),
    prior("huge", "low: 0.4, high: 0.6", "low: 0.4, high: 1e300", "1e300"),
    prior("without end", "low: 0.4, high: 0.6", "low: 0.4, high: 1e999", "1e999"),
    prior("5,000 digits", "low: 0.4, high: 0.6", f"low: 0.4, high: {'9' * 5000}"),
    prior("negative", "low: 0.4, high: 0.6", "low: -0.4, high: 0.6", "-0.4"),
    prior("text", "low: 0.4, high: 0.6", "low: some, high: 0.6", "some"),
    Case("priors: a list", written(PRIORS, "- a\n"), (PRIORS,)),
    Case("priors: no list of them", written(PRIORS, "priors: none\n"), (PRIORS, "none")),
    Case("priors: empty", written(PRIORS, "priors: []\n"), (PRIORS, "priors")),
]  # fmt: skip


def window(name: str, old: str, new: str, *named: str) -> Case:
    """Windows and baselines with a part replaced."""
    return Case(f"studies: {name}", replaced(STUDIES, old, new), (STUDIES, *named))


WINDOWS = [
    *kinds(STUDIES),
    Case("studies: empty, and looked at", written(STUDIES, ""), (STUDIES, "an empty file"), ("check",)),
    window("no windows", "windows:\n", "windows: []\nmore:\n"),
    window("no years", "years: [2023]", "years: []", "a list that is not empty"),
    window("a limit of nothing", "    value: 1.0", "    value: 0", "limits"),
    window("a key misspelt", "    reason: twelve months", "    why: twelve months", "unknown key why"),
    window("month 13", '"2020-02"', '"2020-13"', "2020-13", '"YYYY-MM", 01 for January to 12 for December'),
    window("a month of one digit", '"2019-03", "2020-02"', '"2019-3", "2020-02"', "2019-3"),
    window("a month as a day", '"2020-02"', "2020-02-01", "2020-02-01"),
    window("months turned", '"2019-03", "2020-02"', '"2020-03", "2020-02"', "no month before 2020-03"),
    window("months of a price turned", 'prices: ["2025-08", ', 'prices: ["2026-08", ', "no month before 2026-08"),
    window("a crop year of three", '"2014-15"', '"2014-16"', "2014-16", "2014-15"),
    window("a crop year in full", 'years: ["2022-23", ', 'years: ["2022-2023", ', "2022-2023"),
    window("unknown crop years", "crop_years: [before_2019]", "crop_years: [before_2018]", "before_2018"),
    window("a window twice", 'key: "2025_aug"', 'key: "2025"', "each key once"),
    window("a baseline twice", "key: after_drought", "key: before_2019", "each key once"),
    window("an unknown baseline", "baseline: before_2025\n", "baseline: before_2026\n", "before_2026", "before_2019"),
    window("a baseline after its window", "baseline: before_2019", "baseline: before_2025", "windows[0].baseline"),
    window("a baseline that reaches its event", '"2024-07"', '"2025-04"', "baselines[3].months[1]", "before 2024-08"),
    window("a window before its event", '"2025-03", "2025-10"', '"2025-02", "2025-10"', "no month before 2025-03"),
]


def cell(**entries: Any) -> Callable[[Path], None]:
    """A notebook whose first code cell has other entries."""
    return edited(NOTEBOOK, lambda notebook: notebook["cells"][1].update(entries))


def marked(**entries: Any) -> Callable[[Path], None]:
    """A notebook with other metadata."""
    return edited(NOTEBOOK, lambda notebook: notebook["metadata"].update(entries))


def paper(name: str, change: Callable[[Path], None], *named: str) -> Case:
    """A notebook with a fault."""
    return Case(f"notebook: {name}", change, (NOTEBOOK, *named))


def parameters(name: str, code: str, *named: str) -> Case:
    """A notebook whose parameters are no literals."""
    return paper(f"parameters {name}", cell(source=code), "parameters", *named)


NOTEBOOKS = [
    *kinds(NOTEBOOK),
    *[
        paper(f"is {content}", written(NOTEBOOK, content))
        for content in ("[]", "{}", "null", "7", '"x"', '{"cells": []}', '{"nbformat": 3, "cells": []}')
    ],
    paper("too deep", written(NOTEBOOK, "[" * 5_000 + "]" * 5_000)),
    paper("cut off", lambda root: (root / NOTEBOOK).write_bytes((root / NOTEBOOK).read_bytes()[:500]) and None),
    paper("a byte order mark", written(NOTEBOOK, b"\xef\xbb\xbf{}")),
    paper("a number without end", replaced(NOTEBOOK, '"execution_count": null', '"execution_count": 1e999'), "1e999"),
    paper("no minor format", edited(NOTEBOOK, lambda n: n.pop("nbformat_minor") and None), "nbformat_minor"),
    paper("a minor format that is text", edited(NOTEBOOK, lambda n: n.update(nbformat_minor="5")), "nbformat_minor"),
    paper("no metadata", edited(NOTEBOOK, lambda n: n.pop("metadata") and None), "metadata"),
    *[paper(f"metadata {value}", edited(NOTEBOOK, lambda n, v=value: n.update(metadata=v)), "metadata")
      for value in (None, [], "x", 3)],
    *[paper(f"kernelspec {value}", marked(kernelspec=value), "kernelspec") for value in (None, [], "x", 3)],
    paper("kernelspec with a number", marked(kernelspec={"name": 3}), "kernelspec"),
    paper("a kernel that is not there", marked(kernelspec={"name": "julia-9", "display_name": "Julia"}),
          "no kernel 'julia-9'", "python3"),
    *[paper(f"tradeexposure {value}", marked(tradeexposure=value), "tradeexposure") for value in (None, [], "x", 3)],
    *[paper(f"headline {value}", marked(tradeexposure={"headline": value}), "headline")
      for value in (None, "x", 3, [1])],
    paper("takes a number", marked(tradeexposure={"takes": 3}), "takes: found 3; allowed: a list"),
    *[paper(f"cells {value}", edited(NOTEBOOK, lambda n, v=value: n.update(cells=v))) for value in (None, "x", 3, {})],
    *[paper(f"a cell that is {value}", edited(NOTEBOOK, lambda n, v=value: n["cells"].append(v)), "cells")
      for value in (None, 3, "x", [])],
    *[paper(f"source {value}", cell(source=value), "source") for value in (None, 3, {}, [1, 2])],
    *[paper(f"metadata of a cell {value}", cell(metadata=value), "metadata") for value in (None, 3, "x", [])],
    *[paper(f"tags {value}", cell(metadata={"tags": value}), "tags") for value in (None, 3, "parameters", [1])],
    paper("a cell of an unknown type", cell(cell_type="poem"), "cell_type", "poem"),
    paper("a cell without a type", edited(NOTEBOOK, lambda n: n["cells"][1].pop("cell_type") and None), "cell_type"),
    paper("outputs text", cell(outputs="x"), "outputs"),
    paper("an output that is a number", cell(outputs=[3]), "outputs"),
    paper("an output of an unknown type", cell(outputs=[{"output_type": "song"}]), "outputs"),
    paper("an output without a type", cell(outputs=[{}]), "outputs"),
    paper("an id twice", edited(NOTEBOOK, lambda n: n["cells"][2].update(id="parameters")), "two cells", "parameters"),
    paper("half a character", replaced(NOTEBOOK, '"times: int', '"x = \'\\ud800\'\\ntimes: int'), "ud800"),
    parameters("that ask", "times = input()"),
    parameters("that import", "import os"),
    parameters("cut off", "times: int = 3 +"),
    parameters("two at once", "a, b = 1, 2"),
    parameters("that cannot be a key", "times = {[]: 1}"),
    parameters("that cannot be in a set", "times = {[]}"),
    parameters("with many signs", "times = " + "-" * 20_000 + "1"),
    parameters("with many brackets", "times = " + "[" * 5_000 + "]" * 5_000),
    parameters("of 5,000 digits", "times = " + "9" * 5_000),
    parameters("with a zero byte", "times = 1\0"),
    parameters("with an unclosed text", "times = 'x"),
    paper("a parameter nobody gives", cell(source="times: int"), "times: found no value"),
    paper("no cell of parameters", replaced(NOTEBOOK, '"parameters"\n', '"else"\n'), "parameters: found 0 cells"),
    *[paper(f"content {content!a}", written(NOTEBOOK, content)) for content in (b"", b"\xff\xfe")],
    Case("notebook: wants another type of scenario",
         edited(SIMULATES, lambda n: n["cells"][1].update(source="scenario: int = 3")),
         (SIMULATES, "scenario: found 'deal_2026'; allowed: a value of type int")),
    Case("notebook: none at all", lambda root: [p.unlink() for p in (root / "notebooks").iterdir()] and None,
         ("notebooks: found no notebook",)),
]  # fmt: skip

RECIPES = [
    *kinds(SOURCES, ("refresh", "nope")),
    *[
        Case(f"recipes: bytes {typed}", replaced(SOURCES, "  bytes: 600000000", f"  bytes: {typed}"), (SOURCES,),
             ("refresh", "nope"))
        for typed in (".inf", "1e999", "-1", "0", "many", "1.5", "[1]")
    ],
    Case("recipes: an address without encryption", replaced(SOURCES, "https://www150", "http://www150"),
         (SOURCES, "http://"), ("refresh", "nope")),
    Case("recipes: an unknown key", replaced(SOURCES, "limits:", "more: 1\nlimits:"), (SOURCES, "more"),
         ("refresh", "nope")),
    *[
        Case(f"recipes: {new or 'no chapter'}", replaced(SOURCES, old, new), (SOURCES, named), ("refresh", "nope"))
        for old, new, named in (
            ("kind: grain", "kind: grains", "found grains"),
            ("source: bank_of_canada", "source: boc", "found boc; allowed: statcan_12100011"),
            ("lag_days: 40", "lagdays: 40", "unknown key lagdays"),
            ("I_COMMODITY={chapter}*&", "", "allowed: {chapter} in the address and chapters together"),
            ('fixed: "2024"', 'fixed: "2024"\n    into: year', "allowed: either into or fixed"),
        )
    ],
    Case("recipes: linked to itself", linked(SOURCES, "sources.yml"), (SOURCES,), ("refresh", "--check")),
    Case("recipes: JSON that is a list", written(SOURCES, json.dumps([1])), (SOURCES,), ("refresh",)),
]  # fmt: skip
