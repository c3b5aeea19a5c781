"""How the models of a plan are used: what is put before texts, said before any work, and what `post` is fitted on.

Knows plans and what lies in a model's folder; no model is loaded here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from xbench import specs
from xbench.encoders import prompts
from xbench.encoders.model_loading import small_files
from xbench.encoders.post import Post
from xbench.errors import EncoderError, SpecError
from xbench.jobs.inputs import Collections, LoadedCorpus
from xbench.jobs.plan import Plan, Run
from xbench.jobs.request import Request
from xbench.progress import Reporter
from xbench.specs import registry
from xbench.training.corpus import Corpus


def prompt_lines(plan: Plan, request: Request) -> list[str]:
    """The prompts of every run, and a warning where a model's card asks for others; each line once.

    Raises SpecError or EncoderError where prompts cannot be filled, or the precision is one that the model is wrong in.
    """
    lines: dict[str, None] = {}
    for _, said in _usages(plan, request):
        if isinstance(said, EncoderError):
            raise said
        lines |= dict.fromkeys(said)
    return list(lines)


def prompt_faults(plan: Plan, request: Request) -> dict[str, EncoderError]:
    """By label of a run: why its prompts cannot be had or filled. Raises SpecError for wrong ones of a recipe."""
    return {run.label: said for run, said in _usages(plan, request) if isinstance(said, EncoderError)}


def _usages(plan: Plan, request: Request) -> Iterator[tuple[Run, list[str] | EncoderError]]:
    """Of every usable run what is said of its prompts, or why they cannot be had or filled."""
    known = list(_listed_models())
    sentences = {task.spec.name: task.spec.instruction for task in plan.tasks}
    folders: dict[str, Path | EncoderError | None] = {}  # a hub that does not answer is asked once, whatever the seeds
    for run in plan.runs:
        if run.label in plan.unusable:
            continue
        spec = run.model.spec
        if spec.name not in folders:
            folders[spec.name] = _folder(spec, request)
        yield run, _said(run, folders[spec.name], sentences, known)


def _said(
    run: Run, folder: Path | EncoderError | None, sentences: Mapping[str, str], known: list[specs.SentenceModel]
) -> list[str] | EncoderError:
    try:
        return folder if isinstance(folder, EncoderError) else list(_lines(run, folder, sentences, known))
    except EncoderError as error:
        return error


def _folder(spec: specs.ModelBase, request: Request) -> Path | EncoderError | None:
    """Where a model's card and prompts lie, or why they cannot be had."""
    try:
        return small_files(spec, request.loading) if isinstance(spec, specs.SentenceModel) else None
    except EncoderError as error:
        return error


def _lines(
    run: Run, folder: Path | None, sentences: Mapping[str, str], known: list[specs.SentenceModel]
) -> Iterator[str]:
    spec = run.model.spec
    if isinstance(spec, specs.SentenceModel):
        _require_precision(spec, prompts.recognised(spec, folder, known))
    if run.training is not None:
        if prompts.takes_instruction(run.training.prompts):
            raise SpecError(f"{run.label}: training prompts hold {prompts.INSTRUCTION}; write the sentence out")
        yield from prompts.announced(spec, f"{spec.name} x {run.recipe_name}", run.training.prompts, sentences)
    elif isinstance(spec, specs.SentenceModel | specs.StaticModel):
        asked = spec.prompts or (prompts.configured(folder) if folder else specs.Prompts())
        yield from prompts.announced(spec, spec.name, asked, sentences)
        if isinstance(spec, specs.SentenceModel) and (line := prompts.warning(spec, asked, folder, known)):
            yield line
    elif spec.prompts is not None:
        yield from prompts.announced(spec, spec.name, spec.prompts, sentences)


def _require_precision(spec: specs.SentenceModel, card: specs.SentenceModel | None) -> None:
    if card and spec.dtype in card.unsupported_dtypes:
        raise EncoderError(
            f"model {spec.name}: dtype: found {spec.dtype}, in which {card.hub} gives wrong vectors; "
            "choose another precision"
        )


def _listed_models() -> Iterator[specs.SentenceModel]:
    for name in registry.known("model"):
        with suppress(SpecError):  # a broken YAML that no run names is no run's business
            spec = registry.load("model", name).spec
            if isinstance(spec, specs.SentenceModel):
                yield spec


def load_posts(
    plan: Plan, request: Request, loaded: LoadedCorpus | None, collections: Collections, reporter: Reporter
) -> dict[str, Post | EncoderError]:
    """By model: its `post` with the corpus that it is fitted on (`loaded` is the run's), each of them said; or why
    there is none, where that corpus lacks a language of a task."""
    from xbench.training.corpus_loading import load_corpus

    corpora: dict[str, Corpus] = {}
    models = {run.model.spec.name: run.model.spec for run in plan.runs}
    posts: dict[str, Post | EncoderError] = {}
    for model, entry in plan.post_corpora.items():
        name = entry.spec.name
        if name not in corpora:
            own = loaded is not None and entry == plan.corpus
            corpora[name] = loaded.text if loaded and own else load_corpus(entry, request.storage)
        posts[model] = _fitting(
            Post(models[model].model_copy(update={"post_corpus": name}), corpora[name]), collections
        )
    for post in posts.values():
        if isinstance(post, Post):
            reporter.say(str(post))
    return posts


def _fitting(post: Post, collections: Collections) -> Post | EncoderError:
    """The post, or why it does not fit the languages of the tasks."""
    try:
        for task, collection in collections.items():
            post.require([*dict.fromkeys([*collection.queries, *collection.documents])], task)
    except EncoderError as error:
        return error
    return post
