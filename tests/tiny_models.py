"""Models small enough for a test, randomly initialised, saved in the layouts that the hub uses."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

WORDS = ("the", "is", "in", "question", "answer", "die", "wo", "was", "money", "language")
LETTERS = [chr(code) for code in range(97, 123)]
PIECES = [*WORDS, *LETTERS, *(f"##{letter}" for letter in LETTERS), ":", "?"]
SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
POSITIONS = 64  # tokens that every family but `static` reads


def tiny_bert(folder: Path) -> Path:
    """BERT as plain transformers files: no pooling is configured."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder.mkdir(parents=True)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *PIECES[:-2]]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n")
    tokenizer = BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=True, model_max_length=POSITIONS)
    tokenizer.save_pretrained(str(folder))
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(pieces), max_position_embeddings=POSITIONS, **SMALL)
    BertModel(config).save_pretrained(str(folder))
    return folder


def labse_like(folder: Path) -> Path:
    """BERT, CLS, a dense layer with tanh, normalised."""
    from sentence_transformers.base.modules import Dense
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

    bert = tiny_bert(folder.with_name(f"{folder.name}-transformer"))
    return _saved(folder, bert, [Pooling(16, "cls"), Dense(16, 16), Normalize()])


def me5_like(folder: Path) -> Path:
    """XLM-R, whose positions start behind the padding token, mean, normalised, with prompts in its configuration."""
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
    from transformers import XLMRobertaConfig, XLMRobertaModel

    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    config = XLMRobertaConfig(
        vocab_size=len(special) + len(PIECES), max_position_embeddings=POSITIONS + 2, pad_token_id=1, **SMALL
    )
    transformer = _transformer(folder, XLMRobertaModel, config, special, "<s> $A </s>")
    modules = [Pooling(16, "mean"), Normalize()]
    return _saved(folder, transformer, modules, {"query": "question: ", "passage": "answer: "})


def qwen_like(folder: Path) -> Path:
    """A decoder with rotary positions and padding on the left, last token, normalised."""
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
    from transformers import Qwen3Config, Qwen3Model

    special = ["<pad>", "</s>", "<unk>"]
    config = Qwen3Config(
        vocab_size=len(special) + len(PIECES),
        max_position_embeddings=POSITIONS,
        num_key_value_heads=1,
        head_dim=8,
        pad_token_id=0,
        **SMALL,
    )
    transformer = _transformer(folder, Qwen3Model, config, special, "$A </s>", padding_side="left")
    return _saved(folder, transformer, [Pooling(16, "lasttoken"), Normalize()])


def gemma_like(folder: Path) -> Path:
    """Gemma 3 with attention in both directions, mean, two dense layers, normalised."""
    from sentence_transformers.base.modules import Dense
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
    from transformers import Gemma3TextConfig, Gemma3TextModel

    special = ["<pad>", "<s>", "</s>", "<unk>"]
    config = Gemma3TextConfig(
        vocab_size=len(special) + len(PIECES),
        max_position_embeddings=POSITIONS,
        num_key_value_heads=1,
        head_dim=8,
        sliding_window=16,
        use_bidirectional_attention=True,
        pad_token_id=0,
        **SMALL,
    )
    transformer = _transformer(folder, Gemma3TextModel, config, special, "<s> $A </s>")
    dense = [Dense(16, 48, bias=False, activation_function=None), Dense(48, 16, bias=False, activation_function=None)]
    return _saved(folder, transformer, [Pooling(16, "mean"), *dense, Normalize()])


def static_like(folder: Path) -> Path:
    """A mean of token vectors; texts of any length."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(modules=[_static_module(seed=0)], device="cpu")
    model.save_pretrained(str(folder), create_model_card=False)
    return folder


def routed(folder: Path) -> Path:
    """Another vector per role, chosen by an argument `task` of encode()."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Router

    routes = {"query": [_static_module(seed=1)], "passage": [_static_module(seed=2)]}
    model = SentenceTransformer(modules=[Router(routes)], device="cpu")
    model.save_pretrained(str(folder), create_model_card=False)
    return folder


FAMILIES: dict[str, Callable[[Path], Path]] = {
    "labse-like": labse_like,
    "me5-like": me5_like,
    "qwen-like": qwen_like,
    "gemma-like": gemma_like,
    "static-like": static_like,
}


def _static_module(seed: int) -> Any:
    import torch
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    weights = torch.randn(len(PIECES) + 1, 16, generator=torch.Generator().manual_seed(seed))
    return StaticEmbedding(_tokenizer(["[UNK]"], None), embedding_weights=weights)


def _tokenizer(special: Sequence[str], template: str | None) -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocabulary = {piece: number for number, piece in enumerate([*special, *PIECES])}
    unknown = next(piece for piece in special if "unk" in piece.lower())
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=unknown))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if template:
        used = [(piece, vocabulary[piece]) for piece in special if piece in template.split()]
        tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=used)
    return tokenizer


def _transformer(
    folder: Path, kind: Any, config: Any, special: Sequence[str], template: str, padding_side: str = "right"
) -> Path:
    import torch
    from transformers import PreTrainedTokenizerFast

    place = folder.with_name(f"{folder.name}-transformer")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=_tokenizer(special, template),
        pad_token="<pad>",
        unk_token="<unk>",
        eos_token="</s>",
        model_max_length=10**30,
        padding_side=padding_side,
    )
    tokenizer.save_pretrained(str(place))
    torch.manual_seed(0)
    kind(config).save_pretrained(str(place))
    return place


def _saved(folder: Path, transformer: Path, modules: list[Any], prompts: dict[str, str] | None = None) -> Path:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer

    torch.manual_seed(1)
    model = SentenceTransformer(modules=[Transformer(str(transformer)), *modules], device="cpu", prompts=prompts)
    model.save_pretrained(str(folder), create_model_card=False)
    return folder
