"""What a hostile user types: every bad input is one line, exit code 2, and nothing written; and Ctrl-C leaves no half.

Most run in this process through the command line's entry point; signals need a process of their own.
"""

from __future__ import annotations

import gzip
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_models import tiny_bert

import xbench
from xbench import cli
from xbench.data import download
from xbench.encoders import vectors
from xbench.encoders.chance import RandomEncoder
from xbench.keeping import SEAL

TASK = "name: t\nlanguages: [en, de]\nformat: facts\noptions: {kinds: [official-language]}\n"
CORPUS = "name: c\nlanguages: [en, de]\nformat: facts\nkinds: [currency, first-day]\n"
RECIPE = "name: r\nmix: {mono: 0.5, cross: 0.5}\ntraining: {steps: 3, batch_size: 16}\n"
MODEL = "name: m\nformat: static\ndimension: 8\nvocabulary: 400\n"
FILES = "name: d\nlanguages: [en, de]\nformat: lareqa\nsource: {path: 'd/{lang}.json'}\n"
ROWS = "name: p\nlanguages: [en, de]\nformat: parallel\nsource: {path: p.jsonl}\n"


SCORE = "run --model random --task t.yaml --out out"
TRAIN = "run --model m.yaml --recipe r.yaml --corpus c.yaml --task t.yaml --out out"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass
class Desk:
    """A working folder with a task, a corpus, a recipe and a model; `type` runs a command line in it."""

    folder: Path
    type: Callable[[str], Ended]

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    def refused(self, line: str, *says: str) -> str:
        """The command ends with 2, says why in the last line of stderr only, and leaves nothing in `out`."""
        ended = self.type(line)
        lines = ended.err.splitlines()
        assert ended.code == 2, ended.err
        assert [text for text in lines if text.startswith("xbench: ")] == lines[-1:], ended.err
        assert "Traceback" not in ended.err
        assert "\x1b" not in ended.err
        for part in says:
            assert part in lines[-1]
        assert ended.out == ""
        assert not (self.folder / "out").exists()
        return lines[-1]

    @property
    def encoders(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "cache" / "encoders").glob("*"))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    def type_line(line: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["xbench", *shlex.split(line)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err)

    for name in ("XBENCH_PATH", "XBENCH_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.chdir(tmp_path)
    desk = Desk(tmp_path, type_line)
    for name, content in (("t", TASK), ("c", CORPUS), ("r", RECIPE), ("m", MODEL), ("d", FILES), ("p", ROWS)):
        desk.write(f"{name}.yaml", content)
    for language in ("en", "de"):
        desk.write(f"d/{language}.json", json.dumps(lareqa()))
    yield desk


def short(value: object) -> str:
    """A test's id: one of its values may hold thousands of characters."""
    return ascii(value)[:60]


def lareqa(start: int = 0, **changes: Any) -> dict[str, Any]:
    """A file of one paragraph: two sentences, one question."""
    context = "Hello there. Bye."
    question = {"id": "q", "question": "What?", "answers": [{"answer_start": start, "text": context[start]}]}
    paragraph = {"context": context, "sentence_breaks": [[0, 12], [13, 17]], "qas": [question]}
    return {"data": [{"paragraphs": [paragraph | changes]}]}


def row(number: int = 1, **changes: Any) -> str:
    return json.dumps({"id": number, "query": {"en": "a", "de": "b"}, "positive": {"en": "c", "de": "d"}} | changes)


# --- names, options and settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"leaderboard check {'a' * 5000}", "aaa: File name too long"),
        ("run --model random --task fcts --out out", "unknown task 'fcts'; did you mean 'facts'?"),
        ("run --model randm --task t.yaml --out out", "unknown model 'randm'; did you mean 'random'?"),
        ("run --model '' --task t.yaml --out out", "unknown model ''"),
        (f"{TRAIN} --recipe hybird", "unknown recipe 'hybird'; did you mean 'hybrid'?"),
        (f"{TRAIN} --corpus fact", "unknown corpus 'fact'; did you mean 'facts'?"),
        (f"{TRAIN} --corpus ''", "unknown corpus ''"),
        (f"{SCORE} --task ''", "unknown task ''"),
        (f"{SCORE} --task ../x", "task '../x' has a path in it"),
        (f"{SCORE} --task nope.yaml", "task nope.yaml: no such file"),
        ("run --model ../x --task t.yaml --out out", "model '../x': no such folder"),
        ("run --model . --task t.yaml --out out", "neither modules.json nor config.json"),
        (f"{SCORE} --seed -1", "'--seed': -1 is not in the range"),
        (f"{SCORE} --seed 4294967296", "'--seed'"),
        (f"{SCORE} --bogus", "No such option '--bogus'"),
        ("run --task t.yaml --out out", "Missing option '--model'"),
        ("bogus", "No such command 'bogus'"),
        ("schema tsk", "unknown schema 'tsk'; did you mean 'task'?"),
        (f"{SCORE} --languages fr", "xbench: languages fr: task t lacks fr; it has en, de"),
        (f"{SCORE} --languages ''", "xbench: --languages: found an empty name, expected codes"),
        (f"{SCORE} --languages en --set task.grid.monolingual=false --set task.grid.multilingual=false", "nothing of"),
        (f"{SCORE} --data-dir nope", "data folder nope: no such folder"),
        (f"{SCORE} --set 'task.metrics=[AP, AP]'", "--set task.metrics: found ['AP', 'AP'], expected each metric once"),
        ("run --model bm25 --task t.yaml --out out --set model.max_length=30", "--set model.max_length over"),
        (f"{SCORE} --device gpu", "--device gpu: expected auto, cpu, cuda"),
        (f"{SCORE} --recipe r.yaml", "model random cannot be trained"),
        (f"{SCORE} --corpus c.yaml", "xbench: corpus c.yaml: no run trains"),
        (f"{SCORE} --set steps=3", "no run trains"),
        (f"{TRAIN} --recipe none --set steps=0", "--set steps: found 0"),
        ("run --model m.yaml --corpus c.yaml --task t.yaml --out out --set steps=3", "no run trains"),
        (f"{TRAIN} --set stps=3", "--set stps: unknown setting; did you mean 'steps'?"),
        (f"{TRAIN} --set steps=many", "--set steps: found 'many', expected a valid integer"),
        (f"{TRAIN} --set steps=[1", "'[1' is not a YAML value"),
        (f"{TRAIN} --set steps", "expected KEY=VALUE"),
        (f"{TRAIN} --set steps=3 --set steps=4", "--set steps: given twice"),
        (
            f"{TRAIN} --set learning_rate=.nan",
            "--set learning_rate: unquoted .nan: no setting is infinite or not a number",
        ),
        (f"{TRAIN} --set prompts.quer=x", "unknown setting"),
        (f"{TRAIN} --set task.nme=x", "--set task.nme: unknown key 'nme'; did you mean 'name'?"),
        (
            f"{TRAIN} --set 'task.languages=[en,no]'",
            "--set task.languages.1: unquoted no: some YAML reads it as true or false; write true",
        ),
        (
            f"{TRAIN} --set recipe.mix.mono=0.7",
            "--set recipe.mix.mono: expected mono + cross + mixed + parallel + codeswitch = 1, not 1.2",
        ),
        (f"{TRAIN} --set model.name=../x", "--set model.name: found '../x', expected a name"),
        (f"{TRAIN} --set model.dimension=99999999999", "--set model.dimension"),
        (f"{TRAIN} --set batch_size=1000", "batch of 1000 is larger than the 395 distinct units of 'en'; lower it"),
        (f"{TRAIN} --device cuda:1", "xbench: device cuda:1: training takes the first GPU; set CUDA_VISIBLE_DEVICES=1"),
        (f"{TRAIN} --set corpus.languages=[de]", "cross batches need units in two languages at once"),
        (f"{TRAIN} --set corpus.kinds=[x]", "corpus c: unknown kind of facts: x; there are"),
        ("leaderboard build --results nope --out out", "nope: no such folder"),
        ("leaderboard build --results d --out out", "d/de.json: task: Field required"),
    ],
    ids=short,
)
def test_a_wrong_word_is_one_line_that_says_what_to_do(desk: Desk, line: str, says: str) -> None:
    desk.refused(line, says)


