"""Whether the corpus that a model was trained on before can be read again: only its very text, and nothing fetched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from facts_request import Listener, request

from xbench.data.download import Storage
from xbench.data.embedded_facts import load_facts
from xbench.errors import DataError
from xbench.jobs.earlier_corpora import earlier_overlap
from xbench.jobs.inputs import read_tasks
from xbench.jobs.plan import make_plan
from xbench.results.record import OverlapRecord
from xbench.specs import registry
from xbench.training.corpus_loading import load_corpus
from xbench.zero_shot.lineage import Training

LEAKY = "baselines/corpora/leaky.yaml"


@pytest.fixture(autouse=True)
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listed corpus with 40 German questions of the task."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XBENCH_PATH", raising=False)
    Path(LEAKY).parent.mkdir(parents=True)
    facts = load_facts(["official-language"], ["de"])[:40]
    rows = [{"query": dict(fact.question), "positive": {"de": f"text {fact.id}"}} for fact in facts]
    Path(LEAKY).with_name("leaky.jsonl").write_text("\n".join(map(json.dumps, rows)))
    Path(LEAKY).write_text(
        "name: leaky\nlanguages: [de]\nformat: aligned-jsonl\nrelation: qa\n"
        "files: [{path: leaky.jsonl}]\nderived_from: []"
    )


def training(storage: Storage, name: str = "leaky") -> Training:
    entry = registry.load("corpus", name)
    spec = entry.spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
    text = load_corpus(entry, storage).digest
    made = {"recipe": "hybrid", "corpus": spec, "corpus_sha256": text, "seed": 0}
    return Training.model_validate_json(json.dumps(made))


def copied(overlap: OverlapRecord | None) -> int | None:
    return overlap.units["questions"].asked if overlap else None


def overlap(folder: Path, before: Training) -> OverlapRecord | None:
    asked = request(folder)
    plan = make_plan(asked)
    (task,) = plan.tasks
    return earlier_overlap(task.spec, read_tasks(plan, asked)["facts"], before, asked.storage, Listener())


def test_a_listed_corpus_is_read_again_in_another_cache(tmp_path: Path) -> None:
    before = training(request(tmp_path / "first").storage)
    assert copied(overlap(tmp_path / "second", before)) == 42


def test_another_text_under_the_same_name_is_not_the_corpus_before(tmp_path: Path) -> None:
    before = training(request(tmp_path / "first").storage)
    rows = Path(LEAKY).with_name("leaky.jsonl")
    rows.write_text("\n".join(rows.read_text().splitlines()[:20]))
    assert overlap(tmp_path / "second", before) is None
    assert copied(overlap(tmp_path / "first", before)) == 42  # its table is kept there


def test_a_corpus_that_is_not_listed_is_not_read_from_the_paths_of_a_record(tmp_path: Path) -> None:
    before = training(request(tmp_path / "first").storage)
    shutil.move(LEAKY, tmp_path / "leaky.yaml")
    shutil.copy(Path(LEAKY).with_name("leaky.jsonl"), tmp_path / "leaky.jsonl")
    assert overlap(tmp_path / "second", before) is None


def test_what_was_compared_before_needs_no_text_and_is_refused_where_it_is_damaged(tmp_path: Path) -> None:
    before = training(request(tmp_path).storage)
    assert copied(overlap(tmp_path, before)) == 42
    shutil.rmtree(tmp_path / "baselines")
    shutil.rmtree(tmp_path / "cache" / "corpora")
    assert copied(overlap(tmp_path, before)) == 42
    (path,) = (tmp_path / "cache" / "overlap").iterdir()
    path.write_text("{")
    with pytest.raises(DataError, match="damaged; delete it"):
        overlap(tmp_path, before)


def test_a_damaged_table_is_passed_over(tmp_path: Path) -> None:
    before = training(request(tmp_path).storage)
    for path in (tmp_path / "cache" / "corpora").glob("leaky-*/manifest.json"):
        path.write_text("{")
    assert overlap(tmp_path, before) is None


def test_nothing_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = training(request(tmp_path / "first").storage)
    Path(LEAKY).write_text(
        "name: leaky\nlanguages: [de]\nformat: aligned-lines\nrelation: translation\n"
        "source: {url: 'https://example.invalid/{lang}.txt'}\nderived_from: []"
    )
    monkeypatch.setattr("xbench.training.corpus_loading.load_corpus", lambda *_: pytest.fail("it was fetched"))
    assert overlap(tmp_path / "second", before) is None
