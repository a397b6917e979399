"""Message catalogues: which sources go into which file, how a file is brought up to date, and what is wrong in one."""

from __future__ import annotations

import contextlib
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import yaml
from babel.messages import extract, pofile
from babel.messages.catalog import Catalog, Message

from tradeexposure.core import paths, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.data import result_words
from tradeexposure.policy import scenarios
from tradeexposure.publishing.languages import extraction, french_numbers, markup
from tradeexposure.publishing.languages.french_numbers import SPACE

Method = Callable[..., extraction.Found]
Id = str | tuple[str, str]  # a message, or its singular and plural where it counts

LANGUAGE = "fr"
HOME = Path(__file__).parent


@dataclass(frozen=True)
class Source:
    """Files by pattern, read by one extraction method; `but` are parts of paths that are left out."""

    pattern: str
    method: Method
    options: Mapping[str, str] = field(default_factory=dict)
    but: tuple[str, ...] = ()

    def files(self) -> Iterator[Path]:
        """Paths in their order, without scenarios and notebooks of one's own."""
        for path in sorted(paths.CHECKOUT.glob(self.pattern)):
            if not any(part in path.as_posix() for part in self.but) and not is_private(path):
                yield path


def is_private(path: Path) -> bool:
    """Whether a file is a scenario or a notebook of one's own: that its words lack French is no gap of a catalogue."""
    if path.suffix == ".ipynb":
        return b'"private": true' in path.read_bytes()[-END_OF_NOTEBOOK:]
    return path.match("scenarios/*.yml") and path.stem not in scenarios.SHIPPED


def _modules(*themes: str) -> tuple[Source, ...]:
    """Modules of themes."""
    return tuple(Source(f"lib/tradeexposure/{theme}/**/*.py", extraction.python, but=UNSAID) for theme in themes)


#: Messages that count → the singular of each; its number is the first that stands in it.
SINGULARS = {
    "{rows} rows": "{rows} row",
    "{count} rows": "{count} row",
    "Other importers: {count} rows": "Other importers: {count} row",
    "Goods of which only some measures are on file: {count} rows":
        "Goods of which only some measures are on file: {count} row",
    "{pages} pages<span> of {scenario}</span>": "{pages} page<span> of {scenario}</span>",
    "All other {others} published numbers": "The other {others} published number",
    "All {others} published numbers": "The {others} published number",
    "{count} scenarios side by side": "{count} scenario side by side",
    "{count} provinces as placebos": "{count} province as placebo",
    "{family}, {NAMES}, {years} years ahead": "{family}, {NAMES}, {years} year ahead",
    "Origins checked {years} years ahead": "Origins checked {years} year ahead",
    "Of the origins checked {years} years ahead, spans that do not overlap":
        "Of the origins checked {years} year ahead, spans that do not overlap",
}  # fmt: skip

#: Modules that say something only where they refuse it.
UNSAID = ("cross_checks.py", "/market/", "demand/panel.py")
WHOLE = {"whole": "true"}
#: What reading a file raises that is not what it should be; who checks its kind says so.
BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, SyntaxError, yaml.YAMLError)
#: By which something in a file may be one's own.
MARKED = re.compile(rb"private[\"']?\s*:\s*[\"']?true", flags=re.IGNORECASE)
END_OF_NOTEBOOK = 2_000  # bytes in which a notebook's own metadata stands
FACT_WORDS = {"keys": "title note rate_text instrument no_rate specific dates_text firms", "but": "sources"}
TABLE_WORDS = {"keys": "title publisher caveat coverage vintage tableNumber why", "but": "schema", "split": "publisher"}
VINTAGE_WORDS = {"keys": "title publisher caveat vintage_words tableNumber", "but": "schema sources web_data_service",
                 "split": "publisher tableNumber"}  # fmt: skip
SCENARIO_WORDS = {"keys": "title question instrument quantities", "but": "sources measure name"}
PUBLISHING = ("edition_comparison", "chromium", "template_files", "manifest", "results_docs", "plain_words",
              "provenance", "publishing/page.py", "edition_index", "languages",
              "measures_page")  # fmt: skip
REPORTING = ("claims.py", "parameters.py", "result_lineage.py", "tables.py", "numbers.py", "chart_style.py",
             "chart_encodings.py")  # fmt: skip
POLICY = ("assumptions.py", "measures.py", "regimes.py", "scenario_grids.py", "scenario_schema.py", "blank_files.py",
          "tariff_schedule.py", "cusma_claims.py", "policy/scenarios.py")  # fmt: skip
