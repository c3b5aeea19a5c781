"""What several processes promise: the batch and the training of one, one voice, and no process that waits for ever."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stage import Actor, Ended, play
from test_resumption import FILES, line
from tiny_models import tiny_bert
from tiny_training import course_of, tiny_corpus

import xbench.jobs.run
from xbench.data.download import Storage
from xbench.errors import XbenchError
from xbench.jobs.request import Request
from xbench.processes import ALONE, Processes, place_in_environment
from xbench.progress import Silent
from xbench.specs import Mix, Prompts, Training
from xbench.training.loader import TokenisedBatches


class Echo:
    def preprocess(self, texts: list[str]) -> dict[str, Any]:
        return {"input_ids": texts}


@pytest.mark.parametrize("kind", ["mono", "cross", "mixed"])
@pytest.mark.parametrize("count", [2, 4])
def test_the_shares_of_the_processes_are_the_batch_row_by_row(kind: str, count: int) -> None:
    settings, corpus = Training(batch_size=8, steps=3, prompts=Prompts()), tiny_corpus()
    stream = course_of(Echo(), corpus, settings, mix=Mix(**{kind: 1.0})).streams.train
    for step in range(3):
        whole = TokenisedBatches(Echo(), corpus, stream, settings)[step]
        shares = [
            TokenisedBatches(Echo(), corpus, stream, settings, 0, Processes(index, count))[step]
            for index in range(count)
        ]
        for side in ("query_input_ids", "document_input_ids"):
            assert [shares[row % count][side][row // count] for row in range(8)] == whole[side]
            assert sum(len(share[side]) for share in shares) == 8


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


def pair(folder: Path, name: str, *lines: list[str], **changes: Any) -> list[Actor]:
    """Two processes as torchrun starts them; `strike0`, `at0`, ... strike one of them."""
    common = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port()}
    common["XBENCH_CACHE"] = str(folder / name / "cache")
    return [
        Actor(
            lines[min(index, len(lines) - 1)],
            changes.get(f"strike{index}", 0),
            changes.get(f"at{index}", 0),
            environment={**common, "RANK": str(index), "LOCAL_RANK": str(index)},
        )
        for index in range(2)
    ]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("processes")
    for name, content in FILES.items():
        (folder / name).write_text(content)
    config = tiny_bert(folder / "bert") / "config.json"
    still = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    config.write_text(json.dumps({**json.loads(config.read_text()), **still}))
    cached = ["--set", "mini_batch_size=3", "--set", "validation={share: 0.1, every: 3}"]
    lines = {
        "static": line("static/out", "m.yaml"),
        "parted": line("parted/out", "bert", "--set", "batch_size=32"),  # two parts of like length in a process
        "bert": line("bert-out/out", "bert"),
        "cached": line("cached/out", "bert", *cached),
    }
    scenes: dict[str, list[Actor]] = {}
    for name, typed in lines.items():
        alone = {"XBENCH_CACHE": str(folder / f"{name}-alone" / "cache")}
        scenes[f"{name}-alone"] = [Actor([*typed, "--out", f"{name}-alone/out"], environment=alone)]
        scenes[name] = pair(folder, name, typed)
    uneven = line("uneven/out", "m.yaml", "--set", "batch_size=15")
    scenes["uneven"] = pair(folder, "uneven", uneven)
    mistaken = [word if word != "c.yaml" else "nope.yaml" for word in line("fault/out", "m.yaml")]
    (folder / "broken").mkdir()
    (folder / "broken" / "config.json").write_text('{"model_type": "bert"}')
    lacking = line("lacking/out", "broken", "--model", "none.yaml", "--model", "m.yaml")
    scenes["lacking"] = pair(folder, "lacking", lacking)
    scenes["fault"] = pair(folder, "fault", line("fault/out", "m.yaml"), mistaken)
    scenes["killed"] = pair(folder, "killed", line("killed/out", "m.yaml"), strike1=signal.SIGKILL, at1=4)
    scenes["asked"] = pair(folder, "asked", line("asked/out", "m.yaml"), strike1=signal.SIGTERM, at1=5)
    scenes["again"] = pair(folder, "asked", line("asked/out", "m.yaml"))
    return {"folder": folder, **dict(zip(scenes, play(folder, list(scenes.values())), strict=True))}


def trained(folder: Path) -> tuple[dict[str, Any], np.ndarray[Any, Any]]:
    """The training record and the weights of the encoder in a cache."""
    from safetensors.numpy import load_file

    (kept,) = (folder / "cache" / "encoders").glob("*-r-*")
    (weights,) = kept.rglob("*.safetensors")
    arrays = load_file(weights)
    record = json.loads((kept / "xbench.json").read_text())["training"]
    return record, np.concatenate([arrays[name].ravel() for name in sorted(arrays)])


@pytest.mark.parametrize("name", ["static", "bert", "parted", "cached"])
def test_two_processes_have_the_loss_curve_and_the_weights_of_one(played: dict[str, Any], name: str) -> None:
    assert [ended.code for ended in (*played[f"{name}-alone"], *played[name])] == [0, 0, 0], played[name][0].err
    one, alone = trained(played["folder"] / f"{name}-alone")
    two, weights = trained(played["folder"] / name)
    assert (one["processes"], two["processes"]) == (1, 2)
    assert one["batches_sha256"] == two["batches_sha256"]
    np.testing.assert_allclose(np.array(one["loss"]), np.array(two["loss"]), atol=1.01e-4)  # both are rounded
    assert one["loss"][0][1] > one["loss"][-1][1]
    assert np.abs(weights - alone).max() < 2e-3 * np.abs(alone).max()
    if name == "cached":
        np.testing.assert_allclose(one["validation"]["loss"], two["validation"]["loss"], atol=1.01e-4)


LAUNCHERS = {
    "torchrun": ["torch.distributed.run", "--nproc-per-node", "2", "--master-port"],
    "accelerate": [
        *("accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--num_machines", "1"),
        *("--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port"),
    ],
}


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_the_launchers_start_what_the_tests_start(played: dict[str, Any], launcher: str) -> None:
    """Gloo processes where there is no device, with the weights of the two processes above."""
    folder = played["folder"]
    started = [sys.executable, "-m", *LAUNCHERS[launcher], free_port(), "-m", "xbench"]
    typed = [*started, *line(f"{launcher}/out", "m.yaml")]
    environment = {**os.environ, "XBENCH_CACHE": str(folder / launcher / "cache"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(typed, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    record, weights = trained(folder / launcher)
    assert record["processes"] == 2
    assert np.array_equal(weights, trained(folder / "static")[1])


def test_the_first_process_speaks_and_the_other_is_silent(played: dict[str, Any]) -> None:
    first, other = played["static"]
    assert first.out.splitlines()[-1].startswith("static/out/t/m/r/")
    assert (other.out, other.err) == ("", "")


def test_only_the_first_process_tries_the_folder_of_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is made and taken away again to see that it can be is missed by whoever writes beside it."""
    tried: list[Path] = []
    monkeypatch.setattr(xbench.jobs.run, "require_folder", tried.append)
    monkeypatch.setattr(xbench.jobs.run, "carry_out", lambda job, plan, collections, filed: None)
    for index in (1, 0):
        storage = Storage(cache=tmp_path / "cache")
        out = tmp_path / f"out-{index}"
        xbench.jobs.run.run(
            Request(("random",), tasks=("facts",), storage=storage, out=out, processes=Processes(index, 1)), Silent()
        )
    assert tried == [tmp_path / "out-0"]


