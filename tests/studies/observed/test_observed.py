"""Studies of published runs: families, tests over each population, and reports that ship equal to what is made."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from xbench.commands.study import study
from xbench.errors import SpecError
from xbench.published.model_facts import ModelFacts
from xbench.specs import registry
from xbench.studies.declared import declared_study
from xbench.studies.observed.contrasts import verdicts_of
from xbench.studies.observed.evidence import Observed, cluster_of
from xbench.studies.observed.families import families_of, series
from xbench.studies.observed.reliability import family_interval
from xbench.studies.observed.report import values_csv, write_observed

NAMES = [name for name in registry.known("study") if name.endswith("-observed")]
SHIPPED = Path(__file__).parents[3] / "docs/studies"


def content(**changes: object) -> dict[str, object]:
    keys: dict[str, object] = {
        "name": "mine",
        "source": "published",
        "question": "Which?",
        "models": {"me5": ["intfloat/multilingual-e5-*"], "bge": ["BAAI/bge-m3"]},
        "tasks": ["mlqa"],
        "outcomes": ["Mo", "Cr", "gap"],
        "hypotheses": [{"name": "h", "contrast": "me5 - bge", "outcome": "Cr", "direction": "lower"}],
        "limits": ["Few."],
    }
    return keys | changes


def observed(folder: Path, **changes: object) -> Observed:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(content(**changes)))
    return Observed(declared_study(str(path)))


def test_sizes_and_versions_make_no_family() -> None:
    assert series("Qwen/Qwen3-Embedding-0.6B") == series("Qwen/Qwen3-8B") == "qwen/qwen3"
    assert series("BAAI/bge-m3") != series("BAAI/bge-base-en-v1.5")


def test_a_family_follows_what_a_model_was_adapted_from() -> None:
    facts = {
        "a/law": ModelFacts(adapted_from="q/base-4b"),
        "q/base-8b": None,
        "b/other": ModelFacts(adapted_from="/home/someone/base"),
    }
    assert families_of(facts, ["q/base-8b"]) == {"a/law": "q/base-8b", "q/base-8b": "q/base-8b", "b/other": "b/other"}


def test_a_pair_counts_for_its_language_that_is_not_english() -> None:
    assert [cluster_of(pair) for pair in (("de", "en"), ("en", "de"), ("de", "ar"), ("en", "en"))] == [
        "de",
        "de",
        "de",
        "en",
    ]


def test_outcomes_are_macro_means_of_the_published_values(tmp_path: Path) -> None:
    found = observed(tmp_path)
    values = found.grids["mlqa"].runs["BAAI/bge-m3"].values
    mono = np.mean([value for pair, value in values.items() if pair[0] == pair[1]])
    cross = np.mean([value for pair, value in values.items() if pair[0] != pair[1]])
    assert found.value("BAAI/bge-m3", "mlqa", "gap") == pytest.approx(mono - cross, abs=1e-12)
    sample = found.over_languages(["BAAI/bge-m3"], "mlqa", "gap")
    assert sample.value == pytest.approx(mono - cross, abs=1e-12) and sample.parts.shape == (1, 7)
    assert sample.parts.sum() == pytest.approx(0, abs=0.01)


def test_models_of_one_family_are_one_cluster(tmp_path: Path) -> None:
    models = {"me5": ["intfloat/multilingual-e5-*", "Qwen/Qwen3-Embedding-*"], "bge": ["BAAI/bge-m3", "*/LaBSE"]}
    (verdict,) = verdicts_of(observed(tmp_path, models=models))
    assert verdict.test.estimate is not None and verdict.test.estimate.clusters == 2 + 2
    assert verdict.test.seeds == (7, 2)


def test_one_family_stands_for_no_others(tmp_path: Path) -> None:
    (verdict,) = verdicts_of(observed(tmp_path))
    assert verdict.test.estimate is None and "me5 is of one family alone" in verdict.test.why


def test_a_model_against_its_base_is_held_over_languages(tmp_path: Path) -> None:
    claim = {"name": "h", "contrast": "me5 - bge", "outcome": "Cr", "direction": "lower", "over": "languages"}
    (verdict,) = verdicts_of(observed(tmp_path, hypotheses=[claim]))
    assert verdict.test.estimate is not None and verdict.test.estimate.clusters == 6  # English is no cluster of Cr


def test_what_no_run_tells_is_not_tested(tmp_path: Path) -> None:
    models = {"law": ["Hanno-Labs/dinghy-law-0.6b-v1"], "bge": ["BAAI/bge-m3"]}
    claims = [
        {"name": over, "contrast": "law - bge", "outcome": "Cr", "direction": "lower", "over": over}
        for over in ("families", "languages")
    ]
    for verdict in verdicts_of(observed(tmp_path, models=models, hypotheses=claims)):
        assert verdict.word == "undecided" and verdict.test.why == "law has no published run of the whole grid of mlqa"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"models": {"me5": ["intfloat/multilingual-e6-*"]}}, "models: me5: no published run of"),
        ({"hypotheses": [{"name": "h", "contrast": "me5 - bgee", "outcome": "Cr", "direction": "lower"}]}, "bgee"),
        ({"factors": {"recipe": ["hybrid"]}}, "`models` of published runs"),
        ({"source": "runs"}, "`factors`, at least one"),
    ],
)
def test_a_wrong_study_of_published_runs_says_what_is_wrong(
    tmp_path: Path, changes: dict[str, object], line: str
) -> None:
    with pytest.raises(SpecError, match=line):
        verdicts_of(observed(tmp_path, **changes))


def test_plan_status_and_run_make_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(content()))
    monkeypatch.chdir(tmp_path)
    for verb in ("plan", "status", "run"):
        done = CliRunner().invoke(study, [verb, str(path)])
        assert done.exit_code == 0 and "nothing" in done.output
    assert [one.name for one in tmp_path.iterdir()] == ["mine.yaml"]


def test_families_drawn_again_hold_tau() -> None:
    random = np.random.default_rng(0)
    ability = random.normal(size=60)
    scores = np.stack([ability + random.normal(0, 0.3, 60), ability + random.normal(0, 0.3, 60)])
    low, high = family_interval(scores, [str(number // 2) for number in range(60)], draws=100)
    assert 0.5 < low < high < 1


@pytest.mark.parametrize("name", NAMES)
def test_the_report_that_ships_is_what_is_made(name: str, tmp_path: Path) -> None:
    paths, _ = write_observed(declared_study(name), tmp_path)
    assert len(NAMES) == 5
    for path in paths:
        assert path.read_bytes() == (SHIPPED / name / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_that_of_the_tables(name: str, data_folder: Path) -> None:
    """Mo, Cr and gap of every model once more, from the parquet files by other code."""
    parquet = pytest.importorskip("pyarrow.parquet")
    folder = data_folder / "mteb-results"
    if not folder.is_dir():
        pytest.skip(f"no mteb-results/ in {data_folder}")
    found = Observed(declared_study(name))
    wanted = {(grid.runs[model].task.mteb, model): grid for grid in found.grids.values() for model in grid.runs}
    splits = {
        grid.runs[model].task.mteb: grid.runs[model].split for grid in found.grids.values() for model in grid.runs
    }
    scores: dict[tuple[str, str], tuple[list[float], list[float]]] = {}
    for table in ("retrieval", "bitext"):
        columns = ["model", "revision", "task", "split", "subset", "main_score"]
        for row in parquet.read_table(folder / f"{table}.parquet", columns=columns).to_pylist():
            grid = wanted.get((row["task"], row["model"]))
            if grid is None or row["split"] != splits[row["task"]]:
                continue
            run = grid.runs[row["model"]]
            if row["revision"] == run.revision and run.task.pair(row["subset"]) in grid.pairs:
                parts = row["subset"].replace(".", "-").split("-")
                alone = len(parts) == 1 or parts[0] == parts[1]
                scores.setdefault((grid.name, row["model"]), ([], []))[not alone].append(row["main_score"])
    checked = 0
    for row in csv.DictReader(values_csv(found).splitlines()):
        mono, cross = scores[row["task"], row["model"]]
        expected = {
            "Mo": lambda mono=mono: np.mean(mono),
            "Cr": lambda cross=cross: np.mean(cross),
            "gap": lambda mono=mono, cross=cross: np.mean(mono) - np.mean(cross),
        }
        if row["outcome"] in expected:
            assert float(row["value"]) == pytest.approx(float(expected[row["outcome"]]()), abs=1e-5)
            checked += 1
    assert checked > (10 if name == "legal-corpus-observed" else 50)
