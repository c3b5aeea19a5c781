"""Overlap of the corpora in a data folder with XQuAD-R, MLQA-R and MIRACL's questions; planted copies; speed.

XBENCH_DATA=<folder with lareqa/, miracl/topics/ and train/> python benchmarks/overlap.py corpora|planted|speed|memory
docs/zero-shot.md keeps the figures.
"""

import gzip
import json
import re
import resource
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

from xbench.data import readers
from xbench.data.collection import Collection
from xbench.data.download import Storage
from xbench.specs import registry
from xbench.zero_shot import exposure
from xbench.zero_shot.folding import fold
from xbench.zero_shot.overlap import WINDOW, find_overlap
from xbench.zero_shot.wording import character_kinds

TASKS = ("xquad-r", "mlqa-r")
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def folder() -> Path:
    return Storage.of().data_dirs[0]


def corpus_files() -> list[Path]:
    return sorted((folder() / "train").glob("*.jsonl.gz"))


def rows(path: Path) -> Iterator[str]:
    """Every text of a corpus file, in all its languages."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            for side in ("texts", "query", "positive"):
                yield from row.get(side, {}).values()


def topics(split: str) -> dict[str, str]:
    """MIRACL's questions: language and id -> text."""
    found = {}
    for path in sorted((folder() / "miracl/topics").glob(f"*-{split}.tsv")):
        language = path.stem.split("-")[2]
        for line in path.read_text(encoding="utf-8").splitlines():
            number, text = line.split("\t", 1)
            found[f"{language}-{number}"] = text
    return found


@cache
def collection(task: str) -> Collection:
    return readers.read(registry.load("task", task), Storage.of())


def compare_corpora() -> None:
    """One row a corpus: copied / partial, and the ids; MIRACL's own train questions last."""
    dev = topics("dev")
    for path in corpus_files():
        report(path.name.removesuffix(".jsonl.gz"), list(dict.fromkeys(rows(path))), dev)
    report("MIRACL train questions", list(dict.fromkeys(topics("train").values())), dev)


def report(name: str, training: list[str], dev: dict[str, str]) -> None:
    cells, notes = [], []
    for task in TASKS:
        found = exposure.measure(collection(task), training)
        for role in ("queries", "documents"):
            counts = [sum(part[role][kind] for part in found["languages"].values()) for kind in ("copied", "partial")]
            cells.append("{} / {}".format(*counts))
        cells.append(str(found["units"]["questions"]["copied"]))
        notes += [
            f"{task} {role} {kind}: {ids}"
            for role, kinds in found["examples"].items()
            for kind, ids in kinds.items()
            if ids
        ]
    found_dev = find_overlap(list(dev.values()), training)
    cells.append(f"{found_dev.copied.sum()} / {found_dev.partial.sum()}")
    ids = np.array(list(dev))
    copied = ids[found_dev.copied]
    notes += [f"miracl copied, by language: {by_language(copied)}; {copied[:10].tolist()}"] if len(copied) else []
    print(f"| {name} | {len(training):,} | {' | '.join(cells)} |", *notes, sep="\n    ", flush=True)


def by_language(ids: Iterable[str]) -> dict[str, int]:
    languages = [identity.split("-")[0] for identity in ids]
    return {language: languages.count(language) for language in sorted(set(languages))}


def letters(text: str) -> str:
    """A text without anything but its letters and digits, one way to write each."""
    return "".join(character for character in fold(text) if character_kinds()[ord(character)] in (1, 2, 3))


def planted() -> None:
    """Every second text of a task among the texts of ntrex, in four forms: found, and found though not planted."""
    carrier = list(rows(folder() / "train/ntrex.jsonl.gz"))[:20_000]
    forms: dict[str, Callable[[str, int], str]] = {
        "capitals": lambda text, _: text.upper(),
        "full width, double spaces": lambda text, _: text.translate(WIDE).replace(" ", "  "),
        "decomposed (NFD), no punctuation at the end": lambda text, _: unicodedata.normalize("NFD", text).rstrip(
            ".?!।。"
        ),
        "inside another text": lambda text, place: f"{carrier[place]} {text} {carrier[place + 1]}",
    }
    for task in TASKS:
        sides = (collection(task).queries, collection(task).documents)
        texts = [text for side in sides for part in side.values() for text in part.texts]
        chosen = np.arange(len(texts)) % 2 == 0
        planted_letters = {letters(text) for text in texts[::2]}
        same = np.array([letters(text) in planted_letters for text in texts])
        for name, change in forms.items():
            copies = [change(text, place % 19_000) for place, text in enumerate(texts[::2])]
            found = find_overlap(texts, [*carrier, *copies])
            hit, free = found.copied & chosen & found.compared, ~chosen & ~same & found.compared
            print(
                f"| {task} | {name} | {hit.sum():,} of {(chosen & found.compared).sum():,} | "
                f"{(found.copied & free).sum():,} copied, {(found.partial & free).sum():,} partial of {free.sum():,} |",
                flush=True,
            )


def sets_of_words(evaluated: list[str], training: Iterable[str]) -> int:
    """The usual way, to compare with: normalise text by text, and look every run of 13 words up in a set."""
    word = re.compile(r"\w+")

    def runs(text: str) -> Iterator[tuple[str, ...]]:
        words = word.findall(unicodedata.normalize("NFKC", text).casefold())
        yield from (tuple(words[at : at + WINDOW]) for at in range(max(1, len(words) - WINDOW + 1)))

    known = {run for text in evaluated for run in runs(text)}
    return sum(any(run in known for run in runs(text)) for text in training)


def speed() -> None:
    """Processor seconds, one thread, for all corpora against XQuAD-R, beside what bounds them."""
    training = [text for path in corpus_files() for text in rows(path)]
    parts = collection("xquad-r")
    evaluated = [text for side in (parts.queries, parts.documents) for part in side.values() for text in part.texts]
    work: dict[str, Callable[[], object]] = {
        "NFKC alone, text by text": lambda: [unicodedata.normalize("NFKC", text) for text in training],
        "folding alone (NFKC, case, NFKC)": lambda: [fold(text) for text in training],
        "overlap": lambda: find_overlap(evaluated, training),
        "13-word sets, text by text": lambda: sets_of_words(evaluated, training),
    }
    print(
        f"{len(training):,} texts, {sum(map(len, training)) / 1e6:.0f} M characters, against {len(evaluated):,} texts"
    )
    character_kinds()
    for name, job in work.items():
        taken = min(seconds(job) for _ in range(3))
        print(f"| {name} | {taken:.1f} s | {len(training) / taken * 60 / 1e6:.1f} M texts a minute |", flush=True)


def memory() -> None:
    """Peak memory of a process that streams the corpora from their files once, then three times."""
    parts = collection("xquad-r")
    evaluated = [text for side in (parts.queries, parts.documents) for part in side.values() for text in part.texts]
    print(f"before: {peak():.0f} MB")
    for rounds in (1, 3):
        find_overlap(evaluated, (text for _ in range(rounds) for path in corpus_files() for text in rows(path)))
        print(f"after {rounds} x {sum(1 for path in corpus_files() for _ in rows(path)):,} texts: {peak():.0f} MB")


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    jobs = {"corpora": compare_corpora, "planted": planted, "speed": speed, "memory": memory}
    if len(sys.argv) != 2 or sys.argv[1] not in jobs:
        sys.exit(__doc__)
    jobs[sys.argv[1]]()
