"""What resumption promises: a killed training ends with the same weights, and nothing bad is ever gone on from."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from stage import Actor, play
from tiny_models import tiny_bert
from tiny_training import course_of, tiny_corpus, tiny_static

from xbench.errors import EncoderError, TrainingError
from xbench.files import folder_digest
from xbench.jobs import card
from xbench.progress import Silent
from xbench.specs import Adapter, Prompts, Training, Validation
from xbench.training import checkpoints
from xbench.training.checkpoints import Checkpoints
from xbench.training.parameters import copy_weights
from xbench.training.trainer import Surroundings, train

FILES = {
    "t.yaml": "name: t\nlanguages: [en, de]\nformat: facts\noptions: {kinds: [official-language]}\n",
    "c.yaml": "name: c\nlanguages: [en, de]\nformat: facts\nkinds: [currency, first-day]\n",
    "r.yaml": "name: r\nmix: {mono: 0.5, cross: 0.5}\n"
    "training: {steps: 12, batch_size: 16, checkpoint_every: 3, learning_rate: 0.01}\n",
    "m.yaml": "name: m\nformat: static\ndimension: 8\nvocabulary: 400\n",
}
LINE = ["run", "--recipe", "r.yaml", "--corpus", "c.yaml", "--task", "t.yaml"]
ALL = ["--set", "validation={share: 0.1, every: 2, patience: 5}", "--set", "mini_batch_size=5"]
WHOLE: dict[str, tuple[str, list[str]]] = {"static": ("m.yaml", []), "bert": ("bert", []), "all": ("bert", ALL)}
KILLED = {  # name: what, at the start of or within the checkpoint of which step, and the step that it goes on from
    "static-1": ("static", 1, "step", 0),
    "static-6": ("static", 6, "step", 3),
    "static-in-9": ("static", 9, "checkpoint", 6),
    "bert-5": ("bert", 5, "step", 3),
    "all-12": ("all", 12, "step", 9),
}


def line(name: str, model: str, *more: str) -> list[str]:
    return [*LINE, "--model", model, "--out", name, *more]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Each training whole, then killed at several moments and taken up again; in a cache of its own."""
    folder = tmp_path_factory.mktemp("resumption")
    for name, content in FILES.items():
        (folder / name).write_text(content)
    tiny_bert(folder / "bert")
    scenes = [
        [Actor(line(f"{name}/out", model, *more), environment=cache(folder, name))]
        for name, (model, more) in WHOLE.items()
    ]
    for name, (which, at, during, _) in KILLED.items():
        model, more = WHOLE[which]
        killed = Actor(line(f"{name}/out", model, *more), signal.SIGKILL, at, during, cache(folder, name))
        scenes += [[killed], [Actor(killed.line, environment=killed.environment)]]
    asked = Actor(line("asked/out", "m.yaml"), signal.SIGTERM, 5, "step", cache(folder, "asked"))
    scenes += [[asked], [Actor(asked.line, environment=asked.environment)]]
    ended = [scene[0] for scene in play(folder, scenes)]
    assert [one.code for one in ended[: len(WHOLE)]] == [0] * len(WHOLE), ended[0].err
    pairs = zip(ended[len(WHOLE) :: 2], ended[len(WHOLE) + 1 :: 2], strict=True)
    return {**dict(zip([*KILLED, "asked"], pairs, strict=True)), "folder": folder}


def cache(folder: Path, name: str) -> dict[str, str]:
    return {"XBENCH_CACHE": str(folder / name / "cache")}


def encoder(cache: Path) -> Path:
    (folder,) = (cache / "encoders").glob("*-r-*")
    return folder


