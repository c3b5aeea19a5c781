"""What bm25 promises: terms by the script of the text, the textbook's scores, each setting on its own, exact ties."""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from build import (
    METRICS,
    coarse,
    collection,
    directions,
    encoded,
    flat,
    gold_blocks,
    positions,
    possible_positions,
    referee,
    ways,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from xbench.arrays import Floats
from xbench.cli import cli
from xbench.data import readers
from xbench.data.collection import Collection, Golds, Queries, Texts
from xbench.data.download import Storage
from xbench.encoders.lexical import UNIT, LexicalCollection
from xbench.encoders.terms import normalised, splitter, words
from xbench.errors import EncoderError, SpecError, XbenchError
from xbench.evaluation.gold_ranks import gold_ranks
from xbench.evaluation.grid import GridScores, ScoringRule, evaluate, evaluate_rankings
from xbench.evaluation.indexed import IndexedRankings
from xbench.evaluation.ranking import MISSED
from xbench.evaluation.rankings import DenseRankings
from xbench.jobs.rankers import TermPreparation
from xbench.jobs.request import Request
from xbench.jobs.run import run
from xbench.progress import Silent
from xbench.results.reading import read_result
from xbench.results.run_files import Wanted, run_folder
from xbench.specs import Grid, LexicalModel, Tokens, registry, restrict

ALL = ScoringRule(Grid(), METRICS)
MODEL = LexicalModel(name="bm25", format="bm25")
PLAIN = st.text(st.sampled_from("abc "), max_size=12)
Read = Callable[..., Collection]


# --- terms -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Cat, the cat_2!", ["the", "cat", "the", "cat", "2"]),
        ("ＡＢＣ Straße ﬁn ΟΔΟΣ", ["abc", "strasse", "fin", "οδοσ"]),
        ("हिन्दी में प्रश्न", ["हिन्दी", "में", "प्रश्न"]),  # vowel signs are marks: Python's \w cuts here
        ("اللغة العربيّة", ["اللغة", "العربيّة"]),
        ("질문과 답", ["질문과", "답"]),
        ("北京是首都", ["北京", "京是", "是首", "首都"]),
        ("日本のNHK、2008年", ["日本", "本の", "nhk", "2008", "年"]),
        ("ภาษาไทย", ["ภา", "าษ", "ษา", "าไ", "ไท", "ทย"]),
        ("ที่นี่", ["ที่นี่"]),  # two letters with their marks are one bigram
        ("ភាសា", ["ភាសា"]),
        ("co\u00adopera\u200dtion", ["cooperation"]),
        ("ソニー・ﾗｼﾞｵ", ["ソニ", "ニー", "ラジ", "ジオ"]),
        ("don't l'eau", ["don", "t", "l", "eau"]),
        ("", []),
        (" \n?! 。", []),
    ],
)
def test_the_script_of_the_text_decides_what_a_term_is(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_the_length_of_the_n_grams_is_a_setting() -> None:
    assert words("北京是首都 abc", 3) == ["北京是", "京是首", "是首都", "abc"]
    assert words("北京", 3) == ["北京"]
    assert words("北京", 1) == ["北", "京"]


@given(st.text())
def test_no_letter_and_no_digit_is_lost(text: str) -> None:
    assert {*"".join(words(text))} == {letter for letter in normalised(text) if letter.isalnum() or _is_mark(letter)}


def _is_mark(letter: str) -> bool:
    import unicodedata

    return unicodedata.category(letter)[0] in "MN"


def tokenizer_file(path: Path) -> Path:
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "cat": 1, "dog": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.enable_truncation(2)
    tokenizer.save(str(path))
    return path


def test_subwords_come_from_a_tokenizer_file_uncut_and_unknown_pieces_match_nothing(tmp_path: Path) -> None:
    tokens = Tokens(kind="subwords", tokenizer=str(tokenizer_file(tmp_path / "t.json")))
    assert list(splitter(tokens)(["cat emu dog", ""])) == [["cat", "", "dog"], []]
    model = MODEL.model_copy(update={"tokens": tokens})
    made = LexicalCollection(model, {"en": ["emu cat"]}, {"en": ["yak cat", "emu", "dog"]})
    assert (made.scores("en", [0], slice(0, 1)) > 0).tolist() == [[True, False, False]]
    assert made.query_tokens["en"].tolist() == [[2, 1]]
    assert made.document_tokens["en"].tolist() == [[2, 1], [1, 1], [1, 0]]


# --- scores ------------------------------------------------------------------------------------------------------


def textbook(query: Sequence[str], documents: Sequence[Sequence[str]], model: LexicalModel) -> list[float]:
    """Robertson's sum over query terms, with the idf and the gain of Kamphuis et al., ECIR 2020, in plain Python."""
    mean = sum(map(len, documents)) / len(documents)
    holding = {term: sum(term in other for other in documents) for term in query}
    scores = []
    for document in documents:
        counts, score = Counter(document), 0.0
        for term in query:
            holders = holding[term]
            if not counts[term]:
                continue
            norm = model.k1 * (1 - model.b + model.b * len(document) / mean)
            odds = (len(documents) - holders + 0.5) / (holders + 0.5)
            idf, gain = {
                "lucene": (math.log(1 + odds), 1.0),
                "robertson": (max(0.0, math.log(odds)), 1.0),
                "atire": (math.log(len(documents) / holders), model.k1 + 1),
            }[model.method]
            score += idf * gain * counts[term] / (counts[term] + norm)
        scores.append(score)
    return scores


def scored(queries: Sequence[str], documents: Sequence[str], model: LexicalModel = MODEL) -> Any:
    """[queries, documents] in units."""
    return LexicalCollection(model, {"en": queries}, {"en": documents}).scores("en", [0], slice(0, len(queries)))


def test_a_score_worked_by_hand() -> None:
    """idf of cat in 2 of 3: log(1 + 1.5 / 2.5); lengths 1, 2, 3 with mean 2; k1 1, b .5: norms .75, 1, 1.25."""
    model = MODEL.model_copy(update={"k1": 1.0, "b": 0.5})
    idf = math.log(1.6)
    found = scored(["cat"], ["cat", "a dog", "a cat cat"], model) * UNIT
    np.testing.assert_allclose(found, [[idf / 1.75, 0, idf * 2 / 3.25]], atol=1e-9)


@pytest.mark.parametrize("method", ["lucene", "robertson", "atire"])
@pytest.mark.parametrize(("k1", "b"), [(0.9, 0.4), (1.5, 0.75), (0.0, 1.0)])
@settings(max_examples=30)
@given(documents=st.lists(PLAIN, min_size=1, max_size=6), query=PLAIN)
def test_scores_are_those_of_the_textbook(method: str, k1: float, b: float, documents: list[str], query: str) -> None:
    model = LexicalModel(name="m", format="bm25", method=method, k1=k1, b=b)  # type: ignore[arg-type]
    found = scored([query], documents, model)[0] * UNIT
    np.testing.assert_allclose(found, textbook(query.split(), [text.split() for text in documents], model), atol=1e-8)


def test_scores_are_those_of_the_library() -> None:
    from bm25s import BM25

    random = np.random.default_rng(3)
    documents = [" ".join(random.choice(list("abcdefghij"), size)) for size in random.integers(1, 30, 200)]
    library = BM25(k1=MODEL.k1, b=MODEL.b)
    library.index([text.split() for text in documents], show_progress=False)
    found = scored(["a b b j"], documents)[0] * UNIT
    np.testing.assert_allclose(found, library.get_scores(["a", "b", "b", "j"]), rtol=1e-5)


@settings(max_examples=30)
@given(st.lists(PLAIN, min_size=1, max_size=8), st.permutations(["a", "b", "c", "a"]))
def test_the_order_of_words_changes_no_bit_of_a_score(documents: list[str], order: list[str]) -> None:
    turned = [" ".join(reversed(text.split())) for text in documents]
    np.testing.assert_array_equal(scored([" ".join(order)], documents), scored(["a a b c"], turned))


def test_a_term_that_stands_twice_in_a_query_counts_twice() -> None:
    once, twice = scored(["cat", "cat cat"], ["a cat", "a dog", "dog cat"])
    assert (2 * once).tolist() == twice.tolist()
    assert once[0] > 0


@pytest.mark.parametrize("documents", [["", "?"], ["dog", ""]])
def test_what_shares_no_term_scores_exactly_zero(documents: list[str]) -> None:
    assert scored(["cat", ""], documents).tolist() == [[0, 0], [0, 0]]


def test_each_setting_has_an_index_of_its_own() -> None:
    documents = {"de": ["katze", "hund", "hund katze hund"], "en": ["cat hund", "dog"]}
    queries = {"de": ["hund"]}
    made = LexicalCollection(MODEL, queries, documents)
    for number, language in enumerate(documents):
        alone = LexicalCollection(MODEL, queries, {language: documents[language]}).scores("de", [0], slice(0, 1))
        np.testing.assert_array_equal(made.scores("de", [number], slice(0, 1)), alone)
    pool = made.scores("de", [0, 1], slice(0, 1))
    expected = textbook(["hund"], [text.split() for texts in documents.values() for text in texts], MODEL)
    np.testing.assert_allclose(pool[0] * UNIT, expected, atol=1e-9)
    assert pool[0, :3].tolist() != made.scores("de", [0], slice(0, 1))[0].tolist()


def test_unknown_terms_are_those_that_no_document_of_the_language_holds() -> None:
    made = LexicalCollection(MODEL, {"de": ["hund dog emu", ""], "fr": ["hund emu"]}, {"de": ["hund"], "en": ["dog"]})
    assert {language: counts.tolist() for language, counts in made.query_tokens.items()} == {
        "de": [[3, 2], [0, 0]],
        "fr": [[2, 1]],
    }


# --- rankings ----------------------------------------------------------------------------------------------------


def drawn(seed: int = 5, languages: Sequence[str] = ("de", "en", "th")) -> Collection:
    """Texts of few words, so that many scores tie and some queries share no term with any document."""
    made = collection(dict.fromkeys(languages, "abcdef"), golds=lambda _, name: 2 if name == "b" else 1)
    random = np.random.default_rng(seed)

    def texts(count: int, longest: int) -> tuple[str, ...]:
        return tuple(" ".join(random.choice(list("uvwxyz"), random.integers(0, longest))) for _ in range(count))

    queries = {
        language: Queries(part.ids, texts(len(part), 4), part.questions, part.groups)
        for language, part in made.queries.items()
    }
    documents = {language: Texts(part.ids, texts(len(part), 7)) for language, part in made.documents.items()}
    return Collection(queries, documents, made.golds)


def rankings(made: Collection, cells: int = 2**21) -> IndexedRankings:
    sides = ({language: texts.texts for language, texts in side.items()} for side in (made.queries, made.documents))
    return IndexedRankings(made, LexicalCollection(MODEL, *sides).scores, UNIT, cells)


def numbers(scores: GridScores) -> Mapping[Any, Any]:
    return flat({"scores": scores.scores.plain(), "bias": scores.bias.plain(), "gap": scores.gap.plain()})


@pytest.mark.parametrize("make", [coarse, directions])
def test_a_product_of_vectors_as_scorer_gives_the_numbers_of_the_vectors(make: Any) -> None:
    """Everything but where the scores come from is the same."""
    made = drawn()
    queries, documents = encoded(made.queries, 1, make), encoded(made.documents, 2, make)

    def product(query: str, chosen: Sequence[int], rows: Any) -> Any:
        wide = np.concatenate([list(documents.values())[number] for number in chosen]).astype(np.float64)
        return np.asarray(queries[query][rows].astype(np.float64) @ wide.T * 2.0**48, np.int64)

    found = evaluate_rankings(made, IndexedRankings(made, product, 2.0**-48, cells=40), ALL)
    assert numbers(found) == numbers(evaluate(made, queries, documents, ALL))


@pytest.mark.parametrize("cells", [1, 50, 130])
def test_no_block_size_changes_a_number(cells: int) -> None:
    made = drawn()
    small, large = (evaluate_rankings(made, rankings(made, size), ALL) for size in (cells, 2**21))
    assert numbers(small) == numbers(large)
    for name, values in large.per_query.items():
        np.testing.assert_array_equal(small.per_query[name], values)


def test_permuted_documents_and_renamed_languages_score_exactly_the_same() -> None:
    made = drawn()
    names = {"de": "th", "en": "de", "th": "en"}
    order = {language: np.random.default_rng(1).permutation(len(part)) for language, part in made.documents.items()}
    places = [np.argsort(part) for part in order.values()]
    documents = {
        names[language]: Texts(part.ids, tuple(part.texts[place] for place in order[language]))
        for language, part in made.documents.items()
    }
    golds = {
        names[language]: Golds(
            gold.query,
            gold.language,
            np.array([places[one][document] for one, document in zip(gold.language, gold.document, strict=True)]),
            gold.grade,
        )
        for language, gold in made.golds.items()
    }
    turned = Collection({names[language]: part for language, part in made.queries.items()}, documents, golds)
    found = numbers(evaluate_rankings(turned, rankings(turned), ALL))
    expected = {
        tuple("-".join(names.get(part, part) for part in name.split("-")) for name in key): value
        for key, value in numbers(evaluate_rankings(made, rankings(made), ALL)).items()
    }
    assert found == expected


def assert_counts(made: Collection, asked: IndexedRankings, query: str, documents: Sequence[int]) -> None:
    """Golds in order, and above and tied as one by one comparisons give them."""
    found = asked.of(query, documents)
    scores = asked.scores(query, documents, slice(0, len(made.queries[query])))
    sizes = [len(texts) for texts in made.documents.values()]
    first = dict(zip(documents, np.cumsum([0] + [sizes[number] for number in documents]), strict=False))
    rows = np.repeat(np.arange(len(found.start) - 1), np.diff(found.start))
    gold = made.golds[query]
    kept = np.isin(gold.language, documents)
    np.testing.assert_array_equal(np.stack([rows, found.document]), np.stack([gold.query[kept], gold.document[kept]]))
    for place, (row, language, document) in enumerate(zip(rows, found.language, found.document, strict=True)):
        own = scores[row, first[language] + document]
        assert found.score[place] * UNIT == own
        for number in documents:
            part = scores[row, first[number] : first[number] + sizes[number]]
            assert found.above[place, number] == (part > own).sum()
            assert found.tied[place, number] == (part == own).sum() - (number == language)


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_those_of_one_by_one_comparisons(seed: int) -> None:
    made = drawn(seed)
    for documents in ([0], [1], [2], [0, 2], [0, 1, 2]):
        assert_counts(made, rankings(made, cells=70), "en", documents)


def test_the_lists_of_the_pool_hold_its_best_scores() -> None:
    made = drawn()
    asked = rankings(made)
    scores = asked.scores("de", range(3), slice(0, 6))
    found = asked.of("de", range(3))
    best = -np.sort(-scores, axis=1)[:, : found.top_score.shape[1]]
    np.testing.assert_array_equal(found.top_score * UNIT, best)
    np.testing.assert_array_equal(np.take_along_axis(scores, found.top_document, axis=1), best)
    assert all(len({*row}) == len(row) for row in found.top_document.tolist())


def test_tied_at_counts_the_documents_of_a_score_by_language() -> None:
    made = drawn()
    asked = rankings(made, cells=60)
    rows = np.array([4, 0, 2])
    scores = asked.scores("de", range(3), rows)
    exact = np.rint(scores[:, 7] / UNIT).astype(np.int64)
    equal = scores == scores[:, 7:8]
    bounds = np.cumsum([len(texts) for texts in made.documents.values()])[:-1]
    expected = np.stack([part.sum(axis=1) for part in np.split(equal, bounds, axis=1)], axis=1)
    np.testing.assert_array_equal(asked.tied_at("de", rows, exact), expected)


def test_a_query_without_a_common_term_gets_exactly_chance() -> None:
    made = drawn()
    asked = {
        language: Queries(part.ids, ("q",) * len(part), part.questions, part.groups)
        for language, part in made.queries.items()
    }
    made = Collection(asked, made.documents, made.golds)
    points = ({language: np.ones((len(part), 1), np.float32) for language, part in side.items()}
              for side in (made.queries, made.documents))  # fmt: skip
    expected = evaluate_rankings(made, DenseRankings(made, *points), ALL)
    assert numbers(evaluate_rankings(made, rankings(made), ALL)) == numbers(expected)


def test_a_relevant_document_that_is_not_there_is_missed() -> None:
    made = drawn()
    gold = made.golds["de"]
    absent = Golds(gold.query, gold.language, np.where(gold.query == 0, -1, gold.document), gold.grade)
    made = Collection(made.queries, made.documents, {**made.golds, "de": absent})
    found = rankings(made).of("de", [0, 1, 2])
    assert (found.above[: found.start[1]] == MISSED).all()
    assert (found.above[found.start[1] :] < MISSED).all()
    assert METRICS[0].of(gold_ranks(found, range(3)))[0] == 0


def assert_referee_agrees(made: Collection, asked: IndexedRankings, query: str, documents: Sequence[int]) -> int:
    """All metrics of every query against pytrec_eval: its value without ties, else its mean over all orders of the
    ties; queries with more than 60 possible places are left out. Returns how many were tie-free."""
    sizes = [len(texts) for texts in made.documents.values()]
    first = dict(zip(documents, np.cumsum([0] + [sizes[number] for number in documents]), strict=False))
    ranking = asked.of(query, documents)
    golds = gold_ranks(ranking, documents)
    found = np.stack([metric.of(golds) for metric in METRICS], axis=1)
    scores = asked.scores(query, documents, slice(0, len(made.queries[query])))
    gold, free = made.golds[query], 0
    for row, values in zip(golds.queries, found, strict=True):
        own = [int(first[one] + document) for one, document in _of(gold, row) if one in first]
        blocks = gold_blocks(scores[row], own)
        if ways(blocks) > 60:
            continue
        ranks = list(possible_positions(blocks))
        if len(ranks) == 1:  # the order of the scores themselves, not what the counts say
            free += 1
            order = np.argsort(-scores[row], kind="stable").tolist()
            assert ranks == [positions(order, own)]
        np.testing.assert_allclose(values, referee(ranks, scores.shape[1]).mean(axis=0), atol=1e-6)
    return free


def _of(golds: Golds, row: int) -> list[tuple[int, int]]:
    here = golds.query == row
    return list(zip(golds.language[here].tolist(), golds.document[here].tolist(), strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_metrics_of_tied_scores_are_the_means_of_pytrec_eval_over_all_orders(seed: int) -> None:
    made = drawn(seed)
    for documents in ([0], [1, 2], [0, 1, 2]):
        assert_referee_agrees(made, rankings(made), "th", documents)


# --- the main job ------------------------------------------------------------------------------------------------


def request(folder: Path, **changes: Any) -> Request:
    defaults: dict[str, Any] = {
        "models": ("bm25",),
        "tasks": ("facts",),
        "languages": ("de", "en", "th"),
        "out": folder / "results",
        "storage": Storage(cache=folder / "cache", offline=True),
    }
    return Request(**defaults | changes)


def test_a_result_says_what_was_counted_and_by_which_library(tmp_path: Path) -> None:
    from importlib.metadata import version

    (path,) = run(request(tmp_path, seeds=(0, 1)), Silent())  # it knows no seed
    result = read_result(path)
    assert result.scores.monolingual and result.scores.cross_lingual
    assert result.scores.monolingual.macro["AP"] > 0.8 > 0.3 > result.scores.cross_lingual.macro["AP"]  # type: ignore[operator]
    tokens = result.tokens.queries["th"]
    assert tokens.mean > 10
    assert (tokens.truncated, result.tokens.max_length) == (0, None)
    assert 0 < tokens.unknown < 1
    assert result.tokens.documents["th"].unknown == 0
    identity = result.provenance.encoder
    assert identity["libraries"]["bm25s"] == version("bm25s")
    assert (identity["k1"], identity["b"], identity["tokens"]["kind"]) == (0.9, 0.4, "words")
    assert not (tmp_path / "cache/vectors").exists()


def test_saved_runs_score_in_pytrec_eval_as_the_result_says_where_nothing_ties(tmp_path: Path) -> None:
    import gzip

    import pytrec_eval

    wanted = Wanted(("all",), depth=None)
    (path,) = run(request(tmp_path, languages=("de", "en"), runs=wanted), Silent())
    made = readers.read(plan_of("facts", ("de", "en")), Storage())
    asked = TermPreparation(MODEL, Silent()).prepare(made).ranker.rankings(lambda queries: None)
    with np.load(path.with_suffix(".npz")) as arrays:
        english = arrays["query_language"] == "en"
        values = {"de": arrays["AP"][english, 0], "pool": arrays["AP.multilingual"][english]}
    for name, documents in (("de", [0]), ("pool", [0, 1])):
        lines: dict[str, Any] = {}
        for kind, column, read in (("run", 4, float), ("qrels", 3, int)):
            lines[kind] = {}
            with gzip.open(run_folder(path, wanted) / f"en-{name}.{kind}.gz", "rt") as stream:
                for parts in map(str.split, stream):
                    lines[kind].setdefault(parts[0], {})[parts[2]] = read(parts[column])
        found = pytrec_eval.RelevanceEvaluator(lines["qrels"], {"map"}).evaluate(lines["run"])
        golds = gold_ranks(asked.of("en", documents), documents)
        free = golds.mean_per_query((golds.tied == 1).astype(np.float64)) == 1
        assert free.sum() > 30
        for row in golds.queries[free]:
            assert found[made.queries["en"].ids[row]]["map"] == pytest.approx(values[name][row], abs=1e-6)


def plan_of(task: str, languages: tuple[str, ...]) -> Any:
    entry = registry.load("task", task)
    return registry.Entry(restrict(entry.spec, languages), entry.base)


def test_whatever_changes_a_score_changes_the_digest(tmp_path: Path) -> None:
    tokenizer = str(tokenizer_file(tmp_path / "t.json"))
    variants: list[dict[str, Any]] = [
        {},
        {"model.k1": 1.5},
        {"model.b": 0.75},
        {"model.method": "atire"},
        {"model.tokens.characters": 1},
        {"model.tokens": {"kind": "subwords", "tokenizer": tokenizer}},
    ]
    digests = [read_result(run(request(tmp_path, settings=one), Silent())[0]).digest for one in variants]
    assert len({*digests}) == len(variants)


def test_a_tokenizer_lies_beside_its_yaml_and_no_folder_of_this_machine_is_filed(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    tokenizer_file(tmp_path / "deep/t.json")
    model = tmp_path / "deep/m.yaml"
    model.write_text("name: m\nformat: bm25\ntokens: {kind: subwords, tokenizer: t.json}\n")
    assert registry.load("model", str(model)).spec.tokens.tokenizer == str((tmp_path / "deep/t.json").resolve())
    (path,) = run(request(tmp_path, models=(str(model),)), Silent())
    assert read_result(path).model_spec.plain()["tokens"]["tokenizer"] == "t.json"
    assert str(tmp_path) not in path.read_text()


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("tokens: {kind: letters}", "tokens.kind: found 'letters', expected 'words' or 'subwords'"),
        ("tokens: {kind: subwords}", "a `tokenizer` file with `kind: subwords`, and only there"),
        ("tokens: {tokenizer: t.json}", "a `tokenizer` file with `kind: subwords`, and only there"),
        ("tokens: {kind: subwords, tokenizer: t.json, characters: 2}", "no `characters`"),
        ("tokens: {charcters: 2}", "unknown key 'charcters'; did you mean 'characters'?"),
        ("b: 1.5", "b: found 1.5, expected less than or equal to 1"),
        ("max_length: 64", "no `max_length`: bm25 reads whole texts"),
        ("prompts: {query: a, document: b}", "no `prompts`"),
        ("post: lir", "no `post`"),
    ],
)
def test_a_wrong_model_is_one_line(tmp_path: Path, yaml: str, expected: str) -> None:
    (tmp_path / "m.yaml").write_text(f"name: m\nformat: bm25\n{yaml}\n")
    with pytest.raises(SpecError) as error:
        registry.load("model", str(tmp_path / "m.yaml"))
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("content", "expected"), [(None, "no such file"), ("{", "tokenizer.json")])
def test_an_unusable_tokenizer_is_one_line_before_anything_is_read(
    tmp_path: Path, content: str | None, expected: str
) -> None:
    if content:
        (tmp_path / "t.json").write_text(content)
    wanted = {"model.tokens": {"kind": "subwords", "tokenizer": str(tmp_path / "t.json")}}
    with pytest.raises(EncoderError) as error:
        run(request(tmp_path, settings=wanted), Silent())
    assert expected in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "results").exists()


