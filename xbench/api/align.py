"""`xbench.align`: how an encoder's languages lie beside each other on a task, for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from xbench.api.arguments import (
    Place,
    call_text,
    languages_of,
    loading_of,
    reporter_of,
    settings_of,
    side_of,
    spec_of,
    storage_of,
    text_of,
)
from xbench.api.evaluate import choice_of
from xbench.api.loaded_task import LoadedTask
from xbench.api.words import for_programs
from xbench.evaluation.alignment_scores import Alignment
from xbench.jobs import alignment_job
from xbench.jobs.request import Request


@for_programs
def align(
    encoder: object,
    task: str | Path | LoadedTask,
    *,
    name: str | None = None,
    version: str | None = None,
    corpus: Place | None = None,
    languages: str | Iterable[str] | None = None,
    side: str = "queries",
    settings: Mapping[str, object] | None = None,
    data_dir: Place | None = None,
    offline: bool = False,
    device: str | None = "auto",
    remote_code: bool = False,
    progress: bool = True,
) -> Alignment:
    """Eleven metrics of every two languages of a task: `values["xsim"]["en-de"]`, and what they are of random vectors
    and of a perfect copy.

    `encoder`, `name`, `version` and `settings` are those of `xbench.evaluate`, which adds the same to results
    (`align="queries"`). `side`: the parallel questions ("queries"), or their golds ("documents"). No text is encoded
    twice. Raises XbenchError.
    """
    name, version, chosen_side = text_of(name, "name"), text_of(version, "version"), side_of(side, "side")
    choice = choice_of(encoder, name, version, None, corpus, 0, settings_of(settings))
    entry = task.entry if isinstance(task, LoadedTask) else spec_of(task, "task")
    named = entry if isinstance(entry, str) else entry.spec.name
    request = Request(
        models=(choice.model,),
        recipes=(choice.recipe,),
        tasks=(entry,),
        seeds=choice.seeds,
        corpus=choice.corpus,
        languages=languages_of(languages),
        settings=choice.settings,
        storage=storage_of(data_dir, offline, progress),
        loading=loading_of(device, offline, remote_code),
        command=call_text("align", [encoder, named], {"side": chosen_side}),
    )
    (aligned,) = alignment_job.align(request, chosen_side, reporter_of(progress))
    return aligned.alignment
