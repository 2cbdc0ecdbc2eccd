"""What it costs an app to import `signedin`, as a multiple of a Python that does nothing: whole processes, in turns.

Promised is one row: `import signedin` takes at most 6 times. It brings names alone, as `import signedin.sync` does, and
what stands behind a name is loaded when it is first used. So the promise says what an app pays at its start, and breaks
where something is loaded too early. What the first use costs is told below it and not promised: the name `Connection`,
a script that opens a signed-in connection and gets its token, and one that goes on to a client for requests. What takes
no longer than doing nothing is told as 1.

httpx, requests, openai and the peers are imported in the same turns, each held against its own environment's Python.
"""

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

OPTIONS = {"turns": (10, "starts of each script")}
PROMISE = 6.0
FIRST_USE = """
from signedin.sync import Connection
with Connection.open(app_name="Acme Notes", provider="sandbox", store="file") as connection:
    connection.get_access_token()
"""
FIRST_REQUEST = FIRST_USE + "    connection.client().close()\n"
OURS = {
    "import signedin": "import signedin",
    "import signedin.sync": "import signedin.sync",
    "from signedin import Connection": "from signedin import Connection",
    "from signedin.sync import Connection": "from signedin.sync import Connection",
    "… then open, get_access_token()": FIRST_USE,
    "… then client()": FIRST_REQUEST,
}
THEIRS = (
    ("references", "import httpx"),
    ("references", "import requests"),
    ("references", "import openai"),
    ("references", "import msal"),
    ("agentctx", "import agentctx.profiles"),
    ("chatgpt-auth", "from chatgpt_auth import Credentials"),
    ("chatgpt-oauth", "import chatgpt_oauth"),
    ("chatgpt-plan-auth", "import chatgpt_plan_auth"),
    ("codex-auth", "import codex_auth"),
    ("codex-auth-helper", "import codex_auth_helper"),
    ("oauth-cli-kit", "import oauth_cli_kit"),
    ("oauth-codex", "import oauth_codex"),
)


def main() -> int:
    """Import all of them in turns, and say whether the promise holds."""
    turns = options(__doc__, OPTIONS).turns
    with ExitStack() as stack:
        healthy, empty = (stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(2))
        sign_in_once(healthy, Sandbox(auto_approve=True), app_name="Acme Notes")
        ours = {name: _doing(sys.executable, code, healthy) for name, code in OURS.items()}
        taken = in_turns(ours | _theirs(empty), turns=turns)
    return tell("imports", _section(taken))


def _theirs(home: str) -> dict[str, Command]:
    pythons = [(code, program(environment)) for environment, code in THEIRS]
    return {code: _doing(python, code, home) for code, python in pythons if python is not None}


def _doing(python: str, code: str, home: str) -> Command:
    return Command(arguments=(python, "-c", code), home=home, base=(python, "-c", "pass"))


def _section(taken: dict[str, Taken]) -> Section:
    rows = [(name, f"{each.seconds * 1000:.0f}", f"{each.ratio:.1f}") for name, each in taken.items()]
    promised = taken["import signedin"].ratio
    return Section(
        title="Imports",
        words=__doc__,
        tables=[[("code", "ms", "× python -c pass"), *rows]],
        promises=[Promise(name="import signedin", measured=promised, at_most=PROMISE)],
        notes=[*versions(*dict(THEIRS)), *left_out(*dict(THEIRS))],
    )


if __name__ == "__main__":
    sys.exit(main())
