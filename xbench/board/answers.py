"""Answers: the best systems of a task in one setting, what tests do not separate from them, and how biased the best is.

The first page answers the default question without a script; `plain` gives a task's systems to static/answer.js, which
answers any other in the same words. Knows systems; no page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xbench.board.pages import percent, signed, whole_ranks
from xbench.board.ranks import UNTESTED, Rank
from xbench.board.systems import ANY, DOCUMENTS, OTHER, POOL, SAME, WITHOUT, Setting, Spread, System, TaskSystems
from xbench.evaluation.scores import Number

SHOWN = 3  # systems in an answer
MILLION = 1_000_000
NAMED = 4  # systems that a sentence lists
BAR = 196  # of the bar's 200, where chance is
WORDS = {
    OTHER: "documents in other languages",
    SAME: "documents in the query’s language",
    POOL: "documents of all languages, pooled",
    WITHOUT: "documents of all languages, pooled, without the query’s own",
}
CHOICES = ((SAME, "the query’s language"), (POOL, "all languages, pooled"), (WITHOUT, "all, without the query’s own"))
DEGREES = (
    (0.05, "hardly biased"),
    (0.25, "somewhat biased"),
    (0.75, "strongly biased"),
    (1.0, "about as biased as chance"),
)
BEYOND = "more biased than chance"


@dataclass(frozen=True)
class Answer:
    """`best`: measured, best first. `sharing`: others that tests leave the first place to. `ranked`: how many systems
    are. `published`: (source, its best, how many it has). `setting`: what was asked."""

    task: TaskSystems
    setting: Setting
    best: tuple[System, ...]
    sharing: tuple[System, ...]
    ranked: int
    published: tuple[tuple[str, tuple[System, ...], int], ...]

    @property
    def asked(self) -> str:
        """The setting in words."""
        return f"queries in any language, {WORDS[self.setting[1]]}"

    @property
    def first(self) -> System | None:
        """Whose bias is told: the best measured one, or else the best of the first source."""
        return self.best[0] if self.best else self.published[0][1][0] if self.published else None

    @property
    def bias_words(self) -> str:
        """How biased the first is; "" where there is none."""
        return bias_words(self.first, self.setting[0], self.task.bounds) if self.first else ""

    @property
    def bias(self) -> Number:
        """Its rank distance, from 0 (perfect) to 1 (chance) and beyond; None where it is not known."""
        spread = self.first.spreads.get(self.setting[0]) if self.first and self.task.bounds else None
        return spread.normalised if spread else None

    @property
    def bias_place(self) -> str:
        """Where its mark stands on the bar."""
        return f"{BAR * min(1.0, max(0.0, self.bias or 0.0)):.1f}"

    @property
    def sharing_words(self) -> str:
        """What tests say of the first place."""
        if self.ranked == 1:
            return "The only ranked system here."
        if not self.tested:
            return "Untested: the values per question are not known."
        if not self.sharing:
            return f"{named(self.best[0])} is better than each of the other {self.ranked - 1}, by paired tests."
        names = ", ".join(map(named, self.sharing[:NAMED]))
        more = f" and {len(self.sharing) - NAMED} more" if len(self.sharing) > NAMED else ""
        return f"May share the first place, for tests do not separate them: {names}{more}."

    @property
    def tested(self) -> bool:
        """Whether the best was tested against the others."""
        return bool(self.best) and self.best[0].ranks[self.setting[1]].best is not None


def default_answer(task: TaskSystems) -> Answer:
    """What is answered before anybody asks: any query language, by the mean that the task is ranked by."""
    setting = (ANY, task.ranked)
    measured = _ordered([system for system in task.systems if _is_ranked(system, task.ranked)], setting)
    sharing = tuple(system for system in measured[1:] if system.ranks[task.ranked].best == 1)
    sources = dict.fromkeys(system.source for system in task.systems if system.mark == "published")
    listed = {
        source: _ordered([system for system in task.systems if system.source == source], setting) for source in sources
    }
    published = tuple((source, systems[:SHOWN], len(systems)) for source, systems in listed.items() if systems)
    return Answer(task, setting, measured[:SHOWN], sharing, len(measured), published)


def _is_ranked(system: System, documents: str) -> bool:
    rank = system.ranks.get(documents)
    return system.mark == "measured" and rank is not None and rank.why in ("", UNTESTED)


def _ordered(systems: Sequence[System], setting: Setting) -> tuple[System, ...]:
    """Those that have the setting, best first."""
    known = [system for system in systems if setting in system.values]
    return tuple(sorted(known, key=lambda system: (-system.values[setting], system.key)))


def named(system: System) -> str:
    """A system in a sentence."""
    parts = [part for part in (system.recipe if system.recipe != "none" else "", system.note) if part]
    return f"{system.title} ({', '.join(parts)})" if parts else system.title


def degree(normalised: float) -> str:
    """How biased a rank distance is, in words; 0 is perfect, 1 chance."""
    return next((words for bound, words in DEGREES if normalised <= bound), BEYOND)


def bias_words(system: System, query: str, bounds: tuple[float, float] | None) -> str:
    """How biased a system is, in a sentence: by its rank distance, or else by what it loses across languages."""
    spread = system.spreads.get(query)
    if spread is not None and spread.normalised is not None and bounds is not None:
        return _spread_words(system, spread, spread.normalised, bounds)
    mono, cross = (system.values.get((query, documents)) for documents in (SAME if query == ANY else query, OTHER))
    if mono is None or cross is None:
        return f"Not known of {named(system)} here."
    return (
        f"{named(system)} has {percent(mono)} where documents are in the query’s language and {percent(cross)} where "
        f"they are in others: {signed(cross - mono)} points. Rank distances are not known."
    )


def _spread_words(system: System, spread: Spread, normalised: float, bounds: tuple[float, float]) -> str:
    perfect, chance = map(whole_ranks, bounds)
    return (
        f"{named(system)} is {degree(normalised)}: the documents that answer one question, in different languages, lie "
        f"{whole_ranks(spread.distance)} ranks apart in the pool, {percent(normalised)} % of the way from perfect "
        f"({perfect}) to chance ({chance})."
    )


def choices(tasks: Sequence[TaskSystems]) -> list[dict[str, object]]:
    """What a page must know of every task to choose one."""
    return [
        {"name": task.name, "title": task.title, "queries": task.queries, "documents": task.documents} for task in tasks
    ]


def plain(task: TaskSystems) -> dict[str, object]:
    """The task as static/answer.js reads it: settings once, and each system's values in their order, in millionths."""
    settings = list(dict.fromkeys(setting for system in task.systems for setting in system.values))
    means = [documents for documents in DOCUMENTS.values() if (ANY, documents) in settings]
    codes = [code for code in (ANY, *task.queries) if any(code in system.spreads for system in task.systems)]
    return {
        "name": task.name,
        "title": task.title,
        "metric": task.metric,
        "ranked": task.ranked,
        "page": task.page,
        "bounds": task.bounds,
        "queries": task.queries,
        "documents": task.documents,
        "settings": settings,
        "means": means,
        "spreads": codes,
        "systems": [_plain_system(system, settings, means, codes) for system in task.systems],
    }


def _plain_system(
    system: System, settings: Sequence[Setting], means: Sequence[str], codes: Sequence[str]
) -> dict[str, object]:
    """Without what it does not have."""
    spreads = [system.spreads.get(code) for code in codes]
    entry = {
        "key": system.key,
        "title": system.title,
        "recipe": system.recipe,
        "note": system.note,
        "source": system.source,
        "page": system.page,
        "values": [_millionths(system.values.get(setting)) for setting in settings],
        "halves": [_millionths(system.halves.get((ANY, documents))) for documents in means] if system.halves else None,
        "ranks": [_plain_rank(system.ranks.get(documents)) for documents in means] if system.ranks else None,
        "distances": [spread and round(spread.distance, 1) for spread in spreads] if system.spreads else None,
        "normalised": [spread and _millionths(spread.normalised) for spread in spreads] if system.spreads else None,
    }
    return {name: value for name, value in entry.items() if value not in ("", None)}


def _plain_rank(rank: Rank | None) -> list[int | None] | str | None:
    """[best, worst], or why there is none."""
    return None if rank is None else rank.why if rank.best is None else [rank.best, rank.worst]


def _millionths(value: Number) -> int | None:
    return None if value is None else round(value * MILLION)
