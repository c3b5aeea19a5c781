"""What a run says before it works: what it will fetch, train and score, and how large it is. Knows plans and texts."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from xbench import specs
from xbench.data.download import outside_paths
from xbench.data.fetches import announced, missing, require_reachable
from xbench.encoders.model_loading import hub_fetch
from xbench.jobs.inputs import Collections, LoadedCorpus, summary
from xbench.jobs.plan import Plan
from xbench.jobs.request import Request
from xbench.jobs.usage import prompt_lines
from xbench.progress import Reporter
from xbench.results.run_files import Wanted, outline
from xbench.specs.registry import Entry

ANOTHER_CORPUS = ", or another corpus with --corpus (`--corpus facts` needs no download)"


def say_left_out(plan: Plan, reporter: Reporter) -> None:
    """Say, before anything else, which of the runs that were asked for cannot be carried out, and why."""
    for line in dict.fromkeys(map(str, plan.unusable.values())):
        reporter.say(f"left out: {line}")


def announce(plan: Plan, request: Request, reporter: Reporter) -> None:
    """Say it all, line by line. Raises DataError, EncoderError or SpecError where something cannot be had."""
    announce_inputs(plan, request, reporter)
    for line in _work(plan, request):
        reporter.say(line)


def announce_inputs(plan: Plan, request: Request, reporter: Reporter) -> None:
    """Say what is fetched and how models are used. Raises as above."""
    if plan.corpus and plan.corpus.spec.notice:
        reporter.say(f"corpus: {plan.corpus.spec.notice}")
    for entry, advice in _data(plan):
        for path in outside_paths(entry.spec):
            reporter.say(f"{entry.spec.name} reads {path}, which leads out of its folder")
        fetches = missing(entry, request.storage)
        require_reachable(fetches, request.storage, advice)
        if fetches:
            reporter.say(announced(entry, fetches, request.storage))
    for model in {run.model.spec.name: run.model.spec for run in plan.runs}.values():
        if isinstance(model, specs.SentenceModel) and (fetched := hub_fetch(model, request.loading)):
            reporter.say(fetched)
    for line in prompt_lines(plan, request):
        reporter.say(line)


def say_what_was_read(plan: Plan, collections: Collections, loaded: LoadedCorpus | None, reporter: Reporter) -> None:
    """Say what the tasks and the corpus hold."""
    for task in plan.tasks:
        reporter.say(summary(task.spec, collections[task.spec.name]))
    if loaded is not None:
        reporter.say(str(loaded))


def say_run_files(plan: Plan, wanted: Wanted | None, collections: Collections, reporter: Reporter) -> None:
    """Say what `--save-run` writes, before it takes the room."""
    if wanted is None:
        return
    for task in plan.tasks:
        reporter.say(outline(wanted, task.spec, collections[task.spec.name]))


def say_loading(reporter: Reporter) -> None:
    """A word before the seconds in which libraries are imported and nothing else can be shown."""
    if "sentence_transformers" not in sys.modules:
        reporter.say("loading torch and transformers ...")


def _data(plan: Plan) -> Iterator[tuple[Entry[specs.Task] | Entry[specs.Corpus], str]]:
    """Everything with data files, and what to do where they cannot be had."""
    yield from ((task, "") for task in plan.tasks)
    if plan.corpus:
        yield plan.corpus, ANOTHER_CORPUS
    yield from ((post, ", or another post_corpus") for post in plan.post_corpora.values() if post != plan.corpus)


def _work(plan: Plan, request: Request) -> Iterator[str]:
    steps = [run.training.steps for run in plan.runs if run.training]
    if steps and plan.corpus:
        training = f"{_encoders(len(steps))} on {plan.corpus.spec.name}, {sum(steps):,} steps in all"
        yield f"train {training}; what is kept is not trained again"
    if names := ", ".join(task.spec.name for task in plan.tasks):
        yield f"score {_encoders(len(plan.runs))} on {names}; results in {request.out}"


def _encoders(count: int) -> str:
    return "1 encoder" if count == 1 else f"{count} encoders"