@pytest.mark.parametrize("name", KILLED)
def test_killed_at_any_step_the_same_command_ends_with_the_same_weights(played: dict[str, Any], name: str) -> None:
    killed, again = played[name]
    which, _, _, goes_on_from = KILLED[name]
    assert (killed.code, again.code) == (-signal.SIGKILL, 0), killed.err + again.err
    assert ("going on from" in again.err) == bool(goes_on_from)
    assert f"going on from step {goes_on_from}" in again.err or not goes_on_from
    folders = [encoder(played["folder"] / one / "cache") for one in (which, name)]
    assert folder_digest(folders[0]) == folder_digest(folders[1])
    records = [json.loads((folder / "xbench.json").read_text())["training"] for folder in folders]
    for record in records:
        del record["seconds"]
    assert [record.pop("resumed") for record in records] == [None, goes_on_from or None]
    assert records[0] == records[1]  # losses too, and what was measured on the held-out part


def test_a_bert_in_these_tests_drops_units(played: dict[str, Any]) -> None:
    config = json.loads((played["folder"] / "bert" / "config.json").read_text())
    assert config["hidden_dropout_prob"] == config["attention_probs_dropout_prob"] == 0.1


def test_checkpoints_are_gone_once_the_encoder_is_kept(played: dict[str, Any]) -> None:
    for name in (*WHOLE, *KILLED):
        assert not [*(played["folder"] / name / "cache").glob("checkpoints/*")]


def test_sigterm_writes_a_checkpoint_and_has_its_own_exit_code(played: dict[str, Any]) -> None:
    asked, again = played["asked"]
    assert asked.code == 143
    last = asked.err.splitlines()[-1]
    assert last == "xbench: asked to end; the checkpoint of step 5 is kept; the same command goes on from there"
    assert again.code == 0
    assert "going on from step 5" in again.err
    folder = encoder(played["folder"] / "asked" / "cache")
    assert folder_digest(folder) == folder_digest(encoder(played["folder"] / "static" / "cache"))


# --- in this process ---------------------------------------------------------------------------------------------


class Struck(Exception):
    pass


def settings(**changes: Any) -> Training:
    prompts = Prompts()
    return Training(
        **{"batch_size": 8, "steps": 10, "learning_rate": 0.1, "checkpoint_every": 2, "prompts": prompts} | changes
    )


def surroundings(folder: Path, made_from: str = "a" * 64, said: list[str] | None = None) -> Surroundings:
    class Told(Silent):
        def say(self, text: str) -> None:
            if said is not None:
                said.append(text)

    return Surroundings(Told(), checkpoints=Checkpoints(folder / "x", made_from, 0))


def strike(folder: Path, monkeypatch: pytest.MonkeyPatch, at: int, **changes: Any) -> None:
    """Train until the start of step `at`."""
    from xbench.training import library

    step = library.RecipeTrainer.training_step

    def training_step(self: Any, *given: Any, **named: Any) -> Any:
        if self.state.global_step + 1 == at:
            raise Struck
        return step(self, *given, **named)

    with monkeypatch.context() as patched, pytest.raises(Struck):
        patched.setattr(library.RecipeTrainer, "training_step", training_step)
        train(course_of(tiny_static(), tiny_corpus(), settings(**changes)), surroundings(folder))


def weights(**changes: Any) -> torch.Tensor:
    model = tiny_static()
    train(course_of(model, tiny_corpus(), settings(**changes)), Surroundings())
    return torch.cat([one.flatten() for one in copy_weights(model).values()])


def go_on(folder: Path, said: list[str] | None = None, **changes: Any) -> torch.Tensor:
    model = tiny_static()
    train(course_of(model, tiny_corpus(), settings(**changes)), surroundings(folder, said=said))
    return torch.cat([one.flatten() for one in copy_weights(model).values()])


def steps(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "x").iterdir())


def test_the_two_newest_checkpoints_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strike(tmp_path, monkeypatch, 8)
    assert steps(tmp_path) == ["step-00000004", "step-00000006"]


