"""What is put before texts is said, filled from the task, and compared with what a model's card asks for."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tiny_models import qwen_like, tiny_bert

from xbench.data.download import Storage
from xbench.encoders import model_loading, prompts
from xbench.encoders.model_loading import Loading
from xbench.errors import EncoderError, SpecError, XbenchError
from xbench.jobs.request import Request
from xbench.jobs.run import run
from xbench.progress import Silent
from xbench.results.reading import read_result
from xbench.specs import Prompts, RandomModel, SentenceModel, registry

E5 = "intfloat/multilingual-e5-small"
INSTRUCT = {"query": "Instruct: {instruction} Query:", "document": ""}
HERE = Loading(device="cpu", offline=True)


class Said(Silent):
    """Remembers what was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def starting(self, *starts: str) -> list[str]:
        return [line for line in self.lines if line.startswith(starts)]


def request(folder: Path, model: Path | str, **changes: Any) -> Request:
    defaults: dict[str, Any] = {
        "models": (str(model),),
        "tasks": ("facts",),
        "languages": ("de", "en"),
        "out": folder / "results",
        "storage": Storage(cache=folder / "cache", offline=True),
        "loading": HERE,
    }
    return Request(**defaults | changes)


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("models") / "tiny-bert")


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return qwen_like(tmp_path_factory.mktemp("models") / "tiny-decoder")


def model(**keys: Any) -> SentenceModel:
    return SentenceModel(**{"name": "mine", "format": "sentence", "hub": "org/mine"} | keys)


def known() -> list[Any]:
    return [registry.load("model", name).spec for name in ("labse", "me5-small", "random")]


# --- instructions ------------------------------------------------------------------------------------------------


def test_the_sentence_of_the_task_goes_before_the_models_own() -> None:
    asked, spec = Prompts(**INSTRUCT), model(instruction="search the web", prompts=Prompts(**INSTRUCT))
    assert prompts.filled(asked, spec, "find the law", "t").query == "Instruct: find the law Query:"
    assert prompts.filled(asked, spec, "", "t").query == "Instruct: search the web Query:"
    assert prompts.filled(Prompts(query="query: "), model(), "", "t").query == "query: "
    with pytest.raises(
        EncoderError, match=r"model mine is told what the task asks for, and t has no instruction; give"
    ):
        prompts.filled(asked, model(), "", "t")


def test_a_sentence_with_braces_is_put_in_as_it_is() -> None:
    assert prompts.filled(Prompts(query="{instruction}"), model(), "find {x}", "t").query == "find {x}"


def test_an_instruction_changes_digest_and_prompts_and_is_said_per_task(decoder: Path, tmp_path: Path) -> None:
    for name, sentence in (("first", "find the money"), ("second", "find the language")):
        facts = (registry.shipped("tasks") / "facts.yaml").read_text().replace("name: facts", f"name: {name}")
        (tmp_path / f"{name}.yaml").write_text(f"{facts}\ninstruction: {sentence}\n")
    said, tasks = Said(), tuple(str(tmp_path / f"{name}.yaml") for name in ("first", "second"))
    paths = run(request(tmp_path, decoder, tasks=tasks, settings={"model.prompts": INSTRUCT}), said)
    first, second = map(read_result, paths)
    assert first.provenance.encoder["prompts"] == {"query": "Instruct: find the money Query:", "document": ""}
    assert second.provenance.encoder["prompts"]["query"] == "Instruct: find the language Query:"
    assert first.scores != second.scores
    assert said.starting("prompts of") == [
        'prompts of tiny-decoder on first: query "Instruct: find the money Query:", document none',
        'prompts of tiny-decoder on second: query "Instruct: find the language Query:", document none',
    ]
    changed = {"model.prompts": INSTRUCT, "task.instruction": "find the answer"}
    (third,) = run(request(tmp_path, decoder, tasks=tasks[:1], settings=changed), Silent())
    assert third != paths[0]
    without = {"task.instruction": "the model does not ask for it"}
    with pytest.raises(SpecError, match=r"no prompt of these models has .* in it, so nothing reads it"):
        run(request(tmp_path, decoder, settings=without), Silent())