@pytest.mark.parametrize("out", ["t.yaml", "t.yaml/deep", "/proc/nope"])
def test_an_output_path_that_cannot_be_made_is_refused_before_any_work(desk: Desk, out: str) -> None:
    desk.refused(f"run --model random --task t.yaml --out {out}", f"cannot write to {out}")


def test_a_cache_that_cannot_be_made_is_refused_before_any_work(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_CACHE", str(desk.folder / "t.yaml"))
    desk.refused(TRAIN, "t.yaml: a file stands where a folder should")


def test_two_tasks_or_models_of_one_name_are_refused(desk: Desk) -> None:
    desk.write("other/t.yaml", TASK)
    desk.refused(f"{SCORE} --task other/t.yaml", "two tasks are called t")
    desk.write("other/random.yaml", "name: random\nformat: random\ndimension: 8\n")
    desk.refused(f"{SCORE} --model other/random.yaml", "two models are called random")


# --- YAML --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "t.yaml: found an empty file"),
        ("- a\n- b\n", "t.yaml: found a list, expected keys and values"),
        ("a: [1\n", "t.yaml:2: not valid YAML"),
        ("\t- x", "t.yaml:1: not valid YAML"),
        (TASK + "x: \x00\n", "not valid YAML: unacceptable character"),
        (b"name: \xff", "t.yaml: not UTF-8 (byte 6)"),
        (TASK + "colour: red\n", "t.yaml:5: colour: unknown key 'colour'; expected one of"),
        (TASK + "titel: x\n", "t.yaml:5: titel: unknown key 'titel'; did you mean 'title'?"),
        (TASK.replace("kinds", "kins"), "t.yaml:4: options.kins: unknown key 'kins'; did you mean 'kinds'?"),
        (TASK + "grid:\n  multilingul: false\n", "t.yaml:6: grid.multilingul: unknown key 'multilingul'; did you mean"),
        (TASK.replace("de]", "no]"), "t.yaml:2: languages.1: unquoted no: some YAML reads it as true or false; write"),
        (TASK.replace("de]", "qqq]"), "t.yaml:2: languages.1: found 'qqq', expected a language code such as"),
        (TASK.replace("de]", "en]"), "t.yaml:2: languages: found ['en', 'en'], expected each language once"),
        (TASK.replace("[en, de]", "[]"), "t.yaml:2: languages: found [], expected at least 1"),
        (TASK.replace("[en, de]", "en"), "t.yaml:2: languages: found 'en', expected a list"),
        (TASK.replace("de]", "gv]"), "task t: unknown language of facts: gv; there are"),
        (TASK + "name: u\n", "t.yaml:5: duplicate key 'name'; keep one"),
        (TASK + "title: 5\n", "t.yaml:5: title: found 5, expected text; quote it"),
        (TASK + "metrics: [MAP]\n", "t.yaml:5: metrics.0: found 'MAP', expected a metric: AP, RR, AP@k"),
        (TASK + "1: a\n", "t.yaml:5: key '1' is read by YAML as 1"),
        (TASK + f"title: {'9' * 5000}\n", "t.yaml:5: '999"),
        (TASK.replace("name: t", "name: ../x"), "t.yaml:1: name: found '../x', expected a name"),
        (TASK.replace("name: t", f"name: {'a' * 300}"), "t.yaml:1: name: found 'aaa"),
        (
            TASK.replace("facts", "fcts"),
            "t.yaml:3: format: found 'fcts', expected one of 'lareqa', 'beir'",
        ),
        (TASK.replace("format: facts\n", ""), "t.yaml:1: format: found 'no such key', expected one of"),
        (
            TASK + "grid: {cross-lingual: [[en, fr]]}\n",
            "t.yaml:5: grid: expected pairs of the task's query and document languages",
        ),
        (
            TASK + "grid: {cross-lingual: maybe}\n",
            "t.yaml:5: grid.cross-lingual: found 'maybe', expected 'all'",
        ),
        (
            TASK + "grid: {monolingual: false, cross-lingual: false, multilingual: false}\n",
            "t.yaml:5: grid: expected at least one setting",
        ),
        (TASK + "title: !!python/object/apply:os.system ['touch out']\n", "t.yaml:5: YAML tag"),
        (TASK + "title: !!binary aGk=\n", "t.yaml:5: YAML tag"),
        (TASK + "title: !!int x\n", "t.yaml:5: 'x' is not a value"),
        (TASK + "title: &a [*a]\n", "t.yaml:5: an alias that contains itself"),
        (TASK + "title: " + "[" * 3000, "t.yaml: nested too deeply"),
        (TASK + "title: " + "[" * 3000 + "]" * 3000, "t.yaml: nested too deeply"),
        (TASK + "title: " + '{"a": ' * 300 + "1" + "}" * 300, "t.yaml: nested too deeply"),
        (TASK + "title: " + "a" * 1_000_000, "characters, expected at most 1,000,000"),
        ("a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 9}]\n" for n in range(1, 9)), "more than 100,000"),
        (TASK + 'title: "\\ud800"\n', "half a surrogate pair"),
    ],
    ids=short,
)
def test_a_wrong_yaml_names_file_line_key_found_and_expected(desk: Desk, content: str | bytes, says: str) -> None:
    desk.write("t.yaml", content)
    desk.refused(SCORE, says)


