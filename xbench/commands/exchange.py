"""Commands that speak the formats of others."""

from __future__ import annotations

from pathlib import Path

import click

from xbench.commands.names import CORPUS, MODEL, RECIPE, TASK
from xbench.commands.options import command_examples, margin_options, newest
from xbench.commands.words import echo


@click.command(epilog=command_examples("xbench score run.trec qrels.txt --metric nDCG@10 --metric R@100"))
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("qrels", type=click.Path(path_type=Path))
@click.option("--metric", "metrics", multiple=True, default=("AP", "nDCG@10", "R@100"), help="Repeatable.")
def score(run: Path, qrels: Path, metrics: tuple[str, ...]) -> None:
    """Score a TREC run file through pytrec_eval; a judged query that it lacks scores 0."""
    from xbench.results.trec import score_run

    scored = score_run(run, qrels, metrics)
    for note in scored.notes:
        echo(f"note: {note}", err=True)
    for name, value in scored.means.items():
        echo(f"{name}\t{value:.6f}")
    absent = f"\t{scored.absent} of them not in the run" if scored.absent else ""
    echo(f"queries\t{scored.judged}{absent}")


@click.command(
    epilog=command_examples(
        "xbench table results --task xquad-r --format latex",
        "xbench table results --task facts --baseline static/none --differences",
    )
)
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "style", type=click.Choice(["latex", "md", "csv"]), default="md", show_default=True)
@click.option("--task", type=TASK, help="Which task, where the results are of several.")
@click.option("--metric", help="[default: the task's first]")
@click.option("--baseline", metavar="MODEL/RECIPE[/CORPUS]", help="Mark what differs from this row.")
@click.option("--differences", is_flag=True, help="What every other row has more than the --baseline.")
@click.option("--intervals/--no-intervals", default=True, show_default=True, help="Of 95 %, in brackets.")
@click.option(
    "--appendix", is_flag=True, help="Also monolingual and pool by language, Cr by scripts, each row's pairs."
)
@margin_options
@newest
@click.option("--out", type=click.Path(path_type=Path), help="A file instead of the terminal.")
def table(
    results: tuple[Path, ...],
    style: str,
    task: str | None,
    metric: str | None,
    baseline: str | None,
    differences: bool,
    intervals: bool,
    appendix: bool,
    margin: float | None,
    equivalent: float | None,
    newest: bool,
    out: Path | None,
) -> None:
    """A table of RESULTS (files or folders) for a paper: a row per model, recipe and corpus, the mean of its seeds.

    Rows stand in the order in which RESULTS are named, and within a folder in that of its files.
    """
    from xbench.reports.claims import margin_of
    from xbench.reports.table_text import render
    from xbench.reports.tables import make_table

    if differences and (appendix or not baseline):
        raise click.UsageError("--differences needs a --baseline, and goes without --appendix, which holds values")
    asked = margin_of(margin, equivalent)
    if asked and not baseline:
        raise click.UsageError("--margin and --equivalent need a --baseline to be not worse than")
    made = make_table(results, task, metric, baseline, differences, asked, newest)
    for note in made.notes:
        echo(f"note: {note}", err=True)
    _deliver(render(made, style, intervals, appendix), out)


@click.command(
    epilog=command_examples("xbench cite results", "xbench cite --task xquad-r --model labse --recipe hybrid")
)
@click.argument("results", nargs=-1, type=click.Path(path_type=Path))
@click.option("--task", "tasks", type=TASK, multiple=True, help="Name or YAML. Repeatable.")
@click.option("--model", "models", type=MODEL, multiple=True, help="Name or YAML. Repeatable.")
@click.option("--recipe", "recipes", type=RECIPE, multiple=True, help="Name or YAML. Repeatable.")
@click.option("--corpus", "corpora", type=CORPUS, multiple=True, help="Name or YAML. Repeatable.")
def cite(results: tuple[Path, ...], **named: tuple[str, ...]) -> None:
    """BibTeX of what RESULTS (files or folders), or the specs named, rest on, and of xbench itself."""
    from xbench.reports import citations
    from xbench.reports.sides import comparable_results
    from xbench.specs import registry

    cited = [
        source for path in results for result in comparable_results(path) for source in citations.of_result(result)
    ]
    kinds = {"tasks": "task", "models": "model", "recipes": "recipe", "corpora": "corpus"}
    cited += [
        citations.of_spec(kind, registry.load(kind, name).spec)
        for option, kind in kinds.items()
        for name in named[option]
    ]
    echo(citations.bibtex(cited), nl=False)


@click.group()
def export() -> None:
    """Results in the layouts of others."""


@export.command(
    epilog=command_examples(
        "xbench export mteb results --out mteb",
        "xbench export mteb RESULT --out mteb --name org/mine --revision v1",
    )
)
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Where `results/` is written.")
@click.option("--name", metavar="ORG/MODEL", help="mteb's name for a model that is not on the hub as it is.")
@click.option("--revision", help="Its revision; goes with --name.")
def mteb(results: tuple[Path, ...], out: Path, name: str | None, revision: str | None) -> None:
    """Files for mteb's results repository, of tasks that name an mteb task of the same data."""
    from xbench.reports.mteb_export import MtebModel
    from xbench.reports.mteb_export import export as write
    from xbench.reports.sides import comparable_results

    if bool(name) != bool(revision):
        raise click.UsageError("--name ORG/MODEL and --revision REVISION go together")
    chosen = [result for path in results for result in comparable_results(path)]
    for path in write(chosen, out, MtebModel(name, revision) if name and revision else None):
        echo(str(path))


def _deliver(text: str, out: Path | None) -> None:
    """Print a text, or write it whole."""
    from xbench.files import whole

    if out is None:
        echo(text, nl=False)
        return
    with whole(out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    echo(f"wrote {out}", err=True)
