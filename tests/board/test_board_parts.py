"""What each part of the board promises on its own: sources, summaries, standings, and the texts that pages show."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boards import LANGUAGES, QUESTIONS, file_result
from written_results import changed

from xbench.board import carried, rowpages, views
from xbench.board.clusters import average
from xbench.board.definition_lists import DEEPEST, definition_list
from xbench.board.details import label, safe_json, script
from xbench.board.edition import Pages, Site
from xbench.board.figures import bias, means
from xbench.board.output import RECORD, Output
from xbench.board.pages import difference
from xbench.board.site import build_site
from xbench.board.sources import ResultFile, ResultSources, find_sources
from xbench.board.standings import boards_of, rows_of
from xbench.board.summaries import RunSummary, mean, summary_of
from xbench.board.templates import page_templates
from xbench.board.twins import on_board
from xbench.errors import DataError
from xbench.evaluation.bias_scores import RankDistance
from xbench.published.papers import Published, PublishedRow, Twin
from xbench.results.reading import parse_result, read_result


def sources_of(folder: Path, **known: object) -> ResultSources:
    return find_sources([folder], known)


def site_of(folder: Path) -> Site:
    found = sources_of(folder)
    boards = boards_of([source.run for source in found.chosen], {})
    return Site(found, boards, rows_of(boards), {board.name: [] for board in boards})


def test_a_result_file_is_read_and_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, parsed = file_result(tmp_path), []
    monkeypatch.setattr(
        "xbench.board.sources.parse_result", lambda *given, **how: parsed.append(1) or parse_result(*given)
    )
    file = ResultFile(path)
    assert file.result is file.result and file.content == path.read_bytes() and len(parsed) == 1


def test_a_build_checks_each_result_once_and_the_next_one_only_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[tuple[str, bool]] = []

    def counted(content: bytes, path: Path, checked: bool) -> object:
        parsed.append((path.name, checked))
        return parse_result(content, path, checked)

    monkeypatch.setattr("xbench.board.sources.parse_result", counted)
    for seed in range(3):
        file_result(tmp_path / "results", f"{seed}.json", seed=seed)
    build_site([tmp_path / "results"], tmp_path / "site")
    assert sorted(name for name, checked in parsed if not checked) == ["0.json", "1.json", "2.json"]
    parsed.clear()
    file_result(tmp_path / "results", "new.json", model="other", digest="cd" * 32)
    build_site([tmp_path / "results"], tmp_path / "site")
    assert [name for name, checked in parsed if not checked] == ["new.json"]


def test_a_score_that_no_measurement_gives_is_a_fault_of_the_file(tmp_path: Path) -> None:
    path = file_result(tmp_path)
    scores = json.loads(path.read_text())["scores"]
    scores["monolingual"]["pairs"]["de-de"]["AP"] = 1.5
    changed(path, {"scores": scores})
    with pytest.raises(DataError, match=r"scores\.monolingual\.pairs\.de-de\.AP: found 1\.5, expected a score from 0"):
        _ = ResultFile(path).result


def test_a_summary_is_kept_and_found_again_unchanged(tmp_path: Path) -> None:
    (source,) = sources_of(file_result(tmp_path).parent).chosen
    assert RunSummary.of(json.loads(json.dumps(source.run.plain()))) == source.run
    (again,) = find_sources([tmp_path], {source.key: json.loads(json.dumps(source.plain()))}).chosen
    assert again.run == source.run and again.evidence.plain() == source.evidence.plain()


def test_a_summary_has_the_numbers_of_its_result(tmp_path: Path) -> None:
    result = read_result(file_result(tmp_path))
    run = summary_of(result, "")
    assert run.values["Mul"] == result.scores.macro("Mul", "AP")
    assert run.pairs["de-en"] == [result.scores.pairs["de-en"]["AP"], float(QUESTIONS)]
    cross = [run.pairs[f"de-{other}"][0] for other in ("en", "zh-Hant")]
    assert run.languages["de"]["asked"] == mean(cross) and run.languages["de"]["cut queries"] == 0.25
    assert mean([None, None]) is None and mean([None, 0.5]) == 0.5


def test_a_summary_says_what_of_its_pool_is_in_the_own_language_and_when_it_was_made(tmp_path: Path) -> None:
    path = file_result(tmp_path, provenance={"collection_sha256": "ef" * 32, "filed": "2026-11-28T15:20:01Z"})
    result = read_result(path)
    run, share = summary_of(result, ""), result.language_share
    assert share is not None and run.values["own share"] == mean([share.share[code][code] for code in LANGUAGES])
    assert run.values["own ideal"] == pytest.approx(1 / 3)
    assert result.scores.multilingual
    assert run.values["Mul without own"] == result.scores.multilingual.without_own_language.macro is not None
    assert (run.data, run.filed) == ("ef" * 32, "2026-11-28")
    changed(path, {"provenance": {"filed": "yesterday"}})
    assert summary_of(read_result(path), "").filed == ""  # no moment: a missing value


def test_seeds_are_one_standing_and_its_values_are_their_means(tmp_path: Path) -> None:
    for seed in range(2):
        file_result(tmp_path, seed=seed)
    chosen = sources_of(tmp_path).chosen
    influence = {one.run.page: one.evidence.influence for one in chosen}
    (board,) = boards_of([source.run for source in chosen], influence)
    (standing,) = board.standings.values()
    assert standing.values["Mo"] == mean([run.values["Mo"] for run in standing.runs])
    assert standing.interval("Mo") and standing.interval("gap") and standing.interval("distance") is None
    assert label(standing) == "static · hybrid · facts · 2 seeds"
    assert [row.key for row in rows_of([board])] == list(board.standings)


def test_a_printed_row_stands_beside_its_twin(tmp_path: Path) -> None:
    file_result(tmp_path)
    (board,) = site_of(tmp_path).boards
    twin = Twin(models=("static",), recipe="hybrid")
    row = PublishedRow(model="S", recipe="H", task="tiny", metric="AP", twin=twin, scores={"Mo": 0.5})
    paper = Published(name="p", title="P", url="https://example.org/p", source="table 1", rows=(row,))
    (printed,) = on_board(board, [paper])
    (standing,) = printed.twins
    assert printed.difference("Mo", standing) == pytest.approx((standing.values["Mo"] or 0) - 0.5)
    assert difference(0.5, "Mo") == "+50.0" and difference(3.0, "distance") == "+3"


def unpacked(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(text)))


def test_a_row_has_its_numbers_for_scripts_in_lists(tmp_path: Path) -> None:
    path = file_result(tmp_path)
    site = site_of(tmp_path)
    (board,), (standing,) = site.boards, site.boards[0].standings.values()
    row = unpacked(rowpages.row_detail(site, board, standing).packed())
    names = [f"{query}-{document}" for query in LANGUAGES for document in LANGUAGES]
    assert row["pairs"] == [pytest.approx(standing.pairs[name][0], abs=1e-6) for name in names]
    assert row["n"] == [QUESTIONS] * 9 and row["id"] == standing.page and row["values"] == standing.values
    share = read_result(path).bias.language_share
    assert share is not None and row["share"][0] == pytest.approx(share.share["de"]["de"], abs=1e-6)
    assert row["own"]["Mo"] == [pytest.approx(standing.pairs[f"{code}-{code}"][0], abs=1e-6) for code in LANGUAGES]


def test_a_rows_means_and_sums_for_scripts_are_those_of_its_arrays(tmp_path: Path) -> None:
    for seed in range(2):
        file_result(tmp_path, seed=seed, questions=40)
    found = sources_of(tmp_path)
    influence = {source.run.page: source.evidence.influence for source in found.chosen}
    (board,) = boards_of([source.run for source in found.chosen], influence)
    (standing,) = board.standings.values()
    made = carried.mean_parts(standing, ["Mo", "Cr", "Mul"])
    for name, part in made.items():
        steps = np.frombuffer(base64.b64decode(part["parts"]), "<i2")
        assert steps * part["largest"] / 32767 == pytest.approx(standing.evidence[name].influence, abs=1e-5)
    every = [sums for source in found.chosen if (sums := source.clusters())]
    mean = average(every)
    assert mean is not None
    sums = carried.pair_sums(mean, every, {})
    steps = np.frombuffer(zlib.decompress(base64.b64decode(sums["mean"])), np.uint8).reshape(-1, len(mean.mean))
    assert steps / 255 == pytest.approx(mean.mean.T, abs=0.5 / 255)
    assert list(sums["seeds"]) == list(mean.columns)


def test_the_sums_of_a_row_say_what_seeds_add_to_every_mean_of_a_language(tmp_path: Path) -> None:
    for seed in range(2):
        file_result(tmp_path / "results", seed=seed, questions=40)
    build_site([tmp_path / "results"], tmp_path / "site")
    (sums,) = (tmp_path / "site" / "data" / "sums").glob("*.js")
    ((_, row),) = json.loads(sums.read_text().partition("]=")[2].rstrip(";\n")).items()
    assert {"Mo", "Cr", "Mul", "de-other", "any-de", "de-en"} <= set(row["seeds"])


def test_what_is_large_travels_with_the_first_rows_of_every_board_and_what_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, task in enumerate(("one", "one", "one", "two")):
        file_result(tmp_path, task=task, model=f"m{number}", digest=f"{number}" * 64, skill=4.0 - number)
    site = site_of(tmp_path)
    evidence, size = site.measured.chosen[0].evidence, max(source.size for source in site.measured.chosen)
    monkeypatch.setattr(carried, "MOST_SUMS", 3 * evidence.cells)
    monkeypatch.setattr(carried, "MOST_RESULTS", 2 * size)
    room = carried.carried(site)
    first, second = ([*board.standings.values()] for board in site.boards)
    assert room.sums == {first[0].page, second[0].page, first[1].page}
    assert room.results == {first[0].page, second[0].page}


def test_a_row_stands_in_one_block_and_a_new_row_changes_one(tmp_path: Path) -> None:
    for number in range(20):
        file_result(tmp_path, model=f"m{number}", digest=f"{number:02}" * 32)
    before = {block.name: block.standings for block in carried.blocks_of(site_of(tmp_path).boards[0])}
    assert len(before) == 2 and sum(map(len, before.values())) == 20
    file_result(tmp_path, model="another", digest="ff" * 32)
    after = {block.name: block.standings for block in carried.blocks_of(site_of(tmp_path).boards[0])}
    pages = [{name: [row.page for row in rows] for name, rows in blocks.items()} for blocks in (before, after)]
    assert sum(pages[0][name] != pages[1][name] for name in pages[1]) == 1


def test_scripts_hold_nothing_that_ends_a_tag() -> None:
    assert "<" not in safe_json({"a": "</script>&"}) and script("a", 1) == '(self.xbenchData??={})["a"]=1;\n'


def test_figures_are_those_that_the_result_has(tmp_path: Path) -> None:
    result = read_result(file_result(tmp_path))
    named = {what: value for what, value, _ in bias(result)}
    assert "Rank distance" in named and "Pooling cost" not in named
    assert [(column, kind) for column, _, kind, _, _ in means(result)][:2] == [("Mo", "macro"), ("Mo", "micro")]
    alone = read_result(file_result(tmp_path, multilingual=False, cross_lingual=False))
    assert bias(alone) == [] and len(list(means(alone))) == 2


def test_definition_lists_escape_nest_and_end() -> None:
    assert definition_list({"a_b": "<i>", "c": [1, 2.5, None], "d": {}}) == (
        "<dl><div><dt>a b</dt><dd>&lt;i&gt;</dd></div><div><dt>c</dt><dd>1, 2.5, –</dd></div>"
        "<div><dt>d</dt><dd>–</dd></div></dl>"
    )
    assert definition_list(RankDistance(mean=1.5)) == "<dl><div><dt>mean</dt><dd>1.5</dd></div></dl>"
    deep: object = 1
    for _ in range(DEEPEST + 2):
        deep = [deep]
    assert "…" in definition_list(deep)


def test_a_page_is_made_of_its_template_and_values(tmp_path: Path) -> None:
    file_result(tmp_path / "results")
    site = site_of(tmp_path / "results")
    output = Output(tmp_path / "site", "generator")
    pages = Pages(page_templates(), site, output)
    pages.write(
        "languages/index.html", "languages", "../", views.languages(site.boards, site.languages, site.elsewhere)
    )
    assert output.finish()[-1] == tmp_path / "site" / RECORD
    written = (tmp_path / "site" / "languages" / "index.html").read_text()
    assert all(f"{code.lower()}" in written.lower() for code in LANGUAGES) and "<h1>" in written
    kept = Output(tmp_path / "site", "generator")
    assert kept.keep("languages/index.html", "") and not Output(tmp_path / "site", "other").keep(
        "languages/index.html", ""
    )
