"""The verdict on an encoder that was trained before: its base model's declarations, every corpus, and every gap."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_zero_shot import corpus, found, model, new_task, task

from xbench import specs
from xbench.errors import SpecError
from xbench.results.record import OverlapRecord
from xbench.zero_shot.lineage import Declared, Gap, Lineage, Training
from xbench.zero_shot.verdict import Case, declared, require_clean

TEXT = "a" * 64
OTHER = "b" * 64


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XBENCH_PATH", raising=False)


def training(text: str = TEXT, **keys: Any) -> Training:
    spec = corpus(**keys).model_dump(mode="json", by_alias=True, exclude_unset=True)
    made = {"recipe": "hybrid", "corpus": spec, "corpus_sha256": text, "seed": 3}
    return Training.model_validate_json(json.dumps(made))


def lineage(*trainings: Training, base: tuple[str, ...] = (), data: Any = "declared", gaps: Any = ()) -> Lineage:
    own = Declared(model="base", trained_on=list(base), training_data=data)
    return Lineage(declared=[own], trainings=list(trainings), gaps=[Gap(model="m", reason=each) for each in gaps])


def folder() -> specs.ModelBase:
    """A folder as it is named on the command line: it declares nothing itself."""
    return specs.SentenceModel.model_validate({"name": "m", "format": "sentence", "folder": "x"})


CLEAN = {"derived_from": []}


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (lineage(training(**CLEAN)), "zero-shot"),
        (lineage(training()), "unknown"),  # a corpus that declares nothing
        (lineage(training(derived_from=["squad:train"])), "in-domain"),
        (lineage(training(derived_from=["squad:dev"])), "contaminated"),
        (lineage(training(derived_from=["squad:dev"]), training(OTHER, **CLEAN)), "contaminated"),  # two trainings ago
        (lineage(training(**CLEAN), base=("squad:dev",)), "contaminated"),
        (lineage(training(**CLEAN), base=("squad:train",)), "in-domain"),
        (lineage(training(**CLEAN), data="undisclosed"), "unknown"),
        (lineage(training(**CLEAN), gaps=["altered"]), "unknown"),
        (lineage(training(derived_from=["squad:dev"]), gaps=["altered"]), "contaminated"),
    ],
)
def test_everything_that_an_encoder_was_trained_on_before_counts(before: Lineage, expected: str) -> None:
    assert declared(task(), folder(), None, before).name == expected
    assert Case(task(), folder(), None, before).verdict({}).name == expected


def test_a_record_speaks_for_a_folder_and_its_yaml_can_only_add() -> None:
    clean = lineage(training(**CLEAN))
    assert declared(task(), folder(), None, None).name == "unknown"
    assert declared(task(), model("squad:dev"), None, clean).name == "contaminated"
    assert declared(task(), model(data="partly"), None, clean).name == "unknown"
    assert declared(task(), model(data="declared"), None, lineage(training(), base=("squad:dev",))).name != "zero-shot"


def test_the_corpus_of_the_run_counts_with_those_before() -> None:
    before = lineage(training(derived_from=["squad:train"]))
    case = Case(task(), folder(), corpus("next", derived_from=["squad:dev"]), before)
    assert (case.verdict({}).name, str(case)) == ("contaminated", "m trained on own, then next")
    with pytest.raises(SpecError, match=r"xquad-r, m trained on own, then next: contaminated: .*--allow-contaminated"):
        require_clean([case], {}, False)


def test_what_a_record_names_and_this_machine_does_not_know_is_a_gap_and_no_error() -> None:
    before = lineage(training(derived_from=["ms-marco:train", "theirs"]))
    verdict = declared(task(), folder(), None, before)
    assert verdict.name == "unknown"
    assert verdict.reasons[0].startswith("corpus own: derived_from: unknown data set 'theirs'")
    worse = lineage(training(derived_from=["theirs", "squad:dev"]))
    assert declared(task(), folder(), None, worse).name == "contaminated"


def test_splits_of_ones_own_task_are_known_to_a_record_too() -> None:
    own = new_task(derived_from=["contracts:test"])
    assert declared(own, folder(), None, lineage(training(derived_from=["contracts:train"]))).name == "in-domain"
    assert declared(own, folder(), None, lineage(training(derived_from=["contracts:test"]))).name == "contaminated"


def test_texts_of_a_corpus_before_contaminate_and_unread_ones_are_not_called_clean() -> None:
    before = lineage(training(**CLEAN), training(OTHER, name="second", **CLEAN))
    copied = OverlapRecord.model_validate(found("DE  question number q1 about something or other!"))
    clean = OverlapRecord.model_validate(found("nothing"))

    def case(**texts: OverlapRecord | None) -> Case:
        given = {("xquad-r", {"first": TEXT, "second": OTHER}[name]): record for name, record in texts.items()}
        return Case(task(), folder(), None, before, given)

    assert case(first=clean, second=clean).verdict({}).name == "zero-shot"
    assert case(first=copied, second=clean).verdict({}).name == "contaminated"
    assert case(first=copied, second=None).verdict({}).name == "contaminated"
    unread = case(first=clean, second=None)
    says = "corpus second, which the model was trained on, cannot be read here any more: its texts were not compared"
    assert unread.verdict({}).name == "unknown" and unread.verdict({}).reasons[0].startswith(says)
    kept = unread.record({}).plain()
    assert [(each["corpus"], each["seed"], bool(each["overlap"])) for each in kept["earlier"]] == [
        ("own", 3, True),
        ("second", 3, False),
    ]
    assert kept["earlier"][0]["overlap"]["thresholds"] and kept["gaps"][0].startswith(says)


def test_results_of_other_models_have_no_new_keys() -> None:
    assert set(Case(task(), folder(), None).record({}).plain()) == {"verdict", "reasons", "seen_text", "overlap"}
