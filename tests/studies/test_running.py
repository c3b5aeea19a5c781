"""What `study run` promises: nothing lost, doubled or mixed, whatever happens while it runs."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from study_files import content, machine, run, study, write

from xbench.errors import SpecError
from xbench.jobs import run as job
from xbench.results.reading import read_results
from xbench.studies.findings import findings_of
from xbench.studies.folder import StudyFolder
from xbench.studies.machine import Declared
from xbench.studies.planning import checked
from xbench.studies.running import Shard
from xbench.studies.status import Status, status_of

MOMENTS = 20


class Killed(BaseException):
    """The process ends here."""


def status(declared: Declared) -> Status:
    _, runs = checked(declared, machine(declared.out.parent))
    return status_of(StudyFolder(declared.out), runs)


def scores(declared: Declared) -> dict[tuple[object, ...], object]:
    found = read_results(declared.results)
    by_run = {(one.model_spec.dimension, one.seed): one.scores for one in found}
    assert len(by_run) == len(found), "a run is there twice"
    return by_run


def test_a_run_again_makes_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = study(tmp_path)
    assert run(declared).done == 6
    monkeypatch.setattr(job, "run", lambda *_: pytest.fail("made again"))
    assert run(declared).done == 0
    assert status(declared).counts == {"done": 6, "running": 0, "failed": 0, "stale": 0, "to do": 0}


def test_results_are_those_of_xbench_run(tmp_path: Path) -> None:
    declared = study(tmp_path)
    run(declared)
    _, runs = checked(declared, machine(tmp_path))
    record = StudyFolder(declared.out).record(runs[0])
    assert record
    command = record.command.replace(str(declared.results), str(tmp_path / "own"))
    line = [sys.executable, "-m", *shlex.split(command), "--offline"]
    made = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    (own,) = read_results(tmp_path / "own")
    (ours,) = read_results(declared.out / record.result)
    assert (own.digest, own.scores) == (ours.digest, ours.scores)


def test_killed_at_twenty_moments_it_comes_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = study(tmp_path / "whole")
    run(whole)
    declared = study(tmp_path / "killed")
    rename = Path.replace
    for moment in range(MOMENTS):
        left = [moment % 5]  # files that are still written

        def replace(self: Path, target: Path, left: list[int] = left) -> Path:
            if not left[0]:
                raise Killed
            left[0] -= 1
            return rename(self, target)

        monkeypatch.setattr(Path, "replace", replace)
        with suppress(Killed):
            run(declared)
        monkeypatch.setattr(Path, "replace", rename)
    run(declared)
    assert scores(declared) == scores(whole)
    assert status(declared).counts["done"] == 6


def test_a_process_that_is_killed_leaves_a_study_that_goes_on(tmp_path: Path) -> None:
    path = write(tmp_path)
    line = [sys.executable, "-m", "xbench", "study", "run", str(path), "--out", str(tmp_path / "out"), "--offline"]
    environment = {**os.environ, "XBENCH_CACHE": str(tmp_path / "cache")}
    process = subprocess.Popen(line, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment)
    while process.poll() is None and not list((tmp_path / "out/runs").glob("[!.]*.json")):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    declared = study(tmp_path)
    assert "running" not in {one.state for one in status(declared).states}, "the lock of a dead process holds nobody"
    run(declared)
    assert len(scores(declared)) == 6


def test_two_shards_at_once_make_every_run_once(tmp_path: Path) -> None:
    path = write(tmp_path)
    line = [sys.executable, "-m", "xbench", "study", "run", str(path), "--out", str(tmp_path / "out"), "--offline"]
    environment = {**os.environ, "XBENCH_CACHE": str(tmp_path / "cache")}
    shards = [
        subprocess.Popen([*line, "--shard", part], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        for part in ("1/2", "2/2")
    ]
    said = [process.communicate() for process in shards]
    assert [process.returncode for process in shards] == [0, 0], said
    assert sorted(out for out, _ in said) == [b"3 runs made\n", b"3 runs made\n"]
    assert len(scores(study(tmp_path))) == 6


def test_two_whole_commands_at_once_share_the_runs(tmp_path: Path) -> None:
    declared = study(tmp_path)
    with ThreadPoolExecutor(2) as both:
        tallies = list(both.map(run, [declared, declared]))
    run(declared)
    assert sum(tally.done for tally in tallies) <= 6
    assert len(scores(declared)) == 6


def test_shards_share_the_encoders_out() -> None:
    groups = [[str(number)] for number in range(7)]
    parts = [Shard.of(f"{number}/3").of_groups(groups) for number in (1, 2, 3)]  # type: ignore[arg-type]
    assert sorted(str(group[0]) for part in parts for group in part) == [str(number) for number in range(7)]


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2"])
def test_a_shard_that_is_none_is_one_line(text: str) -> None:
    with pytest.raises(SpecError, match=r"--shard .*expected i/n"):
        Shard.of(text)


def test_one_failed_run_stops_no_other_and_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    declared, real = study(tmp_path), job.run

    def fails(request: job.Request, reporter: object) -> list[Path]:
        if request.settings["model.dimension"] == 8 and request.seeds == (1,):
            raise RuntimeError("the machine is\nout of memory")
        return real(request, reporter)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "run", fails)
    with pytest.raises(SpecError, match=r"1 run failed, the others are done: 8, seed 1, facts: RuntimeError"):
        run(declared)
    found = status(declared)
    assert found.counts == {"done": 5, "running": 0, "failed": 1, "stale": 0, "to do": 0}
    (failed,) = [one for one in found.states if one.state == "failed"]
    assert (failed.label, failed.why) == ("8, seed 1, facts", "RuntimeError: the machine is out of memory")
    findings = findings_of(declared, machine(tmp_path))
    assert findings.verdicts[0].test.seeds == (3, 2), "what is there is tested"
    monkeypatch.setattr(job, "run", real)
    assert run(declared).done == 1


def test_a_yaml_that_is_changed_halfway_mixes_nothing(tmp_path: Path) -> None:
    declared = study(tmp_path)
    run(declared, "1/2")
    changed = study(tmp_path, fixed={**content()["fixed"], "set": {"task.options.kinds": ["home-territory"]}})
    found = status(changed)
    assert found.counts["stale"] == 3 and found.counts["to do"] == 3
    assert "task.options.kinds was ['official-language'], is ['home-territory']" in found.states[0].why
    run(changed)
    assert status(changed).counts["done"] == 6
    findings = findings_of(changed, machine(tmp_path))
    kinds = {str(one.task_spec.plain()["options"]) for by in findings.evidence.results.values() for one in by.values()}
    assert len(kinds) == 1
    assert len(read_results(declared.results)) == 9, "what was made before stays"


def test_a_result_that_is_gone_is_stale_and_made_again(tmp_path: Path) -> None:
    declared = study(tmp_path)
    run(declared)
    read_results(declared.results)[0].path.unlink()
    assert status(declared).counts["stale"] == 1
    assert run(declared).done == 1


def test_a_damaged_record_costs_no_run(tmp_path: Path) -> None:
    declared = study(tmp_path)
    run(declared)
    before = scores(declared)
    for path in (declared.out / "runs").glob("[!.]*.json"):
        path.write_text("{")
    run(declared)
    assert scores(declared) == before
    assert {json.loads(path.read_text())["state"] for path in (declared.out / "runs").glob("[!.]*.json")} == {"done"}


def test_a_record_of_another_run_or_from_elsewhere_counts_for_nothing(tmp_path: Path) -> None:
    declared = study(tmp_path)
    run(declared)
    before = scores(declared)
    first, second, third, *_ = sorted((declared.out / "runs").glob("[!.]*.json"))
    swapped = first.read_bytes(), second.read_bytes()
    second.write_bytes(swapped[0])
    first.write_bytes(swapped[1])
    third.write_text(json.dumps(json.loads(third.read_text()) | {"result": "../chance.yaml"}))
    assert status(declared).counts["done"] == 3
    run(declared)
    assert status(declared).counts["done"] == 6 and scores(declared) == before


def test_a_result_without_its_arrays_is_stale_and_made_again(tmp_path: Path) -> None:
    declared = study(tmp_path)
    run(declared)
    read_results(declared.results)[0].path.with_suffix(".npz").unlink()
    assert status(declared).counts["stale"] == 1
    assert run(declared).done == 1