def test_a_mix_that_does_not_sum_to_one_is_refused(desk: Desk) -> None:
    desk.write("r.yaml", RECIPE.replace("cross: 0.5", "cross: 0.6"))
    desk.refused(TRAIN, "r.yaml:2: mix: expected mono + cross + mixed + parallel + codeswitch = 1, not 1.1")


def test_a_model_folder_in_a_yaml_is_relative_to_it_and_must_be_a_model(desk: Desk) -> None:
    desk.write("models/near.yaml", "name: near\nformat: sentence\nfolder: ../weights\n")
    line = "run --model models/near.yaml --task t.yaml --out out"
    desk.refused(line, f"model folder {desk.folder / 'weights'}: no such folder")
    desk.write("weights/notes.txt", "no model")
    desk.refused(line, "neither modules.json nor config.json")


# --- data files --------------------------------------------------------------------------------------------------

DATA = "run --model random --task d.yaml --out out"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (json.dumps(lareqa())[:-20], "d/en.json: not valid JSON"),
        ("", "d/en.json: not valid JSON"),
        ("[" * 100_000, "d/en.json: not valid JSON"),
        ("[]", "d/en.json: not SQuAD's layout"),
        (b"\xff", "d/en.json: not UTF-8 (byte 0)"),
        (json.dumps(lareqa(start=12)), "d/en.json: question 'q': the answer at 12 lies outside every sentence"),
        (json.dumps(lareqa(context=5)), "d/en.json: data.0.paragraphs.0: context: found 5, expected text"),
        (json.dumps(lareqa(sentence_breaks=[[0, 99]])), "sentence_breaks: found [0, 99], expected [start, end] inside"),
        (json.dumps(lareqa(qas=[{"id": "q"}])), "d/en.json: not SQuAD's layout, data[].paragraphs[].qas[]: no key"),
        (json.dumps(lareqa(context="Hello there. By\ud800.")), "half a surrogate pair"),
        ('{"data": []}', "d/en.json: no sentences"),
    ],
    ids=short,
)
def test_a_damaged_data_file_is_named(desk: Desk, content: str | bytes, says: str) -> None:
    desk.write("d/en.json", content)
    desk.refused(DATA, "task d: ", says)


