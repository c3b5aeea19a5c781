"""The entry point: the commands together, and what becomes of an error. `--help` imports nothing heavy."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from errno import EDQUOT, EFBIG, EIO, EMFILE, ENFILE, ENOMEM, ENOSPC

import click

from xbench import __version__
from xbench.commands.align import align
from xbench.commands.board import leaderboard
from xbench.commands.compare import compare
from xbench.commands.corpora import corpora
from xbench.commands.data import data
from xbench.commands.exchange import cite, export, score, table
from xbench.commands.listing import KINDS, listing, schema
from xbench.commands.published import import_, published
from xbench.commands.recipes import recipes
from xbench.commands.run import run
from xbench.commands.standard_streams import ReaderGone, Unwritten, standard_streams
from xbench.commands.study import study
from xbench.commands.tasks import task
from xbench.commands.words import echo
from xbench.errors import Abandoned, XbenchError
from xbench.processes import Terminated, end_in_order, place_in_environment

FULL = (EDQUOT, EFBIG, ENOSPC)
SHORT_OF = (EIO, EMFILE, ENFILE, ENOMEM)  # what a machine may lack, whoever asks
FAILED, WRONG, INTERRUPTED, UNREAD, TERMINATED = 1, 2, 130, 141, 143


def main() -> None:
    """The entry point. Exit codes: 0, 1 a run failed, 2 the request is wrong, 130 interrupted (SIGINT), 141 nobody
    reads the output any more (SIGPIPE), 143 asked to end (SIGTERM), with a checkpoint written where a model was
    trained."""
    with standard_streams():
        code = _ended()
    sys.exit(code)


def _ended() -> int:
    """Run the command line; its exit code, once the line that says why is written."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    end_in_order()
    if "_XBENCH_COMPLETE" in os.environ:
        from xbench.commands.completion import complete_after_equals

        complete_after_equals()
    try:
        code = cli.main(arguments, prog_name="xbench", standalone_mode=False) or 0
        sys.stdout.flush()
        return int(code)
    except (Exception, KeyboardInterrupt, Terminated) as error:
        if debug:
            raise
        code, text = _report(error)
        if process := place_in_environment()[0]:  # process 0 says what all of them find
            text = f"process {process}: {text}" if text.startswith("xbench: failed") else ""
    if text:
        with suppress(ReaderGone):
            echo(text, err=True)
    return code


def _report(error: BaseException) -> tuple[int, str]:
    """Exit code and the one line that says why, with its notes; where a group of commands is named alone, its help."""
    if isinstance(error, click.exceptions.Abort):
        error = error.__cause__ or KeyboardInterrupt()  # click aborts on Ctrl-C, and on an EOFError from anywhere
    code, text = _explanation(error)
    notes = (" ".join(note.split()) for note in getattr(error, "__notes__", ()))
    return code, text + "".join(f" ({note})" for note in notes)


def _explanation(error: BaseException) -> tuple[int, str]:
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, "xbench: interrupted; finished results are kept, nothing is half-written"
    if isinstance(error, Terminated):
        return TERMINATED, f"xbench: asked to end; {error}"
    if isinstance(error, ReaderGone):
        return UNREAD, ""
    if isinstance(error, Unwritten):
        return FAILED, f"xbench: {error}"
    if isinstance(error, Abandoned):
        return FAILED, f"xbench: {error}"
    if type(error).__name__ == "NoArgsIsHelpError":
        return WRONG, str(error)
    line = " ".join(str(error).split())
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "xbench"
        said = " ".join(error.format_message().split())
        return WRONG, f"xbench: {said}{'' if said.endswith(('.', '?', '!')) else '.'} See `{command} --help`."
    if isinstance(error, XbenchError):
        return WRONG, f"xbench: {line}"
    if isinstance(error, OSError) and error.errno in FULL:  # in a library, or where it speaks to
        place = error.filename or "its output or a temporary file"
        return WRONG, f"xbench: cannot write {place}: {error.strerror}; make room and run the same command again"
    if isinstance(error, OSError) and error.filename is not None:
        code = FAILED if error.errno in SHORT_OF else WRONG
        return code, f"xbench: {str(error.filename)[:200]}: {error.strerror}"
    return FAILED, f"xbench: failed: {type(error).__name__}: {line[:300]} (--debug shows where)"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="xbench")
def cli() -> None:
    """Measure, and train, text encoders for retrieval across languages.

    \b
    xbench run --model labse --recipe hybrid     train, score, file results
    xbench leaderboard build                     turn results into a site
    xbench tasks list                            what can be scored

    --debug, anywhere, shows tracebacks.
    """


for _command in (
    run,
    *(listing(kind) for kind in KINDS if kind not in (corpora.name, recipes.name)),
    corpora,
    recipes,
    task,
    data,
    align,
    compare,
    leaderboard,
    schema,
    score,
    table,
    cite,
    export,
    import_,
    published,
    study,
):
    cli.add_command(_command)
