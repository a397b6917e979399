"""The command ``tradeexposure``.

Exit status: 0 done; 1 a run failed (what finished is kept); 2 bad input, told in one line, nothing written.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import os
import re
import sys
import time
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput, RunFailed, fault, interruptible
from tradeexposure.core.text import indented, visible

if TYPE_CHECKING:
    from tradeexposure.runner.executors import Workers
    from tradeexposure.runner.pipeline import Summary

TRACEBACK = "TRADEEXPOSURE_TRACEBACK"
MOST_NEUTRAL = 5  # scenarios whose neutral sentences a run lists
DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
#: Objects made between two looks for cycles that may go; after each 700, as usual, they take a seventh of a run.
SELDOM = 10_000
CellSeconds = Annotated[str, typer.Option(metavar="S", help="End a cell after S seconds; 0: never.")]
CellMemory = Annotated[str, typer.Option(metavar="GB", help="End a notebook that takes more memory; 0: never.")]

app = typer.Typer(
    name="tradeexposure",
    help="How exposed Canada's canola and electric vehicles are to tariffs: notebooks in, reports out.",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def pin(
    context: typer.Context,
    chosen: Annotated[
        str | None,
        typer.Option("--vintage", metavar="NAME", help="Use this vintage of the tables."),
    ] = None,
) -> None:
    """Canada's canola and electric vehicles under tariffs: notebooks in, reports out."""
    from tradeexposure.data import vintages as data_vintages
    from tradeexposure.runner.kernels import environment_key

    paths.check_root()
    if os.environ.get("PYTHONPATH"):  # as this process took it, though kernels and workers stand in other folders
        folders = os.environ["PYTHONPATH"].split(os.pathsep)
        os.environ["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, folders))
    environment_key.check()
    if chosen is not None or context.invoked_subcommand not in ("refresh", "vintages"):
        context.with_resource(data_vintages.pinned(chosen))


@app.command()
def run(
    scenarios: Annotated[
        list[str] | None, typer.Argument(metavar="SCENARIO...", help="Names in data/scenarios.")
    ] = None,
    grid: Annotated[
        str | None, typer.Option(metavar="FILE", help="Run every scenario of a grid, into reports/grids.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Run a grid of more than 10,000 scenarios.")] = False,
    pages: Annotated[bool, typer.Option("--pages", help="Of a grid: notebooks and pages for each point.")] = False,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Publish below DIR, not in reports.")] = None,
    workers: Annotated[
        str | None, typer.Option(metavar="N", help="Notebooks at once; one per processor, from 200 on one more.")
    ] = None,
    cluster: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler that runs them.")] = None,
    cell_seconds: CellSeconds = "600",
    cell_memory: CellMemory = "4",
    lang: Annotated[
        str | None, typer.Option(metavar="LANG", help="en alone; fr or both: French beside it, as without --grid.")
    ] = None,
) -> None:
    """Publish one edition per scenario: executed notebooks, pages, results.csv, manifest.json.

    Into reports/published; scenarios of your own into reports/private, which git ignores.
    """
    from tradeexposure.runner import edition_places, pipeline, scaffolds

    where = _workers(workers, cell_seconds, cell_memory, cluster)
    if bool(scenarios) == (grid is not None):
        typed = "scenarios with --grid" if scenarios else "no scenario"
        raise BadInput("run", found=typed, allowed="SCENARIO... or --grid FILE. Try: tradeexposure --help")
    for option in [option for option, asked in (("--yes", yes), ("--pages", pages)) if asked and grid is None]:
        raise BadInput(option, found=f"{option} without --grid", allowed="it belongs to a grid; leave it out")
    target = None if out is None else paths.typed_path("--out", out, allowed="a folder that can be written")
    languages = _languages(("both" if grid is None else "en") if lang is None else lang)
    scaffolds.refuse_drafts()
    if grid is not None:
        file = paths.typed_path("--grid", grid, allowed="a file such as data/scenarios/grids/NAME.yml")
        started = partial(pipeline.run_grid, file, yes=yes, pages=pages)
    else:
        started = partial(pipeline.run, scenarios or [])
    summary = started(out=target, workers=where, languages=languages)
    alone, shown = grid is not None and not pages, [*summary.published, *summary.unchanged]
    page = edition_places.page_of_grid(file, target) if alone else edition_places.place_of(target, shown)
    _tell_run(summary, page, own=out is None and grid is None)


def _tell_run(summary: Summary, page: str, *, own: bool) -> None:
    """Say how a run ended: status 1 where a scenario failed or a file could not be written."""
    _say_done(summary, page, own=own)
    for reason in dict.fromkeys(line for reasons in summary.failed.values() for line in reasons):
        _say(reason, FAILED)
    if summary.unwritten:
        _say(summary.unwritten, FAILED)
    if summary.failed:
        finished = len(summary.published) + len(summary.unchanged)
        total = finished + len(summary.failed)
        print(f"{finished} of {total} scenarios published; failed: {', '.join(summary.failed)}", file=sys.stderr)
    if summary.failed or summary.unwritten:
        raise typer.Exit(FAILED)


def _say_done(summary: Summary, page: str, *, own: bool) -> None:
    """What came out, the page to open, and where nothing was computed how to compute it all the same."""
    for name in summary.unchanged:
        print(f"{name}: unchanged")
    for name, (equal, total) in summary.compared.items():
        print(f"{name}: {equal:,} of {total:,} numbers came out here as they are published")
    for remark in summary.remarks:
        print(indented(remark))
    for name in list(summary.neutral)[:MOST_NEUTRAL]:
        print(*(f"{name}: {visible(line)}" for line in summary.neutral[name]), sep="\n")
    if len(summary.neutral) > MOST_NEUTRAL:
        print(f"and of {len(summary.neutral) - MOST_NEUTRAL:,} more scenarios: see 'neutral' in their manifest.json")
    print(*summary.drafts, sep="\n", end="\n" if summary.drafts else "")
    if summary.untold:
        print(f"texts without French: {summary.untold}; type: make messages, then see docs/how-to/translate.md")
    if summary.published:
        print(f"open {page}")
    elif summary.unchanged and own:
        command = f"tradeexposure verify {' '.join(summary.unchanged)}"
        print(f"nothing to compute; open {page}; to recompute beside: {command}")


@app.command()
def verify(
    scenarios: Annotated[list[str], typer.Argument(metavar="SCENARIO...", help="Published scenarios.")],
    workers: Annotated[str | None, typer.Option(metavar="N", help="Notebooks at once; one per processor.")] = None,
    cell_seconds: CellSeconds = "600",
    cell_memory: CellMemory = "4",
    report: Annotated[bool, typer.Option("--report", help="Write the outcome as a dated page, too.")] = False,
) -> None:
    """Recompute published editions beside them, and say which numbers differ; nothing published is touched."""
    from tradeexposure.runner import pipeline

    where, started = _workers(workers, cell_seconds, cell_memory), time.monotonic()
    differences = pipeline.verify(scenarios, workers=where)
    for name, lines in differences.items():
        print(f"{name}: {f'{len(lines)} differences' if lines else 'every number is equal, within its tolerance'}")
        for line in lines:
            _say(line, FAILED)
        if report:
            from tradeexposure.publishing import replication

            page = replication.write(name, lines, seconds=time.monotonic() - started)
            print(f"open {paths.relative(page)}")
    if any(differences.values()):
        raise typer.Exit(FAILED)


@app.command()
def scenarios() -> None:
    """List the scenarios and validate each."""
    from tradeexposure.policy import scenarios as policy_scenarios

    for scenario in policy_scenarios.validate_all():
        print(f"{scenario.name:<20} {scenario.title}")


@app.command()
def new(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="scenario, notebook, table or fact.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and _.")],
) -> None:
    """Begin a scenario, notebook, table or policy fact: a valid, commented start; nothing is overwritten."""
    from tradeexposure.runner import scaffolds

    for path in scaffolds.write(kind, name):
        print(f"{paths.relative(path)}: begun")
    print("next: write what is marked TO WRITE; 'tradeexposure check' lists all that is missing")


