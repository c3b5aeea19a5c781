"""The zero-shot verdict: what an encoder's training data, declared and compared, mean for its scores on a task.

`contaminated`: it saw the task's own data; `in-domain`: another split of the same data set; `unknown`: nobody says;
`zero-shot`: none of these. docs/zero-shot.md has the definitions. Knows specs, the graph and overlap; no encoder.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from xbench import specs
from xbench.data.embedded_facts import KINDS
from xbench.errors import SpecError
from xbench.results.record import EarlierTraining, OverlapRecord, VerdictName, ZeroShotRecord
from xbench.specs import registry
from xbench.zero_shot import overlap, pieces
from xbench.zero_shot.data_graph import ORDER, Graph, set_of
from xbench.zero_shot.lineage import Lineage

MOST_SHARE = 0.02  # of questions, or of documents: above it, copies alone make a run contaminated
THRESHOLDS = {
    "window_words": overlap.WINDOW,
    "copied_share": overlap.COPIED,
    "stock_texts": overlap.STOCK_TEXTS,
    "missing_words": pieces.MISSING_WORDS,
    "contaminated_share": MOST_SHARE,
}


Overlaps: TypeAlias = Mapping[str, OverlapRecord]
"""Of the corpus, by the name of the task."""
EarlierOverlaps: TypeAlias = Mapping[tuple[str, str], OverlapRecord | None]
"""Of corpora that models were trained on before, by the names of task and corpus text (sha256); None where that text
cannot be read any more."""


@dataclass(frozen=True)
class Verdict:
    """One of ORDER, and why: lines for people. `seen_text`: running text behind both the task and the training data."""

    name: VerdictName
    reasons: tuple[str, ...]
    seen_text: tuple[str, ...] = ()

    def __str__(self) -> str:
        more = f" (and {len(self.reasons) - 1} more)" if len(self.reasons) > 1 else ""
        return f"{self.name}: {self.reasons[0]}{more}"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of all training data together, with the reasons that decide it."""
    given = list(verdicts)
    name = min((verdict.name for verdict in given), key=ORDER.index)
    reasons = dict.fromkeys(reason for verdict in given if verdict.name == name for reason in verdict.reasons)
    seen = sorted({text for verdict in given for text in verdict.seen_text})
    return Verdict(name, tuple(reasons), tuple(seen))


@dataclass(frozen=True)
class _Declaration:
    """Training data as a spec declares them; `gap` says what it leaves open, if anything."""

    where: str
    names: tuple[str, ...]
    gap: str


def declared(
    task: specs.TaskBase,
    model: specs.ModelBase | None,
    corpus: specs.CorpusBase | None,
    lineage: Lineage | None = None,
) -> Verdict:
    """What follows from the declarations of a model, of its lineage, of a corpus it is trained on. Raises SpecError."""
    made_from = task_names(task)
    corpora = [*(training.corpus for training in (lineage.trainings if lineage else ())), *([corpus] if corpus else [])]
    named = (f"task {task.name}: derived_from", made_from)
    behind = _corpora_behind(task, corpora)
    sources = list(_of_lineage(lineage, named, behind)) if lineage else []
    sources += [_of_model(model, lineage)] if model is not None else []
    sources += [_of_corpus(corpus, behind)] if corpus is not None else []
    graph = graph_of([named, *((each.where, each.names) for each in sources)])
    return worst(verdict for source in sources for verdict in _related(graph, task, made_from, source))


def _of_model(model: specs.ModelBase, lineage: Lineage | None) -> _Declaration:
    """A lineage tells what a model leaves unsaid; what its YAML says counts besides."""
    silent = lineage is not None and "training_data" not in model.model_fields_set
    return _of_declared(model.name, model.trained_on, "declared" if silent else model.training_data)


def _of_declared(model: str, trained_on: Sequence[str], training_data: str) -> _Declaration:
    part = {"declared": "", "partly": "only a part", "undisclosed": "nothing"}[training_data]
    gap = f"model {model} declares {part} of its training data" if part else ""
    return _Declaration(f"model {model}: trained_on", tuple(trained_on), gap)


Names: TypeAlias = tuple[str, tuple[str, ...]]
"""Data sets, and before them where they are named."""


def _of_lineage(lineage: Lineage, task: Names, behind: Container[str]) -> Iterator[_Declaration]:
    for each in lineage.declared:
        yield from _known(_of_declared(each.model, each.trained_on, each.training_data), task)
    for training in lineage.trainings:
        yield from _known(_of_corpus(training.corpus, behind), task)
    for gap in lineage.gaps:
        yield _Declaration("", (), str(gap))


