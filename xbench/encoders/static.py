"""Static embeddings from scratch: a BPE tokenizer trained once per corpus, and a seeded table of token vectors.

Built as an ordinary sentence-transformers folder, so that training and scoring treat it like any other model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from xbench.errors import EncoderError
from xbench.files import digest, whole, whole_folder
from xbench.specs import StaticModel

if TYPE_CHECKING:
    from tokenizers import Tokenizer

INITIAL_SCALE = 0.01  # cosine does not see it; Adam's steps of fixed length do
LONGEST_TOKEN = 16  # in scripts without spaces a longer token is a memorised phrase


def tokenizer_file(spec: StaticModel, corpus_digest: str, texts: Iterable[str], cache: Path) -> Path:
    """The corpus's tokenizer, trained on first use and kept."""
    key = digest({"corpus": corpus_digest, "vocabulary": spec.vocabulary, "alphabet": spec.alphabet, "version": 1})
    path = cache / "tokenizers" / f"{key[:16]}.json"
    if not path.is_file():
        tokenizer = _train_tokenizer(spec, list(texts))
        with whole(path) as temporary:
            tokenizer.save(str(temporary))
    return path


def _train_tokenizer(spec: StaticModel, texts: list[str]) -> Tokenizer:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    # The trainer's own choice among equally rare characters depends on hash order; ours does not.
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(tokenizer.normalizer.normalize_str(text))
    alphabet = sorted(counts, key=lambda character: (-counts[character], character))
    alphabet = [character for character in alphabet if not character.isspace()][: spec.alphabet]
    trainer = trainers.BpeTrainer(
        vocab_size=spec.vocabulary,
        special_tokens=["[UNK]"],
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        max_token_length=LONGEST_TOKEN,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer, length=len(texts))
    return tokenizer


def build_static(spec: StaticModel, tokenizer: Path, seed: int, folder: Path) -> None:
    """Write the untrained model of `seed` to `folder`."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    try:
        loaded = Tokenizer.from_file(str(tokenizer))
    except Exception as error:  # the library raises nothing narrower
        raise EncoderError(f"{tokenizer}: damaged tokenizer ({error}); delete it, and it is trained again") from error
    generator = torch.Generator().manual_seed(seed)
    weights = INITIAL_SCALE * torch.randn(loaded.get_vocab_size(), spec.dimension, generator=generator)
    model = SentenceTransformer(modules=[StaticEmbedding(loaded, embedding_weights=weights)], device="cpu")
    with whole_folder(folder) as temporary:
        model.save_pretrained(str(temporary), create_model_card=False)
