"""What stands over editions, in the languages that these are in."""

from __future__ import annotations

from pathlib import Path

import samplenotebook as sample

from tradeexposure.publishing import edition_index, manifest

OVER = ("index", "measures")


def written(edition: Path, *languages: str) -> dict[str, str]:
    """Pages over an edition that is in `languages`, by name."""
    made = {**manifest.read(edition), "languages": list(languages)}
    (edition / manifest.NAME).write_bytes(manifest.dump(made))
    edition_index.write(edition.parent, [edition.name])
    return {path.name: path.read_text("utf-8") for path in edition.parent.glob("*.html")}


def test_pages_over_editions_are_in_their_languages_and_lead_to_each_other(tmp_path: Path) -> None:
    edition = sample.front_edition(tmp_path / "over", "deal")
    assert set(written(edition, "en")) == {f"{name}.html" for name in OVER}
    both = written(edition, "en", "fr")
    assert set(both) == {f"{name}{end}.html" for name in OVER for end in ("", ".fr")}
    for name in OVER:
        english, french = both[f"{name}.html"], both[f"{name}.fr.html"]
        assert f'hreflang="fr" lang="fr" href="{name}.fr.html">Français' in english and '<html lang="en-CA">' in english
        assert f'hreflang="en" lang="en" href="{name}.html">English' in french and '<html lang="fr-CA">' in french
    assert set(written(edition, "en")) == {f"{name}.html" for name in OVER}


def test_a_french_index_leads_to_english_pages_where_an_edition_has_no_others(tmp_path: Path) -> None:
    older = sample.front_edition(tmp_path / "over", "older", finished="2026-01-01T00:00:00Z", front=False)
    written(older, "en")
    french = written(sample.front_edition(tmp_path / "over", "deal"), "en", "fr")["index.fr.html"]
    assert 'href="older/' in french and ".fr.html" not in "".join(
        part.partition('"')[0] for part in french.split('href="older/')[1:]
    )
    assert 'href="deal/' in french


def test_a_comparison_is_there_in_both_languages_or_gone(tmp_path: Path) -> None:
    assert manifest.address("comparison.html", "fr") == "comparison.fr.html"
    assert edition_index.languages(sample.shelves(tmp_path)) == ("en",)
