"""The leaderboard: result files in, static pages out. The same results give the same bytes, wherever and whenever.

Reads Result files only; knows no task, no model and no ranking. Pages need no network and no script.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from xbench.errors import DataError
from xbench.files import make_folder, whole
from xbench.languages import language_name
from xbench.registry import shipped
from xbench.results import PairScores, PoolScores, Result, read_result

if TYPE_CHECKING:
    from jinja2 import Environment

DASH = "–"
SHADES = 20
GENERATOR = '<meta name="generator" content="xbench">'
BEST: Mapping[str, Any] = {"Mo": max, "Cr": max, "Mul": max, "Rank distance": min}  # a gap is near 0 for chance too
METRICS = {
    "AP": "average precision",
    "RR": "reciprocal rank",
    "nDCG": "normalised discounted cumulative gain",
    "R": "recall",
}


def build_site(results: Sequence[Path], out: Path) -> list[Path]:
    """Write the site of all results under the folders `results` to `out`; the files written, the index first.

    Raises DataError where there is no result, one is damaged, or two contradict each other.
    """
    pages = _read_pages(results)
    environment = _environment()
    make_folder(out / "runs")
    page = environment.get_template("run.html.j2")
    runs = [_write(out / "runs" / name, page.render(run=run, root="../")) for name, run in pages.items()]
    index = environment.get_template("index.html.j2").render(tables=_tables(pages), runs=len(pages), root="")
    static = sorted(path for path in (shipped("leaderboard") / "static").iterdir() if path.is_file())
    copies = [_write(out / "static" / path.name, path.read_bytes()) for path in static]
    written = [_write(out / "index.html", index), *runs, *copies]
    _remove_stale(out / "runs", pages)
    return written


# ---------------------------------------------------------------- results in


def _read_pages(results: Sequence[Path]) -> dict[str, Result]:
    """Every result once, by the name of its page, in an order that the disk has no part in."""
    found: dict[str, tuple[Path, Result]] = {}
    for path in _result_files(results):
        result = read_result(path)
        if not result.metrics:
            raise DataError(f"{path}: metrics: found none, expected the primary metric first")
        name = _page_name(result)
        first, other = found.setdefault(name, (path, result))
        if other != result:
            raise DataError(f"{path} and {first} are the same run with different content; keep the right one")
    if not found:
        places = ", ".join(map(str, results)) or "no folder"
        raise DataError(f"no result (*.json) under {places}; make one with `xbench run`")
    return {name: found[name][1] for name in sorted(found, key=lambda name: (_order(found[name][1]), name))}


def _result_files(results: Sequence[Path]) -> list[Path]:
    """The JSON files; hidden ones are half-written results of a run that goes on."""
    files: set[Path] = set()
    for place in results:
        if not place.exists():
            raise DataError(f"{place}: no such folder; results are written by `xbench run`")
        found = [place] if place.is_file() else place.rglob("*.json")
        hidden = (path for path in found if not path.name.startswith(".") and path.is_file())
        files.update(hidden)
    return sorted(files)


def _order(result: Result) -> tuple[str, str, str, str, int]:
    return (result.task, result.model, result.recipe, result.digest, result.seed)


def _page_name(result: Result) -> str:
    parts = map(_slug, (result.task, result.model, result.recipe, result.digest[:12]))
    return f"{'--'.join(parts)}-seed-{result.seed}.html"


def _slug(name: str) -> str:
    """The name where it is safe in a path, else its safe part and a hash."""
    if re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,79}", name):
        return name
    safe = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


# ---------------------------------------------------------------- the index


@dataclass(frozen=True)
class Cell:
    """A number over the seeds of a row, as shown; `several` gives the lowest and highest where there are some."""

    text: str
    mean: float | None = None
    several: tuple[str, str] | None = None
    note: str = ""
    best: bool = False


@dataclass(frozen=True)
class Row:
    """Runs that differ in their seed only. `pages`: the page of each run, by name."""

    first: Result
    pages: Mapping[str, Result]
    cells: Mapping[str, Cell]
    settings: str = ""

    @property
    def verdicts(self) -> list[str]:
        return sorted({str(run.zero_shot["verdict"]) for run in self.pages.values() if "verdict" in run.zero_shot})


def _tables(pages: Mapping[str, Result]) -> list[list[Row]]:
    """Rows that answer the same question stand in one table, best first."""
    tables: dict[str, dict[tuple[str, ...], dict[str, Result]]] = {}
    for name, run in pages.items():
        rows = tables.setdefault(_question(run), {})
        rows.setdefault((run.model, run.recipe, run.corpus or "", run.digest), {})[name] = run
    return [_table([_row(runs) for runs in tables[question].values()]) for question in sorted(tables)]


def _question(run: Result) -> str:
    """What two runs must share to be compared: data, primary metric, scored pairs and the version of the scores."""
    halves = (run.scores.monolingual, run.scores.cross_lingual)
    pairs = [sorted(half.pairs) if half else None for half in halves]
    return json.dumps(
        [run.task, sorted(run.languages), run.metrics[0], run.counts.model_dump(), pairs, run.provenance.get("scores")],
        sort_keys=True,
    )


def _row(runs: Mapping[str, Result]) -> Row:
    first = next(iter(runs.values()))
    macro: dict[str, list[float | None]] = {
        "Mo": [_macro(run.scores.monolingual, run.metrics[0]) for run in runs.values()],
        "Cr": [_macro(run.scores.cross_lingual, run.metrics[0]) for run in runs.values()],
        "Mul": [_macro(run.scores.multilingual, run.metrics[0]) for run in runs.values()],
    }
    distances = [run.bias.get("rank_distance", {}) for run in runs.values()]
    cells = {name: _cell(values, percent) for name, values in macro.items()}
    distance = _cell([values.get("mean") for values in distances], number)
    normalised = _cell([values.get("normalised") for values in distances], decimal)
    cells["Rank distance"] = replace(distance, note=normalised.text)
    cells["Gap"] = _cell([run.gap.get("absolute") for run in runs.values()], percent)
    return Row(first, runs, cells)


def _macro(part: PairScores | PoolScores | None, metric: str) -> float | None:
    return None if part is None else part.macro.get(metric)


def _cell(values: Sequence[float | None], show: Callable[[float | None], str]) -> Cell:
    known = [value for value in values if value is not None]
    if not known:
        return Cell(DASH)
    mean = fmean(known)
    return Cell(show(mean), mean, (show(min(known)), show(max(known))) if len(known) > 1 else None)


def _table(rows: Sequence[Row]) -> list[Row]:
    """Sorted by Mul, Cr, Mo; the best of each column marked; settings named where several share all names."""

    def rank(row: Row) -> tuple[float, ...]:
        means = (row.cells[name].mean for name in ("Mul", "Cr", "Mo"))
        return tuple(1.0 if mean is None else -mean for mean in means)

    for name, best in BEST.items():
        known = [row.cells[name] for row in rows if row.cells[name].mean is not None]
        text = best(known, key=lambda cell: cell.mean or 0.0).text if len(known) > 1 else None
        rows = [
            replace(row, cells={**row.cells, name: replace(row.cells[name], best=row.cells[name].text == text)})
            for row in rows
        ]
    names = Counter((row.first.model, row.first.recipe, row.first.corpus) for row in rows)
    named = [
        replace(row, settings=row.first.digest[:12] if names[row.first.model, row.first.recipe, row.first.corpus] > 1 else "")
        for row in rows
    ]
    return sorted(named, key=rank)


# ---------------------------------------------------------------- pages out


def percent(value: float | None) -> str:
    """0.4567 -> 45.7; an en dash where there is no value."""
    return DASH if value is None else _signed(f"{100 * value:.1f}")


def number(value: float | None) -> str:
    """A rank, a count or a mean with one decimal at most: 1234.56 -> 1,234.6 and 120.0 -> 120."""
    return DASH if value is None else _signed(f"{value:,.1f}".removesuffix(".0"))


def decimal(value: float | None) -> str:
    """A ratio or a correlation: three decimals."""
    return DASH if value is None else _signed(f"{value:.3f}")


def _signed(text: str) -> str:
    return text.lstrip("-") if not text.strip("-0.") else text.replace("-", "−")


def shade(value: float | None, largest: float = 1.0) -> str:
    """The CSS class of a heat map's cell: `heat-0` for 0 to `heat-19` for `largest`."""
    if value is None or not largest:
        return "heat-none"
    return f"heat-{min(SHADES - 1, max(0, int(SHADES * value / largest)))}"


def metric_words(metric: str) -> str:
    """`nDCG@10` -> normalised discounted cumulative gain of the first 10."""
    name, _, depth = metric.partition("@")
    return METRICS.get(name, name) + (f" in the first {depth}" if depth else "")


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(shipped("leaderboard") / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters = (percent, number, decimal, shade, metric_words, language_name)
    environment.filters.update({show.__name__: show for show in filters})
    return environment


def _write(path: Path, content: str | bytes) -> Path:
    with whole(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _remove_stale(runs: Path, pages: Mapping[str, Result]) -> None:
    """Remove pages that an earlier build wrote and this one did not."""
    for path in runs.glob("*.html"):
        if path.name not in pages and GENERATOR in path.read_text(encoding="utf-8", errors="replace"):
            path.unlink()
