"""What encoders and the vector store promise."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_models import tiny_bert

from xbench.arrays import Vectors
from xbench.encoders.base import Role
from xbench.encoders.chance import RandomEncoder
from xbench.encoders.model_loading import Loading
from xbench.encoders.sentence import SentenceEncoder
from xbench.encoders.static import COUNTED, build_static, idf, tokenizer_file
from xbench.errors import EncoderError
from xbench.specs import Prompts, RandomModel, SentenceModel, StaticModel

TEXTS = ["the question", "die", "wo was the answer in the question is", "language", "money money money money"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("models") / "tiny-bert")


def sentence(folder: Path, **changes: Any) -> SentenceEncoder:
    spec = SentenceModel(name="tiny", format="sentence", folder=str(folder), **changes)
    return SentenceEncoder(spec, Loading(device="cpu", offline=True))


def encode(encoder: SentenceEncoder, texts: list[str], role: Role = "query") -> Vectors:
    return encoder.encode(texts, role, lambda count: None)


def test_a_transformer_without_pooling_gives_the_mean_over_its_tokens(bert: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    model, tokenizer = AutoModel.from_pretrained(str(bert)).eval(), AutoTokenizer.from_pretrained(str(bert))
    for text, vector in zip(TEXTS, encode(sentence(bert), TEXTS), strict=True):
        with torch.no_grad():
            hidden = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
        np.testing.assert_allclose(vector, hidden.mean(dim=0).numpy(), atol=1e-5)


def test_vectors_come_in_the_order_of_the_texts(bert: Path) -> None:
    encoder = sentence(bert)
    together = encode(encoder, TEXTS * 40)
    alone = np.concatenate([encode(encoder, [text]) for text in TEXTS])
    np.testing.assert_allclose(together, np.tile(alone, (40, 1)), atol=1e-5)


def test_prompts_are_put_before_the_texts_of_their_role(bert: Path) -> None:
    plain = sentence(bert, prompts=Prompts())
    prompted = sentence(bert, prompts=Prompts(query="question: ", document=""))
    expected = encode(plain, ["question: " + text for text in TEXTS])
    np.testing.assert_allclose(encode(prompted, TEXTS, "query"), expected, atol=1e-5)
    np.testing.assert_allclose(encode(prompted, TEXTS, "document"), encode(plain, TEXTS), atol=1e-5)


def test_a_folder_that_configures_prompts_is_encoded_with_them(bert: Path, tmp_path: Path) -> None:
    model = sentence(bert).model
    model.prompts = {"query": "question: ", "passage": "answer: "}
    model.save_pretrained(str(tmp_path / "own"))
    assert sentence(tmp_path / "own").identity["prompts"] == {"query": "question: ", "document": "answer: "}


def test_roles_are_told_apart_by_their_prompts_and_arguments_alone(bert: Path) -> None:
    plain, prompted = (
        sentence(bert, prompts=Prompts()),
        sentence(bert, prompts=Prompts(query="question: ", document="")),
    )
    assert plain.role_identity("query") == plain.role_identity("document") == prompted.role_identity("document")
    assert prompted.role_identity("query") != prompted.role_identity("document")
    shorter = sentence(bert, prompts=Prompts(), max_length=8)
    assert shorter.role_identity("query") != plain.role_identity("query")


def test_a_length_limit_cuts_texts_and_is_part_of_the_identity(bert: Path) -> None:
    short, full = sentence(bert, max_length=8), sentence(bert)
    long_text = "the question is in the answer " * 5
    assert short.identity["max_length"] == 8 != full.identity["max_length"]
    assert not np.allclose(encode(short, [long_text]), encode(full, [long_text]), atol=1e-4)
    assert short.tokens([long_text], "query")[0, 0] > 8  # counted before truncation


def test_tokens_count_unknown_ones(bert: Path) -> None:
    assert sentence(bert).tokens(["the 問 question"], "query").tolist() == [[5, 1]]


def test_the_weights_of_a_folder_are_its_identity(bert: Path, tmp_path: Path) -> None:
    other = tiny_bert(tmp_path / "other")
    assert sentence(other).identity == sentence(bert).identity  # the same seed, another place
    config = other / "config.json"
    config.write_text(config.read_text().replace('"pad_token_id": 0', '"pad_token_id": 1'))
    assert sentence(other).identity != sentence(bert).identity


def test_weights_saved_in_half_precision_are_scored_in_the_precision_that_is_declared(
    bert: Path, tmp_path: Path
) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    half = tmp_path / "half"
    AutoModel.from_pretrained(str(bert), dtype=torch.bfloat16).save_pretrained(str(half))
    AutoTokenizer.from_pretrained(str(bert)).save_pretrained(str(half))
    for name in ("float32", "bfloat16"):
        encoder = sentence(half, dtype=name)
        assert {str(weights.dtype) for weights in encoder.model.parameters()} == {f"torch.{name}"}
        assert encoder.identity["dtype"] == name
        assert encode(encoder, TEXTS).dtype == np.float32


def test_remote_code_needs_the_flag(bert: Path) -> None:
    with pytest.raises(EncoderError, match="--remote-code"):
        sentence(bert, remote_code=True)


def test_chance_gives_a_text_one_direction_per_role_and_seed() -> None:
    def vectors(seed: int, role: Role) -> Vectors:
        encoder = RandomEncoder(RandomModel(name="random", format="random"), seed)
        return encoder.encode(["a", "b", "a"], role, lambda count: None)

    query = vectors(0, "query")
    assert np.array_equal(query[0], query[2])
    assert not np.allclose(query[0], query[1])
    assert not np.allclose(query, vectors(0, "document"))
    assert not np.allclose(query, vectors(1, "query"))


def test_the_tokenizer_of_a_corpus_is_the_same_wherever_it_is_trained(tmp_path: Path) -> None:
    spec = StaticModel(name="static", format="static", vocabulary=400, alphabet=100)
    texts = [f"wort {number} 字{chr(0x4E00 + number)} คำ" for number in range(300)]
    files = [tokenizer_file(spec, "digest", texts, tmp_path / place) for place in ("a", "b")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_kept_tokenizer_is_not_trained_again(tmp_path: Path) -> None:
    spec = StaticModel(name="static", format="static", vocabulary=400, alphabet=100)
    first = tokenizer_file(spec, "digest", ["ein wort"], tmp_path)
    assert tokenizer_file(spec, "digest", iter(()), tmp_path) == first


def words(*names: str) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({name: number for number, name in enumerate(names)}, unk_token=names[0]))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def test_idf_is_that_of_bm25_by_hand() -> None:
    """Of four texts two hold something unknown, one holds `a` (twice), three hold `b`, none `c`."""
    found = idf(words("[UNK]", "a", "b", "c"), ["a a b", "b", "b x", "x"])
    expected = np.log([1 + 2.5 / 2.5, 1 + 3.5 / 1.5, 1 + 1.5 / 3.5, 1 + 4.5 / 0.5])
    assert found == pytest.approx(expected / expected.mean())
    assert found.mean() == pytest.approx(1)


def test_idf_counts_all_texts_however_many_are_read_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer, texts = words("[UNK]", "a", "b"), ["a", "b", "a b", "a", "b"]
    whole = idf(tokenizer, texts)
    assert len(texts) < COUNTED
    monkeypatch.setattr("xbench.encoders.static.COUNTED", 2)
    assert np.array_equal(idf(tokenizer, texts), whole)


def test_token_vectors_of_init_idf_are_the_random_ones_times_idf(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    texts = [f"wort {number % 7} ein" for number in range(40)]
    tables = {}
    for init in ("random", "idf"):
        spec = StaticModel(name="s", format="static", dimension=8, vocabulary=400, alphabet=100, init=init)
        tokenizer = tokenizer_file(spec, "digest", texts, tmp_path)
        build_static(spec, tokenizer, texts, 3, tmp_path / init)
        model = SentenceTransformer(str(tmp_path / init), device="cpu")
        tables[init] = model[0].embedding.weight.detach().numpy()
    weights = idf(model.tokenizer, texts)
    np.testing.assert_allclose(tables["idf"], tables["random"] * weights[:, None], rtol=1e-5)
    assert weights.max() > 2 * weights.min() > 0
