"""What the other processes of a request do: plan, read and train with the first one, and wait while it does the rest.

Every `together` and `leader_first` here meets one of run.py's, in the same order.
"""

from __future__ import annotations

from xbench.files import make_folder
from xbench.jobs.agreement import agreed_plan
from xbench.jobs.announcing import announce
from xbench.jobs.inputs import read_corpus
from xbench.jobs.outcome import Outcome
from xbench.jobs.prepared_encoder import PreparedEncoder
from xbench.jobs.request import Request
from xbench.jobs.screening import Screening
from xbench.processes import Processes
from xbench.progress import Silent


def follow(request: Request) -> None:
    """Train what the first process finds to be trained. Raises XbenchError where any process does."""
    processes, silent = request.processes, Silent()
    plan = agreed_plan(request)
    with processes.together():
        Screening(plan, request, silent)
        make_folder(request.storage.cache)
        announce(plan, request, silent)
    with processes.leader_first():
        loaded = read_corpus(plan, request)
    wait(processes)  # it screens
    outcome = Outcome(plan, request.out)
    for planned in plan.runs:
        with outcome.of(planned, silent):
            with processes.together():
                encoder = PreparedEncoder(request, planned, loaded, silent)
            wait(processes)  # it looks for results that are filed
            if processes.leaders(False):
                encoder.train()
            wait(processes)  # it scores and files
    outcome.paths()


def wait(processes: Processes) -> None:
    """Until the first process is done with a stage. Raises XbenchError where it fails."""
    with processes.together():
        pass