def test_a_missing_data_file_says_where_to_put_it(desk: Desk) -> None:
    (desk.folder / "d" / "de.json").unlink()
    desk.refused(DATA, "d: missing data file d/de.json; give a folder named by --data-dir or XBENCH_DATA")


@pytest.mark.parametrize("keep", [slice(0, -10), slice(0, 15), slice(5, None)])
def test_a_truncated_gzip_file_is_named(desk: Desk, keep: slice) -> None:
    (desk.folder / "d" / "en.json").unlink()
    desk.write("d/en.json.gz", gzip.compress(json.dumps(lareqa()).encode())[keep])
    desk.refused(DATA, "d/en.json.gz: damaged or truncated gzip file")


def test_a_sha256_mismatch_is_named(desk: Desk) -> None:
    desk.write("d.yaml", FILES.replace("json'}", f"json', sha256: {{en: '{'ab' * 32}'}}}}"))
    desk.refused(DATA, "d/en.json: sha256 mismatch: found", "expected abababababababab…")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "p.jsonl: the file is empty"),
        (row()[:-5], "p.jsonl:1: not valid JSON"),
        (row() + "\n" + row(), "p.jsonl:2: id: found 1, expected an id that no other row has"),
        (row(query="x"), "p.jsonl:1: query: found str, expected texts by language"),
        (row(query={"en": "", "de": "b"}), "1 of 1 queries in language 'en' are blank"),
        (row(query={"en": 5, "de": "b"}), "p.jsonl:1: en: found 5, expected a text"),
        (row(query={"en": "a"}), "no queries in language 'de'"),
        (b"\xff", "p.jsonl:1: not UTF-8 (byte 0)"),
    ],
    ids=short,
)
def test_a_wrong_row_is_named(desk: Desk, content: str | bytes, says: str) -> None:
    desk.write("p.jsonl", content)
    desk.refused("run --model random --task p.yaml --out out", says)


