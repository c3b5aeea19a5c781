"""Corpora in: one module per family of formats, chosen here by the corpus's `format`; each gives units, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xbench import specs
from xbench.data.finder import Finder
from xbench.data.loaders import bilingual, captions, questions, texts
from xbench.data.units import Unit


def units(corpus: specs.CorpusBase, finder: Finder, scratch: Path) -> Iterator[Unit]:
    """All units of a corpus but one of triples, in an order that its files decide. `scratch` is a folder for passing
    files. Raises DataError or SpecError."""
    if isinstance(corpus, specs.FactsCorpus):
        return questions.facts(corpus)
    if isinstance(corpus, specs.SquadCorpus):
        return questions.squad(corpus, finder, scratch)
    if isinstance(corpus, specs.QuestionsCorpus):
        return questions.rows(corpus, finder)
    if isinstance(corpus, specs.JudgedCorpus):
        return questions.judged(corpus, finder)
    if isinstance(corpus, specs.LinesCorpus):
        return texts.lines(corpus, finder)
    if isinstance(corpus, specs.DocumentsCorpus):
        return texts.documents(corpus, finder, scratch)
    if isinstance(corpus, specs.PairsCorpus):
        return bilingual.pairs(corpus, finder, scratch)
    if isinstance(corpus, specs.CaptionsCorpus):
        return captions.captions(corpus, finder, scratch)
    assert isinstance(corpus, specs.AlignedCorpus)
    return texts.aligned(corpus, finder)
