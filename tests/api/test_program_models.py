"""What a program hands over becomes a model: by its own name, by a name and a version, or by the digest of vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xbench.api.program_models import model_of
from xbench.encoders.task_vectors import TaskVectors
from xbench.errors import EncoderError, SpecError
from xbench.jobs.request import ProgramModel
from xbench.specs import registry


class MyEncoder:
    def encode(self, texts: list[str]) -> object:
        return np.ones((len(texts), 2))


def given(encoder: object, name: str | None = "own", version: str | None = "1", **settings: Any) -> ProgramModel:
    model = model_of(encoder, name, version, {key.replace("__", "."): value for key, value in settings.items()})
    assert isinstance(model, ProgramModel)
    return model


def sides(value: float, language: str = "de") -> dict[str, dict[str, object]]:
    return {side: {language: np.full((2, 3), value, np.float32)} for side in ("query", "document")}


def test_names_folders_and_hub_ids_stay_what_they_are() -> None:
    names = ("random", "org/model", Path("my/model"))
    assert [model_of(name, None, None, {}) for name in names] == ["random", "org/model", "my/model"]


def test_the_name_and_the_version_of_an_object_are_what_it_is() -> None:
    spec = given(MyEncoder(), version="2").spec
    assert (spec.name, spec.format, spec.version) == ("own", "python", "2")
    assert given(MyEncoder(), version="2").spec == spec
    assert given(lambda texts, role: None, version="2").spec == spec


def test_settings_of_the_model_stand_in_its_spec_and_others_do_not() -> None:
    spec = given(MyEncoder(), model__similarity="dot", model__prompts={"query": "q: "}, steps=3).spec
    assert spec.similarity == "dot" and spec.prompts is not None
    assert (spec.prompts.query, spec.prompts.document) == ("q: ", "")
    dotted = given(MyEncoder(), model__prompts__query="q: ").spec
    assert dotted.prompts == spec.prompts


def test_the_format_of_an_encoder_of_a_program_is_not_set() -> None:
    with pytest.raises(SpecError, match=r"settings: model.format: an encoder of a program has none to set"):
        given(MyEncoder(), model__format="bm25")


def test_the_version_of_vectors_is_their_digest_unless_one_is_given() -> None:
    first = given(sides(1), version=None).spec.version
    assert first.startswith("vectors-")
    assert given(TaskVectors(*sides(1).values()), version=None).spec.version == first
    others = [given(arrays, version=None).spec.version for arrays in (sides(2), sides(1, "en"))]
    assert len({first, *others}) == 3
    assert given(sides(1), version="mine").spec.version == "mine"


@pytest.mark.parametrize(
    ("encoder", "name", "version", "says"),
    [
        ("random", "own", None, "encoder random: has a name of its own; leave name and version out"),
        (MyEncoder(), "bm25", "1", "name bm25: that is the model of .*bm25.yaml; give another name"),
        ("org/model", "bm25", None, "name bm25: that is the model of .*"),
        ("org/model", "mine", "1", "encoder org/model: has a name of its own; leave name and version out"),
        (MyEncoder(), None, None, "encoder MyEncoder: give its name and version, .*: name='myencoder', version='1'"),
        (lambda texts, role: None, None, "1", r"encoder .*<lambda>: give its name, .*: name='lambda'$"),
        (
            MyEncoder(),
            "My Encoder",
            "1",
            "found 'My Encoder', expected a name of .* lower-case .*, such as 'my-encoder'",
        ),
        (sides(1), None, None, "encoder TaskVectors: give its name, .*: name='taskvectors'$"),
    ],
    ids=range(8),
)
def test_what_does_not_say_what_it_is_is_asked(encoder: object, name: str, version: str, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        model_of(encoder, name, version, {})


@pytest.mark.parametrize("encoder", [MyEncoder(), "org/model", "my.yaml"], ids=str)
def test_what_is_said_twice_is_refused(encoder: object) -> None:
    with pytest.raises(SpecError, match=r"^name mine: settings say model.name too; keep one of the two$"):
        model_of(encoder, "mine", None, {"model.name": "other"})
    with pytest.raises(SpecError, match=r"^version 1: settings say model.version too; keep one of the two$"):
        model_of(MyEncoder(), "mine", "1", {"model.version": "2"})


def test_the_name_of_a_yaml_may_be_said_again(tmp_path: Path) -> None:
    path = registry.known("model")["bm25"]
    assert model_of(path, "bm25", None, {}) == str(path)
    (tmp_path / "bm25.yaml").write_text("name: mine\nformat: random\n")
    with pytest.raises(SpecError, match="name bm25: that is the model of"):
        model_of(tmp_path / "bm25.yaml", "bm25", None, {})


def test_what_cannot_encode_is_refused_before_its_name_is_asked_for() -> None:
    with pytest.raises(EncoderError, match="encoder: found int, expected a function of"):
        model_of(3, None, None, {})
