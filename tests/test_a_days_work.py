"""docs/a-days-work.md, without its encoder: a set in BEIR's layout is added, checked, run, compared and shown."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from xbench.cli import cli

SET = Path(__file__).parent.parent / "docs" / "tenancy"


def test_the_page_s_commands_do_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))

    def type_line(line: str) -> str:
        ended = CliRunner().invoke(cli, line.split(), catch_exceptions=False)
        assert ended.exit_code == 0, ended.output
        return ended.output

    assert "wrote tasks/tenancy.yaml" in type_line("task new tenancy --format beir")
    shutil.copytree(SET, tmp_path / "tasks" / "tenancy")
    assert "documents: 48 texts, 0 stand more than once, 0 are blank" in type_line("task check tenancy")
    found = type_line("run --model bm25 --model random --task tenancy")
    assert "0.3618  0.2123  0.2450" in found
    assert "0.1929  0.1934  0.1151" in found
    assert "20 clusters of queries" in type_line("compare results/tenancy/bm25 results/tenancy/random --pair de-en")
    assert "| bm25 | 36.2 [" in type_line("table results --format md")
    assert "% without a source of their own: task tenancy" in type_line("cite --task tenancy --model bm25")
    type_line("leaderboard build")
    assert "tenancy" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