def test_a_task_without_a_sentence_is_refused_before_any_work(decoder: Path, tmp_path: Path) -> None:
    with pytest.raises(XbenchError, match="facts has no instruction"):
        run(request(tmp_path, decoder, settings={"model.prompts": INSTRUCT}), Silent())
    assert not (tmp_path / "results").exists()


def test_training_prompts_take_no_instruction(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"recipes": ("monolingual",), "corpus": "facts", "settings": {"prompts": INSTRUCT}}
    with pytest.raises(SpecError, match=r"training prompts hold \{instruction\}; write the sentence out"):
        run(request(tmp_path, "static", **changes), Silent())


# --- what is said ------------------------------------------------------------------------------------------------


def test_the_prompts_of_every_run_are_said_once(bert: Path, tmp_path: Path) -> None:
    said = Said()
    trained: dict[str, Any] = {"recipes": ("none", "monolingual"), "corpus": "facts", "seeds": (0, 1)}
    run(request(tmp_path, bert, **trained, settings={"steps": 1, "batch_size": 4}), said)
    assert said.starting("prompts of", "warning") == [
        "prompts of tiny-bert: query none, document none",
        'prompts of tiny-bert x monolingual: query "Query: ", document "Passage: "',
    ]


def test_prompts_from_a_models_own_configuration_are_said(bert: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    own = SentenceTransformer(str(bert), device="cpu", prompts={"query": "question: ", "passage": "answer: "})
    own.save_pretrained(str(tmp_path / "own"))
    said = Said()
    run(request(tmp_path, tmp_path / "own"), said)
    assert said.starting("prompts of") == ['prompts of own: query "question: ", document "answer: "']


def test_chance_has_no_prompts_to_say(tmp_path: Path) -> None:
    said = Said()
    run(request(tmp_path, "random"), said)
    assert not said.starting("prompts of", "warning")


# --- what a card asks for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "files"),
    [
        ({"hub": E5}, {}),
        ({"hub": E5.upper()}, {}),
        ({"base": E5}, {}),
        ({"hub": "", "folder": "x"}, {"config.json": json.dumps({"_name_or_path": E5})}),
        ({"hub": "", "folder": "x"}, {"README.md": f"---\nbase_model: {E5}\n---\n# A model\n"}),
        ({"hub": "org/tuned"}, {"README.md": f"---\nlicense: mit\nbase_model:\n- {E5}\n---\n# A model\n"}),
    ],
)
def test_a_model_whose_card_asks_for_prompts_is_warned_of_by_its_id_config_or_card(
    tmp_path: Path, keys: dict[str, Any], files: dict[str, str]
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    line = prompts.warning(model(**keys), Prompts(), tmp_path, known())
    assert line.startswith(f"warning: mine is {E5} or made from it, whose card asks for ")
    assert 'query "query: " and document "passage: ", which is not set' in line
    assert "model me5-small sets it" in line
    half = prompts.warning(model(**keys), Prompts(query="query: "), tmp_path, known())
    assert 'asks for document "passage: ", which' in half
    assert not prompts.warning(model(**keys), Prompts(query="Q: ", document="D: "), tmp_path, known())


@pytest.mark.parametrize(
    ("keys", "files"),
    [
        ({"hub": "org/multilingual-e5-small"}, {}),
        ({"hub": "sentence-transformers/LaBSE"}, {}),
        ({"hub": "", "folder": "multilingual-e5-small"}, {"config.json": "{}"}),
        ({"hub": "", "folder": "x"}, {"config.json": "no json", "README.md": "---\n[no yaml\n---\n"}),
        ({"hub": "", "folder": "x"}, {"README.md": f"# A card without front matter\nbase_model: {E5}\n"}),
    ],
)
def test_a_model_that_is_not_known_to_need_prompts_is_not_warned_of(
    tmp_path: Path, keys: dict[str, Any], files: dict[str, str]
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    assert not prompts.warning(model(**keys), Prompts(), tmp_path, known())


def test_what_a_model_is_goes_before_what_it_was_made_from(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"_name_or_path": "sentence-transformers/LaBSE"}))
    for keys in ({"hub": E5, "base": "sentence-transformers/LaBSE"}, {"hub": "org/x", "base": E5}):
        found = prompts.recognised(model(**keys), tmp_path, known())
        assert found is not None and found.name == "me5-small"