def test_a_line_separator_inside_a_text_is_no_end_of_row(desk: Desk) -> None:
    rows = [{"id": n, "query": {"en": f"a\u2028{n}", "de": "b"}, "positive": {"en": "c", "de": "d"}} for n in (1, 2)]
    desk.write("p.jsonl", "\n".join(json.dumps(one, ensure_ascii=False) for one in rows))
    assert desk.type("run --model random --task p.yaml --out out").code == 0


@pytest.mark.parametrize(
    ("relation", "content", "says"),
    [
        ("qa", "", "corpus c is empty"),
        ("qa", b"\xff", "not UTF-8"),
        ("qa", row(query={"en": 5}), "c.jsonl:1: query: found {'en': 5}, expected texts by language"),
        ("halves", '{"id": "1", "texts": {"fr": "un deux trois quatre"}}', "corpus c is empty"),
        ("qa", row(positive={"en": "\ud800"}), "half a surrogate pair"),
    ],
    ids=short,
)
def test_an_empty_or_wrong_corpus_is_named(desk: Desk, relation: str, content: str | bytes, says: str) -> None:
    desk.write(
        "c.yaml",
        f"name: c\nlanguages: [en, de]\nformat: aligned-jsonl\nrelation: {relation}\nfiles: [{{path: c.jsonl}}]\n",
    )
    desk.write("c.jsonl", content)
    desk.refused(TRAIN, says)


# --- no network --------------------------------------------------------------------------------------------------


def test_a_hub_model_that_is_not_here_is_one_line_offline(desk: Desk) -> None:
    for model in ("org/typo", "labse"):
        desk.refused(f"run --model {model} --task t.yaml --out out --offline", "is not in the hub cache, and --offline")


def test_a_source_behind_a_closed_port_is_one_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "RETRIES", 0)
    desk.write("d.yaml", FILES.replace("path: 'd/", "url: 'http://127.0.0.1:9/"))
    desk.refused(DATA, "cannot fetch http://127.0.0.1:9/en.json: no network")
    desk.refused(f"{DATA} --offline", "d: 2 files are not on this machine and --offline forbids fetching them")
    assert not list((desk.folder / "cache").rglob("*.json"))


def test_the_default_corpus_offline_names_the_offline_way(desk: Desk) -> None:
    line = "run --model static --recipe hybrid --task t.yaml --out out --offline"
    desk.refused(line, "squad-translated: 9 files", "`--corpus facts` needs no download")


# --- encoders and training ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("models") / "bert")


@pytest.fixture
def bert_copy(desk: Desk, bert: Path) -> Path:
    return Path(shutil.copytree(bert, desk.folder / "bert"))


def fill_weights(folder: Path, value: float) -> None:
    from safetensors.numpy import load_file, save_file

    (path,) = folder.glob("*.safetensors")
    save_file({name: np.full_like(array, value) for name, array in load_file(path).items()}, path, {"format": "pt"})


def test_nan_from_a_model_is_refused_and_not_kept(desk: Desk, bert_copy: Path) -> None:
    fill_weights(bert_copy, float("nan"))
    desk.refused("run --model bert --task t.yaml --out out", "the encoder gave NaN or infinity for 237 of 237 texts")
    assert not list((desk.folder / "cache").rglob("*.npz"))


def test_zero_vectors_are_refused(desk: Desk, bert_copy: Path) -> None:
    fill_weights(bert_copy, 0.0)
    desk.refused("run --model bert --task t.yaml --out out", "zero vector")


@pytest.mark.parametrize(("value", "says"), [(np.nan, "NaN"), (np.inf, "infinity"), (0.0, "zero vector")])
def test_one_bad_vector_among_good_ones_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, value: float, says: str
) -> None:
    def encode(self: RandomEncoder, texts: list[str], role: str, advance: Callable[[int], None]) -> Any:
        found = np.ones((len(texts), 4), np.float32)
        found[-1] = value
        return found

    monkeypatch.setattr(RandomEncoder, "encode", encode)
    desk.refused(SCORE, says)


def test_corrupted_weights_are_one_line(desk: Desk, bert_copy: Path) -> None:
    (weights,) = bert_copy.glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:-9])
    desk.refused("run --model bert --task t.yaml --out out", "model bert: cannot load")


