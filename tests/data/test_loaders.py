"""Each format of corpora on a few lines in its true layout, read through the YAML that ships; and its damages."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from xbench.data.archives import lines
from xbench.data.download import Storage
from xbench.data.loaders import joining, triples
from xbench.errors import DataError, SpecError, XbenchError
from xbench.specs import Recipe, registry
from xbench.training import corpus_loading as corpus_module
from xbench.training.batches import stream_of
from xbench.training.corpus import Corpus
from xbench.training.corpus_loading import load_corpus

UNPINNED = {"mmarco": ("triples", "queries", "passages")}


class Desk:
    """A data folder, and the shipped corpora read from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def parquet(self, name: str, **columns: list[Any]) -> Path:
        stream = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.table(columns), stream)
        return self.write(name, stream.getvalue())

    def load(self, name: str, **overrides: Any) -> Corpus:
        for part in UNPINNED.get(name, ()):
            overrides |= {f"{part}.md5": {}, f"{part}.bytes": {}}
        storage = Storage((self.folder,), self.folder / "cache", offline=True)
        return load_corpus(registry.load("corpus", name, overrides), storage)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def pairs(corpus: Corpus) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Every unit's query and passage, a dash for a language it lacks."""

    def side(numbers: Any) -> tuple[str, ...]:
        return tuple(corpus.texts[number] if number >= 0 else "-" for number in numbers)

    return {(side(corpus.query[:, unit]), side(corpus.passage[:, unit])) for unit in range(len(corpus))}


def negatives(corpus: Corpus, query: str, language: int = 0) -> list[str]:
    units = [unit for unit in range(len(corpus)) if corpus.texts[corpus.query[language, unit]] == query]
    return [corpus.texts[number] for number in corpus.negative_texts(units[0], language)]


# --- the shipped corpora -----------------------------------------------------------------------------------------


def mmarco(desk: Desk) -> None:
    desk.write("mmarco/triples.train.ids.small.tsv", "400296\t1540783\t3518497\n662731\t193249\t2975302\n")
    for language, name in (("de", "german"), ("en", "english")):
        queries = f"662731\tzwei {language}\n400296\teins {language}\n5\tunused\n"
        desk.write(f"mmarco/queries/{name}_queries.train.tsv", queries)
        ids = (2975302, 193249, 7, 3518497) if language == "de" else (1540783, 2975302, 193249, 3518497)
        rows = "".join(f"{identity}\tpassage {identity} {language}\n" for identity in ids)
        desk.write(f"mmarco/collections/{name}_collection.tsv", rows)


@pytest.mark.parametrize("read_at_once", [1, 2, 1000])
def test_id_triples_look_texts_up_in_every_language_and_keep_the_negatives(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, read_at_once: int
) -> None:
    monkeypatch.setattr(triples, "LINES", read_at_once)
    mmarco(desk)
    corpus = desk.load("mmarco", languages=["de", "en"])
    assert pairs(corpus) == {
        (("eins de", "eins en"), ("-", "passage 1540783 en")),  # German lacks this passage
        (("zwei de", "zwei en"), ("passage 193249 de", "passage 193249 en")),
    }
    assert negatives(corpus, "eins de") == ["passage 3518497 de"]
    assert negatives(corpus, "zwei en", 1) == ["passage 2975302 en"]
    assert "unused" not in set(corpus.texts)
    assert len(desk.load("mmarco", languages=["de", "en"], first=1)) == 1


def test_ids_that_are_no_numbers_are_as_good() -> None:
    names = ["7", "07", "d7", "7.0", "18446744073709551616", "", "9" * 5000]
    assert len({triples.key(name) for name in names}) == len(names)
    assert triples.key("7") == 7
    assert all(0 <= triples.key(name) < 2**64 for name in names)


def test_mr_tydi_gives_a_unit_per_positive_with_its_negatives(desk: Desk) -> None:
    passage = {"docid": "1#0", "title": "Titel", "text": "Antwort"}
    row = {"query": "Frage?", "positive_passages": [passage], "negative_passages": [{"text": "falsch"}]}
    for name in ("finnish", "thai"):
        desk.write(f"mr-tydi/mrtydi-v1.1-{name}/train.jsonl.gz", gzip.compress(json.dumps(row).encode()))
    corpus = desk.load("mr-tydi", languages=["fi", "th"])
    assert pairs(corpus) == {(("Frage?", "-"), ("Titel\nAntwort", "-")), (("-", "Frage?"), ("-", "Titel\nAntwort"))}
    assert negatives(corpus, "Frage?") == ["falsch"]