def test_the_warning_stands_once_before_the_work(tmp_path: Path) -> None:
    place, said = tiny_bert(tmp_path / "tuned"), Said()
    (place / "README.md").write_text(f"---\nbase_model: {E5}\n---\n")
    run(request(tmp_path, place, tasks=("facts",)), said)
    (line,) = said.starting("warning")
    assert said.lines.index(line) < min(number for number, text in enumerate(said.lines) if text.startswith("score"))
    quiet = Said()
    settings = {"model.prompts": {"query": "query: ", "document": "passage: "}}
    run(request(tmp_path, place, settings=settings), quiet)
    assert not quiet.starting("warning")


def test_a_broken_yaml_beside_the_one_that_is_run_does_not_matter(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "baselines" / "models").mkdir(parents=True)
    (tmp_path / "baselines" / "models" / "broken.yaml").write_text("name: broken\n")
    monkeypatch.chdir(tmp_path)
    assert run(request(tmp_path, bert), Silent())


# --- what cannot be loaded ---------------------------------------------------------------------------------------


def test_half_precision_that_a_model_does_not_stand_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"--set model.dtype: found 'float16', expected another precision"):
        run(request(tmp_path, "embeddinggemma", settings={"model.dtype": "float16"}), Silent())
    place = tiny_bert(tmp_path / "tuned")
    (place / "README.md").write_text("---\nbase_model: google/embeddinggemma-300m\n---\n")
    with pytest.raises(EncoderError, match="found float16, in which google/embeddinggemma-300m gives wrong vectors"):
        run(request(tmp_path, place, settings={"model.dtype": "float16"}), Silent())
    assert not (tmp_path / "results").exists()


def test_code_from_a_repository_needs_the_flag_and_its_packages(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="model gte-multilingual-base runs code from its repository; allow it with"):
        run(request(tmp_path, "gte-multilingual-base"), Silent())
    settings = {"model.packages": ["no_such_package"]}
    allowed = Loading(device="cpu", offline=True, remote_code=True)
    with pytest.raises(EncoderError, match="its code imports no_such_package, not installed here: pip install no_such"):
        run(request(tmp_path, "jina-embeddings-v3", loading=allowed, settings=settings), Silent())


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            ImportError(
                "This modeling file requires the following packages that were not found in your environment: einops, "
                "flash_attn. Run `pip install einops flash_attn`"
            ),
            "model tiny: its code imports einops flash_attn, not installed here: pip install einops flash_attn",
        ),
        (
            ValueError("The repository contains custom code. Please pass the argument `trust_remote_code=True`"),
            "model tiny runs code from its repository; allow it with --remote-code",
        ),
    ],
)
def test_what_the_code_of_an_unlisted_model_lacks_is_one_line(
    bert: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, says: str
) -> None:
    import sentence_transformers

    def fail(*given: Any, **named: Any) -> None:
        raise error

    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", fail)
    with pytest.raises(EncoderError) as refused:
        model_loading.load_model(SentenceModel(name="tiny", format="sentence", folder=str(bert)), HERE)
    assert str(refused.value) == says


def test_a_gated_model_names_the_page_where_its_terms_are_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub
    from huggingface_hub.errors import GatedRepoError

    def refuse(*given: Any, **named: Any) -> None:
        raise GatedRepoError.__new__(GatedRepoError, "403")

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *given, **named: SimpleNamespace(sha="0" * 40))
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", refuse)
    said, online = Said(), Loading(device="cpu")
    with pytest.raises(
        EncoderError, match=r"is gated; accept its terms at https://.+/google/embeddinggemma-300m, then"
    ):
        run(request(tmp_path, "embeddinggemma", loading=online), said)
    assert not said.starting("fetch model")
    gemma = registry.load("model", "embeddinggemma").spec
    assert isinstance(gemma, SentenceModel)
    assert "gated: its terms have to be accepted at https://" in model_loading.hub_fetch(gemma, online)
    assert not (tmp_path / "results").exists()


def test_only_models_with_weights_of_their_own_are_recognised() -> None:
    assert prompts.recognised(model(hub=E5), None, [RandomModel(name="random", format="random")]) is None
