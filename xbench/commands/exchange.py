"""Commands that speak the formats of others."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("qrels", type=click.Path(path_type=Path))
@click.option("--metric", "metrics", multiple=True, default=("AP", "nDCG@10", "R@100"), help="Repeatable.")
def score(run: Path, qrels: Path, metrics: tuple[str, ...]) -> None:
    """Score a TREC run file through pytrec_eval; a judged query that it lacks scores 0."""
    from xbench.trec import score_run

    means, judged, absent = score_run(run, qrels, metrics)
    for name, value in means.items():
        click.echo(f"{name}\t{value:.6f}")
    click.echo(f"queries\t{judged}" + (f"\t{absent} of them not in the run" if absent else ""))