def test_an_exploding_training_names_the_step_and_keeps_nothing(desk: Desk, bert_copy: Path) -> None:
    line = "run --model bert --recipe r.yaml --corpus c.yaml --task t.yaml --out out"
    said = desk.refused(f"{line} --set learning_rate=1e30 --set warmup=0", "step ", "nothing was kept", "learning_rate")
    assert any(f"step {number}" in said for number in (1, 2, 3))
    assert desk.encoders == []
    desk.refused(f"{TRAIN} --set scale=1e38", "the loss is inf at step 1")
    assert not [name for name in desk.encoders if "-r-" in name]


def test_weights_that_explode_in_the_last_step_are_not_kept(desk: Desk, bert_copy: Path) -> None:
    line = "run --model bert --recipe r.yaml --corpus c.yaml --task t.yaml --out out --set steps=1 --set warmup=0"
    desk.refused(f"{line} --set learning_rate=1e30 --set weight_decay=1e30", "not finite after step 1")
    assert desk.encoders == []


def test_max_length_for_a_model_without_one_is_refused(desk: Desk) -> None:
    desk.refused(f"{TRAIN} --set max_length=64", "reads texts of any length; leave max_length out")


# --- what is kept ------------------------------------------------------------------------------------------------


def test_an_existing_result_is_returned_without_encoding(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = desk.type(SCORE)
    assert "wrote out/t/random/none/" in first.err

    def never(*_: object) -> None:
        raise AssertionError("encoded again")

    monkeypatch.setattr(vectors, "encode_all", never)
    second = desk.type(SCORE)
    assert (second.code, second.out) == (0, first.out)
    assert "kept out/t/random/none/" in second.err


@pytest.mark.parametrize("content", ["", "{", "[]", "NaN", '{"schema": 2}', b"\xff"])
def test_a_damaged_result_is_named_by_run_and_by_leaderboard(desk: Desk, content: str | bytes) -> None:
    assert desk.type(SCORE).code == 0
    (result,) = (desk.folder / "out").rglob("*.json")
    desk.write(str(result), content)
    for line in (SCORE, f"{SCORE} --json", "leaderboard build --results out --out site"):
        ended = desk.type(line)
        assert (ended.code, ended.out) == (2, "")
        assert f"{result.relative_to(desk.folder)}: " in ended.err.splitlines()[-1]
    assert not (desk.folder / "site").exists()


def manifest_of(shard: Path) -> Path:
    return shard.with_name(f"{shard.name.partition('.')[0]}.json")


@pytest.mark.parametrize(
    "damage",
    [
        lambda shard: shard.write_bytes(b""),
        lambda shard: shard.write_bytes(shard.read_bytes()[:300]),
        lambda shard: shard.write_bytes(shard.read_bytes()[:400] + b"xx" + shard.read_bytes()[402:]),
        lambda shard: shard.unlink(),
        lambda shard: manifest_of(shard).write_text("{"),
        lambda shard: manifest_of(shard).write_text('{"texts": []}'),
    ],
    ids=short,
)
def test_a_damaged_vector_cache_names_the_folder_to_delete(desk: Desk, damage: Callable[[Path], object]) -> None:
    assert desk.type(SCORE).code == 0
    shutil.rmtree(desk.folder / "out")
    for shard in list((desk.folder / "cache" / "vectors").rglob("*.vectors.npy")):
        damage(shard)
    said = desk.refused(SCORE, "damaged kept vectors", "delete ")
    assert Path(said.rpartition("delete ")[2].partition(",")[0]).is_dir()


def test_a_half_written_shard_of_another_run_does_not_exist(desk: Desk) -> None:
    assert desk.type(SCORE).code == 0
    shutil.rmtree(desk.folder / "out")
    for folder in (desk.folder / "cache" / "vectors").iterdir():
        (folder / ".x.json").write_text("{")
    assert desk.type(SCORE).code == 0


@pytest.mark.parametrize(
    ("place", "says"),
    [("encoders/*/xbench.json", "trained again"), ("encoders/m-r-*/*.json", "trained again")],
)
def test_a_damaged_kept_encoder_is_named(desk: Desk, place: str, says: str) -> None:
    assert desk.type(TRAIN).code == 0
    shutil.rmtree(desk.folder / "out")
    for path in (desk.folder / "cache").glob(place):
        path.write_text("{")
    desk.refused(TRAIN, str(desk.folder / "cache"), says)


# --- what is printed ---------------------------------------------------------------------------------------------


def test_json_prints_only_a_list_of_paths_on_stdout(desk: Desk) -> None:
    for said in ("wrote ", "kept "):
        ended = desk.type(f"{TRAIN} --json")
        paths = json.loads(ended.out)
        assert ended.code == 0
        assert [Path(path).is_file() for path in paths] == [True]
        assert said + paths[0] in ended.err


def test_output_that_is_no_terminal_has_no_escape_codes_and_no_folded_lines(desk: Desk) -> None:
    name = "long-" * 19 + "name"
    desk.write("m.yaml", MODEL.replace("name: m", f"name: {name}"))
    ended = desk.type(TRAIN)
    assert ended.code == 0
    assert not any(sign in ended.out + ended.err for sign in "\x1b\r")
    shared, _, headings, table_row, path = ended.out.splitlines()
    assert shared == "t, AP; corpus c; seed 0"
    assert headings.split()[:2] == ["model", "recipe"]
    assert table_row.split()[:2] == [name, "r"]
    assert (desk.folder / path).is_file()
    assert any(line.startswith("wrote ") and line.endswith(path) for line in ended.err.splitlines())


@pytest.mark.parametrize("line", [f"--debug {SCORE} --seed -1", "run --model random --debug --task nope.yaml"])
def test_debug_anywhere_shows_the_traceback(desk: Desk, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr(sys, "argv", ["xbench", *shlex.split(line)])
    with pytest.raises(Exception, match=r"nope\.yaml|not in the range"):
        cli.main()


def test_an_unexpected_failure_ends_with_one_in_one_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for failure in (ZeroDivisionError("a\nb"), EOFError("a b")):

        def fail(*_: object, failure: Exception = failure) -> None:
            raise failure

        monkeypatch.setattr(RandomEncoder, "encode", fail)
        ended = desk.type(SCORE)
        assert ended.code == 1
        expected = f"xbench: failed: {type(failure).__name__}: a b (--debug shows where)"
        assert ended.err.splitlines()[-1] == expected


def test_a_disk_that_is_full_where_a_library_writes_is_one_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "/tmp/x")

    monkeypatch.setattr(RandomEncoder, "encode", fail)
    ended = desk.type(SCORE)
    assert ended.code == 2
    assert ended.err.splitlines()[-1].startswith("xbench: cannot write /tmp/x: No space left on device; make room")


# --- Ctrl-C ------------------------------------------------------------------------------------------------------

SLOW = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # what started the tests may ignore it
from xbench import cli
from xbench.encoders.static_encoder import StaticEncoder
from xbench.training.loader import TokenisedBatches
def slow(kind, name):
    real = getattr(kind, name)
    def slowly(*arguments):
        if len(seen) == 1:
            print("NOW", file=sys.stderr, flush=True)
            time.sleep(30)
        seen.append(name)
        return real(*arguments)
    setattr(kind, name, slowly)
seen = []
slow(*{"train": (TokenisedBatches, "__getitem__"), "encode": (StaticEncoder, "encode")}[sys.argv.pop(1)])
cli.main()
"""


@pytest.mark.parametrize("work", ["train", "encode"])
def test_ctrl_c_leaves_no_half_and_the_same_command_then_succeeds(desk: Desk, work: str) -> None:
    desk.write("slow.py", SLOW)
    environment = {**os.environ, "PYTHONPATH": str(Path(xbench.__file__).parents[1])}
    process = subprocess.Popen(
        [sys.executable, "slow.py", work, *shlex.split(TRAIN)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        cwd=desk.folder,
    )
    assert process.stderr is not None
    seen: list[str] = []
    for line in process.stderr:
        seen.append(line)
        if line == "NOW\n":
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            break
    rest = process.communicate(timeout=30)[1]
    assert process.returncode == 130, "".join(seen) + rest
    assert rest.split("\n")[-2] == "xbench: interrupted; finished results are kept, nothing is half-written"
    assert "Traceback" not in rest
    assert not (desk.folder / "out").exists()
    assert not [path for path in desk.folder.rglob(".*") if path.name != SEAL]
    assert len([name for name in desk.encoders if "-r-" in name]) == (0 if work == "train" else 1)
    assert desk.type(TRAIN).code == 0