#: File → its sources. A message of several belongs to the first.
DOMAINS: dict[str, tuple[Source, ...]] = {
    "pages": (
        Source("reports/template/*.j2", extraction.template, but=("review", "changes")),
        Source("lib/tradeexposure/publishing/**/*.py", extraction.python, but=PUBLISHING),
        Source("lib/tradeexposure/publishing/edition_comparison.py", extraction.python,
               {"single": "true", "only": "REASONS"}),
        Source("lib/tradeexposure/reporting/*.py", extraction.python, but=REPORTING),
        Source("lib/tradeexposure/reporting/chart_style.py", extraction.python, {"only": "LABELS"}),
        Source("lib/tradeexposure/reporting/tables.py", extraction.python, {"single": "true", "only": "COEFFICIENTS"}),
        Source("lib/tradeexposure/publishing/languages/words.yml", extraction.data, {"keys": "words"}),
        Source("lib/tradeexposure/publishing/languages/matching.py", extraction.python, {"only": "ENDS"}),
        Source("lib/tradeexposure/data/geography.py", extraction.python,
               {"keys": "PROVINCES", "only": "CANADA CHINA CLASSES GRADES"}),
        Source("lib/tradeexposure/core/text.py", extraction.python, {"single": "true", "only": "COUNTS"}),
        Source("data/scenarios/*.yml", extraction.data, SCENARIO_WORDS),
    ),
    "front": (
        Source("notebooks/80_*.ipynb", extraction.notebook, WHOLE),
        *_modules("scenarios/comparison", "scenarios/front_page"),
    ),
    "brief": (
        Source("notebooks/90_*.ipynb", extraction.notebook, WHOLE),
        *_modules("scenarios/brief"),
        Source("notebooks/70_*.ipynb", extraction.notebook),
        *_modules("scenarios"),
        Source("data/priors.yml", extraction.data, {"keys": "title in_words short"}),
    ),
    "canola": (
        *(Source(f"notebooks/{number}_*.ipynb", extraction.notebook) for number in (20, 30)),
        *_modules("canola/exposure", "canola/trade_effect"),
    ),
    "prices": (
        *(Source(f"notebooks/{number}_*.ipynb", extraction.notebook) for number in (40, 55, 65)),
        *_modules("canola"),
        Source("data/studies.yml", extraction.data, {"keys": "label"}),
    ),
    "vehicles": (
        *(Source(f"notebooks/{number}_*.ipynb", extraction.notebook) for number in (50, 60)),
        *_modules("vehicles"),
        Source("data/tables/ev_investments_status.csv", extraction.table, {"columns": "project state"}),
    ),
    "trade": (
        Source("notebooks/10_*.ipynb", extraction.notebook),
        *_modules("trade"),
        Source("data/datapackage.json", extraction.data,
               TABLE_WORDS),
        Source("data/sources.yml", extraction.data, VINTAGE_WORDS),
        Source("lib/tradeexposure/refresh/publishers/sources_schema.py", extraction.python,
               {"only": "FILES_READ FILE_BROUGHT"}),
    ),
    "measures": (
        Source("lib/tradeexposure/publishing/over_editions/measures_page.py", extraction.python),
        Source("lib/tradeexposure/policy/*.py", extraction.python, but=POLICY),
        Source("lib/tradeexposure/policy/scenarios.py", extraction.python, {"only": "BEFORE_MEASURES"}),
        Source("data/parameters/vocabulary.yml", extraction.data, {"keys": "title note parties products kinds"}),
        Source("data/parameters/*.yml", extraction.data,
               FACT_WORDS),
    ),
}  # fmt: skip

#: What a French text may not hold: English quotation marks and dashes, and marks without their space.
NEVER_IN_FRENCH = {
    r"[“”\"]": "write « » in the place of “ ”",
    r"\s[;!?]": "no space before ; ! ?",
    r"[^\s\d/]:(?:\s|$)": "a space before the colon",
    r"\d%|«\S|\S»": "a space inside « » and before %",
    "'": "write ’ in the place of '",
    r"C\$|US\$": "write 1 000 $ and 1 000 $ US in the place of C$1,000 and US$1,000",
}

LABELS = "results"  # those of data/results, which have their French beside them
CHECKED = (*DOMAINS, LABELS)


def address(domain: str) -> Path:
    """The file of a domain."""
    return HOME / LANGUAGE / "LC_MESSAGES" / f"{domain}.po"


