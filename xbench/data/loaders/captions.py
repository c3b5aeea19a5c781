"""Machine-translated captions, as published with XM3600: a row is one caption with one translation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xbench import specs
from xbench.data.finder import Finder
from xbench.data.loaders.joining import Join
from xbench.data.loaders.relations import related
from xbench.data.rows import require_text, text_of
from xbench.data.units import Unit

KEYS = ("src_lang", "caption_tokenized", "trg_lang", "translation_tokenized")


def captions(corpus: specs.CaptionsCorpus, finder: Finder, scratch: Path) -> Iterator[Unit]:
    """`captions`: one text per caption, in the languages it is translated into; its document is the image."""
    with Join(scratch) as join:
        for where, row in finder.rows(corpus.source, ""):
            values = [text_of(row, key, where) for key in KEYS]
            if values[0] in corpus.languages or values[2] in corpus.languages:
                join.add(str(row.get(corpus.image, "")) or require_text(None, corpus.image, where), *values)
        yield from related(_texts(join, corpus.languages), corpus.relation)


def _texts(join: Join, languages: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    for image, rows in join:
        together: dict[str, dict[str, str]] = {}
        for source, caption, target, translation in rows:
            together.setdefault(caption, {source: caption})[target] = translation
        for texts in together.values():
            yield image, {language: texts[language] for language in languages if texts.get(language, "").strip()}
