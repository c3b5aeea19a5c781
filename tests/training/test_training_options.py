"""What the training options promise: adapters, checkpointed activations, a held-out part, schedules, trackers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from test_bad_input import Desk, desk  # noqa: F401  a fixture
from tiny_models import tiny_bert
from tiny_training import course_of, sides_of, tiny_corpus, tiny_static

from xbench.errors import TrainingError
from xbench.jobs import plan
from xbench.processes import ALONE
from xbench.specs import Adapter, Prompts, Training, Validation
from xbench.training.adapters import finish, prepare
from xbench.training.loader import TokenisedBatches
from xbench.training.loss import make_loss
from xbench.training.losses import Best
from xbench.training.parameters import copy_weights, sizes
from xbench.training.streams import held_out, without
from xbench.training.trainer import Surroundings, train
from xbench.training.validation import Validator


def settings(**changes: Any) -> Training:
    return Training(**{"batch_size": 6, "steps": 6, "learning_rate": 0.01, "prompts": Prompts(), **changes})


@pytest.fixture
def bert(tmp_path: Path) -> Any:
    """A tiny transformer with its dropout off."""
    from sentence_transformers import SentenceTransformer

    folder = tiny_bert(tmp_path / "bert")
    config = json.loads((folder / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (folder / "config.json").write_text(json.dumps(config))
    return SentenceTransformer(str(folder), device="cpu")


def flat(model: Any) -> torch.Tensor:
    return torch.cat([weights.flatten() for weights in copy_weights(model).values()])


# --- adapters and activations ------------------------------------------------------------------------------------


def test_lora_trains_few_weights_and_leaves_an_ordinary_model(
    bert: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: weights.clone() for name, weights in bert.state_dict().items()}
    chosen = settings(adapter=Adapter(rank=2, layers=("query", "value")))
    record = train(course_of(bert, tiny_corpus(), chosen), Surroundings())
    assert record["parameters"]["trained"] == 2 * 2 * 2 * (16 + 16)  # layers x (query, value) x rank x (in + out)
    after = bert.state_dict()
    assert before.keys() == after.keys()
    changed = {name for name in after if not torch.equal(before[name], after[name])}
    assert changed == {name for name in after if name.endswith(("query.weight", "value.weight"))}
    bert.save_pretrained(str(tmp_path / "kept"), create_model_card=False)
    from sentence_transformers import SentenceTransformer

    monkeypatch.setitem(sys.modules, "peft", None)  # importing it would fail
    again = SentenceTransformer(str(tmp_path / "kept"), device="cpu")
    np.testing.assert_allclose(again.encode("the money"), bert.encode("the money"), rtol=1e-5, atol=1e-6)
    assert not list((tmp_path / "kept").rglob("*adapter*"))


def test_a_merged_adapter_is_the_low_rank_product(bert: Any) -> None:
    """W + alpha / rank * B A, by hand."""
    from peft.tuners.lora import Linear

    prepare(bert, settings(adapter=Adapter(rank=3, alpha=6.0, layers=("query",))))
    layers = {name: module for name, module in bert.named_modules() if isinstance(module, Linear)}
    assert len(layers) == 2
    draw = torch.Generator().manual_seed(0)
    expected = {}
    for name, layer in layers.items():
        up, down = layer.lora_B["default"].weight, layer.lora_A["default"].weight
        up.data.copy_(torch.randn(up.shape, generator=draw))
        expected[name] = layer.base_layer.weight + 6.0 / 3 * up @ down
    finish(bert, settings(adapter=Adapter(rank=3)))
    found = {name.replace(".base_model.model", ""): weights for name, weights in expected.items()}
    for name, weights in found.items():
        torch.testing.assert_close(bert.get_submodule(name).weight, weights)


def test_adapters_and_layers_that_a_model_lacks_are_named(bert: Any) -> None:
    with pytest.raises(TrainingError, match=r"adapter\.layers: found qery: .*[Tt]arget modules"):
        train(course_of(bert, tiny_corpus(), settings(adapter=Adapter(layers=("qery",)))), Surroundings())
    for changes in ({"adapter": Adapter()}, {"gradient_checkpointing": True}):
        with pytest.raises(TrainingError, match="this model"):
            train(course_of(tiny_static(), tiny_corpus(), settings(**changes)), Surroundings())


def test_lora_without_peft_says_what_to_install(bert: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(TrainingError, match=r"adapter: LoRA needs the package peft; install xbench\[lora\]"):
        train(course_of(bert, tiny_corpus(), settings(adapter=Adapter())), Surroundings())


def test_computing_activations_again_changes_no_weight(bert: Any) -> None:
    start = {name: weights.clone() for name, weights in bert.state_dict().items()}
    found = []
    for again in (False, True):
        bert.load_state_dict(start)
        train(course_of(bert, tiny_corpus(), settings(gradient_checkpointing=again)), Surroundings())
        assert not bert.transformers_model.is_gradient_checkpointing
        found.append(flat(bert))
    assert torch.equal(*found)
    assert sizes(bert)["all"] == sizes(bert)["trained"]


@pytest.mark.parametrize(("precision", "expected"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_bf16_multiplies_in_bf16_and_keeps_the_weights_in_fp32(bert: Any, precision: str, expected: Any) -> None:
    seen: set[Any] = set()
    layer = bert.transformers_model.encoder.layer[0].output.dense
    layer.register_forward_hook(lambda *part: seen.add(part[2].dtype))
    course = course_of(bert, tiny_corpus(), settings(precision=precision))
    item = TokenisedBatches(bert, course.corpus, course.streams.train, course.settings)[0]
    first = float(make_loss(bert, course.settings, ALONE)(sides_of(item), item["label"]).detach())
    seen.clear()
    record = train(course, Surroundings())
    assert seen == {expected}
    assert {weights.dtype for weights in bert.parameters()} == {torch.float32}
    assert record["loss"][0][1] == pytest.approx(first, rel=0.01)


# --- the optimiser, by an independent loop -----------------------------------------------------------------------


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant"])
@pytest.mark.parametrize("norm", [0.0, 0.05])
def test_training_is_adamw_on_the_streams_batches(schedule: str, norm: float) -> None:
    """A bare loop with the schedule written out ends with the same weights."""
    chosen = settings(schedule=schedule, warmup=0.34, max_gradient_norm=norm, steps=6, weight_decay=0.1)
    model, bare = tiny_static(), tiny_static()
    course = course_of(model, tiny_corpus(), chosen, seed=2)
    train(course, Surroundings())
    items = TokenisedBatches(bare, course.corpus, course.streams.train, chosen, 2)
    weights = next(bare.parameters())
    optimiser = torch.optim.AdamW([weights], lr=0.01, weight_decay=0.1)
    rising = round(0.34 * 6)
    for step in range(6):
        done = (step - rising) / (6 - rising)
        falling = {"linear": 1 - done, "cosine": 0.5 * (1 + np.cos(np.pi * done)), "constant": 1.0}[schedule]
        optimiser.param_groups[0]["lr"] = 0.01 * (step / rising if step < rising else falling)
        vectors = []
        for side in ("query", "document"):
            ids, starts = (items[step][f"{side}_{key}"] for key in ("input_ids", "offsets"))
            vectors.append(torch.nn.functional.embedding_bag(ids, weights, starts))
        scores = torch.nn.functional.cosine_similarity(vectors[0][:, None], vectors[1][None], dim=-1)
        loss = torch.nn.functional.cross_entropy(20.0 * scores, torch.arange(6))
        optimiser.zero_grad()
        loss.backward()
        if norm:
            torch.nn.utils.clip_grad_norm_([weights], norm)
        optimiser.step()
    torch.testing.assert_close(next(model.parameters()), weights, rtol=1e-4, atol=1e-6)


# --- the held-out part -------------------------------------------------------------------------------------------


def test_held_out_groups_are_never_trained_on_and_the_same_for_every_seed() -> None:
    corpus, chosen = tiny_corpus(units=60), settings(validation=Validation(share=0.2))
    corpus.group[:] //= 2
    away = held_out(corpus.group, 0.2)
    assert away.sum() == 12
    assert {bool(away[2 * pair]) for pair in range(30)} == {True, False}
    assert all(away[2 * pair] == away[2 * pair + 1] for pair in range(30))
    for seed in range(3):
        streams = course_of(tiny_static(), corpus, chosen, seed).streams
        assert (streams.units, streams.held_out_units) == (48, 12)
        assert streams.held_out is not None
        trained = {unit for step in range(30) for unit in streams.train[step].units.tolist()}
        measured = {unit for step in range(20) for unit in streams.held_out[step].units.tolist()}
        assert not trained & set(np.flatnonzero(away))
        assert measured <= set(np.flatnonzero(away).tolist())


def test_the_measured_loss_is_that_of_the_held_out_batches() -> None:
    from concurrent.futures import ThreadPoolExecutor

    model, chosen = tiny_static(), settings(validation=Validation(share=0.3))
    course = course_of(model, tiny_corpus(), chosen)
    found = Validator(model, course.corpus, course.streams, chosen, ThreadPoolExecutor(1)).loss()
    assert course.streams.held_out is not None
    items = TokenisedBatches(model, course.corpus, course.streams.held_out, settings(steps=4), 0)
    losses = []
    for step in range(4):
        item = items[step]
        losses.append(float(make_loss(model, settings(), ALONE)(sides_of(item), item["label"]).detach()))
    assert found == pytest.approx(np.mean(losses), rel=1e-6)


def test_the_weights_of_the_best_measurement_are_kept_and_training_stops_early() -> None:
    chosen = settings(steps=60, learning_rate=3.0, warmup=0.0, validation=Validation(share=0.3, every=2, patience=3))
    model = tiny_static()
    course = course_of(model, tiny_corpus(), chosen)
    record = train(course, Surroundings())
    measured = dict(map(tuple, record["validation"]["loss"]))
    best = min(measured, key=measured.__getitem__)
    assert record["validation"]["best"] == best
    assert record["steps"] == best + 6 < 60
    from concurrent.futures import ThreadPoolExecutor

    again = Validator(model, course.corpus, course.streams, chosen, ThreadPoolExecutor(1)).loss()
    assert again == pytest.approx(measured[best], abs=1e-4)


def test_patience_counts_measurements_since_the_best() -> None:
    best, model = Best(patience=2), tiny_static()
    stale = []
    for step, loss in enumerate([3.0, 2.0, 2.5, 1.0, 1.0, 1.5], 1):
        best.look(step, loss, model)
        stale.append(best.is_stale)
    assert (best.step, stale) == (4, [False, False, False, False, False, True])
    with pytest.raises(TrainingError, match="the loss on the held-out part is nan at step 7"):
        best.look(7, float("nan"), model)


def test_a_share_that_leaves_nothing_on_one_side_is_named() -> None:
    with pytest.raises(TrainingError, match=r"validation.share 0.99 of 40 groups of units leaves nothing to train on"):
        course_of(tiny_static(), tiny_corpus(), settings(validation=Validation(share=0.99)))
    small = tiny_corpus()
    apart = without(small, np.arange(40) >= 2)  # two units, one language each
    apart.query[0, 0] = apart.passage[0, 0] = apart.query[1, 1] = apart.passage[1, 1] = -1
    with pytest.raises(TrainingError):
        course_of(tiny_static(), apart, settings(validation=Validation(share=0.5)))


# --- the command line --------------------------------------------------------------------------------------------

TRAIN = "run --model m.yaml --recipe r.yaml --corpus c.yaml --task t.yaml --out out"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("--seeds 3 --seed 1", "--seeds 3 is seeds 0 to 2, --seed names single ones; give one of the two"),
        ("--seeds 0", "'--seeds': 0 is not in the range"),
        ("--track tensorbord", "xbench: track tensorbord: unknown tracker; did you mean 'tensorboard'?"),
        ("--set in_batch_negatives=false", "model m, recipe r: expected hard_negatives of at least 1"),
        ("--set hard_negatives=2", "hard_negatives: the corpus has none"),
        ("--set adapter.rank=0", "--set adapter.rank: found 0"),
        ("--set adapter.rnk=4", "--set adapter.rnk: unknown setting"),
        ("--set adapter=4 --set adapter.rank=4", "--set adapter.rank: adapter is set as a whole too; keep one"),
        ("--set 'validation={share: 2}'", "--set validation.share: found 2"),
        ("--set 'validation={share: 0.0001}'", "validation.share 0.0001 of 395 groups of units is fewer than two"),
        ("--set 'adapter={}'", "adapter: this model has no transformer to add one to"),
    ],
)
def test_a_wrong_option_is_one_line(desk: Desk, more: str, says: str) -> None:  # noqa: F811
    desk.refused(f"{TRAIN} {more}", says)


def test_a_tracker_that_is_not_installed_is_one_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(plan, "find_spec", lambda _: None)
    desk.refused(f"{TRAIN} --track wandb", "xbench: track wandb: the package wandb is not installed; pip install wandb")
    desk.refused(
        "run --model random --task t.yaml --out out --track wandb", "xbench: track wandb: no run trains; name a recipe"
    )


def test_tensorboard_has_the_losses(desk: Desk) -> None:  # noqa: F811
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    ended = desk.type(f"{TRAIN} --track tensorboard --set 'validation={{share: 0.2, every: 1}}'")
    assert ended.code == 0, ended.err
    (folder,) = (desk.folder / "out" / "tracks").iterdir()
    seen = EventAccumulator(str(folder)).Reload()
    (encoder,) = (desk.folder / "cache" / "encoders").glob("m-r-*")
    record = json.loads((encoder / "xbench.json").read_text())["training"]
    told = [[event.step, event.value] for event in seen.Scalars("train/loss")]
    np.testing.assert_allclose(told, record["loss"], atol=1e-4)
    told = [[event.step, event.value] for event in seen.Scalars("train/validation_loss")]
    np.testing.assert_allclose(told, record["validation"]["loss"], atol=1e-4)


def test_several_seeds_are_kept_each_and_shown_as_mean_and_interval(desk: Desk) -> None:  # noqa: F811
    ended = desk.type(f"{TRAIN} --seeds 3")
    assert ended.code == 0, ended.err
    paths = sorted((desk.folder / "out" / "t" / "m" / "r").glob("*.json"))
    assert [path.stem[-7:] for path in paths] == ["-seed-0", "-seed-1", "-seed-2"]
    values = [json.loads(path.read_text())["scores"]["monolingual"]["macro"]["AP"] for path in paths]
    half = 4.302653 * np.std(values, ddof=1) / np.sqrt(3)  # Student's t at .975, two degrees of freedom
    shared, *table = ended.out.splitlines()
    assert "seeds 0, 1, 2" in shared
    assert any(f"{np.mean(values):.4f}" in line for line in table)
    assert any(f"± {half:.4f}" in line or f"±{half:.4f}" in line for line in table)


@pytest.mark.parametrize("more", ["", "--set in_batch_negatives=false"])
def test_a_corpus_with_hard_negatives_trains_with_them(desk: Desk, more: str) -> None:  # noqa: F811
    rows = [
        {
            "query": {"en": f"what is {n}", "de": f"was ist {n}"},
            "positive": {"en": f"it is {n}", "de": f"es ist {n}"},
            "wrong": {"en": [f"it is not {n}", f"it is no {n}"], "de": f"es ist kein {n}"},
        }
        for n in range(60)
    ]
    desk.write("q.jsonl", "\n".join(map(json.dumps, rows)))
    source = "source: {path: q.jsonl}\nnegatives: wrong\n"
    desk.write("q.yaml", f"name: q\nlanguages: [en, de]\nformat: qa-jsonl\n{source}")
    ended = desk.type(f"{TRAIN.replace('c.yaml', 'q.yaml')} --set hard_negatives=2 {more}")
    assert ended.code == 0, ended.err
    (encoder,) = (desk.folder / "cache" / "encoders").glob("m-r-*")
    losses = [value for _, value in json.loads((encoder / "xbench.json").read_text())["training"]["loss"]]
    most = np.log(16 * 3) if not more else np.log(3)
    assert 0 < losses[0] < 1.5 * most
