"""What all processes of a request go through: one plan, without the runs that any of them finds unusable.

Knows plans and what lies in a model's folder or on a hub; no model is loaded here.
"""

from __future__ import annotations

from xbench.errors import XbenchError
from xbench.jobs.plan import Plan, make_plan
from xbench.jobs.request import Request
from xbench.jobs.usage import prompt_faults


def agreed_plan(request: Request) -> Plan:
    """The plan of all processes. Raises XbenchError where a request is wrong, or no run is left."""
    with request.processes.together():
        plan = make_plan(request)
        own = {**plan.unusable, **prompt_faults(plan, request)}
    unusable: dict[str, XbenchError] = {}
    labels = {run.label for run in plan.runs}
    for usable, faults in request.processes.gather((labels - own.keys(), own)):
        labels &= usable
        unusable = faults | unusable
    return plan.narrowed(labels, unusable)