@app.command()
def check() -> None:
    """Say what is wrong with data, scenarios, notebooks and reports, and what to type next."""
    from tradeexposure.runner import committed_outputs, project_checks

    checked = project_checks.everything()
    checked.collect(committed_outputs.altered, "what 'tradeexposure outputs' writes")
    for note in checked.notes:
        print(note, flush=True)  # before what is wrong, which is not to scroll away
    for problem in checked.problems:
        print(indented(problem), file=sys.stderr)
    notes = sum(not note.endswith(": fine") for note in checked.notes)
    print(f"wrong: {len(checked.problems)}, notes: {notes}")
    if checked.problems:
        raise typer.Exit(REFUSED)


@app.command()
def compare(
    before: Annotated[str, typer.Argument(metavar="A", help="Published scenario, or folder of one or more editions.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The same.")],
    threshold: Annotated[str, typer.Option(metavar="SHARE", help="Leave out changes up to this share.")] = "0",
    html: Annotated[str | None, typer.Option(metavar="FILE", help="Write the comparison as a page, too.")] = None,
) -> None:
    """Show, number by number, what changed from edition A to edition B, and why it can have."""
    from tradeexposure.publishing import edition_comparison

    share = _number("--threshold", threshold)
    page = None if html is None else paths.typed_path("--html", html, allowed="a file that can be written")
    difference = edition_comparison.compare(
        edition_comparison.named_folder("A", before), edition_comparison.named_folder("B", after), threshold=share
    )
    if page is not None:
        edition_comparison.write_html(difference, page)
    for line in edition_comparison.as_text(difference).split("\n"):
        print(indented(line))


