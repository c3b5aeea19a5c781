"""What `xbench task check` shows of a collection, line by line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from xbench import specs
from xbench.arrays import Vectors
from xbench.data.collection import Collection, Judgement, Queries, Texts, collect, judge
from xbench.encoders.base import Identity, Role, TokenCounts
from xbench.jobs.task_check import describe, token_table

TASK = specs.TaskBase(name="own", title="My own", languages=("de", "en"))


def collection(long: str = "Bern") -> Collection:
    queries = {"de": Queries(("q1", "q2"), ("Wo?", "Wer  ist\nes"), ("g1", "g2"), ("g1", "g2"))}
    documents = {"de": Texts(("d1", "d2", "d3"), ("Bern", "Anna", "Bern")), "en": Texts(("e1", "e2"), (long, " "))}
    return collect(queries, documents, {"de": {"g1": [0], "g2": [1]}, "en": {"g1": [0]}})


def described(text: str = "Bern") -> list[str]:
    return list(describe(TASK, collection(text)))


def test_counts_and_lengths_stand_by_language_and_a_side_without_texts_has_dashes() -> None:
    first, empty, heading, german, english, *_ = described("Bern, in Switzerland")
    assert (first, empty) == ("own: My own; 2 languages; metrics AP, nDCG@10, R@1, R@10", "")
    assert heading.split() == ["language", "queries", "documents", "golds", "chars/query", "chars/doc", "longest"]
    assert german.split() == ["de", "German", "2", "3", "2", "7", "4", "4"]
    assert english.split() == ["en", "English", "0", "2", "1", "-", "10", "20"]


def test_a_document_that_is_judged_and_not_relevant_is_no_gold() -> None:
    asked, documents = collection().queries, collection().documents
    graded = [Judgement(query, "de", "d1", grade, "") for query, grade in (("q1", 1), ("q2", 0))]
    lines = list(describe(TASK, judge(asked, documents, {"de": [*graded, Judgement("q2", "en", "e1", 2, "")]})))
    assert [line.split()[4] for line in lines[3:5]] == ["1", "1"]
    question = lines.index("q2  Wer ist es")
    assert lines[question + 1 : question + 2] == ["  -> e1  Bern"]


def test_texts_that_stand_more_than_once_and_blank_ones_are_counted_over_all_languages() -> None:
    assert "queries: 2 texts, 0 stand more than once, 0 are blank" in described()
    assert "documents: 5 texts, 1 stand more than once, 1 are blank" in described()


def test_a_question_stands_on_one_line_with_its_golds_of_every_language() -> None:
    lines = described()
    question = lines.index("q1  Wo?")
    assert lines[question : question + 3] == ["q1  Wo?", "  -> d1  Bern", "  -> e1  Bern"]
    question = lines.index("q2  Wer ist es")
    assert lines[question : question + 2] == ["q2  Wer ist es", "  -> d2  Anna"]


def test_a_long_text_is_cut_to_160_characters() -> None:
    (line,) = {line for line in described("x" * 161) if line.startswith("  -> e1")}
    assert line == "  -> e1  " + "x" * 159 + "…"


class Letters:
    """Reads four letters of a text; a letter is a token, and a capital one is unknown."""

    identity: Identity = {}
    similarity = "dot"
    max_length: int | None = 4

    def role_identity(self, role: Role) -> Mapping[str, object]:
        return {}

    def encode(self, texts: Sequence[str], role: Role, advance: Callable[[int], None]) -> Vectors:
        raise AssertionError("tokens are counted without encoding")

    def tokens(self, texts: Sequence[str], role: Role) -> TokenCounts:
        prompt = 1 if role == "query" else 0
        return np.array([(len(text) + prompt, sum(map(str.isupper, text))) for text in texts], np.int32)


def test_tokens_are_counted_by_role_with_what_is_cut_and_unknown() -> None:
    lines = list(token_table(collection("Bern!"), Letters()))
    assert lines[1] == "tokens as the model counts them, prompts included; it reads 4 of a text"
    assert lines[2].split() == ["language", "tokens/query", "cut", "tokens/doc", "cut", "unknown"]
    assert lines[3].split() == ["de", "German", "8.0", "50.0%", "4.0", "0.0%", "17.9%"]  # 5 of 28
    assert lines[4].split() == ["en", "English", "-", "-", "3.0", "50.0%", "16.7%"]  # 1 of 6


def test_a_model_that_reads_all_of_a_text_cuts_none() -> None:
    encoder = Letters()
    encoder.max_length = None
    lines = list(token_table(collection("Bern!"), encoder))
    assert lines[1].endswith("it reads all of a text")
    assert [line.split()[-2] for line in lines[3:]] == ["0.0%", "0.0%"]
