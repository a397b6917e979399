"""Windows and baselines shared by notebooks: read strictly, chosen by a parameter, named where they were."""

from __future__ import annotations

import json

import pytest
import trees

from tradeexposure.core.errors import BadInput
from tradeexposure.data import Months
from tradeexposure.policy import studies, tariff_schedule


def test_every_window_and_baseline_has_months_a_date_and_a_reason() -> None:
    days = {day for fact in tariff_schedule.all_measures() for day in (fact.announced, fact.effective)}
    for episode in studies.episodes().values():
        assert episode.dated in days, episode.name  # shown as the event that the window follows
        assert (
            episode.window[0] <= episode.window[1] and episode.reason and episode.baseline_reason and not episode.chosen
        )
    first = studies.episodes("2019")["2019"]
    assert (first.window, first.baseline) == (("2019-03", "2020-02"), (("2014-08", "2019-02"),))
    assert first.name == "2019" and first.months == "March 2019 to February 2020"
    # the identifier canola.trade_effect.2019.baseline_to_2018_02 and its label name these months
    assert studies.baselines()["before_rise_2018"] == ("2014-08", "2018-02")


def test_a_baseline_of_ones_own_is_named_everywhere() -> None:
    episodes = studies.episodes("2019", "2025", baseline={"before_2019": ["2014-08", "2018-02"], "before_2025": []})
    episode = episodes["2019"]
    assert episode.baseline == (("2014-08", "2018-02"),) and episode.chosen and not episodes["2025"].chosen
    assert episode.name == "March 2019 to February 2020 (baseline August 2014 to February 2018)"
    assert episode.opening("In the first year") == f"In {episode.name}"
    table = studies.table(episodes)
    assert table["baseline_reason"].iloc[0] == "chosen by the notebook's parameter"
    assert table["baseline"].tolist() == ["2014-08 to 2018-02", "2022-06 to 2024-07"]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(BadInput, match="found 2018; allowed: 2019, 2019_episode"):
        studies.episodes("2018")
    with pytest.raises(BadInput, match="found before; allowed: before_2019, after_drought"):
        studies.crop_years("before")
    with pytest.raises(BadInput, match="before_2018"):
        studies.episodes("2019", baseline={"before_2018": ["2014-08", "2018-02"]})
    with pytest.raises(BadInput, match="months before the window 2019-03 to 2020-02"):
        studies.episodes("2019", baseline={"before_2019": ["2022-06", "2024-07"]})


def test_no_notebook_types_the_months_of_a_window() -> None:
    spans = [episode.window for episode in studies.episodes().values()]
    months = {text for span in spans for text in (Months.of(*span).words, studies.months_text(span))}
    for path in trees.committed_notebooks():
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            typed = "".join(cell["source"]).replace("\n", " ")
            quoted = cell["id"] == "published-intent"  # an article's own months
            assert quoted or not [text for text in months if text in typed], f"{path.name}: {cell['id']}"


def test_usual_crop_years_are_shown_with_a_reason_each() -> None:
    both = studies.crop_years("before_2019", "after_drought")
    assert both == ("2014-15", "2015-16", "2016-17", "2017-18", "2022-23", "2023-24")
    table = studies.shown("crop_years")["frame"]
    assert table["Crop years"].tolist() == ["2014-15, 2015-16, 2016-17, 2017-18", "2022-23, 2023-24"]
    assert table["Why these"].ne("").all()


def test_what_the_bases_stand_on_is_shown_with_a_reason_each() -> None:
    today, table = studies.market_base("today"), studies.shown("market_bases")["frame"]
    assert today.prices == ("2025-08", "2026-07") and today.crop_years == ("before_2019", "after_drought")
    assert table["Why these"].ne("").all() and table.shape == (2, 5)
    single, both = (studies.base_years(name) for name in (studies.YEAR_BEFORE, studies.OTHER_BASE))
    assert (single.key, single.words) == ("base_2023", "2023")
    assert (both.key, both.words) == ("base_2023_2024", "mean of 2023 and 2024")
    with pytest.raises(BadInput, match="limits: found opening_duty; allowed: shutting_duty, least_rival_share"):
        studies.limit("opening_duty")
    years = studies.shown("base_years")["frame"]
    assert years["Years"].tolist() == [single.words, both.words] and years["Why these"].ne("").all()
