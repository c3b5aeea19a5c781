"""Copies are found whatever was done to their form, stock phrases and short texts are not; memory stays bounded."""

import tracemalloc
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plain_near_copies import near_windows
from test_wording import WIDE, tokens_of

from xbench.data.embedded_facts import LANGUAGES, load_facts
from xbench.zero_shot import overlap
from xbench.zero_shot.overlap import find_overlap
from xbench.zero_shot.wording import LETTER, TENTHS, WEIGHTS, Wording, character_kinds

NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]
WITHOUT_SPACES = {
    "lo": "ປະເທດລາວມີແມ່ນ້ຳຂອງໄຫລຜ່ານແລະມີພູຫຼາຍ",
    "km": "ប្រទេសកម្ពុជាមានទន្លេធំមួយហូរកាត់កណ្តាល",
    "my": "မြန်မာနိုင်ငံတွင်မြစ်ကြီးများစီးဆင်းနေသည်",
    "th": "แม่น้ำสายนี้ไหลผ่านเมืองหลวงไปสู่ทะเล",
    "ja": "この川は首都を通って海に流れています",
    "zh": "这条河流经首都然后注入东边的大海",
}


def phrase(first: int, count: int, name: str = "") -> str:
    """`count` words in a row of a text that repeats nothing."""
    return " ".join(f"{NUMBERS[number % 12]}{name}{number}" for number in range(first, first + count))


def kinds(evaluated: Sequence[str], training: Sequence[str]) -> list[str]:
    found = find_overlap(evaluated, training)
    assert not (found.copied & found.partial).any()
    names = np.where(found.copied, "copied", np.where(found.partial, "partial", "-"))
    return [str(name) for name in names]


def kind(text: str, *training: str) -> str:
    return kinds([text], training)[0]


QUESTION = "In which year did the last king of that small island abdicate?"


