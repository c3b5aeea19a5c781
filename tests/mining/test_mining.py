"""What mining promises: near passages that score clearly below a row's own, and never one that answers its query."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_bad_input import Desk, desk  # noqa: F401  a fixture
from test_corpus import load, write_corpus
from tiny_training import tiny_static

from xbench import specs
from xbench.data.download import Storage
from xbench.encoders.vector_store import VectorStore
from xbench.encoders.vectors import encode_all
from xbench.errors import DataError, EncoderError, SpecError, XbenchError
from xbench.mining import hard_negatives, neighbours
from xbench.mining import miner as mining
from xbench.mining.miner import Miner, Rules
from xbench.progress import Silent
from xbench.specs import registry
from xbench.training.batches import stream_of
from xbench.training.corpus import Corpus
from xbench.training.corpus_loading import load_corpus
from xbench.training.corpus_table import open_table
from xbench.training.table_writer import TableWriter
from xbench.zero_shot import verdict

Texts = Mapping[str, str]
Mined = dict[tuple[int, str], list[str]]  # by unit and language


class Written:
    """An encoder whose vectors are written down; a text without one is 1. Counts the texts that it was given."""

    similarity = "dot"
    max_length = None
    alike = False  # whether it says that both roles have the same vectors

    def __init__(self, vectors: Mapping[str, Any] | None = None, similarity: str = "dot") -> None:
        self._vectors, self.similarity, self.encoded = vectors or {}, similarity, 0
        self.identity: Mapping[str, Any] = {"format": "written"}

    def role_identity(self, role: str) -> Mapping[str, Any]:
        return self.identity if self.alike else {**self.identity, "role": role}

    def encode(self, texts: Sequence[str], role: str, advance: Callable[[int], None]) -> Any:
        self.encoded += len(texts)
        return np.array([np.atleast_1d(self._vectors.get(text, 1.0)) for text in texts], np.float32)

    def tokens(self, texts: Sequence[str], role: str) -> Any:
        return np.zeros((len(texts), 2), np.int32)


def table(folder: Path, units: Sequence[tuple[Texts, Texts]], relation: str, languages: Sequence[str] = ()) -> Corpus:
    """The corpus of these (query, passage), with the groups that a corpus of this relation has."""
    names = languages or tuple(dict.fromkeys(name for unit in units for side in unit for name in side))
    folder.mkdir(parents=True)
    writer = TableWriter(folder, names)
    for query, passage in units:
        writer.unit(query, passage)
    writer.finish("c", relation)
    return open_table(folder, relation)


def rules(**changes: Any) -> Rules:
    return Rules(**{"among": "own", "depth": 100, "negatives": 4, "margin": 0.95, **changes})


def miner(corpus: Corpus, encoder: Any, chosen: Rules, cache: Path) -> Miner:
    sides = [neighbours.encode(corpus, role, encoder, cache, Silent()) for role in ("query", "document")]
    return Miner(corpus, sides[0], sides[1], chosen)


def mine(corpus: Corpus, encoder: Any, cache: Path, chosen: Rules | None = None) -> Mined:
    """The texts of the negatives of every unit that has any, by language."""
    found = {}
    for units, rows in miner(corpus, encoder, chosen or rules(), cache).mine():
        for unit, by_language in zip(units, mining.by_unit(units, rows), strict=True):
            for number, texts in by_language.items():
                found[unit, corpus.languages[number]] = [corpus.texts[text] for text in texts]
    return found


def answers(*scores: float) -> list[tuple[Texts, Texts]]:
    """English units; a passage's text is the score that every query gives it."""
    return [({"en": f"q{number}"}, {"en": str(score)}) for number, score in enumerate(scores)]


def scored(*scores: float) -> Written:
    return Written({str(score): score for score in scores})


# --- the rules, by hand ------------------------------------------------------------------------------------------


