"""Standard streams that are closed, full, or read by nobody: quiet, the right exit code, and the work is done."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from boards import file_result

FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
TOP = Path(__file__).parent.parent
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(TOP), os.environ.get("PYTHONPATH", "")])}
XBENCH = f"{shlex.quote(sys.executable)} -m xbench"
SAYS_FULL = "xbench: cannot write to standard output: No space left on device\n"
LINES = [
    "--help",
    "--version",
    "models list",
    "models show random",
    "schema task",
    "tasks list",
    "recipes show hybrid",
    "table a",
    "table a --format latex",
    "compare a/0.json a/0.json",
    "cite --task facts",
    "leaderboard check a",
    "leaderboard build --results a --out site",
    "leaderboard pack --results a --out packed",
    "export mteb --help",
]
RUN = "run --model random --task facts --languages de,en --offline --out out"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    file_result(folder, "a/0.json")
    return folder


def typed(line: str, desk: Path) -> tuple[int, str]:
    """The exit code of the first command of a line, and what is on standard error."""
    script = f"{XBENCH} {line}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=desk, env=ENVIRONMENT, capture_output=True, text=True)
    return done.returncode, done.stderr


@pytest.mark.parametrize("line", LINES)
def test_a_closed_output_is_a_wish_for_silence(line: str, desk: Path) -> None:
    expected = typed(f"{line} >/dev/null", desk)
    assert expected[0] in (0, 1) and typed(f"{line} >&-", desk) == expected


@FULL
@pytest.mark.parametrize("line", LINES)
def test_a_full_output_is_one_line(line: str, desk: Path) -> None:
    notes = typed(f"{line} >/dev/null", desk)[1]
    assert typed(f"{line} >/dev/full", desk) == (1, f"{notes}{SAYS_FULL}")


@pytest.mark.parametrize("line", ["schema result", "models list", "table a", "--help"])
def test_a_reader_that_has_gone_is_no_fault(line: str, desk: Path) -> None:
    notes = typed(f"{line} >/dev/null", desk)[1]
    assert typed(f"{line} | true", desk)[1] == notes
    assert typed(f"{line} > >(exec true); sleep 1", desk)[1] == notes


def test_a_reader_that_has_gone_ends_a_command_as_a_signal_would(desk: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "xbench", "models", "list"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=ENVIRONMENT, cwd=desk)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@FULL
@pytest.mark.parametrize("place", ["2>/dev/full", "2>&-", "2>&- >&-", "2>/dev/full >&-"])
def test_a_run_whose_words_nobody_hears_files_its_result(place: str, tmp_path: Path) -> None:
    assert typed(f"{RUN} {place}", tmp_path) == (0, "")
    assert len(list(tmp_path.rglob("*.npz"))) == 1


@FULL
@pytest.mark.parametrize("place", ["2>/dev/full", "2>&-", "2>&- >&-"])
def test_a_wrong_request_has_its_exit_code_where_nobody_hears_why(place: str, desk: Path) -> None:
    assert typed(f"models show nope {place}", desk) == (2, "")


def test_no_file_of_ours_gets_the_number_of_a_closed_stream(tmp_path: Path) -> None:
    """What a library prints would stand in the middle of a result."""
    code = (
        "import os, sys; from xbench.commands.standard_streams import standard_streams\n"
        "with standard_streams():\n"
        "    number = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY); os.write(number, str(number).encode())\n"
    )
    file = tmp_path / "number"
    line = f"{shlex.quote(sys.executable)} -c {shlex.quote(code)} {shlex.quote(str(file))} <&- >&- 2>&-"
    subprocess.run(["bash", "-c", line], check=True, env=ENVIRONMENT)
    assert int(file.read_text()) > 2