def test_a_checkpoint_after_the_last_step_ends_at_once_with_the_same_weights(tmp_path: Path) -> None:
    from xbench.processes import Terminated
    from xbench.training import library

    step = library.RecipeTrainer.training_step

    def training_step(self: Any, *given: Any, **named: Any) -> Any:
        if self.state.global_step + 1 == 10:
            os.kill(os.getpid(), signal.SIGTERM)
        return step(self, *given, **named)

    with pytest.MonkeyPatch.context() as patched, pytest.raises(Terminated, match="step 10 is kept"):
        patched.setattr(library.RecipeTrainer, "training_step", training_step)
        go_on(tmp_path)
    assert torch.equal(go_on(tmp_path), weights())


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant"])
def test_every_schedule_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, schedule: str) -> None:
    strike(tmp_path, monkeypatch, 8, schedule=schedule)
    assert torch.equal(go_on(tmp_path, schedule=schedule), weights(schedule=schedule))


def test_adapters_go_on_where_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With dropout in the model and in the adapters; only what is trained is in the checkpoint."""
    from sentence_transformers import SentenceTransformer

    from xbench.training import library

    bert = tiny_bert(tmp_path / "bert")
    chosen = settings(adapter=Adapter(rank=2, dropout=0.2))

    def end(around: Surroundings) -> torch.Tensor:
        model = SentenceTransformer(str(bert), device="cpu")
        train(course_of(model, tiny_corpus(), chosen), around)
        return torch.cat([one.flatten() for one in copy_weights(model).values()])

    step = library.RecipeTrainer.training_step

    def training_step(self: Any, *given: Any, **named: Any) -> Any:
        if self.state.global_step + 1 == 8:
            raise Struck
        return step(self, *given, **named)

    with monkeypatch.context() as patched, pytest.raises(Struck):
        patched.setattr(library.RecipeTrainer, "training_step", training_step)
        end(surroundings(tmp_path))
    found = Checkpoints(tmp_path / "x", "a" * 64, 0).folder / "step-00000006" / "state.pt"
    kept_weights = torch.load(found, weights_only=True)["weights"]
    assert all("lora" in name for name in kept_weights if not name.endswith(("position_ids", "token_type_ids")))
    assert torch.equal(end(surroundings(tmp_path)), end(Surroundings()))


def test_sigterm_outside_training_ends_at_once_and_inside_at_a_moment_of_its_choice() -> None:
    from xbench.processes import Terminated, deferred, end_in_order

    before = signal.getsignal(signal.SIGTERM)
    end_in_order()
    try:
        with pytest.raises(Terminated, match="finished results are kept"):
            os.kill(os.getpid(), signal.SIGTERM)
        reached = False
        with pytest.raises(Terminated), deferred() as asked:  # not answered, it takes effect after the block
            os.kill(os.getpid(), signal.SIGTERM)
            reached = asked()
        assert reached
    finally:
        signal.signal(signal.SIGTERM, before)


def test_how_often_checkpoints_are_written_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strike(tmp_path, monkeypatch, 8)
    assert torch.equal(go_on(tmp_path, checkpoint_every=3), weights(checkpoint_every=0))
    assert settings().identity() == settings(checkpoint_every=3).identity()


def damage(folder: Path, name: str, how: str) -> None:
    path = folder / "x" / name
    if how == "flipped":
        content = bytearray((path / "state.pt").read_bytes())
        content[len(content) // 2] ^= 1
        (path / "state.pt").write_bytes(content)
    elif how == "cut":
        (path / "state.pt").write_bytes((path / "state.pt").read_bytes()[:-100])
    elif how == "no state":
        (path / "state.pt").unlink()
    elif how == "no record":
        (path / "record.json").unlink()
    else:
        (path / "record.json").write_text("{")


@pytest.mark.parametrize("how", ["flipped", "cut", "no state", "no record", "half a record"])
def test_a_damaged_checkpoint_is_named_and_the_one_before_it_gone_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    strike(tmp_path, monkeypatch, 8)
    damage(tmp_path, "step-00000006", how)
    said: list[str] = []
    assert torch.equal(go_on(tmp_path, said), weights())
    assert "step-00000006" in said[0]
    assert said[0].endswith("going on from step-00000004")


def test_without_a_good_checkpoint_nothing_starts_over_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strike(tmp_path, monkeypatch, 8)
    for name in steps(tmp_path):
        damage(tmp_path, name, "flipped")
    with pytest.raises(TrainingError, match=r"step-00000006: damaged .*; delete .*x to train from the start"):
        go_on(tmp_path)
    shutil.rmtree(tmp_path / "x")
    assert torch.equal(go_on(tmp_path), weights())


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strike(tmp_path, monkeypatch, 8)
    course = course_of(tiny_static(), tiny_corpus(), settings())
    with pytest.raises(TrainingError, match="is of another training \\(made_from: found 'aaaaaaaaaaaaaaaa'"):
        train(course, surroundings(tmp_path, "b" * 64))
    other = course_of(tiny_static(), tiny_corpus(units=41), settings())
    with pytest.raises(TrainingError, match="draws other batches \\(batches_sha256"):
        train(other, surroundings(tmp_path))


def test_nothing_in_a_checkpoint_can_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where someone has put the digest of a tampered state into the record."""
    strike(tmp_path, monkeypatch, 4)
    place = tmp_path / "x" / "step-00000002"
    torch.save({"weights": Path("x")}, place / "state.pt")
    record = json.loads((place / "record.json").read_text())
    record["sha256"] = checkpoints._digests(place)
    (place / "record.json").write_text(json.dumps(record))
    with pytest.raises(Exception, match=r"weights_only|Unsupported"):
        go_on(tmp_path)


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("unexpected pos 64")])
def test_a_full_disk_is_one_line_and_the_checkpoint_before_it_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    strike(tmp_path, monkeypatch, 6)
    save = torch.save

    def full(state: Any, stream: Any) -> None:
        stream.write(b"half")
        raise fault

    monkeypatch.setattr(torch, "save", full)
    reason = "No space left on device" if isinstance(fault, OSError) else "unexpected pos 64"
    with pytest.raises(TrainingError, match=f"checkpoint of step 6 in .*: {reason}; that of step 4 is kept; make room"):
        go_on(tmp_path)
    assert steps(tmp_path) == ["step-00000002", "step-00000004"]
    monkeypatch.setattr(torch, "save", save)
    assert torch.equal(go_on(tmp_path), weights())


