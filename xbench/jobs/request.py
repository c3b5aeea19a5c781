"""What is asked for, in words: the names, settings and folders of one command or one call. Nothing is resolved here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xbench import specs
from xbench.data.download import Storage
from xbench.encoders.loaded_model import LoadedEncoder
from xbench.encoders.model_loading import Loading
from xbench.encoders.python_encoder import PythonEncoder
from xbench.encoders.task_vectors import TaskVectors
from xbench.errors import SpecError, near_miss
from xbench.evaluation.alignment_scores import Side
from xbench.processes import ALONE, Processes
from xbench.results.run_files import Wanted
from xbench.specs.registry import Entry
from xbench.specs.strict_yaml import Value
from xbench.zero_shot.lineage import Lineage

DEFAULT_TASKS = ("xquad-r", "mlqa-r")
DEFAULT_CORPUS = "squad-translated"
NO_RECIPE = "none"


@dataclass(frozen=True, eq=False)
class ProgramModel:
    """An encoder that is there already: what is declared of it, what gives its vectors, or the vectors, and what is
    known of its training."""

    spec: specs.PythonModel
    encoder: PythonEncoder | LoadedEncoder | TaskVectors
    lineage: Lineage | None = None


@dataclass(frozen=True)
class Request:
    """What a run is asked for: encoders, recipes, tasks, and where their files lie.

    Models are names, or given; tasks are names, or loaded from their YAML already.
    """

    models: tuple[str | ProgramModel, ...]
    recipes: tuple[str, ...] = (NO_RECIPE,)
    tasks: tuple[str | Entry[specs.Task], ...] = DEFAULT_TASKS
    seeds: tuple[int, ...] = (0,)
    corpus: str | None = None
    languages: tuple[str, ...] = ()
    settings: Mapping[str, Value] = field(default_factory=dict)
    out: Path = Path("results")
    storage: Storage = field(default_factory=Storage)
    loading: Loading = field(default_factory=Loading)
    allow_contaminated: bool = False
    processes: Processes = ALONE
    trackers: tuple[str, ...] = ()
    command: str = ""
    runs: Wanted | None = None
    align: Side | None = None  # whose alignment results hold too


@dataclass(frozen=True)
class Overrides:
    """Settings by what they change, each by its dotted key within that, over a YAML's values or a recipe's training."""

    task: Mapping[str, Value]
    model: Mapping[str, Value]
    recipe: Mapping[str, Value]
    corpus: Mapping[str, Value]
    training: Mapping[str, Value]

    @classmethod
    def of(cls, settings: Mapping[str, Value]) -> Overrides:
        """From `task.x`, `model.x`, `recipe.x`, `corpus.x` and training settings by their bare name.

        Raises SpecError for a name that is none of these.
        """
        sections: dict[str, dict[str, Value]] = {kind: {} for kind in ("task", "model", "recipe", "corpus", "training")}
        for key, value in settings.items():
            kind, _, rest = key.partition(".")
            if kind in sections and rest:
                sections[kind][rest] = value
            elif kind in specs.Training.model_fields:
                sections["training"][key] = value
            else:
                choices = [*specs.Training.model_fields, *(f"{kind}.…" for kind in sections)]
                raise SpecError(f"--set {key}: unknown setting{near_miss(key, choices)}")
        return cls(**sections)
