"""A corpus with hard negatives as a folder: `corpus.yaml`, a corpus of its own, and `units.jsonl.gz`, its units.

Units, texts, languages, relation and order are those of the corpus that was mined, so a recipe draws the same batches
from both. The same units give the same bytes. Knows rows with their negatives; nothing of vectors.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from xbench import specs
from xbench.arrays import Vectors
from xbench.data.download import Storage, find_local
from xbench.encoders.base import Identity
from xbench.errors import DataError, SpecError, XbenchError
from xbench.files import require_folder, whole_folder
from xbench.mining.miner import Rows, Rules, UnitNegatives, by_unit
from xbench.specs.parts import NAME, Source
from xbench.training.corpus import Corpus
from xbench.zero_shot import verdict

SPEC, UNITS = "corpus.yaml", "units.jsonl.gz"
MARK = "# Written by `xbench corpora mine`, which writes it anew\n"


@dataclass
class NegativeCounts:
    """The negatives of one language, counted: rows, those with a negative, negatives, and the ratio of each one's
    score to that of its row's own passage, where that is positive."""

    rows: int = 0
    rows_with_negatives: int = 0
    negatives: int = 0
    ratios: list[Vectors] = field(default_factory=list)  # [negatives] each

    def add(self, rows: Rows) -> None:
        """Count the rows of one block of units."""
        negative = rows.text >= 0
        self.rows += len(negative)
        self.rows_with_negatives += int(negative.any(axis=1).sum())
        self.negatives += int(negative.sum())
        row, column = (negative & (rows.positive > 0)[:, None]).nonzero()
        self.ratios.append((rows.score[row, column] / rows.positive[row]).astype(np.float32))

    def median_ratio(self) -> float | None:
        """None where no ratio is known."""
        ratios = np.concatenate([np.empty(0, np.float32), *self.ratios])
        return float(np.median(ratios)) if len(ratios) else None


def total(parts: Iterable[NegativeCounts]) -> NegativeCounts:
    """The rows of several languages as one."""
    every = NegativeCounts()
    for part in parts:
        every.rows += part.rows
        every.rows_with_negatives += part.rows_with_negatives
        every.negatives += part.negatives
        every.ratios += part.ratios
    return every


@dataclass(frozen=True)
class Origin:
    """What was mined, and with what: a corpus, with the folder of its YAML and the digest of its table, and an encoder,
    by name and identity."""

    corpus: specs.CorpusBase
    base: Path
    digest: str
    model: str
    identity: Identity
    rules: Rules

    def __str__(self) -> str:
        rules, identity = self.rules, self.identity
        weights = {key: identity[key] for key in ("hub", "revision", "folder_sha256", "seed") if key in identity}
        which = ", ".join(f"{key} {value}" for key, value in weights.items())
        among = "its own language" if rules.among == "own" else "all languages"
        return (
            f"The units of {self.corpus.name} (table {self.digest}) with hard negatives that {self.model} ({which}) "
            f"puts among the {rules.depth} passages of {among} nearest to a query, scored below {rules.margin} of the "
            f"query's own passage; at most {rules.negatives} a row."
        )


def name_of(chosen: str | None, corpus: str, model: str) -> str:
    """The name of the new corpus. Raises SpecError where it is none."""
    name = f"{corpus}-mined-by-{model}" if chosen is None else chosen
    if not NAME.fullmatch(name):
        expected = "at most 100 lower-case letters, digits, '.', '_' and '-'"
        raise SpecError(f"--name: found {name!r}, expected {expected}; give a name of your own")
    if chosen == corpus:
        raise SpecError(f"--name {chosen}: that is the corpus that is mined; give another name")
    return name


def require_own(folder: Path, base: Path) -> None:
    """Raise SpecError unless `folder` is new, empty, or a mined corpus and nothing else, and not `base`, where the
    corpus that is mined lies; XbenchError where it cannot be written."""
    if folder.resolve() == base.resolve() and (folder / SPEC).exists():
        raise SpecError(f"--out {folder}: the corpus that is mined lies there; name another folder")
    if folder.exists() and not folder.is_dir():
        raise SpecError(f"--out {folder}: a file; name a new folder")
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if names and (names != {SPEC, UNITS} or not (folder / SPEC).read_bytes().startswith(MARK.encode())):
        raise SpecError(f"--out {folder}: holds {min(names)!r}; name a new folder, or one with a mined corpus alone")
    require_folder(folder.parent)


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    try:
        with whole_folder(folder) as temporary:
            yield temporary
    except OSError as error:
        raise XbenchError(f"cannot write {folder}: {error.strerror}") from None