@lru_cache(maxsize=1)
def extracted() -> dict[str, dict[Id, list[tuple[str, int]]]]:
    """Domain → message → files it stands in, each with the line (of a notebook, the cell)."""
    taken: dict[Id, str] = {}
    by_domain: dict[str, dict[Id, list[tuple[str, int]]]] = {domain: {} for domain in DOMAINS}
    for domain, sources in DOMAINS.items():
        own: dict[Path, Source] = {}  # a file of several is read by the first
        for source in sources:
            own |= {path: source for path in source.files() if path not in own}
        read = ((path.relative_to(paths.CHECKOUT).as_posix(), *message) for path, source in own.items()
                for message in _messages_of(path, source))  # fmt: skip
        for path, line, message in read:
            owner = taken.setdefault(message, domain)
            places = by_domain[owner].setdefault(message, [])
            if path not in [name for name, _ in places]:
                places.append((path, line))
    return by_domain


def _messages_of(path: Path, source: Source) -> Iterator[tuple[int, Id]]:
    with path.open("rb") as file:
        for line, message, _, _ in extract.extract(cast("Any", source.method), file, options=dict(source.options)):
            singular = SINGULARS.get(str(message))
            yield line, (singular, str(message)) if singular else str(message)


def private_texts() -> dict[Path, int]:
    """Scenarios, notebooks, facts and tables of one's own → how many of their texts no catalogue has in French.

    Tables are described in one file, and told together.
    """
    own = {"private": "true"}
    kinds = (
        Source("data/scenarios/*.yml", extraction.data, SCENARIO_WORDS),
        Source("notebooks/*.ipynb", extraction.notebook),
        Source("data/parameters/*.yml", extraction.data, FACT_WORDS | own),
        Source("data/datapackage.json", extraction.data, TABLE_WORDS | own),
    )
    texts: dict[Path, set[Id]] = {}
    places = [(path, kind) for kind in kinds for path in sorted(paths.root().glob(kind.pattern))]
    for path, source in places:
        with contextlib.suppress(*BROKEN):
            if MARKED.search(path.read_bytes()) if "private" in source.options else is_private(path):
                texts[path] = {message for _, message in _messages_of(path, source)}
    french = messages() if any(texts.values()) else {}
    return {path: sum(text not in french for text in own_texts) for path, own_texts in texts.items() if own_texts}


def lacks_french(path: Path, count: int) -> str:
    """What a draft lacks, as a run, ``check`` and the command of this package say it."""
    return f"{paths.relative(path)}: your own, texts without French: {count}"


def header() -> str:
    """What stands at the top of each file: how to translate, and the terms."""
    lines = (HOME / LANGUAGE / "header.txt").read_text(encoding="utf-8").splitlines()
    return "\n".join(f"# {line}".rstrip() for line in lines)


def read(domain: str) -> Catalog:
    """The catalogue of a domain as it stands; an empty one where there is none, :class:`BadInput` for a broken one."""
    path, allowed = address(domain), "a catalogue of messages (docs/how-to/translate.md); git has the one before"
    if not path.exists():
        return Catalog(locale=LANGUAGE)
    content = reading.contents(path, allowed=allowed)
    try:
        catalogue = pofile.read_po(io.BytesIO(content), locale=LANGUAGE, domain=domain, abort_invalid=True)
    except (pofile.PoFileError, ValueError, LookupError) as error:
        raise BadInput(paths.relative(path), found=f"no catalogue ({error})", allowed=allowed) from None
    if not len(catalogue):
        raise BadInput(paths.relative(path), found="no message", allowed=allowed)
    return catalogue


def messages() -> dict[str, str | tuple[str, str]]:
    """English → French of all catalogues and of ``data/results``, as pages show them; without what is not translated or
    no longer holds.

    The plural of a message that counts has both forms of French.
    """
    translated: dict[str, str | tuple[str, str]] = {}
    for message in (message for domain in DOMAINS for message in read(domain) if message.id and not message.fuzzy):
        french = [with_nonbreaking_spaces(form) for _, form in forms(message)]
        if _is_told(message):
            singular, *plural = (english for english, _ in forms(message))
            translated[singular] = french[0]
            translated.update(dict.fromkeys(plural, (french[0], french[-1])))
    own_words = {english: with_nonbreaking_spaces(french) for english, french in result_words.messages().items()}
    return translated | own_words


