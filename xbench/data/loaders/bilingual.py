"""English-centric pairs of sentences, joined over languages by their English text."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from xbench import specs
from xbench.data import archives
from xbench.data.finder import Finder
from xbench.data.loaders.joining import Join
from xbench.data.loaders.relations import related
from xbench.data.rows import File, require_text
from xbench.data.units import Unit
from xbench.errors import DataError

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
Pair = tuple[str, str]  # English, other


def pairs(corpus: specs.PairsCorpus, finder: Finder, scratch: Path) -> Iterator[Unit]:
    """`english-pairs`: one unit per English text, with its translations."""
    read = {"lines": _lines, "tsv": _tsv, "tmx": _tmx, "parquet": _parquet}[corpus.layout]
    with Join(scratch) as join:
        for language in corpus.languages:
            if language == "en":
                continue
            for english, other in read(corpus, finder, language):
                if english.strip() and other.strip():
                    join.add(english, language, other)
        units = (("", {"en": english, **dict(reversed(rows))}) for english, rows in join)  # the first translation wins
        yield from related(units, corpus.relation)


def _lines(corpus: specs.PairsCorpus, finder: Finder, language: str) -> Iterator[Pair]:
    assert corpus.english is not None
    sides = (finder.lines(corpus.english, language), finder.lines(corpus.source, language))
    for english, other in zip_longest(*sides):
        if english is None or other is None:
            where = (english or other)[0]
            raise DataError(f"{where}: the other side of {language}-en ends before this line; they are not aligned")
        yield english[1], other[1]


def _tsv(corpus: specs.PairsCorpus, finder: Finder, language: str) -> Iterator[Pair]:
    for _, (english, other) in finder.fields(corpus.source, language, ("English", language)):
        yield english, other


def _parquet(corpus: specs.PairsCorpus, finder: Finder, language: str) -> Iterator[Pair]:
    names = ("english", "non_english")
    for where, values in finder.columns(corpus.source, language, names):
        english, other = (require_text(value, name, where) for name, value in zip(names, values, strict=True))
        yield english, other


def _tmx(corpus: specs.PairsCorpus, finder: Finder, language: str) -> Iterator[Pair]:
    """Translation units of two variants, `tuv`, of which the English one is told by its language."""
    for file in finder.files(corpus.source, language):
        with archives.open_bytes(*file) as stream:
            try:
                for _, element in ElementTree.iterparse(stream):
                    if element.tag == "tu":
                        yield from _unit(file, element)
                        element.clear()
            except ElementTree.ParseError as error:
                raise DataError(f"{file}: not valid XML ({error}); truncated? fetch it again") from None


def _unit(file: File, element: ElementTree.Element) -> Iterator[Pair]:
    sides = {}
    for variant in element.iter("tuv"):
        code = variant.get(LANG) or variant.get("lang") or ""
        segment = variant.find("seg")
        if segment is not None:
            sides["en" if code.lower().split("-")[0] == "en" else "other"] = "".join(segment.itertext())
    if set(sides) != {"en", "other"}:
        raise DataError(f"{file}: a tu without a tuv in English and one in another language; expected a pair")
    yield sides["en"], sides["other"]
