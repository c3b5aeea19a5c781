"""Tables on disk are the corpus, whatever the memory they were built in; groups are connected components."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from xbench import arrays
from xbench.data.units import Unit
from xbench.errors import DataError
from xbench.training import table_merging, table_writer
from xbench.training.corpus import Corpus
from xbench.training.corpus_table import open_table
from xbench.training.groups import components
from xbench.training.pools import index_of
from xbench.training.table_writer import TableWriter

LANGUAGES = ("de", "en", "th")


def build(folder: Path, units: list[Unit], relation: str = "qa", languages: tuple[str, ...] = LANGUAGES) -> Corpus:
    folder.mkdir()
    writer = TableWriter(folder, languages)
    for unit in units:
        writer.unit(unit.query, unit.passage, unit.negatives)
    writer.finish("c", relation)
    return open_table(folder, relation)


def some_units(count: int, texts: int, seed: int = 0) -> list[Unit]:
    """Units whose texts repeat, some languages missing, some with negatives."""
    draw = random.Random(seed)

    def side(kind: str) -> dict[str, str]:
        return {lang: f"{kind} {draw.randrange(texts)} ü{lang}" for lang in LANGUAGES if draw.random() < 0.8}

    return [Unit(side("q"), side("p"), [side("n") for _ in range(draw.randrange(3))]) for _ in range(count)]


def written(corpus: Corpus) -> list[tuple[dict[str, str], dict[str, str], list[dict[str, str]]]]:
    """Everything a corpus says, read back."""

    def texts(numbers: np.ndarray) -> dict[str, str]:
        return {lang: corpus.texts[n] for lang, n in zip(corpus.languages, numbers, strict=True) if n >= 0}

    rows = []
    for unit in range(len(corpus)):
        held = corpus.negatives
        negatives = [] if held is None else [texts(row) for row in held.text[held.start[unit] : held.start[unit + 1]]]
        rows.append((texts(corpus.query[:, unit]), texts(corpus.passage[:, unit]), negatives))
    return rows


def test_a_table_gives_back_every_text_of_every_unit(tmp_path: Path) -> None:
    units = some_units(200, 60)
    corpus = build(tmp_path / "t", units)
    assert written(corpus) == [(u.query, u.passage, list(u.negatives)) for u in units if u.query and u.passage]
    assert len(set(corpus.texts)) == len(corpus.texts)
    assert corpus.texts[-1] == list(corpus.texts)[-1]
    assert list(corpus.texts[:3]) == list(corpus.texts)[:3]


@pytest.mark.parametrize("recent", [1, 7, 50])
def test_a_table_built_in_little_memory_is_the_same_byte_for_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recent: int
) -> None:
    units = some_units(300, 40, seed=recent)
    roomy = build(tmp_path / "roomy", units)
    monkeypatch.setattr(table_writer, "RECENT", recent)
    monkeypatch.setattr(table_merging, "BUCKET", 16)
    monkeypatch.setattr(table_writer, "BUFFER", 5)
    monkeypatch.setattr(arrays, "BLOCK", 13)
    tight = build(tmp_path / "tight", units)
    assert tight.digest == roomy.digest
    for path in (tmp_path / "roomy").iterdir():
        assert path.read_bytes() == (tmp_path / "tight" / path.name).read_bytes(), path.name


def test_the_index_on_disk_is_the_one_made_in_memory(tmp_path: Path) -> None:
    corpus = build(tmp_path / "t", some_units(150, 50))
    made = index_of(Corpus(**{**vars(corpus), "index": None}))
    assert corpus.index is not None
    for one, other in ((corpus.index.asks, made.asks), (corpus.index.answers, made.answers)):
        assert all(map(np.array_equal, one, other))
    assert np.array_equal(corpus.index.counts, made.counts)
    assert (corpus.index.distinct, corpus.index.groups) == (made.distinct, made.groups)
    de, en = 0, 1
    both = (corpus.query[de] >= 0) & (corpus.passage[en] >= 0)
    assert corpus.index.counts[de, en] == both.sum()


def test_a_part_of_a_corpus_does_not_use_the_index_of_the_whole(tmp_path: Path) -> None:
    corpus = build(tmp_path / "t", some_units(50, 20))
    away = np.arange(len(corpus)) % 2 == 0
    half = replace(corpus, query=np.where(away, -1, corpus.query), passage=np.where(away, -1, corpus.passage))
    assert index_of(corpus) is corpus.index
    assert all((units % 2 == 1).all() for units in index_of(half).asks)


def referee(sides: list[np.ndarray], texts: int) -> np.ndarray:
    edges = [
        (unit, len(side) + number * texts + text)
        for number, side in enumerate(sides)
        for unit, row in enumerate(side)
        for text in row
        if text >= 0
    ]
    size = len(sides[0]) + texts * len(sides)
    left, right = zip(*edges, strict=True) if edges else ((), ())
    graph = coo_array((np.ones(len(edges)), (left, right)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][: len(sides[0])])


def same_parts(one: np.ndarray, other: np.ndarray) -> bool:
    pairs = set(zip(one.tolist(), other.tolist(), strict=True))
    return len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))


@given(st.lists(st.tuples(*[st.integers(-1, 12)] * 4), min_size=1, max_size=30))
def test_groups_are_scipys_connected_components(rows: list[tuple[int, ...]]) -> None:
    table = np.array(rows, np.int32)
    for sides in ([table], [table[:, :2], table[:, 2:]]):
        found = components(sides, 13)
        assert same_parts(found, referee(sides, 13))
        assert found[0] == 0
        assert set(found) == set(range(found.max() + 1))


@pytest.mark.parametrize("order", ["up", "down", "shuffled"])
def test_a_long_chain_is_one_group(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "BLOCK", 500)
    places = np.arange(3000, dtype=np.int32)
    places = {"up": places, "down": places[::-1], "shuffled": np.random.default_rng(1).permutation(places)}[order]
    assert not components([np.stack([places, places + 1], axis=1)], 3001).any()


def test_units_that_share_a_query_are_one_group_where_it_is_a_question(tmp_path: Path) -> None:
    units = [Unit({"de": "Wer?"}, {"de": "Eins", "en": "One", "th": "x"}), Unit({"de": "Wer?"}, {"de": "Zwei"})]
    assert build(tmp_path / "qa", units, "qa").group.tolist() == [0, 0]
    assert build(tmp_path / "next", units, "next").group.tolist() == [0, 1]


def test_negatives_are_given_by_language_without_the_units_own_passage(tmp_path: Path) -> None:
    units = [
        Unit({"de": "q", "en": "q", "th": "q"}, {"de": "p"}, [{"de": "n1", "en": "m1"}, {"de": "p"}, {"de": "n2"}]),
        Unit({"de": "r"}, {"de": "s"}),
    ]
    corpus = build(tmp_path / "t", units)

    def texts(unit: int, language: int) -> list[str]:
        return [corpus.texts[number] for number in corpus.negative_texts(unit, language)]

    assert (texts(0, 0), texts(0, 1), texts(0, 2), texts(1, 0)) == (["n1", "n2"], ["m1"], [], [])
    assert build(tmp_path / "none", units[1:], languages=("de",)).negative_texts(0, 0) == []


def test_an_empty_table_and_half_a_surrogate_pair_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="corpus c is empty"):
        build(tmp_path / "empty", [Unit({"de": "q"}, {})])
    with pytest.raises(DataError, match="half a surrogate pair"):
        build(tmp_path / "half", [Unit({"de": "q"}, {"de": "\ud800"})])


def test_a_damaged_table_says_what_to_delete(tmp_path: Path) -> None:
    build(tmp_path / "t", some_units(5, 5))
    (tmp_path / "t" / "manifest.json").write_text("{")
    with pytest.raises(DataError, match=r"damaged table .* delete the folder"):
        open_table(tmp_path / "t", "qa")