@app.command()
def explain(
    result_id: Annotated[str, typer.Argument(metavar="ID", help="Identifier of a published number.")],
    edition: Annotated[str, typer.Option(metavar="NAME", help="Published scenario, or its folder.")] = "deal_2026",
    show: Annotated[bool, typer.Option("--open", help="Show it on its page in the browser, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, see docs/schemas.")] = False,
    schema: Annotated[str | None, typer.Option(metavar="N", help="Version of the JSON; the newest without.")] = None,
) -> None:
    """Say how a number came about: sentence, chart, cell, function, tables, facts, assumptions, what would move it."""
    from tradeexposure.publishing import edition_comparison
    from tradeexposure.publishing.provenance import explanation

    if schema is not None and not as_json:
        raise BadInput("--schema", found="--schema without --json", allowed="it belongs to --json; leave it out")
    folder = edition_comparison.named_folder("--edition", edition)
    explained = explanation.explain(result_id, folder)
    newest = explanation.VERSION if schema is None else schema
    shown = explanation.as_json(explained, folder, version=newest) if as_json else str(explained)
    for line in shown.split("\n"):
        print(indented(line))
    if show:
        import webbrowser

        page, _, anchor = explained.page.partition("#")
        webbrowser.open(f"{Path(paths.root(), page).resolve().as_uri()}#{anchor}")


@app.command("brief")
def told_brief(
    edition: Annotated[str, typer.Argument(metavar="SCENARIO", help="Published scenario, or its folder.")],
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it as brief.pdf beside the page; needs Chromium.")] = False,
) -> None:
    """Say where the brief of a scenario is, or print it on two letter pages."""
    from tradeexposure.publishing import chromium, edition_comparison

    folder = edition_comparison.named_folder("SCENARIO", edition)
    print(f"open {paths.relative(chromium.print_brief(folder) if pdf else chromium.brief_page(folder))}")


@app.command()
def headlines(
    edition: Annotated[str, typer.Argument(metavar="SCENARIO", help="Published scenario, or its folder.")],
) -> None:
    """Take pictures of the first screens of all pages into reports/headlines; needs Chromium."""
    from tradeexposure.publishing import chromium, edition_comparison

    for taken in chromium.take_first_screens(edition_comparison.named_folder("SCENARIO", edition)):
        print(paths.relative(taken))


@app.command()
def outputs(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="Notebooks, or how their names begin; all without.")
    ] = None,
    workers: Annotated[str | None, typer.Option(metavar="N", help="Notebooks at once; one per processor.")] = None,
    cell_seconds: CellSeconds = "600",
    cell_memory: CellMemory = "4",
) -> None:
    """Re-execute committed notebooks; rewrite their outputs and what quotes them: README, docs, pictures, codebook."""
    from tradeexposure.runner import committed_outputs, scaffolds

    scaffolds.refuse_drafts()
    for path in committed_outputs.outputs(names or [], workers=_workers(workers, cell_seconds, cell_memory)):
        print(f"{path}: rewritten")


@app.command()
def refresh(
    sources: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE...]", help="Of data/sources.yml.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say which tables could be newer.")] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Take all revisions of a table; or put a vintage in force that lies aside."),
    ] = None,
    drop: Annotated[str | None, typer.Option(metavar="VINTAGE", help="Throw a vintage away that lies aside.")] = None,
    file: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="Bring one table as a CSV file; with --table.")
    ] = None,
    table: Annotated[str | None, typer.Option(metavar="NAME", help="The table that --from brings.")] = None,
    preview: Annotated[
        str | None, typer.Option(metavar="SCENARIO", help="Say which results the vintage would move, too.")
    ] = None,
    review: Annotated[
        str | None, typer.Option(metavar="SCENARIO", help="Write a page of all that the vintage would change, too.")
    ] = None,
) -> None:
    """Set the next vintage of the official figures aside, and say what changed and how it is put in force."""
    from tradeexposure.refresh import command

    csv = "a CSV file with the columns of the table"
    brought = None if file is None else paths.typed_path("--from", file, allowed=csv)
    if not command.done(
        sources or (), check=check, accept=accept or (), drop=drop, preview=preview, review=review, file=brought,
        table=table,
    ):  # fmt: skip
        raise typer.Exit(FAILED)


@app.command()
def vintages(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Put this one in force.")] = None,
) -> None:
    """List the vintages of the tables that are kept, or put one in force."""
    from tradeexposure.data import vintages as data_vintages

    if name is not None:
        from tradeexposure.refresh import staging

        staging.switch(name)
    for kept in data_vintages.names():
        print(f"{kept}{' (in force)' if kept == data_vintages.current() else ''}")


