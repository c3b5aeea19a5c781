"""The encoder of a model as it is, for a task: to look at, not to score. Knows plans."""

from __future__ import annotations

from xbench import specs
from xbench.data.download import Storage
from xbench.encoders.base import Encoder
from xbench.encoders.model_loading import Loading
from xbench.errors import SpecError
from xbench.jobs.agreement import agreed_plan
from xbench.jobs.prepared_encoder import PreparedEncoder
from xbench.jobs.request import Request
from xbench.progress import Reporter


def untrained_encoder(model: str, task: str, storage: Storage, loading: Loading, reporter: Reporter) -> Encoder:
    """The encoder of a sentence model, with the sentence of `task` in its prompts, where they take one.

    Raises SpecError where the model has no tokenizer of its own.
    """
    request = Request(models=(model,), tasks=(task,), storage=storage, loading=loading)
    plan = agreed_plan(request)
    (run,), (entry,) = plan.runs, plan.tasks
    if not isinstance(run.model.spec, specs.SentenceModel):
        raise SpecError(f"--model {model}: has no tokenizer of its own; name a sentence encoder")
    return PreparedEncoder(request, run, None, reporter).encoder(entry.spec)