def test_the_hardest_below_the_margin_are_kept(tmp_path: Path) -> None:
    scores = (0.8, 0.9, 0.77, 0.75, 0.3, 0.5)
    corpus = table(tmp_path / "t", answers(*scores), "qa")
    found = mine(corpus, scored(*scores), tmp_path, rules(negatives=2))
    assert found[0, "en"] == ["0.75", "0.5"]  # below 0.76, which is 0.95 of 0.8
    assert found[1, "en"] == ["0.8", "0.77"]
    assert (4, "en") not in found  # none scores below 0.285
    assert mine(corpus, scored(*scores), tmp_path, rules(negatives=2, margin=1.0))[0, "en"] == ["0.77", "0.75"]


def test_below_a_negative_score_the_distance_counts(tmp_path: Path) -> None:
    scores = (-0.5, -0.48, -0.52, -0.53, -0.9)
    found = mine(table(tmp_path / "t", answers(*scores), "qa"), scored(*scores), tmp_path)
    assert found[0, "en"] == ["-0.53", "-0.9"]  # below -0.525: 0.95 of -0.5 would keep every one


def test_a_score_of_nothing_asks_for_less_than_nothing(tmp_path: Path) -> None:
    scores = (0.0, 0.0625, -0.0625)
    found = mine(table(tmp_path / "t", answers(*scores), "qa"), scored(*scores), tmp_path)
    assert found[0, "en"] == ["-0.0625"]


def test_only_the_nearest_are_looked_at(tmp_path: Path) -> None:
    scores = (0.5, 0.9, 0.8, 0.4, 0.3)
    corpus = table(tmp_path / "t", answers(*scores), "qa")
    assert (0, "en") not in mine(corpus, scored(*scores), tmp_path, rules(depth=3))  # 0.9, 0.8 and its own
    assert mine(corpus, scored(*scores), tmp_path, rules(depth=4))[0, "en"] == ["0.4"]


def test_a_parallel_passage_is_no_negative(tmp_path: Path) -> None:
    units = [({"de": "f", "en": "q"}, {"de": "d0", "en": "e0"}), ({"de": "g", "en": "r"}, {"de": "d1", "en": "e1"})]
    encoder = Written({"d0": 0.5, "e0": 0.8, "d1": 0.25, "e1": 0.3})
    corpus = table(tmp_path / "t", units, "qa")
    found = mine(corpus, encoder, tmp_path, rules(among="all"))
    assert found == {(0, "de"): ["d1"], (0, "en"): ["e1"]}  # not d0 for q, whose e0 scores higher; nor d1 for r


def test_a_passage_of_the_units_group_is_no_negative(tmp_path: Path) -> None:
    """Units 0 and 1 share their German passage, so the English one of 1 may answer 0."""
    units = [
        ({"de": "f0", "en": "q0"}, {"de": "same", "en": "0.8"}),
        ({"de": "f1", "en": "q1"}, {"de": "same", "en": "0.6"}),
        ({"de": "f2", "en": "q2"}, {"de": "other", "en": "0.5"}),
    ]
    found = mine(table(tmp_path / "t", units, "halves"), scored(0.8, 0.6, 0.5), tmp_path)
    assert found[0, "en"] == ["0.5"]