def spoken(ended: list[Ended]) -> list[str]:
    return [said for one in ended for said in one.err.splitlines() if said.startswith(("xbench: ", "process "))]


def test_a_batch_that_does_not_divide_is_one_line(played: dict[str, Any]) -> None:
    assert [ended.code for ended in played["uneven"]] == [2, 2]
    expected = "xbench: batch_size 15 does not divide over 2 processes; set batch_size=14 or 16"
    assert spoken(played["uneven"]) == [expected]


def test_what_one_process_alone_finds_wrong_ends_both_with_one_line(played: dict[str, Any]) -> None:
    assert [ended.code for ended in played["fault"]] == [2, 2]
    assert spoken(played["fault"]) == ["xbench: process 1: corpus nope.yaml: no such file"]


def test_both_leave_out_what_is_not_there_or_cannot_be_loaded_and_train_the_rest(played: dict[str, Any]) -> None:
    first, other = played["lacking"]
    assert (first.code, other.code, other.err) == (2, 2, ""), first.err
    (last,) = spoken([first])
    assert last.startswith("xbench: left out, the others are done: model none.yaml: no such file; model broken: ")
    said = first.err.splitlines()
    assert said[0] == "left out: model none.yaml: no such file"
    assert [text for text in said if text.startswith("left out: model broken: cannot load")]
    assert first.out.splitlines()[-1].startswith("lacking/out/t/m/r/")
    assert np.array_equal(trained(played["folder"] / "lacking")[1], trained(played["folder"] / "static")[1])


def test_a_process_that_dies_does_not_leave_the_other_waiting(played: dict[str, Any]) -> None:
    first, other = played["killed"]
    assert (first.code, other.code) == (1, -signal.SIGKILL)
    assert spoken([first]) == ["xbench: another process of this command has ended; its own message says why"]


def test_a_warning_to_one_process_ends_both_at_the_same_step_and_both_go_on(played: dict[str, Any]) -> None:
    assert [ended.code for ended in played["asked"]] == [143, 143]
    assert spoken(played["asked"]) == [
        "xbench: asked to end; the checkpoint of step 5 is kept; the same command goes on from there"
    ]
    assert [ended.code for ended in played["again"]] == [0, 0]
    assert "going on from step 5" in played["again"][0].err
    again, whole = (trained(played["folder"] / name)[1] for name in ("asked", "static"))
    assert np.array_equal(again, whole)


def test_alone_is_a_crew_of_one() -> None:
    with ALONE.together(), ALONE.leader_first():
        assert (ALONE.gather(3), ALONE.leaders(3), ALONE.any(True)) == ([3], 3, True)
    with pytest.raises(XbenchError, match=r"^x$"), ALONE.together():
        raise XbenchError("x")


def test_a_place_that_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "first")
    with pytest.raises(XbenchError, match="RANK=first WORLD_SIZE=None: expected numbers, as torchrun sets them"):
        place_in_environment()
