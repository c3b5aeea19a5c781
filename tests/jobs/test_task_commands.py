"""What `xbench task new`, `xbench task check` and `xbench data` promise to those who write a task."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import layouts
import pytest
import yaml
from tiny_models import tiny_bert

from xbench import cli
from xbench.data.download import Storage
from xbench.encoders.model_loading import Loading
from xbench.jobs.untrained_encoder import untrained_encoder
from xbench.progress import Silent
from xbench.specs import registry, skeleton

Type = Callable[[str], tuple[int, str, str]]
FORMATS = skeleton.task_formats()


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Type:
    """typed(line): exit code, standard output and standard error of a command in an empty working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XBENCH_DATA", raising=False)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))

    def type_line(line: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["xbench", *line.split()])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return type_line


def test_there_is_a_skeleton_of_every_format() -> None:
    schema = registry.schema("task")
    assert set(FORMATS) == set(schema["discriminator"]["mapping"])


@pytest.mark.parametrize("kind", FORMATS)
def test_a_skeleton_is_a_task_whose_missing_files_are_named(kind: str, typed: Type, tmp_path: Path) -> None:
    code, out, _ = typed(f"task new mine --format {kind}")
    assert code == 0
    assert out == "wrote tasks/mine.yaml: say in it where your files are, then `xbench task check mine`\n"
    text = (tmp_path / "tasks/mine.yaml").read_text()
    assert "NAME" not in text and max(map(len, text.splitlines())) <= 130
    code, out, err = typed("task check mine --offline")
    if kind == "facts":
        assert code == 0 and "mine: mine" in out
    else:
        assert code == 2 and len(err.splitlines()) == 1
        assert "mine/" in err or "no folder mine" in err or "ir_datasets" in err


