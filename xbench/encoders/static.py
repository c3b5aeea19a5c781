"""Static embeddings from scratch: a BPE tokenizer trained once per corpus, and a seeded table of token vectors.

Built as an ordinary sentence-transformers folder, so that training and scoring treat it like any other model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from xbench.files import digest, whole_folder
from xbench.keeping import made_by_one, seal, seal_fault
from xbench.specs import StaticModel

if TYPE_CHECKING:
    from tokenizers import Tokenizer

INITIAL_SCALE = 0.01  # cosine does not see it; Adam's steps of fixed length do
TOKENIZER = "tokenizer.json"
LONGEST_TOKEN = 16  # in scripts without spaces a longer token is a memorised phrase


def tokenizer_file(spec: StaticModel, corpus_digest: str, texts: Iterable[str], cache: Path) -> Path:
    """The corpus's tokenizer, trained on first use and kept; trained again where it is not what was kept."""
    key = digest({"corpus": corpus_digest, "vocabulary": spec.vocabulary, "alphabet": spec.alphabet, "version": 1})
    folder = cache / "tokenizers" / key[:16]
    with made_by_one(folder):
        if seal_fault(folder):
            tokenizer = _train_tokenizer(spec, list(texts))
            with whole_folder(folder) as temporary:
                (temporary / TOKENIZER).write_text(tokenizer.to_str(pretty=True), encoding="utf-8")
                seal(temporary)
    return folder / TOKENIZER


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

    loaded = Tokenizer.from_file(str(tokenizer))
    generator = torch.Generator().manual_seed(seed)
    weights = INITIAL_SCALE * torch.randn(loaded.get_vocab_size(), spec.dimension, generator=generator)
    model = SentenceTransformer(modules=[StaticEmbedding(loaded, embedding_weights=weights)], device="cpu")
    with whole_folder(folder) as temporary:
        model.save_pretrained(str(temporary), create_model_card=False)
        seal(temporary)
