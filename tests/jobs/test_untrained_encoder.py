"""The encoder of a model as it is, to look at: with a task's sentence in its prompts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_models import tiny_bert

from xbench.data.download import Storage
from xbench.encoders.model_loading import Loading
from xbench.errors import SpecError
from xbench.jobs.untrained_encoder import untrained_encoder
from xbench.progress import Silent

MODEL = "name: m\nformat: sentence\nfolder: tiny\nprompts: {query: '{instruction} '}\n"
TASK = "name: t\nlanguages: [de, en]\nformat: facts\noptions: {kinds: [official-language]}\ninstruction: INSTRUCTION\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    tiny_bert(folder / "tiny")
    (folder / "m.yaml").write_text(MODEL)
    for name, words in (("short", "the money"), ("long", "the money is the question")):
        (folder / f"{name}.yaml").write_text(TASK.replace("INSTRUCTION", words))
    return folder


@pytest.mark.parametrize(("task", "tokens"), [("short", 6), ("long", 9)])
def test_the_sentence_of_the_task_is_counted_with_the_query_alone(task: str, tokens: int, desk: Path) -> None:
    storage, loading = Storage(cache=desk / "cache", offline=True), Loading(device="cpu", offline=True)
    encoder = untrained_encoder(str(desk / "m.yaml"), str(desk / f"{task}.yaml"), storage, loading, Silent())
    assert encoder.max_length == 64
    assert encoder.tokens(["the answer"], "query").tolist() == [[tokens, 0]]  # with [CLS] and [SEP]
    assert encoder.tokens(["the answer"], "document").tolist() == [[4, 0]]


@pytest.mark.parametrize("model", ["bm25", "random"])
def test_a_model_without_a_tokenizer_of_its_own_is_refused(model: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=f"--model {model}: has no tokenizer of its own; name a sentence encoder"):
        untrained_encoder(model, "facts", Storage(cache=tmp_path, offline=True), Loading(), Silent())