def write(
    folder: Path, name: str, origin: Origin, corpus: Corpus, blocks: Iterable[tuple[range, list[Rows]]]
) -> list[NegativeCounts]:
    """Write a corpus with the negatives of blocks of units, whole or not at all; the counts of each language.

    Raises DataError where no row has a negative.
    """
    counts = [NegativeCounts() for _ in corpus.languages]
    with _whole(folder) as temporary:
        sha256 = _write_units(temporary / UNITS, corpus, _counted(blocks, counts))
        if not sum(part.negatives for part in counts):
            raise DataError(f"corpus {origin.corpus.name}: no row has a negative; raise --depth or --margin")
        spec = _spec(name, origin, folder, sha256).model_dump(mode="json", by_alias=True, exclude_unset=True)
        (temporary / SPEC).write_text(MARK + _yaml(spec), encoding="utf-8")
    return counts


def _counted(
    blocks: Iterable[tuple[range, list[Rows]]], counts: list[NegativeCounts]
) -> Iterator[tuple[range, list[UnitNegatives]]]:
    for units, by_language in blocks:
        for part, rows in zip(counts, by_language, strict=True):
            part.add(rows)
        yield units, by_unit(units, by_language)


def _write_units(path: Path, corpus: Corpus, blocks: Iterable[tuple[range, list[UnitNegatives]]]) -> str:
    """The sha256 of what is in the file."""
    content = hashlib.sha256()
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as stream:
        for units, block in blocks:
            for unit, negatives in zip(units, block, strict=True):
                line = json.dumps(_row(corpus, unit, negatives), ensure_ascii=False).encode() + b"\n"
                stream.write(line)
                content.update(line)
    return content.hexdigest()


def _row(corpus: Corpus, unit: int, negatives: UnitNegatives) -> dict[str, object]:
    languages = corpus.languages
    sides = {
        key: {
            language: corpus.texts[int(text)]
            for language, text in zip(languages, side[:, unit].tolist(), strict=True)
            if text >= 0
        }
        for key, side in (("query", corpus.query), ("positive", corpus.passage))
    }
    texts = {languages[number]: [corpus.texts[text] for text in negatives[number]] for number in sorted(negatives)}
    return {"id": str(unit), **sides, "negatives": texts}


def _spec(name: str, origin: Origin, folder: Path, sha256: str) -> specs.QuestionsCorpus:
    """What is said of the corpus that was mined is said of this one; what it leaves open stays open."""
    corpus = origin.corpus
    fields: dict[str, object] = {
        "name": name,
        "title": f"{corpus.title or corpus.name}, with mined hard negatives",
        "description": " ".join(filter(None, (str(origin), corpus.description))),
        "languages": corpus.languages,
        "format": "qa-jsonl",
        "source": Source(path=UNITS, sha256={"": sha256}),
        "negatives": "negatives",
        "relation": getattr(corpus, "relation", "qa"),
    }
    fields |= {key: value for key in ("cite", "size", "notice") if (value := getattr(corpus, key))}
    if verdict.declares(corpus):
        fields["derived_from"] = verdict.corpus_names(corpus)
    if license_ := _license(corpus):
        fields["license"] = license_
    if corpus.lexicons:
        fields["lexicons"] = _seen_from(folder, corpus.lexicons, origin.base)
    return specs.QuestionsCorpus.model_validate(fields)


def _seen_from(folder: Path, lexicons: specs.Lexicons, base: Path) -> specs.Lexicons:
    """Lexicons that lie beside the YAML of the corpus that was mined, by their way from the new one."""
    source = lexicons.source
    if not any(find_local(Storage(), source.fill(source.path, language), base) for language in lexicons.to):
        return lexicons
    way = os.path.relpath(base.resolve() / source.path, folder.resolve())
    return lexicons.model_copy(update={"source": source.model_copy(update={"path": Path(way).as_posix()})})


def _license(corpus: specs.CorpusBase) -> str:
    """Of the corpus, or of the files it is made from."""
    return corpus.license or "; ".join(dict.fromkeys(source.license for source, _ in corpus.files() if source.license))


def _yaml(value: object) -> str:
    import yaml

    return str(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100))
