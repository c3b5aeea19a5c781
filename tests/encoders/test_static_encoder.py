"""A table of token vectors read without its library; the referee is the library itself, and bytes decide."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_models import routed, static_like, tiny_bert

from xbench.encoders import model_loading, static_encoder
from xbench.encoders.base import Role
from xbench.encoders.model_loading import Loading, on_processor
from xbench.encoders.sentence import SentenceEncoder
from xbench.encoders.static import build_static, tokenizer_file
from xbench.encoders.static_encoder import StaticEncoder, is_token_table
from xbench.errors import EncoderError
from xbench.specs import Prompts, SentenceModel, StaticModel

HERE = Loading(device="cpu", offline=True)
WORDS = ["the", "answer", "Frage", "перевод", "問", "was", "language", "money", "?", "12.5", "ÄÖ", "ﬁn"]


def texts(count: int, seed: int = 0) -> list[str]:
    """Of 0 to 40 words, one of 3,000."""
    draw = np.random.default_rng(seed)
    lengths = [0, 3_000, *draw.integers(0, 40, count - 2)]
    return [" ".join(draw.choice(WORDS, length)) for length in lengths]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As a run builds it, but with numbers of every size."""
    from safetensors.numpy import load_file, save_file

    folder = tmp_path_factory.mktemp("models")
    spec = StaticModel(name="static", format="static", vocabulary=400, alphabet=100, dimension=37)
    build_static(spec, tokenizer_file(spec, "0" * 64, texts(200), folder), texts(200), 0, folder / "table")
    rows = load_file(folder / "table" / "model.safetensors")["embedding.weight"]
    rows *= np.random.default_rng(1).choice([1e-6, 1, -3e4], rows.shape).astype(np.float32)
    rows[::7] = -0.0
    save_file({"embedding.weight": rows}, folder / "table" / "model.safetensors")
    return folder / "table"


def spec(folder: Path, **changes: Any) -> SentenceModel:
    return SentenceModel(name="table", format="sentence", folder=str(folder), **changes)


def encoded(encoder: SentenceEncoder, written: list[str], role: Role = "query") -> bytes:
    vectors = encoder.encode(written, role, lambda count: None)
    assert vectors.dtype == np.float32 and len(vectors) == len(written)
    return vectors.tobytes()


@pytest.mark.parametrize("count", [2, 33, 700])
@pytest.mark.parametrize("batch", [1, 50, 4_096])
def test_vectors_are_those_of_the_library_to_the_last_bit(
    table: Path, count: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static_encoder, "TEXTS_PER_BATCH", batch)
    written = texts(count, seed=count)
    assert encoded(StaticEncoder(spec(table)), written) == encoded(SentenceEncoder(spec(table), HERE), written)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_librarys_threads_and_batches_change_nothing(table: Path, threads: int) -> None:
    import torch

    written, before = texts(400), torch.get_num_threads()
    model = SentenceEncoder(spec(table), HERE).model
    try:
        torch.set_num_threads(threads)
        theirs = [model.encode(written, prompt="", batch_size=size).tobytes() for size in (1, 7, 400)]
    finally:
        torch.set_num_threads(before)
    assert theirs == [encoded(StaticEncoder(spec(table)), written)] * 3


def test_a_text_without_a_token_is_zeros_as_in_the_library(table: Path) -> None:
    ours, theirs = (encoded(encoder, ["", " "]) for encoder in (StaticEncoder(spec(table)), library(table)))
    assert ours == theirs and not any(ours)


def library(folder: Path, **changes: Any) -> SentenceEncoder:
    return SentenceEncoder(spec(folder, **changes), HERE)


