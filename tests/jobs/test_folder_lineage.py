"""A trained encoder that is named by its folder: its record decides as its training did, or is refused in one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from facts_request import Listener, request, training

from xbench.errors import EncoderError, SpecError
from xbench.jobs.folder_lineage import lineage_of
from xbench.jobs.inputs import read_corpus, read_tasks
from xbench.jobs.plan import make_plan
from xbench.jobs.request import Request
from xbench.jobs.run import run
from xbench.jobs.screening import Screening
from xbench.jobs.training import train_encoder
from xbench.progress import Silent
from xbench.results.reading import read_result
from xbench.specs import SentenceModel, registry

SMALL = {"model.vocabulary": 400, "model.dimension": 4, "steps": 2}
SAME = {"corpus.kinds": ["official-language"]}


def train(folder: Path, *, model: str = "static", recipe: str = "hybrid", **settings: Any) -> Path:
    own = SMALL if model == "static" else {"steps": 2}
    chosen = own | ({"task.options.kinds": ["official-language"]}) | settings
    return train_encoder(training(folder, models=(model,), recipes=(recipe,), tasks=(), settings=chosen), Silent())[0]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Encoders trained on other facts, on those of the task, and on these and then on others."""
    folder = tmp_path_factory.mktemp("shop")
    other, same = train(folder), train(folder, **SAME)
    further = train(folder, model=str(same), recipe="monolingual")
    yield {"place": folder, "other": other, "same": same, "further": further}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XBENCH_PATH", raising=False)


def asked(shop: dict[str, Path], folder: Path, **changes: Any) -> Request:
    return request(shop["place"], models=(str(folder),), **changes)


def screened(wanted: Request) -> tuple[Any, Listener]:
    """What a result of the request would keep, and what was said."""
    plan, listener = make_plan(wanted), Listener()
    screening = Screening(
        plan.narrowed({run.label for run in plan.runs} - plan.unusable.keys(), plan.unusable), wanted, listener
    )
    screening.compare(read_tasks(plan, wanted), read_corpus(plan, wanted))
    return screening.record(plan.runs[0], plan.tasks[0].spec), listener


def moved(encoder: Path, folder: Path) -> Path:
    return shutil.copytree(encoder, folder / "moved")


def edit(folder: Path, change: Any) -> None:
    path = folder / "xbench.json"
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def test_the_verdict_of_a_folder_is_that_of_the_run_that_trained_it(shop: dict[str, Path]) -> None:
    trained, _ = screened(training(shop["place"], settings=SMALL))
    named, listener = screened(asked(shop, shop["other"]))
    assert (named.verdict, named.reasons) == (trained.verdict, trained.reasons) and named.verdict == "in-domain"
    assert named.earlier[0].overlap == trained.overlap
    name = shop["other"].name
    assert listener.lines[0] == f"model {name}: trained by hybrid on facts, seed 0"
    assert listener.lines[-1].startswith(f"facts, {name} trained on facts: in-domain: ")


