"""What qrels become: whose document a judgement names, what an absent one costs, and the scores, by referee."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import pytrec_eval
from build import directions

from xbench.data.collection import Absent, Collection, Judgement, Queries, Texts, collect, judge
from xbench.errors import DataError
from xbench.evaluation.grid import GridScores, ScoringRule, evaluate
from xbench.metrics import Metric
from xbench.specs import Grid

METRICS = tuple(map(Metric.parse, ("nDCG@3", "nDCG@10", "AP", "R@3", "RR", "S@3", "Judged@10")))
TREC = {"nDCG@3": "ndcg_cut_3", "nDCG@10": "ndcg_cut_10", "AP": "map", "R@3": "recall_3", "RR": "recip_rank"}
TREC |= {"S@3": "success_3"}

Line = tuple[str, str, str, int]  # query, language of the document, document, grade


def queries(language: str, count: int) -> Queries:
    ids = tuple(f"{language}-q{number}" for number in range(count))
    return Queries(ids, ids, ids, ids)


def documents(language: str, count: int) -> Texts:
    ids = tuple(f"{language}-d{number}" for number in range(count))
    return Texts(ids, ids)


def judged(
    asked: Mapping[str, Queries], answers: Mapping[str, Texts], lines: Sequence[Line], absent: Absent = "error"
) -> Collection:
    rows: dict[str, list[Judgement]] = {language: [] for language in asked}
    for number, (query, language, document, grade) in enumerate(lines, start=1):
        rows[query.split("-")[0]].append(Judgement(query, language, document, grade, f"qrels:{number}"))
    return judge(asked, answers, rows, absent)


def golds(made: Collection, language: str) -> list[tuple[int, int, int, int]]:
    found = made.golds[language]
    return list(
        zip(*(map(int, part) for part in (found.query, found.language, found.document, found.grade)), strict=True)
    )


ASKED = {"de": queries("de", 3), "en": queries("en", 2)}
ANSWERS = {"de": documents("de", 4), "en": documents("en", 5), "fr": documents("fr", 3)}


# --- what qrels become -------------------------------------------------------------------------------------------


def test_a_judgement_is_of_the_language_it_names() -> None:
    lines = [
        ("de-q0", "fr", "fr-d2", 1),
        ("de-q0", "de", "de-d1", 3),
        ("de-q1", "en", "en-d0", 1),
        ("en-q1", "de", "de-d3", 2),
    ]
    made = judged(ASKED, ANSWERS, lines)
    assert golds(made, "de") == [(0, 0, 1, 3), (0, 2, 2, 1), (1, 1, 0, 1)]
    assert golds(made, "en") == [(0, 0, 3, 2)]


def test_queries_without_a_relevant_document_leave_and_a_note_says_how_many() -> None:
    made = judged(
        ASKED, ANSWERS, [("de-q1", "de", "de-d0", 1), ("de-q2", "de", "de-d0", 0), ("en-q0", "en", "en-d0", 1)]
    )
    assert made.queries["de"].ids == ("de-q1",)
    assert made.notes == (
        "de: 2 queries without a relevant document are left out",
        "en: 1 queries without a relevant document are left out",
    )


def test_a_judgement_of_0_is_kept_with_a_query_that_has_a_relevant_document() -> None:
    made = judged(
        ASKED, ANSWERS, [("de-q0", "de", "de-d0", 1), ("de-q0", "de", "de-d1", 0), ("en-q0", "en", "en-d0", 1)]
    )
    assert golds(made, "de") == [(0, 0, 0, 1), (0, 0, 1, 0)]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (("de-q9", "de", "de-d0", 1), "qrels:2: no query 'de-q9'; qrels and queries must be of one version"),
        (("de-q0", "it", "it-d0", 1), "qrels:2: no documents in language 'it'"),
        (("de-q0", "de", "de-d9", 1), "qrels:2: document 'de-d9' is not in the collection"),
        (("de-q0", "de", "de-d0", 2), "qrels:2: query 'de-q0' and document 'de-d0' are judged twice"),
    ],
)
def test_a_judgement_that_names_nothing_known_is_an_error_with_its_line(line: Line, says: str) -> None:
    with pytest.raises(DataError, match=says):
        judged({"de": ASKED["de"]}, ANSWERS, [("de-q0", "de", "de-d0", 1), line])


def test_a_language_in_which_nothing_is_relevant_is_an_error() -> None:
    with pytest.raises(DataError, match="no query in language 'en' has a relevant document"):
        judged(ASKED, ANSWERS, [("de-q0", "de", "de-d0", 1)])


def test_absent_relevant_documents_are_missed_or_dropped_as_the_task_says() -> None:
    asked = {"de": ASKED["de"]}
    lines = [("de-q0", "de", "de-d0", 1), ("de-q0", "de", "gone", 2), ("de-q0", "de", "gone-too", 0)]
    missed, dropped = (judged(asked, ANSWERS, lines, absent) for absent in ("missed", "drop"))  # type: ignore[arg-type]
    assert golds(missed, "de") == [(0, 0, -1, 2), (0, 0, 0, 1)]
    assert golds(dropped, "de") == [(0, 0, 0, 1)]
    assert missed.notes[0] == "de: 1 relevant documents are not in the collection (missed)"
    assert dropped.notes[0] == "de: 1 relevant documents are not in the collection (drop)"


def test_a_text_of_a_million_characters_is_refused_by_its_id() -> None:
    long = Texts(("de-d0", "de-d1"), ("short", "x" * 1_000_000))
    with pytest.raises(DataError, match=r"'de-d1' has 1,000,000 characters; expected fewer than 1,000,000"):
        judged({"de": queries("de", 1)}, {"de": long}, [("de-q0", "de", "de-d0", 1)])


@pytest.mark.parametrize("count", [1, 2, 25_001])
def test_the_digest_is_that_of_the_whole_written_at_once(count: int) -> None:
    made = collect({"de": queries("de", 1)}, {"de": documents("de", count)}, {"de": {"de-q0": [0]}})
    asked, answers, gold = made.queries["de"], made.documents["de"], made.golds["de"]
    seen = hashlib.sha256(repr(("de", asked.ids, asked.texts, asked.questions, asked.groups)).encode())
    seen.update(repr(("de", answers.ids, answers.texts)).encode() + b"de")
    for array in (gold.query, gold.language, gold.document, gold.grade):
        seen.update(array.tobytes())
    assert made.digest == seen.hexdigest()


# --- scores, by referee ------------------------------------------------------------------------------------------


class Referee:
    """pytrec_eval on the same vectors: documents of a pair or of all languages, in the order of their exact scores."""

    def __init__(self, made: Collection, lines: Sequence[Line], seed: int = 3) -> None:
        random = np.random.default_rng(seed)
        self.made, self.lines = made, lines
        self.queries = {language: directions(random, len(part)) for language, part in made.queries.items()}
        self.documents = {language: directions(random, len(part)) for language, part in made.documents.items()}

    def evaluate(self, grid: Grid, relevance: str) -> GridScores:
        return evaluate(self.made, self.queries, self.documents, ScoringRule(grid, METRICS, relevance))

    def run(self, query: str, languages: Sequence[str]) -> dict[str, dict[str, float]]:
        """Minus the rank as score: pytrec_eval casts scores to float32."""
        names = [name for language in languages for name in self.made.documents[language].ids]
        wide = np.concatenate([self.documents[language] for language in languages]).astype(np.float64)
        table = self.queries[query].astype(np.float64) @ wide.T
        return {
            identity: {names[place]: -float(rank) for rank, place in enumerate(np.argsort(-row))}
            for identity, row in zip(self.made.queries[query].ids, table, strict=True)
        }

    def expected(self, query: str, languages: Sequence[str]) -> dict[str, float]:
        """Means over the queries that have a relevant document in `languages`, and how many they are."""
        qrels: dict[str, dict[str, int]] = {}
        for asked, language, document, grade in self.lines:
            if language in languages and asked in self.made.queries[query].ids:
                qrels.setdefault(asked, {})[document] = grade
        qrels = {asked: found for asked, found in qrels.items() if any(found.values())}
        run = self.run(query, languages)
        asked_for = {"ndcg_cut.3,10", "map", "recall.3", "recip_rank", "success.3"}
        found = pytrec_eval.RelevanceEvaluator(qrels, asked_for).evaluate(run)
        means = {name: float(np.mean([scores[trec] for scores in found.values()])) for name, trec in TREC.items()}
        return {**means, "Judged@10": self.judged_at_10(run, qrels), "n": len(qrels)}

    @staticmethod
    def judged_at_10(run: dict[str, dict[str, float]], qrels: dict[str, dict[str, int]]) -> float:
        shares = []
        for asked, judged_documents in qrels.items():
            first = sorted(run[asked], key=lambda name: -run[asked][name])[:10]
            shares.append(sum(name in judged_documents for name in first) / len(first))
        return float(np.mean(shares))


def assert_scores(found: Mapping[str, Any], expected: Mapping[str, float]) -> None:
    assert {name: found[name] for name in expected} == {
        name: pytest.approx(value, abs=1e-6) for name, value in expected.items()
    }


def draw(asked: Mapping[str, int], answers: Mapping[str, int], own: bool, seed: int) -> list[Line]:
    """Judgements of grades 0, 1 and 3; `own`: of the query's language only. Every query has a relevant document."""
    random = np.random.default_rng(seed)
    lines: dict[tuple[str, str, str], Line] = {}
    for query, count in asked.items():
        for number in range(count):
            for language in (query,) if own else tuple(answers):
                for document in random.choice(answers[language], 4, replace=False):
                    line = (f"{query}-q{number}", language, f"{language}-d{document}", int(random.choice([0, 1, 3])))
                    lines[line[:3]] = line
                lines[line[:3]] = (*line[:3], 1)
    return list(lines.values())