def test_a_full_disk_while_the_encoder_is_written_leaves_none(tmp_path: Path) -> None:
    from safetensors import SafetensorError

    for fault in (OSError(errno.ENOSPC, "No space left on device"), SafetensorError("I/O error: No space left")):

        class Full:
            def save_pretrained(self, folder: str, fault: Exception = fault, **_: Any) -> None:
                (Path(folder) / "half").write_text("x")
                raise fault

        with pytest.raises(EncoderError, match=r"cannot write .*No space left"):
            card.keep(Full(), tmp_path / "encoder", {})
        assert not list(tmp_path.iterdir())


def test_a_loss_that_is_not_finite_names_its_step_and_the_last_good_checkpoint_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xbench.training import library

    step = library.RecipeTrainer.training_step

    def training_step(self: Any, *given: Any, **named: Any) -> Any:
        if self.state.global_step + 1 == 7:
            with torch.no_grad():
                next(self.model.parameters()).fill_(float("nan"))
        return step(self, *given, **named)

    monkeypatch.setattr(library.RecipeTrainer, "training_step", training_step)
    with pytest.raises(TrainingError, match="the loss is nan at step 7; the checkpoint of step 6 is kept: lower"):
        go_on(tmp_path, steps=200)
    assert steps(tmp_path) == ["step-00000004", "step-00000006"]


def test_the_best_weights_of_the_held_out_part_survive_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"validation": Validation(share=0.2, every=1, patience=9), "learning_rate": 3.0, "warmup": 0.0}
    strike(tmp_path, monkeypatch, 8, **held)
    assert torch.equal(go_on(tmp_path, **held), weights(**held))
