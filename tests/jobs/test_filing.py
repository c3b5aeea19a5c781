"""The result that is filed: numbers beside everything that they follow from, without the folders of this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from facts_request import request
from test_encoder_job import job_of

from xbench import specs
from xbench.jobs.encoder_job import EncoderJob
from xbench.jobs.filing import result_of
from xbench.jobs.inputs import read_tasks
from xbench.jobs.plan import make_plan
from xbench.jobs.prepared_encoder import PreparedEncoder
from xbench.jobs.scoring import measure
from xbench.progress import Silent
from xbench.results.result import Result
from xbench.specs.registry import Entry


def filed(folder: Path, model: specs.ModelBase | None = None, notes: tuple[str, ...] = ()) -> Result:
    """A result of the chance row; of `model` with these numbers, where one is given."""
    asked = request(folder, command="xbench run --model random")
    plan, job = make_plan(asked), job_of(asked)
    task = plan.tasks[0].spec
    (collection,) = (replace(read, notes=notes) for read in read_tasks(plan, asked).values())
    measured = measure(job, task, collection)
    if model is not None:
        run = replace(job.run, model=Entry(model, folder))
        encoder = PreparedEncoder(asked, run, None, Silent())
        job = EncoderJob(asked, run, encoder, job.screening, Silent())
    return result_of(job, task, collection, measured)


def test_a_result_says_what_it_was_made_of(tmp_path: Path) -> None:
    result = filed(tmp_path)
    names = (result.task, result.model, result.recipe, result.corpus)
    assert (names, result.seed, result.languages) == (("facts", "random", "none", None), 0, ["de", "en"])
    assert result.counts.queries == result.counts.documents == {"de": 237, "en": 237}
    assert result.training is None
    assert result.provenance.command == "xbench run --model random"
    assert result.provenance.encoded.model_dump() == {"queries": 474, "documents": 474}
    assert (result.specs.recipe, result.specs.training, result.specs.corpus) == (None, None, None)


def test_what_is_odd_about_the_data_stands_in_the_result(tmp_path: Path) -> None:
    said = ("de: 2 blank queries are left out (blank: drop)",)
    assert filed(tmp_path, notes=said).provenance.plain()["notes"] == list(said)
    assert "notes" not in filed(tmp_path).provenance.plain()


def test_the_folder_of_a_model_is_its_name_alone(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "my-model"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    result = filed(tmp_path, specs.SentenceModel(name="mine", format="sentence", folder=str(folder)))
    assert result.model_spec.plain()["folder"] == "my-model"
    assert str(tmp_path) not in result.model_dump_json()


def test_the_tokenizer_of_a_lexical_model_is_its_name_alone(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models

    path = tmp_path / "home" / "tokenizer.json"
    path.parent.mkdir()
    Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]")).save(str(path))
    tokens = specs.Tokens(kind="subwords", tokenizer=str(path))
    result = filed(tmp_path, specs.LexicalModel(name="mine", format="bm25", tokens=tokens))
    assert result.model_spec.plain()["tokens"] == {"kind": "subwords", "characters": 2, "tokenizer": "tokenizer.json"}
    assert str(tmp_path) not in result.model_dump_json()