def miracl(desk: Desk, judgements: str = "q1 Q0 1#0 1\nq1 Q0 2#1 0\nq2 Q0 2#1 0\n") -> None:
    desk.write("miracl/topics/topics.miracl-v1.0-sw-train.tsv", "q1\tNani?\nq2\tNini?\n")
    desk.write("miracl/qrels/qrels.miracl-v1.0-sw-train.tsv", judgements.replace(" ", "\t"))
    for shard, identity in ((0, "1#0"), (1, "2#1")):
        row = json.dumps({"docid": identity, "title": "T", "text": f"text {identity}"})
        desk.write(f"miracl/miracl-corpus-v1.0-sw/docs-{shard}.jsonl.gz", gzip.compress(row.encode()))


def test_judged_passages_are_units_or_negatives(desk: Desk) -> None:
    miracl(desk)
    corpus = desk.load("miracl-train", languages=["sw"])
    assert pairs(corpus) == {(("Nani?",), ("T\ntext 1#0",))}
    assert negatives(corpus, "Nani?") == ["T\ntext 2#1"]


def test_ntrex_pairs_neighbours_of_one_document(desk: Desk) -> None:
    desk.write("ntrex/newstest2019-src.eng.txt", "One.\nTwo.\nThree.\n")
    desk.write("ntrex/newstest2019-ref.deu.txt", "Eins.\r\nZwei.\r\nDrei.\r\n")
    desk.write("ntrex/DOCUMENT_IDS.tsv", "bbc.1\nbbc.1\nrt.2\n")
    assert pairs(desk.load("ntrex", languages=["de", "en"])) == {(("Eins.", "One."), ("Zwei.", "Two."))}


def tatoeba(desk: Desk) -> None:
    for code, english, other in (
        ("deu", "Hi.\nBye.\n", "Hallo.\nTschüss.\n"),
        ("cmn", "Bye.\nHi.\n", "再见。\n你好。\n"),
    ):
        desk.write(f"tatoeba/tatoeba.{code}-eng.eng", english)
        desk.write(f"tatoeba/tatoeba.{code}-eng.{code}", other)


@pytest.mark.parametrize("buckets", [1, 64])
def test_tatoeba_joins_languages_by_the_english_sentence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, buckets: int
) -> None:
    monkeypatch.setattr(joining, "BUCKETS", buckets)
    tatoeba(desk)
    found = {("Tschüss.", "Bye.", "再见。"), ("Hallo.", "Hi.", "你好。")}
    assert pairs(desk.load("tatoeba", languages=["de", "en", "zh"])) == {(unit, unit) for unit in found}


TMX = """<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4"><header srclang="en" datatype="text"></header><body>
<tu tuid="CMU_1:1"><prop type="note">x</prop>
<tuv xml:lang="en">
<seg>how long have you had this?</seg></tuv>
<tuv xml:lang="{code}"><seg>¿desde cuándo &amp; cómo lo tiene usted?</seg></tuv>
</tu></body></tmx>"""


