"""Owns what the acts play on: the stand-in server, the home, the connection, and somebody at a browser.

The browser is played over HTTP up to the real listener of the sign-in. Nothing here decides what is shown.
"""

import re
from concurrent.futures import Future
from html import unescape
from urllib.parse import urlsplit

import httpx

from signedin import Attempt, Connection, Secret
from signedin.responses import ask
from signedin.testing.no_tls import no_tls
from signedin.waiting import apart, wait
from signedin_adapters.cli.demo.layout import Layout
from signedin_adapters.cli.demo.ledger import Ledger, Move, Request, Row
from signedin_adapters.cli.program import Program
from signedin_adapters.sandbox import Sandbox

PATIENCE_SECONDS = 10.0
"""How long anything may take that is done in milliseconds."""


class Stage:
    """One performance. `say` and `case` show what happened so far before they speak; `rows` is all that was shown."""

    def __init__(
        self,
        *,
        sandbox: Sandbox,
        home: str,
        connection: Connection,
        ledger: Ledger,
        layout: Layout,
        program: Program,
    ) -> None:
        self.sandbox, self.home, self.connection = sandbox, home, connection
        self.rows: list[Row] = []
        self._ledger, self._layout, self._program = ledger, layout, program

    async def sign_in(self) -> str:
        """Sign in with the browser; gives the heading of the page that it shows in the end."""
        browsing: list[Future[str]] = []

        async def open_browser(attempt: Attempt) -> None:
            browsing.append(apart(lambda: self._browse(attempt.url)))

        await self.connection.sign_in(prompt=open_browser, seconds=PATIENCE_SECONDS)
        return await wait(browsing[0])

    async def ask(self, prompt: str) -> None:
        """Put a question and show the answer as it comes."""
        async with ask(self.connection, prompt) as answer:
            self.show()
            async for piece in answer:
                self._layout.stream(piece)
            self._layout.end_stream()

    async def try_token(self, token: Secret) -> int:
        """Use an access token by hand, as a thief would; gives the status."""
        async with httpx.AsyncClient(trust_env=False, verify=no_tls()) as client:
            headers = {"Authorization": f"Bearer {token.reveal()}"}
            return (await client.get(f"{self.connection.api_base}/models", headers=headers)).status_code

    def show(self) -> None:
        """Show what happened since the last time."""
        case = self.connection.case
        stands = Move(state=self.connection.state, case=None if case is None else case.id)
        for row in self._ledger.rows(until=stands, seconds=PATIENCE_SECONDS):
            self.rows.append(row)
            self._layout.row(row)

    def say(self, text: str) -> None:
        """A sentence about what just happened."""
        self.show()
        self._layout.say(text)

    def case(self) -> None:
        """What the connection says is wrong, and what to do."""
        self.show()
        case = self.connection.case
        if case is not None:
            self._layout.aside("case", case.id)
            self._layout.aside("what it is", f"{case.title}. {case.meaning}")
            self._layout.aside("what to do", self._program.remedy(case.remedy))

    def _browse(self, url: str) -> str:
        callback_url = self.sandbox.sign_in(url)
        request = self._ledger.sent(Request(method="GET", path=urlsplit(callback_url).path, note="back to this app"))
        with httpx.Client(trust_env=False, verify=no_tls(), timeout=PATIENCE_SECONDS, follow_redirects=True) as browser:
            page = browser.get(callback_url)
        request.status = page.status_code
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
        return unescape(heading[1]).strip() if heading else ""
