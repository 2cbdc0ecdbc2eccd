"""Somebody at the command line whom a case happens to, and all that must hold then.

A test of a case lets it happen, and then asks for each of five things: what the user was told, where the connection
stands, which step the log tells, what `diagnose` makes of the log alone, and what became of the session. Which case it
is, what it exits with and which step it takes are the catalogue's word. A thing that cannot be is said with its reason.
"""

import json
import os
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from tests.support.command import Ran, Run
from tests.support.command_line import sign_in
from tests.support.stage import PATIENCE

from signedin import cases, opening
from signedin_adapters.sandbox import Sandbox

ASPECTS = ("told", "stands", "logged", "diagnosed", "session")

Stands = Literal["disconnected", "authorizing", "connected", "refreshing", "expired", "error"]


class User:
    """One user of one sandbox. `case` is what the test is about, `asked` which of the five things it asked for."""

    def __init__(self, case: str, run: Run, sandbox: Sandbox, home: Path) -> None:
        self.case, self.sandbox, self.home = cases.CASES[case], sandbox, home
        self.asked: set[str] = set()
        self.ran = Ran(code=0, out="", err="")
        self._command = run

    # what happens --------------------------------------------------------------------------------------------------

    def signs_in(self, provider: str = "sandbox") -> None:
        """Before the trouble begins; what it logs stays."""
        sign_in(self.sandbox, self.home, provider=provider)

    @contextmanager
    def struck_by(self, *faults: str) -> Generator[None]:
        """The sandbox plays these, for as long as the block lasts."""
        for fault in faults:
            self.sandbox.faults.inject(fault, None)
        try:
            yield
        finally:
            self.sandbox.faults.clear()

    def types(self, *arguments: str) -> Ran:
        """Run the command in this process; what follows is about how it ended."""
        self.ran = self._run(*arguments)
        return self.ran

    def met(self, ran: Ran) -> None:
        """What follows is about a command that was run elsewhere: in a process or a terminal of its own."""
        self.ran = ran

    # what must hold -----------------------------------------------------------------------------------------------

    def was_told(self, *words: str, code: int | None = None) -> None:
        """The error names the case by the command that explains it, says what to do, and exits as the case does."""
        self.asked.add("told")
        err, expected = self.ran.err, self.case.exit_code if code is None else code
        assert "Traceback" not in err
        assert f"explain {self.case.id}" in " ".join(err.split()), err
        assert self.ran.code == expected, (self.ran.code, err)
        for word in words:
            assert word in err, err

    def was_warned(self, *words: str, code: int = 0) -> None:
        """The command went well, and said what there is to know."""
        self.asked.add("told")
        said = " ".join((self.ran.out + self.ran.err).split())
        assert self.ran.code == code, said
        for word in words:
            assert word in said, said

    def stands(self, state: Stands, *, names_case: bool | None = None, flags: Sequence[str] | None = None) -> None:
        """`status` says the state; it names the case where that stands, which is so outside Connected."""
        self.asked.add("stands")
        status = self._run("status", "--json").json()
        named = status["case"]["id"] if status["case"] else None
        assert status["state"] == state, status
        expected = state != "connected" if names_case is None else names_case
        assert named == (self.case.id if expected else None), status
        if flags is not None:
            assert set(status["flags"]) >= set(flags), status

    def logged(self, *, by: str | None = None) -> None:
        """The log has the step that the catalogue gives the case, else the flag, else the call that failed.

        `by` is another event or line that tells it here.
        """
        self.asked.add("logged")
        told = [line for line in self.log if line.get("case") == self.case.id]
        if by is not None:
            assert by in {line.get("trigger", line["event"]) for line in told}, told
        else:
            assert any(map(self._is_the_step, told)), told or [line["event"] for line in self.log]

    def is_diagnosed(self, *others: str, status: str = "active") -> None:
        """`diagnose` names the case from the log alone, and nothing else but what is said."""
        self.asked.add("diagnosed")
        found = self._run("diagnose", "--json").json()
        named = {case["id"]: case["status"] for case in found["cases"]}
        assert named.get(self.case.id) == status, named
        assert set(named) == {self.case.id, *others}, named
        assert not any(run["illegal"] or run["cut"] for run in found["runs"]), found["runs"]

    def keeps_the_session(self, *command: str) -> None:
        """With the trouble over, the connection works, and nobody had to sign in."""
        self.asked.add("session")
        ran = self._run(*(command or ("ask", "Hello")))
        assert ran.code == 0, ran.err

    def has_lost_the_session(self) -> None:
        """With the trouble over, signing in is still the only way."""
        self.asked.add("session")
        ran = self._run("ask", "Hello")
        assert ran.code == 4, (ran.code, ran.err)

    def has_no_session(self) -> None:
        """Nobody was signed in, before or after; why the last sign-in failed is told along with that."""
        self.asked.add("session")
        ran = self._run("ask", "Hello")
        assert ran.code in (3, self.case.exit_code), (ran.code, ran.err)
        assert "Nobody is signed in." in ran.err

    def leaves_out(self, aspect: str, *, because: str) -> None:
        """One of the five things cannot be asked for here."""
        assert aspect in ASPECTS
        assert because
        self.asked.add(aspect)

    @property
    def log(self) -> list[dict[str, Any]]:
        """The lines of the app's log, in order."""
        usual = self.home / "apps" / "signedin" / "log" / "signedin.jsonl"
        path = Path(os.environ.get("SIGNEDIN_LOG", usual))
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def _run(self, *arguments: str) -> Ran:
        """Each command as a process of its own has it: nothing is open yet, and it ends with its last exchange."""
        opening.forget_open_accounts()
        ran = self._command(*arguments)
        for thread in threading.enumerate():
            if thread.name.startswith("signedin ") and not thread.daemon:
                thread.join(PATIENCE)
        return ran

    def _is_the_step(self, line: dict[str, Any]) -> bool:
        move, flag = self.case.move, self.case.flag
        if line["event"] != "connection.transition":
            return move is None
        if move is None:
            return flag is not None and flag.value in line["flags"]
        to = [state.value for state in move.to] or [line["from"]]
        came_from = {state.value for state in move.sources}
        return line["trigger"] == move.event and line["from"] in came_from and line["to"] in to
