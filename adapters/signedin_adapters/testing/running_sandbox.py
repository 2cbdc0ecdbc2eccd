"""Owns `RunningSandbox`: a server, a home, a clock and a browser for one test, and nothing of the user's own machine.

The fixture of `signedin_adapters.testing` makes it.
"""

import json
import os
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace

import anyio
import httpx
import pytest

from signedin import Attempt, Provider, opening, sync
from signedin.oauth.callback import CallbackRejected
from signedin.ports import Store
from signedin.testing import FakeBrowser, FakeClock
from signedin.testing.failing_store import PLACES
from signedin.testing.free_ports import free_ports
from signedin.testing.network_settings import forget_network_settings
from signedin.testing.no_tls import no_tls
from signedin_adapters import browser, config, providers
from signedin_adapters.providers import sandbox as profiles
from signedin_adapters.sandbox import FAULTS, FaultSpec, Sandbox, VisitRefused
from signedin_adapters.stores import durable, keyring_key
from signedin_adapters.stores import opening as stores

PATIENCE = 10.0
"""Seconds that the browser waits for an answer, and the end of a test for the browser."""
PLAYED = tuple(sorted({fault.case for fault in FAULTS.values() if fault.case is not None}))
"""The cases that the sandbox can play."""
NOWHERE = "http://127.0.0.1:9"
"""A proxy that nobody is (RFC 863): loopback goes round it, and all else comes to nothing."""
STAND_INS = {"chatgpt": "sandbox", "codex": "sandbox-codex"}
"""Whom an app meets that names a provider of OpenAI's, or none."""


class RunningSandbox:
    """A sandbox that runs for one test. `server` is the sandbox itself, with all its choices and what it was asked.

    `home` is what `$SIGNEDIN_HOME` says meanwhile. `browser` stands in for the system's: it plays `person`, who signs
    in and allows plan use unless `allow_plan` says otherwise, and remembers what it was asked to open. `clock` is the
    server's; a connection that is opened with it moves along.
    """

    def __init__(self, server: Sandbox, home: str, clock: FakeClock) -> None:
        self.server, self.home, self.clock = server, home, clock
        self.browser = FakeBrowser(self._visit)
        self.person, self.allow_plan = "ada", True

    def __repr__(self) -> str:
        return f"RunningSandbox({self.server.url})"

    def sign_in(self, app_name: str, *, provider: str = "sandbox", account: str | None = None) -> None:
        """Sign `person` in to this app as another process would: whoever opens a connection then is signed in already.

        `browser` is asked nothing. Blocks for a moment, also where a loop runs. Raises SignInFailed.
        """
        known = {record.label for record in self.store(app_name).records()}
        with sync.Connection.open(
            app_name=app_name,
            provider=provider,
            account=account,
            new=account is not None and account not in known,
            home=self.home,
            clock=self.clock,
        ) as connection:
            connection.sign_in(prompt=self._answer)
        opening.forget_open_accounts()

    def store(self, app_name: str) -> Store:
        """The store of this app in the home: what `sign_in` left, for a `FailingStore` to stand before."""
        return stores.file(app=app_name, home=self.home)

    def fault(self, *cases: str) -> AbstractContextManager[object]:
        """From now on let these cases happen, at the request where they do; in a `with`, until its end at the latest.

        A case strikes once, or at each request where it takes that to show; `CASE@always`, `CASE@once` and `CASE@3` say
        otherwise. They add to what may happen already: at one request the earlier one does, and the end of a block
        takes away its own alone. The faults of `signedin sandbox --list-faults` are taken by name as well. Raises
        ValueError for what the sandbox cannot play, naming what it can.
        """
        over = ExitStack()
        for spec in [_spec(case) for case in cases]:
            over.callback(self.server.faults.disarm, self.server.faults.add(spec))
        return over

    async def _answer(self, attempt: Attempt) -> None:
        try:
            await attempt.submit(await anyio.to_thread.run_sync(self._decide, attempt.url))
        except CallbackRejected as rejected:
            attempt.fail(rejected.case)

    def _decide(self, url: str) -> str:
        return self.server.sign_in(url, self.person, allow_plan=self.allow_plan)

    def _visit(self, url: str) -> None:
        """As a browser: whatever page it ends at, it stays there and says nothing."""
        with (
            suppress(VisitRefused, httpx.HTTPError),
            httpx.Client(verify=no_tls(), trust_env=False, follow_redirects=True, timeout=PATIENCE) as client,
        ):
            client.get(self._decide(url))


@contextmanager
def running(home: str, monkeypatch: pytest.MonkeyPatch) -> Generator[RunningSandbox]:
    """A sandbox on a free port, with an empty home that knows it; `monkeypatch` puts back what it replaces."""
    clock = FakeClock()
    server = Sandbox(clock=clock, earliest_refresh_at="absent", device_interval=0.05, codex_ports=free_ports(2))
    sandbox = RunningSandbox(server, home, clock)
    _keep_apart(sandbox, monkeypatch)
    with server.running():
        found = {"url": server.url, "issuer": server.issuer, "api_base": server.api_base}
        durable.write(profiles.path(home), json.dumps({**found, "codex_ports": server.codex_ports}).encode())
        durable.write(config.path(home), b'provider = "sandbox"\n')
        yield sandbox
    sandbox.browser.wait(PATIENCE)


def _keep_apart(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here meets a real server, reads the user's settings or keyring, or opens their browser."""
    forget_network_settings(monkeypatch)
    for name in list(os.environ):
        if name.startswith("SIGNEDIN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SIGNEDIN_HOME", sandbox.home)
    # For processes that the test starts, and for what was bound before it began: no browser, no keyring, no network.
    monkeypatch.setenv("BROWSER", "no-browser-in-a-test")
    monkeypatch.setenv("SIGNEDIN_STORE", "file")
    monkeypatch.setenv("HTTPS_PROXY", NOWHERE)
    monkeypatch.setattr(keyring_key, "BACKENDS", ())
    monkeypatch.setattr(browser, "open_browser", sandbox.browser)
    monkeypatch.setattr(stores, "keyring", stores.file)
    monkeypatch.setattr(providers, "find", _with_stand_ins(sandbox.server, providers.find))


def _with_stand_ins(server: Sandbox, find: Callable[..., Provider]) -> Callable[..., Provider]:
    def found(name: str, *, home: str) -> Provider:
        profile = find(STAND_INS.get(name, name), home=home)
        if name != "openai":
            return profile
        return replace(profile, issuer=server.url, api_base=server.api_base, manage_url=server.url, secret=False)

    return found


def _spec(case: str) -> FaultSpec:
    name = case.partition("@")[0]
    if name in FAULTS or name in PLAYED:
        return FaultSpec.parse(case)
    fake = "FailingStore" if name in PLACES else "FakeHttp" if name == "offline" else None
    elsewhere = f" (signedin.testing.{fake} can)" if fake else ""
    raise ValueError(f"the sandbox cannot play {name!r}{elsewhere}; it can play {', '.join(PLAYED)}")
