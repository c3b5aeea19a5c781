"""What `xbench.evaluate` promises: the files and numbers of the command line, for whatever encodes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xbench
from xbench import cli
from xbench.errors import EncoderError, SpecError, XbenchError
from xbench.jobs.outcome import PartlyDone

LANGUAGES = ("de", "en")
SMALL = {"steps": 2, "batch_size": 16, "model.vocabulary": 400, "model.dimension": 8}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XBENCH_PATH", "XBENCH_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def grams(texts: list[str], role: str) -> np.ndarray[Any, Any]:
    """Letters counted; the same for both roles."""
    counts = np.zeros((len(texts), 32), np.float32)
    for row, text in enumerate(texts):
        np.add.at(counts[row], np.frombuffer(text.lower().encode(), np.uint8) % 32, 1)
    return counts


def evaluate(encoder: object, **options: Any) -> list[xbench.Result]:
    return xbench.evaluate(encoder, "facts", **{"languages": LANGUAGES, "progress": False, "name": "own", **options})


def own(encoder: object, **options: Any) -> xbench.Result:
    (result,) = evaluate(encoder, **{"version": "1", **options})
    return result


def plain(path: Path) -> dict[str, Any]:
    """A result file without what two runs cannot have in common."""
    content: dict[str, Any] = json.loads(path.read_text())
    del content["timings"]
    for key in ("command", "filed", "result_sha256"):
        del content["provenance"][key]
    if content["training"]:
        del content["training"]["seconds"]
    return content


def typed(line: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["xbench", *line.split()])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def version_of(result: xbench.Result) -> str:
    return str(result.model_spec.plain()["version"])


def files(folder: str) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in sorted(Path(folder).rglob("*.json"))}


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("", {}),
        ("--corpus facts --set model.vocabulary=400 --set model.dimension=8", {"corpus": "facts", "settings": SMALL}),
        (
            "--recipe hybrid --corpus facts --seeds 2 --set steps=2 --set batch_size=16 --set model.vocabulary=400 "
            "--set model.dimension=8",
            {"recipe": "hybrid", "corpus": "facts", "seeds": (0, 1), "settings": SMALL},
        ),
    ],
    ids=["random", "static", "trained"],
)
def test_a_program_and_a_command_give_the_same_files(
    line: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = "static" if line else "random"
    if options.get("recipe") is None and line:
        options["settings"] = {key: value for key, value in SMALL.items() if key.startswith("model")}
    given = xbench.evaluate(model, ["facts"], languages=["de", "en"], out="python", progress=False, **options)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "another"))
    assert typed(f"run --model {model} --task facts --languages de,en --out typed {line}", monkeypatch) == 0
    assert {result.digest for result in given} == {plain(path)["digest"] for path in files("typed").values()}
    assert files("python").keys() == files("typed").keys()
    for name, path in files("python").items():
        assert plain(path) == plain(files("typed")[name])
        assert path.with_suffix(".npz").read_bytes() == files("typed")[name].with_suffix(".npz").read_bytes()


def test_the_call_is_recorded_as_it_was_written() -> None:
    (result,) = xbench.evaluate("random", ["facts"], languages=LANGUAGES, seeds=3, out=Path("here"), progress=False)
    command = "xbench.evaluate('random', ['facts'], seeds=3, languages=['de', 'en'], out='here')"
    assert result.provenance.command == command
    command = "xbench.evaluate(<grams>, ['facts'], name='own', version='1', languages=['de', 'en'])"
    assert own(grams).provenance.command == command


class Batched:
    """As many encoders are: texts, and options that have defaults."""

    def encode(self, texts: list[str], batch_size: int = 32, **kwargs: object) -> object:
        return grams(texts, "").tolist()


class Roles:
    def encode(self, texts: list[str], *, role: str) -> object:
        return grams(texts, role).astype(np.float64)


class TwoMethods:
    def encode_query(self, texts: list[str]) -> object:
        return grams(texts, "query").astype(np.float16)

    def encode_document(self, texts: list[str]) -> object:
        return iter(grams(texts, "document"))


class Named:
    """As sentence-transformers had it before it had two methods."""

    prompts = {"query": "q: ", "passage": "p: "}

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def encode(self, texts: list[str], prompt_name: str | None = None) -> object:
        import torch

        self.asked.add(str(prompt_name))
        return [torch.from_numpy(row) for row in grams(texts, "")]


def tensors(texts: list[str], role: str) -> object:
    import torch

    return torch.from_numpy(grams(texts, role)).to(torch.bfloat16).requires_grad_()


@pytest.mark.parametrize("encoder", [Batched(), Roles(), TwoMethods(), Named(), tensors])
def test_whatever_encodes_gives_the_numbers_of_the_function(encoder: object, tmp_path: Path) -> None:
    assert own(encoder, name="other").scores == own(grams).scores
    if isinstance(encoder, Named):
        assert encoder.asked == {"query", "passage"}


def test_vectors_that_are_there_already_give_the_numbers_of_their_encoder() -> None:
    task = xbench.load_task("facts", languages=LANGUAGES, progress=False)
    sides = {
        "query": {language: grams(list(part.texts), "query") for language, part in task.queries.items()},
        "document": {language: grams(list(part.texts), "document") for language, part in task.documents.items()},
    }
    (given,) = xbench.evaluate(sides, task, name="given", progress=False)
    assert given.scores == own(grams).scores
    vectors = xbench.TaskVectors(sides["query"], sides["document"])
    (again,) = xbench.evaluate(vectors, task, name="given", progress=False)
    assert again.digest == given.digest
    sides["query"]["de"] = sides["query"]["de"] + 1
    (other,) = xbench.evaluate(sides, task, name="given", progress=False)
    assert other.digest != given.digest
    assert given.model_spec.plain()["version"].startswith("vectors-")


def test_two_versions_are_told_apart_and_of_one_nothing_is_encoded_twice() -> None:
    asked: list[str] = []

    def counted(texts: list[str], role: str) -> object:
        asked.extend(texts)
        return grams(texts, role)

    first = own(counted)
    texts = len(asked)
    assert texts == len(set(asked)) * 1 or texts > 0
    assert own(counted).digest == first.digest and len(asked) == texts
    own(counted, out="elsewhere")
    assert len(asked) == texts  # the vectors are kept
    second = own(counted, version="2")
    assert second.digest != first.digest and len(asked) == 2 * texts
    assert second.model_spec.plain()["version"] == "2"


def test_a_similarity_and_prompts_are_settings_and_make_another_result() -> None:
    seen: set[str] = set()

    def watched(texts: list[str], role: str) -> object:
        seen.update(text[:3] for text in texts if role == "query")
        return grams(texts, role)

    plain_result = own(grams)
    dot = own(grams, settings={"model.similarity": "dot"})
    prompted = own(watched, settings={"model.prompts": {"query": "q: ", "document": ""}})
    assert len({plain_result.digest, dot.digest, prompted.digest}) == 3
    assert seen == {"q: "}


def test_a_loaded_model_has_its_weights_for_a_version(tmp_path: Path) -> None:
    trained = xbench.train("static", "hybrid", "facts", settings=SMALL, progress=False)
    (result,) = xbench.evaluate(trained, "facts", languages=LANGUAGES, progress=False)
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(trained.folder), device="cpu")
    (loaded,) = evaluate(model)
    assert loaded.scores == result.scores
    assert loaded.tokens == result.tokens
    version = loaded.model_spec.plain()["version"]
    assert version.startswith("weights-") and len(version) == len("weights-") + 32
    assert evaluate(SentenceTransformer(str(trained.folder), device="cpu"))[0].digest == loaded.digest
    next(model.parameters()).data[0] += 1
    assert evaluate(model)[0].digest != loaded.digest
    (named,) = evaluate(model, version="mine")
    assert named.model_spec.plain()["version"] == "mine"


def test_a_folder_is_scored_under_a_name_of_its_own() -> None:
    folder = xbench.train("static", "hybrid", "facts", settings=SMALL, progress=False).folder
    (plain_name,), (named,) = (
        xbench.evaluate(folder, "facts", languages=LANGUAGES, name=name, progress=False) for name in (None, "renamed")
    )
    assert (named.model, named.digest, named.scores) == ("renamed", plain_name.digest, plain_name.scores)
    assert named.path.parts[-4:-1] == ("facts", "renamed", "none") and plain_name.model != "renamed"


def test_languages_are_a_list_or_written_as_on_the_command_line() -> None:
    (listed,), (written,) = (
        xbench.evaluate("random", "facts", languages=languages, progress=False) for languages in (LANGUAGES, "de, en")
    )
    assert written.languages == ["de", "en"] and written.path == listed.path


def test_what_was_trained_is_evaluated_without_training_again(monkeypatch: pytest.MonkeyPatch) -> None:
    trained = xbench.train("static", "hybrid", "facts", seed=2, settings=SMALL, progress=False)
    assert trained.record["steps"] == 2 and (trained.folder / "modules.json").is_file()
    assert xbench.train("static", "hybrid", "facts", seed=2, settings=SMALL, progress=False) == trained
    monkeypatch.setattr("xbench.training.trainer.train", lambda *_: pytest.fail("trained again"))
    (result,) = xbench.evaluate(trained, "facts", languages=LANGUAGES, progress=False)
    assert (result.model, result.recipe, result.corpus, result.seed) == ("static", "hybrid", "facts", 2)
    (same,) = xbench.evaluate(
        "static",
        "facts",
        recipe="hybrid",
        corpus="facts",
        seeds=2,
        settings=SMALL,
        languages=LANGUAGES,
        out="again",
        progress=False,
    )
    assert same.digest == result.digest
    assert result.provenance.command.startswith("xbench.evaluate(xbench.train('static', 'hybrid', 'facts', seed=2")
    with pytest.raises(SpecError, match="static x hybrid on facts, seed 2: trained already; leave recipe"):
        xbench.evaluate(trained, "facts", recipe="hybrid", progress=False)


def rows(value: Any) -> Any:
    return lambda texts, role: value(grams(texts, role))


BROKEN: list[tuple[Any, str]] = [
    (rows(lambda found: found[:-1]), r"query texts: found an array of shape \(\d+, 32\), expected \[\d+, dim\]"),
    (rows(lambda found: found[0]), r"found an array of shape \(32,\), expected"),
    (rows(lambda found: found[:, None]), r"found an array of shape \(\d+, 1, 32\)"),
    (rows(lambda found: found[:, :0]), r"found an array of shape \(\d+, 0\)"),
    (rows(lambda found: [[1.0], *found[1:].tolist()]), "found rows of different lengths"),
    (rows(lambda found: found.astype(int)), "found numbers of type int64, expected float32, float64 or float16"),
    (rows(lambda found: found.astype(str)), "found numbers of type <U32"),
    (rows(lambda found: found.astype(complex)), "found numbers of type complex128"),
    (rows(lambda found: found * np.nan), r"found NaN or infinity in \d+ of \d+ vectors, first in row 0"),
    (rows(lambda found: found.astype(np.float64) * 1e300), "found NaN or infinity"),
    (rows(lambda found: found * (np.arange(len(found)) != 1)[:, None]), "found 1 of .* that are zero, first in row 1"),
    (rows(lambda found: None), r"found NoneType, expected an array \[texts, dim\]"),
    (rows(lambda found: {"vectors": found}), "found dict, expected an array"),
    (
        lambda texts, role: grams(texts, role)[:, : 16 if role == "query" else 32],
        "of 32 dimensions, expected 16",
    ),
    (lambda texts, role: 1 / 0, "query texts: ZeroDivisionError: division by zero"),
    (lambda texts: grams(texts, ""), r"found a function of \(texts\), expected one of \(texts, role\)"),
    (lambda: None, r"found a function of \(nothing\)"),
    (3, "found int, expected a function of"),
    (dict, "found type, expected a function of"),
    (type("Odd", (), {"encode": lambda self, texts, task, /: None})(), "also asks for task; wrap it in a function"),
    ({"query": 1}, "vectors: found keys 'query', expected"),
    ({"query": {}, "document": {}}, "queries: found no array for de, en, expected the task's languages: de, en"),
    ({"query": {"fr": 1, "de": 1, "en": 1}, "document": {}}, "queries: found an array for fr"),
    (
        {"query": {"de": np.ones((3, 2)), "en": 1}, "document": {}},
        r"in de: found an array of shape \(3, 2\), expected \[",
    ),
]


@pytest.mark.parametrize(("encoder", "says"), BROKEN, ids=range(len(BROKEN)))
def test_what_cannot_be_scored_is_one_line_and_leaves_nothing(encoder: object, says: str) -> None:
    with pytest.raises(EncoderError, match=says) as told:
        own(encoder)
    assert "\n" not in str(told.value)
    assert not files("results")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"name": None}, "encoder grams: give its name and version, by which .*: name='grams', version='1'"),
        ({"name": "own"}, "encoder grams: give its version"),
        ({"name": None, "version": "1"}, "encoder grams: give its name, "),
        ({"name": "../own", "version": "1"}, "model name: found '../own', expected a name"),
        ({"version": ""}, "model version: found '', expected"),
        ({"version": "1", "recipe": "hybrid", "corpus": "facts"}, "model own cannot be trained"),
        ({"version": "1", "settings": {"model.similarty": "dot"}}, "model.similarty: unknown setting; did you mean"),
        ({"version": "1", "settings": {"model.max_length": 9}}, "model max_length: found 9, expected nothing"),
        ({"version": "1", "corpus": "facts"}, "no run trains"),
        ({"version": "1", "seeds": -1}, "seeds: found -1, expected a whole number"),
        ({"version": "1", "seeds": ()}, "seeds: found none"),
        ({"version": "1", "languages": "th"}, None),
        ({"version": "1", "languages": ["xx"]}, "languages xx: "),
        ({"version": "1", "save_runs": "de-xx"}, "de-xx: no such setting"),
    ],
)
def test_a_wrong_request_is_one_line(options: dict[str, Any], says: str | None) -> None:
    if says is None:
        assert evaluate(grams, **options)[0].languages == ["th"]
        return
    with pytest.raises(XbenchError, match=says):
        evaluate(grams, **options)
    assert not files("results")


def test_names_of_models_stay_theirs_and_vectors_are_of_one_task() -> None:
    with pytest.raises(SpecError, match="encoder random: has a name of its own; leave name and version out"):
        xbench.evaluate("random", "facts", name="chance")
    with pytest.raises(SpecError, match="found 2 tasks, expected the one"):
        xbench.evaluate({"query": {}, "document": {}}, ["facts", "xquad-r"], name="v", progress=False)
    with pytest.raises(SpecError, match="tasks: found none"):
        xbench.evaluate("random", [])
    with pytest.raises(SpecError, match="tasks: found 3"):
        xbench.evaluate("random", [3])  # type: ignore[list-item]


def test_run_files_are_written_as_by_the_command_line() -> None:
    own(grams, save_runs="de-en", depth=10)
    assert {path.name for path in Path("results").rglob("*.gz")} == {"de-en.run.gz", "de-en.qrels.gz"}


def test_words_go_to_standard_error_and_only_where_they_are_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    own(grams)
    assert capsys.readouterr() == ("", "")
    own(grams, version="2", progress=True)
    said = capsys.readouterr()
    assert said.out == "" and "score 1 encoder on facts; results in results" in said.err


def test_of_several_models_the_unusable_one_is_said_first_and_the_others_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = "run --model static --model random --task facts --languages de,en --out out"
    assert typed(line, monkeypatch) == 2
    said = capsys.readouterr()
    first, *_, last = said.err.splitlines()
    why = "model static: its tokenizer is made from a corpus, and none is named; name one (`facts` needs"
    assert first.startswith(f"left out: {why}")
    assert last.startswith(f"xbench: left out, the others are done: {why}")
    assert said.out.splitlines()[-1].startswith("out/facts/random/none/")
    assert typed("run --model static --task facts --out out", monkeypatch) == 2
    (only,) = capsys.readouterr().err.splitlines()
    assert only.startswith(f"xbench: {why}")
    assert issubclass(PartlyDone, SpecError)


def damaged_model(folder: Path) -> None:
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    (folder / "model.safetensors").write_bytes(b"no weights")


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("./missing", "model './missing': no such folder"),
        ("missing.yaml", "model missing.yaml: no such file"),
        ("nobody/nothing", "model nobody-nothing: no network to fetch nobody/nothing@main"),
        ("./damaged", "model damaged: cannot load"),
    ],
)
def test_a_model_that_cannot_be_had_here_leaves_the_others_running(
    model: str, why: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise ConnectionError("couldn't connect")

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", refused)
    damaged_model(Path("damaged"))
    line = f"run --model {model} --model random --task facts --languages de,en --out out"
    assert typed(line, monkeypatch) == 2
    said = capsys.readouterr()
    assert f"left out: {why}" in said.err
    assert said.err.splitlines()[-1].startswith(f"xbench: left out, the others are done: {why}")
    assert said.out.splitlines()[-1].startswith("out/facts/random/none/")
    assert typed(f"run --model {model} --task facts --languages de,en --out other", monkeypatch) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"xbench: {why}")


def test_a_mistake_in_the_command_stops_everything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("broken.yaml").write_text("name: broken\nformat: random\ndimensions: 8\n")
    for model, why in (("randm", "unknown model 'randm'; did you mean 'random'?"), ("broken.yaml", "broken.yaml:3:")):
        assert typed(f"run --model {model} --model random --task facts --out out", monkeypatch) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"xbench: {why}") and not Path("out").exists()


def test_each_of_several_models_says_its_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("run --model random --model bm25 --task facts --languages de,en --out out", monkeypatch)
    said = capsys.readouterr().err.splitlines()
    places = [line for line in said if line.startswith("[") and line.endswith("seed 0")]  # slow work leaves lines too
    assert places == ["[1/2] random x none, seed 0", "[2/2] bm25 x none, seed 0"]