def explicit(absent: Absent = "error") -> Referee:
    """English and German questions about documents in French and Greek: no language stands on both sides but German."""
    asked, answers = {"de": 6, "en": 5}, {"de": 14, "el": 12, "fr": 13}
    lines = draw(asked, answers, own=False, seed=1)
    lines = [line for line in lines if not (line[0] == "en-q2" and line[1] == "fr")]  # judged in two languages only
    if absent == "missed":
        lines += [("en-q0", "fr", "fr-gone", 3), ("de-q1", "el", "el-gone", 1)]
    made = judged(
        {language: queries(language, count) for language, count in asked.items()},
        {language: documents(language, count) for language, count in answers.items()},
        lines,
        absent,
    )
    return Referee(made, lines)


@pytest.mark.parametrize("absent", ["error", "missed"])
def test_graded_judgements_across_asymmetric_languages_score_as_trec_eval(absent: Absent) -> None:
    referee = explicit(absent)
    scores = referee.evaluate(Grid(), "explicit")
    pairs = {f"{query}-{document}": (query, document) for query in ("de", "en") for document in ("de", "el", "fr")}
    halves = scores.scores.monolingual.pairs | scores.scores.cross_lingual.pairs
    assert halves.keys() == pairs.keys()
    for name, (query, document) in pairs.items():
        assert_scores(halves[name], referee.expected(query, [document]))
    assert halves["en-fr"]["n"] == 4
    for query in ("de", "en"):
        everything = referee.expected(query, ["de", "el", "fr"])
        assert_scores(scores.scores.multilingual.languages[query], everything)
    assert set(scores.bias.plain()) == {"language_share"}  # golds that are not parallel allow nothing more
    assert scores.pooling.plain() == {}