def test_a_tokenizer_that_cuts_or_pads_is_obeyed_as_by_the_library(table: Path, tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    folder = copied(table, tmp_path)
    tokenizer = Tokenizer.from_file(str(table / "tokenizer.json"))
    tokenizer.enable_truncation(5)
    tokenizer.enable_padding(length=9)
    tokenizer.save(str(folder / "tokenizer.json"))
    written = texts(60)
    ours = StaticEncoder(spec(folder))
    assert encoded(ours, written) == encoded(library(folder), written) != encoded(library(table), written)
    assert np.array_equal(ours.tokens(written, "query"), library(folder).tokens(written, "query"))


def copied(table: Path, place: Path) -> Path:
    import shutil

    return Path(shutil.copytree(table, place / "copy"))


@pytest.mark.parametrize("prompts", [None, Prompts(query="question: ", document=""), Prompts(query="{instruction} ")])
def test_identity_prompts_and_tokens_are_those_of_the_library(table: Path, prompts: Prompts | None) -> None:
    asked = prompts is not None and "{instruction}" in prompts.query
    changes = {"prompts": prompts, "instruction": "find it" if asked else ""}
    ours = StaticEncoder(spec(table, **changes)).instructed("", "task")
    theirs = library(table, **changes).instructed("", "task")
    written = texts(40)
    assert (ours.identity, ours.max_length, ours.similarity) == (theirs.identity, None, "cosine")
    assert theirs.max_length is None
    for role in ("query", "document"):
        assert ours.role_identity(role) == theirs.role_identity(role)
        assert encoded(ours, written, role) == encoded(theirs, written, role)
        assert np.array_equal(ours.tokens(written, role), theirs.tokens(written, role))


def test_prompts_that_a_folder_configures_are_used(table: Path, tmp_path: Path) -> None:
    folder = copied(table, tmp_path)
    configuration = folder / "config_sentence_transformers.json"
    configuration.write_text(
        json.dumps({**json.loads(configuration.read_text()), "prompts": {"query": "q: ", "passage": "p: "}})
    )
    assert StaticEncoder(spec(folder)).identity == library(folder).identity
    assert encoded(StaticEncoder(spec(folder)), ["die"], "document") == encoded(library(table), ["p: die"])


def test_neither_the_library_nor_torch_is_imported_to_encode(table: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from xbench.encoders.model_loading import Loading\n"
        "from xbench.encoders.static_encoder import StaticEncoder, is_token_table\n"
        "from xbench.specs import SentenceModel\n"
        "spec = SentenceModel(name='table', format='sentence', folder=sys.argv[1])\n"
        "assert is_token_table(spec, Loading(device='cpu'))\n"
        "encoder = StaticEncoder(spec)\n"
        "encoder.encode(['the answer'], 'query', lambda count: None), encoder.tokens(['the'], 'query')\n"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(table)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_a_table_that_is_used_as_it_was_saved_is_read_without_the_library(table: Path, tmp_path: Path) -> None:
    assert is_token_table(spec(table), HERE) and is_token_table(spec(static_like(tmp_path / "static")), HERE)
    for changes in ({"max_length": 16}, {"dtype": "float16"}, {"remote_code": True}):
        assert not is_token_table(spec(table, **changes), HERE)
    assert not is_token_table(spec(table, encode_arguments={"query": {"task": "x"}}), HERE)
    assert not is_token_table(spec(table), Loading(device="cuda"))
    assert not is_token_table(SentenceModel(name="hub", format="sentence", hub="a/b", revision="0" * 40), HERE)
    for other in (tiny_bert(tmp_path / "bert"), routed(tmp_path / "routed"), tmp_path / "absent"):
        assert not is_token_table(spec(other), HERE)


def test_what_is_more_than_one_float32_table_is_left_to_the_library(table: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    rows = load_file(table / "model.safetensors")["embedding.weight"]
    known = json.loads((table / "modules.json").read_text())
    files: dict[str, Any] = {
        "model.safetensors": [
            {"embedding.weight": rows.astype(np.float16)},
            {"embeddings": rows},
            {"embedding.weight": rows, "more": rows[0]},
        ],
        "modules.json": [
            [*known, {"idx": 1, "name": "1", "path": "1_N", "type": "sentence_transformers.models.Normalize"}],
            [{**known[0], "type": "their_code.StaticEmbedding"}],
            [{**known[0], "path": "0_StaticEmbedding"}],
            [],
            {},
        ],
    }
    for name, contents in files.items():
        for number, content in enumerate(contents):
            folder = copied(table, tmp_path / f"{name}-{number}")
            if name == "modules.json":
                (folder / name).write_text(json.dumps(content))
            else:
                save_file(content, folder / name)
            assert not is_token_table(spec(folder), HERE), (name, number)


@pytest.mark.parametrize("name", ["modules.json", "config_sentence_transformers.json", "model.safetensors"])
def test_the_library_says_what_is_wrong_with_a_damaged_file(table: Path, tmp_path: Path, name: str) -> None:
    folder = copied(table, tmp_path)
    (folder / name).write_text("{")
    assert not is_token_table(spec(folder), HERE)
    with pytest.raises(EncoderError, match="model table: cannot load"):
        library(folder)


def test_a_damaged_tokenizer_is_one_line(table: Path, tmp_path: Path) -> None:
    folder = copied(table, tmp_path)
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(EncoderError, match=f"model table: cannot load {folder}: "):
        encoded(StaticEncoder(spec(folder)), ["a"])


def test_a_token_without_a_row_is_one_line(table: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = copied(table, tmp_path)
    rows = load_file(table / "model.safetensors")["embedding.weight"]
    save_file({"embedding.weight": rows[:3]}, folder / "model.safetensors")
    with pytest.raises(EncoderError, match=r"less than the 3 rows of model\.safetensors; save"):
        encoded(StaticEncoder(spec(folder)), ["the answer"])


def test_an_accelerator_is_looked_for_where_torch_may_know_one(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    assert on_processor(Loading(device="cpu")) and not on_processor(Loading(device="mps"))
    for build, there, packages, expected in (
        ("2.13.0+cpu", True, (), True),
        ("2.13.0", True, (), False),
        ("2.13.0", False, (), True),
        ("2.13.0+cpu", True, ("torch",), False),
    ):
        monkeypatch.setattr(model_loading, "version", lambda name, build=build: build)
        monkeypatch.setattr(model_loading, "ACCELERATOR_PACKAGES", packages)
        monkeypatch.setattr(torch.accelerator, "is_available", lambda there=there: there)
        assert on_processor(Loading()) is expected
