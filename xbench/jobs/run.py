"""The main job, start to end: plan, announce, read, screen, then train, score and file one encoder after another.

Read top to bottom. Where several processes carry out a request, the first one leads: it speaks, scores and writes; the
others (followers.py) plan, read and train with it, and meet it at every `together`. Knows every other part of the
package except the board and the terminal.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from xbench import specs
from xbench.data.collection import Collection
from xbench.errors import EncoderError
from xbench.evaluation.ranker import Ranker
from xbench.files import make_folder, require_folder, sweep
from xbench.jobs.agreement import agreed_plan
from xbench.jobs.alignment import add_alignment, is_aligned, require_alignable, units_of_tasks
from xbench.jobs.announcing import announce, say_left_out, say_run_files, say_what_was_read
from xbench.jobs.encoder_job import EncoderJob
from xbench.jobs.filing import result_of
from xbench.jobs.followers import follow
from xbench.jobs.inputs import Collections, read_corpus, read_tasks
from xbench.jobs.outcome import Outcome
from xbench.jobs.plan import Plan
from xbench.jobs.prepared_encoder import PreparedEncoder
from xbench.jobs.request import Request
from xbench.jobs.scoring import measure
from xbench.jobs.screening import Screening
from xbench.jobs.usage import load_posts
from xbench.progress import Numbered, Reporter
from xbench.results.reading import read_result
from xbench.results.run_files import missing_settings, save_missing
from xbench.results.writing import write_result


def run(request: Request, reporter: Reporter) -> list[Path]:
    """Carry out a request; the result files, in order; none in a process that does not lead.

    Raises XbenchError, which says what is filed; PartlyDone at the end where some of the runs were left out.
    """
    processes = request.processes
    if not processes.leads:
        follow(request)
        return []
    plan = agreed_plan(request)
    say_left_out(plan, reporter)
    with processes.together():
        require_alignable(plan, request.align)
        screening = Screening(plan, request, reporter)
        make_folders(request)
        for folder in (request.storage.cache, *(request.out / task.spec.name for task in plan.tasks)):
            sweep(folder)
        announce(plan, request, reporter)
        collections = read_tasks(plan, request)
        if request.align:
            units_of_tasks(collections, request.align, reporter)
    with processes.leader_first():
        loaded = read_corpus(plan, request)
    say_what_was_read(plan, collections, loaded, reporter)
    say_run_files(plan, request.runs, collections, reporter)
    with processes.together():
        screening.compare(collections, loaded)
        posts = load_posts(plan, request, loaded, collections, reporter)
    outcome = Outcome(plan, request.out)
    for number, planned in enumerate(plan.runs, 1):  # one encoder in memory at a time
        numbered = Numbered(reporter, planned.label, number, len(plan.runs))
        with outcome.of(planned, numbered):
            with processes.together():
                if isinstance(post := posts.get(planned.model.spec.name), EncoderError):
                    raise post
                encoder = PreparedEncoder(request, planned, loaded, numbered)
            job = EncoderJob(request, planned, encoder, screening, numbered, post)
            carry_out(job, plan, collections, outcome.filed)
    return outcome.paths()


def make_folders(request: Request) -> None:
    """Make the cache, and see that results can be filed. Raises XbenchError."""
    make_folder(request.storage.cache)
    require_folder(request.out)


def carry_out(job: EncoderJob, plan: Plan, collections: Collections, filed: list[Path]) -> None:
    """Train one encoder where its results ask for it, then score it on every task; each result is added to `filed`."""
    processes, tasks = job.request.processes, [(task.spec, collections[task.spec.name]) for task in plan.tasks]
    with processes.together():
        due = not all(is_done(job, task, collection) for task, collection in tasks)
    with job.encoder.made_by_one(due):
        if processes.leaders(due and job.encoder.needs_training):
            job.encoder.train()
    with processes.together():
        for task, collection in tasks:
            filed.append(result_file(job, task, collection))
        if due and job.post is None:  # a card tells of the encoder alone
            job.encoder.add_scores([read_result(path) for path in filed[-len(tasks) :]])


def is_done(job: EncoderJob, task: specs.TaskBase, collection: Collection) -> bool:
    """Whether a result is filed already, with the run files and the alignment that are asked for."""
    path, wanted, side = job.path(task, collection), job.request.runs, job.request.align
    lacks_runs = path.is_file() and wanted and missing_settings(path, read_result(path), wanted)
    return path.is_file() and not lacks_runs and (side is None or is_aligned(path, side))


def result_file(job: EncoderJob, task: specs.Task, collection: Collection) -> Path:
    """The result of one encoder on one task; what is already filed is returned as it is."""
    path, ranker = job.path(task, collection), None
    if path.is_file():
        job.reporter.say(kept_line(path, job, task))
    else:
        measured = measure(job, task, collection)
        ranker = measured.ranker
        write_result(path, result_of(job, task, collection, measured).sealed(), measured.scores.per_query)
        job.reporter.say(f"wrote {path}")
    if job.request.runs:
        ready = partial(ready_ranker, job, task, collection, ranker)
        save_missing(path, job.request.runs, collection, ready, job.reporter)
    if job.request.align:
        add_alignment(job, task, collection, job.request.align)
    return path


def kept_line(path: Path, job: EncoderJob, task: specs.TaskBase) -> str:
    """That a result is filed already; and where its verdict is not today's, for declarations are in no digest."""
    filed, today = read_result(path).verdict, job.screening.record(job.run, task).verdict
    if filed == today:
        return f"kept {path}"
    return f"kept {path}, which says {filed}; today the verdict is {today}: delete it to have it filed anew"


def ready_ranker(job: EncoderJob, task: specs.Task, collection: Collection, ranker: Ranker | None) -> Ranker:
    """What the result was scored by just now, or the same prepared anew, from vectors that are kept."""
    return ranker or job.preparation(task).prepare(collection).ranker
