"""The leaderboard: result files in, static pages out. The same results give the same bytes anywhere.

Reads Result files only; knows no task, no model and no ranking. Pages need no network and no script.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from xbench.board.pages import DASH, decimal, page_templates, percent, ranks
from xbench.errors import DataError
from xbench.files import make_folder, whole
from xbench.registry import shipped
from xbench.results import PairScores, PoolScores, Result, read_result

GENERATOR = '<meta name="generator" content="xbench">'


def build_site(results: Sequence[Path], out: Path) -> list[Path]:
    """Write the site of all results under the folders `results` to `out`; the files written, the index first.

    Raises DataError where there is no result, one is damaged, or two contradict each other.
    """
    pages = _read_pages(results)
    environment = page_templates()
    index = environment.get_template("index.html.j2").render(tables=_tables(pages), root="")
    page = environment.get_template("run.html.j2")
    make_folder(out / "runs")
    runs = [_write(out / "runs" / name, page.render(run=run, root="../")) for name, run in pages.items()]
    static = sorted(path for path in (shipped("leaderboard") / "static").iterdir() if path.is_file())
    copies = [_write(out / "static" / path.name, path.read_bytes()) for path in static]
    written = [_write(out / "index.html", index), *runs, *copies]
    for path in (out / "runs").glob("*.html"):
        if path.name not in pages and GENERATOR in path.read_text(encoding="utf-8", errors="replace"):
            path.unlink()
    return written


def _read_pages(results: Sequence[Path]) -> dict[str, Result]:
    """Every result once, by the name of its page, in an order that the disk has no part in."""
    found: dict[str, tuple[Path, Result]] = {}
    for path in _result_files(results):
        result = read_result(path)
        if not result.metrics:
            raise DataError(f"{path}: metrics: found none, expected the primary one first")
        first, other = found.setdefault(_page_name(result), (path, result))
        if other != result:
            raise DataError(f"{path} and {first}: two contents of one run; keep the right one")
    if not found:
        places = ", ".join(map(str, results)) or "no folder"
        raise DataError(f"no result (*.json) under {places}; make one with `xbench run`")
    every = sorted(found.items(), key=lambda item: (item[1][1].model, item[1][1].seed, item[0]))
    return {name: result for name, (_, result) in every}


def _result_files(results: Sequence[Path]) -> list[Path]:
    """The JSON files; a hidden one is half written, by a run that goes on."""
    files: set[Path] = set()
    for place in results:
        if not place.exists():
            raise DataError(f"{place}: no such folder; results are made with `xbench run`")
        found = [place] if place.is_file() else place.rglob("*.json")
        files.update(path for path in found if path.is_file() and not path.name.startswith("."))
    return sorted(files)


def _page_name(run: Result) -> str:
    parts = (_slug(part) for part in (run.task, run.model, run.recipe, run.digest[:12]))
    return f"{'--'.join(parts)}-seed-{run.seed}.html"


def _slug(name: str) -> str:
    """The name where it is safe in a path, else its safe part and a hash."""
    if re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,59}", name):
        return name
    safe = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Cell:
    """A number over the seeds of a row: its mean, and mean, lowest and highest as shown."""

    mean: float | None
    text: str
    low: str
    high: str


@dataclass(frozen=True)
class Row:
    """Runs that differ in their seed only. `pages`: run by page name; `cells`: by column."""

    pages: Mapping[str, Result]
    cells: Mapping[str, Cell]
    verdicts: Sequence[str]

    @property
    def names(self) -> tuple[str, str, str | None]:
        run = next(iter(self.pages.values()))
        return run.model, run.recipe, run.corpus

    @property
    def chance(self) -> bool:
        """Whether the encoder is random directions: shown beside the others, never the best of them."""
        return bool(next(iter(self.pages.values())).specs.get("model", {}).get("format") == "random")


@dataclass(frozen=True)
class Table:
    """Rows that answer the same question, best first. `best`: text by column; `named`: rows of a name."""

    first: Result
    rows: Sequence[Row]
    best: Mapping[str, str]
    named: Mapping[tuple[str, str, str | None], int]


def _tables(pages: Mapping[str, Result]) -> list[Table]:
    questions: dict[str, dict[str, dict[str, Result]]] = {}
    for name, run in pages.items():
        rows = questions.setdefault(_question(run), {})
        rows.setdefault(json.dumps([run.model, run.recipe, run.corpus, run.digest]), {})[name] = run
    return [_table([_row(runs) for runs in questions[key].values()]) for key in sorted(questions)]


def _question(run: Result) -> str:
    """What two runs must share to be compared: data, primary metric, scored pairs, version of the scores."""
    halves = (run.scores.monolingual, run.scores.cross_lingual)
    pairs = [sorted(half.pairs) if half else None for half in halves]
    data = [run.task, sorted(run.languages), run.counts.model_dump()]
    return json.dumps([*data, run.metrics[0], pairs, run.provenance.get("scores")], sort_keys=True)


def _row(pages: Mapping[str, Result]) -> Row:
    runs = list(pages.values())
    distances = [run.bias.get("rank_distance", {}) for run in runs]
    cells = {
        "Mo": _cell([_macro(run.scores.monolingual, run) for run in runs], percent),
        "Cr": _cell([_macro(run.scores.cross_lingual, run) for run in runs], percent),
        "Mul": _cell([_macro(run.scores.multilingual, run) for run in runs], percent),
        "distance": _cell([distance.get("mean") for distance in distances], ranks),
        "normalised": _cell([distance.get("normalised") for distance in distances], decimal),
        "gap": _cell([run.gap.get("absolute") for run in runs], percent),
    }
    return Row(pages, cells, sorted({str(run.zero_shot.get("verdict", DASH)) for run in runs}))


def _macro(part: PairScores | PoolScores | None, run: Result) -> float | None:
    return None if part is None else part.macro.get(run.metrics[0])


def _cell(values: Sequence[float | None], show: Callable[[float | None], str]) -> Cell:
    known = [value for value in values if value is not None]
    mean = fmean(known) if known else None
    return Cell(mean, show(mean), show(min(known, default=None)), show(max(known, default=None)))


def _table(rows: Sequence[Row]) -> Table:
    def rank(row: Row) -> list[float]:
        means = [row.cells[column].mean for column in ("Mul", "Cr", "Mo")]
        return [1.0 if mean is None else -mean for mean in means]

    best: dict[str, str] = {}
    for column, better in (("Mo", 1), ("Cr", 1), ("Mul", 1), ("distance", -1)):
        cells = [row.cells[column] for row in rows if not row.chance]
        known = [(better * cell.mean, cell.text) for cell in cells if cell.mean is not None]
        if len(known) > 1:
            best[column] = max(known)[1]
    first = next(iter(rows[0].pages.values()))
    return Table(first, sorted(rows, key=rank), best, Counter(row.names for row in rows))


def _write(path: Path, content: str | bytes) -> Path:
    with whole(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