@pytest.mark.parametrize("relation", ["qa", "next", "halves"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_what_answers_the_same_query_is_no_negative(tmp_path: Path, relation: str, language: str) -> None:
    """In any language; under `next` and `halves`, where units that ask the same are no group, too."""
    units = [({"de": f"f{number}", "en": f"q{number}"}, {"de": f"d{number}", "en": f"e{number}"}) for number in "012"]
    for query, _ in units[:2]:
        query[language] = "same"
    encoder = Written({"e0": 0.8, "e1": 0.6, "e2": 0.5, "d0": 0.8, "d1": 0.6, "d2": 0.5})
    found = mine(table(tmp_path / "t", units, relation, ("de", "en")), encoder, tmp_path)
    assert found == {(0, "en"): ["e2"], (1, "en"): ["e2"], (0, "de"): ["d2"], (1, "de"): ["d2"]}


@pytest.mark.parametrize("among", ["own", "all"])
def test_the_query_itself_is_no_negative(tmp_path: Path, among: str) -> None:
    """Under `next` a text is one unit's query and another's passage; among all, also in another language."""
    rows = [{"de": f"d{number}", "en": f"e{number}"} for number in range(4)]
    corpus = table(tmp_path / "t", list(pairwise(rows)), "next")
    values = {"e2": 0.9, "d2": 0.9, "e1": 0.5, "d1": 0.5, "e3": 0.25, "d3": 0.25}
    encoder = Written(values | dict.fromkeys(("e0", "d0"), 1.0))
    found = mine(corpus, encoder, tmp_path, rules(among=among))
    assert found[1, "en"] == ["e3"]  # unit 1 asks d1 and e1, which answer unit 0
    assert found[1, "de"] == ["d3"]


def test_own_languages_are_searched_unless_all_are_asked_for(tmp_path: Path) -> None:
    units = [({"en": "q0"}, {"en": "e0"}), ({"de": "f1"}, {"de": "d1"}), ({"en": "q2"}, {"en": "e2"})]
    encoder = Written({"e0": 0.8, "d1": 0.5, "e2": 0.4})
    corpus = table(tmp_path / "t", units, "qa", ("de", "en"))
    assert mine(corpus, encoder, tmp_path) == {(0, "en"): ["e2"]}
    found = mine(corpus, encoder, tmp_path, rules(among="all"))
    assert found == {(0, "de"): ["d1"], (0, "en"): ["e2"], (1, "en"): ["e2"]}


def test_a_text_of_several_languages_is_a_negative_in_the_first(tmp_path: Path) -> None:
    units = [({"en": "q0"}, {"en": "e0"}), ({"en": "q1"}, {"de": "both", "en": "both"})]
    corpus = table(tmp_path / "t", units, "qa", ("de", "en"))
    encoder = Written({"e0": 0.8, "both": 0.5})
    assert mine(corpus, encoder, tmp_path, rules(among="all")) == {(0, "de"): ["both"]}
    assert mine(corpus, encoder, tmp_path) == {(0, "en"): ["both"]}


def test_blank_texts_are_neither_searched_for_nor_found(tmp_path: Path) -> None:
    units = [({"en": "q0"}, {"en": "0.8"}), ({"en": "q1"}, {"en": " "}), ({"en": " "}, {"en": "0.5"})]
    encoder = Written({"0.8": 0.8, "0.5": 0.5, " ": 0.6})
    corpus = table(tmp_path / "t", units, "qa")
    assert mine(corpus, encoder, tmp_path) == {(0, "en"): ["0.5"]}


# --- against others ----------------------------------------------------------------------------------------------


def by_brute_force(corpus: Corpus, encoder: Any, chosen: Rules) -> Mined:
    """The rules as they are told, row by row and text by text."""

    def unit_vector(text: str, role: str) -> Any:
        wide = encoder.encode([text], role, lambda _: None)[0].astype(np.float64)
        return wide / np.linalg.norm(wide)

    def text_of(side: Any, unit: int, language: int) -> str:
        return corpus.texts[side[language, unit]] if side[language, unit] >= 0 else ""

    languages, units = range(len(corpus.languages)), range(len(corpus))
    passages = [{text_of(corpus.passage, unit, number): unit for unit in units} for number in languages]
    found: Mined = {}
    for unit in units:
        asked = [text_of(corpus.query, unit, number) for number in languages]
        friends = {unit} | {
            other
            for other in units
            for number in languages
            if text_of(corpus.query, other, number) == asked[number] != ""
        }
        groups = {int(corpus.group[friend]) for friend in friends}
        for language in languages:
            own = text_of(corpus.passage, unit, language)
            if not (asked[language] and own):
                continue
            query = unit_vector(asked[language], "query")
            positive = query @ unit_vector(own, "document")
            among = {
                text: number
                for number in reversed(languages)
                if chosen.among == "all" or number == language
                for text in passages[number]
                if text
            }
            near = sorted((-(query @ unit_vector(text, "document")), text) for text in among)[: chosen.depth]
            kept = [
                text
                for score, text in near
                if -score < positive - (1 - chosen.margin) * abs(positive)
                and text not in asked
                and not any(int(corpus.group[passages[number].get(text, unit)]) in groups for number in [among[text]])
            ]
            for text in kept[: chosen.negatives]:
                listed = found.setdefault((unit, corpus.languages[among[text]]), [])
                listed += [text] if text not in listed else []
    return found


class Directions(Written):
    """A random direction for every text and role."""

    def __init__(self, dimension: int = 8) -> None:
        super().__init__({}, "cosine")
        self._dimension = dimension

    def encode(self, texts: Sequence[str], role: str, advance: Callable[[int], None]) -> Any:
        seeds = [list(f"{role}{text}".encode()) for text in texts]
        drawn = [np.random.default_rng(seed).standard_normal(self._dimension) for seed in seeds]
        return np.array(drawn, np.float32)


def tangle(seed: int, units: int = 40) -> list[tuple[Texts, Texts]]:
    """Units in three languages, some of them in some only, that share queries, passages and texts of both sides."""
    draw = np.random.default_rng(seed)

    def side(names: str) -> dict[str, str]:
        return {
            language: f"{draw.choice(list(names))}{draw.integers(units)}{language if draw.random() < 0.9 else ''}"
            for language in ("de", "en", "th")
            if draw.random() < 0.8
        }

    return [({"en": f"q{unit}"} | side("abcx"), {"de": f"p{unit}"} | side("defx")) for unit in range(units)]


@pytest.mark.parametrize("among", ["own", "all"])
@pytest.mark.parametrize("relation", ["qa", "next"])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_mined_is_what_the_rules_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, relation: str, among: str
) -> None:
    corpus = table(tmp_path / "t", tangle(seed), relation, ("de", "en", "th"))
    chosen = rules(among=among, depth=20, negatives=3, margin=0.9)
    expected = by_brute_force(corpus, Directions(), chosen)
    assert len(expected) > 20
    assert mine(corpus, Directions(), tmp_path / "whole", chosen) == expected
    for module, name, size in ((mining, "UNITS", 7), (neighbours, "PASSAGES", 5), (neighbours, "CELLS", 9)):
        monkeypatch.setattr(module, name, size)
    monkeypatch.setattr(neighbours, "TEXTS", 11)
    assert mine(corpus, Directions(), tmp_path / "blocks", chosen) == expected


@pytest.mark.parametrize("margin", [0.95, 0.5])
def test_one_language_is_mined_as_sentence_transformers_does(tmp_path: Path, margin: float) -> None:
    from datasets import Dataset
    from sentence_transformers.util import mine_hard_negatives

    model = tiny_static()
    queries = [f"w{number} w{number + 1} w{(7 * number) % 50}" for number in range(45)]
    passages = [f"w{number} w{(3 * number + 2) % 50}" for number in range(45)]
    rows = Dataset.from_dict({"query": queries, "passage": passages})
    wanted = mine_hard_negatives(
        rows, model, relative_margin=1 - margin, num_negatives=3, range_max=45, output_format="triplet", verbose=False
    )
    expected: Mined = {}
    for query, negative in zip(wanted["query"], wanted["negative"], strict=True):
        expected.setdefault((queries.index(query), "en"), []).append(negative)
    assert {len(texts) for texts in expected.values()} >= {3}

    class Same(Written):
        def encode(self, texts: Sequence[str], role: str, advance: Callable[[int], None]) -> Any:
            return model.encode(list(texts))

    units = [({"en": query}, {"en": passage}) for query, passage in zip(queries, passages, strict=True)]
    corpus = table(tmp_path / "t", units, "qa")
    assert mine(corpus, Same({}, "cosine"), tmp_path, rules(negatives=3, margin=margin)) == expected


# --- vectors -----------------------------------------------------------------------------------------------------


def test_other_rules_need_no_encoding(tmp_path: Path) -> None:
    corpus, encoder = table(tmp_path / "t", answers(0.8, 0.5, 0.5), "qa"), scored(0.8, 0.5)
    mine(corpus, encoder, tmp_path)
    assert encoder.encoded == 5  # three queries, two distinct passages
    mine(corpus, encoder, tmp_path, rules(margin=0.5))
    assert encoder.encoded == 5


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_vectors_that_cannot_be_scored_are_refused_and_not_kept(tmp_path: Path, bad: float) -> None:
    corpus = table(tmp_path / "t", answers(0.8, 0.5), "qa")
    with pytest.raises(EncoderError, match="NaN or infinity"):
        mine(corpus, Written({"0.5": bad}), tmp_path)
    assert len(list((tmp_path / "vectors").iterdir())) == 1  # the queries


def test_damaged_kept_vectors_are_named(tmp_path: Path) -> None:
    corpus, encoder = table(tmp_path / "t", answers(0.8, 0.5), "qa"), scored(0.8, 0.5)
    mine(corpus, encoder, tmp_path)
    folder = VectorStore(tmp_path, encoder.role_identity("query")).folder
    (path,) = folder.glob("*.vectors.npy")
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(
        EncoderError, match=f"damaged kept vectors .*; delete {folder}, and its texts are encoded again"
    ):
        mine(corpus, scored(0.8, 0.5), tmp_path)


def test_vectors_that_a_task_left_are_mined_with(tmp_path: Path) -> None:
    corpus, encoder = table(tmp_path / "t", answers(0.8, 0.5, 0.4), "qa"), scored(0.8, 0.5, 0.4)
    encode_all(encoder, {"en": ("q0", "other")}, "query", tmp_path, Silent())
    mine(corpus, encoder, tmp_path)
    assert encoder.encoded == 2 + 2 + 3


def test_a_text_that_is_query_and_passage_is_encoded_once_where_roles_are_alike(tmp_path: Path) -> None:
    corpus = table(tmp_path / "t", [({"en": "a"}, {"en": "b"}), ({"en": "b"}, {"en": "c"})], "next")
    encoder = Written({})
    encoder.alike = True
    mine(corpus, encoder, tmp_path)
    assert encoder.encoded == 3


def test_what_is_searched_lies_in_no_memory_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "TEXTS", 2)
    corpus = table(tmp_path / "t", answers(0.8, 0.5, 0.4), "qa")
    side = neighbours.encode(corpus, "document", scored(0.8, 0.5, 0.4), tmp_path, Silent())
    assert side.vectors[:, 0].tolist() == pytest.approx([0.8, 0.5, 0.4])
    assert not side.vectors.flags.writeable
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t", "vectors"]


