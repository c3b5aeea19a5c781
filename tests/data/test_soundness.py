"""What is wrong with a collection is said, whichever reader gave it; each of these scored without a word once."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xbench.data.blanks import is_blank, is_wordless, without_blanks
from xbench.data.certain_scores import expected_precision
from xbench.data.collection import Collection, Golds, Queries, Texts, collect
from xbench.data.copies import copied
from xbench.data.download import Storage
from xbench.data.readers import read
from xbench.data.soundness import sound
from xbench.errors import DataError, SpecError
from xbench.specs import ParallelTask, registry
from xbench.specs.tasks import Grid

WORDS = (
    "Wer baute im Jahre",
    "Wo liegt die Stadt",
    "Wann starb der Graf",
    "Was sah sie auf dem",
    "Wie lang war die Fahrt",
)
LANGUAGES = ("de", "en")


def task(**changes: Any) -> ParallelTask:
    spec = {"name": "t", "languages": LANGUAGES, "format": "parallel", "source": {"path": "rows.jsonl"}, **changes}
    return ParallelTask.model_validate_json(json.dumps(spec))


def made(languages: tuple[str, ...] = LANGUAGES, count: int = 5, **texts: tuple[str, ...]) -> Collection:
    """`count` questions with one document in every language; `texts` are the documents of a language."""
    names = tuple(map(str, range(count)))
    queries = {
        language: Queries(
            tuple(f"{language}-{n}" for n in names), tuple(f"{language} {n}?" for n in names), names, names
        )
        for language in languages
    }
    documents = {
        language: Texts(
            tuple(f"{language}-{n}" for n in names),
            texts.get(language, tuple(f"{language}: {WORDS[int(n) % 5]} {n}" for n in names)),
        )
        for language in languages
    }
    places = {name: [place] for place, name in enumerate(names)}
    return collect(queries, documents, dict.fromkeys(languages, places))


def refusal(value: object, **changes: Any) -> str:
    with pytest.raises(DataError) as refused:
        sound(task(**changes), value)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_collection_that_is_sound_stays_as_it_is() -> None:
    before = made()
    after = sound(task(), before)
    assert (after.digest, after.notes) == (before.digest, ())


# --- what readers of others may give -----------------------------------------------------------------------------


def with_golds(**arrays: Any) -> Collection:
    base = made()
    golds = base.golds["de"]
    return replace(base, golds={**base.golds, "de": Golds(**{**golds.__dict__, **arrays})})


GRADES = np.ones(10, np.int64)
ODD: list[tuple[object, str]] = [
    (None, "its reader gave NoneType, expected an xbench.data.collection.Collection"),
    (made(("de", "en", "fr")), "queries in de, en, fr, expected the task's languages: de, en"),
    (made(("de",)), "queries in de, expected the task's languages: de, en"),
    (replace(made(), documents={"de": Texts(("a",), ("b",))}), "documents in de, expected the task's languages"),
    (replace(made(), golds={}), "golds in , expected the task's languages"),
    (replace(made(), queries={"de": Texts((), ()), "en": made().queries["en"]}), "found Texts, expected Queries"),
    (with_golds(grade=GRADES * 0.5), "golds in language 'de': grade: found float64 of shape (10,), expected whole"),
    (with_golds(grade=GRADES * -1), "golds in language 'de': grade: found -1, expected 0 to 999999"),
    (with_golds(document=GRADES * -1), "golds in language 'de': document: found -1, expected 0 to 4"),
    (with_golds(document=GRADES * 9), "golds in language 'de': document: found 9, expected 0 to 4"),
    (with_golds(language=GRADES * 2), "golds in language 'de': language: found 2, expected 0 to 1"),
    (with_golds(query=made().golds["de"].query[::-1].copy()), "golds in language 'de': not ordered by query"),
    (with_golds(document=GRADES, query=GRADES, language=GRADES), "a query and a document are judged twice"),
    (with_golds(grade=np.array([0, 0, *[1] * 8])), "query 'de-0' (de) has no relevant document"),
]


@pytest.mark.parametrize(("value", "says"), ODD, ids=range(len(ODD)))
def test_what_a_reader_must_not_give_is_one_line(value: object, says: str) -> None:
    assert says in refusal(value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ids": ("x",) * 5}, "id 'x' stands twice; expected an id that no other document has"),
        ({"ids": ("x",)}, "1 ids of 5 texts; expected one of each"),
        ({"texts": ("a", "b", "c", "d", None)}, "texts: found None, expected text"),
        ({"ids": tuple(f"en-{n}" for n in range(5))}, "id 'en-0' stands twice"),
    ],
)
def test_columns_of_documents_are_whole_and_their_ids_of_one_document(change: dict[str, Any], says: str) -> None:
    base = made()
    documents = {"de": replace(base.documents["de"], **change), "en": base.documents["en"]}
    assert says in refusal(replace(base, documents=documents))


def test_a_question_is_asked_once_in_a_language() -> None:
    base = made()
    twice = replace(base.queries["de"], questions=("0", "0", "2", "3", "4"))
    assert "a question is asked twice" in refusal(replace(base, queries={**base.queries, "de": twice}))


# --- parallel relevance ------------------------------------------------------------------------------------------


def apart(relevant: tuple[str, ...] = LANGUAGES) -> Collection:
    """Every language has questions of its own, with documents in its own language alone."""
    base = made()
    queries = {
        language: replace(asked, questions=tuple(f"{language}{n}" for n in range(5)))
        for language, asked in base.queries.items()
    }
    places = {language: {f"{language}{n}": [n] for n in range(5)} for language in relevant}
    return collect(queries, base.documents, {**{language: {} for language in LANGUAGES}, **places})


def test_languages_without_a_shared_question_are_not_parallel() -> None:
    assert "no query id of 'de' is one of another language's" in refusal(apart())
    assert sound(task(relevance="same-language"), apart()).notes == ()


def test_a_language_whose_documents_answer_nothing_is_said() -> None:
    base = made()
    own = {f"{n}": [n] for n in range(5)}
    one = collect(base.queries, base.documents, {"de": own, "en": {}})
    assert "no document in language 'en' is relevant to any query" in refusal(one)
    assert sound(task(relevance="explicit"), one).notes == ("no document in en is relevant to any query",)


# --- blank texts -------------------------------------------------------------------------------------------------

BLANK = ["", " ", "\t\n", "\u200b", "\ufeff\u200d", "\x00\x1f", "\u3164\u2800", "\u00ad", "\ufe0f"]
LOST = ["\ufffd", "\ufffd \ufffd\ufffd", "\ufffc", "\ufdd0", "\uffff", "\U0010fffe", "\ufffe\u200b"]


@pytest.mark.parametrize("text", BLANK + LOST, ids=ascii)
def test_a_text_that_nobody_sees_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", [".", "a", "1", "\u200bx", "_", "ก", "👍\ufe0f", "。", "\ue000"], ids=ascii)
def test_a_text_with_one_sign_is_not_blank(text: str) -> None:
    assert not is_blank(text)


def test_blank_texts_are_named_before_anything_is_encoded() -> None:
    blank = made(en=("a one", " ", "\u200b", "a two", "a three"))
    says = (
        "2 of 5 documents in language 'en' are blank (spaces, controls, characters that nobody sees, or lost ones): "
        "'en-1', 'en-2'; "
    )
    assert refusal(blank) == f"{says}mend the data, or say `blank: drop` in the task"


def test_blank_texts_are_left_out_where_the_task_says_so_and_a_note_says_how_many() -> None:
    base = made(en=("a one", " ", "\u200b", "a two", "a three"), de=("", *"bcde"))
    asked = replace(base.queries["de"], texts=("q a", "q b", "q c", "q d", "\u200b"))
    left = sound(task(blank="drop"), replace(base, queries={**base.queries, "de": asked}))
    assert left.notes[:3] == (
        "de: 1 blank queries are left out (blank: drop)",
        "de: 1 blank documents are left out (blank: drop)",
        "en: 2 blank documents are left out (blank: drop)",
    )
    assert left.queries["de"].ids == ("de-0", "de-1", "de-2", "de-3")
    assert left.documents["en"].ids == ("en-0", "en-3", "en-4")
    golds = left.golds["de"]
    found = list(zip(*(part.tolist() for part in (golds.query, golds.language, golds.document)), strict=True))
    assert found == [(0, 1, 0), (1, 0, 0), (2, 0, 1), (3, 0, 2), (3, 1, 1)]


def test_a_query_that_loses_its_last_relevant_document_leaves_with_it() -> None:
    base = made(de=("", *"bcde"), en=("", *"fghi"))
    left = without_blanks(base, "drop")
    assert left.queries["en"].ids == ("en-1", "en-2", "en-3", "en-4")
    assert "en: 1 queries without a relevant document are left out" in left.notes
    with pytest.raises(DataError, match="no documents in language 'de' is left"):
        without_blanks(made(de=("",) * 5), "drop")


def test_the_option_is_written_only_where_it_is_used() -> None:
    assert "blank" not in task().model_dump(mode="json")
    assert task(blank="drop").model_dump(mode="json")["blank"] == "drop"


# --- texts without a word ------------------------------------------------------------------------------------------

WORDLESS = ["...", "?", "\u3002", "\u201c\u201d", "_", "\u0301", "^", "\ufffd?", "-- \u200b", "\u060c"]
MEANT = [
    "a",
    "7",
    "\U0001f600",
    "\u2764\ufe0f",
    "#\ufe0f\u20e3",
    "\u20ac",
    "+",
    "\u0e01",
    "\ue000",
    "\u4e00",
    "\u266b",
    "\u0378",
]


@pytest.mark.parametrize("text", WORDLESS + BLANK + LOST, ids=ascii)
def test_a_text_without_letter_digit_or_symbol_is_wordless(text: str) -> None:
    assert is_wordless(text)


@pytest.mark.parametrize("text", MEANT, ids=ascii)
def test_a_text_of_one_emoji_or_symbol_is_not_wordless(text: str) -> None:
    assert not is_wordless(text)


def test_wordless_queries_and_relevant_documents_are_noted() -> None:
    base = made(en=("...", "b one", "c one", "d one", "e one"))
    asked = replace(base.queries["de"], texts=("?!", *base.queries["de"].texts[1:]))
    notes = sound(task(), replace(base, queries={**base.queries, "de": asked})).notes
    assert notes == (
        "1 queries in language 'de' have no letter, digit or symbol, such as 'de-0'",
        "1 documents in language 'en' have no letter, digit or symbol, such as 'en-0'",
    )
    rare = made(count=20, en=("...", *(f"en: {WORDS[n % 5]} {n}" for n in range(1, 20))))
    assert sound(task(), rare).notes == (
        "1 relevant documents in language 'en' have no letter, digit or symbol, such as 'en-0'",
    )


def test_a_wordless_document_that_nothing_asks_for_is_ordinary() -> None:
    base = made(count=20)
    more = Texts((*base.documents["en"].ids, "en-x"), (*base.documents["en"].texts, "."))
    assert sound(task(), replace(base, documents={**base.documents, "en": more})).notes == ()


def test_a_language_that_is_punctuation_by_half_is_an_error() -> None:
    says = refusal(made(en=("...", "?", "!!", "d one", "e one")))
    assert says == (
        "3 documents in language 'en' have no letter, digit or symbol, such as 'en-0': 60% of all; were letters lost "
        "where the data were converted?"
    )


# --- scores that are certain --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("relevant", "documents"), [(1, 1), (1, 2), (1, 3), (2, 3), (2, 5), (5, 5)])
def test_the_precision_of_an_order_by_chance_is_the_mean_over_all_orders(relevant: int, documents: int) -> None:
    every = [
        sum((hits + 1) / (place + 1) for hits, place in enumerate(places)) / relevant
        for places in combinations(range(documents), relevant)
    ]
    assert expected_precision(np.array([relevant]), documents)[0] == pytest.approx(np.mean(every))


def test_a_query_to_which_every_document_is_relevant_is_said() -> None:
    assert sound(task(), made(count=1)).notes == (
        "every document is relevant to 1 of 1 queries in de-de, and the like in 5 other settings: any order of them "
        "scores the same",
    )
    base = made(count=3)
    whole = collect(base.queries, base.documents, {"de": {"0": [0, 1, 2], "1": [1], "2": [2]}, "en": {"0": [0]}})
    assert sound(task(), whole).notes[1].startswith("every document is relevant to 1 of 3 queries in de-de, and the ")


def test_documents_so_few_that_chance_scores_well_are_said() -> None:
    assert sound(task(), made(count=3)).notes == (
        "an order by chance has an AP of 0.61 in de-de, of 3 documents, and the like in 5 other settings",
    )
    assert sound(task(grid={"multilingual": False}), made(count=3)).notes[0].endswith("in 3 other settings")
    assert sound(task(), made(count=5)).notes == ()


# --- languages that share little ----------------------------------------------------------------------------------


def test_languages_that_share_few_questions_are_said() -> None:
    base = made(count=6)
    own = tuple(f"de {number}" if number else "0" for number in range(6))
    queries = {**base.queries, "de": replace(base.queries["de"], questions=own)}
    places = {"de": {name: [n] for n, name in enumerate(own)}, "en": {f"{n}": [n] for n in range(6)}}
    assert sound(task(), collect(queries, base.documents, places)).notes == (
        "queries with relevant documents in one language alone: de 5 of 6, en 5 of 6; `relevance: parallel` joins "
        "languages by id, and few of theirs are shared",
    )
    half = tuple(f"de {number}" if number > 3 else f"{number}" for number in range(6))
    queries["de"] = replace(base.queries["de"], questions=half)
    places["de"] = {name: [n] for n, name in enumerate(half)}
    assert sound(task(), collect(queries, base.documents, places)).notes == ()


# --- copies ------------------------------------------------------------------------------------------------------


def test_a_query_that_is_its_own_relevant_document_is_no_retrieval() -> None:
    base = made()
    same = {name: replace(asked, texts=base.documents[name].texts) for name, asked in base.queries.items()}
    itself = replace(base, queries=same)
    says = refusal(itself)
    assert says.startswith("5 of 5 queries in language 'de' are word for word a relevant document of theirs, so that ")
    assert says.endswith("score across languages alone: grid: {monolingual: false, multilingual: false}")
    assert "multilingual scores" in refusal(itself, grid={"monolingual": False})
    assert sound(task(grid={"monolingual": False, "multilingual": False}), itself).notes == ()


@pytest.mark.parametrize("otherwise", ["case", "spaces", "punctuation", "forms"])
def test_a_query_is_its_relevant_document_however_it_is_written(otherwise: str) -> None:
    base = made()
    texts = {name: tuple(map(WRITTEN[otherwise], base.documents[name].texts)) for name in LANGUAGES}
    itself = replace(base, queries={name: replace(base.queries[name], texts=texts[name]) for name in LANGUAGES})
    assert "5 of 5 queries in language 'de' are word for word a relevant document" in refusal(itself)


def test_a_query_that_is_its_relevant_document_in_another_language_is_said() -> None:
    names = tuple(f"Bonn {number}" for number in range(40))
    base = made(count=40, en=(*(f"BONN {number}!" for number in range(20)), *(f"Rome {n}" for n in range(20, 40))))
    across = replace(base, queries={**base.queries, "de": replace(base.queries["de"], texts=names)})
    note = "20 of 40 queries in de-en are word for word a relevant document"
    assert sound(task(), across).notes == (note,)
    assert sound(task(grid={"cross-lingual": False, "multilingual": False}), across).notes == ()


def test_a_few_queries_that_are_their_documents_are_noted() -> None:
    base = made()
    texts = (base.documents["de"].texts[0], *base.queries["de"].texts[1:])
    some = replace(base, queries={**base.queries, "de": replace(base.queries["de"], texts=texts)})
    assert sound(task(), some).notes == ("1 of 5 queries in language 'de' are word for word a relevant document",)


def long(language: str, count: int = 10) -> tuple[str, ...]:
    return tuple(f"{language}: a sentence with more letters than a name, {number}" for number in range(count))


def test_a_language_that_is_a_copy_of_another_is_an_error() -> None:
    says = refusal(made(count=10, de=long("en"), en=long("en")))
    assert says.startswith(
        "100% of the longer documents in languages 'de' and 'en' are word for word the same; is one a"
    )


WRITTEN = {
    "case": str.upper,
    "spaces": lambda text: f" {text.replace(' ', chr(0xA0))} ",
    "punctuation": lambda text: f"{text.replace(':', '')} .",
    "forms": lambda text: "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text),
}


@pytest.mark.parametrize("otherwise", WRITTEN)
def test_a_copy_that_is_written_otherwise_is_one_all_the_same(otherwise: str) -> None:
    change = WRITTEN[otherwise]
    copy = tuple(map(change, long("en")))
    assert "100% of the longer documents" in refusal(made(count=10, de=copy, en=long("en")))


def test_a_part_that_is_the_same_is_a_note_and_names_and_numbers_are_not_looked_at() -> None:
    mixed = (*long("en")[:2], *long("de")[2:])
    assert sound(task(), made(count=10, de=mixed, en=long("en"))).notes == ()  # two of ten show nothing
    mixed = tuple(long("en", 40)[:8]) + tuple(long("de", 40)[8:])
    (note,) = sound(task(), made(count=40, de=mixed, en=long("en", 40))).notes
    assert note == "20% of the longer documents in languages 'de' and 'en' are word for word the same"


def test_names_and_numbers_that_are_the_same_are_no_copy_and_are_said() -> None:
    names = tuple(f"Berlin {number}" for number in range(10))
    written = tuple(f"BERLIN\xa0{number}." for number in range(10))
    (note,) = sound(task(), made(count=10, de=names, en=written)).notes
    assert note == (
        "100% of the documents in languages 'de' and 'en' are word for word the same, as names and numbers may be"
    )
    others = tuple(f"Rome {number}" for number in range(10))
    assert sound(task(), made(count=10, de=names, en=(*names[:4], *others[4:]))).notes == ()  # as any two languages
    three = sound(task(languages=("de", "en", "fr")), made(("de", "en", "fr"), 10, de=names, en=names, fr=names))
    assert three.notes[0].endswith("as names and numbers may be, and the like in 2 other pairs")


def test_varieties_of_one_language_may_be_the_same() -> None:
    both = ("en-US", "en-GB")
    same = made(both, 10, **{"en-US": long("en"), "en-GB": long("en")})
    (note,) = sound(task(languages=both), same).notes
    assert note.startswith("100% of the longer documents in languages 'en-US' and 'en-GB'")


# --- through files -----------------------------------------------------------------------------------------------


def load(folder: Path, **spec: Any) -> Collection:
    whole = {"name": "mine", "languages": ["de", "en"], **spec}
    (folder / "mine.yaml").write_text(json.dumps(whole))
    return read(registry.load("task", str(folder / "mine.yaml")), Storage(cache=folder / "cache"))


def test_aligned_lines_score_across_languages_alone(tmp_path: Path) -> None:
    for language in LANGUAGES:
        (tmp_path / f"{language}.txt").write_text(f"{language} eins\n{language} zwei\n")
    with pytest.raises(DataError, match="task mine: 2 of 2 queries in language 'de' are word for word a relevant"):
        load(tmp_path, format="parallel", source={"path": "{lang}.txt"})


def squad(folder: Path, language: str, identity: str, **changes: Any) -> None:
    answer = {"text": language, "answer_start": 0} | changes.pop("answer", {})
    question = {"id": identity, "question": f"{language}?", "answers": [answer]}
    paragraph = {"context": f"{language} eins. zwei.", "qas": [question], "sentence_breaks": [[0, 8], [9, 14]]}
    (folder / f"{language}.json").write_text(json.dumps({"data": [{"paragraphs": [paragraph | changes]}]}))


LAREQA = {"format": "lareqa", "source": {"path": "{lang}.json"}}


def test_files_of_lareqa_without_a_shared_id_have_no_pool_of_languages(tmp_path: Path) -> None:
    for language in LANGUAGES:
        squad(tmp_path, language, f"q-{language}")
    with pytest.raises(DataError, match="no query id of 'de' is one of another language's"):
        load(tmp_path, **LAREQA)


def test_passages_without_a_shared_id_have_no_pool_of_languages(tmp_path: Path) -> None:
    for language in LANGUAGES:
        row = {"id": f"q-{language}", "p": language, "question": f"{language}?", "passage": f"{language}!"}
        (tmp_path / f"{language}.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(DataError, match="no query id of 'de' is one of another language's"):
        load(tmp_path, format="passages", source={"path": "{lang}.jsonl"}, options={"passage": ["p"]})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sentence_breaks": [[0, 8], [0, 8]]}, r"found \[0, 8\] after a sentence that ends at 8, expected sentences"),
        ({"sentence_breaks": [[0, 8], [7, 14]]}, r"found \[7, 14\] after a sentence that ends at 8"),
        ({"sentence_breaks": [[0, True], [9, 14]]}, r"found \[0, True\], expected \[start, end\] inside the context"),
        ({"answer": {"text": "eins"}}, "answers.text 'eins' does not stand at answer_start 0; offsets are code points"),
        ({"answer": {"answer_start": -2, "text": "i."}}, "does not stand at answer_start -2"),
        ({"answer": {"text": None}}, "expected exactly one answer, with its text and start"),
    ],
)
def test_places_of_lareqa_are_those_of_its_texts(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    squad(tmp_path, "en", "q")
    squad(tmp_path, "de", "q", **changes)
    with pytest.raises(DataError, match=says):
        load(tmp_path, **LAREQA)


ROW: dict[str, Any] = {"id": "1", "query": {"de": "Wer?", "en": "Who?"}, "positive": {"de": "Er.", "en": "He."}}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"DE": "Wer?", "en": "Who?"}, "rows.jsonl:1: query: found language 'DE', expected 'de'"),
        ({"deu_Latn": "Wer?", "de": "Wer?"}, "rows.jsonl:1: query: 'de' is 'de', which stands there already"),
    ],
)
def test_a_row_names_languages_as_the_task_does(tmp_path: Path, query: dict[str, str], says: str) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps({**ROW, "query": query}))
    with pytest.raises(DataError, match=says):
        load(tmp_path, format="parallel", source={"path": "rows.jsonl"})


def test_a_row_may_name_languages_as_flores_does(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps({**ROW, "query": {"deu_Latn": "Wer?", "eng_Latn": "Who?"}}))
    assert load(tmp_path, format="parallel", source={"path": "rows.jsonl"}).queries["de"].texts == ("Wer?",)


def test_a_key_that_stands_twice_in_a_row_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps(ROW).replace('{"id"', '{"id": "0", "id"'))
    with pytest.raises(DataError, match=r"rows.jsonl:1: not valid JSON \(key 'id' stands twice in an object; keep one"):
        load(tmp_path, format="parallel", source={"path": "rows.jsonl"})


BEIR: dict[str, Any] = {
    "format": "beir",
    "documents": {"path": "{lang}.jsonl"},
    "queries": {"path": "q-{lang}.jsonl"},
    "qrels": {"path": "qrels/{lang}-{document}.tsv"},
    "relevance": "explicit",
}


def judged(folder: Path, *names: str) -> None:
    (folder / "qrels").mkdir()
    for language in LANGUAGES:
        (folder / f"{language}.jsonl").write_text(json.dumps({"_id": "d", "text": f"{language} d!"}))
        (folder / f"q-{language}.jsonl").write_text(json.dumps({"_id": "q", "text": f"{language}?"}))
    for name in names:
        (folder / "qrels" / name).write_text("query-id\tcorpus-id\tscore\nq\td\t1\n")


def test_qrels_may_be_named_as_flores_names_languages(tmp_path: Path) -> None:
    judged(tmp_path, "de-de.tsv", "en-en.tsv", "en-deu_Latn.tsv")
    found = load(tmp_path, **BEIR)
    assert found.golds["en"].language.tolist() == [0, 1]
    assert found.notes[:1] == (
        "no qrels of de-en: there is no file, such as qrels/de-en.tsv, so these pairs have no relevant document",
    )
    (tmp_path / "qrels" / "eng_Latn-deu_Latn.tsv").write_text("")
    with pytest.raises(DataError, match="are files of the same languages; keep one"):
        load(tmp_path, **BEIR)


def test_qrels_of_a_header_alone_drop_no_language(tmp_path: Path) -> None:
    judged(tmp_path, "de-de.tsv", "en-en.tsv", "en-de.tsv")
    (tmp_path / "qrels" / "en-de.tsv").write_text("query-id\tcorpus-id\tscore\n")
    with pytest.raises(
        DataError, match=r"en-de.tsv: no judgement in it; expected some, or no file where nobody judged"
    ):
        load(tmp_path, **BEIR)


def test_blank_is_error_or_drop(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="blank: found 'keep', expected 'error' or 'drop'"):
        load(tmp_path, format="parallel", source={"path": "rows.jsonl"}, blank="keep")


def test_texts_that_languages_share_are_noted_from_a_tenth() -> None:
    german = tuple(f"de: ein längerer Satz mit Nummer {number} darin" for number in range(50))
    assert list(copied(made(count=50, de=german), Grid())) == []
    english = (*german[:6], *(f"en: {text}" for text in german[6:]))
    (note,) = copied(made(count=50, de=german, en=english), Grid())
    assert note == "12% of the longer documents in languages 'de' and 'en' are word for word the same"