@pytest.mark.parametrize(
    "copy",
    [
        QUESTION,
        QUESTION.upper(),
        QUESTION.translate(WIDE),
        QUESTION.replace(" ", " \n\t"),
        QUESTION.replace(" ", "\u00a0"),
        QUESTION.rstrip("?") + "\u200b …",
        f"Please answer. {QUESTION} Thank you very much indeed.",
    ],
)
def test_a_copied_question_is_found_in_any_form(copy: str) -> None:
    assert kinds([QUESTION, "Who was the first queen of this large island?"], ["Something else.", copy]) == [
        "copied",
        "-",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_copies_are_found_in_every_language_of_the_facts(language: str) -> None:
    facts = load_facts(["currency", "official-language"], LANGUAGES)
    texts = list(dict.fromkeys(fact.answer[language] for fact in facts if len(fact.answer[language]) >= 25))
    planted = texts[::7]
    altered = [unicodedata.normalize("NFD", text.upper()).replace(" ", "  ") for text in planted]
    found = kinds(texts, altered)
    assert {text for text, kind in zip(texts, found, strict=True) if kind == "copied"} >= set(planted)
    assert found.count("copied") < len(texts) / 4


@pytest.mark.parametrize("language", WITHOUT_SPACES)
def test_copies_are_found_in_scripts_without_spaces(language: str) -> None:
    text = WITHOUT_SPACES[language]
    others = [other for name, other in WITHOUT_SPACES.items() if name != language]
    assert kinds([text, *others], [f"「{text}」"]) == ["copied", *("-" for _ in others)]
    assert kind(text, f"{others[0]}{text}{others[1]}") == "copied"
    assert kind(text, text[: len(text) // 2]) == "-"


def test_a_training_text_that_holds_the_paragraph_makes_it_copied() -> None:
    paragraph = phrase(0, 120)
    assert kind(paragraph, f"{phrase(500, 300)}. {paragraph}. {phrase(900, 300)}") == "copied"


def test_a_sentence_of_training_in_a_longer_paragraph_makes_it_partial() -> None:
    sentence = phrase(500, 20)
    assert kind(f"{phrase(0, 40)}. {sentence}. {phrase(100, 40)}", sentence) == "partial"


def test_half_of_the_words_makes_a_copy() -> None:
    shared = phrase(0, 20)
    assert kind(f"{shared} {phrase(100, 20)}", f"{shared} {phrase(200, 60)}") == "copied"
    assert kind(f"{shared} {phrase(100, 21)}", f"{shared} {phrase(200, 60)}") == "partial"


def test_twelve_words_in_common_are_nothing_and_thirteen_are_something() -> None:
    for shared, expected in ((12, "-"), (13, "partial")):
        assert kind(f"{phrase(0, shared)} {phrase(100, 30)}", f"{phrase(0, shared)} {phrase(200, 30)}") == expected


def test_a_stock_phrase_of_many_unrelated_texts_is_nothing() -> None:
    stock = phrase(0, 15)
    document = f"{phrase(100, 30)} {stock} {phrase(200, 30)}"
    unrelated = [f"{phrase(1000 * n, 30)} {stock} {phrase(1000 * n + 100, 30)}" for n in range(1, 12)]
    assert kind(document, *unrelated) == "-"
    assert kind(document, *unrelated[:10]) == "partial"
    assert kind(phrase(0, 3), *unrelated) == "-"
    assert kind(stock, *unrelated) == "copied", "all of a text, however many texts it stands in"


def test_a_question_is_copied_however_many_copies_there_are() -> None:
    copies = [f"{QUESTION} {NUMBERS[n % 12]}{n}" for n in range(50)]
    assert kind(QUESTION, *copies) == "copied"
    paragraph = phrase(0, 60)
    assert kind(paragraph, *(f"{phrase(1000 * n, 100)} {paragraph}" for n in range(1, 50))) == "copied"


@pytest.mark.parametrize(
    "text",
    [
        "Yes.",
        "",
        "…?!",
        "What is it then?",
        "1234567890 12345678901",
        "12345678 1234567 12",
        "東京は日本の首都です。",
        "Rechtsschutzversicherung",
    ],
)
def test_short_texts_are_not_compared(text: str) -> None:
    found = find_overlap([text], [text])
    assert not (found.compared.any() or found.copied.any() or found.partial.any())


@pytest.mark.parametrize("text", ["What, is it then known?", "12345678 1234567 123", "東京は日本の首都ですか?可"])
def test_texts_are_compared_from_twenty_characters_or_twelve_without_spaces(text: str) -> None:
    assert kind(text, text) == "copied"


def test_a_name_in_another_script_does_not_make_the_text_spaceless() -> None:
    name = "ឥន្ទ្រវរ្ម័នទី២"
    assert kind(f"Indravarman ({name}) was a ruler of the empire and son of his father.", f"{name} {name}") == "-"


def test_nothing_runs_across_two_training_texts() -> None:
    assert kind(phrase(0, 20), phrase(-2, 12), phrase(10, 12)) == "-"


def test_no_text_gives_no_answer() -> None:
    assert kinds([], ["x"]) == kinds([], []) == []
    assert kinds([QUESTION], []) == ["-"]


RUNS = [
    phrase(0, 7).split(),
    phrase(7, 13).split(),
    [*"東西南北中央大小", "north"],
    [*"กขคงจฉชซ"],
    ["x", "x", "x", "x"],
    ["alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "iota", "kappa", "lambda"],
    ["alpha", "beta", "gamma", "delta", "extra", "eta", "theta", "iota", "kappa", "lambda"],
    ["alpha", "beta", "gamma", "extra", "delta", "epsilon"],
]
WORDS = st.lists(st.sampled_from(RUNS), max_size=8).map(lambda runs: [word for run in runs for word in run])
CASES = st.tuples(st.lists(WORDS, min_size=1, max_size=4), st.lists(WORDS, max_size=14))


def naive(evaluated: Sequence[str], training: Sequence[str]) -> list[str]:
    """The definition, word by word, without hashes."""
    texts = [tokens_of(text) for text in evaluated]
    return [
        _naive(text, [tokens_of(other) for other in training], near_windows(text, texts, training)) for text in texts
    ]


def _weight(tokens: Sequence[str]) -> int:
    return sum(int(WEIGHTS[character_kinds()[ord(token[0])]]) for token in tokens)


def _naive(text: list[str], training: list[list[str]], near: list[tuple[int, int, int, bool]]) -> str:
    letters = sum(map(len, text))
    spaceless = sum(len(token) for token in text if character_kinds()[ord(token[0])] != LETTER)
    if letters < 12 or (2 * spaceless < letters and (letters + len(text) - 1 < 20 or len(text) < 3)):
        return "-"
    full = overlap.WINDOW * TENTHS
    windows = [
        (start, end)
        for start in range(len(text))
        for end in range(start + 1, len(text) + 1)
        if _weight(text[start:end]) >= full > _weight(text[start : end - 1])
    ] or [(0, len(text))]
    plain, stock = set(), set()
    for start, end in windows:
        window = text[start:end]
        holds = [other for other in training if any(other[at : at + len(window)] == window for at in range(len(other)))]
        copy = any(2 * len(window) >= len(other) for other in holds)
        if holds:
            (plain if copy or len(holds) <= overlap.STOCK_TEXTS else stock).update(range(start, end))
    for start, end, uses, copy in near:
        (plain if copy or uses <= overlap.STOCK_TEXTS else stock).update(range(start, end))

    def share(places: set[int]) -> float:
        return _weight([text[place] for place in places]) / _weight(text)

    if share(plain) >= overlap.COPIED or (
        _weight(text) >= overlap.FULL * TENTHS and share(plain | stock) >= overlap.WHOLE
    ):
        return "copied"
    return "partial" if plain else "-"


OVERLAPPING = ([[*RUNS[5], *RUNS[4], *RUNS[4], *RUNS[6]]], [[*RUNS[4], *RUNS[5]]])  # an anchor in both last pieces


@given(CASES)
@example(OVERLAPPING)
def test_the_answer_is_that_of_the_definition_written_out(case: tuple[list[list[str]], list[list[str]]]) -> None:
    evaluated, training = ([" ".join(words) for words in side] for side in case)
    assert kinds(evaluated, training) == naive(evaluated, training)


@given(CASES, st.integers(1, 60))
def test_the_size_of_blocks_and_chunks_changes_nothing(
    case: tuple[list[list[str]], list[list[str]]], size: int
) -> None:
    evaluated, training = ([" ".join(words) for words in side] for side in case)
    whole = kinds(evaluated, training)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlap, "CHUNK", size)
        patch.setattr(overlap, "BLOCK", size)
        assert kinds(evaluated, training) == whole


@given(CASES)
def test_colliding_hashes_report_nothing_that_is_not_there(case: tuple[list[list[str]], list[list[str]]]) -> None:
    evaluated, training = ([" ".join(words) for words in side] for side in case)
    every, some = Wording.every_hash, Wording.hashes

    def weak(method: Any) -> Any:
        return lambda self, *arguments: method(self, *arguments) & np.uint64(1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Wording, "every_hash", weak(every))
        patch.setattr(Wording, "hashes", weak(some))
        found = kinds(evaluated, training)
    for got, true in zip(found, naive(evaluated, training), strict=True):
        assert got == "-" or true != "-"


@pytest.mark.parametrize("count", [*range(3, 30), 39, 40, 41, 64, 65, 66, 100])
def test_texts_of_every_length_are_found_inside_others(count: int) -> None:
    words = phrase(0, count, name="th")
    assert kind(words, f"before {words} after") == "copied"
    for first in (0x4E00, 0x0E01):  # Chinese, Thai
        text = "".join(chr(first + (number * 7) % 40) for number in range(count))
        assert kind(text, f"before {text} after") == ("copied" if count >= 12 else "-")


def long_stream(texts: int) -> Iterator[str]:
    for number in range(texts):
        yield phrase(number * 20, 20, name="x")


def test_memory_does_not_grow_with_the_training_texts() -> None:
    def peak(texts: int) -> int:
        tracemalloc.start()
        find_overlap([QUESTION, phrase(0, 100)], long_stream(texts))
        reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return reached

    peak(10)  # tables that are made once
    assert peak(30_000) < 1.3 * peak(6_000)


def test_progress_counts_every_training_text() -> None:
    seen: list[int] = []
    find_overlap([QUESTION], long_stream(5_000), seen.append)
    assert sum(seen) == 5_000


def test_an_iterator_cannot_be_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "BLOCK", 10)
    with pytest.raises(ValueError, match="only once"):
        find_overlap([QUESTION, QUESTION], iter([QUESTION]))
