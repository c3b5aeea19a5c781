"""A run's page: what was retrieved, the evidence of overlap, and how it was made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from boards import LANGUAGES, file_result

from xbench.board.evidence import overlap_tables
from xbench.board.run_page import MOST_PAIRS
from xbench.board.samples import LISTLESS, PACKED, retrieved_sample
from xbench.board.samples import QUESTIONS as SAMPLED
from xbench.board.site import build_site
from xbench.board.sources import find_sources
from xbench.board.submission import pack_results
from xbench.results.record import ZeroShotRecord

COUNTS = {"texts": 6, "compared": 6, "copied": 0, "partial": 0}
OVERLAP = {"training_texts": 70, "languages": {"de": {"queries": COUNTS, "documents": {**COUNTS, "copied": 2}}}}


def run_page(folder: Path, site: Path) -> str:
    build_site([folder], site)
    return next((site / "runs").iterdir()).read_text(encoding="utf-8")


def test_a_sample_holds_what_the_arrays_say(tmp_path: Path) -> None:
    path = file_result(tmp_path)
    (source,) = find_sources([tmp_path], {}).chosen
    sample, arrays = retrieved_sample(source), np.load(path.with_suffix(".npz"))
    assert not isinstance(sample, str) and len(sample) == SAMPLED
    first = sample[0].queries[0]
    row = arrays["query_id"].tolist().index(first.query)
    assert [name for _, name in first.documents] == arrays["document_id"][arrays["top_document"][row]].tolist()
    assert all(name.startswith(language) for language, name in first.documents)
    assert dict(first.ranks) == dict(zip(LANGUAGES, arrays["pool_rank"][row].tolist(), strict=True))
    assert [query.language for query in sample[0].queries] == list(LANGUAGES)
    page = run_page(tmp_path, tmp_path / "site")
    assert first.documents[0][1] in page and "Not shown" not in page


def test_two_runs_of_a_task_show_the_same_questions(tmp_path: Path) -> None:
    for seed in range(2):
        file_result(tmp_path, seed=seed)
    samples = [retrieved_sample(source) for source in find_sources([tmp_path], {}).chosen]
    names = [[question.name for question in sample if not isinstance(question, str)] for sample in samples]
    assert names[0] == names[1] and len(names[0]) == SAMPLED


@pytest.mark.parametrize(("case", "words"), [("packed", PACKED), ("no pool", LISTLESS), ("no arrays", "")])
def test_a_page_says_why_it_shows_no_lists(tmp_path: Path, case: str, words: str) -> None:
    path = file_result(tmp_path / "results", multilingual=case != "no pool")
    folder = tmp_path / "results"
    if case == "packed":
        pack_results([folder], folder := tmp_path / "packed")
    if case == "no arrays":
        path.with_suffix(".npz").unlink()
    (source,) = find_sources([folder], {}).chosen
    assert retrieved_sample(source) == words
    assert "Not shown" in run_page(folder, tmp_path / "site")


def test_overlap_is_one_table_by_language(tmp_path: Path) -> None:
    record = ZeroShotRecord.model_validate({"overlap": OVERLAP, "earlier": [{"recipe": "mixed", "overlap": None}]})
    (table,) = overlap_tables(record)
    assert table.rows == [("de", [6, 6, 0, 0, 6, 6, 2, 0])] and (table.copied, table.clean) == (2, False)
    file_result(tmp_path / "results", zero_shot={"verdict": "in-domain", "overlap": OVERLAP})
    page = run_page(tmp_path / "results", tmp_path / "site")
    assert "<details open><summary>The corpus of this run: 2 copied and 0 partly copied texts" in page
    assert page.count('<table class="fit overlap">') == 1 and "training texts" in page


def test_what_was_found_nowhere_is_folded(tmp_path: Path) -> None:
    clean = {"training_texts": 70, "languages": {"de": {"queries": COUNTS}}}
    file_result(tmp_path / "results", zero_shot={"verdict": "zero-shot", "overlap": clean})
    page = run_page(tmp_path / "results", tmp_path / "site")
    assert "<details><summary>The corpus of this run: no text of the task was found in its 70 texts" in page


def test_the_command_stands_first_and_once(tmp_path: Path) -> None:
    file_result(tmp_path / "results")
    page = run_page(tmp_path / "results", tmp_path / "site")
    assert page.count("xbench run --task tiny --model static") == 1
    assert page.index("data-copy") < page.index('id="numbers"')


def test_a_large_grid_leaves_its_other_metrics_to_the_result_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_result(tmp_path / "results")
    assert len(LANGUAGES) ** 2 <= MOST_PAIRS and 'id="every-pair"' in run_page(tmp_path / "results", tmp_path / "site")
    monkeypatch.setattr("xbench.board.run_page.MOST_PAIRS", 8)
    page = run_page(tmp_path / "results", tmp_path / "other")
    assert 'id="every-pair"' not in page and "The other metrics of the 9 pairs" in page