@pytest.mark.parametrize("when", ["made", "written"])
def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    full = OSError(28, "No space left on device")

    class Full(io.BytesIO):
        def write(self, given: Any) -> int:
            raise full

    def make(**_: object) -> Full:
        if when == "made":
            raise full
        return Full()

    monkeypatch.setattr("tempfile.TemporaryFile", make)
    with pytest.raises(XbenchError, match=f"cannot write to {tmp_path}: No space left on device"):
        neighbours._on_disk(iter([np.ones((1, 1), np.float32)]), 1, tmp_path)


# --- the mined corpus --------------------------------------------------------------------------------------------


def written(folder: Path, corpus: Corpus, spec: specs.CorpusBase, name: str = "mined", **changes: Any) -> Path:
    """The YAML of what a random encoder mines."""
    origin = hard_negatives.Origin(spec, folder.parent, corpus.digest, "m", {"seed": 0}, rules(**changes))
    found = miner(corpus, Directions(), origin.rules, folder.parent / "cache").mine()
    hard_negatives.write(folder, name, origin, corpus, found)
    return folder / hard_negatives.SPEC


def aligned_rows(count: int = 30) -> list[dict[str, Any]]:
    """Documents of five rows; some repeat a text, some lack German."""
    rows = []
    for number in range(count):
        texts = {"en": f"English row {number % 27} is cut\u2028 before row {number % 27} ends"}
        if number % 4:
            told = number if number % 7 else 0
            texts["de"] = f"Die deutsche Zeile {told} steht vor der Zeile {told}"
        rows.append({"id": f"{number}", "doc": f"d{number // 5}", "texts": texts})
    return rows