def _known(source: _Declaration, task: Names) -> Iterator[_Declaration]:
    """A declaration of a record, which may be another machine's: a name that is no data set here leaves a gap."""
    known = []
    for name in source.names:
        try:
            graph_of([task, (source.where, (name,))])
        except SpecError as error:
            yield _Declaration(source.where, (), str(error))
        else:
            known.append(name)
    yield _Declaration(source.where, tuple(known), source.gap)


def _of_corpus(corpus: specs.CorpusBase, behind: Container[str]) -> _Declaration:
    gap = "" if declares(corpus) else f"corpus {corpus.name} declares no derived_from ([] says that it is new)"
    own = (corpus.name,) if corpus.name in behind else ()
    return _Declaration(f"corpus {corpus.name}: derived_from", (*own, *corpus_names(corpus)), gap)


def _corpora_behind(task: specs.TaskBase, corpora: Sequence[specs.CorpusBase]) -> set[str]:
    """Those of the corpora that the task is derived from by their own names, if they are no data sets besides."""
    where = [(f"corpus {corpus.name}: derived_from", ()) for corpus in corpora]
    graph = graph_of([(f"task {task.name}: derived_from", task.derived_from), *where])
    sources = {set_of(source) for name in task.derived_from for source in graph.chains(name)}
    listed = Graph.load().sets
    return {corpus.name for corpus in corpora if corpus.name in sources and corpus.name not in listed}


def _related(graph: Graph, task: specs.TaskBase, made_from: Sequence[str], source: _Declaration) -> Iterator[Verdict]:
    """One verdict for each training data set, and one for what is not declared."""
    seen = tuple(graph.shared_text(source.names, made_from))
    for name in source.names:
        finding = graph.relate(name, made_from)
        yield Verdict(finding.relation, (finding.reason,), seen)
    if source.gap:
        yield Verdict("unknown", (source.gap,), seen)
    elif not source.names:
        yield Verdict("zero-shot", (f"{source.where} names no data",), seen)
    if (source.names or source.gap) and not declares(task):
        yield Verdict("unknown", (f"task {task.name} declares no derived_from ([] says that it is new)",), seen)


def declares(spec: specs.TaskBase | specs.CorpusBase) -> bool:
    """Whether the YAML says what the data are from; an empty list says that they are new."""
    return isinstance(spec, specs.FactsTask | specs.FactsCorpus) or "derived_from" in spec.model_fields_set


def task_names(task: specs.TaskBase) -> tuple[str, ...]:
    """The data sets behind a task: those it names, and itself where it names no split of itself."""
    if isinstance(task, specs.FactsTask):
        return _facts((*task.options.kinds, *task.options.distractors), task.derived_from)
    own = () if task.name in map(set_of, task.derived_from) else (task.name,)
    return tuple(dict.fromkeys([*own, *task.derived_from]))


def corpus_names(corpus: specs.CorpusBase) -> tuple[str, ...]:
    """The data sets behind a corpus."""
    if isinstance(corpus, specs.FactsCorpus):
        return _facts(corpus.kinds, corpus.derived_from)
    return tuple(dict.fromkeys(corpus.derived_from))


def _facts(kinds: Sequence[str], derived_from: Sequence[str]) -> tuple[str, ...]:
    """Kinds of facts as splits, whatever the YAML names besides; kinds that do not exist are told by their reader."""
    others = [name for name in derived_from if set_of(name) != "cldr"]
    return tuple(dict.fromkeys([*others, *(f"cldr:{kind}" for kind in kinds if kind in KINDS)]))


def graph_of(named: Sequence[tuple[str, Sequence[str]]]) -> Graph:
    """The graph, with the tasks and corpora that are named in it; `named` are lists and where they stand.

    Raises SpecError for a name that is nothing.
    """
    graph = Graph.load()
    waiting = [(where, name) for where, names in named for name in names]
    listed = {kind: registry.known(kind) for kind in ("task", "corpus")}
    corpora = {where.partition(":")[0] for where, _ in named}
    for where, name in waiting:  # grows while it is read
        kind = next((kind for kind in listed if set_of(name) in listed[kind]), None)
        own = where.startswith(f"task {set_of(name)}:") or (kind is None and f"corpus {set_of(name)}" in corpora)
        if set_of(name) in graph.sets or not (kind or own):
            graph.require([name], where)
            continue
        spec = registry.load(kind, set_of(name)).spec if kind and not own else None
        derived = spec.derived_from if isinstance(spec, specs.TaskBase | specs.CorpusBase) else ()
        others = [other for other in derived if set_of(other) != set_of(name)]
        graph = graph.extended(set_of(name), others)
        waiting += [(f"{kind} {set_of(name)}: derived_from", other) for other in others]
    return graph


