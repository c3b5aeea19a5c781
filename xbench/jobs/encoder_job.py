"""One encoder's part of a request: what makes its vectors, what ranks for it, and where its results are filed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xbench import specs
from xbench.data.collection import Collection
from xbench.encoders.post import Post
from xbench.files import digest
from xbench.jobs.plan import Run
from xbench.jobs.prepared_encoder import PreparedEncoder
from xbench.jobs.rankers import Preparation
from xbench.jobs.request import Request
from xbench.jobs.screening import Screening
from xbench.progress import Reporter
from xbench.results.provenance import SCORES
from xbench.results.writing import result_path


@dataclass(frozen=True)
class EncoderJob:
    """`post`: what is taken from the encoder's vectors, if anything."""

    request: Request
    run: Run
    encoder: PreparedEncoder
    screening: Screening
    reporter: Reporter
    post: Post | None = None

    def preparation(self, task: specs.TaskBase) -> Preparation:
        """What prepares the ranker of `task`; the encoder is loaded or made now if it is not there yet."""
        return self.encoder.preparation(task, self.post)

    def key(self, task: specs.TaskBase, collection: Collection) -> str:
        """Digest of data, settings and what makes the vectors, except the seed; versions of libraries and the device
        are provenance."""
        origin = self.encoder.origin_on(task)
        return digest(
            {
                "scores": SCORES,
                "task": task.model_dump(mode="json", include={"name", "grid", "metrics", "relevance"}),
                "collection": collection.digest,
                "encoder": {**origin, "post": self.post.origin} if self.post else origin,
            }
        )

    def path(self, task: specs.TaskBase, collection: Collection) -> Path:
        """Where the result on `task` is filed."""
        key, run = self.key(task, collection), self.run
        return result_path(self.request.out, task.name, run.model.spec.name, run.recipe_name, key, run.seed)
