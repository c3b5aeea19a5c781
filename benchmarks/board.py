"""How long a board of many results takes: build, rebuild after one more, sort in the browser; and how large it gets.

    python benchmarks/board.py [results] [--tasks 5] [--languages 18]

Writes synthetic results in the true layout (every model on every task, every pair of languages, 240 clusters of
questions, packed sums) into a temporary folder. The browser part needs playwright and chromium.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from xbench.board.clusters import Clusters, pack
from xbench.results.result import Result

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh", "fr", "it", "ja", "ko", "pl", "pt", "sw")
SIZES = (1222, 1276, 1234, 1180, 1215, 1244, 1219, 852, 1167, 1209, 1196, *[1200] * 7)
QUESTIONS, CLUSTERS = 1190, 240
METRICS = ("AP", "nDCG@10", "R@1", "R@10")
RECIPES = ("none", "monolingual", "cross-lingual", "hybrid", "mixed")
BUILD = "import sys; from xbench.cli import main; main()"


def synthetic(number: int, tasks: int, languages: tuple[str, ...]) -> tuple[dict[str, Any], bytes]:
    """A result of a made-up model on one of the tasks, and its packed sums by cluster."""
    draw = np.random.default_rng(number)
    which, on = divmod(number, tasks)
    columns = [f"{query}-{document}" for query in languages for document in (*languages, "pool")]
    count = np.diff(np.linspace(0, QUESTIONS, CLUSTERS + 1).astype(int))[:, None].repeat(len(columns), axis=1)
    level = draw.uniform(0.2, 0.8)
    means = np.clip(draw.normal(level, 0.2, (CLUSTERS, len(columns))), 0, 1)
    primary = ((means * count).sum(axis=0) / count.sum(axis=0)).tolist()
    entries = {
        name: {"n": QUESTIONS, "AP": value}
        | {metric: min(1.0, value * by) for metric, by in zip(METRICS[1:], draw.uniform(0.8, 1.2, 3), strict=True)}
        for name, value in zip(columns, primary, strict=True)
    }

    def half(names: list[str]) -> dict[str, Any]:
        mean = {metric: float(np.mean([entries[name][metric] for name in names])) for metric in METRICS}
        return {"macro": mean, "micro": mean}

    def each(low: float, high: float) -> dict[str, float]:
        return dict(zip(languages, draw.uniform(low, high, len(languages)).tolist(), strict=True))

    mono = [f"{code}-{code}" for code in languages]
    cross = [name for name in columns if name not in mono and not name.endswith("-pool")]
    pool = {code: entries[f"{code}-pool"] for code in languages}
    parts = {
        "monolingual": half(mono) | {"pairs": {name: entries[name] for name in mono}},
        "cross-lingual": half(cross) | {"pairs": {name: entries[name] for name in cross}},
        "multilingual": half([f"{code}-pool" for code in languages])
        | {"languages": pool, "without_own_language": {"metric": "AP", "macro": 0.5} | each(0, 1)}
        | {"targets": {"metric": "AP"} | each(0, 1)},
    }
    distance = {
        "mean": 900.0,
        "median": 500.0,
        "normalised": 0.08,
        "log2_ratio": 5.0,
        "perfect": 10.0,
        "chance": 10845.8,
    }
    share = {code: each(0.0, 2 / len(languages)) for code in languages}
    ideal = {code: dict.fromkeys(languages, 1 / len(languages)) for code in languages}
    statistics = {code: {"mean": 20.0, "truncated": 0.01, "unknown": 0.0} for code in languages}
    documents = dict(zip(LANGUAGES, SIZES, strict=True))
    documents = {code: documents[code] for code in languages}
    gaps = dict(zip(cross, draw.uniform(0, 0.4, len(cross)).tolist(), strict=True))
    mo, cr = (parts[name]["macro"]["AP"] for name in ("monolingual", "cross-lingual"))
    recipe = RECIPES[which % len(RECIPES)]
    task = {"name": f"synthetic-{on}", "title": f"Synthetic {on}", "relevance": "parallel", "group": "paragraph"}
    model = {"name": f"model-{which:04d}", "parameters": 10**6 * (1 + which), "dimension": 384}
    result = {
        "schema": 1, "task": task["name"], "model": model["name"], "recipe": recipe,
        "corpus": None if recipe == "none" else "facts", "seed": 0, "digest": f"{number:064x}"[::-1],
        "languages": list(languages), "metrics": list(METRICS),
        "counts": {"queries": dict.fromkeys(languages, QUESTIONS), "documents": documents},
        "scores": parts,
        "bias": {
            "rank_distance": distance | {"languages": {code: dict(distance) for code in languages}},
            "language_share": {"depth": "R", "share": share, "ideal": ideal, "chance": each(0, 0.1)},
            "same_language": {"mean": 0.2, "chance": 0.09},
            "lift": each(0, 0.2), "document_language_effect": each(-0.1, 0.1),
            "consistency": {"mean": 0.3, "depth": 10, "n": 5000, "disjoint_lists": -0.858},
        },
        "gap": {"metric": "AP", "absolute": mo - cr, "relative": (mo - cr) / mo, "pairs": gaps},
        "zero_shot": {"verdict": "zero-shot"},
        "tokens": {"max_length": 512, "queries": statistics, "documents": statistics},
        "training": None if recipe == "none" else {"loss": [[step, 2.5] for step in range(20, 1001, 20)]},
        "specs": {"task": task, "model": model, "recipe": {"name": recipe}, "training": None, "corpus": None},
        "timings": {"encode": 1.5, "total": 2.0},
        "provenance": {"command": f"xbench run --model {which}", "scores": 2, "collection_sha256": f"{on:02x}" * 32},
    }  # fmt: skip
    sealed = Result.model_validate(result).sealed().plain()
    return sealed, pack(Clusters(tuple(columns), means, count.astype(np.float64)))


def write(folder: Path, number: int, tasks: int, languages: tuple[str, ...]) -> None:
    result, sums = synthetic(number, tasks, languages)
    path = folder / result["task"] / result["model"] / result["recipe"] / f"{result['digest'][:12]}-seed-0.json"
    path.parent.mkdir(parents=True)
    path.with_suffix(".npz").write_bytes(sums)
    path.write_text(json.dumps(result, indent=1))


def build(results: Path, site: Path) -> str:
    """Seconds of the whole command in a process of its own: by the clock, and of processors."""
    started, before = time.perf_counter(), os.times()
    arguments = ["leaderboard", "build", "--results", str(results), "--out", str(site)]
    subprocess.run([sys.executable, "-c", BUILD, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return f"{time.perf_counter() - started:.1f} s ({busy:.1f} s of processors)"


SORT = """async () => {
  const head = document.querySelector('#overview th[data-name=Cr] button'), times = [];
  for (let turn = 0; turn < 7; turn++) {
    const started = performance.now();
    head.click();
    document.body.getBoundingClientRect();
    times.push(performance.now() - started);
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""


FIND = """async () => {
  const field = document.querySelector('[name=find]'), status = document.getElementById('overview-status'), times = [];
  for (const text of ['model-00', '', 'hybrid', '', 'mixed', '', 'model-0001']) {
    const started = performance.now();
    const said = new Promise((done) => new MutationObserver(done).observe(status, { childList: true }));
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await said;
    document.body.getBoundingClientRect();
    times.push(performance.now() - started);
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""


def browser_times(site: Path) -> list[list[float]]:
    """Milliseconds of 7 sorts of the overview and of 7 words looked for in it, pause and layout included."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto((site / "index.html").as_uri())
        page.wait_for_selector("#question:not([hidden])")
        times: list[list[float]] = [page.evaluate(script) for script in (SORT, FIND)]
        browser.close()
    return times


def megabytes(place: Path) -> float:
    """What lies under a folder."""
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=int, nargs="?", default=2000)
    parser.add_argument("--tasks", type=int, default=5)
    parser.add_argument("--languages", type=int, default=18)
    asked = parser.parse_args()
    kind = asked.tasks, LANGUAGES[: asked.languages]
    with tempfile.TemporaryDirectory() as name:
        results, site = Path(name) / "results", Path(name) / "site"
        for number in range(asked.results):
            write(results, number, *kind)
        print(f"{asked.results} results: build {build(results, site)}", end=", ", flush=True)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"again without a change {build(results, site)}", end=", ", flush=True)
        write(results, asked.results, *kind)
        print(f"after one new result {build(results, site)}; peak memory of a process {peak:.0f} MB")
        parts = ", ".join(
            f"{place.name} {megabytes(place):.0f} MB" for place in sorted(site.iterdir()) if place.is_dir()
        )
        print(f"overview {(site / 'index.html').stat().st_size / 1000:.0f} kB, site {megabytes(site):.0f} MB: {parts}")
        for name, times in zip(("sort", "find in"), browser_times(site), strict=True):
            print(f"{name} the overview: median {np.median(times):.0f} ms, slowest {max(times):.0f} ms")


if __name__ == "__main__":
    main()
