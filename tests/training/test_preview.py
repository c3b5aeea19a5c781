"""`recipes preview` shows the batches that a run would see, and refuses in one line what no run could draw."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from xbench.cli import cli
from xbench.data.download import Storage
from xbench.errors import XbenchError
from xbench.specs import registry
from xbench.training.batches import stream_of
from xbench.training.corpus_loading import load_corpus
from xbench.training.negatives import Layout, forbidden

CORPUS = "name: c\nlanguages: [de, en, th]\nformat: facts\nkinds: [currency, first-day]\n"
RECIPE = "name: r\nmix: {mono: 0.5, cross: 0.5}\ntraining: {steps: 40, batch_size: 16}\n"
Run = Callable[..., str]


@pytest.fixture
def preview(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """preview(option, ...): what is printed; an XbenchError is raised as it is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XBENCH_DATA", raising=False)
    (tmp_path / "c.yaml").write_text(CORPUS)
    (tmp_path / "r.yaml").write_text(RECIPE)

    def run(*options: str, recipe: str = "r.yaml", corpus: str = "c.yaml") -> str:
        line = ["recipes", "preview", recipe, "--corpus", corpus, *options]
        done = CliRunner().invoke(cli, line, standalone_mode=False)
        if done.exception:
            raise done.exception
        return done.stdout

    return run


def as_json(text: str) -> Any:
    return json.loads(text)


def test_the_preview_counts_exactly_the_batches_of_the_run(preview: Run, tmp_path: Path) -> None:
    shown = as_json(preview("--json", "--seed", "3"))
    recipe = registry.load("recipe", "r.yaml").spec
    corpus = load_corpus(registry.load("corpus", "c.yaml"), Storage(cache=tmp_path / "cache"))
    stream = stream_of(corpus, recipe, 16, 3)
    batches = [stream[step] for step in range(40)]
    assert (shown["steps"], shown["rows"]) == (40, 640)
    assert shown["kinds"]["mono"] == sum(batch.kind == "mono" for batch in batches) / 40
    crossing = sum(
        1
        for batch in batches
        for query, passage in zip(batch.query_language, batch.passage_language, strict=True)
        if (corpus.languages[query], corpus.languages[passage]) == ("de", "th")
    )
    assert shown["pairs"]["de-th"] == crossing / 640
    for shares in (shown["kinds"], shown["query_languages"], shown["passage_languages"], shown["pairs"]):
        assert sum(shares.values()) == pytest.approx(1)
    assert shown["distinct_units"] == len({int(unit) for batch in batches for unit in batch.units})


def test_the_tables_name_kinds_languages_and_pairs(preview: Run) -> None:
    shown = preview("--steps", "20")
    assert "r on c, relation qa: 20 batches of 16, seed 0" in shown
    firsts = {line.split()[0] for line in shown.splitlines()[1:] if line}
    assert firsts >= {"kind", "mono", "cross", "language", "th", "pair"}


def test_a_stratified_preview_says_its_round_and_has_exact_shares(preview: Run) -> None:
    counted = "--set", "recipe.draw=stratified"
    shown = as_json(preview("--json", *counted, "--set", "batch_size=18"))
    assert shown["round"] == 6 and "round" not in as_json(preview("--json"))
    whole = as_json(preview("--json", *counted, "--set", "batch_size=18", "--steps", "36"))
    assert whole["kinds"] == {"mono": 0.5, "cross": 0.5}
    assert set(whole["query_languages"].values()) == {1 / 3} == set(whole["passage_languages"].values())
    assert "stratified in rounds of 6 batches" in preview("--steps", "2", *counted, "--set", "batch_size=18")