def compared(task: specs.TaskBase, record: OverlapRecord) -> Verdict | None:
    """Contaminated where too much of the task is copied; else None: what texts have not in common shows nothing."""
    lines = [
        f"{part.copied:,} of {part.total:,} {name} of {task.name} stand in the training texts"
        for name, part in record.units.items()
        if part.share is not None and part.share > MOST_SHARE
    ]
    return Verdict("contaminated", tuple(lines)) if lines else None


@dataclass(frozen=True)
class Case:
    """An encoder on a task; `corpus` is what it is trained on in the run, if it is; `lineage` what it was before."""

    task: specs.TaskBase
    model: specs.ModelBase | None
    corpus: specs.CorpusBase | None
    lineage: Lineage | None = None
    earlier: EarlierOverlaps = field(default_factory=dict)

    def verdict(self, overlaps: Overlaps) -> Verdict:
        """From declarations, and from the texts where `overlaps` has the corpus and this task."""
        records = [self._overlap(overlaps), *self._earlier.values()]
        from_texts = [compared(self.task, record) for record in records if record]
        unread = [Verdict("unknown", (gap,)) for gap in self._unread]
        by_names = declared(self.task, self.model, self.corpus, self.lineage)
        return worst([by_names, *filter(None, from_texts), *unread])

    def record(self, overlaps: Overlaps) -> ZeroShotRecord:
        """What a result keeps."""
        verdict, overlap = self.verdict(overlaps), self._overlap(overlaps)
        record = ZeroShotRecord(
            verdict=verdict.name,
            reasons=list(verdict.reasons),
            seen_text=list(verdict.seen_text),
            overlap=_with_thresholds(overlap),
        )
        if self.lineage is None:
            return record
        gaps = [*map(str, self.lineage.gaps), *self._unread]
        return record.model_copy(update={"earlier": list(self._trainings()), **({"gaps": gaps} if gaps else {})})

    def _trainings(self) -> Iterator[EarlierTraining]:
        for training in self.lineage.trainings if self.lineage else ():
            yield EarlierTraining(
                recipe=training.recipe,
                corpus=training.corpus.name,
                corpus_sha256=training.corpus_sha256,
                seed=training.seed,
                overlap=_with_thresholds(self._earlier.get(training.corpus_sha256)),
            )

    @property
    def _earlier(self) -> dict[str, OverlapRecord | None]:
        """By the text of each corpus before, as far as that was looked for."""
        texts = [training.corpus_sha256 for training in self.lineage.trainings] if self.lineage else []
        keys = [(self.task.name, text) for text in texts]
        return {key[1]: self.earlier[key] for key in keys if key in self.earlier}

    @property
    def _unread(self) -> list[str]:
        corpora = {each.corpus_sha256: each.corpus.name for each in (self.lineage.trainings if self.lineage else ())}
        return [
            f"corpus {corpora[text]}, which the model was trained on, cannot be read here any more: its texts were not "
            f"compared with {self.task.name}"
            for text, overlap in self._earlier.items()
            if overlap is None
        ]

    def _overlap(self, overlaps: Overlaps) -> OverlapRecord | None:
        return overlaps.get(self.task.name) if self.corpus else None

    def __str__(self) -> str:
        model = self.model.name if self.model else "any model"
        corpora = [training.corpus.name for training in self.lineage.trainings] if self.lineage else []
        corpora += [self.corpus.name] if self.corpus else []
        return f"{model} trained on {', then '.join(corpora)}" if corpora else model


def _with_thresholds(overlap: OverlapRecord | None) -> OverlapRecord | None:
    return overlap.model_copy(update={"thresholds": THRESHOLDS}) if overlap else None


def require_clean(cases: Iterable[Case], overlaps: Overlaps, allowed: bool) -> None:
    """Raise SpecError for the first contaminated case, unless these are allowed; checks all names in any case."""
    for case in cases:
        verdict = case.verdict(overlaps)
        if verdict.name == "contaminated" and not allowed:
            raise SpecError(
                f"{case.task.name}, {case}: {verdict}; leave one out, "
                "or score it all the same, marked as contaminated, with --allow-contaminated"
            )


def lines(cases: Iterable[Case], overlaps: Overlaps) -> list[str]:
    """Every verdict once, for people."""
    return list(dict.fromkeys(f"{case.task.name}, {case}: {case.verdict(overlaps)}" for case in cases))
