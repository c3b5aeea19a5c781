"""What a terminal of 80 columns shows: whole headings, whole numbers, and the metric they are of."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from written_results import file_result

from xbench.commands import terminal
from xbench.commands.words import echo
from xbench.reports.significance import Difference
from xbench.results.reading import read_result
from xbench.results.result import Result

CELLS = {"de-de": 0.5, "en-en": 0.25, "de-en": 0.125, "en-de": 0.25, "de-pool": 0.5, "en-pool": 0.5}
LONG = {
    "model": "paraphrase-multilingual-mpnet-base-v2",
    "recipe": "cross-lingual",
    "corpus": "parallel-sentences-talks",
}


@pytest.fixture(autouse=True)
def wide_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What results measure does not matter here, but how wide it is."""
    values = {0: 0.5, 1: 0.6234, 2: 0.8}
    monkeypatch.setattr(terminal, "_columns", lambda result: (*[values.get(result.seed, 0.5)] * 3, 91_353.7, -0.25))


def filed(folder: Path, **changes: object) -> Result:
    return read_result(file_result(folder, CELLS, **changes))  # type: ignore[arg-type]


def shown(table: object, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(table)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined,no-any-return]


def test_what_all_rows_share_is_said_once_with_the_metric(tmp_path: Path) -> None:
    first, second = filed(tmp_path, corpus="facts", recipe="hybrid"), filed(tmp_path, corpus="facts", recipe="mixed")
    lines = shown(terminal.results_table([first, second]))
    assert lines[0] == "toy, AP; corpus facts; seed 0"
    assert lines[2].split() == ["model", "recipe", "Mo", "Cr", "Mul", "distance", "gap"]
    assert [line.split()[:2] for line in lines[3:]] == [["one", "hybrid"], ["one", "mixed"]]


def test_one_run_of_an_encoder_as_it_is_has_no_word_on_a_corpus(tmp_path: Path) -> None:
    assert shown(terminal.results_table([filed(tmp_path)]))[0] == "toy, AP; seed 0"


def test_rows_of_several_tasks_name_their_task_and_metric(tmp_path: Path) -> None:
    results = [filed(tmp_path, task={"name": name, "title": name, "group": "question"}) for name in ("first", "second")]
    lines = shown(terminal.results_table(results))
    assert lines[0] == "seed 0"
    assert [line[:11].strip() for line in lines[3:]] == ["first, AP", "second, AP"]


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_widest_summary_fits_80_columns_and_breaks_no_heading_and_no_number(tmp_path: Path, seeds: int) -> None:
    task = {"name": "nanobeir-climate-fever", "title": "", "group": "question"}
    results = [filed(tmp_path, seed=seed) for seed in range(seeds)]
    results += [filed(tmp_path, seed=seed, task=task, digest="b" * 64, **LONG) for seed in range(seeds + 1)]
    lines = shown(terminal.results_table(results))
    assert max(map(len, lines)) <= 80
    assert "\u2026" not in "".join(lines)
    headings = " ".join(lines[:2]).split()
    assert headings == ["rank", "task", "model", "recipe", "corpus", "seed", "Mo", "Cr", "Mul", "distance", "gap"]


def test_off_a_terminal_names_are_whole(tmp_path: Path) -> None:
    lines = shown(terminal.results_table([filed(tmp_path, **LONG)]), terminal.PLAIN_WIDTH)
    assert LONG["model"] in lines[3] and max(map(len, lines)) < 120


def test_several_seeds_show_half_of_their_interval_below_the_mean(tmp_path: Path) -> None:
    lines = shown(terminal.results_table([filed(tmp_path, seed=seed) for seed in range(3)]))
    assert lines[0] == "toy, AP; seeds 0, 1, 2"
    assert lines[-1].startswith("\u00b1: half of the 95 % interval")


def test_a_comparison_fits_80_columns() -> None:
    difference = Difference("zh-Hant-pool", 0.5, 0.75, low=-0.5, high=0.125, error=0.1, p=0.0123, p_holm=0.1234)
    lines = shown(terminal.differences_table([difference]))
    assert max(map(len, lines)) <= 80
    headings = "setting A B A - B 95 % interval p p (Holm) detectable"
    assert " ".join(lines[0].split()) == headings
    assert lines[1].split()[0] == "zh-Hant-pool" and "-0.5000 to +0.1250" in lines[1]


@pytest.mark.parametrize(
    ("label", "width", "short"),
    [
        ("train static x hybrid, seed 0", 29, "train static x hybrid, seed 0"),
        ("train static x hybrid, seed 0", 20, "train sta\u2026id, seed 0"),
        ("a label of twenty-one", 3, "a lab\u2026ty-one"),
    ],
)
def test_a_label_keeps_both_ends(label: str, width: int, short: str) -> None:
    assert terminal.short_label(label, width) == short
    assert len(short) <= max(width, terminal.SHORTEST_LABEL)


def test_off_a_terminal_a_bar_leaves_one_line_and_only_of_long_work(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with terminal.Terminal().bar("quick", 2, "texts") as bar:
        bar.advance(2)
    monkeypatch.setattr(terminal, "LONG_WORK", 0.0)
    with terminal.Terminal().bar("long", 2, "texts") as bar:
        bar.advance(2, "loss 0.5")
    assert capsys.readouterr().err == "long: 2 texts, 0.0 s, loss 0.5\n"


def test_a_bar_on_80_columns_stands_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    reporter = terminal.Terminal()
    monkeypatch.setattr(reporter, "_console", Console(file=screen, width=80, force_terminal=True, color_system=None))
    with reporter.bar("train paraphrase-multilingual-mpnet-base-v2 x cross-lingual, seed 0", 20_000, "steps") as bar:
        bar._started -= 100  # type: ignore[attr-defined]
        bar.advance(10_000, "loss 10.285")
    frames = screen.getvalue().replace("\x1b", "\n").splitlines()
    bars = [frame for frame in frames if "\u2501" in frame]
    assert bars and all("seed 0" in frame and "/20000" in frame for frame in bars)
    assert all(len(frame.split("K")[-1].rstrip()) <= 80 for frame in bars)


HOSTILE = "a\x1b[31m\x1b]0;title\x07\x9b2J\u202eb[bold]c"
SEEN = "a⟨001B⟩[31m⟨001B⟩]0;title⟨0007⟩⟨009B⟩2J⟨202E⟩b[bold]c"


def test_no_name_drives_the_terminal_in_a_line_a_table_or_a_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.Terminal().say(HOSTILE)
    echo(HOSTILE)
    terminal.console().print(HOSTILE)
    table = terminal._empty_table(["model"])
    table.add_row(HOSTILE, *["1"] * len(terminal.MEASURES))
    terminal.console().print(table)
    hostile = [filed(tmp_path).model_copy(update={"task": HOSTILE, "model": HOSTILE})]
    terminal.console().print(terminal.results_table(hostile))
    out, err = capsys.readouterr()
    assert err == f"{SEEN}\n"
    assert out.count(SEEN) == 5
    assert all(character.isprintable() or character == "\n" for character in out)


def test_the_label_of_a_bar_shows_what_it_holds() -> None:
    assert terminal.short_label(HOSTILE, 100) == SEEN
    assert terminal.DownloadBar(HOSTILE)._label == SEEN
