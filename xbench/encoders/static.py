"""Static embeddings from scratch: a BPE tokenizer trained once per corpus, and a seeded table of token vectors.

With `init: idf` a vector counts by how rare its token is among the texts of the corpus: tf-idf weighting in a random
projection, and the baseline that training has to beat. Built as an ordinary sentence-transformers folder, so that
training and scoring treat it like any other model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xbench.arrays import Floats, Ints, blocks
from xbench.files import digest, whole_folder
from xbench.keeping import made_by_one, seal, seal_fault
from xbench.specs import StaticModel

if TYPE_CHECKING:
    from tokenizers import Tokenizer

INITIAL_SCALE = 0.01  # cosine does not see it; Adam's steps of fixed length do
TOKENIZER = "tokenizer.json"
COUNTED = 1 << 14  # texts tokenised at a time
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
                seal(temporary, folder.name)
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


def idf(tokenizer: Tokenizer, texts: Sequence[str]) -> Floats:
    """[tokens] ln(1 + (N - df + .5) / (df + .5)), as bm25 weights terms, over its mean.

    The documents are the N distinct texts of the corpus, in all languages and on both sides; df of them hold the token.
    The mean over the vocabulary is 1, so that training starts at the length of vectors that it has without idf.
    """
    holding: Ints = np.zeros(tokenizer.get_vocab_size(), np.int64)
    for block in blocks(len(texts), COUNTED):
        read = tokenizer.encode_batch_fast(texts[block], add_special_tokens=False)
        tokens = np.concatenate([np.unique(encoding.ids) for encoding in read])
        holding += np.bincount(tokens.astype(np.int64), minlength=len(holding))
    weights = np.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
    return np.asarray(weights / weights.mean())


def build_static(spec: StaticModel, tokenizer: Path, texts: Sequence[str], seed: int, folder: Path) -> None:
    """Write the untrained model of `seed` to `folder`; `texts` are the corpus's."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    loaded = Tokenizer.from_file(str(tokenizer))
    generator = torch.Generator().manual_seed(seed)
    weights = INITIAL_SCALE * torch.randn(loaded.get_vocab_size(), spec.dimension, generator=generator)
    if spec.init == "idf":
        weights *= torch.from_numpy(idf(loaded, texts)).float()[:, None]
    model = SentenceTransformer(modules=[StaticEmbedding(loaded, embedding_weights=weights)], device="cpu")
    with whole_folder(folder) as temporary:
        model.save_pretrained(str(temporary), create_model_card=False)
        seal(temporary, folder.name)
