"""One encoder trained and kept, without a task: plan, announce, read the corpus, train; in every process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from xbench.errors import SpecError
from xbench.files import make_folder, sweep
from xbench.jobs.agreement import agreed_plan
from xbench.jobs.announcing import announce
from xbench.jobs.encoder_record import read_record
from xbench.jobs.inputs import read_corpus
from xbench.jobs.prepared_encoder import PreparedEncoder
from xbench.jobs.request import NO_RECIPE, Request
from xbench.progress import Reporter, Silent


def train_encoder(request: Request, reporter: Reporter) -> tuple[Path, Mapping[str, object]]:
    """(folder of the kept encoder, record of its training). Raises XbenchError."""
    processes = request.processes
    if not processes.leads:
        reporter = Silent()
    if request.recipes == (NO_RECIPE,):
        raise SpecError(f"recipe {NO_RECIPE}: nothing is trained by it; name a recipe")
    plan = agreed_plan(request)
    with processes.together():
        sweep(make_folder(request.storage.cache))
        announce(plan, request, reporter)
    with processes.leader_first():
        loaded = read_corpus(plan, request)
    if loaded is not None:
        reporter.say(str(loaded))
    encoder = PreparedEncoder(request, plan.runs[0], loaded, reporter)
    with encoder.made_by_one(processes.leads):
        if processes.leaders(encoder.needs_training):
            encoder.train()
        else:
            encoder.require_kept()
            reporter.say(f"kept {encoder.trained_folder}")
    with processes.together():
        return encoder.trained_folder, read_record(encoder.trained_folder).training.plain()
