"""How long a board of many results takes: build, rebuild after one more, sort in the browser; and how large it gets.

    python benchmarks/board.py [results]

Writes synthetic results in the true layout (XQuAD-R's 11 languages, 121 pairs, 240 clusters of questions, packed sums)
into a temporary folder. The browser part needs playwright and chromium.
"""

from __future__ import annotations

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

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")
SIZES = (1222, 1276, 1234, 1180, 1215, 1244, 1219, 852, 1167, 1209, 1196)
DOCUMENTS = dict(zip(LANGUAGES, SIZES, strict=True))
QUESTIONS, CLUSTERS = 1190, 240
METRICS = ("AP", "nDCG@10", "R@1", "R@10")
RECIPES = ("none", "monolingual", "cross-lingual", "hybrid", "mixed")
BUILD = "import sys; from xbench.cli import main; main()"


def synthetic(number: int) -> tuple[dict[str, Any], bytes]:
    """A result of a made-up model, and its packed sums by cluster."""
    draw = np.random.default_rng(number)
    columns = [f"{query}-{document}" for query in LANGUAGES for document in (*LANGUAGES, "pool")]
    count = np.diff(np.linspace(0, QUESTIONS, CLUSTERS + 1).astype(int))[:, None].repeat(len(columns), axis=1)
    level = draw.uniform(0.2, 0.8)
    means = np.clip(draw.normal(level, 0.2, (CLUSTERS, len(columns))), 0, 1)
    scores = dict(zip(columns, ((means * count).sum(axis=0) / count.sum(axis=0)).tolist(), strict=True))

    def entry(name: str) -> dict[str, float | int]:
        return {"n": QUESTIONS} | dict.fromkeys(METRICS, scores[name])

    def half(names: list[str]) -> dict[str, Any]:
        mean = dict.fromkeys(METRICS, float(np.mean([scores[name] for name in names])))
        return {"macro": mean, "micro": mean}

    def each(low: float, high: float) -> dict[str, float]:
        return dict(zip(LANGUAGES, draw.uniform(low, high, len(LANGUAGES)).tolist(), strict=True))

    mono = [f"{code}-{code}" for code in LANGUAGES]
    cross = [name for name in columns if name not in mono and not name.endswith("-pool")]
    pool = {code: entry(f"{code}-pool") for code in LANGUAGES}
    parts = {
        "monolingual": half(mono) | {"pairs": {name: entry(name) for name in mono}},
        "cross-lingual": half(cross) | {"pairs": {name: entry(name) for name in cross}},
        "multilingual": half([f"{code}-pool" for code in LANGUAGES])
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
    share = {code: each(0.05, 0.15) for code in LANGUAGES}
    statistics = {code: {"mean": 20.0, "truncated": 0.01, "unknown": 0.0} for code in LANGUAGES}
    mo, cr = (parts[name]["macro"]["AP"] for name in ("monolingual", "cross-lingual"))
    recipe = RECIPES[number % len(RECIPES)]
    task = {"name": "xquad-r", "title": "XQuAD-R (LAReQA)", "relevance": "parallel", "group": "paragraph"}
    model = {"name": f"model-{number:04d}", "parameters": 10**6 * (1 + number), "dimension": 384}
    result = {
        "schema": 1, "task": "xquad-r", "model": model["name"], "recipe": recipe,
        "corpus": None if recipe == "none" else "facts", "seed": 0, "digest": f"{number:064x}"[::-1],
        "languages": list(LANGUAGES), "metrics": list(METRICS),
        "counts": {"queries": dict.fromkeys(LANGUAGES, QUESTIONS), "documents": DOCUMENTS},
        "scores": parts,
        "bias": {
            "rank_distance": distance | {"languages": {code: dict(distance) for code in LANGUAGES}},
            "language_share": {"depth": "R", "share": share, "ideal": share, "chance": each(0, 0.1)},
            "same_language": {"mean": 0.2, "chance": 0.09},
            "lift": each(0, 0.2), "document_language_effect": each(-0.1, 0.1),
            "consistency": {"mean": 0.3, "depth": 10, "n": 5000, "disjoint_lists": -0.858},
        },
        "gap": {"metric": "AP", "absolute": mo - cr, "relative": (mo - cr) / mo, "pairs": dict.fromkeys(cross, 0.1)},
        "zero_shot": {"verdict": "zero-shot"},
        "tokens": {"max_length": 512, "queries": statistics, "documents": statistics},
        "training": None if recipe == "none" else {"loss": [[step, 2.5] for step in range(20, 1001, 20)]},
        "specs": {"task": task, "model": model, "recipe": {"name": recipe}, "training": None, "corpus": None},
        "timings": {"encode": 1.5, "total": 2.0},
        "provenance": {"command": f"xbench run --model {number}", "scores": 1, "collection_sha256": "ab" * 32},
    }  # fmt: skip
    return result, pack(Clusters(tuple(columns), means, count.astype(np.float64)))


def write(folder: Path, number: int) -> None:
    result, sums = synthetic(number)
    path = folder / result["model"] / result["recipe"] / f"{result['digest'][:12]}-seed-0.json"
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


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as name:
        results, site = Path(name) / "results", Path(name) / "site"
        for number in range(count):
            write(results, number)
        print(f"{count} results: build {build(results, site)}", end=", ")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"again without a change {build(results, site)}", end=", ")
        write(results, count)
        print(f"after one new result {build(results, site)}; peak memory {peak:.0f} MB")
        size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
        print(f"overview {(site / 'index.html').stat().st_size / 1000:.0f} kB, site {size / 1e6:.0f} MB")
        for name, times in zip(("sort", "find in"), browser_times(site), strict=True):
            print(f"{name} {count + 1} rows: median {np.median(times):.0f} ms, slowest {max(times):.0f} ms")


if __name__ == "__main__":
    main()