def source(folder: Path, relation: str) -> registry.Entry[Any]:
    if relation == "qa":
        path = folder / "facts.yaml"
        path.write_text("name: c\nlanguages: [en, th, de]\nformat: facts\nkinds: [first-day]\n")
    else:
        path = write_corpus(folder, aligned_rows(), relation, "doc")
    return registry.load("corpus", str(path))


@pytest.mark.parametrize("relation", ["qa", "next", "halves"])
def test_a_recipe_draws_the_same_batches_from_the_hard_negatives(tmp_path: Path, relation: str) -> None:
    entry = source(tmp_path, relation)
    before = load(tmp_path / ("facts.yaml" if relation == "qa" else "mine.yaml"))
    after = load(written(tmp_path / "out", before, entry.spec))
    assert (after.languages, after.relation, len(after)) == (before.languages, relation, len(before))
    np.testing.assert_array_equal(after.group, before.group)
    assert len(set(before.group.tolist())) < len(before) or relation == "qa"
    for name in ("query", "passage"):
        first, second = (
            [corpus.texts[number] if number >= 0 else "" for number in getattr(corpus, name).flat]
            for corpus in (before, after)
        )
        assert first == second
    for mix in ({"mono": 0.5, "cross": 0.5}, {"mixed": 0.5, "parallel": 0.5}):
        recipe = specs.Recipe(name="r", mix=specs.Mix(**mix), tau=0.5)
        digests = {stream_of(corpus, recipe, 4, seed).digest() for corpus in (before, after) for seed in (3,)}
        assert len(digests) == 1


