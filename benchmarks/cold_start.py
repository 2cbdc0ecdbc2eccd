"""How long `signedin` takes to look, as a multiple of a Python that does nothing: whole processes, in turns.

A ratio within one run says the same on a fast and on a slow machine. The peers' commands run in the same turns, each
held against its own environment's Python; agentctx switches between files of others and knows nothing of tokens.
Promised: at most 4 times, whatever is looked at.
"""

import os
import sys
import tempfile
from contextlib import ExitStack

from peers.environment import left_out, program, versions
from results.options import options
from results.promise import Promise
from results.section import Section, tell
from world.home import sign_in_once
from world.turns import Command, Taken, in_turns

from signedin_adapters.sandbox import Sandbox

OPTIONS = {"turns": (20, "starts of each command")}
PROMISE = 4.0
PASS = ("-c", "pass")
SIGNEDIN = os.path.join(os.path.dirname(sys.executable), "signedin")
PEERS = (
    ("agentctx", ("--help",)),
    ("agentctx", ("-c",)),
    ("chatgpt-auth", ("--help",)),
    ("chatgpt-auth", ("status",)),
    ("chatmock", ("--help",)),
    ("chatmock", ("info",)),
)


def main() -> int:
    """Start all of them in turns, and say whether the promise holds."""
    turns = options(__doc__, OPTIONS).turns
    with ExitStack() as stack:
        healthy, empty = (stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(2))
        sign_in_once(healthy, Sandbox(auto_approve=True), app_name="signedin")
        taken = in_turns(_ours(healthy, empty) | _theirs(empty), turns=turns)
    return tell("cold_start", _section(taken))


def _ours(healthy: str, empty: str) -> dict[str, Command]:
    """Every way to look."""
    base = (sys.executable, *PASS)
    return {
        "python -c pass": Command(arguments=base, home=empty, base=base),
        "signedin, healthy home": Command(arguments=(SIGNEDIN,), home=healthy, base=base),
        "signedin, empty home": Command(arguments=(SIGNEDIN,), home=empty, base=base),
        "signedin status": Command(arguments=(SIGNEDIN, "status"), home=healthy, base=base),
        "signedin status --json": Command(arguments=(SIGNEDIN, "status", "--json"), home=healthy, base=base),
        "signedin --help": Command(arguments=(SIGNEDIN, "--help"), home=empty, base=base),
        "signedin --version": Command(arguments=(SIGNEDIN, "--version"), home=empty, base=base),
    }


def _theirs(home: str) -> dict[str, Command]:
    commands: dict[str, Command] = {}
    for peer, arguments in PEERS:
        python, script = program(peer), program(peer, peer)
        if python is not None and script is not None:
            name = " ".join((peer, *arguments))
            commands[name] = Command(arguments=(script, *arguments), home=home, base=(python, *PASS))
    return commands


def _section(taken: dict[str, Taken]) -> Section:
    rows = [(name, f"{each.seconds * 1000:.0f}", f"{each.ratio:.1f}") for name, each in taken.items()]
    ours = {name: each for name, each in taken.items() if name.startswith("signedin")}
    return Section(
        title="Cold start",
        words=__doc__,
        tables=[[("command", "ms", "× python -c pass"), *rows]],
        promises=[Promise(name=name, measured=each.ratio, at_most=PROMISE) for name, each in ours.items()],
        notes=[*versions(*dict(PEERS)), *left_out(*dict(PEERS))],
    )


if __name__ == "__main__":
    sys.exit(main())