def zipped(member: str, content: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(member, content)
    return stream.getvalue()


def test_tico19_reads_translation_memories_in_zips(desk: Desk) -> None:
    desk.write("tico19/all.en-es-LA.tmx.zip", zipped("all.en-es-LA.tmx", TMX.replace("{code}", "es-LA")))
    corpus = desk.load("tico19", languages=["en", "es"])
    assert pairs(corpus) == {(("how long have", "¿desde cuándo & cómo"), ("you had this?", "lo tiene usted?"))}


def test_dgt_reads_two_members_of_one_zip(desk: Desk) -> None:
    german, french = ("de-en", "de", "Das Gesetz tritt in Kraft."), ("en-fr", "fr", "La loi entre en vigueur.")
    for pair, language, text in (german, french):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(f"DGT.{pair}.en", "The law enters into force.\n")
            archive.writestr(f"DGT.{pair}.{language}", f"{text}\n")
            archive.writestr(f"DGT.{pair}.ids", "a\tb\t1\t1\n")
        desk.write(f"dgt/{pair}.txt.zip", stream.getvalue())
    first, second = ("Das Gesetz", "The law enters", "La loi entre"), ("tritt in Kraft.", "into force.", "en vigueur.")
    assert pairs(desk.load("dgt", languages=["de", "en", "fr"])) == {(first, second)}


def test_multieurlex_joins_documents_by_their_celex_id_over_all_files(desk: Desk) -> None:
    place = "multieurlex/{}/train-0000{}-of-00002-ab.parquet"
    for language, number, identity, text in (
        ("de", 0, "32", "Artikel eins folgt hier"),
        ("de", 1, "33", "Artikel zwei folgt hier"),
        ("en", 0, "33", "Article two follows here"),
    ):
        desk.parquet(place.format(language, number), celex_id=[identity], text=[text], labels=[[1]])
    corpus = desk.load("multieurlex", languages=["de", "en"])
    assert pairs(corpus) == {
        (("Artikel eins", "-"), ("folgt hier", "-")),
        (("Artikel zwei", "Article two"), ("folgt hier", "follows here")),
    }


def test_captions_ask_for_another_caption_of_the_same_image(desk: Desk) -> None:
    def row(image: int, caption: str, target: str) -> str:
        return json.dumps({
            "image_id": image, "src_lang": "en", "trg_lang": target, "caption_tokenized": caption,
            "translation_tokenized": f"{caption} {target}", "backtranslation_tokenized": caption,
        })  # fmt: skip

    rows = [row(image, caption, target) for target in ("de", "th") for image, caption in ((1, "a"), (2, "c"), (1, "b"))]
    desk.write("xm3600-mt/coco_mt_train.jsonl.bz2", bz2.compress("\n".join(rows).encode()))
    corpus = desk.load("xm3600-mt", languages=["de", "en", "th"])
    assert pairs(corpus) == {(("a de", "a", "a th"), ("b de", "b", "b th"))}


def test_parallel_sentences_join_languages_by_the_english_sentence(desk: Desk) -> None:
    place = "parallel-sentences/europarl/en-{}/train-00000-of-00001.parquet"
    desk.parquet(place.format("de"), english=["Thank you."], non_english=["Danke."])
    desk.parquet(place.format("fr"), english=["Thank you.", "Yes."], non_english=["Merci.", "Oui."])
    desk.parquet(place.replace("train", "dev").format("fr"), english=["No."], non_english=["Non."])
    found = pairs(desk.load("parallel-sentences-europarl", languages=["de", "en", "fr"]))
    assert found == {(unit, unit) for unit in (("Danke.", "Thank you.", "Merci."), ("-", "Yes.", "Oui."))}


def test_every_shipped_corpus_says_size_licence_provenance_and_relation() -> None:
    for name in registry.known("corpus"):
        spec = registry.load("corpus", name).spec
        assert spec.relation in ("qa", "next", "halves", "translation")
        assert spec.license or spec.source.license, name
        assert spec.derived_from, name
        assert spec.size or name in ("facts", "squad-translated"), name


def test_qa_rows_by_language_may_have_negatives_by_language(desk: Desk) -> None:
    sides = {"query": {"de": "Wer?", "en": "Who?"}, "positive": {"en": "He"}}
    desk.write("rows.jsonl", json.dumps(sides | {"hard": {"de": ["Sie"], "en": ["She", "It"]}}))
    spec = {"name": "m", "languages": ["de", "en"], "format": "qa-jsonl", "negatives": "hard"}
    corpus = desk.load(str(desk.write("m.yaml", json.dumps(spec | {"source": {"path": "rows.jsonl"}}))))
    assert pairs(corpus) == {(("Wer?", "Who?"), ("-", "He"))}
    assert (negatives(corpus, "Wer?"), negatives(corpus, "Who?", 1)) == (["Sie"], ["She", "It"])


def test_tab_separated_pairs_are_english_first(desk: Desk) -> None:
    desk.write("en-de.tsv", "Thank you.\tDanke.\n")
    spec = {"name": "m", "languages": ["de", "en"], "format": "english-pairs", "layout": "tsv"}
    spec |= {"relation": "translation", "source": {"path": "{pair}.tsv"}}
    with pytest.raises(DataError, match=r"missing data file de-en.tsv"):
        desk.load(str(desk.write("m.yaml", json.dumps(spec))))
    spec["source"] = {"path": "en-{lang}.tsv"}
    assert pairs(desk.load(str(desk.write("m.yaml", json.dumps(spec))))) == {(("Danke.", "Thank you."),) * 2}


# --- the table is built once --------------------------------------------------------------------------------------


def test_a_corpus_is_built_once_and_again_where_a_file_or_a_key_changes(desk: Desk) -> None:
    tatoeba(desk)
    tables = desk.folder / "cache" / "corpora"

    def built() -> set[str]:
        return {path.name for path in tables.iterdir()}

    first = desk.load("tatoeba", languages=["de", "en"])
    once = built()
    assert desk.load("tatoeba", languages=["de", "en"], title="another", notice="words").digest == first.digest
    assert built() == once
    desk.load("tatoeba", languages=["en", "de"])
    assert len(built()) == 2
    desk.write("tatoeba/tatoeba.deu-eng.deu", "Hallo!\nTschüss.\n")
    assert desk.load("tatoeba", languages=["de", "en"]).digest != first.digest
    assert len(built()) == 3


def test_of_those_that_build_at_once_one_does_and_the_other_takes_its_table(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tatoeba(desk)
    build, built = corpus_module._build, []

    def slow(*arguments: Any) -> None:
        built.append(arguments)
        time.sleep(0.3)  # the other comes meanwhile
        build(*arguments)

    monkeypatch.setattr(corpus_module, "_build", slow)
    with ThreadPoolExecutor(2) as both:  # a lock is of an open file, so threads wait as processes do
        loads = [both.submit(desk.load, "tatoeba", languages=["de", "en"]) for _ in range(2)]
        assert [len(load.result()) for load in loads] == [2, 2]
    assert len(built) == 1
    assert len(list((desk.folder / "cache" / "corpora").iterdir())) == 1


def test_a_corpus_that_fails_leaves_nothing_behind(desk: Desk) -> None:
    tatoeba(desk)
    desk.write("tatoeba/tatoeba.deu-eng.deu", "Hallo.\n")
    with pytest.raises(DataError):
        desk.load("tatoeba", languages=["de", "en"])
    assert not list((desk.folder / "cache" / "corpora").iterdir())


# --- damages -----------------------------------------------------------------------------------------------------


def cut_gzip(desk: Desk) -> None:
    path = desk.folder / "mr-tydi/mrtydi-v1.1-thai/train.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-12])


def put(name: str, content: str | bytes) -> Callable[[Desk], object]:
    return lambda desk: desk.write(name, content)


def judge(line: str) -> Callable[[Desk], object]:
    return lambda desk: miracl(desk, line)


MS, TYDI = "mmarco/triples.train.ids.small.tsv", "mr-tydi/mrtydi-v1.1-thai/train.jsonl.gz"
TICO = "tico19/all.en-es-LA.tmx.zip"
BARE = gzip.compress(b'{"query": "x", "positive_passages": [], "negative_passages": 5}')
ENGLISH_TWICE = zipped("x.tmx", TMX.replace("{code}", "en"))


@pytest.mark.parametrize(
    ("corpus", "languages", "spoil", "says"),
    [
        ("mmarco", "de en", put(MS, "1\t2\n"), "small.tsv:1: 2 fields, expected 3 with tabs between: query id, rele"),
        ("mmarco", "de en", put(MS, ""), "the file of triples is empty"),
        ("mmarco", "de en", put(MS, "9\t193249\t7\n"), "a triple names id 9, which no table of texts has"),
        ("mmarco", "de en", put("mmarco/queries/german_queries.train.tsv", "662731\ta\n662731\tb\n"),
         r"german_queries.train.tsv:2: an id that stands above already"),
        ("mr-tydi", "th", cut_gzip, r"thai/train.jsonl.gz: damaged or truncated gzip file"),
        ("mr-tydi", "th", put(TYDI, BARE), r"train.jsonl.gz:1: negative_passages: found 5, expected text"),
        ("miracl-train", "sw", judge("q1 Q0 1#0\n"), "train.tsv:1: 3 fields, expected 4: query, Q0, document, grade"),
        ("miracl-train", "sw", judge("q9 Q0 1#0 1\n"), "query 'q9' is not among the topics"),
        ("miracl-train", "sw", judge("q1 Q0 9#9 1\n"), "sw: passage '9#9' is judged but in no passage file"),
        ("tatoeba", "de en", put("tatoeba/tatoeba.deu-eng.deu", "Hallo.\n"), "the other side of de-en ends before"),
        ("tico19", "en es", put(TICO, zipped("x.tmx", TMX[:-30])), "not valid XML"),
        ("tico19", "en es", put(TICO, ENGLISH_TWICE), "a tu without a tuv in English and one in another language"),
        ("tico19", "en es", put(TICO, b"PK\x03\x04"), "damaged or truncated zip file"),
        ("multieurlex", "de", lambda desk: desk.parquet("multieurlex/de/train-0.parquet", id=["1"]),
         "no column 'celex_id'; it has id"),
        ("multieurlex", "de", put("multieurlex/de/train-0.parquet", b"PAR1"), "damaged, or no parquet file"),
        ("xm3600-mt", "de en", put("xm3600-mt/coco_mt_train.jsonl.bz2", bz2.compress(b"[1]\n")), "an object per line"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_a_damaged_file_is_one_line_that_names_it(
    desk: Desk, corpus: str, languages: str, spoil: Callable[[Desk], object], says: str
) -> None:
    mmarco(desk)
    miracl(desk)
    tatoeba(desk)
    desk.write(TYDI, BARE)
    spoil(desk)
    with pytest.raises(DataError, match=says) as refused:
        desk.load(corpus, languages=languages.split())
    assert "\n" not in str(refused.value)


def test_aligned_files_of_different_lengths_name_the_short_one(desk: Desk) -> None:
    desk.write("ntrex/newstest2019-src.eng.txt", "One.\nTwo.\n")
    desk.write("ntrex/newstest2019-ref.deu.txt", "Eins.\n")
    desk.write("ntrex/DOCUMENT_IDS.tsv", "a\na\n")
    with pytest.raises(DataError, match=r"src.eng.txt:2: the file of de ends before this line"):
        desk.load("ntrex", languages=["de", "en"])


def test_without_a_commit_the_line_says_how_to_give_one(desk: Desk) -> None:
    with pytest.raises(DataError, match=r"no commit is pinned; look one up at .*/commits/main and give it: --set"):
        desk.load("parallel-sentences-talks", languages=["de", "en"])
    with pytest.raises(DataError, match="offline forbids fetching"):
        desk.load("parallel-sentences-europarl", languages=["de", "en"])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"relation": "qa"}, "relation"),
        ({"languages": ["de"]}, "languages` with en and another"),
        ({"english": None}, "english` with layout lines"),
        ({"source": {"path": "{x}"}}, "no braces but"),
        (
            {"source": {"hub": "a/b", "commit": "main", "files": "*"}},
            "found 'main', expected text that matches",
        ),
        ({"source": {"hub": "a/b"}}, "missing key 'files'"),
        ({"source": {"hub": "a/b", "file": "*"}}, "unknown key 'file'; did you mean 'files'"),
        ({"source": {"pth": "a"}}, "unknown key 'pth'; did you mean 'path'"),
    ],
)
def test_a_corpus_that_contradicts_itself_is_refused(desk: Desk, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        desk.load("tatoeba", **changes)


def test_md5_is_checked_where_no_sha256_is_published(desk: Desk) -> None:
    mmarco(desk)
    storage = Storage((desk.folder,), desk.folder / "cache", offline=True)
    with pytest.raises(DataError, match=r"small.tsv: md5 mismatch: found .*, expected cc7865df9f234513"):
        load_corpus(registry.load("corpus", "mmarco", {"languages": ["de", "en"], "triples.bytes": {}}), storage)


# --- recipes that a corpus does not allow ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mix", "says"),
    [
        ({"cross": 1.0}, "cross batches need units in two languages at once"),
        ({"parallel": 1.0}, "no unit has passages in 2 languages"),
    ],
)
def test_a_corpus_of_single_languages_has_no_crossing_batches(desk: Desk, mix: dict[str, float], says: str) -> None:
    miracl(desk)
    corpus = desk.load("miracl-train", languages=["sw"])
    with pytest.raises(XbenchError, match=says):
        stream_of(corpus, Recipe.model_validate({"name": "r", "mix": mix}), 2, 0)


# --- real data ---------------------------------------------------------------------------------------------------


def test_the_users_own_corpora_of_the_examples_are_read_from_real_text(data_folder: Path, tmp_path: Path) -> None:
    if not (data_folder / "train").is_dir():
        pytest.skip(f"no train/ in {data_folder}")
    examples = Path(__file__).parents[2] / "benchmarks" / "corpora"
    storage = Storage((data_folder,), tmp_path / "cache", offline=True)
    corpus = load_corpus(registry.load("corpus", str(examples / "questions.yaml")), storage)
    files = [data_folder / f"train/{name}.jsonl.gz" for name in ("multi-qa", "arcd-qa")]
    assert len(corpus) == sum(1 for file in files for _ in lines(file))