def test_a_missed_document_costs_and_a_dropped_one_does_not() -> None:
    asked, answers = {"de": queries("de", 1)}, {"de": documents("de", 1)}
    lines = [("de-q0", "de", "de-d0", 1), ("de-q0", "de", "gone", 1)]
    made = {absent: judged(asked, answers, lines, absent) for absent in ("missed", "drop")}  # type: ignore[arg-type]
    means = {
        absent: Referee(found, lines).evaluate(Grid(), "explicit").scores.monolingual.macro
        for absent, found in made.items()
    }
    assert (means["missed"]["AP"], means["missed"]["R@3"]) == (0.5, 0.5)
    assert (means["drop"]["AP"], means["drop"]["R@3"]) == (1.0, 1.0)


def test_pooling_costs_the_monolingual_score_minus_the_pooled_one() -> None:
    counts, sizes = {"de": 6, "en": 5, "th": 4}, {"de": 15, "en": 17, "th": 13}
    lines = draw(counts, sizes, own=True, seed=2)
    made = judged(
        {language: queries(language, count) for language, count in counts.items()},
        {language: documents(language, count) for language, count in sizes.items()},
        lines,
    )
    referee = Referee(made, lines)
    scores = referee.evaluate(Grid(), "same-language")
    assert scores.scores.multilingual is None and scores.bias.plain() == {}
    alone = {language: referee.expected(language, [language]) for language in counts}
    pooled = {language: referee.expected(language, list(sizes)) for language in counts}
    for language in counts:
        assert_scores(scores.scores.monolingual.pairs[f"{language}-{language}"], alone[language])
        assert_scores(scores.pooling.languages[language], pooled[language])
    for metric in (*TREC, "Judged@10"):
        cost = np.mean([part[metric] for part in alone.values()]) - np.mean([part[metric] for part in pooled.values()])
        assert scores.pooling.cost[metric] == pytest.approx(cost, abs=1e-6)
    assert scores.pooling.judged.macro == pytest.approx(np.mean([part["Judged@10"] for part in pooled.values()]))
