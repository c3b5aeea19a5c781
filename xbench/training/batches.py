"""The stream of batches a recipe asks for: a pure function of (corpus, recipe, seed, step). Knows numbers, no text.

Every batch is drawn afresh from its own generator, so any step can be had without the ones before it, and item `step`
is the global batch, of which process r of W trains on rows r::W. A unit, and anything that shares its passage, stands
at most once in a batch (in the kind `parallel`: its passage once per language), no query text stands for two units, and
no row's query is another row's passage: these would be false negatives. A draw costs what the batch costs, whatever the
size of the corpus.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from xbench.arrays import Floats, Ints, blocks
from xbench.errors import TrainingError
from xbench.specs import Codeswitch, LanguageChoice, Mix, Pairs, Recipe
from xbench.training.corpus import Corpus
from xbench.training.parallel_batches import Several
from xbench.training.pools import RARE, choose
from xbench.training.requirements import Requirements
from xbench.training.schedule import Portion, Schedule
from xbench.training.switching import Switcher
from xbench.training.weights import cross_weights, edges

ROUNDS = 200  # of draws for the rows that are still open, before all units that are left are looked through


@dataclass(frozen=True)
class Batch:
    """`units`, `query_language`, `passage_language` [batch]; languages are numbers into the corpus's.

    In kind `parallel` several rows hold one unit, its passage in another language each; equal `units` say so, and the
    loss must not take the passage of such a row as a negative. In all other kinds `units` are distinct. In kind
    `codeswitch` both languages are the one that units are drawn in, and `seeds` [batch, 2] decide which words of the
    query and of the passage are replaced.
    """

    kind: str
    units: Ints
    query_language: Ints
    passage_language: Ints
    seeds: Ints | None = None

    def share(self, process: int, processes: int) -> Batch:
        """The rows that one of several processes trains on."""
        rows = slice(process, None, processes)
        seeds = None if self.seeds is None else self.seeds[rows]
        return Batch(self.kind, self.units[rows], self.query_language[rows], self.passage_language[rows], seeds)


@dataclass(frozen=True)
class _Contents:
    """What stands in a batch so far: groups, and the numbers of query and passage texts."""

    groups: set[int] = field(default_factory=set)
    queries: set[int] = field(default_factory=set)
    passages: set[int] = field(default_factory=set)

    def add(self, group: int, query: int, passages: list[int]) -> bool:
        """Take a unit in, unless something of it stands in the batch: its group, its query, a passage, or a text that
        is one row's query and another's passage, the hardest of false negatives."""
        if group in self.groups or query in self.queries or query in self.passages:
            return False
        if any(passage in self.passages or passage in self.queries for passage in passages):
            return False
        self.groups.add(group)
        self.queries.add(query)
        self.passages.update(passages)
        return True


def stream_of(corpus: Corpus, recipe: Recipe, batch_size: int, seed: int) -> BatchStream:
    """The stream of a recipe."""
    chosen = recipe.languages, recipe.pairs, recipe.versions, recipe.switching, recipe.draw == "stratified"
    return BatchStream(corpus, recipe.mix, recipe.tau, batch_size, seed, *chosen)


class BatchStream:
    """`stream[step]` is a Batch. Raises TrainingError at once where the corpus is plainly too small or has too few
    languages, and at the step where a batch of rarer pairs cannot be filled."""

    def __init__(
        self,
        corpus: Corpus,
        mix: Mix,
        tau: float,
        batch_size: int,
        seed: int,
        languages: LanguageChoice | None = None,
        pairs: Pairs = "tau",
        versions: int = 2,
        codeswitch: Codeswitch | None = None,
        stratified: bool = False,
    ) -> None:
        self._corpus, self._size, self._seed, self._versions = corpus, batch_size, seed, versions
        self._pools = choose(corpus, languages or LanguageChoice())
        shares = {kind: share for kind, share in mix.model_dump().items() if share > 0}
        self._kinds, self._kind_edges = list(shares), np.cumsum(list(shares.values()))
        counts = self._pools.counts
        self.switcher: Switcher | None = None
        if "codeswitch" in shares:
            self.switcher = _switcher(corpus, codeswitch or Codeswitch(), languages or LanguageChoice())
        switched = self.switcher.language if self.switcher else ""
        Requirements(self._pools, shares, batch_size, versions, switched).check()
        weights = np.where(counts > 0, np.maximum(counts, 1.0) ** tau, 0.0)
        same = np.where(np.eye(len(counts), dtype=bool), weights, 0)
        drawn = {kind: same for kind in shares if kind in ("mono", "mixed")}
        if "cross" in shares:
            drawn["cross"] = cross_weights(corpus.languages, counts, weights, pairs)
        self._edges = {kind: edges(of_kind) for kind, of_kind in drawn.items()}
        if "parallel" in shares:
            self._several = Several(self._pools, versions, tau)
            drawn["parallel"] = self._several.weights[:, None]
        self.schedule = Schedule(self._portions(shares, drawn), seed) if stratified else None

    def __getitem__(self, step: int) -> Batch:
        if step < 0:
            raise IndexError(step)
        draw = np.random.default_rng((self._seed, step))
        if self.schedule:
            kind, places = self.schedule[step]
            return self._batch(kind, draw, places)
        return self._batch(self._kinds[int(np.searchsorted(self._kind_edges[:-1], draw.random(), side="right"))], draw)

    def check(self) -> None:
        """Draw one batch of every kind. Raises TrainingError, hours before the step that would have."""
        for number, kind in enumerate(self._kinds):
            self._batch(kind, np.random.default_rng((self._seed, 0, number)))

    def _portions(self, shares: Mapping[str, float], weights: Mapping[str, Floats]) -> dict[str, Portion]:
        """What is counted out in a round; of code-switched batches their number alone."""
        draws = {"mono": 1, "codeswitch": 1, "parallel": -(-self._size // self._versions)}
        one = np.ones((1, 1))
        return {
            kind: Portion(share, weights.get(kind, one), draws.get(kind, self._size)) for kind, share in shares.items()
        }

    def _batch(self, kind: str, draw: np.random.Generator, places: Ints | None = None) -> Batch:
        """A batch of a kind; `places`: what a schedule says is drawn in it."""
        if kind == "parallel":
            return self._parallel(draw, places)
        if kind == "codeswitch":
            return self._codeswitch(draw)
        if places is None:
            drawn = draw.random(1 if kind == "mono" else self._size)
            places = np.searchsorted(self._edges[kind], drawn, side="right")
        pairs = np.broadcast_to(places, self._size)
        query_language, passage_language = (side.astype(np.int64) for side in np.divmod(pairs, len(self._pools.asks)))
        units = self._draw_units(draw, query_language, passage_language)
        return Batch(kind, units, query_language, passage_language)

    def _codeswitch(self, draw: np.random.Generator) -> Batch:
        assert self.switcher
        language = np.full(self._size, self._corpus.languages.index(self.switcher.language), np.int64)
        units = self._draw_units(draw, language, language)
        return Batch("codeswitch", units, language, language, draw.integers(2**63, size=(self._size, 2)))

    def digest(self, steps: Iterable[int] = range(20)) -> str:
        """sha256 of the first batches: tells whether two environments draw the same stream."""
        seen = hashlib.sha256()
        for step in steps:
            batch = self[step]
            for array in (batch.units, batch.query_language, batch.passage_language, batch.seeds):
                seen.update(b"" if array is None else array.tobytes())
        return seen.hexdigest()

    def _draw_units(self, draw: np.random.Generator, asks: Ints, answers: Ints) -> Ints:
        """One unit per row by rejection: it must have both languages, and nothing of it may stand in the batch yet."""
        corpus, contents = self._corpus, _Contents()
        units = np.full(self._size, -1, np.int64)
        open_ = np.arange(self._size)
        for _ in range(ROUNDS):
            rows = np.repeat(open_, min(RARE, max(1, self._size // len(open_))))  # the fewer are open, the more draws
            self._take(units, rows, self._candidates(draw, asks[rows], answers[rows]), asks, answers, contents)
            open_ = open_[units[open_] < 0]
            if not len(open_):
                return units
        for row in open_:
            ask, answer = int(asks[row]), int(answers[row])
            units[row] = self._last_resort(draw, ask, answer, contents)
            texts = corpus.query[ask, units[row]], corpus.passage[answer, units[row]]
            contents.add(int(corpus.group[units[row]]), int(texts[0]), [int(texts[1])])
        return units

    def _candidates(self, draw: np.random.Generator, asks: Ints, answers: Ints) -> Ints:
        """One unit of its pair's pool for every row."""
        where = draw.random(len(asks))
        candidates = np.empty(len(asks), np.int64)
        pairs = asks * len(self._pools.asks) + answers
        for pair in np.unique(pairs):
            pool = self._pools.of(*divmod(int(pair), len(self._pools.asks)))
            rows = pairs == pair
            candidates[rows] = pool[(where[rows] * len(pool)).astype(np.int64)]
        return candidates

    def _take(self, units: Ints, rows: Ints, candidates: Ints, asks: Ints, answers: Ints, contents: _Contents) -> None:
        corpus = self._corpus
        fits = self._pools.fits(candidates, asks[rows], answers[rows])
        rows, candidates = rows[fits], candidates[fits]
        group, query = corpus.group[candidates].tolist(), corpus.query[asks[rows], candidates].tolist()
        passage = corpus.passage[answers[rows], candidates].tolist()
        for row, unit, *texts in zip(rows.tolist(), candidates.tolist(), group, query, passage, strict=True):
            if units[row] < 0 and contents.add(texts[0], texts[1], texts[2:]):
                units[row] = unit

    def _last_resort(self, draw: np.random.Generator, ask: int, answer: int, contents: _Contents) -> int:
        """Any unit of a pair that still fits, looked for among all."""
        corpus, pool = self._corpus, self._pools.of(ask, answer)
        groups, queries, passages = (np.array([*part], np.int64) for part in vars(contents).values())
        left = []
        for block in blocks(len(pool)):
            units = pool[block][self._pools.fits(pool[block], ask, answer)]
            query, passage = corpus.query[ask, units], corpus.passage[answer, units]
            free = ~np.isin(corpus.group[units], groups)
            for text in (query, passage):
                free &= ~np.isin(text, queries) & ~np.isin(text, passages)
            left.append(units[free])
        units = np.concatenate([np.empty(0, np.int32), *left])
        if not len(units):
            pair = f"{corpus.languages[ask]}-{corpus.languages[answer]}"
            raise TrainingError(
                f"no further unit of {pair} for a batch of {self._size}; the corpus is too small or its texts repeat: "
                "lower batch_size (--set batch_size=...)"
            )
        return int(units[draw.integers(len(units))])

    def _parallel(self, draw: np.random.Generator, places: Ints | None) -> Batch:
        """Units with one query and its passage in several languages, a row each."""
        contents, scheduled = _Contents(), None if places is None else places.tolist()
        rows: list[tuple[int, int, int]] = []
        for _ in range(ROUNDS):
            missing = -(-(self._size - len(rows)) // self._versions)
            for unit, ask, answers in self._several.draw(draw, missing, scheduled):
                query = int(self._corpus.query[ask, unit])
                passages = self._corpus.passage[answers, unit].tolist()
                distinct = len({query, *passages}) > len(passages)
                if distinct and contents.add(int(self._corpus.group[unit]), query, passages):
                    rows += [(unit, ask, answer) for answer in answers]
                    if scheduled is not None:
                        scheduled.remove(ask)
            if len(rows) >= self._size:
                units, asks, answers_ = np.array(rows[: self._size], np.int64).T.copy()
                return Batch("parallel", units, asks, answers_)
        raise TrainingError(
            f"parallel batches: {ROUNDS} rounds of drawing did not fill a batch of {self._size} with units that have "
            f"{self._versions} passages; lower batch_size (--set batch_size=...)"
        )


def _switcher(corpus: Corpus, codeswitch: Codeswitch, languages: LanguageChoice) -> Switcher:
    if corpus.lexicons is None:
        raise TrainingError("codeswitch batches: the corpus has no lexicons; add `lexicons` to its YAML")
    return Switcher(corpus.lexicons, codeswitch, languages.exclude)
