"""The main job, start to end: plan, say what will be done, train where a recipe asks, encode, rank, file results.

Read top to bottom. Knows every other part of the package except the board and the terminal.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xbench import readers, specs
from xbench.collection import Collection
from xbench.encoder import Maker
from xbench.encoders.base import Counts as TokenCounts
from xbench.encoders.base import Encoder
from xbench.files import digest, make_folder, require_folder
from xbench.plan import Plan, Request, Run, make_plan, missing, require_reachable
from xbench.progress import Reporter
from xbench.registry import Entry
from xbench.results import SCORES, Counts, Result, Scores, provenance, read_result, result_path, write_result


def run(request: Request, reporter: Reporter) -> list[Path]:
    """Carry out a request; the result files, in order. Raises XbenchError, with all finished results kept."""
    plan = make_plan(request)
    require_folder(request.out)
    make_folder(request.storage.cache)
    announce(plan, request, reporter)
    session = Session(request, reporter)
    collections = {task.spec.name: readers.read(task, request.storage) for task in plan.tasks}
    corpus = load_training_text(plan, request)
    check_batches(plan, corpus)
    for task in plan.tasks:
        reporter.say(describe(task.spec, collections[task.spec.name]))
    if corpus is not None and plan.corpus is not None:
        reporter.say(f"corpus {plan.corpus.spec.name}: {len(corpus):,} units, relation {plan.corpus.spec.relation}")
    return [path for planned in plan.runs for path in one_encoder(session, planned, plan, corpus, collections)]


@dataclass
class Session:
    """What the steps of one command share."""

    request: Request
    reporter: Reporter
    timings: dict[str, float] = field(default_factory=dict)

    def timed(self, name: str, started: float) -> None:
        self.timings[name] = round(time.perf_counter() - started, 3)


def announce(plan: Plan, request: Request, reporter: Reporter) -> None:
    """Say what will be fetched, trained and scored, and how large it is; stop where something cannot be had."""
    entries: list[tuple[Entry[Any], str]] = [(task, "") for task in plan.tasks]
    if plan.corpus:
        if plan.corpus.spec.notice:
            reporter.say(f"corpus: {plan.corpus.spec.notice}")
        entries.append((plan.corpus, ", or another corpus with --corpus (`--corpus facts` needs no download)"))
    for entry, flag in entries:
        fetches = missing(entry, request.storage)
        require_reachable(fetches, request.storage, flag)
        if fetches:
            size = sum(fetch.bytes for fetch in fetches)
            known = f", {size / 1e9:.1f} GB" if size >= 1e8 else f", {size / 1e6:.1f} MB" if size else ""
            reporter.say(f"fetch {entry.spec.name}: {len(fetches)} files{known}, kept in {request.storage.cache}")
    trained = [planned for planned in plan.runs if planned.training]
    if trained and plan.corpus:
        steps = sum(planned.training.steps for planned in trained if planned.training)
        reporter.say(f"train {len(trained)} encoders on {plan.corpus.spec.name}, {steps:,} steps in all")
    names = ", ".join(task.spec.name for task in plan.tasks)
    reporter.say(f"score {len(plan.runs)} encoders on {names}; results in {request.out}")


def describe(task: specs.TaskBase, collection: Collection) -> str:
    queries = sum(map(len, collection.queries.values()))
    documents = sum(map(len, collection.documents.values()))
    languages = len(collection.queries)
    return f"task {task.name}: {languages} languages, {queries:,} queries, {documents:,} documents"


def load_training_text(plan: Plan, request: Request) -> Any:
    if plan.corpus is None:
        return None
    from xbench.train.corpus import load_corpus

    return load_corpus(plan.corpus, request.storage)


def check_batches(plan: Plan, corpus: Any) -> None:
    """Raise TrainingError now, not hours later, where the corpus cannot fill a recipe's batches."""
    from xbench.train.batches import BatchStream

    for planned in plan.runs:
        if planned.recipe and planned.training:
            BatchStream(corpus, planned.recipe.mix, planned.recipe.tau, planned.training.batch_size, planned.seed)


def one_encoder(
    session: Session, planned: Run, plan: Plan, corpus: Any, collections: dict[str, Collection]
) -> list[Path]:
    """Score one encoder on every task; what is already filed is returned as it is."""
    maker = Maker(session.request, planned, corpus, session.reporter)
    paths = []
    for task in plan.tasks:
        collection = collections[task.spec.name]
        key = result_key(task.spec, collection, maker.origin)
        path = result_path(
            session.request.out,
            task.spec.name,
            planned.model.spec.name,
            planned.recipe_name,
            key,
            planned.seed,
        )
        if path.is_file():
            read_result(path)
            session.reporter.say(f"kept {path}")
        else:
            session.timings = {}
            result, per_query = score(session, maker, planned, plan, task.spec, collection, key)
            write_result(path, result, per_query)
            session.reporter.say(f"wrote {path}")
        paths.append(path)
    return paths