def test_the_negatives_are_those_that_were_mined(tmp_path: Path) -> None:
    before = load(write_corpus(tmp_path, aligned_rows(), "next", "doc"))
    after = load(written(tmp_path / "out", before, registry.load("corpus", str(tmp_path / "mine.yaml")).spec))
    expected = mine(before, Directions(), tmp_path / "cache")
    read = {
        (unit, language): [after.texts[text] for text in after.negative_texts(unit, number)]
        for unit in range(len(after))
        for number, language in enumerate(after.languages)
    }
    assert {key: texts for key, texts in read.items() if texts} == expected
    assert {language for _, language in expected} == {"de", "en"}


def test_the_same_corpus_gives_the_same_bytes(tmp_path: Path) -> None:
    corpus = table(tmp_path / "t", tangle(0), "qa", ("de", "en", "th"))
    spec = specs.CorpusBase(name="c", languages=corpus.languages)
    first, second = (written(tmp_path / name, corpus, spec).parent for name in ("a", "b"))
    for name in (hard_negatives.SPEC, hard_negatives.UNITS):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert (first / hard_negatives.UNITS).read_bytes()[3:8] == bytes(5)  # neither a name nor a time in gzip's header


def test_what_is_said_of_a_corpus_is_said_of_the_mined_one(tmp_path: Path) -> None:
    corpus = table(tmp_path / "t", answers(0.8, 0.5, 0.4), "qa")
    said = {
        "license": "CC0",
        "notice": "Mind this.",
        "cite": "Someone 2020",
        "size": "3",
        "derived_from": ("squad:train",),
    }
    spec = specs.CorpusBase(name="c", languages=corpus.languages, description="Made up.", **said)
    path = written(tmp_path / "out", corpus, spec, depth=50, margin=0.9)
    found = registry.load("corpus", str(path)).spec
    assert {key: getattr(found, key) for key in said} == said
    for part in (corpus.digest, "that m (seed 0)", "the 50 passages", "below 0.9 of", "Made up."):
        assert part in found.description
    bare = written(tmp_path / "bare", corpus, specs.CorpusBase(name="c", languages=corpus.languages))
    assert "derived_from" not in registry.load("corpus", str(bare)).spec.model_fields_set


@pytest.mark.parametrize("name", ["facts", "squad-translated", "mmarco", "dgt"])
def test_a_hard_negatives_has_the_verdict_of_its_source(tmp_path: Path, name: str) -> None:
    spec = registry.load("corpus", name).spec
    corpus = table(tmp_path / "t", answers(0.8, 0.5, 0.4), "qa")
    found = registry.load("corpus", str(written(tmp_path / "out", corpus, spec, "other"))).spec
    assert hard_negatives._license(spec) == found.license != ""
    for task in ("facts", "xquad-r", "mlqa-r"):
        asked = registry.load("task", task).spec
        verdicts = [verdict.declared(asked, None, one) for one in (spec, found)]
        assert verdicts[0].name == verdicts[1].name


