"""Every family of encoders is used as its own files say; sentence-transformers itself is the referee."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_models import FAMILIES, POSITIONS, me5_like, routed, tiny_bert

from xbench.arrays import Vectors
from xbench.encoders import sentence
from xbench.encoders.base import Role
from xbench.encoders.model_loading import Loading
from xbench.encoders.sentence import SentenceEncoder
from xbench.errors import EncoderError
from xbench.specs import Prompts, SentenceModel

TEXTS = ["the question", "die", "wo was the answer in the question is?", "language", "money money money money"]
LONG = "the question is in the answer " * 20
PROMPTED = Prompts(query="question: ", document="answer: ")
HERE = Loading(device="cpu", offline=True)
transformers_only = pytest.mark.parametrize("family", [name for name in FAMILIES if name != "static-like"])
every_family = pytest.mark.parametrize("family", list(FAMILIES))

Folder = Callable[[str], Path]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """folder(family): its saved model, made once."""
    made: dict[str, Path] = {}

    def get(family: str) -> Path:
        if family not in made:
            made[family] = FAMILIES[family](tmp_path_factory.mktemp(family) / "model")
        return made[family]

    return get


def encoder(place: Path, **changes: Any) -> SentenceEncoder:
    return SentenceEncoder(SentenceModel(name="tiny", format="sentence", folder=str(place), **changes), HERE)


def encode(model: SentenceEncoder, texts: list[str], role: Role = "query") -> Vectors:
    return model.encode(texts, role, lambda count: None)


def referee(place: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(place), device="cpu", local_files_only=True)


@every_family
def test_vectors_are_those_of_sentence_transformers_with_the_same_prompt(folder: Folder, family: str) -> None:
    ours, theirs = encoder(folder(family), prompts=PROMPTED), referee(folder(family))
    for role, prompt in PROMPTED.model_dump().items():
        for batch_size in (1, 5):
            expected = theirs.encode(TEXTS, prompt=prompt, batch_size=batch_size)
            np.testing.assert_allclose(encode(ours, TEXTS, role), expected, atol=1e-5)
    assert not np.allclose(encode(ours, TEXTS, "query"), encode(ours, TEXTS, "document"), atol=1e-4)


@every_family
def test_a_vector_does_not_depend_on_the_batch_it_was_encoded_in(
    folder: Folder, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, texts = encoder(folder(family)), [*TEXTS, LONG]
    together = encode(model, texts)
    monkeypatch.setattr(sentence, "TOKENS_PER_BATCH", 1)
    np.testing.assert_allclose(encode(model, texts), together, atol=1e-5)


@transformers_only
def test_truncation_is_counted_at_the_length_that_the_model_really_reads(folder: Folder, family: str) -> None:
    model = encoder(folder(family))
    assert model.max_length == POSITIONS
    special = _special(model)
    assert model.tokens([LONG, "the"], "query")[:, 0].tolist() == [120 + special, 1 + special]
    words = LONG.split()
    kept = " ".join(words[: POSITIONS - special])
    assert model.tokens([kept], "query")[0, 0] == POSITIONS
    np.testing.assert_allclose(encode(model, [LONG]), encode(model, [kept]), atol=1e-5)
    shorter = " ".join(words[: POSITIONS - special - 1])
    assert not np.allclose(encode(model, [LONG]), encode(model, [shorter]), atol=1e-5)


def _special(model: SentenceEncoder) -> int:
    return int(model.tokens([""], "query")[0, 0])


def test_the_decoder_is_padded_on_the_left(folder: Folder) -> None:
    tokenizer = encoder(folder("qwen-like")).model.tokenizer
    assert tokenizer(["the", "the question"], padding=True)["attention_mask"] == [[0, 1, 1], [1, 1, 1]]


def test_static_vectors_read_texts_of_any_length(folder: Folder) -> None:
    model = encoder(folder("static-like"))
    assert model.max_length is None
    end = encode(model, [LONG + "money"]) - encode(model, [LONG])
    assert np.abs(end).max() > 1e-4


@transformers_only
def test_more_tokens_than_a_model_has_positions_for_are_one_line(folder: Folder, family: str) -> None:
    with pytest.raises(EncoderError, match=f"max_length: found {POSITIONS + 1}, expected at most {POSITIONS}, its"):
        encoder(folder(family), max_length=POSITIONS + 1)
    assert encoder(folder(family), max_length=POSITIONS).max_length == POSITIONS


def test_the_prompts_of_a_models_own_configuration_are_used_unless_others_are_set(folder: Folder) -> None:
    place = folder("me5-like")
    assert encoder(place).identity["prompts"] == {"query": "question: ", "document": "answer: "}
    np.testing.assert_array_equal(encode(encoder(place), TEXTS), encode(encoder(place, prompts=PROMPTED), TEXTS))
    assert not np.allclose(encode(encoder(place), TEXTS), encode(encoder(place, prompts=Prompts()), TEXTS), atol=1e-4)


def test_an_instruction_stands_in_the_prompt_the_vectors_and_the_identity(folder: Folder) -> None:
    model = encoder(folder("qwen-like"), prompts=Prompts(query="Instruct: {instruction} Query:"))
    first, second = model.instructed("the money", "a"), model.instructed("was die language", "b")
    assert first.identity["prompts"] == {"query": "Instruct: the money Query:", "document": ""}
    assert first.identity != second.identity
    expected = referee(folder("qwen-like")).encode(TEXTS, prompt="Instruct: the money Query:")
    np.testing.assert_allclose(encode(first, TEXTS), expected, atol=1e-5)
    assert not np.allclose(encode(first, TEXTS), encode(second, TEXTS), atol=1e-4)
    np.testing.assert_array_equal(encode(first, TEXTS, "document"), encode(second, TEXTS, "document"))


def test_arguments_of_encode_are_given_by_role_and_stand_in_the_identity(tmp_path: Path) -> None:
    place, chosen = routed(tmp_path / "routed"), {"query": {"task": "query"}, "document": {"task": "passage"}}
    model = encoder(place, encode_arguments=chosen)
    for role, arguments in chosen.items():
        expected = referee(place).encode(TEXTS, **arguments)
        np.testing.assert_allclose(model.encode(TEXTS, role, lambda count: None), expected, atol=1e-6)  # type: ignore[arg-type]
    assert not np.allclose(encode(model, TEXTS, "query"), encode(model, TEXTS, "document"), atol=1e-4)
    assert model.identity["encode_arguments"] == chosen


def test_an_argument_that_a_model_would_ignore_is_refused(folder: Folder) -> None:
    with pytest.raises(EncoderError, match="its code takes no 'task'; leave it out"):
        encoder(folder("labse-like"), encode_arguments={"query": {"task": "retrieval.query"}})


def test_positions_promised_by_a_configuration_beyond_the_model_are_not_used(tmp_path: Path) -> None:
    place = me5_like(tmp_path / "model")
    theirs = referee(place)
    assert theirs.max_seq_length == POSITIONS + 2  # RoBERTa's table counts two positions that no token can have
    assert encoder(place).max_length == POSITIONS
    encode(encoder(place), [LONG])


@pytest.fixture(scope="module")
def from_the_hub(folder: Folder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vectors of every family by hub id, from a cache in the hub's layout, in a process that sees no folder."""
    home, out = tmp_path_factory.mktemp("hub"), tmp_path_factory.mktemp("out")
    for number, family in enumerate(FAMILIES):
        place = home / f"models--org--{family}"
        commit = f"{number}" * 40
        shutil.copytree(folder(family), place / "snapshots" / commit)
        (place / "refs").mkdir()
        (place / "refs" / "main").write_text(commit)
    code = (
        "import sys, numpy, test_families as t\n"
        "for family in t.FAMILIES:\n"
        "    spec = t.SentenceModel(name='tiny', format='sentence', hub=f'org/{family}', prompts=t.PROMPTED)\n"
        "    encoder = t.SentenceEncoder(spec, t.HERE)\n"
        "    assert encoder.identity['revision'] == str(list(t.FAMILIES).index(family)) * 40\n"
        "    numpy.save(f'{sys.argv[1]}/{family}.npy', t.encode(encoder, t.TEXTS))\n"
    )
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), str(here.parent), str(here.parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"HF_HUB_CACHE": str(home), "HF_HUB_OFFLINE": "1", "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", code, str(out)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out


@every_family
def test_a_model_by_hub_id_gives_the_vectors_of_its_folder(folder: Folder, from_the_hub: Path, family: str) -> None:
    ours = encode(encoder(folder(family), prompts=PROMPTED), TEXTS)
    np.testing.assert_array_equal(np.load(from_the_hub / f"{family}.npy"), ours)


def test_a_plain_transformer_reads_as_many_tokens_as_it_has_positions(tmp_path: Path) -> None:
    assert encoder(tiny_bert(tmp_path / "bert")).max_length == POSITIONS
