"""How much of a task's collection stands in a corpus: copied and partly copied texts by language, and by unit.

Knows collections, corpora and overlap; not what follows for a verdict.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xbench import specs
from xbench.arrays import Ints
from xbench.data.collection import Collection, Texts
from xbench.errors import DataError
from xbench.files import digest, write_json
from xbench.progress import Reporter
from xbench.training.corpus import Corpus
from xbench.zero_shot import overlap
from xbench.zero_shot.wording import Bools

EXAMPLES = 10  # ids per role
FLAGS = ("compared", "copied", "partial")


def compare(
    task: specs.TaskBase, collection: Collection, corpus: Corpus, cache: Path, reporter: Reporter
) -> dict[str, Any]:
    """Overlap of a corpus with a task's collection; kept in `cache`. Raises DataError where what is kept is damaged."""
    versions = task.relevance == "parallel"
    key = {"rule": overlap.RULE, "corpus": corpus.digest, "collection": collection.digest, "versions": versions}
    path = cache / "overlap" / f"{digest(key)[:32]}.json"
    if not path.is_file():
        with reporter.bar(f"compare with {task.name}", len(corpus.texts), "training texts") as bar:
            found = measure(collection, corpus.texts, versions, bar.advance)
        write_json(path, key | {"training_texts": len(corpus.texts)} | found)
    try:
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise DataError(f"{path}: damaged; delete it, and the texts are compared again") from None
    return kept


def measure(
    collection: Collection,
    training: Iterable[str],
    versions: bool = True,
    advance: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Overlap of a collection with training texts, by language and by unit. `training` is as in find_overlap.

    `versions`: the relevant documents that a question has in several languages are one text in these languages.
    """
    parts: list[tuple[str, str, Texts]] = [("queries", language, part) for language, part in collection.queries.items()]
    parts += [("documents", language, part) for language, part in collection.documents.items()]
    found = overlap.find_overlap([text for *_, part in parts for text in part.texts], training, advance)
    ends = np.cumsum([len(part) for *_, part in parts])[:-1]
    flags = {name: np.split(getattr(found, name), ends) for name in FLAGS}
    languages: dict[str, dict[str, dict[str, int]]] = {}
    examples: dict[str, dict[str, list[str]]] = {"queries": {}, "documents": {}}
    for number, (role, language, part) in enumerate(parts):
        counts = {name: int(flags[name][number].sum()) for name in FLAGS}
        languages.setdefault(language, {})[role] = {"texts": len(part), **counts}
        for name in ("copied", "partial"):
            listed = examples[role].setdefault(name, [])
            listed += [part.ids[place] for place in np.flatnonzero(flags[name][number])][: EXAMPLES - len(listed)]
    copied = {(role, language): flags["copied"][number] for number, (role, language, _) in enumerate(parts)}
    return {"languages": languages, "units": units(collection, copied, versions), "examples": examples}


def units(
    collection: Collection, copied: Mapping[tuple[str, str], Bools], versions: bool = True
) -> dict[str, dict[str, float]]:
    """Questions and documents of which any language version is copied; a question also where an answer to it is."""
    asked, answered = set(), set()
    hit = {language: copied["documents", language].copy() for language in collection.documents}
    for language, queries in collection.queries.items():
        asked |= {queries.questions[row] for row in np.flatnonzero(copied["queries", language])}
        by_language = _copied_answers(collection, language, copied)
        answered |= {queries.questions[row] for row in np.flatnonzero(by_language.any(0))}
        if versions:
            _spread(collection, language, by_language, hit)
    total = len({question for queries in collection.queries.values() for question in queries.questions})
    documents = sum(int(flags.sum()) for flags in hit.values())
    everything = sum(map(len, hit.values()))
    return {
        "questions": {
            "total": total,
            "asked": len(asked),
            "answered": len(answered),
            "copied": len(asked | answered),
            "share": len(asked | answered) / total,
        },
        "documents": {"total": everything, "copied": documents, "share": documents / everything},
    }


def _answers(collection: Collection, language: str) -> Iterator[tuple[int, Ints, Ints]]:
    """For each document language, its number and pairs (query of `language`, relevant document that is there)."""
    golds = collection.golds[language]
    for number in range(len(collection.documents)):
        here = (golds.language == number) & (golds.grade > 0) & (golds.document >= 0)
        yield number, golds.query[here], golds.document[here]


def _copied_answers(collection: Collection, language: str, copied: Mapping[tuple[str, str], Bools]) -> Bools:
    """[document languages, queries]: whether a query of `language` has a copied relevant document there."""
    found = np.zeros((len(collection.documents), len(collection.queries[language])), bool)
    for number, query, document in _answers(collection, language):
        copies = copied["documents", collection.document_languages[number]][document]
        found[number, query[copies]] = True
    return found


def _spread(collection: Collection, language: str, by_language: Bools, hit: Mapping[str, Bools]) -> None:
    """Mark in `hit` the relevant documents of a question that is answered by a copied one in another language."""
    for number, query, document in _answers(collection, language):
        elsewhere = by_language.sum(0)[query] - by_language[number, query] > 0
        hit[collection.document_languages[number]][document[elsewhere]] = True
