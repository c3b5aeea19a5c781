"""The alignment of a model on a task: from kept vectors, and in results where it is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from facts_request import Listener, request

from xbench.encoders.chance import RandomEncoder
from xbench.encoders.lexical import LexicalCollection
from xbench.errors import DataError, EncoderError, SpecError
from xbench.evaluation.alignment import LanguageVectors, pair_alignment
from xbench.evaluation.alignment_scores import ALIGNMENT_METRICS, Side
from xbench.jobs.alignment_job import align
from xbench.jobs.run import run
from xbench.progress import Bar, Silent
from xbench.results.reading import read_result

SIDES = ("query", "positive")
NAMES = [metric.name for metric in ALIGNMENT_METRICS]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_metric_has_every_pair_in_both_directions(tmp_path: Path) -> None:
    listener = Listener()
    (found,) = align(request(tmp_path, languages=("de", "en", "es")), "queries", listener)
    alignment = found.alignment
    pairs = ["de-en", "en-de", "de-es", "es-de", "en-es", "es-en"]
    assert (found.model, found.task, alignment.side) == ("random", "facts", "queries")
    assert list(alignment.values) == list(alignment.random) == list(alignment.perfect_copy) == NAMES
    assert all(list(values) == pairs for values in alignment.values.values())
    assert alignment.questions == dict.fromkeys(pairs, 237)
    assert (alignment.perfect_copy["xsim"], alignment.perfect_copy["cka"]) == (0, pytest.approx(1))
    assert (alignment.random["xsim"] or 0) > 0.98
    assert listener.bars[-1] == ("align queries", 6, "pairs")
    assert listener.lines[-1].startswith("aligned random on facts, queries: 6 pairs, ")


@pytest.mark.parametrize("side", ["queries", "documents"])
def test_no_text_is_encoded_twice(tmp_path: Path, seen: list[tuple[str, str]], side: Side) -> None:
    first = align(request(tmp_path), side, Silent())
    assert len(seen) == len(set(seen)) == 2 * 237  # golds alone, and none of the other documents
    assert {role for role, _ in seen} == {"query" if side == "queries" else "document"}
    again = align(request(tmp_path), side, Silent())
    assert len(seen) == 2 * 237 and again[0].alignment.values == first[0].alignment.values
    run(request(tmp_path), Silent())
    assert len(seen) == len(set(seen))
    scored = len(seen)
    align(request(tmp_path), "documents", Silent())
    align(request(tmp_path), "queries", Silent())
    assert len(seen) == scored


def test_values_are_those_of_the_kept_vectors(tmp_path: Path) -> None:
    """By the texts of questions, with an encoder called anew, in another order."""
    from xbench.data import readers
    from xbench.jobs.plan import make_plan

    asked = request(tmp_path)
    plan = make_plan(asked)
    collection = readers.read(plan.tasks[0], asked.storage)
    encoder = RandomEncoder(plan.runs[0].model.spec, 0)  # type: ignore[arg-type]
    sides = []
    for language in ("de", "en"):
        part = collection.queries[language]
        order = np.argsort(part.questions)
        vectors = encoder.encode([part.texts[place] for place in order], "query", lambda count: None)
        sides.append(LanguageVectors(vectors))
    expected, _ = pair_alignment(*sides)
    (found,) = align(asked, "queries", Silent())
    for name in set(NAMES) - {"probe"}:  # whose halves are those of the questions' digests
        assert found.alignment.values[name]["de-en"] == pytest.approx(expected[name], abs=1e-12), name


def test_one_bar_is_shown_at_a_time(tmp_path: Path) -> None:
    """A terminal has room for one: before version 14.1 rich refuses a second."""

    class Screen(Silent):
        shown = 0

        @contextmanager
        def bar(self, label: str, total: int, unit: str = "") -> Iterator[Bar]:
            assert not self.shown, label
            self.shown += 1
            with super().bar(label, total, unit) as bar:
                yield bar
            self.shown -= 1

    align(request(tmp_path), "queries", Screen())
    run(request(tmp_path, align="documents"), Screen())


# --- in results ---------------------------------------------------------------------------------------------------


def test_a_result_holds_the_alignment_where_it_is_asked_for_and_no_trace_elsewhere(tmp_path: Path) -> None:
    (path,) = run(request(tmp_path), Silent())
    plain = path.read_bytes()
    assert b"alignment" not in plain and read_result(path).alignment is None
    (same,) = run(request(tmp_path, align="queries"), Silent())
    assert same == path
    aligned = read_result(path)
    assert aligned.alignment and aligned.alignment.side == "queries" and list(aligned.alignment.values) == NAMES
    before, after = json.loads(plain), json.loads(path.read_bytes())
    del after["alignment"]
    assert after["provenance"].pop("result_sha256") != before["provenance"].pop("result_sha256")
    assert after == before  # the digest among them


def test_a_result_is_aligned_at_once_as_afterwards(tmp_path: Path) -> None:
    (at_once,) = run(request(tmp_path, align="queries", out=Path("first")), Silent())
    (afterwards,) = run(request(tmp_path, out=Path("second")), Silent())
    run(request(tmp_path, align="queries", out=Path("second")), Silent())
    one, other = (read_result(path).alignment for path in (at_once, afterwards))
    assert one and other and one.values == other.values
    (command,) = align(request(tmp_path), "queries", Silent())
    assert command.alignment.values == one.values


def test_a_result_that_is_aligned_stays_as_it_is(tmp_path: Path) -> None:
    (path,) = run(request(tmp_path, align="queries"), Silent())
    written = path.read_bytes()
    for asked in ("queries", None):
        run(request(tmp_path, align=asked), Silent())
        assert path.read_bytes() == written
    run(request(tmp_path, align="documents"), Silent())
    other = read_result(path).alignment
    assert other and other.side == "documents"


def test_what_is_read_and_written_again_has_the_same_bytes(tmp_path: Path) -> None:
    from xbench.results.writing import rewrite_result

    for side in (None, "queries"):
        (path,) = run(request(tmp_path, align=side), Silent())
        written = path.read_bytes()
        rewrite_result(path, read_result(path))
        assert path.read_bytes() == written


def test_a_value_that_no_measurement_gives_is_refused(tmp_path: Path) -> None:
    (path,) = run(request(tmp_path, align="queries"), Silent())
    written = json.loads(path.read_text())
    del written["provenance"]["result_sha256"]
    written["alignment"]["values"]["xsim"]["de-en"] = 1.5
    path.write_text(json.dumps(written))
    with pytest.raises(DataError, match=r"alignment.values.xsim.de-en: found 1.5, expected 0 to 1"):
        read_result(path)


# --- what cannot be aligned ---------------------------------------------------------------------------------------


def lines(folder: Path, rows: int, languages: str = "[de, en]", relevance: str = "parallel") -> str:
    """A task in aligned rows of its own."""
    sides = [{side: {"de": f"d {side} {n}", "en": f"e {side} {n}"} for side in SIDES} for n in range(rows)]
    (folder / "rows.jsonl").write_text("\n".join(json.dumps({"id": str(n), **row}) for n, row in enumerate(sides)))
    (folder / "t.yaml").write_text(
        f"name: t\nlanguages: {languages}\nformat: parallel\nsource: {{path: rows.jsonl}}\nrelevance: {relevance}\n"
    )
    return str(folder / "t.yaml")


def refusal(folder: Path, side: Side = "queries", **changes: Any) -> str:
    """Of align, and the same of a run that is asked for it; nothing is encoded or filed by either."""
    asked = replace(request(folder, **{"languages": (), **changes}), settings={})
    with pytest.raises((SpecError, DataError)) as refused:
        align(asked, side, Silent())
    with pytest.raises((SpecError, DataError)) as of_run:
        run(replace(asked, align=side), Silent())
    assert str(of_run.value) == str(refused.value)
    assert not (folder / "cache/vectors").exists() and not list(Path().rglob("*.npz"))
    return str(refused.value)


def test_too_few_parallel_questions_are_one_line(tmp_path: Path) -> None:
    says = refusal(tmp_path, tasks=(lines(tmp_path, 12),))
    assert says == (
        "align: task t has too few parallel questions: found de-en 12, expected at least 20 in two languages"
    )
    says = refusal(tmp_path, "documents", tasks=(lines(tmp_path, 12),))
    assert says.startswith("align: task t has too few parallel golds: found de-en 12")


def test_a_task_in_one_language_is_one_line(tmp_path: Path) -> None:
    assert refusal(tmp_path, languages=("de",)) == (
        "align: task facts has queries in de alone, expected at least two languages"
    )


def test_a_task_without_parallel_questions_is_one_line(tmp_path: Path) -> None:
    assert refusal(tmp_path, tasks=("miracl",)) == (
        "align: task miracl has no parallel questions: its relevance is same-language, expected parallel; name a task "
        "whose questions are asked in several languages"
    )


def test_an_unknown_language_is_one_line(tmp_path: Path) -> None:
    assert refusal(tmp_path, languages=("de", "sw")).startswith("languages de,sw: task facts lacks sw; it has ar, de")


def test_a_lexical_model_is_one_line_before_anything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LexicalCollection, "__init__", lambda *arguments: pytest.fail("terms were made"))
    assert refusal(tmp_path, models=("random", "bm25")) == (
        "align: model bm25 is lexical and has no vectors; name models that encode texts"
    )


def test_constant_vectors_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RandomEncoder, "encode", lambda self, texts, role, advance: np.ones((len(texts), 8), "f4"))
    with pytest.raises(EncoderError, match="queries in de: all 237 vectors are the same; no alignment can be measured"):
        align(request(tmp_path), "queries", Silent())


def test_few_questions_leave_mutual_neighbours_out_and_say_so(tmp_path: Path) -> None:
    listener = Listener()
    asked = replace(request(tmp_path, tasks=(lines(tmp_path, 60),), languages=()), settings={})
    (found,) = align(asked, "queries", listener)
    assert found.alignment.values["mutual_nn"] == {"de-en": None, "en-de": None}
    assert "task t: mutual_nn is defined among 100 parallel questions, and some pairs have 60: no value" in (
        listener.lines
    )