@pytest.mark.parametrize("place", ["beside", "data"])
def test_lexicons_are_found_from_the_hard_negatives(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("beside", "data"):
        (tmp_path / folder / "words").mkdir(parents=True)
    (tmp_path / place / "words" / "de.txt").write_text("cat Katze\n")
    lexicons = {"source": {"path": "words/{lang}.txt"}, "to": ["de"], "from": "en"}
    path = write_corpus(tmp_path / "beside", aligned_rows(), "next", "doc")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"lexicons": lexicons}))
    entry, storage = registry.load("corpus", str(path)), Storage((tmp_path / "data",), tmp_path / "cache")
    corpus = load_corpus(entry, storage)
    origin = hard_negatives.Origin(entry.spec, entry.base, corpus.digest, "m", {"seed": 0}, rules())
    out = tmp_path / "somewhere" / "else"
    hard_negatives.write(out, "mined", origin, corpus, miner(corpus, Directions(), rules(), tmp_path).mine())
    again = load_corpus(registry.load("corpus", str(out / hard_negatives.SPEC)), storage)
    assert again.lexicons is not None
    assert again.lexicons.of("de") == {"cat": ("Katze",)}


def test_no_negative_at_all_is_an_error_and_leaves_what_was_there(tmp_path: Path) -> None:
    corpus = table(tmp_path / "t", answers(0.8, 0.5, 0.4), "qa")
    spec = specs.CorpusBase(name="c", languages=corpus.languages)
    before = written(tmp_path / "out", corpus, spec).read_bytes()
    nothing = table(tmp_path / "u", answers(0.8), "qa")
    with pytest.raises(DataError, match="corpus c: no row has a negative; raise --depth or --margin"):
        written(tmp_path / "out", nothing, spec)
    assert (tmp_path / "out" / hard_negatives.SPEC).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "out", "t", "u"]


def test_damage_to_the_units_is_told(tmp_path: Path) -> None:
    corpus = table(tmp_path / "t", answers(0.8, 0.5, 0.4), "qa")
    path = written(tmp_path / "out", corpus, specs.CorpusBase(name="c", languages=corpus.languages))
    units = path.with_name(hard_negatives.UNITS)
    units.write_bytes(gzip.compress(gzip.decompress(units.read_bytes()).replace(b"q1", b"q9")))
    with pytest.raises(DataError, match=r"units\.jsonl\.gz: sha256 mismatch"):
        load(path)


def test_counts_by_hand(tmp_path: Path) -> None:
    scores = (0.8, 0.4, 0.2, -0.4)
    corpus = table(tmp_path / "t", answers(*scores), "qa")
    counts = hard_negatives.NegativeCounts()
    for _, (rows,) in miner(corpus, scored(*scores), rules(negatives=2), tmp_path).mine():
        counts.add(rows)
    assert (counts.rows, counts.rows_with_negatives, counts.negatives) == (4, 3, 5)
    assert counts.median_ratio() == pytest.approx(np.median([0.5, 0.25, 0.5, -1, -2]))
    assert hard_negatives.total([counts, counts]).negatives == 10


# --- the command -------------------------------------------------------------------------------------------------

MINE = "corpora mine c.yaml --model random --out out"


