"""The main job, start to end: plan, say what will be done, train where a recipe asks, encode, rank, file results.

Read top to bottom. Knows every other part of the package except the board and the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench import specs
from xbench.arrays import Array
from xbench.data import readers
from xbench.data.collection import Collection, Texts
from xbench.data.fetches import announced, missing, require_reachable
from xbench.encoders.loading import hub_fetch
from xbench.encoders.post import Post
from xbench.files import digest, make_folder, require_folder
from xbench.jobs.clock import Clock
from xbench.jobs.plan import Plan, Request, Run, make_plan
from xbench.jobs.prepared import Maker
from xbench.jobs.scorer import Scorer
from xbench.jobs.screening import Screening
from xbench.jobs.usage import load_posts, prompts_said
from xbench.progress import Reporter, Silent
from xbench.results.provenance import SCORES, EncodedTexts, provenance
from xbench.results.reading import read_result
from xbench.results.record import TextCounts
from xbench.results.result import Result
from xbench.results.run_files import missing_settings, require_known, save_missing
from xbench.results.writing import result_path, write_result
from xbench.specs.parts import Spec
from xbench.specs.registry import Entry

if TYPE_CHECKING:
    from xbench.evaluation.grid import GridScores
    from xbench.evaluation.rankings import Rankings


def run(request: Request, reporter: Reporter) -> list[Path]:
    """Carry out a request; the result files, in order. Raises XbenchError, with all finished results kept.

    Where several processes carry it out, all plan and train; the first one speaks, scores and writes.
    """
    crew = request.processes
    reporter = reporter if crew.leads else Silent()
    with crew.together():
        plan = make_plan(request)
        screening = Screening(plan, request, reporter)
        make_folder(request.storage.cache)
        if crew.leads:  # what one process makes and takes away again, another may be about to write to
            require_folder(request.out)
        announce(plan, request, reporter)
        collections = {task.spec.name: readers.read(task, request.storage) for task in plan.tasks if crew.leads}
        if request.runs and crew.leads:
            require_known(request.runs, collections.values())
    with crew.leader_first():
        corpus = load_training_text(plan, request)
        check_batches(plan, corpus)
    for task in plan.tasks if crew.leads else ():
        reporter.say(describe(task.spec, collections[task.spec.name]))
    if corpus is not None and plan.corpus is not None:
        reporter.say(f"corpus {plan.corpus.spec.name}: {len(corpus):,} units, relation {plan.corpus.spec.relation}")
    with crew.together():
        if crew.leads:
            screening.compare(collections, corpus)
        posts = load_posts(plan, request, corpus, collections) if crew.leads else {}
    for post in posts.values():
        reporter.say(str(post))
    paths = []
    for planned in plan.runs:  # one encoder in memory at a time
        maker = Maker(request, planned, corpus, reporter, plan.corpus.spec if plan.corpus else None)
        job = Job(request, plan, planned, maker, screening, reporter, posts.get(planned.model.spec.name))
        paths += carry_out(job, collections)
    return paths


def carry_out(job: Job, collections: Mapping[str, Collection]) -> list[Path]:
    """Train one encoder where its results ask for it, then score it on every task; its result files."""
    crew, tasks = job.request.processes, [(task.spec, collections.get(task.spec.name)) for task in job.plan.tasks]
    mine = [(task, collection) for task, collection in tasks if collection is not None]  # none elsewhere
    with crew.together():
        due = not all(is_done(job, *one) for one in mine)
    if crew.leaders(due and job.maker.needs_training):
        job.maker.train()
    with crew.together():
        paths = [result_file(job, *one) for one in mine]
        if due and job.post is None:  # a card tells of the encoder alone
            job.maker.add_scores([read_result(path) for path in paths])
    return paths


def is_done(job: Job, task: specs.TaskBase, collection: Collection) -> bool:
    """Whether a result is filed already, with the run files that are asked for."""
    path, wanted = job.path(task, collection), job.request.runs
    return path.is_file() and not (wanted and missing_settings(path, read_result(path), wanted))


@dataclass(frozen=True)
class Job:
    """One encoder's part of a request."""

    request: Request
    plan: Plan
    run: Run
    maker: Maker
    screening: Screening
    reporter: Reporter
    post: Post | None = None

    def origin(self, task: specs.TaskBase) -> dict[str, Any]:
        """Everything that makes the vectors of `task`, except the seed."""
        made = self.maker.origin_on(task)
        return {**made, "post": self.post.origin} if self.post else made

    def scorer(self, task: specs.TaskBase) -> Scorer:
        """What ranks `task`, loaded or made now if it is not there yet."""
        return self.maker.scorer(task, self.post)

    @property
    def corpus(self) -> specs.CorpusBase | None:
        """The corpus that this encoder is made from, if any."""
        return self.plan.corpus.spec if self.plan.corpus and self.maker.uses_corpus else None

    def key(self, task: specs.TaskBase, collection: Collection) -> str:
        return result_key(task, collection, self.origin(task))

    def path(self, task: specs.TaskBase, collection: Collection) -> Path:
        """Where the result on `task` is filed."""
        key, run = self.key(task, collection), self.run
        return result_path(self.request.out, task.name, run.model.spec.name, run.recipe_name, key, run.seed)


