"""What training on a corpus would mean for tasks, told of one task after another."""

from __future__ import annotations

from pathlib import Path

import pytest

from xbench.data.download import Storage
from xbench.errors import SpecError
from xbench.jobs.corpus_check import check_corpus
from xbench.progress import Silent

CORPUS = "name: c\nlanguages: [de, en]\nformat: facts\nkinds: [{kind}]\n"
TASK = "name: t\nlanguages: [de, en]\nformat: facts\noptions: {kinds: [official-language]}\n"


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.yaml").write_text(TASK)
    for name, kind in (("same", "official-language"), ("other", "first-day")):
        Path(f"{name}.yaml").write_text(CORPUS.replace("{kind}", kind))


def storage(folder: Path) -> Storage:
    return Storage(cache=folder / "cache", offline=True)


def test_a_corpus_of_the_task_s_own_texts_is_contaminated_and_of_other_facts_is_not(tmp_path: Path) -> None:
    (same,) = check_corpus("same.yaml", ["t.yaml"], storage(tmp_path), Silent())
    assert (same.task, same.verdict.name) == ("t", "contaminated")
    questions = same.overlap.units["questions"]
    assert (questions.total, questions.copied, questions.share) == (237, 237, 1.0)
    (other,) = check_corpus("other.yaml", ["t.yaml"], storage(tmp_path), Silent())
    assert other.verdict.name == "in-domain"
    assert other.overlap.units["questions"].copied == 0
    assert other.overlap.languages["de"]["queries"].texts == 237


def test_a_task_that_is_named_twice_is_checked_once(tmp_path: Path) -> None:
    checked = check_corpus("other.yaml", ["t.yaml", "facts", "t.yaml"], storage(tmp_path), Silent())
    assert [check.task for check in checked] == ["t", "facts"]


def test_a_wrong_name_is_refused_before_any_text_is_read(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="unknown task 'fcts'; did you mean 'facts'"):
        next(check_corpus("mmarco", ["facts", "fcts"], storage(tmp_path), Silent()))  # mmarco is not here
