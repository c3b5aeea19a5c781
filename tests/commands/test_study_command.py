"""`xbench study` on a terminal: the four commands, and one clear line with exit code 2 for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from study_files import content, write

from xbench import cli


def xbench(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["xbench", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    code = ended.value.code
    assert isinstance(code, int)
    return code


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XBENCH_DATA", raising=False)
    monkeypatch.chdir(tmp_path)


def test_plan_run_status_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(write(tmp_path))
    assert xbench(monkeypatch, "study", "plan", path) == 0
    assert "runs: 6, 0 done" in capsys.readouterr().out
    assert xbench(monkeypatch, "study", "run", path, "--shard", "1/2") == 0
    assert xbench(monkeypatch, "study", "status", path, "--json") == 0
    assert json.loads(capsys.readouterr().out.split("\n", 1)[1])["counts"]["done"] == 3
    assert xbench(monkeypatch, "study", "run", path) == 0
    said = capsys.readouterr()
    assert "3 runs made" in said.out and "left" in said.err
    assert xbench(monkeypatch, "study", "status", path) == 0
    assert capsys.readouterr().out == "6 done\n"
    assert xbench(monkeypatch, "study", "report", path, "--to", "there") == 0
    assert (tmp_path / "there/report.md").is_file()
    assert (tmp_path / "studies/chance/decisions.json").is_file()


MIX = {"of": ["mono", "cross"], "points": [[0.5, 0.4]]}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown factor": ({"factors": {"modell": ["random"]}}, "factors of model, recipe, corpus or a setting"),
    "unknown level": ({"factors": {"recipe": ["hybird"]}}, "unknown recipe 'hybird'; did you mean 'hybrid'?"),
    "arms that do not exist": ({"contrast": "64 - 8"}, "hypothesis 'more is better': no arm has '64'"),
    "margin without unit": ({"margin": 5}, "margin: found 5, expected a number above 0 with its unit"),
    "simplex": ({"factors": {"mix": MIX}}, "shares that sum to 1, not 0.5 + 0.4 = 0.9"),
    "outcome the task cannot give": ({"outcomes": ["nDCG@7 Cr"]}, "task facts cannot give it: its metrics are"),
    "budget": ({"budget": {"runs": 5}}, "budget of 5 runs: it needs 6"),
    "setting": ({"fixed": {"model": "random", "set": {"stepz": 1}}}, "--set stepz: unknown setting"),
    "task": ({"tasks": ["fact"]}, "unknown task 'fact'; did you mean 'facts'?"),
}


ALLOWED = ("budget", "outcome the task cannot give")  # of a report: what is there is told, whatever it cost
CASES = [(command, name) for name in WRONG for command in ("plan", "run", "report")]


@pytest.mark.parametrize(("command", "name"), [one for one in CASES if one[0] != "report" or one[1] not in ALLOWED])
def test_what_is_wrong_is_one_clear_line(
    name: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changes, line = dict(WRONG[name][0]), WRONG[name][1]
    hypotheses = content()["hypotheses"]
    for key in ("contrast", "margin"):
        if key in changes:
            hypotheses[0][key] = changes.pop(key)
    path = write(tmp_path, **{"hypotheses": hypotheses, **changes})
    assert xbench(monkeypatch, "study", command, str(path)) == 2
    said = capsys.readouterr()
    assert line in said.err and said.err.count("\n") == 1 and "Traceback" not in said.err
    assert not (tmp_path / "studies/chance/results").exists()


def test_unmatched_arms_are_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fixed = {"model": "static", "recipe": "hybrid", "corpus": "facts"}
    path = write(tmp_path, factors={"steps": [5, 6]}, fixed=fixed, hypotheses=[], matched=["steps"])
    for command in ("plan", "run"):
        assert xbench(monkeypatch, "study", command, str(path)) == 2
        said = capsys.readouterr().err
        assert "matched steps: 5 has 5, 6 has 6" in said and said.count("\n") == 1


def test_a_failed_run_ends_with_one_line_and_its_why_in_the_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone.yaml").write_text(
        yaml.safe_dump(
            {
                "name": "gone",
                "languages": ["de", "en"],
                "format": "parallel",
                "relevance": "parallel",
                "source": {"path": "gone.jsonl"},
            }
        )
    )
    fixed = {"model": "random", "languages": ["de", "en"]}
    path = write(tmp_path, fixed=fixed, tasks=["facts", "gone.yaml"], seeds=1, hypotheses=[])
    assert xbench(monkeypatch, "study", "run", str(path)) == 2
    said = capsys.readouterr().err.strip().split("\n")
    assert said[-1].startswith("xbench: 2 runs failed, the others are done: 8, seed 0, gone: gone: missing data file")
    assert xbench(monkeypatch, "study", "status", str(path)) == 0
    out = capsys.readouterr().out
    assert out.startswith("2 done, 2 failed\n") and "failed  8, seed 0, gone: gone: missing data file" in out