@app.command()
def store(
    empty: Annotated[bool, typer.Option("--empty", help="Delete what is kept; the next run computes it anew.")] = False,
) -> None:
    """Show what is kept of earlier runs: executed notebooks, how many bytes, for which processors."""
    from tradeexposure.runner import result_store

    kept = result_store.of_project()
    for line in kept.emptied() if empty else kept.contents():
        print(line)


def _languages(typed: str) -> tuple[str, ...]:
    """Languages of pages; French ones are made from the English and lead to them, so that they stand beside them."""
    from tradeexposure.publishing import manifest

    languages = {"en": (manifest.ENGLISH,), "fr": manifest.LANGUAGES, "both": manifest.LANGUAGES}.get(typed)
    if languages is None:
        allowed = "en, fr or both; French pages stand beside English ones"
        raise BadInput("--lang", found=typed or "nothing", allowed=allowed)
    return languages


def _workers(typed: str | None, cell_seconds: str, cell_memory: str, cluster: str | None = None) -> Workers:
    """Where notebooks run and what their cells may take, of the options of a command."""
    from tradeexposure.runner.executors import Workers
    from tradeexposure.runner.kernels.limits import Limits

    if typed is not None and not re.fullmatch(r"[+-]?[0-9]{1,9}", typed.strip(), re.ASCII):
        allowed = "a whole number of 1 or more. Try: tradeexposure --help"
        raise BadInput("--workers", found=typed or "nothing", allowed=allowed)
    limits = Limits.typed(cell_seconds, cell_memory)
    return Workers.validated(None if typed is None else int(typed), cluster, limits)


def _number(option: str, typed: str) -> float:
    """A number of the command line."""
    try:
        return float(typed)
    except ValueError:
        allowed = "a share of at least 0, such as 0.01 for 1%. Try: tradeexposure --help"
        raise BadInput(option, found=typed or "nothing", allowed=allowed) from None


@interruptible()
def main(arguments: list[str] | None = None) -> int:
    """Run the command; its exit status. Here, and nowhere else, an error becomes a line.

    Parameters
    ----------
    arguments : list of str, optional
        Instead of the command line's.
    """
    gc.set_threshold(SELDOM)
    atexit.register(gc.freeze)  # to free each object of a process that ends takes as long as to write the front page
    try:
        status = _done(arguments)
    except BadInput as error:
        return _say(str(error), REFUSED)
    except RunFailed as error:
        return _say(str(error), FAILED)
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return FAILED
    except OSError as error:
        return _unwritten(error)
    except typer.TyperException as error:
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        return _say(f"{' '.join(message.split())} Try: tradeexposure --help", REFUSED)
    except Exception as error:  # a fault of this program, told like one and not in fifty lines
        if os.environ.get(TRACEBACK):
            raise
        return _say(f"{fault(error)}; {TRACEBACK}=1 shows the whole of it", FAILED)
    if status == INTERRUPTED:
        return _say("interrupted; finished notebooks are kept, the same command goes on from there", INTERRUPTED)
    return int(status or DONE)


def _done(arguments: list[str] | None) -> int | None:
    """Do what is asked; :class:`BadInput` where nothing can be said."""
    if "stdout" in _fill_closed_streams():
        raise BadInput("standard output", found="closed", allowed="a terminal, a file or a device, as in >/dev/null")
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a letter shows its escape
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    status = _command()(args=arguments, prog_name="tradeexposure", standalone_mode=False)
    sys.stdout.flush()
    return status


@lru_cache(maxsize=1)
def _command() -> Callable[..., int | None]:
    """What reads the command line, put together once."""
    return typer.main.get_command(app)


def _say(message: str, status: int) -> int:
    """Print an error, line by line, without anything that steers a terminal."""
    for line in message.split("\n"):
        shown = visible(line)
        print(shown if shown.startswith("error: ") else f"error: {shown}", file=sys.stderr)
    return status


def _unwritten(error: OSError) -> int:
    """The system refused something: a full disk, too many files, an output nobody can write to."""
    if error.filename is None:  # writing to the terminal or where it was sent names no file
        _discard_output()
    where = f"{error.filename}: " if error.filename is not None else ""
    return _say(f"{where}{error.strerror or error}", FAILED)


def _fill_closed_streams() -> list[str]:
    """Let standard streams that are closed lead nowhere, and name them.

    The next file that is opened would stand in their place, as workers and kernels would find out.
    """
    closed = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name) is None]
    for _ in closed:
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # which takes the lowest number that is free
    if "stderr" in closed:
        sys.stderr = os.fdopen(2, "w", closefd=False)
    return closed


def _discard_output() -> None:
    """Spare the interpreter the attempt to write what is left when it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
