"""The job of `xbench align`: models in, the alignment of each one's languages on a task out. Only vectors are kept."""

from __future__ import annotations

from dataclasses import dataclass

from xbench.errors import EncoderError, joined
from xbench.evaluation.alignment_scores import Alignment, Side
from xbench.files import make_folder
from xbench.jobs.agreement import agreed_plan
from xbench.jobs.alignment import cost_line, measured_alignment, require_alignable, units_of_tasks
from xbench.jobs.announcing import announce_inputs
from xbench.jobs.inputs import read_corpus, read_tasks
from xbench.jobs.prepared_encoder import PreparedEncoder
from xbench.jobs.request import Request
from xbench.jobs.usage import load_posts
from xbench.progress import Reporter


@dataclass(frozen=True)
class ModelAlignment:
    """What was asked of one model."""

    model: str
    task: str
    alignment: Alignment


def align(request: Request, side: Side, reporter: Reporter) -> list[ModelAlignment]:
    """The alignment of every model of a request on its tasks. Raises XbenchError before any model is loaded where one
    cannot be had, or a task has nothing to align."""
    plan = agreed_plan(request)
    if plan.unusable:
        raise joined(plan.unusable.values())
    require_alignable(plan, side)
    make_folder(request.storage.cache)
    announce_inputs(plan, request, reporter)
    collections = read_tasks(plan, request)
    units = units_of_tasks(collections, side, reporter)
    loaded = read_corpus(plan, request)
    posts = load_posts(plan, request, loaded, collections, reporter)
    if unfitted := [post for post in posts.values() if isinstance(post, EncoderError)]:
        raise joined(unfitted)
    fitted = {name: post for name, post in posts.items() if not isinstance(post, EncoderError)}
    aligned = []
    for run in plan.runs:
        encoder = PreparedEncoder(request, run, loaded, reporter)
        for task in plan.tasks:
            name, model = task.spec.name, run.model.spec.name
            preparation = encoder.preparation(task.spec, fitted.get(model))
            alignment = measured_alignment(preparation, collections[name], side, units[name], reporter)
            reporter.say(cost_line(model, name, alignment))
            aligned.append(ModelAlignment(model, name, alignment))
    return aligned
