"""Owns `Stage`: what one play is played on. A sandbox, a home and a log of its own, which go when it is over.

Nothing of it is shared with another play or with the user's own files. It knows no case.
"""

import json
import os
import shutil
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from tempfile import mkdtemp

import anyio
import httpx

from signedin import Attempt, Connection, State
from signedin.connection import account_of
from signedin.ports import Http, Log
from signedin.testing.free_ports import free_ports
from signedin.testing.no_tls import no_tls
from signedin.waiting import apart, wait
from signedin_adapters import log
from signedin_adapters.diagram import way_of
from signedin_adapters.providers import sandbox as sandbox_profiles
from signedin_adapters.sandbox import RequestRecord, Sandbox
from signedin_adapters.stores import durable
from signedin_adapters.stores import home as places
from signedin_adapters.stores import opening as stores
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.keys import KeyHolder
from signedin_adapters.web.board.log_tail import LogTail, TailedLog
from signedin_adapters.web.board.reel import Reel

APP = "Fault board"
PATIENCE_SECONDS = 10.0
"""How long anything may take that is done in milliseconds."""


class Stage:
    """One play's world. `home` is where the app's files lie now, `provider` whom it signs in to.

    `http` and `keys` are stand-ins for what the app would use of its own, from its next start on.
    `tail` follows the log, which outlives a change of the home: it tells of the app, whichever process writes it.
    """

    def __init__(self, *, provider: str, reel: Reel) -> None:
        self.provider, self._reel = provider, reel
        self._directory = os.path.realpath(mkdtemp(prefix="signedin-board-"))
        self.home = os.path.join(self._directory, "home")
        self.tail = LogTail(os.path.join(self._directory, "signedin.jsonl"), lambda line: reel.tell("line", text=line))
        self.sandbox = Sandbox(
            auto_approve=True,
            earliest_refresh_at="absent",
            device_interval=1,
            codex_ports=free_ports(1),
            on_request=self._was_asked,
        )
        self.http: Http | None = None
        self.keys: KeyHolder | None = None
        self._case: object = None
        self._running, self._offset, self._opened = ExitStack(), 0.0, list[Connection]()

    # before and after ----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Let the sandbox run, and the home know it."""
        self._running.enter_context(self.sandbox.running())
        found = {"url": self.sandbox.url, "issuer": self.sandbox.issuer, "api_base": self.sandbox.api_base}
        durable.make_home(self.home)
        data = json.dumps(found | {"codex_ports": self.sandbox.codex_ports}).encode()
        durable.write(sandbox_profiles.path(self.home), data)

    def end_the_sandbox(self) -> None:
        """Nobody listens at its address any more."""
        self._running.close()

    async def close(self) -> None:
        """Let go of the accounts, each when nothing of it is under way: an exchange goes on without its handle."""
        while self._opened:
            opened = self._opened.pop()
            settled = account_of(opened).settled()
            await opened.aclose()
            await wait(settled)

    def end(self) -> None:
        """Nothing of it is left."""
        self.end_the_sandbox()
        shutil.rmtree(self._directory, ignore_errors=True)

    # the app --------------------------------------------------------------------------------------------------------

    async def connection(self) -> Connection:
        """The app's connection, opened when it is first asked for."""
        if not self._opened:
            await self.open()
        return self._opened[-1]

    async def open(self, *, app_name: str = APP, label: str | None = None, new: bool = False) -> Connection:
        """Another handle. One of the same account shares its state."""
        opened = await Connection.open(
            app_name=app_name,
            account=label,
            new=new,
            provider=self.provider,
            store="file" if self.keys is None else FileStore(self.paths(), self.keys, kind="file", app_name=app_name),
            home=self.home,
            http=self.http,
            log=self.log(),
            clock=self.now,
        )
        self._opened.append(opened)
        return opened

    async def start_again(self) -> None:
        """The app ends, and begins as another process with the same files: nothing of it is in memory any more."""
        await self.close()
        self.home = shutil.copytree(self.home, f"{self.home}-again")

    def configure(self, text: str) -> None:
        """Write the home's `config.toml`; who is started again reads it."""
        with open(os.path.join(self.home, "config.toml"), "w", encoding="utf-8") as settings:
            settings.write(text)

    def log(self) -> Log:
        """A run of its own in the app's log."""
        directory = places.AppPaths(os.path.join(self._directory, "home"), places.slug(APP)).log
        run = log.open_log(directory=directory, app=places.slug(APP), store="file", setting=self.tail.path)
        self.tail.look()
        return TailedLog(run, self.tail, self._wrote)

    def now(self) -> float:
        """The app's clock: Unix seconds."""
        return time.time() + self._offset

    def let_pass(self, seconds: float) -> None:
        """The app's clock goes on, and the sandbox's does not."""
        self._offset += seconds

    def account(self) -> places.AccountPaths:
        """The files of the only account."""
        (account_id,) = os.listdir(self.paths().accounts)
        return self.paths().account(account_id)

    def paths(self) -> places.AppPaths:
        """The app's files."""
        return places.AppPaths(self.home, places.slug(APP))

    def sign_out_elsewhere(self) -> None:
        """As another process does it: the marker is written, and this one will see it."""
        stores.file(app=APP, home=self.home).mark_signed_out(self.account().id)

    # the browser ----------------------------------------------------------------------------------------------------

    async def browse(self, attempt: Attempt) -> None:
        """Somebody whose browser goes wherever it is sent, and back to the app."""
        with suppress(httpx.HTTPError):
            await wait(apart(partial(_follow, attempt.url)))

    # what is seen ---------------------------------------------------------------------------------------------------

    def _was_asked(self, record: RequestRecord) -> None:
        request = {"method": record.method, "path": record.path, "status": record.status, "note": record.note}
        self._reel.tell("request", at=record.at, **request)

    def _wrote(self, event: str, line: Mapping[str, object]) -> None:
        """The log is told of every step, also of those that an account takes before anybody can listen."""
        if event == "connection.transition":
            source, state, case = State(line["from"]), State(line["to"]), line["case"]
            visible, self._case = source is not state or case != self._case, case
            way = way_of(source, str(line["trigger"]), state)
            step = {"source": source.value, "trigger": line["trigger"], "state": state.value, "case": case}
            self._reel.tell("transition", at=line["at"], **step, flags=line["flags"], visible=visible, way=way)


@asynccontextmanager
async def stage(provider: str, reel: Reel) -> AsyncGenerator[Stage]:
    """A stage for one play. Everything that it made is removed, whoever ends the play."""
    made = Stage(provider=provider, reel=reel)
    try:
        await wait(apart(made.begin))
        yield made
    finally:
        with anyio.CancelScope(shield=True):
            await made.close()
            await wait(apart(made.end))


def _follow(url: str) -> None:
    with httpx.Client(verify=no_tls(), trust_env=False, follow_redirects=True, timeout=PATIENCE_SECONDS) as browser:
        browser.get(url)
