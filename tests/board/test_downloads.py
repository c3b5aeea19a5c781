"""The data files beside the pages: names that tell, intervals, and raw numbers."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from boards import LANGUAGES, file_result

from xbench.board.downloads import HEAD, RUN_HEAD, every, records
from xbench.board.site import build_site
from xbench.board.sources import find_sources
from xbench.board.standings import Board, boards_of
from xbench.results.reading import read_result


def boards_under(folder: Path) -> list[Board]:
    chosen = find_sources([folder], {}).chosen
    return boards_of([source.run for source in chosen], {one.run.page: one.evidence.influence for one in chosen})


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_has_its_means_with_their_intervals(tmp_path: Path) -> None:
    values = [read_result(file_result(tmp_path, seed=seed)).scores.macro("Cr", "AP") for seed in range(3)]
    (record,) = records(boards_under(tmp_path))
    assert [*record][: len(HEAD)] == list(HEAD) and record["seeds"] == "0 1 2" and record["ranked_by"] == "Cr"
    known = [value for value in values if value is not None]
    ((standing,),) = ([*board.standings.values()] for board in boards_under(tmp_path))
    assert (record["Cr"], record["Cr_half_interval"]) == (pytest.approx(sum(known) / 3), standing.interval("Cr"))
    assert record["Cr_half_interval"] is not None and record["rank_distance_half_interval"] is None
    assert {"rank_distance", "gap_Mo_minus_Cr", "Mul_without_own_language", "rank_best_by_Mul"} <= set(record)
    assert not [name for name in record if " " in name]


def test_a_run_has_its_raw_numbers_and_where_its_result_lies(tmp_path: Path) -> None:
    for seed in range(2):
        file_result(tmp_path / "results", seed=seed)
    build_site([tmp_path / "results"], tmp_path / "site")
    runs = table((tmp_path / "site" / "data" / "runs.csv").read_text(encoding="utf-8"))
    assert [run["seed"] for run in runs] == ["0", "1"] and list(runs[0])[: len(RUN_HEAD)] == list(RUN_HEAD)
    for run in runs:
        result = json.loads(gzip.decompress((tmp_path / "site" / "data" / run["result_file"]).read_bytes()))
        assert float(run["Mo"]) == result["scores"]["monolingual"]["macro"]["AP"] and run["scores_version"] == "1.0"


def test_a_board_has_a_file_with_every_pair_of_every_row(tmp_path: Path) -> None:
    result = read_result(file_result(tmp_path))
    files = dict(every(boards_under(tmp_path), []))
    (row,) = table(files["pairs-tiny.csv"])
    names = [f"{query}-{document}" for query in LANGUAGES for document in LANGUAGES]
    assert list(row) == ["model", "recipe", "corpus", "seeds", *(f"AP {name}" for name in names)]
    for name in names:
        assert float(row[f"AP {name}"]) == pytest.approx(result.scores.pairs[name]["AP"], abs=1e-6)


def test_every_page_leads_to_the_downloads_and_says_of_which_results_it_is(tmp_path: Path) -> None:
    provenance = {"scores": 1, "xbench": "0.9.0", "collection_sha256": "cd" * 32, "filed": "2026-11-27T08:00:00Z"}
    file_result(tmp_path / "results", seed=0, provenance=provenance)
    file_result(tmp_path / "results", seed=1, provenance={**provenance, "filed": "2026-11-28T08:00:00Z"})
    build_site([tmp_path / "results"], tmp_path / "site")
    pages = sorted((tmp_path / "site").rglob("*.html"))
    edition = "Newest result: 2026-11-28; made by xbench 0.9.0; scores of version 1."
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert all(f"data/{name}" in text for name in ("results.csv", "results.json", "runs.csv")), page
        assert (edition in text) == (page.parent.name != "runs"), page
    first = next(page for page in pages if page.name.endswith("seed-0.html")).read_text(encoding="utf-8")
    assert "This result: of 2026-11-27, by xbench 0.9.0, scores of version 1." in first


def test_a_newer_result_leaves_the_pages_of_others_as_a_build_from_nothing_has_them(tmp_path: Path) -> None:
    def dated(day: str) -> dict[str, object]:
        return {"scores": 1, "xbench": "0.9.0", "collection_sha256": "cd" * 32, "filed": f"{day}T08:00:00Z"}

    file_result(tmp_path / "results", seed=0, provenance=dated("2026-11-27"))
    build_site([tmp_path / "results"], tmp_path / "site")
    file_result(tmp_path / "results", model="other", digest="cd" * 32, provenance=dated("2026-11-28"))
    build_site([tmp_path / "results"], tmp_path / "site")
    build_site([tmp_path / "results"], tmp_path / "fresh")
    for path in sorted((tmp_path / "fresh").rglob("*.html")):
        assert path.read_bytes() == (tmp_path / "site" / path.relative_to(tmp_path / "fresh")).read_bytes(), path
