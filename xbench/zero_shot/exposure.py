"""How much of a task's collection stands in a corpus: copied and partly copied texts by language, and by unit.

Knows collections, corpora and overlap; not what follows for a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from xbench import specs
from xbench.arrays import Flags, Ints
from xbench.data.collection import Collection, Texts
from xbench.errors import DataError
from xbench.files import digest, write_json
from xbench.progress import Reporter
from xbench.results.record import OverlapCounts, OverlapRecord, UnitCounts
from xbench.specs.strict_json import strict_json
from xbench.training.corpus import Corpus
from xbench.zero_shot import overlap

EXAMPLES = 10  # ids per role
SIDES = ("queries", "documents")
SUM = "sha256"  # of a kept overlap, in its file; what was kept before there were sums lies elsewhere


def compare(
    task: specs.TaskBase, collection: Collection, corpus: Corpus, cache: Path, reporter: Reporter
) -> OverlapRecord:
    """Overlap of a corpus with a task's collection; kept in `cache`, and measured again where that is damaged."""
    path, key = _place(task, collection, corpus.digest, cache)
    if path.is_file():
        try:
            return _read(path)
        except DataError as error:
            reporter.say(f"{str(error).partition(';')[0]}; {task.name} is compared again")
    with reporter.bar(f"compare with {task.name}", len(corpus.texts), "training texts") as bar:
        measured = measure(collection, corpus.texts, task.relevance == "parallel", bar.advance)
    plain = measured.model_copy(update=key | {"training_texts": len(corpus.texts)}).plain()
    write_json(path, {**plain, SUM: digest(plain)})
    return _read(path)


def kept(task: specs.TaskBase, collection: Collection, corpus: str, cache: Path) -> OverlapRecord | None:
    """What is kept of the overlap with the corpus of a digest; None where these were never compared.

    Raises DataError where that is damaged.
    """
    path, _ = _place(task, collection, corpus, cache)
    return _read(path) if path.is_file() else None


def _place(
    task: specs.TaskBase, collection: Collection, corpus: str, cache: Path
) -> tuple[Path, dict[str, str | int | bool]]:
    """Where an overlap is kept, and what it is of."""
    versions = task.relevance == "parallel"
    key: dict[str, str | int | bool]
    key = {"rule": overlap.RULE, "corpus": corpus, "collection": collection.digest, "versions": versions}
    return cache / "overlap" / f"{digest([key, SUM])[:32]}.json", key


def _read(path: Path) -> OverlapRecord:
    """The overlap as it was written. Raises DataError where it is anything else."""
    try:
        plain = strict_json(path.read_text(encoding="utf-8"))
        intact = plain.pop(SUM) == digest(plain)
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        intact = False
    if not intact:
        raise DataError(f"{path}: damaged; delete it, and the texts are compared again")
    return OverlapRecord.model_validate(plain)


def measure(
    collection: Collection,
    training: Iterable[str],
    versions: bool = True,
    advance: Callable[[int], None] = lambda _: None,
) -> OverlapRecord:
    """Overlap of a collection with training texts, by language and by unit. `training` is as in find_overlap.

    `versions`: the relevant documents that a question has in several languages are one text in these languages.
    """
    parts = list(_parts(collection))
    whole = overlap.find_overlap([text for *_, part in parts for text in part.texts], training, advance)
    ends = np.cumsum([len(part) for *_, part in parts])[:-1]
    compared, copied, partial = (np.split(flags, ends) for flags in (whole.compared, whole.copied, whole.partial))
    languages: dict[str, dict[str, OverlapCounts]] = {}
    examples: dict[str, dict[str, list[str]]] = {side: {"copied": [], "partial": []} for side in SIDES}
    for number, (side, language, part) in enumerate(parts):
        languages.setdefault(language, {})[side] = OverlapCounts(
            texts=len(part),
            compared=int(compared[number].sum()),
            copied=int(copied[number].sum()),
            partial=int(partial[number].sum()),
        )
        for name, flags in (("copied", copied[number]), ("partial", partial[number])):
            listed = examples[side][name]
            listed += [part.ids[place] for place in np.flatnonzero(flags)][: EXAMPLES - len(listed)]
    copies = {(side, language): copied[number] for number, (side, language, _) in enumerate(parts)}
    return OverlapRecord(languages=languages, units=units(collection, copies, versions), examples=examples)


def _parts(collection: Collection) -> Iterator[tuple[str, str, Texts]]:
    """(side, language, texts) of everything in a collection."""
    for language, queries in collection.queries.items():
        yield "queries", language, queries
    for language, documents in collection.documents.items():
        yield "documents", language, documents


def units(
    collection: Collection, copied: Mapping[tuple[str, str], Flags], versions: bool = True
) -> dict[str, UnitCounts]:
    """Questions and documents of which any language version is copied; a question also where an answer to it is."""
    asked, answered = set(), set()
    copies = {language: copied["documents", language].copy() for language in collection.documents}
    for language, queries in collection.queries.items():
        asked |= {queries.questions[row] for row in np.flatnonzero(copied["queries", language])}
        by_language = _copied_answers(collection, language, copied)
        answered |= {queries.questions[row] for row in np.flatnonzero(by_language.any(0))}
        if versions:
            _spread(collection, language, by_language, copies)
    total = len({question for queries in collection.queries.values() for question in queries.questions})
    questions, documents = len(asked | answered), sum(int(flags.sum()) for flags in copies.values())
    everything = sum(map(len, copies.values()))
    return {
        "questions": UnitCounts(
            total=total, asked=len(asked), answered=len(answered), copied=questions, share=questions / total
        ),
        "documents": UnitCounts(total=everything, copied=documents, share=documents / everything),
    }


def _answers(collection: Collection, language: str) -> Iterator[tuple[int, Ints, Ints]]:
    """For each document language, its number and pairs (query of `language`, relevant document that is there)."""
    golds = collection.golds[language]
    for number in range(len(collection.documents)):
        here = (golds.language == number) & (golds.grade > 0) & (golds.document >= 0)
        yield number, golds.query[here], golds.document[here]


def _copied_answers(collection: Collection, language: str, copied: Mapping[tuple[str, str], Flags]) -> Flags:
    """[document languages, queries]: whether a query of `language` has a copied relevant document there."""
    answered = np.zeros((len(collection.documents), len(collection.queries[language])), bool)
    for number, query, document in _answers(collection, language):
        flags = copied["documents", collection.document_languages[number]][document]
        answered[number, query[flags]] = True
    return answered


def _spread(collection: Collection, language: str, by_language: Flags, copies: Mapping[str, Flags]) -> None:
    """Mark in `copies` the relevant documents of a question that is answered by a copied one in another language."""
    for number, query, document in _answers(collection, language):
        elsewhere = by_language.sum(0)[query] - by_language[number, query] > 0
        copies[collection.document_languages[number]][document[elsewhere]] = True
