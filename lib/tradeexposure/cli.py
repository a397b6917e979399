"""The command ``tradeexposure``.

Exit status: 0 done; 1 a run failed (what finished is kept); 2 bad input, told in one line, nothing written.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradeexposure.core.errors import BadInput, RunFailed

if TYPE_CHECKING:
    from tradeexposure.refresh.run import Outcome

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130

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
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Publish below DIR, not reports/published.")] = None,
    workers: Annotated[int | None, typer.Option(metavar="N", help="Notebooks at once; one per processor.")] = None,
    cluster: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler that runs them.")] = None,
) -> None:
    """Publish one edition per scenario: executed notebooks, pages, results.csv, manifest.json."""
    from tradeexposure.runner import notebook_task, pipeline

    notebook_task.leave_out_slow_imports()
    if out is not None and not out.strip():
        raise BadInput("--out", found=repr(out), allowed="a folder")
    if bool(scenarios) == (grid is not None):
        found = "scenarios with --grid" if scenarios else "no scenario"
        raise BadInput("run", found=found, allowed="SCENARIO... or --grid FILE. Try: tradeexposure --help")
    if yes and grid is None:
        raise BadInput("--yes", found="--yes without --grid", allowed="it belongs to a grid; leave it out")
    target = Path(out) if out else None
    if grid is not None:
        summary = pipeline.run_grid(Path(grid), yes=yes, out=target, workers=workers, cluster=cluster)
    else:
        summary = pipeline.run(scenarios or [], out=target, workers=workers, cluster=cluster)
    for name in summary.unchanged:
        print(f"{name}: unchanged")
    for reason in dict.fromkeys(line for reasons in summary.failed.values() for line in reasons):
        print(f"error: {reason}", file=sys.stderr)
    if summary.unwritten:
        print(f"error: {summary.unwritten}", file=sys.stderr)
    if summary.failed:
        finished = len(summary.published) + len(summary.unchanged)
        total = finished + len(summary.failed)
        print(f"{finished} of {total} scenarios published; failed: {', '.join(summary.failed)}", file=sys.stderr)
    if summary.failed or summary.unwritten:
        raise typer.Exit(FAILED)


@app.command()
def scenarios() -> None:
    """List the scenarios and validate each."""
    from tradeexposure.policy import scenarios as policy_scenarios

    for found in policy_scenarios.validate_all():
        print(f"{found.name:<20} {found.title}")


@app.command()
def check() -> None:
    """Say what is wrong with data, scenarios, notebooks and reports, and what to type next."""
    from tradeexposure.runner import project_checks

    found = project_checks.everything()
    for problem in found.problems:
        print(problem, file=sys.stderr)
    for note in found.notes:
        print(note)
    if found.problems:
        raise typer.Exit(REFUSED)


@app.command()
def compare(
    before: Annotated[str, typer.Argument(metavar="A", help="Edition, or folder of editions.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Edition, or folder of editions.")],
    threshold: Annotated[float, typer.Option(metavar="SHARE", help="Leave out changes up to this share.")] = 0.0,
    html: Annotated[str | None, typer.Option(metavar="FILE", help="Write the comparison as a page, too.")] = None,
) -> None:
    """Show, number by number, what changed from edition A to edition B, and why it can have."""
    from tradeexposure.publishing import edition_diff

    found = edition_diff.compare(Path(before), Path(after), threshold=threshold)
    if html is not None:
        edition_diff.write_html(found, Path(html))
    print(edition_diff.as_text(found))


@app.command()
def outputs(
    workers: Annotated[int | None, typer.Option(metavar="N", help="Notebooks at once; one per processor.")] = None,
) -> None:
    """Re-execute the committed notebooks and rewrite their outputs, the README's table and the codebook."""
    from tradeexposure.runner import committed_outputs as writing

    for path in writing.outputs(workers=workers):
        print(f"{path}: rewritten")


@app.command()
def refresh(
    sources: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE...]", help="Of data/sources.yml.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say which tables could be newer.")] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Take all revisions of a table; or put a vintage in force that lies aside."),
    ] = None,
    drop: Annotated[str, typer.Option(metavar="VINTAGE", help="Throw a vintage away that lies aside.")] = "",
    preview: Annotated[str, typer.Option(metavar="SCENARIO", help="Say which results move before switching.")] = "",
    review: Annotated[
        str, typer.Option(metavar="SCENARIO", help="Leave the vintage aside and write a page of all it changes.")
    ] = "",
) -> None:
    """Bring the next vintage of the official figures, say what changed, and put it in force."""
    from tradeexposure.data import vintages as data_vintages
    from tradeexposure.refresh import run as refreshing
    from tradeexposure.refresh import staleness

    named = [name for name in accept or () if data_vintages.NAME.fullmatch(name)]
    alone = bool(check) + bool(drop) + bool(review) + bool(preview) + bool(named)
    if alone > 1 or ((check or drop or named) and (sources or len(accept or ()) > len(named))) or len(named) > 1:
        found, allowed = (
            "options that exclude each other",
            "one of --check, --drop, --accept VINTAGE, --preview, --review",
        )
        raise BadInput("refresh", found=found, allowed=allowed)
    if check:
        for age in staleness.check():
            print(age)
    elif named:
        refreshing.accept_vintage(named[0])
        print(f"vintage {named[0]} is in force; next: tradeexposure outputs, then tradeexposure run SCENARIO")
    elif drop:
        refreshing.drop_vintage(drop)
        print(f"vintage {drop} was thrown away; {data_vintages.current()} is in force as before")
    elif review:
        from tradeexposure.refresh import monthly

        _tell(monthly.run(review, sources or (), accept=accept or ()))
    else:
        _tell(refreshing.refresh(sources or (), accept=accept or (), preview=preview))


def _tell(outcome: Outcome) -> None:
    """Say how a refresh ended: status 1 where a table had to keep its figures."""
    from tradeexposure.refresh import run as refreshing

    for line in refreshing.report(outcome):
        print(line)
    for kept in outcome.kept:
        print(f"error: {kept}", file=sys.stderr)
    if outcome.kept:
        raise typer.Exit(FAILED)


@app.command()
def vintages(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Put this one in force.")] = None,
) -> None:
    """List the vintages of the tables that are kept, or put one in force."""
    from tradeexposure.data import vintages as data_vintages
    from tradeexposure.refresh import staging

    if name is not None:
        staging.switch(name)
    for kept in data_vintages.names():
        print(f"{kept}{' (in force)' if kept == data_vintages.current() else ''}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; its exit status.

    Parameters
    ----------
    arguments : list of str, optional
        Instead of the command line's.
    """
    try:
        status = app(args=arguments, prog_name="tradeexposure", standalone_mode=False)
    except BadInput as error:
        return _say(str(error), REFUSED)
    except RunFailed as error:
        return _say(str(error), FAILED)
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except typer.TyperException as error:
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        return _say(f"{' '.join(message.split())} Try: tradeexposure --help", REFUSED)
    if status == INTERRUPTED:
        return _say("interrupted; finished notebooks are kept, the same command goes on from there", INTERRUPTED)
    return int(status or DONE)


def _say(message: str, status: int) -> int:
    print(f"error: {message}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