def announce(plan: Plan, request: Request, reporter: Reporter) -> None:
    """Say what will be fetched, trained and scored, and how large it is; stop where something cannot be had."""
    entries: list[tuple[Entry[Any], str]] = [(task, "") for task in plan.tasks]
    if plan.corpus:
        if plan.corpus.spec.notice:
            reporter.say(f"corpus: {plan.corpus.spec.notice}")
        entries.append((plan.corpus, ", or another corpus with --corpus (`--corpus facts` needs no download)"))
    entries += [(entry, ", or another post_corpus") for entry in plan.post_corpora.values() if entry != plan.corpus]
    for entry, flag in entries:
        fetches = missing(entry, request.storage)
        require_reachable(fetches, request.storage, flag)
        if fetches:
            reporter.say(announced(entry, fetches, request.storage))
    for model in {planned.model.spec.name: planned.model.spec for planned in plan.runs}.values():
        if isinstance(model, specs.SentenceModel) and (fetched := hub_fetch(model, request.loading)):
            reporter.say(fetched)
    for line in prompts_said(plan, request):
        reporter.say(line)
    steps = [planned.training.steps for planned in plan.runs if planned.training]
    if steps and plan.corpus:
        many = f"{_encoders(len(steps))} on {plan.corpus.spec.name}, {sum(steps):,} steps in all"
        reporter.say(f"train {many}; what is kept is not trained again")
    names = ", ".join(task.spec.name for task in plan.tasks)
    reporter.say(f"score {_encoders(len(plan.runs))} on {names}; results in {request.out}")


def _encoders(count: int) -> str:
    return "1 encoder" if count == 1 else f"{count} encoders"


def describe(task: specs.TaskBase, collection: Collection) -> str:
    queries = sum(map(len, collection.queries.values()))
    documents = sum(map(len, collection.documents.values()))
    languages = len({*collection.queries, *collection.documents})
    notes = "".join(f"; {note}" for note in collection.notes)
    return f"task {task.name}: {languages} languages, {queries:,} queries, {documents:,} documents{notes}"


def load_training_text(plan: Plan, request: Request) -> Any:
    if plan.corpus is None:
        return None
    from xbench.training.loading import load_corpus

    return load_corpus(plan.corpus, request.storage)


def check_batches(plan: Plan, corpus: Any) -> None:
    """Raise TrainingError now, not hours later, where the corpus cannot fill a recipe's batches."""
    from xbench.training.streams import make_streams

    for planned in plan.runs:
        if planned.recipe and planned.training:
            make_streams(corpus, planned.recipe, planned.training, planned.seed).train.check()


