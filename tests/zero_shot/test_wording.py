"""Texts as tokens: what makes no difference, and that hashes of runs are functions of the runs."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xbench.data.embedded_facts import LANGUAGES, load_facts
from xbench.zero_shot.wording import Wording, read_wording

WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
CASED = st.text(st.sampled_from("aZéßiIİıſσςΣάΐЖжĳﬁǆ դԴ w"), max_size=30)


def tokens(wording: Wording, text: int = 0) -> list[str]:
    bounds = np.flatnonzero(wording.text == text)
    return ["".join(map(chr, wording.letters[wording.starts[at] : wording.starts[at + 1]])) for at in bounds]


def tokens_of(text: str) -> list[str]:
    return tokens(read_wording([text]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who  wrote\tthe\n“Iliad”?", ["who", "wrote", "the", "iliad"]),
        ("2009年のF1世界選手権", ["2009", "年", "の", "f1", "世", "界", "選", "手", "権"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("ລາວ ខ្មែរ မြန်မာ", list("ລາວខ្មែរမြန်မာ")),
        ("हिन्दी की किताब", ["हिन्दी", "की", "किताब"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("!?… 🙂", []),
    ],
)
def test_words_are_tokens_and_so_is_each_character_of_a_script_without_spaces(text: str, expected: list[str]) -> None:
    assert tokens_of(text) == expected


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("ＸＢＥＮＣＨ　１２", "xbench 12"),
        ("ﾊﾝｶｸ", "ハンカク"),
        ("STRASSE", "straße"),
        ("ΣΙΣΥΦΟΣ", "Σίσυφος".replace("ί", "ι")),
        ("DIŞARI ISLAK", "dışarı ıslak"),
        ("İSTANBUL", "istanbul"),
        ("co\u00adoperate", "cooperate"),
        ("می\u200cخواهم", "میخواهم"),
        ("cafe\u0301", "café"),
        ("a\u00a0b", "a b"),
    ],
)
def test_case_width_form_and_what_does_not_show_make_no_difference(text: str, same: str) -> None:
    assert tokens_of(text) == tokens_of(same)


@given(TEXT)
def test_spacing_and_unicode_form_make_no_difference(text: str) -> None:
    expected = tokens_of(text)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert tokens_of(f" \n{unicodedata.normalize(form, text)}\u3000") == expected
    assert tokens_of(" ".join(expected)) == expected
    assert tokens_of(text.replace(" ", "  ")) == expected


@given(CASED)
def test_capitals_make_no_difference(text: str) -> None:
    assert tokens_of(text.upper()) == tokens_of(text.lower()) == tokens_of(text)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40))
def test_full_width_makes_no_difference(text: str) -> None:
    assert tokens_of(text.translate(WIDE)) == tokens_of(text)


@given(st.lists(TEXT, min_size=1, max_size=6))
def test_texts_read_together_are_what_they_are_alone(texts: list[str]) -> None:
    together = read_wording(texts)
    assert together.texts == len(texts)
    assert [tokens(together, number) for number in range(len(texts))] == [tokens_of(text) for text in texts]


def test_a_text_may_hold_the_character_that_parts_texts() -> None:
    assert [tokens(read_wording(["a\0b", "c"]), number) for number in (0, 1)] == [["a", "b"], ["c"]]


@given(st.lists(st.sampled_from(["north", "south", "東", "ก", "x"]), min_size=1, max_size=30), st.integers(1, 6))
def test_equal_runs_have_equal_hashes_and_others_have_not(words: list[str], size: int) -> None:
    read = read_wording([" ".join(words)])
    if size > len(read):
        return
    hashes = read.every_hash(size)
    runs = [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]
    for first, run in enumerate(runs):
        assert [bool(same) for same in hashes == hashes[first]] == [other == run for other in runs]
    starts = np.arange(len(hashes))
    assert (read.hashes(starts, np.full(len(hashes), size)) == hashes).all()


def test_the_order_of_letters_counts() -> None:
    assert len(set(read_wording(["listen silent enlist tinsel"]).every_hash(1))) == 4


def test_taken_texts_keep_their_tokens_and_numbers() -> None:
    read = read_wording(["one two", "", "三四 five", "six"])
    taken = read.take(np.array([False, True, True, False]))
    assert taken.text.tolist() == [2, 2, 2]
    assert tokens(taken, 2) == ["三", "四", "five"]
    assert (taken.every_hash(3) == read.every_hash(3)[2]).all()


def test_a_word_weighs_as_much_as_two_characters_of_chinese_or_five_of_thai() -> None:
    read = read_wording(["word", "東京", "กกกกก"])
    begin, end = read.bounds
    assert (read.weights[end] - read.weights[begin]).tolist() == [10, 10, 10]


def test_every_language_of_the_facts_has_tokens() -> None:
    facts = load_facts(["currency"], LANGUAGES)
    for language in LANGUAGES:
        assert read_wording([fact.answer[language] for fact in facts]).sizes.min() >= 3
