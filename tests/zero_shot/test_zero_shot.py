"""Verdicts from declarations and from texts; what overlap counts by language and by unit."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from build import collection
from click.testing import CliRunner
from test_run import request

from xbench import specs
from xbench.cli import cli
from xbench.data.collection import Collection, Queries, Texts, collect
from xbench.errors import SpecError
from xbench.jobs.run import run
from xbench.progress import Silent
from xbench.results.reading import read_result
from xbench.specs import registry
from xbench.training.corpus_loading import load_corpus
from xbench.zero_shot import exposure
from xbench.zero_shot import verdict as zero_shot
from xbench.zero_shot.lineage import Lineage, Training
from xbench.zero_shot.verdict import Case, declared


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XBENCH_PATH", raising=False)


def task(name: str = "xquad-r", **changes: Any) -> specs.TaskBase:
    return registry.load("task", name).spec.model_copy(update=changes)


def new_task(**keys: Any) -> specs.TaskBase:
    return specs.ParallelTask.model_validate_json(
        json.dumps({"name": "contracts", "languages": ["de"], "format": "parallel", "source": {"path": "x"}, **keys})
    )


def model(*trained_on: str, data: str = "declared") -> specs.ModelBase:
    keys = {"name": "m", "format": "sentence", "hub": "a/b", "trained_on": trained_on, "training_data": data}
    return specs.SentenceModel.model_validate_json(json.dumps(keys))


def corpus(name: str = "own", **keys: Any) -> specs.CorpusBase:
    fixed = {"name": name, "languages": ["de"], "format": "aligned-jsonl", "files": [{"path": "x"}], "relation": "qa"}
    return specs.AlignedCorpus.model_validate_json(json.dumps({**fixed, **keys}))


@pytest.mark.parametrize(
    ("trained_on", "data", "expected"),
    [
        ((), "declared", "zero-shot"),
        ((), "partly", "unknown"),
        ((), "undisclosed", "unknown"),
        (("ms-marco:train",), "declared", "zero-shot"),
        (("ms-marco:train",), "partly", "unknown"),
        (("ms-marco:train", "squad:train"), "partly", "in-domain"),
        (("squad:train", "squad:dev"), "undisclosed", "contaminated"),
        (("xquad-r",), "declared", "contaminated"),  # the task by its own name
        (("squad-translated",), "declared", "in-domain"),  # a corpus by its name
        (("mlqa-r",), "declared", "zero-shot"),  # another task by its name
    ],
)
def test_a_model_is_judged_by_what_it_declares(trained_on: tuple[str, ...], data: str, expected: str) -> None:
    assert declared(task(), model(*trained_on, data=data), None).name == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, "unknown"),
        ({"derived_from": []}, "zero-shot"),
        ({"derived_from": ["squad:train"]}, "in-domain"),
        ({"derived_from": ["mlqa-translate:train"]}, "contaminated"),
    ],
)
def test_an_empty_derived_from_says_that_a_corpus_is_new_and_none_says_nothing(
    keys: dict[str, Any], expected: str
) -> None:
    assert declared(task(), None, corpus(**keys)).name == expected


def test_the_worst_of_model_and_corpus_counts_with_its_reasons() -> None:
    verdict = declared(task(), model(data="undisclosed"), corpus(derived_from=["squad:train"]))
    assert verdict.name == "in-domain"
    assert verdict.reasons == ("the task is from squad:dev, training from squad:train",)
    assert declared(task(), model(data="undisclosed"), corpus(derived_from=[])).name == "unknown"
    assert declared(task(), model("squad:dev"), corpus(derived_from=[])).name == "contaminated"


def test_a_task_of_ones_own_that_declares_nothing_is_unknown_to_trained_models_only() -> None:
    assert declared(new_task(), model("ms-marco:train"), None).name == "unknown"
    assert declared(new_task(derived_from=[]), model("ms-marco:train"), None).name == "zero-shot"
    assert declared(new_task(), specs.RandomModel(name="random", format="random"), None).name == "zero-shot"


def test_splits_of_ones_own_task_need_no_declaration(tmp_path: Path) -> None:
    whole, test = new_task(derived_from=[]), new_task(derived_from=["contracts:test"])
    assert declared(whole, model("contracts"), None).name == "contaminated"
    assert declared(whole, model("contracts:train"), None).name == "contaminated"  # the task is all of it
    assert declared(test, model("contracts:train"), None).name == "in-domain"
    assert declared(test, model("contracts:test"), None).name == "contaminated"


def test_names_of_ones_own_yaml_files_are_data_sets(tmp_path: Path) -> None:
    (tmp_path / "baselines/corpora").mkdir(parents=True)
    files = "files: [{path: x}]\nrelation: qa\nlanguages: [de]\nformat: aligned-jsonl"
    for name, made in (("mails", "[tickets]"), ("tickets", '["squad:dev"]')):
        text = f"name: {name}\n{files}\nderived_from: {made}\n"
        (tmp_path / f"baselines/corpora/{name}.yaml").write_text(text)
    verdict = declared(task(), model("mails"), None)
    assert verdict.name == "contaminated"
    assert "mails <- tickets <- squad:dev" in verdict.reasons[0]


@pytest.mark.parametrize("derived", ["own", "own:test", "cut"])
@pytest.mark.parametrize("earlier", [False, True])
def test_a_task_that_is_from_the_corpus_of_a_run_is_contaminated_by_it(
    tmp_path: Path, derived: str, earlier: bool
) -> None:
    (tmp_path / "tasks").mkdir()
    whole = "name: cut\nlanguages: [de]\nformat: parallel\nsource: {path: x}\nderived_from: [own]\n"
    (tmp_path / "tasks" / "cut.yaml").write_text(whole)
    new = corpus(derived_from=[])
    lineage = Lineage(trainings=[Training(recipe="r", corpus=new, corpus_sha256="0" * 64, seed=0)])
    verdict = declared(new_task(derived_from=[derived]), None, None if earlier else new, lineage if earlier else None)
    assert verdict.name == "contaminated"
    assert verdict.reasons[0].endswith(", training from own")
    assert declared(new_task(derived_from=["squad:dev"]), None, new).name == "zero-shot"


def test_the_name_of_a_corpus_that_is_a_data_set_besides_says_nothing_of_it() -> None:
    alike = corpus("tatoeba", derived_from=[])
    assert declared(new_task(derived_from=["tatoeba"]), None, alike).name == "zero-shot"


@pytest.mark.parametrize(
    ("build", "where"),
    [
        (lambda: declared(new_task(derived_from=["squad:dve"]), model(), None), "task contracts: derived_from"),
        (lambda: declared(task(), model("sqaud:train"), None), "model m: trained_on"),
        (lambda: declared(task(), None, corpus(derived_from=["squad:trian"])), "corpus own: derived_from"),
    ],
)
def test_a_misspelled_name_is_an_error_that_says_where(build: Any, where: str) -> None:
    with pytest.raises(SpecError, match="did you mean 'squad:") as told:
        build()
    assert str(told.value).startswith(where)


def test_running_text_behind_both_is_noted_and_changes_no_verdict() -> None:
    verdict = declared(task(), model("wikipedia"), None)
    assert (verdict.name, verdict.seen_text) == ("zero-shot", ("wikipedia",))


def test_the_facts_are_judged_by_their_kinds() -> None:
    facts, trained = task("facts"), registry.load("corpus", "facts").spec
    assert declared(facts, None, trained).name == "in-domain"
    same = trained.model_copy(update={"kinds": ("home-territory",), "derived_from": ()})
    assert declared(facts, None, same).name == "contaminated"


IN_DOMAIN = {("facts", "facts"), ("xquad-r", "squad-translated")}
SAME_DATA = {("ntrex", "ntrex"), ("tatoeba", "tatoeba"), ("tatoeba", "parallel-sentences-tatoeba")}


def test_a_shipped_corpus_contaminates_the_task_of_its_own_data_alone_and_every_shipped_name_is_known() -> None:
    corpora = [registry.load("corpus", name).spec for name in registry.known("corpus")]
    assert {"facts", "squad-translated"} <= {one.name for one in corpora}
    for name in registry.known("task"):
        asked = task(name)
        for one in corpora:
            verdict = declared(asked, None, one)
            assert (verdict.name == "contaminated") == ((name, one.name) in SAME_DATA), (name, one.name)
            if name in ("facts", "xquad-r", "mlqa-r") and one.name in ("facts", "squad-translated"):
                assert verdict.name == ("in-domain" if (name, one.name) in IN_DOMAIN else "zero-shot")


def test_the_worse_of_model_and_corpus_decides_and_every_shipped_model_names_known_data() -> None:
    corpora = [registry.load("corpus", name).spec for name in ("facts", "squad-translated", "ntrex")]
    order = zero_shot.ORDER.index
    for asked in map(task, ("facts", "xquad-r", "ntrex")):
        alone = [declared(asked, None, one).name for one in corpora]
        for name in registry.known("model"):
            each = registry.load("model", name).spec
            own = declared(asked, each, None).name
            for one, verdict in zip(corpora, alone, strict=True):
                assert order(declared(asked, each, one).name) == min(order(verdict), order(own))


# --- overlap by language and unit --------------------------------------------------------------------------------


def parallel(questions: int = 3) -> Collection:
    """Questions q0, q1 .. in de and en; a document for each in both; one German document that answers nothing."""
    names = tuple(f"q{number}" for number in range(questions))
    queries, documents, relevant = {}, {}, {}
    for language in ("de", "en"):
        asked = tuple(f"{language} question number {name} about something or other" for name in names)
        queries[language] = Queries(tuple(f"{language}-{name}" for name in names), asked, names, names)
        ids = [f"{language}-d{number}" for number in range(questions)] + ["de-extra"] * (language == "de")
        documents[language] = Texts(
            tuple(ids), tuple(f"a {identity} document that tells of many things" for identity in ids)
        )
        relevant[language] = {name: [number] for number, name in enumerate(names)}
    return collect(queries, documents, relevant)


def found(*training: str, questions: int = 3) -> dict[str, Any]:
    """The overlap as a result keeps it."""
    return exposure.measure(parallel(questions), training).plain()


def test_clean_text_counts_nothing() -> None:
    result = found("nothing of the sort")
    assert result["languages"]["de"]["documents"] == {"texts": 4, "compared": 4, "copied": 0, "partial": 0}
    assert result["units"]["questions"] == {"total": 3, "asked": 0, "answered": 0, "copied": 0, "share": 0}
    assert result["units"]["documents"] == {"total": 7, "copied": 0, "share": 0}


def test_a_question_is_contaminated_where_any_language_version_is() -> None:
    result = found("DE  question number q1 about something or other!")
    assert result["languages"]["de"]["queries"]["copied"] == 1
    assert result["languages"]["en"]["queries"]["copied"] == 0
    assert result["units"]["questions"] == {"total": 3, "asked": 1, "answered": 0, "copied": 1, "share": 1 / 3}
    assert result["units"]["documents"]["copied"] == 0
    assert result["examples"]["queries"]["copied"] == ["de-q1"]


def test_a_document_is_contaminated_with_its_versions_and_so_is_what_it_answers() -> None:
    result = found("a en-d2 document that tells of many things")
    assert result["languages"]["en"]["documents"]["copied"] == 1
    assert result["units"]["documents"] == {"total": 7, "copied": 2, "share": 2 / 7}  # en-d2 and de-d2
    assert result["units"]["questions"] == {"total": 3, "asked": 0, "answered": 1, "copied": 1, "share": 1 / 3}


def test_a_document_that_answers_nothing_stands_alone() -> None:
    units = found("a de-extra document that tells of many things")["units"]
    assert (units["documents"]["copied"], units["questions"]["copied"]) == (1, 0)


def test_relevant_documents_in_other_languages_need_not_be_versions() -> None:
    copy = ["a en-d2 document that tells of many things"]
    units = exposure.measure(parallel(), copy, versions=False).plain()["units"]
    assert (units["documents"]["copied"], units["questions"]["copied"]) == (1, 1)


def test_judged_but_irrelevant_and_absent_documents_answer_nothing() -> None:
    whole = parallel()
    golds = dict(whole.golds)
    row = int(np.flatnonzero(golds["de"].document == 2)[0])
    for key, change in (("grade", 0), ("document", -1)):
        for language in ("de", "en"):
            array = getattr(whole.golds[language], key).copy()
            array[[row, row + 1]] = change
            golds[language] = replace(whole.golds[language], **{key: array})
        units = exposure.measure(replace(whole, golds=golds), ["a en-d2 document that tells of many things"]).plain()[
            "units"
        ]
        assert (units["documents"]["copied"], units["questions"]["copied"]) == (1, 0), key


def test_relevant_documents_in_one_language_are_no_versions_of_each_other() -> None:
    queries = {"de": Queries(("q",), ("a question about this and that",), ("q",), ("q",))}
    texts = ("one document with a text of its own", "another document with another text")
    one = collect(queries, {"de": Texts(("d0", "d1"), texts)}, {"de": {"q": [0, 1]}})
    assert exposure.measure(one, texts[:1]).plain()["units"]["documents"]["copied"] == 1


def test_copies_of_more_than_two_questions_in_a_hundred_are_contamination() -> None:
    copies = [f"en question number q{number} about something or other" for number in range(5)]
    clean, dirty = (exposure.measure(parallel(200), copies[:count]) for count in (4, 5))
    assert zero_shot.compared(task(), clean) is None
    verdict = zero_shot.compared(task(), dirty)
    assert verdict is not None
    assert verdict.reasons == ("5 of 200 questions of xquad-r stand in the training texts",)


def test_ids_of_examples_are_few_and_no_text_is_kept() -> None:
    result = found(*parallel(40).queries["en"].texts, questions=40)
    assert result["examples"]["queries"]["copied"] == [f"en-q{number}" for number in range(exposure.EXAMPLES)]
    assert "question number" not in json.dumps(result)


def test_an_overlap_is_kept_for_its_corpus_collection_and_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    measure = exposure.measure
    monkeypatch.setattr(exposure, "measure", lambda *arguments: asked.append(1) or measure(*arguments))
    facts = load_corpus(registry.load("corpus", "facts"), request(tmp_path).storage)
    other = load_corpus(registry.load("corpus", "facts", {"kinds": ["script"]}), request(tmp_path).storage)

    def compare(part: Collection, texts: Any) -> Any:
        return exposure.compare(new_task(), part, texts, tmp_path, Silent())

    first = compare(parallel(), facts)
    assert (compare(parallel(), facts), len(asked)) == (first, 1)
    compare(parallel(4), facts)
    compare(parallel(), other)
    monkeypatch.setattr(exposure.overlap, "RULE", 0)
    last = compare(parallel(), facts)
    assert len(asked) == 4
    for damage in ("{", "{}", '{"units": {"questions": 3}}'):
        for path in (tmp_path / "overlap").iterdir():
            path.write_text(damage)
        asked.clear()
        assert compare(parallel(), facts) == last and len(asked) == 1


def test_a_kept_overlap_of_which_one_number_changed_is_compared_again_and_that_is_said(tmp_path: Path) -> None:
    facts = load_corpus(registry.load("corpus", "facts"), request(tmp_path).storage)
    said: list[str] = []

    class Noting(Silent):
        def say(self, line: str) -> None:
            said.append(line)

    def compare() -> Any:
        return exposure.compare(new_task(), parallel(), facts, tmp_path, Noting())

    first = compare()
    (path,) = (tmp_path / "overlap").iterdir()
    path.write_text(path.read_text().replace('"copied": 0', '"copied": 1', 1))
    assert compare() == first
    assert said == [f"{path}: damaged; {new_task().name} is compared again"]


def test_a_collection_without_copies_in_it_has_a_share_of_zero() -> None:
    flags = {(role, "de"): np.zeros(5, bool) for role in ("queries", "documents")}
    assert exposure.units(collection({"de": ["a", "b", "c"]}), flags)["questions"].share == 0


# --- runs and commands -------------------------------------------------------------------------------------------


@pytest.fixture
def leaky(tmp_path: Path) -> Path:
    """A corpus that declares nothing bad and holds German questions of the facts task, in capitals."""
    from xbench.data.embedded_facts import load_facts

    facts = load_facts(["home-territory"], ["de"])[:40]
    rows = [{"query": {"de": fact.question["de"].upper()}, "positive": {"de": f"text {fact.id}"}} for fact in facts]
    (tmp_path / "leaky.jsonl").write_text("\n".join(map(json.dumps, rows)))
    path = tmp_path / "leaky.yaml"
    path.write_text(
        "name: leaky\nlanguages: [de]\nformat: aligned-jsonl\nrelation: qa\n"
        "files: [{path: leaky.jsonl}]\nderived_from: []"
    )
    return path


def test_a_run_keeps_verdict_reasons_and_overlap(tmp_path: Path) -> None:
    (path,) = run(request(tmp_path), Silent())
    kept = read_result(path).zero_shot.plain()
    assert (kept["verdict"], kept["overlap"]) == ("zero-shot", None)


TRAINED = {
    "models": ("static",),
    "recipes": ("monolingual",),
    "settings": {"steps": 1, "batch_size": 4, "model.vocabulary": 400, "model.dimension": 4},
}


def test_a_run_that_copies_the_task_is_refused_before_anything_is_filed(tmp_path: Path, leaky: Path) -> None:
    asked = request(tmp_path, **TRAINED, corpus=str(leaky))
    with pytest.raises(SpecError, match=r"40 of \d+ questions of facts stand in the training.*--allow-contaminated"):
        run(asked, Silent())
    assert not (tmp_path / "results").exists()
    assert not (tmp_path / "cache/encoders").exists()


def test_a_contaminated_run_goes_on_when_allowed_and_is_marked(tmp_path: Path, leaky: Path) -> None:
    (path,) = run(request(tmp_path, **TRAINED, corpus=str(leaky), allow_contaminated=True), Silent())
    kept = read_result(path).zero_shot.plain()
    assert kept["verdict"] == "contaminated"
    assert kept["overlap"]["languages"]["de"]["queries"]["copied"] == 40
    assert kept["overlap"]["units"]["questions"]["asked"] == 40
    assert kept["overlap"]["corpus"] == read_result(path).provenance.corpus_sha256


def test_what_is_declared_refuses_before_any_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        "name: bad\nlanguages: [de]\nformat: aligned-jsonl\nrelation: qa\nfiles: [{path: absent}]\nderived_from: [cldr]"
    )
    with pytest.raises(SpecError, match="training from cldr"):
        run(request(tmp_path, **TRAINED, corpus="bad.yaml"), Silent())
    assert not (tmp_path / "cache").exists()


def test_a_model_that_only_took_its_tokenizer_from_a_corpus_is_not_trained_on_it(tmp_path: Path, leaky: Path) -> None:
    settings = {key: value for key, value in TRAINED["settings"].items() if key.startswith("model")}
    (path,) = run(request(tmp_path, models=("static",), settings=settings, corpus=str(leaky)), Silent())
    assert read_result(path).zero_shot.verdict == "zero-shot"


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(cli, arguments)


def test_corpora_check_shows_verdict_counts_and_ids(
    tmp_path: Path, leaky: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    done = invoke("corpora", "check", str(leaky), "--task", "facts")
    assert done.exit_code == 0, done.output
    assert "facts: contaminated: 40 of " in done.output
    assert "questions copied in any language: 40 of " in done.output
    assert "queries, copied: de-home-territory/" in done.output
    german = next(line.split() for line in done.output.splitlines() if line.startswith("de "))
    assert german[3] == "40"


def test_corpora_check_names_what_is_misspelled(tmp_path: Path, leaky: Path) -> None:
    leaky.write_text(leaky.read_text().replace("derived_from: []", 'derived_from: ["squad:trian"]'))
    done = invoke("corpora", "check", str(leaky), "--task", "facts")
    assert isinstance(done.exception, SpecError)
    assert "did you mean 'squad:train'" in str(done.exception)


# --- real data ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["iapp-thai-qa", "arcd-qa"])
def test_real_question_corpora_share_next_to_nothing_with_xquad_r(data_folder: Path, real: Any, name: str) -> None:
    if not (data_folder / f"train/{name}.jsonl.gz").is_file():
        pytest.skip(f"no train/{name}.jsonl.gz in {data_folder}")
    language = {"iapp-thai-qa": "th", "arcd-qa": "ar"}[name]
    import gzip

    with gzip.open(data_folder / f"train/{name}.jsonl.gz", "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    texts = [row[side][language] for row in rows for side in ("query", "positive")]
    result = exposure.measure(real("xquad-r"), texts)
    assert (result.units["questions"].share or 0) < 0.001
    assert (result.units["documents"].copied or 0) <= 1
    planted = real("xquad-r").queries[language].texts[:50]
    again = exposure.measure(real("xquad-r"), [*texts, *(text.upper() for text in planted)])
    assert (again.units["questions"].copied or 0) >= 45
    assert Case(task(), None, corpus(derived_from=[])).verdict({"xquad-r": again}).name == "contaminated"
