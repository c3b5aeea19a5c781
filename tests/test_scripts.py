"""The table of scripts without spaces: what its two readings share, and that neither moves unseen."""

import hashlib
from itertools import pairwise

from xbench.encoders.terms import words
from xbench.scripts import BLOCKS, DENSE_BLOCKS, LOOSE_BLOCKS, TERM_BLOCKS
from xbench.zero_shot.wording import DENSE, LETTER, LOOSE, character_kinds


def test_blocks_of_a_kind_do_not_overlap() -> None:
    for kind in ("loose", "dense"):
        ranges = [block[:2] for block in BLOCKS if block.characters == kind]
        assert all(first <= last for first, last in ranges)
        assert all(before[1] < after[0] for before, after in pairwise(ranges))


def test_terms_are_of_scripts_that_copied_text_is_looked_for_in() -> None:
    assert set(TERM_BLOCKS) < {*DENSE_BLOCKS, *LOOSE_BLOCKS}


def test_no_character_changes_its_kind_unseen() -> None:
    """Results are kept under digests that stand for these rules: a change here raises RULES and RULE."""
    numbers = repr((sorted(TERM_BLOCKS), sorted(DENSE_BLOCKS), sorted(LOOSE_BLOCKS)))
    assert hashlib.sha256(numbers.encode()).hexdigest()[:16] == "de4fc0da5b5efaa7"


def test_rare_scripts_are_words_to_a_lexical_model_and_characters_to_copied_text() -> None:
    assert words("ꀀꀁꀂ") == ["ꀀꀁꀂ"]  # Yi
    assert words("日本語") == ["日本", "本語"]
    kinds = character_kinds()
    assert [kinds[ord(letter)] for letter in "ꀀ日กa"] == [DENSE, DENSE, LOOSE, LETTER]
