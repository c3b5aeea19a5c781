"""What a result gives to people who write Python: frames of its numbers, and a table in a notebook."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from boards import LANGUAGES, METRICS, QUESTIONS, file_result
from written_results import changed

from xbench.board.submission import pack_results
from xbench.errors import DataError
from xbench.results.frames import NAMES, SCORE_COLUMNS
from xbench.results.notebook import decimal, html_table
from xbench.results.reading import read_result
from xbench.results.seeds import seed_interval

IDENTITY = ["task", "model", "recipe", "corpus", "seed"]


def test_a_frame_has_a_row_per_setting_and_metric_with_the_values_of_the_file(tmp_path: Path) -> None:
    path = file_result(tmp_path, seed=3)
    scores, frame = json.loads(path.read_text())["scores"], read_result(path).to_frame()
    assert list(frame.columns) == [*IDENTITY, *SCORE_COLUMNS]
    assert len(frame) == len(METRICS) * len(LANGUAGES) * (len(LANGUAGES) + 1)
    assert frame[IDENTITY].drop_duplicates().values.tolist() == [["tiny", "static", "hybrid", "facts", 3]]
    stored = {
        f"{row.query_language}-{row.document_language} {row.metric}": (row.value, row.n) for row in frame.itertuples()
    }
    for half in ("monolingual", "cross-lingual"):
        for pair, entry in scores[half]["pairs"].items():
            assert stored[f"{pair} AP"] == (entry["AP"], QUESTIONS)
    assert stored["zh-Hant-pool R@1"] == (scores["multilingual"]["languages"]["zh-Hant"]["R@1"], QUESTIONS)


def test_the_frame_of_a_model_as_it_is_without_a_pool(tmp_path: Path) -> None:
    path = file_result(tmp_path, cross_lingual=False, multilingual=False, corpus=None, recipe="none")
    frame = read_result(path).to_frame()
    assert frame["corpus"].isna().all() and (frame["query_language"] == frame["document_language"]).all()


def test_the_queries_of_a_frame_have_the_means_that_the_result_states(tmp_path: Path) -> None:
    found = read_result(file_result(tmp_path))
    frame = found.per_query()
    scores = [f"{metric} {name}" for metric in METRICS for name in (*LANGUAGES, "pool")]
    ranks = [f"pool_rank {name}" for name in LANGUAGES]
    assert list(frame.columns) == [*NAMES, *scores, *ranks, "rank_distance"]
    assert len(frame) == QUESTIONS * len(LANGUAGES)
    means = frame.groupby("query_language")[[*scores, "rank_distance"]].mean()
    assert found.scores.multilingual is not None
    for query in LANGUAGES:
        for document in LANGUAGES:
            assert means.loc[query, f"AP {document}"] == pytest.approx(found.scores.pairs[f"{query}-{document}"]["AP"])
        assert means.loc[query, "AP pool"] == pytest.approx(found.scores.multilingual.languages[query]["AP"])
        assert means.loc[query, "rank_distance"] == pytest.approx(found.bias.distance.languages[query].mean)


def test_queries_of_absent_damaged_or_packed_arrays_are_one_error(tmp_path: Path) -> None:
    path = file_result(tmp_path / "in")
    (packed,) = pack_results([path], tmp_path / "packed")
    with pytest.raises(DataError, match=r"\.npz: per-query values are packed to sums for a board"):
        read_result(packed).per_query()
    path.with_suffix(".npz").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"\.npz: per-query values cannot be read"):
        read_result(path).per_query()
    path.with_suffix(".npz").unlink()
    with pytest.raises(DataError, match=r"\.npz: per-query values cannot be read"):
        read_result(path).per_query()


def test_a_notebook_shows_the_means_and_every_pair_and_escapes_all_texts(tmp_path: Path) -> None:
    path = file_result(tmp_path, "one.json")
    changed(path, {"model": "<script>alert(1)</script>", "task": "a & b"})
    found = read_result(path)
    shown = found._repr_html_()
    assert "<script>" not in shown and "&lt;script&gt;" in shown and "a &amp; b, AP" in shown
    assert (
        f"{100 * (found.scores.macro('Mul', 'AP') or 0):.1f}" in shown and decimal(found.bias.distance.mean, 1) in shown
    )
    for entry in found.scores.pairs.values():
        assert f">{decimal(100 * entry['AP'], 1)}<" in shown


def test_a_notebook_shows_a_dash_for_what_was_not_scored(tmp_path: Path) -> None:
    shown = read_result(file_result(tmp_path, cross_lingual=False, multilingual=False))._repr_html_()
    assert shown.count(">–<") == 4 + len(LANGUAGES) * (len(LANGUAGES) - 1)


def test_a_table_for_notebooks_escapes_words_and_headings() -> None:
    table = html_table(["<a>"], [["<b>"], ["&"]], "<c>")
    assert "&lt;a&gt;" in table and "&lt;b&gt;" in table and "<td>&amp;</td>" in table and "&lt;c&gt;" in table


def test_the_interval_over_seeds_is_students() -> None:
    """Three values with standard deviation 1: t of 2 degrees of freedom (4.302653) over the root of 3."""
    assert seed_interval([0.5]) == (0.5, None)
    mean, half = seed_interval([1.0, 2.0, 3.0])
    assert (mean, half) == (2.0, pytest.approx(4.302653 / np.sqrt(3)))