def forms(message: Message) -> list[tuple[str, str]]:
    """English and French of a message; of one that counts, of its singular and its plural."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string or ""))]
    return list(zip(message.id, message.string or ("", ""), strict=True))


def with_nonbreaking_spaces(french: str) -> str:
    """A French text with its marks and figures tied to the words beside them."""
    french = re.sub(r" (?=[:%$»](?:\W|$))|(?<=«) |(?<=\d) (?=\d{3}\b)|(?<=[\d}]) (?=[GM]?\$)", SPACE, french)
    return re.sub(rf"(?<={SPACE}\$) (?=US\b)", SPACE, french)


def _is_told(message: Message) -> bool:
    """Whether each form of a message has its French."""
    return all(french for _, french in forms(message))


def renew() -> dict[str, tuple[int, int]]:
    """Bring every file up to date with the sources; keeps translations, marks those of changed messages as fuzzy.

    Returns
    -------
    dict
        Domain → number of messages, and how many of them still need work.
    """
    counts = {}
    for domain, current in extracted().items():
        template, catalogue = Catalog(charset="utf-8"), read(domain)
        for message, places in current.items():
            template.add(message, locations=places)
        catalogue.update(template, no_fuzzy_matching=False)
        catalogue.obsolete.clear()
        write(domain, catalogue)
        counts[domain] = (
            len(catalogue),
            sum(1 for message in catalogue if message.id and (message.fuzzy or not _is_told(message))),
        )
    return counts


def write(domain: str, catalogue: Catalog) -> None:
    """Write the file of a domain; the same bytes for the same messages."""
    fresh = Catalog(locale=LANGUAGE, domain=domain, project="tradeexposure", charset="utf-8", fuzzy=False,
                    header_comment=header())  # fmt: skip
    for message in catalogue:
        if message.id:
            fresh.add(message.id, message.string, locations=message.locations, flags={"fuzzy"} & set(message.flags),
                      user_comments=message.user_comments, context=message.context)  # fmt: skip
    for copied in fresh:
        copied.flags -= {"python-format", "python-brace-format"}
    address(domain).parent.mkdir(parents=True, exist_ok=True)
    with address(domain).open("wb") as file:
        pofile.write_po(file, fresh, width=116, include_lineno=False, sort_by_file=False)
    text = address(domain).read_text(encoding="utf-8")
    gone = (
        r'"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Report-Msgid-Bugs-To|Generated-By|Language-Team):.*\n'
    )
    address(domain).write_text(re.sub(gone, "", text), encoding="utf-8")


def faults(domain: str) -> list[str]:
    """What is wrong in the file of a domain, or in :data:`LABELS`, a line for each message."""
    if domain == LABELS:
        own = result_words.messages()
        known = {message.id: str(message.string) for name in DOMAINS for message in read(name) if message.string}
        problems = [f"{fault}: {english}" for label in own.items() for english, fault in _wrong(Message(*label))]
        for english, french in own.items():
            if with_nonbreaking_spaces(elsewhere := known.get(english, french)) != with_nonbreaking_spaces(french):
                problems.append(f"other French in a catalogue, {elsewhere!r}: {english}")
        return problems
    current, catalogue = extracted()[domain], read(domain)
    there = {message.id: message for message in catalogue if message.id}
    problems = [f"not in the file (make messages): {message}" for message in current if message not in there]
    problems += [
        f"in the file, but in no source (make messages): {message}" for message in there if message not in current
    ]
    return problems + [f"{fault}: {english}" for message in there.values() for english, fault in _wrong(message)]


def _wrong(message: Message) -> Iterator[tuple[str, str]]:
    """What is wrong in one message, each with the English of the form that has it."""
    for source, french in forms(message):
        if extraction.SETTING.search(source):
            yield source, "a string of code, no message"
        if not french.strip():
            yield source, "not translated"
        elif message.fuzzy:
            yield source, "fuzzy: its English changed"
        else:
            yield from ((source, fault) for fault in _faults_of_form(source, french))


def _faults_of_form(source: str, french: str) -> Iterator[str]:
    """What is wrong in the placeholders, numbers, marks and typography of a message."""
    names, own = (Counter(extraction.PLACEHOLDER.findall(text)) for text in (source, french))
    if names != own:
        yield f"placeholders differ ({', '.join(sorted((names - own) + (own - names)))})"
    if repeated := sorted(name for name, times in names.items() if times > 1):
        yield f"a placeholder stands twice, with values that may differ ({', '.join(repeated)})"
    if not french_numbers.same_numbers(source, with_nonbreaking_spaces(french)):
        yield "numbers differ"
    tags, own_tags = (sorted(match[0] for match in markup.TAG.finditer(text)) for text in (source, french))
    if tags != own_tags:
        yield f"marks differ ({', '.join(sorted(set(tags) ^ set(own_tags))) or 'number of times'})"
    plain = markup.TAG.sub("", extraction.PLACEHOLDER.sub("x", re.sub(r"<code>.*?</code>", "", french)))
    yield from (fault for pattern, fault in NEVER_IN_FRENCH.items() if re.search(pattern, plain))
    if re.search(r"\d,\d{3}\b(?! ?%)", plain) and re.search(r"\d,\d{3}\b", source):
        yield "thousands: write 1 000 (a space)"
    if source.endswith(".") != french.endswith("."):
        yield "a full stop on one side alone"
