"""What the model of a run was trained on before, from the record in its folder; and the record's part for the next.

Knows models' folders and their records; what follows for a verdict stands in zero_shot.
"""

from __future__ import annotations

from pathlib import Path

from xbench import specs
from xbench.files import RECORD, folder_digest
from xbench.jobs.encoder_record import EncoderRecord, read_record
from xbench.specs import registry
from xbench.specs.parts import NAME
from xbench.zero_shot.lineage import Declared, Gap, Lineage, Training
from xbench.zero_shot.verdict import corpus_names

ADVICE = "restore it, or delete it, and what the encoder was trained on counts as unknown"


def lineage_of(spec: specs.ModelBase) -> Lineage | None:
    """The lineage of a model that is a folder with a record; None for any other.

    Raises EncoderError where the record is damaged.
    """
    if not isinstance(spec, specs.SentenceModel) or not spec.folder:
        return None
    return folder_lineage(Path(spec.folder), spec.name)


def folder_lineage(folder: Path, model: str) -> Lineage | None:
    """The lineage of the model that lies in `folder`, by the name it has in this run. Raises EncoderError."""
    path = folder / RECORD
    if not path.exists() and not path.is_symlink():
        return None
    record = read_record(folder, ADVICE)
    if record.lineage is None:
        return Lineage(declared=_corpus_by_name(record), gaps=[Gap(model=model, reason="undeclared")])
    if record.folder_sha256 == folder_digest(folder):
        return record.lineage
    return record.lineage.model_copy(update={"gaps": [*record.lineage.gaps, Gap(model=model, reason="altered")]})


def next_lineage(spec: specs.ModelBase, training: Training) -> Lineage:
    """The lineage of what comes out when a model is trained. Raises EncoderError."""
    before = lineage_of(spec) or Lineage()
    data = spec.training_data if not before.trainings or "training_data" in spec.model_fields_set else "declared"
    declared = Declared(model=spec.name, trained_on=list(spec.trained_on), training_data=data)
    said = [] if before.trainings and data == "declared" and not spec.trained_on else [declared]
    return Lineage(declared=[*before.declared, *said], trainings=[*before.trainings, training], gaps=list(before.gaps))


def _corpus_by_name(record: EncoderRecord) -> list[Declared]:
    """A record of an xbench that kept no lineage names its corpus: what the one that is listed by that name is from."""
    name = record.made.corpus if record.made else ""
    if not NAME.fullmatch(name) or name not in registry.known("corpus"):
        return []
    data = list(corpus_names(registry.load("corpus", name).spec))
    return [Declared(model=name, trained_on=data, training_data="declared")]