def test_the_preview_counts_what_is_no_negative_as_training_leaves_it_out(preview: Run, tmp_path: Path) -> None:
    rows = [{"id": f"d#{n}", "texts": {code: f"{code} {n}" for code in ("de", "en", "th")}} for n in range(60)]
    (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    (tmp_path / "n.yaml").write_text(
        "name: n\nlanguages: [de, en, th]\nformat: aligned-jsonl\nrelation: next\n"
        "files: [{path: rows.jsonl, document: 'id#'}]\n"
    )
    shown = as_json(preview("--json", corpus="n.yaml"))["left_out"]
    corpus = load_corpus(registry.load("corpus", "n.yaml"), Storage(cache=tmp_path / "cache"))
    stream = stream_of(corpus, registry.load("recipe", "r.yaml").spec, 16, 0)
    none = np.empty((16, 0), np.int64)
    pairs = [forbidden(corpus, stream[step], none, Layout(0, 1, 16, 0), True) for step in range(40)]
    cells = sum(map(len, pairs))
    assert cells and shown["own_query"]["documents"] == cells / (40 * 16 * 15)
    assert shown["own_query"]["rows"] == sum(len(set(found[:, 0].tolist())) for found in pairs) / 640
    assert "translation of its query" in preview(corpus="n.yaml")
    assert not any(rule["rows"] for rule in as_json(preview("--json"))["left_out"].values())  # questions and answers
    assert "no negative" not in preview()


def test_what_a_recipe_excludes_is_not_in_the_preview(preview: Run) -> None:
    shown = as_json(preview("--json", "--set", "recipe.languages={exclude: [th, el]}"))
    assert set(shown["query_languages"]) == {"de", "en"}
    pairs = as_json(preview("--json", "--set", "recipe.mix={cross: 1}", "--set", "recipe.pairs=[[th, de]]"))["pairs"]
    assert pairs == {"th-de": 1.0}


def test_a_models_own_training_settings_count(preview: Run) -> None:
    assert "batches of 16" in preview("--steps", "1")
    with pytest.raises(XbenchError, match="batch of 512 is larger than the"):
        preview("--steps", "1", "--model", "static")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--set", "recipe.mix={mono: 0.5, cross: 0.6}"], "mono .* \\+ parallel \\+ codeswitch = 1, not 1.1"),
        (["--set", "recipe.mix={monno: 1.0}"], "unknown key 'monno'; did you mean 'mono'"),
        (["--set", "corpus.languages=[de]"], "cross batches need units in two languages at once; .* only de"),
        (["--set", "recipe.languages={exclude: [en, th]}"], "cross batches need units in two languages at once"),
        (["--set", "recipe.languages={exclude: [de, en, th]}"], "leaves none of the corpus's languages"),
        (["--set", "recipe.languages={exclude: [xx]}"], "a language code such as"),
        (["--set", "recipe.languages={cap: 10}"], "batch of 16 is larger than the 10 distinct units of 'de'"),
        (["--set", "batch_size=4000"], "batch of 4000 is larger than the"),
        (["--set", "recipe.mix={parallel: 1}", "--set", "recipe.versions=4"], "no unit has passages in 4 languages"),
        (["--set", "recipe.pairs=[[de, fr]]"], "pairs: the corpus lacks 'fr'; expected one of: de, en, th"),
        (["--set", "recipe.pairs=both"], "--set recipe.pairs"),
        (["--set", "task.languages=[de]"], "batches depend on recipe, corpus and training settings"),
        (["--set", "corpus.relation=next"], "--set corpus.relation: found 'next'"),
    ],
)
def test_what_no_run_could_draw_is_refused_in_one_line(preview: Run, options: list[str], says: str) -> None:
    with pytest.raises(XbenchError, match=says) as refused:
        preview(*options)
    assert "\n" not in str(refused.value)


def test_a_shipped_corpus_that_is_not_here_is_refused_before_anything_is_fetched(preview: Run) -> None:
    with pytest.raises(XbenchError, match="mmarco: 15 files are not on this machine and --offline forbids"):
        preview("--offline", corpus="mmarco")
    with pytest.raises(XbenchError, match="no commit is pinned"):
        preview(corpus="parallel-sentences-talks")


def test_looking_at_batches_needs_no_torch() -> None:
    code = "import sys, xbench.jobs.batch_preview; print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
