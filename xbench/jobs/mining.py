"""Hard negatives for a corpus, start to end: plan, announce, read, encode both sides, search, write the new corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xbench import specs
from xbench.data.download import Storage
from xbench.data.fetches import announced, missing, require_reachable
from xbench.encoders.base import Encoder
from xbench.encoders.model_loading import Loading, hub_fetch, require_model_folder
from xbench.encoders.prompts import takes_instruction
from xbench.errors import SpecError
from xbench.jobs.inputs import LoadedCorpus
from xbench.jobs.plan import Plan, Run
from xbench.jobs.prepared_encoder import PreparedEncoder
from xbench.jobs.request import Overrides, Request
from xbench.jobs.usage import prompt_lines
from xbench.mining import hard_negatives
from xbench.mining.hard_negatives import NegativeCounts
from xbench.mining.miner import Miner, Rows, Rules
from xbench.mining.neighbours import encode
from xbench.progress import Reporter
from xbench.specs import registry
from xbench.specs.registry import Entry
from xbench.specs.strict_yaml import Value
from xbench.training.corpus import Corpus


@dataclass(frozen=True)
class MiningRequest:
    """Which corpus is mined and by which model; `out` is the folder of the new corpus, `name` what it is called, where
    not CORPUS-mined-by-MODEL."""

    corpus: str
    model: str
    out: Path
    rules: Rules
    name: str | None = None
    settings: Mapping[str, Value] = field(default_factory=dict)
    storage: Storage = field(default_factory=Storage)
    loading: Loading = field(default_factory=Loading)


def mine(request: MiningRequest, reporter: Reporter) -> dict[str, NegativeCounts]:
    """Write the mined corpus; what was mined, by language. Raises XbenchError, and writes nothing then."""
    from xbench.training.corpus_loading import load_corpus

    corpus, model = plan_mining(request)
    name = hard_negatives.name_of(request.name, corpus.spec.name, model.spec.name)
    hard_negatives.require_own(request.out, corpus.base)
    usage = Request(models=(request.model,), storage=request.storage, loading=request.loading)
    plan = Plan((Run(model, None, None, 0),), (), corpus)
    announce(plan, corpus, usage, reporter)
    loaded = LoadedCorpus(corpus.spec, load_corpus(corpus, request.storage))
    prepared = PreparedEncoder(usage, plan.runs[0], loaded, reporter)
    encoder = prepared.instructed("", f"corpus {corpus.spec.name}")
    mined = search(loaded.text, encoder, corpus.spec.name, request, reporter)
    origin = hard_negatives.Origin(
        corpus.spec, corpus.base, loaded.text.digest, model.spec.name, encoder.identity, request.rules
    )
    counts = hard_negatives.write(request.out, name, origin, loaded.text, mined)
    return dict(zip(loaded.text.languages, counts, strict=True))


def plan_mining(request: MiningRequest) -> tuple[Entry[specs.Corpus], Entry[specs.ModelBase]]:
    """The corpus, and the model as it is that mines it. Raises SpecError."""
    overrides = Overrides.of(request.settings)
    if overrides.task or overrides.recipe or overrides.training:
        raise SpecError("--set: mining depends on corpus.… and model.… alone")
    corpus = registry.load("corpus", request.corpus, overrides.corpus)
    if corpus.spec.relation == "translation":
        raise SpecError(
            f"corpus {corpus.spec.name}: relation translation: in its own language a row's passage is its query, "
            "so no margin can be taken; mine a corpus of relation qa, next or halves"
        )
    model = registry.load("model", request.model, overrides.model)
    _require_vectors(model.spec)
    return corpus, model


def _require_vectors(model: specs.ModelBase) -> None:
    """Raise SpecError where a model gives no vectors to search with, or needs to know what a task asks for."""
    if isinstance(model, specs.LexicalModel):
        raise SpecError(f"model {model.name} gives no vectors to search with; name an encoder")
    if model.post:
        raise SpecError(f"model {model.name}: post {model.post} is not taken when mining; name the model without it")
    if takes_instruction(model.prompts) and not model.instruction:
        raise SpecError(
            f"model {model.name} is told what is asked for; give one sentence with --set model.instruction=..."
        )
    if isinstance(model, specs.SentenceModel):
        require_model_folder(model)


def announce(plan: Plan, corpus: Entry[specs.Corpus], usage: Request, reporter: Reporter) -> None:
    """Say what will be fetched, and what a model's card asks for. Raises DataError or EncoderError where something
    cannot be had."""
    fetches = missing(corpus, usage.storage)
    require_reachable(fetches, usage.storage, "")
    model = plan.runs[0].model.spec
    lines = [announced(corpus, fetches, usage.storage)] if fetches else []
    lines += [hub_fetch(model, usage.loading)] if isinstance(model, specs.SentenceModel) else []
    for line in filter(None, (*lines, *prompt_lines(plan, usage))):
        reporter.say(line)


def search(
    corpus: Corpus, encoder: Encoder, name: str, request: MiningRequest, reporter: Reporter
) -> Iterator[tuple[range, list[Rows]]]:
    """Encode both sides; then a block of units after the other, with the negatives of their rows in each language."""
    cache = request.storage.cache
    queries, passages = (encode(corpus, role, encoder, cache, reporter) for role in ("query", "document"))
    return _shown(Miner(corpus, queries, passages, request.rules), f"mine {name}", len(corpus), reporter)


def _shown(miner: Miner, label: str, total: int, reporter: Reporter) -> Iterator[tuple[range, list[Rows]]]:
    with reporter.bar(label, total, "units") as bar:
        for units, rows in miner.mine():
            yield units, rows
            bar.advance(len(units))