def test_a_corpus_is_mined_and_trained_on(desk: Desk) -> None:  # noqa: F811
    ended = desk.type("corpora mine c.yaml --model m.yaml --out new --negatives 2")
    assert ended.code == 0, ended.err
    assert ended.out.split()[:4] == ["language", "rows", "with", "negatives"]
    assert [line.split()[0] for line in ended.out.splitlines()[1:]] == ["en", "de", "all", "new/corpus.yaml"]
    first = json.loads(gzip.decompress((desk.folder / "new/units.jsonl.gz").read_bytes()).splitlines()[0])
    assert set(first) == {"id", "query", "positive", "negatives"}
    assert desk.type("corpora mine c.yaml --model m.yaml --out new").code == 0  # its own folder again
    desk.refused(
        "corpora mine new/corpus.yaml --model m.yaml --out new", "--out new: the corpus that is mined lies there"
    )
    train = "run --model m.yaml --recipe r.yaml --task t.yaml --out results --set hard_negatives=2"
    desk.refused(f"{train} --corpus c.yaml", "hard_negatives: the corpus has none")
    ended = desk.type(f"{train} --corpus new/corpus.yaml")
    assert ended.code == 0, ended.err
    (path,) = (desk.folder / "results").rglob("*-seed-0.json")
    result = json.loads(path.read_text())
    assert result["corpus"] == "c-mined-by-m"
    assert result["zero_shot"]["verdict"] == "in-domain"
    assert np.isfinite([loss for _, loss in result["training"]["loss"]]).all()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("corpora mine fact --model random --out out", "unknown corpus 'fact'; did you mean 'facts'?"),
        ("corpora mine c.yaml --model randm --out out", "unknown model 'randm'; did you mean 'random'?"),
        ("corpora mine c.yaml --out out", "Missing option '--model'"),
        ("corpora mine c.yaml --model random", "Missing option '--out'"),
        ("corpora mine c.yaml --model bm25 --out out", "model bm25 gives no vectors to search with; name an encoder"),
        (f"{MINE} --set model.post=lir", "model random: post lir is not taken when mining"),
        (
            "corpora mine c.yaml --model static --out out --set 'model.prompts={query: \"{instruction}\"}'",
            "give one sentence with --set model.instr",
        ),
        ("corpora mine tatoeba --model random --out out", "corpus tatoeba: relation translation: in its own language"),
        ("corpora mine mmarco --model random --out out --offline", "--offline forbids fetching them"),
        (f"{MINE} --set steps=3", "--set: mining depends on corpus.… and model.… alone"),
        (f"{MINE} --set stps=3", "--set stps: unknown setting; did you mean 'steps'?"),
        (f"{MINE} --margin 0", "--margin 0.0: expected more than 0 and at most 1"),
        (f"{MINE} --margin 1.01", "--margin 1.01: expected more than 0 and at most 1"),
        (f"{MINE} --margin nan", "'--margin': found 'nan', expected a number in plain digits"),
        (f"{MINE} --depth 0", "'--depth': 0 is not in the range"),
        (f"{MINE} --negatives 0", "'--negatives': 0 is not in the range"),
        (f"{MINE} --among some", "'--among'"),
        (f"{MINE} --name Mine", "--name: found 'Mine', expected at most 100 lower-case letters"),
        (f"{MINE} --name c", "--name c: that is the corpus that is mined"),
        (f"{MINE} --device tpu", "--device tpu: expected auto, cpu"),
        (f"{MINE} --depth 1 --margin 0.0001", "no row has a negative; raise --depth or --margin"),
    ],
)
def test_what_cannot_be_mined_is_one_line(desk: Desk, line: str, says: str) -> None:  # noqa: F811
    desk.refused(line, says)


@pytest.mark.parametrize("name", ["notes.txt", "corpus.yaml", "units.jsonl.gz"])
def test_a_folder_rows_with_negativesthing_else_is_left_alone(desk: Desk, name: str) -> None:  # noqa: F811
    kept = desk.write(f"full/{name}", "mine")
    ended = desk.type("corpora mine c.yaml --model random --out full")
    assert ended.code == 2
    assert f"--out full: holds {name!r}; name a new folder" in ended.err
    assert kept.read_text() == "mine"
    assert [path.name for path in kept.parent.iterdir()] == [name]
    assert desk.type("corpora mine c.yaml --model random --out c.yaml").code == 2


def test_a_folder_that_only_looks_like_a_hard_negatives_is_left_alone(desk: Desk) -> None:  # noqa: F811
    kept = [desk.write(f"full/{name}", "mine") for name in (hard_negatives.SPEC, hard_negatives.UNITS)]
    ended = desk.type("corpora mine c.yaml --model random --out full")
    assert ended.code == 2
    assert [path.read_text() for path in kept] == ["mine", "mine"]


def test_rules_know_their_margin() -> None:
    with pytest.raises(SpecError, match="--margin 0"):
        rules(margin=0)