def test_what_contaminates_a_training_refuses_its_folder_too(shop: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(SpecError) as gate:
        run(training(shop["place"], settings={**SMALL, **SAME}), Silent())
    for model in (str(shop["same"]), str(moved(shop["same"], tmp_path))):
        name = Path(model).name
        with pytest.raises(SpecError) as refused:
            run(asked(shop, Path(model)), Silent())
        assert str(refused.value) == str(gate.value).replace("static trained on", f"{name} trained on")


def test_a_yaml_cannot_declare_away_what_its_folder_was_trained_on(shop: dict[str, Path], tmp_path: Path) -> None:
    declared = f"name: mine\nformat: sentence\nfolder: {shop['same']}\ntraining_data: declared\ntrained_on: []\n"
    (tmp_path / "mine.yaml").write_text(declared)
    with pytest.raises(SpecError, match="facts, mine trained on facts: contaminated"):
        run(asked(shop, Path("mine.yaml")), Silent())


def test_a_contaminated_folder_is_scored_where_that_is_allowed_and_marked(shop: dict[str, Path]) -> None:
    (path,) = run(asked(shop, shop["same"], allow_contaminated=True), Silent())
    kept = read_result(path).zero_shot.plain()
    assert kept["verdict"] == "contaminated" and kept["overlap"] is None
    (before,) = kept["earlier"]
    assert (before["recipe"], before["corpus"], before["seed"]) == ("hybrid", "facts", 0)
    assert before["overlap"]["units"]["questions"]["share"] == 1


def test_every_generation_is_remembered(shop: dict[str, Path]) -> None:
    folder = shop["further"]
    with pytest.raises(SpecError, match="trained on facts, then facts: contaminated: the task is from cldr:official"):
        run(asked(shop, folder), Silent())
    lineage = lineage_of(registry.load("model", str(folder)).spec)
    assert lineage and [str(each) for each in lineage.trainings] == [
        "by hybrid on facts, seed 0",
        "by monolingual on facts, seed 0",
    ]
    assert [each.model for each in lineage.declared] == ["static"]
    card = (folder / "README.md").read_text()
    assert "- trained before: by hybrid on facts, seed 0" in card
    with pytest.raises(SpecError, match="trained on facts, then facts, then facts: contaminated"):
        run(training(shop["place"], models=(str(folder),), settings={"steps": 2}), Silent())


def test_the_gate_holds_where_the_names_say_nothing_but_the_texts_are_the_tasks(
    shop: dict[str, Path], tmp_path: Path
) -> None:
    from xbench.data.embedded_facts import load_facts

    facts = load_facts(["official-language"], ["de", "en"])[:40]
    rows = [{"query": dict(fact.question), "positive": {"de": f"text {fact.id}"}} for fact in facts]
    (tmp_path / "leaky.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "leaky.yaml").write_text(
        "name: leaky\nlanguages: [de]\nformat: aligned-jsonl\nrelation: qa\n"
        "files: [{path: leaky.jsonl}]\nderived_from: []"
    )
    leaky = training(tmp_path, tasks=(), recipes=("monolingual",), corpus="leaky.yaml")
    settings = {**SMALL, "batch_size": 4, "task.options.kinds": ["official-language"]}
    folder, _ = train_encoder(Request(**{**vars(leaky), "settings": settings}), Silent())
    (tmp_path / "leaky.jsonl").unlink()  # its table is kept
    wanted = request(tmp_path, models=(str(folder),))
    with pytest.raises(SpecError, match="trained on leaky: contaminated: 42 of 237 questions of facts stand in"):
        run(wanted, Silent())
    shutil.rmtree(tmp_path / "cache" / "corpora")
    with pytest.raises(SpecError, match="42 of 237 questions"):
        run(wanted, Silent())  # the comparison is kept too
    shutil.rmtree(tmp_path / "cache" / "overlap")
    record, listener = screened(wanted)
    assert record.verdict == "unknown" and record.earlier[0].overlap is None
    assert (
        "facts, " in listener.lines[-1]
        and "corpus leaky, which the model was trained on, cannot be read" in (listener.lines[-1])
    )


def test_in_another_cache_an_embedded_corpus_is_read_again(shop: dict[str, Path], tmp_path: Path) -> None:
    record, _ = screened(request(tmp_path, models=(str(shop["other"]),)))
    assert record.earlier[0].overlap is not None
    assert record.earlier[0].overlap.corpus == record.earlier[0].corpus_sha256
    assert record.gaps == []


def test_files_that_the_record_is_not_of_leave_a_gap_and_their_past_counts(
    shop: dict[str, Path], tmp_path: Path
) -> None:
    folder = moved(shop["same"], tmp_path)
    (folder / "added.json").write_text("{}")
    says = "model moved: its files are not those that its xbench.json tells of"
    with pytest.raises(SpecError, match="moved trained on facts: contaminated"):
        run(asked(shop, folder), Silent())
    record, listener = screened(asked(shop, folder, allow_contaminated=True))
    assert any(line.startswith(says) for line in listener.lines)
    assert record.verdict == "contaminated" and record.gaps[0].startswith(says)
    further = train(shop["place"], model=str(folder), recipe="cross-lingual")
    lineage = lineage_of(registry.load("model", str(further)).spec)
    assert lineage and [each.reason for each in lineage.gaps] == ["altered"] and len(lineage.trainings) == 2


def test_notes_for_people_alter_no_encoder(shop: dict[str, Path], tmp_path: Path) -> None:
    folder = moved(shop["other"], tmp_path)
    (folder / "README.md").write_text("mine")
    record, _ = screened(asked(shop, folder))
    assert record.gaps == []


def test_without_its_record_a_folder_is_any_folder(shop: dict[str, Path], tmp_path: Path) -> None:
    folder = moved(shop["same"], tmp_path)
    (folder / "xbench.json").unlink()
    record, _ = screened(asked(shop, folder))
    assert (record.verdict, record.earlier) == ("unknown", [])


def test_a_record_of_an_older_xbench_is_unknown_and_its_corpus_counts_by_its_name(
    shop: dict[str, Path], tmp_path: Path
) -> None:
    folder = moved(shop["other"], tmp_path)

    def older(record: dict[str, Any]) -> None:
        for key in ("lineage", "folder_sha256", "record_sha256"):
            del record[key]

    edit(folder, older)
    record, listener = screened(asked(shop, folder))
    says = "model moved: its xbench.json does not tell what the training data are from"
    assert (record.verdict, record.gaps) == ("in-domain", [says]) and says in listener.lines
    edit(folder, lambda record: record["made"].update(corpus="ntrex"))
    lineage = lineage_of(registry.load("model", str(folder)).spec)
    assert lineage and lineage.declared[0].trained_on == ["ntrex"]
    ntrex = request(tmp_path, models=(str(folder),), tasks=("ntrex",), settings={})
    with pytest.raises(SpecError, match="ntrex, moved: contaminated"):
        Screening(make_plan(Request(**{**vars(ntrex), "settings": {}})), ntrex, Silent())


def drop_training(record: dict[str, Any]) -> None:
    record["lineage"]["trainings"] = []


def other_kinds(record: dict[str, Any]) -> None:
    record["lineage"]["trainings"][0]["corpus"]["kinds"] = ["currency"]


def other_weights(record: dict[str, Any]) -> None:
    record["folder_sha256"] = "0" * 64


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda record: record.pop("lineage"), "found another record than xbench wrote"),
        (lambda record: record.pop("record_sha256"), "found another record than xbench wrote"),
        (lambda record: record.pop("folder_sha256"), "found another record than xbench wrote"),
        (drop_training, "found another record than xbench wrote"),
        (other_kinds, "found another record than xbench wrote"),
        (other_weights, "found another record than xbench wrote"),
        (lambda record: record.update(lineage=3), "damaged (lineage: found 3, expected "),
        (lambda record: record["lineage"]["trainings"][0].pop("corpus"), "damaged (lineage.trainings.0.corpus: found "),
        (
            lambda record: record["lineage"]["trainings"][0].update(recipe="\x1b[2J"),
            "found '\\x1b[2J', expected a name",
        ),
        (lambda record: record["lineage"]["trainings"][0].update(seed=True), "damaged (lineage.trainings.0.seed"),
        (lambda record: record.pop("training"), "damaged (training: found no such key, expected one)"),
    ],
    ids=range(11),
)
def test_a_record_that_was_edited_is_one_line_and_never_unknown(
    shop: dict[str, Path], tmp_path: Path, change: Any, says: str
) -> None:
    folder = moved(shop["same"], tmp_path)
    edit(folder, change)
    for wanted in (asked(shop, folder), training(shop["place"], models=(str(folder),), settings={"steps": 2})):
        with pytest.raises(EncoderError) as refused:
            run(wanted, Silent())
        message = str(refused.value)
        assert says in message and message.startswith(f"{folder}/xbench.json: ") and "\n" not in message
        assert message.endswith("restore it, or delete it, and what the encoder was trained on counts as unknown")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"training": {"steps": NaN}}'])