def result_key(task: specs.TaskBase, collection: Collection, origin: dict[str, Any]) -> str:
    """Digest of everything that can change the numbers."""
    return digest(
        {
            "scores": SCORES,
            "task": task.model_dump(mode="json", include={"name", "grid", "metrics", "relevance", "instruction"}),
            "collection": collection.digest(),
            "encoder": origin,
        }
    )


def score(
    session: Session,
    maker: Maker,
    planned: Run,
    plan: Plan,
    task: specs.Task,
    collection: Collection,
    key: str,
) -> tuple[Result, dict[str, Any]]:
    """Encode, rank and score one task."""
    from xbench.encoders.vectors import encode_all
    from xbench.evaluate import grid
    from xbench.evaluate.metrics import Metric
    from xbench.evaluate.ranking import exact

    started = time.perf_counter()
    encoder: Encoder = maker.encoder()
    session.timed("model", started)
    cache, reporter = session.request.storage.cache, session.reporter
    at = time.perf_counter()
    asked = {language: queries.texts for language, queries in collection.queries.items()}
    answers = {language: texts.texts for language, texts in collection.documents.items()}
    queries = encode_all(encoder, asked, "query", cache, reporter)
    documents = encode_all(encoder, answers, "document", cache, reporter)
    session.timed("encode", at)
    at = time.perf_counter()
    settings = grid.Plan(
        task.grid.monolingual,
        task.grid.cross_lingual,
        task.grid.multilingual,
        tuple(map(Metric.parse, task.metrics)),
    )
    with reporter.bar(f"rank {task.name}", 1, "task") as bar:
        scores = grid.evaluate(
            collection,
            {language: exact(vectors, encoder.similarity) for language, vectors in queries.vectors.items()},
            {language: exact(vectors, encoder.similarity) for language, vectors in documents.vectors.items()},
            settings,
        )
        bar.advance()
    session.timed("rank", at)
    session.timed("total", started)
    result = Result(
        task=task.name,
        model=planned.model.spec.name,
        recipe=planned.recipe_name,
        corpus=plan.corpus.spec.name if plan.corpus and maker.uses_corpus else None,
        seed=planned.seed,
        digest=key,
        languages=list(collection.queries),
        metrics=list(task.metrics),
        counts=Counts(queries=_sizes(asked), documents=_sizes(answers)),
        scores=Scores.model_validate(scores.scores),
        bias=scores.bias,
        gap=scores.gap,
        zero_shot={"verdict": "unknown"},
        tokens={
            "max_length": encoder.max_length,
            "queries": token_statistics(queries.tokens, encoder.max_length),
            "documents": token_statistics(documents.tokens, encoder.max_length),
        },
        training=maker.record,
        specs=_specs(task, planned, plan, maker),
        timings=dict(session.timings),
        provenance={
            **provenance(session.request.command, str(encoder.identity.get("device", "cpu"))),
            "encoder": dict(encoder.identity),
            "collection_sha256": collection.digest(),
            "corpus_sha256": maker.corpus_digest,
            "encoded": {"queries": queries.encoded, "documents": documents.encoded},
        },
    )
    return result, scores.per_query


def _specs(task: specs.Task, planned: Run, plan: Plan, maker: Maker) -> dict[str, Any]:
    """The resolved specs, without the folders of this machine."""
    model = planned.model.spec.model_dump(mode="json", by_alias=True)
    if model.get("folder"):
        model["folder"] = Path(model["folder"]).name
    corpus = plan.corpus.spec.model_dump(mode="json", by_alias=True) if plan.corpus and maker.uses_corpus else None
    return {
        "task": task.model_dump(mode="json", by_alias=True),
        "model": model,
        "recipe": planned.recipe.model_dump(mode="json", by_alias=True) if planned.recipe else None,
        "training": planned.training.model_dump(mode="json") if planned.training else None,
        "corpus": corpus,
    }


def _sizes(texts: dict[str, tuple[str, ...]]) -> dict[str, int]:
    return {language: len(written) for language, written in texts.items()}


def token_statistics(tokens: Any, max_length: int | None) -> dict[str, dict[str, float]]:
    """Per language: mean tokens per text, share of texts cut at `max_length`, share of unknown tokens."""
    statistics = {}
    for language, counts in tokens.items():
        found: TokenCounts = counts
        total = int(found[:, 0].sum())
        statistics[language] = {
            "mean": round(float(found[:, 0].mean()), 2),
            "truncated": float((found[:, 0] > max_length).mean()) if max_length else 0.0,
            "unknown": int(found[:, 1].sum()) / total if total else 0.0,
        }
    return statistics