def test_a_skeleton_s_own_relevance_and_grid_stand_once() -> None:
    for kind, text in skeleton._skeletons().items():
        if kind not in skeleton.ENDS:
            assert yaml.safe_load(text.replace("NAME", "mine"))["format"] == kind


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("task new mine", "tasks/mine.yaml: is there already; choose another name, or edit it"),
        ("task new ../mine", "name '../mine': expected lower-case letters"),
        ("task new Mine", "name 'Mine': expected lower-case letters"),
        ("task new other --format bier", "--format bier: no such format; did you mean 'beir'?"),
        ("task new other --format head", "--format head: no such format"),
    ],
)
def test_a_wrong_request_for_a_skeleton_writes_nothing(line: str, says: str, typed: Type, tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks/mine.yaml").write_text("name: mine\n")
    code, out, err = typed(line)
    assert (code, out) == (2, "")
    assert says in err
    assert [path.name for path in (tmp_path / "tasks").iterdir()] == ["mine.yaml"]
    assert (tmp_path / "tasks/mine.yaml").read_text() == "name: mine\n"


def test_from_new_to_scored_in_four_commands(typed: Type, tmp_path: Path) -> None:
    assert typed("task new contracts --format beir")[0] == 0
    layouts.write(registry.load("task", "contracts").spec, tmp_path / "tasks")
    code, out, _ = typed("task check contracts")
    assert code == 0
    assert "contracts: contracts; 2 languages" in out
    assert typed("run --model random --task contracts --offline")[0] == 0
    (result,) = (tmp_path / "results/contracts").rglob("*.json")
    assert json.loads(result.read_text())["counts"]["queries"] == {"en": 3, "de": 3}


def test_check_with_a_model_counts_tokens_and_what_is_cut(typed: Type, tmp_path: Path) -> None:
    tiny_bert(tmp_path / "tiny")
    (tmp_path / "rows.jsonl").write_text(
        json.dumps({"id": "1", "query": {"de": "wo is die", "en": "the"}, "positive": {"de": "die " * 100, "en": "in"}})
    )
    spec = {"name": "t", "format": "parallel", "languages": ["de", "en"], "source": {"path": "rows.jsonl"}}
    (tmp_path / "t.yaml").write_text(json.dumps(spec))
    code, out, err = typed("task check t.yaml --model tiny --offline")
    assert code == 0, err
    assert "tokens as the model counts them, prompts included; it reads 64 of a text" in out
    table = {line.split()[0]: line.split()[2:] for line in out.splitlines()[-2:]}
    assert table == {  # with [CLS] and [SEP]
        "de": ["5.0", "0.0%", "102.0", "100.0%", "0.0%"],
        "en": ["3.0", "0.0%", "3.0", "0.0%", "0.0%"],
    }


@pytest.mark.parametrize(("words", "tokens"), [("the money", 6), ("the money is the question", 9)])
def test_the_sentence_of_a_task_is_counted_with_its_queries_alone(words: str, tokens: int, tmp_path: Path) -> None:
    tiny_bert(tmp_path / "tiny")
    model, task = tmp_path / "m.yaml", tmp_path / "t.yaml"
    model.write_text("name: m\nformat: sentence\nfolder: tiny\nprompts: {query: '{instruction} '}\n")
    facts = "name: t\nlanguages: [de, en]\nformat: facts\noptions: {kinds: [official-language]}\n"
    task.write_text(f"{facts}instruction: {words}\n")
    storage, loading = Storage(cache=tmp_path / "cache", offline=True), Loading(device="cpu", offline=True)
    encoder = untrained_encoder(str(model), str(task), storage, loading, Silent())
    assert encoder.tokens(["the answer"], "query").tolist() == [[tokens, 0]]  # with [CLS] and [SEP]
    assert encoder.tokens(["the answer"], "document").tolist() == [[4, 0]]


def test_check_refuses_a_model_without_a_tokenizer(typed: Type) -> None:
    code, out, err = typed("task check facts --model random")
    assert (code, out) == (2, "")
    assert "--model random: has no tokenizer of its own; name a sentence encoder" in err


def test_data_where_names_every_file_and_its_origin(typed: Type) -> None:
    code, out, _ = typed("data where miracl")
    lines = out.splitlines()
    assert code == 0 and len(lines) == 258
    place = "hf://datasets/miracl/miracl-corpus@d921ec7e349ce0d28daf30b2da9da5ee698bef0d"
    assert lines[0] == f"ar\tnot here; from {place}/miracl-corpus-v1.0-ar/docs-0.jsonl.gz"
    assert typed("data where neuclir")[1] == "neuclir\tir_datasets fetches and keeps its files\n"
    assert typed("data where facts")[1] == "facts\tembedded; nothing to fetch\n"


def test_data_where_names_an_archive_of_many_languages_once(typed: Type) -> None:
    code, out, _ = typed("data where belebele")
    assert code == 0 and len(out.splitlines()) == 1
    assert out.startswith("122 languages\tnot here; from https://") and out.endswith("/Belebele.zip\n")


def test_an_archive_of_two_languages_is_one_line_of_every_command(typed: Type) -> None:
    with zipfile.ZipFile("two.zip", "w") as archive:
        archive.writestr("en.txt", "One\nTwo\n")
        archive.writestr("de.txt", "Eins\nZwei\n")
    source = "source: {path: two.zip, member: '{lang}.txt'}\ngrid: {monolingual: false}\n"
    Path("own.yaml").write_text("name: own\nlanguages: [en, de]\nformat: parallel\n" + source)
    assert typed("data where own.yaml")[1] == "2 languages\ttwo.zip\n"
    assert typed("data pull own.yaml")[1] == "2 languages\ttwo.zip\n"
    assert typed("data verify own.yaml")[1] == "2 languages\treadable, nothing pinned\ttwo.zip\n"


def test_data_where_says_what_is_looked_for_where_nothing_can_be_fetched(typed: Type) -> None:
    Path("own.yaml").write_text("name: own\nlanguages: [en, de]\nformat: lareqa\nsource: {path: 'own/{lang}.json'}\n")
    place = "not here; looked for own"
    assert typed("data where own.yaml")[1] == f"en\t{place}/en.json\nde\t{place}/de.json\n"


def test_data_pull_says_the_size_before_it_fetches(typed: Type) -> None:
    code, _, err = typed("data pull miracl --offline")
    assert code == 2
    said, refused = err.splitlines()
    assert said.startswith("fetch miracl: 258 files, 16.2 GB and more, kept in ")
    assert "--offline forbids fetching it" in refused
