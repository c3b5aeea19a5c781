"""What a study will cost: runs, tokens, hours and gigabytes, each measured where it can be, else assumed, else unknown.

Knows plans, records and storage; fetches and reads nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import fmean

from xbench import specs
from xbench.data.fetches import AnyEntry, Fetch, announced, missing, require_reachable
from xbench.encoders.model_loading import hub_fetch
from xbench.errors import DataError, SpecError, XbenchError
from xbench.results.reading import read_result
from xbench.studies.folder import StudyFolder
from xbench.studies.machine import Declared, Machine
from xbench.studies.runs import PlannedArm, StudyRun

TEXTS = 2  # of a row: its query and its passage
LONGEST = 128  # tokens of a text, where neither model nor recipe states a length


@dataclass(frozen=True)
class Costs:
    """`tokens`: of training; `seconds` None where no rate is known; `how`: where rate and length come from. `fetches`:
    what is not here, in words; `gigabytes`: of these, as far as sizes are known."""

    runs: int
    done: int
    encoders: int
    tokens: float
    seconds: float | None
    how: tuple[str, ...]
    gigabytes: float
    fetches: tuple[str, ...]


def costs_of(
    study: Declared,
    arms: Sequence[PlannedArm],
    runs: Sequence[StudyRun],
    machine: Machine,
    rate: float | None = None,
) -> Costs:
    """What the runs that are not there will cost. `rate`: tokens a second, over what the study assumes."""
    folder = StudyFolder(study.out)
    due = [run for run in runs if not folder.is_done(run)]
    encoders = {run.encoder: run for run in due}
    planned = {arm.arm.name: arm for arm in arms}
    length, said = tokens_per_text(study, folder, runs)
    work = {key: _tokens(planned[run.arm.name], length) for key, run in encoders.items()}
    seconds, how = _seconds(study, folder, runs, encoders, work, rate)
    fetched = list(_fetches(arms, machine))
    return Costs(
        len(runs),
        len(runs) - len(due),
        len(encoders),
        sum(work.values()),
        seconds,
        (said, how),
        sum(size for size, _ in fetched) / 1e9,
        tuple(words for _, words in fetched),
    )


def _tokens(arm: PlannedArm, length: float | None) -> float:
    training = arm.run.training
    if training is None:
        return 0.0
    stated = training.max_length or arm.run.model.spec.max_length or LONGEST
    return training.steps * training.batch_size * TEXTS * min(length or stated, stated)


def tokens_per_text(study: Declared, folder: StudyFolder, runs: Iterable[StudyRun]) -> tuple[float | None, str]:
    """(tokens a text, how that is known)."""
    if study.spec.assumed.tokens_per_text:
        return study.spec.assumed.tokens_per_text, f"{study.spec.assumed.tokens_per_text:g} tokens a text, as assumed"
    for run in runs:
        record = folder.record(run)
        if record and folder.is_done(run):
            tokens = read_result(folder.out / record.result).tokens
            means = [one.mean for side in (tokens.queries, tokens.documents) for one in side.values()]
            if known := [mean for mean in means if mean is not None]:
                return fmean(known), f"{fmean(known):.0f} tokens a text, as in the texts of {run.task}"
    return None, "texts of full length, which is too many"


def _seconds(
    study: Declared,
    folder: StudyFolder,
    runs: Sequence[StudyRun],
    encoders: dict[str, StudyRun],
    work: dict[str, float],
    rate: float | None,
) -> tuple[float | None, str]:
    """(seconds of all that is due, how that is known)."""
    measured = _measured(folder, runs)
    if not encoders:
        return 0.0, "nothing is left to make"
    if measured:
        overall = fmean(seconds for values in measured.values() for seconds in values)
        times = [fmean(measured.get(run.arm.name, [overall])) for run in encoders.values()]
        return sum(times), f"measured on {sum(map(len, measured.values()))} encoders that are done"
    given = rate or study.spec.assumed.tokens_per_second
    if given:
        return sum(work.values()) / given, f"training alone, at {given:,.0f} tokens a second, as given"
    return None, "make one run (`--shard 1/N`), or give --rate"


def _measured(folder: StudyFolder, runs: Iterable[StudyRun]) -> dict[str, list[float]]:
    """Seconds of each encoder that is done, by arm."""
    by_encoder: dict[tuple[str, str], float] = {}
    for run in runs:
        record = folder.record(run)
        if record and folder.is_done(run):
            key = (run.arm.name, run.encoder)
            by_encoder[key] = by_encoder.get(key, 0.0) + float(record.seconds)
    found: dict[str, list[float]] = {}
    for (arm, _), seconds in by_encoder.items():
        found.setdefault(arm, []).append(seconds)
    return found


def _fetches(arms: Sequence[PlannedArm], machine: Machine) -> Iterator[tuple[float, str]]:
    """(bytes, words) of everything that is not on this machine."""
    for entry in data_of(arms):
        if fetches := missing(entry, machine.storage):
            yield float(sum(fetch.bytes for fetch in fetches)), _words(entry, fetches, machine)
    for model in models_of(arms):
        with suppress(XbenchError):
            if said := hub_fetch(model, machine.loading):
                yield 4.0 * (model.parameters or 0), said


def _words(entry: AnyEntry, fetches: Sequence[Fetch], machine: Machine) -> str:
    """What will be fetched; or that it cannot be, and what to do."""
    try:
        require_reachable(fetches, machine.storage, "")
    except DataError as error:
        return str(error)
    return announced(entry, fetches, machine.storage)


def data_of(arms: Sequence[PlannedArm]) -> list[AnyEntry]:
    """Every task and corpus of a study once."""
    entries: dict[tuple[str, str], AnyEntry] = {}
    for arm in arms:
        for task in arm.plan.tasks:
            entries.setdefault(("task", task.spec.name), task)
        for corpus in (arm.plan.corpus, *arm.plan.post_corpora.values()):
            if corpus:
                entries.setdefault(("corpus", corpus.spec.name), corpus)
    return list(entries.values())


def models_of(arms: Sequence[PlannedArm]) -> list[specs.SentenceModel]:
    """Every model of a study that has weights somewhere, once."""
    models = (run.model.spec for arm in arms for run in arm.plan.runs)
    return list({one.name: one for one in models if isinstance(one, specs.SentenceModel)}.values())


def require_affordable(study: Declared, costs: Costs) -> None:
    """Raise SpecError where the study would cost more than its budget."""
    budget, hours = study.spec.budget, None if costs.seconds is None else costs.seconds / 3600
    for name, most, needed in (
        ("runs", budget.runs, float(costs.runs)),
        ("tokens", budget.tokens, costs.tokens),
        ("hours", budget.hours, hours),
        ("gigabytes", budget.gigabytes, costs.gigabytes),
    ):
        if most is not None and needed is not None and needed > most:
            raise SpecError(
                f"study {study.spec.name}: budget of {most:,g} {name}: it needs {needed:,.4g}; fewer seeds, levels or "
                "steps, or a larger budget"
            )
