"""Owns the process of a command: its streams, its end, and that it leaves no core file with a token in it.

On the path of `status`.
"""

import os
import sys

from signedin_adapters.cli import exit_codes
from signedin_adapters.cli.dispatch import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signedin_adapters.cli.program import Program

LINGER_SECONDS = 0.3
"""How long a thread may take to end before anybody is told that it goes on."""


def main(arguments: list[str] | None = None, program: "Program | None" = None) -> int:
    """Run a command line as the last thing that this process does, its own unless told, and give its exit code."""
    _fill_closed_streams()
    _leave_no_core_file()
    try:
        code = run(sys.argv[1:] if arguments is None else arguments, program)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return exit_codes.OK  # the reader had enough
    except OSError:
        _drop_output()
        return exit_codes.UNEXPECTED
    if code == exit_codes.INTERRUPTED:
        _finish_quietly()
    return code


def _fill_closed_streams() -> None:
    """A closed stdin, stdout or stderr is filled, lest the next file that is opened takes its number."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _leave_no_core_file() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def _drop_output() -> None:
    """The interpreter flushes stdout once more at its end; let that succeed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _finish_quietly() -> None:
    """What belongs to an account goes on to its end after Ctrl-C; a second one would cut it off with a traceback."""
    threading = sys.modules.get("threading")
    if threading is None:
        return
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    going_on = [each for each in threading.enumerate() if not each.daemon and each is not threading.main_thread()]
    for thread in going_on:
        thread.join(LINGER_SECONDS)
    if any(thread.is_alive() for thread in going_on):
        print("  Finishing an exchange that must not be cut off …", file=sys.stderr)
