"""`python -m xbench` is `xbench`."""

import importlib
import sys

import pytest

import xbench


def test_the_module_is_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["anything", "--version"])
    monkeypatch.delitem(sys.modules, "xbench.__main__", raising=False)
    with pytest.raises(SystemExit) as ended:
        importlib.import_module("xbench.__main__")
    assert not ended.value.code
    said = capsys.readouterr()
    assert said.out.split()[-1] == xbench.__version__ and said.err == ""
