"""What the layouts of others promise: one parser for tasks and corpora, and files that are declared are those read."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import layouts
import pyarrow
import pyarrow.parquet
import pytest
from test_hostile_files import SPECS, make

from xbench.data.download import Storage
from xbench.data.finder import Finder
from xbench.data.loaders import bilingual, captions, questions, texts
from xbench.data.parquet import parquet_rows
from xbench.data.qrels import Qrel, beir_qrels, trec_qrels
from xbench.data.readers import beir, bitext, facts, irds, judged, lareqa, miracl, mteb, parallel, passages
from xbench.data.rows import File
from xbench.data.squad import paragraphs
from xbench.data.titles import title_and_text
from xbench.errors import DataError
from xbench.specs import registry
from xbench.specs.parts import Place, Source

READERS = {
    "beir": beir,
    "bitext": bitext,
    "lareqa": lareqa,
    "miracl": miracl,
    "mteb": mteb,
    "parallel": parallel,
    "passages": passages,
}


@pytest.mark.parametrize("kind", sorted(READERS.keys() & SPECS.keys()))
def test_a_reader_opens_the_files_that_it_declares_and_no_others(kind: str, tmp_path: Path) -> None:
    make(kind, tmp_path)
    task, finder = registry.load("task", str(tmp_path / "t.yaml")).spec, Finder(Storage(cache=tmp_path), tmp_path)
    opened: set[str] = set()

    def locate(source: Place, language: str) -> File:
        opened.add(f"{source.path} {language}")
        return finder.file(source, language)

    READERS[kind].read(task, locate)
    assert opened == {f"{source.path} {language}" for source, language in READERS[kind].files(task)}


@pytest.mark.parametrize("reader", [facts, irds])
def test_what_needs_no_file_declares_none(reader: ModuleType) -> None:
    task = registry.load("task", "facts" if reader is facts else "neuclir").spec
    assert list(reader.files(task)) == []


def test_an_id_stands_once_in_its_language() -> None:
    column = judged.TextColumn("de")
    column.add("1", "eins", "here:1")
    with pytest.raises(DataError, match=r"here:2: found id '1', expected an id that no other row has"):
        column.add("1", "zwei", "here:2")


def put(folder: Path, name: str, content: str) -> File:
    (folder / name).write_text(content)
    return File(folder / name)


@pytest.mark.parametrize("between", ["\t", " ", "   "])
def test_qrels_of_trec_and_of_beir_say_the_same(tmp_path: Path, between: str) -> None:
    lines = [("q1", "d1", "2"), ("q1", "d2", "0"), ("q2", "d1", "-1")]
    trec = put(tmp_path, "trec", "".join(between.join((q, "0", d, grade)) + "\n" for q, d, grade in lines))
    beirs = put(tmp_path, "beir", "query-id\tcorpus-id\tscore\n" + "".join("\t".join(line) + "\n" for line in lines))
    found = [(qrel.query, qrel.document, str(qrel.grade)) for qrel in trec_qrels(trec)]
    assert found == lines == [(qrel.query, qrel.document, str(qrel.grade)) for qrel in beir_qrels(beirs)]
    assert next(trec_qrels(trec)) == Qrel("q1", "d1", 2, f"{tmp_path / 'trec'}:1")


def test_squad_gives_paragraphs_by_place_with_all_that_the_file_says(tmp_path: Path) -> None:
    question = {"id": "q", "question": "Who?", "answers": [{"text": "A", "answer_start": 0}]}
    content = {"data": [{"paragraphs": []}, {"paragraphs": [{"context": "A did.", "qas": [question], "more": 1}]}]}
    (paragraph,) = paragraphs(put(tmp_path, "s.json", json.dumps(content)))
    assert (paragraph.article, paragraph.number, paragraph.context, paragraph.row["more"]) == (1, 0, "A did.", 1)
    (asked,) = paragraph.questions
    assert (asked.id, asked.text, asked.row["answers"]) == ("q", "Who?", question["answers"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[]", r"not SQuAD's layout, data\[\].paragraphs\[\].qas\[\]: found \[\], expected an object with 'data'"),
        ('{"data": [{}]}', r"no key 'paragraphs'"),
        ('{"data": [{"paragraphs": [{"context": 5, "qas": []}]}]}', r"data.0.paragraphs.0: context: found 5"),
        ('{"data": [{"paragraphs": [{"context": "", "qas": [{"id": 1, "question": ""}]}]}]}', r"expected `id` and"),
        ('{"data"', r"not valid JSON"),
    ],
)
def test_what_is_not_squad_is_named_with_its_place(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        list(paragraphs(put(tmp_path, "s.json", content)))


def test_a_title_stands_where_the_template_says_and_its_absence_leaves_the_text() -> None:
    assert title_and_text({"title": "T", "text": "x"}, "{title}: {text}", "here") == "T: x"
    assert title_and_text({"title": None, "contents": " x "}, "{title}: {text}", "here", ("text", "contents")) == " x "
    with pytest.raises(DataError, match=r"here: title: found 5, expected text"):
        title_and_text({"title": 5, "text": "x"}, "{text}", "here")
    with pytest.raises(DataError, match=r"here: text: no key 'text'; found 'title', expected text"):
        title_and_text({"title": ""}, "{text}", "here", ("text", "contents"))


def test_rows_of_parquet_are_numbered_and_have_the_columns_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": [1, 2], "b": ["x", "y"]}), path)
    assert list(parquet_rows(path, ("b", "c"))) == [(f"{path}:1", {"b": "x"}), (f"{path}:2", {"b": "y"})]
    with pytest.raises(DataError, match=r"no column 'c'; it has a, b"):
        next(parquet_rows(path, ("b", "c"), required=True))


def test_the_finder_numbers_lines_through_the_members_of_an_archive(tmp_path: Path) -> None:
    source = Source(path="a.zip", member="{lang}.txt")
    layouts.put(tmp_path, source, "de", b"eins\nzwei\n")
    lines = list(Finder(Storage(cache=tmp_path), tmp_path).lines(source, "de"))
    assert lines == [(f"{tmp_path / 'a.zip'}: de.txt:1", "eins"), (f"{tmp_path / 'a.zip'}: de.txt:2", "zwei")]


CORPORA: list[tuple[Callable[..., Iterator[object]], dict[str, object], dict[str, str]]] = [
    (questions.rows, {"format": "qa-jsonl", "source": {"path": "f"}}, {"f": '{"query": {"de": 5}, "positive": {}}\n'}),
    (texts.lines, {"format": "aligned-lines", "source": {"path": "{lang}"}, "relation": "translation"},
     {"de": "a\nb\n", "en": "a\n"}),
]  # fmt: skip


@pytest.mark.parametrize(("load", "spec", "files"), CORPORA)
def test_a_loader_names_the_line_that_is_at_fault(
    load: Callable[..., Iterator[object]], spec: dict[str, object], files: dict[str, str], tmp_path: Path
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    corpus = declared(tmp_path, **{"languages": ["de", "en"], **spec})
    with pytest.raises(DataError, match=r":[12]: "):
        list(load(corpus, Finder(Storage(cache=tmp_path), tmp_path)))


def declared(folder: Path, **spec: object) -> Any:
    (folder / "c.yaml").write_text(json.dumps({"name": "c", "languages": ["de", "en", "fr"], **spec}))
    return registry.load("corpus", str(folder / "c.yaml")).spec


def test_a_caption_and_its_translations_are_one_unit(tmp_path: Path) -> None:
    rows = [("en", "a dog", "de", "ein Hund"), ("en", "a dog", "fr", "un chien")]
    lines = [json.dumps({**dict(zip(captions.KEYS, row, strict=True)), "image": "1"}) + "\n" for row in rows]
    (tmp_path / "c.jsonl").write_text("".join(lines))
    corpus = declared(tmp_path, format="captions", source={"path": "c.jsonl"}, image="image", relation="translation")
    (unit,) = captions.captions(corpus, Finder(Storage(cache=tmp_path), tmp_path), tmp_path)
    assert unit.query == unit.passage == {"de": "ein Hund", "en": "a dog", "fr": "un chien"}


def test_pairs_with_one_english_text_are_one_unit(tmp_path: Path) -> None:
    (tmp_path / "de.tsv").write_text("a dog\tein Hund\na dog\tder Hund\n")
    (tmp_path / "fr.tsv").write_text("a dog\tun chien\n")
    spec = {"format": "english-pairs", "layout": "tsv", "source": {"path": "{lang}.tsv"}, "relation": "translation"}
    (unit,) = bilingual.pairs(declared(tmp_path, **spec), Finder(Storage(cache=tmp_path), tmp_path), tmp_path)
    assert unit.query == {"de": "ein Hund", "en": "a dog", "fr": "un chien"}
