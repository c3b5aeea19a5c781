"""What names an encoder before it exists: everything that makes it except the seed, without loading a model.

Two runs of one origin and seed give the same vectors: kept encoders and results go by its digest.
"""

from __future__ import annotations

from xbench import specs
from xbench.encoders.lexical import lexical_origin
from xbench.encoders.model_loading import Loading, model_identity, pinned
from xbench.encoders.prompts import filled
from xbench.jobs.plan import Run
from xbench.training.corpus import Corpus

MASKING = 2  # of what is no negative for a row; named only where 2 may leave out more than 1: see docs/recipes.md
ARITHMETIC = 2  # of training a transformer; raised when the same settings give weights that differ in any digit


def origin_of(run: Run, corpus: Corpus | None, loading: Loading) -> dict[str, object]:
    """The origin of a run's encoder, JSON-ready; `corpus` is what it is made from, if anything."""
    spec = run.model.spec
    if isinstance(spec, specs.LexicalModel):
        return {"model": lexical_origin(spec)}
    origin: dict[str, object] = {
        "model": base_identity(spec, corpus, loading),
        "similarity": spec.similarity,
        "max_length": spec.max_length,
    }
    if isinstance(spec, specs.SentenceModel) and spec.encode_arguments:
        origin["encode_arguments"] = {role: dict(given) for role, given in spec.encode_arguments.items()}
    if run.recipe is None or run.training is None:
        return {**origin, "prompts": spec.prompts.model_dump() if spec.prompts else None}
    return {
        **origin,
        **run.recipe.drawing(),
        "training": run.training.identity(),
        **({"arithmetic": ARITHMETIC} if isinstance(spec, specs.SentenceModel) else {}),
        **({"masking": MASKING} if corpus and corpus.has_queries_as_documents else {}),
        "corpus": corpus.digest if corpus else None,
        **_lexicons(run.recipe, corpus),
    }


def origin_on(task: specs.TaskBase, run: Run, origin: dict[str, object]) -> dict[str, object]:
    """What makes the vectors of `task`: the origin, with the task's sentence where the prompts hold one."""
    spec = run.model.spec
    if run.training is not None or spec.prompts is None:
        return origin
    return {**origin, "prompts": filled(spec.prompts, spec, task.instruction, task.name).model_dump()}


def base_identity(spec: specs.ModelBase, corpus: Corpus | None, loading: Loading) -> dict[str, object]:
    """What names the weights before any training: of a hub or a folder, or of a model made here from a corpus."""
    if isinstance(spec, specs.SentenceModel):
        return {**model_identity(pinned(spec, loading)), "dtype": spec.dtype}
    own = spec.model_dump(mode="json", include=set(type(spec).model_fields) - set(specs.ModelBase.model_fields))
    if isinstance(spec, specs.PythonModel):
        return {"name": spec.name, **own}
    return {**own, "corpus": corpus.digest if corpus else None}


def _lexicons(recipe: specs.Recipe, corpus: Corpus | None) -> dict[str, str]:
    """What words are replaced by, where they are."""
    if not recipe.mix.codeswitch:
        return {}
    assert corpus and corpus.lexicons
    return {"lexicons": corpus.lexicons.digest()}