def test_a_recipe_cannot_be_applied(tmp_path: Path) -> None:
    with pytest.raises(XbenchError, match=r"bm25 x [a-z]+: model bm25 cannot be trained; score it as it is"):
        run(request(tmp_path, recipes=("hybrid",), corpus="facts"), Silent())


def test_the_command_line_runs_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = f"run --model bm25 --task facts --languages de,en --set model.k1=1.5 --out {tmp_path} --json"
    cli(words.split(), standalone_mode=False)
    (path,) = json.loads(capsys.readouterr().out)
    assert read_result(Path(path)).model_spec.plain()["k1"] == 1.5


# --- real text ---------------------------------------------------------------------------------------------------


def test_xquad_r_scores_what_the_documentation_says(real: Read) -> None:
    made = real("xquad-r", ("en", "hi", "th", "zh"))
    asked = TermPreparation(MODEL, Silent()).prepare(made).ranker.rankings(lambda queries: None)
    found = evaluate_rankings(made, asked, ScoringRule(Grid(multilingual=False), METRICS[:1])).scores
    values = {pair: round(entry["AP"], 4) for pair, entry in found.monolingual.pairs.items()}
    assert values == {"en-en": 0.8073, "hi-hi": 0.7502, "th-th": 0.7878, "zh-zh": 0.7951}


@pytest.mark.parametrize("documents", [[0], [1], [0, 1]])
def test_real_scores_equal_pytrec_eval(real: Read, documents: list[int]) -> None:
    made = real("mlqa-r", ("es", "zh"))
    asked = TermPreparation(MODEL, Silent()).prepare(made).ranker.rankings(lambda queries: None)
    free = assert_referee_agrees(made, asked, "es", documents)
    assert free > (100 if 0 in documents else 10)


def test_real_scores_are_those_of_the_textbook(real: Read) -> None:
    made = real("xquad-r", ("th",))
    texts = [words(text) for text in made.documents["th"].texts]
    asked = TermPreparation(MODEL, Silent()).prepare(made).ranker.rankings(lambda queries: None)
    rows = np.array([0, 500, 1189])
    found: Floats = asked.scores("th", [0], rows)  # type: ignore[attr-defined]
    for row, values in zip(rows, found, strict=True):
        expected = textbook(words(made.queries["th"].texts[row]), texts, MODEL)
        np.testing.assert_allclose(values, expected, atol=1e-7)
