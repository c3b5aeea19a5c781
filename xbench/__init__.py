"""xbench measures, and trains, text encoders for retrieval across languages.

What stands in `__all__` is the Python API (docs/python.md). It is imported when it is first asked for: `import xbench`
alone imports nothing.
"""

TYPE_CHECKING = False  # type checkers take it for true by its name; importing typing would take longer than all else
if TYPE_CHECKING:
    from xbench.api.align import align
    from xbench.api.evaluate import evaluate
    from xbench.api.loaded_task import LoadedTask, load_task
    from xbench.api.results import build_leaderboard, compare
    from xbench.api.train import TrainedEncoder, train
    from xbench.encoders.base import Encoder
    from xbench.encoders.task_vectors import TaskVectors
    from xbench.errors import XbenchError
    from xbench.evaluation.alignment_scores import Alignment
    from xbench.published.library import published_runs
    from xbench.published.runs import PublishedRun
    from xbench.reports.comparison import Comparison
    from xbench.results.reading import read_results
    from xbench.results.result import Result
    from xbench.results.result_list import Results

__version__ = "0.1.0"
__all__ = [
    "Alignment",
    "Comparison",
    "Encoder",
    "LoadedTask",
    "PublishedRun",
    "Result",
    "Results",
    "TaskVectors",
    "TrainedEncoder",
    "XbenchError",
    "__version__",
    "align",
    "build_leaderboard",
    "compare",
    "evaluate",
    "load_task",
    "published_runs",
    "read_results",
    "train",
]
_MODULES = {
    "Alignment": "evaluation.alignment_scores",
    "Comparison": "reports.comparison",
    "Encoder": "encoders.base",
    "LoadedTask": "api.loaded_task",
    "PublishedRun": "published.runs",
    "Result": "results.result",
    "Results": "results.result_list",
    "TaskVectors": "encoders.task_vectors",
    "TrainedEncoder": "api.train",
    "XbenchError": "errors",
    "align": "api.align",
    "build_leaderboard": "api.results",
    "compare": "api.results",
    "evaluate": "api.evaluate",
    "load_task": "api.loaded_task",
    "published_runs": "published.library",
    "read_results": "results.reading",
    "train": "api.train",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'xbench' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"xbench.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