def result_file(job: Job, task: specs.Task, collection: Collection) -> Path:
    """The result of one encoder on one task; what is already filed is returned as it is."""
    path = job.path(task, collection)
    if path.is_file():
        read_result(path)
        job.reporter.say(f"kept {path}")
    else:
        write_result(path, *score(job, task, collection))
        job.reporter.say(f"wrote {path}")
    if job.request.runs:
        save_missing(
            path, job.request.runs, collection, lambda: job.scorer(task).read(collection).lister(), job.reporter
        )
    return path


def result_key(task: specs.TaskBase, collection: Collection, origin: dict[str, Any]) -> str:
    """Digest of data, settings and what makes the encoder; versions of libraries and the device are provenance."""
    return digest(
        {
            "scores": SCORES,
            "task": task.model_dump(mode="json", include={"name", "grid", "metrics", "relevance"}),
            "collection": collection.digest,
            "encoder": origin,
        }
    )


def score(job: Job, task: specs.Task, collection: Collection) -> tuple[Result, Mapping[str, Array]]:
    """Encode, rank and score one task."""
    from xbench.encoders.vectors import token_statistics
    from xbench.evaluation.report import split_by_seen

    clock, counts = Clock(), TextCounts(queries=_sizes(collection.queries), documents=_sizes(collection.documents))
    scorer = job.scorer(task)
    clock.lap("model")
    read = scorer.read(collection)
    clock.lap("encode")
    with job.reporter.bar(f"rank {task.name}", sum(counts.queries.values()), "queries") as bar:
        scores = grid_scores(task, collection, read.rankings(bar.advance))
    clock.lap("rank")
    gap = scores.gap
    if job.corpus and job.run.recipe:
        seen = job.run.recipe.trains_on(job.corpus.languages, job.corpus.lexicons)
        gap = split_by_seen(gap, scores.scores, (list(counts.queries), list(counts.documents)), seen)
    result = Result(
        task=task.name,
        model=job.run.model.spec.name,
        recipe=job.run.recipe_name,
        corpus=job.corpus.name if job.corpus else None,
        seed=job.run.seed,
        digest=job.key(task, collection),
        languages=list(collection.queries),
        metrics=list(task.metrics),
        counts=counts,
        scores=scores.scores,
        bias=scores.bias,
        gap=gap,
        pooling=scores.pooling,
        zero_shot=job.screening.record(job.run, task),
        tokens={
            "max_length": scorer.max_length,
            "queries": token_statistics(read.query_tokens, scorer.max_length),
            "documents": token_statistics(read.document_tokens, scorer.max_length),
        },
        training=job.maker.record,
        specs=_specs(job, task),
        timings=clock.seconds,
        provenance=provenance(
            job.request.command,
            encoder=dict(scorer.identity),
            post=job.post.origin if job.post else None,
            collection_sha256=collection.digest,
            corpus_sha256=job.maker.corpus_digest,
            encoded=EncodedTexts.model_validate(read.encoded),
        ),
    )
    return result, scores.per_query


def grid_scores(task: specs.Task, collection: Collection, rankings: Rankings) -> GridScores:
    """Every setting of the task's grid from rankings."""
    from xbench.evaluation import grid
    from xbench.evaluation.metrics import Metric

    rule = grid.ScoringRule(task.grid, tuple(map(Metric.parse, task.metrics)), task.relevance)
    return grid.evaluate_rankings(collection, rankings, rule)


def _specs(job: Job, task: specs.Task) -> dict[str, Any]:
    """The resolved specs, without the folders of this machine."""
    model = _plain(job.post.model if job.post else job.run.model.spec)
    for section, key in ((model, "folder"), ((model or {}).get("tokens"), "tokenizer")):
        if section and section.get(key):
            section[key] = Path(section[key]).name
    return {
        "task": _plain(task),
        "model": model,
        "recipe": _plain(job.run.recipe),
        "training": _plain(job.run.training),
        "corpus": _plain(job.corpus),
    }


def _plain(spec: Spec | None) -> dict[str, Any] | None:
    return spec.model_dump(mode="json", by_alias=True) if spec else None


def _sizes(texts: Mapping[str, Texts]) -> dict[str, int]:
    return {language: len(written) for language, written in texts.items()}
