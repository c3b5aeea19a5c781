"""What is set side by side: the runs of one configuration, out of result files. Knows files; no model, no data.

A side is one result file, or a folder whose results are the seeds of one configuration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xbench.arrays import Array
from xbench.errors import DataError
from xbench.languages import canonical
from xbench.reports.data_versions import DIGITS, made, newest_data
from xbench.results.reading import read_results
from xbench.results.result import Result

SHOWN = 4  # configurations that a refusal names
OPTIONS = {"corpus": "--corpus", "languages": "--languages"}  # of what differs, what chooses


@dataclass(frozen=True)
class Side:
    """The runs of one configuration on one task, by seed, with their per-query arrays."""

    results: tuple[Result, ...]
    arrays: tuple[dict[str, Array], ...]

    def __repr__(self) -> str:
        return f"<side {self.name}>"

    @property
    def name(self) -> str:
        run = self.results[0]
        seeds = ", ".join(str(result.seed) for result in self.results)
        return f"{run.shown_model} x {run.recipe}" + (f" on {run.corpus}" if run.corpus else "") + f", seed {seeds}"


@dataclass(frozen=True)
class Selection:
    """Which of the results at a place are meant: of a task, on a corpus, of just these languages; "" and () for any.

    `newest`: of those, the results on the newest data alone.
    """

    task: str = ""
    corpus: str = ""
    languages: tuple[str, ...] = ()
    newest: bool = False

    def __str__(self) -> str:
        task, corpus = (
            f" of task {self.task}" if self.task else "",
            f" on corpus {self.corpus}" if self.corpus else "",
        )
        return f"{task}{corpus}" + (f" in languages {', '.join(self.languages)}" if self.languages else "")

    def takes(self, result: Result) -> bool:
        """Whether a result is meant; one without a corpus is meant with any."""
        languages = {canonical(language) for language in self.languages}
        return (
            self.task in ("", result.task)
            and (not self.corpus or result.corpus in (None, self.corpus))
            and (not languages or languages == set(result.languages))
        )


ANY = Selection()


def load_side(path: Path, selection: Selection = ANY) -> Side:
    """The results at `path` as a side; see side_of."""
    return side_of(comparable_results(path), str(path), selection)


def side_of(results: Sequence[Result], source: str, selection: Selection = ANY) -> Side:
    """Those of `results` that are meant. `source` says where they are from.

    Raises DataError where there is no result, several tasks, or more than one configuration.
    """
    chosen = [result for result in results if selection.takes(result)]
    chosen = newest_data(chosen) if selection.newest else chosen
    if not chosen:
        there = "; ".join(dict.fromkeys(f"{result.task} in {', '.join(result.languages)}" for result in results))
        found = f"no result{selection}, found {there}" if there else f"no result{selection} there"
        raise DataError(f"{source}: {found}; make one with `xbench run`")
    if len(tasks := sorted({result.task for result in chosen})) > 1:
        raise DataError(f"{source}: results of {', '.join(tasks)}; choose one with --task")
    if len({result.digest for result in chosen}) > 1:
        raise DataError(f"{source}: results of several configurations{_configurations(chosen)}")
    return make_side(chosen)


def _configurations(results: Sequence[Result]) -> str:
    """What tells the configurations apart, each with its date and where it lies, and what chooses one."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.digest, []).append(result)
    about = [_about(group[0]) for group in groups.values()]
    differing = [key for key in about[0] if len({one[key] for one in about}) > 1]
    shown = [
        ", ".join(f"{key} {one[key]}" for key in differing) + f" ({_filed(group)})"
        for one, group in zip(about, groups.values(), strict=True)
    ]
    more = [f"{len(shown) - SHOWN} more"] if len(shown) > SHOWN else []
    options = [OPTIONS[key] for key in differing if key in OPTIONS and "-" not in {one[key] for one in about}]
    if set(differing) == {"data", "digest"}:
        options.append("--newest")
    ways = [*([f"choose with {' or '.join(options)}"] if options else []), "name the files of one"]
    return f": {'; '.join([*shown[:SHOWN], *more])}; {', or '.join(ways)}"


def _about(result: Result) -> Mapping[str, str]:
    return {
        "model": result.shown_model,
        "recipe": result.recipe,
        "corpus": result.corpus or "-",
        "languages": ",".join(result.languages),
        "data": (result.provenance.collection_sha256 or "-")[:DIGITS],
        "digest": result.digest[:DIGITS],
    }


def _filed(results: Sequence[Result]) -> str:
    """When the first of some results was made, and how many there are."""
    day = min(map(made, results)).date()
    return f"{day}, {len(results)} seeds" if len(results) > 1 else f"{day}"


def comparable_results(path: Path) -> list[Result]:
    """The result at `path`, or every result in the folder, by name; each says what comparisons and tables rely on."""
    results = read_results(path)
    require_comparable(results)
    return results


def require_comparable(results: Sequence[Result]) -> None:
    """Raise DataError for a result that lacks what comparisons and tables rely on."""
    for result in results:
        for key, value in (
            ("specs.task", result.specs.task),
            ("specs.task.group", result.task_spec.group),
            ("specs.model", result.specs.model),
            ("provenance.collection_sha256", result.provenance.collection_sha256),
        ):
            if value is None:
                raise DataError(f"{result.path}: {key}: nothing there that can be used; delete it and run again")


def make_side(results: Sequence[Result]) -> Side:
    """The seeds of one configuration together, with their per-query arrays; a run that is there twice counts once.

    Raises DataError where two results of a seed have other scores.
    """
    by_seed: dict[int, Result] = {}
    for result in results:
        before = by_seed.setdefault(result.seed, result)
        if before.scores != result.scores:
            raise DataError(
                f"{result.path}: seed {result.seed} is also {before.path}, with other scores; name one of them"
            )
    ordered = [by_seed[seed] for seed in sorted(by_seed)]
    return Side(tuple(ordered), tuple(result.arrays() for result in ordered))
