"""What a task, model, recipe and corpus are: values checked by pydantic, exported as JSON Schema.

Knows the keys and their bounds; not where the YAML lies (registry), nor how anything is read, encoded or trained.
Every default of the project is written here, once.
"""

from xbench.specs.corpora import (
    AlignedCorpus,
    AlignedFile,
    Corpus,
    CorpusBase,
    FactsCorpus,
    Relation,
    SquadCorpus,
)
from xbench.specs.models import (
    LexicalModel,
    Model,
    ModelBase,
    RandomModel,
    SentenceModel,
    StaticModel,
    Tokens,
    resolve_training,
)
from xbench.specs.recipes import (
    Mix,
    Prompts,
    Recipe,
    Training,
)
from xbench.specs.tasks import (
    FactsOptions,
    FactsTask,
    Grid,
    LareqaOptions,
    LareqaTask,
    ParallelOptions,
    ParallelTask,
    Task,
    TaskBase,
    restrict,
)

__all__ = [
    "AlignedCorpus",
    "AlignedFile",
    "Corpus",
    "CorpusBase",
    "FactsCorpus",
    "FactsOptions",
    "FactsTask",
    "Grid",
    "LareqaOptions",
    "LareqaTask",
    "LexicalModel",
    "Mix",
    "Model",
    "ModelBase",
    "ParallelOptions",
    "ParallelTask",
    "Prompts",
    "RandomModel",
    "Recipe",
    "Relation",
    "SentenceModel",
    "SquadCorpus",
    "StaticModel",
    "Task",
    "TaskBase",
    "Tokens",
    "Training",
    "resolve_training",
    "restrict",
]
