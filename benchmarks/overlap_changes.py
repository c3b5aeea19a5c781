"""Copies of XQuAD-R's questions, changed in every way, among other texts: how many are found, by language and change.

XBENCH_DATA=<folder with lareqa/ and train/> python benchmarks/overlap_changes.py [CHANGE ..]
docs/zero-shot.md keeps the figures.
"""

import html
import random
import sys
import unicodedata
from collections.abc import Callable, Iterator

import numpy as np
from overlap import collection, corpus_files, rows

from xbench.zero_shot.overlap import find_overlap

SPACELESS = {"zh": 2, "th": 4}  # characters that are changed as a word
MARKED = ("ar", "de", "el", "es", "ru", "tr", "vi")  # written with marks that can be left out
TO_CYRILLIC = str.maketrans("aceopxyiABEKMHOPCTX", "асеорхуіАВЕКМНОРСТХ")
TO_GREEK = str.maketrans("oivaABEZHIKMNOPTX", "οινaΑΒΕΖΗΙΚΜΝΟΡΤΧ")
TO_LATIN = str.maketrans("асеорхуіАВЕКМНОРСТХοινΑΒΕΖΗΙΚΜΝΟΡΤΧ", "aceopxyiABEKMHOPCTXoivABEZHIKMNOPTX")
COPIES = 12  # of a question, each inside another text

Change = Callable[[str, str, random.Random], str]


def words(text: str, language: str) -> list[str]:
    """A text in words, or in runs of characters where no spaces are written."""
    size = SPACELESS.get(language)
    return [text[at : at + size] for at in range(0, len(text), size)] if size else text.split()


def joined(parts: list[str], language: str) -> str:
    return ("" if language in SPACELESS else " ").join(parts)


def in_tags(text: str, language: str, random_: random.Random) -> str:
    parts = [f"<b>{word}</b>" if random_.random() < 0.3 else word for word in words(text, language)]
    return f'<div class="q"><p>{joined(parts, language)}</p></div><br/>'


def inside_words(text: str, _: str, random_: random.Random) -> str:
    return "".join(f"{letter}<i></i>" if random_.random() < 0.2 else letter for letter in text)


def as_entities(text: str, _: str, random_: random.Random) -> str:
    return "".join(f"&#x{ord(letter):x};" if random_.random() < 0.5 else html.escape(letter) for letter in text)


def escaped_twice(text: str, language: str, random_: random.Random) -> str:
    return html.escape(html.escape(in_tags(text, language, random_)))


def vowels_and_tatweel(text: str, _: str, random_: random.Random) -> str:
    return "".join(
        letter + (random_.choice("ـًٌٍَُِّْ") if letter.isalpha() and random_.random() < 0.5 else "") for letter in text
    )


def without_marks(text: str, *_: object) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return plain.translate(str.maketrans("đĐıİ", "dDiI"))


def with_marks(text: str, _: str, random_: random.Random) -> str:
    return "".join(
        letter + (random_.choice("\u0301\u0300\u0302\u0323") if letter.isalpha() and random_.random() < 0.3 else "")
        for letter in text
    )


def alike(text: str, language: str, random_: random.Random) -> str:
    tables = (TO_LATIN,) if language in ("ru", "el") else (TO_CYRILLIC, TO_GREEK)
    return "".join(letter.translate(random_.choice(tables)) if random_.random() < 0.5 else letter for letter in text)


def hidden(text: str, _: str, random_: random.Random) -> str:
    return "".join(
        letter + (random_.choice("\u200b\u200d\u2060\u00ad\ufeff") if random_.random() < 0.3 else "") for letter in text
    )


def edited(kind: str, count: int) -> Change:
    def edit(text: str, language: str, random_: random.Random) -> str:
        parts = words(text, language)
        for _ in range(count):
            place, other = random_.randrange(len(parts)), random_.choice(VOCABULARY[language])
            if kind == "inserted":
                parts.insert(random_.randrange(1, max(2, len(parts))), other)
            elif kind == "deleted" and len(parts) > 1:
                del parts[place]
            elif kind == "changed":
                parts[place] = other
        return joined(parts, language)

    return edit