def test_a_record_that_is_none_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "xbench.json").write_bytes(content)
    spec = SentenceModel(name="m", format="sentence", folder=str(tmp_path))
    with pytest.raises(EncoderError, match=r"xbench.json: damaged.*; restore it, or delete it") as refused:
        lineage_of(spec)
    assert "\n" not in str(refused.value)


def test_a_record_that_cannot_be_read_is_no_absent_one(tmp_path: Path) -> None:
    spec = SentenceModel(name="m", format="sentence", folder=str(tmp_path))
    (tmp_path / "xbench.json").symlink_to("nowhere")
    with pytest.raises(EncoderError, match="damaged"):
        lineage_of(spec)
    (tmp_path / "xbench.json").unlink()
    (tmp_path / "xbench.json").mkdir()
    with pytest.raises(EncoderError, match="damaged"):
        lineage_of(spec)


def test_a_result_that_was_filed_under_another_verdict_is_told(shop: dict[str, Path], tmp_path: Path) -> None:
    folder, out = moved(shop["same"], tmp_path), tmp_path / "results"
    record = (folder / "xbench.json").read_bytes()
    (folder / "xbench.json").unlink()
    (path,) = run(asked(shop, folder, out=out), Silent())
    (folder / "xbench.json").write_bytes(record)
    listener = Listener()
    assert run(asked(shop, folder, out=out, allow_contaminated=True), listener) == [path]  # one digest: one encoder
    says = f"kept {path}, which says unknown; today the verdict is contaminated: delete it to have it filed anew"
    assert says in listener.lines
