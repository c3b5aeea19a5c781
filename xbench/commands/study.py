"""Studies on a terminal: plan, run, status, report of a YAML."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from xbench.commands.names import SpecName
from xbench.commands.numbers import Decimal
from xbench.commands.options import command_examples, data_dir, offline, storage_of
from xbench.commands.words import echo
from xbench.errors import SpecError

if TYPE_CHECKING:
    from xbench.studies.machine import Declared, Machine

Command = TypeVar("Command", bound=Callable[..., object])
STUDY = SpecName("study")
source = click.argument("source", metavar="FILE", type=STUDY)
out = click.option("--out", type=click.Path(path_type=Path), help="Folder of the study. [default: studies/NAME]")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout.")


def machine_options(command: Command) -> Command:
    """Where data are found and models are loaded."""
    device = click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps.")
    remote = click.option("--remote-code", is_flag=True, help="Let a model run code from its repository.")
    allowed = click.option(
        "--allow-contaminated", is_flag=True, help="Score encoders that saw a task's own data; marked as such."
    )
    return data_dir(offline(device(remote(allowed(command)))))


@click.group()
def study() -> None:
    """A research question in, an honest report out: a grid of runs with hypotheses that are fixed before."""


@study.command(epilog=command_examples("xbench study plan facts", "xbench study plan hybrid-gap --fetch"))
@source
@out
@click.option("--fetch", is_flag=True, help="Bring here what a machine without network will need.")
@click.option("--rate", type=Decimal(), metavar="TOKENS", help="Tokens trained on in a second.")
@machine_options
@as_json
def plan(
    source: str,
    out: Path | None,
    fetch: bool,
    rate: float | None,
    data_dir: Path | None,
    offline: bool,
    device: str,
    remote_code: bool,
    allow_contaminated: bool,
    as_json: bool,
) -> None:
    """What will be made, what it costs and what it can show; freezes the hypotheses."""
    import json

    from xbench.commands.terminal import Terminal
    from xbench.studies.declared import declared_study
    from xbench.studies.plan_words import plan_lines, plan_record
    from xbench.studies.planning import fetch_all, plan_study

    if rate is not None and rate <= 0:
        raise SpecError(f"--rate {rate:g}: expected more than 0 tokens a second")
    study, machine = declared_study(source, out), _machine(data_dir, offline, device, remote_code, allow_contaminated)
    if study.spec.source == "published":
        _tell_published(study, as_json)
        return
    if fetch:
        fetch_all(study, machine, Terminal())
    made = plan_study(study, machine, rate)
    if as_json:
        echo(json.dumps(plan_record(made), indent=1))
        return
    for line in plan_lines(made):
        echo(line)


@study.command(epilog=command_examples("xbench study run facts", "xbench study run mine.yaml --shard 2/8"))
@source
@out
@click.option("--shard", metavar="I/N", help="Only part I of N of the runs, for job arrays.")
@machine_options
def run(
    source: str,
    out: Path | None,
    shard: str | None,
    data_dir: Path | None,
    offline: bool,
    device: str,
    remote_code: bool,
    allow_contaminated: bool,
) -> None:
    """Make the runs that are not there yet; the same command goes on where it stopped."""
    from xbench.commands.terminal import Terminal
    from xbench.studies.declared import declared_study
    from xbench.studies.running import Shard, run_study

    machine = _machine(data_dir, offline, device, remote_code, allow_contaminated)
    study = declared_study(source, out)
    if study.spec.source == "published":
        echo(f"nothing is run: {source} reads published runs; `xbench study report {source}` writes what they show")
        return
    part = Shard.of(shard) if shard else None
    tally = run_study(study, machine, Terminal(), part)
    echo(f"{tally.done} runs made")


@study.command(epilog=command_examples("xbench study status facts"))
@source
@out
@data_dir
@as_json
def status(source: str, out: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """Which runs are done, running, failed and why, stale and what changed, or to do."""
    import json
    from dataclasses import asdict

    from xbench.studies.declared import declared_study
    from xbench.studies.folder import StudyFolder
    from xbench.studies.runs import planned_arms, runs_of
    from xbench.studies.status import status_of

    study = declared_study(source, out)
    if study.spec.source == "published":
        _tell_published(study, as_json)
        return
    found = status_of(StudyFolder(study.out), runs_of(study, planned_arms(study, _machine(data_dir))))
    if as_json:
        echo(json.dumps({"counts": found.counts, **asdict(found)}, indent=1))
        return
    echo(", ".join(f"{count} {state}" for state, count in found.counts.items() if count))
    for one in found.states:
        if one.state != "done":
            echo(f"{one.state:<8}{one.label}{f': {one.why}' if one.why else ''}")
    for label in found.dropped:
        echo(f"no part of the study any more: {label}")


@study.command(epilog=command_examples("xbench study report facts --to docs/studies/facts"))
@source
@out
@click.option("--to", type=click.Path(path_type=Path), help="Folder of the report. [default: `report` in the study's]")
@data_dir
def report(source: str, out: Path | None, to: Path | None, data_dir: Path | None) -> None:
    """Write what the runs show so far: report.md, .html, .csv and .tex."""
    from xbench.studies.declared import declared_study
    from xbench.studies.deviations import stated
    from xbench.studies.findings import findings_of
    from xbench.studies.report import write_report

    study = declared_study(source, out)
    if study.spec.source == "published":
        from xbench.studies.observed.report import write_observed

        paths, held = write_observed(study, to or study.out / "report")
        for line in (*map(str, paths), *(f"{verdict.word}: {verdict.test.name}" for verdict in held)):
            echo(line)
        return
    findings = findings_of(study, _machine(data_dir))
    for path in write_report(findings, to or study.out / "report"):
        echo(str(path))
    for verdict in findings.verdicts:
        echo(f"{stated(verdict, findings)}: {verdict.test.name}")


def _tell_published(study: Declared, as_json: bool) -> None:
    """What a study of published runs reads."""
    import json

    from xbench.studies.observed.status import published_lines, published_record

    if as_json:
        echo(json.dumps(published_record(study), indent=1))
        return
    for line in published_lines(study):
        echo(line)


def _machine(
    data_dir: Path | None,
    offline: bool = False,
    device: str = "auto",
    remote_code: bool = False,
    allow_contaminated: bool = False,
) -> Machine:
    from xbench.encoders.model_loading import Loading
    from xbench.studies.machine import Machine

    loading = Loading(device=device, offline=offline, remote_code=remote_code)
    return Machine(storage_of(data_dir, offline), loading, allow_contaminated)