def swapped(text: str, language: str, random_: random.Random) -> str:
    parts = words(text, language)
    if len(parts) > 1:
        place = random_.randrange(len(parts) - 1)
        parts[place : place + 2] = parts[place + 1], parts[place]
    return joined(parts, language)


def unchanged(text: str, *_: object) -> str:
    return text


CHANGES: dict[str, tuple[Change, tuple[str, ...]]] = {
    "tags around it and its words": (in_tags, ()),
    "tags inside words": (inside_words, ()),
    "letters as entities": (as_entities, ()),
    "tags, escaped twice": (escaped_twice, ()),
    "tatweel and vowel marks put in": (vowels_and_tatweel, ("ar",)),
    "marks left out": (without_marks, MARKED),
    "accents put in": (with_marks, ("de", "el", "en", "es", "ru", "tr", "vi")),
    "letters of another script that look alike": (alike, ("de", "el", "en", "es", "ru", "tr", "vi")),
    "zero-width characters and soft hyphens": (hidden, ()),
    "one word inserted": (edited("inserted", 1), ()),
    "two words inserted": (edited("inserted", 2), ()),
    "one word left out": (edited("deleted", 1), ()),
    "two words left out": (edited("deleted", 2), ()),
    "one word changed": (edited("changed", 1), ()),
    "two words changed": (edited("changed", 2), ()),
    "two words swapped": (swapped, ()),
    f"inside {COPIES} other texts": (unchanged, ()),
    "one word inserted, in tags": (
        lambda text, language, random_: in_tags(edited("inserted", 1)(text, language, random_), language, random_),
        (),
    ),
}

QUESTIONS = collection("xquad-r").queries
VOCABULARY = {
    language: [word for text in part.texts for word in words(text, language)] for language, part in QUESTIONS.items()
}
CARRIER = list(rows(next(path for path in corpus_files() if path.name.startswith("ntrex"))))


def planted(name: str) -> Iterator[tuple[str, str]]:
    """Language and changed copy of every second question of each language."""
    change, _ = CHANGES[name]
    random_ = random.Random(name)
    for language, part in QUESTIONS.items():
        for text in part.texts[::2]:
            yield language, change(text, language, random_)


def measure(name: str) -> None:
    """One row: the share found of those planted that are long enough, all and by language; what else is found."""
    languages = CHANGES[name][1] or tuple(QUESTIONS)
    copies = [copy for language, copy in planted(name) if language in languages]
    if name.startswith("inside"):
        copies = [
            f"{CARRIER[(COPIES * place + copy) % 40_000]} {text} {CARRIER[(COPIES * place + copy + 1) % 40_000]}"
            for place, text in enumerate(copies)
            for copy in range(COPIES)
        ]
    chosen = {language: np.arange(len(part.texts)) % 2 == 0 for language, part in QUESTIONS.items()}
    found = find_overlap([text for part in QUESTIONS.values() for text in part.texts], [*CARRIER[:20_000], *copies])
    bounds = np.cumsum([len(part.texts) for part in QUESTIONS.values()])[:-1]
    copied = dict(zip(QUESTIONS, np.split(found.copied, bounds), strict=True))
    compared = dict(zip(QUESTIONS, np.split(found.compared, bounds), strict=True))
    hits = {language: (copied[language] & chosen[language]).sum() for language in languages}
    all_ = {language: (compared[language] & chosen[language]).sum() for language in languages}
    others = sum((copied[language] & ~chosen[language]).sum() for language in QUESTIONS)
    cells = [f"{hits[language] / all_[language]:.3f}" if language in languages else "" for language in QUESTIONS]
    share = sum(hits.values()) / sum(all_.values())
    print(f"| {name} | {share:.3f} | {' | '.join(cells)} | {others} |", flush=True)


if __name__ == "__main__":
    print(f"| change | all | {' | '.join(QUESTIONS)} | others found |")
    for name in sys.argv[1:] or CHANGES:
        measure(name)
