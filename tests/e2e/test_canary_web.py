"""No secret gets to the page: every one of its answers, headers and events, in every state that it can show."""

import json
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import anyio
import httpx
import pytest
from starlette.routing import Route
from tests.support.canaries import Watched
from tests.support.connected import announce
from tests.support.page import Browser, served

from signedin import Connection
from signedin_adapters.sandbox import FaultSpec
from signedin_adapters.web import create_app
from signedin_adapters.web.account_routes import AccountRoutes
from signedin_adapters.web.report_route import ReportRoute
from signedin_adapters.web.use_routes import UseRoutes

HAS_THE_ADDRESS = ("/sign-in", "/state", "/events")
"""Where the authorize URL is meant to be, with its `state` and `nonce`, and a user code."""


class Listener:
    """Reads all that the browser is sent, streams included, and keeps it by path."""

    def __init__(self, browser: Browser) -> None:
        self.heard: list[tuple[str, bytes]] = []
        browser.http.event_hooks["response"] = [self._hear]

    @property
    def paths(self) -> set[str]:
        """Where something was heard."""
        return {path for path, _ in self.heard}

    def _hear(self, answer: httpx.Response) -> None:
        self.note(answer.url.path, repr(answer.headers.raw).encode())
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            self.note(answer.url.path, answer.read())

    def note(self, path: str, data: bytes) -> None:
        """Keep this too."""
        self.heard.append((path, data))

    def let_out(self, watched: Watched) -> set[str]:
        """The names of the secrets that were heard, and where."""
        found = set[str]()
        for path, data in self.heard:
            names = watched.secrets.found_in(data)
            if path not in HAS_THE_ADDRESS:
                names |= watched.attempts.found_in(data)
            found |= {f"{name} in {path}" for name in names}
        return found


@pytest.fixture
def browser(tmp_path: Path, watched: Watched) -> Iterator[Browser]:
    """A browser at the page of an app on which nobody has signed in."""
    home = str(tmp_path)
    announce(watched.sandbox, home)
    (tmp_path / "config.toml").write_text(
        f'[providers.keys]\nregistration = "api-key"\napi_base = "{watched.sandbox.api_base}"\n'
    )

    async def opened() -> Connection:
        return await Connection.open(app_name="Acme Notes", provider="sandbox", store="file", home=home)

    page = create_app(anyio.run(opened), home=home, store="file")
    with served(page) as port, Browser(f"http://127.0.0.1:{port}") as browser:
        yield browser.come_in(page)


def test_no_answer_and_no_event_has_a_secret(
    browser: Browser, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signing in each way, using, refreshing, failing, reporting and signing out, with a page that reads along."""
    listener, key = Listener(browser), f"sk-{token_hex(24)}"
    watched.secrets.plant("API key", key)
    monkeypatch.setattr(watched.sandbox, "api_keys", frozenset({key}))
    with browser.events() as events:
        sign_in_each_way(browser, watched, key)
        use(browser)
        fail(browser, watched)
        browser.post("/report")
        browser.post("/sign-out")
        seen = browser.state()["seq"]
        for event in events:
            listener.note("/events", json.dumps(event.data).encode())
            if event.id == seen:
                break
    assert any(watched.attempts.found_in(data) for path, data in listener.heard if path == "/events")
    assert listener.let_out(watched) == set()
    assert {"access_token", "refresh_token", "id_token", "code", "code_verifier", "API key"} <= watched.secrets.names
    assert listener.paths >= endpoints()


def endpoints() -> set[str]:
    """Every path behind the door."""
    routes: list[Route] = []
    for kind in (AccountRoutes, UseRoutes, ReportRoute):
        routes += kind(None).routes  # type: ignore[arg-type]
    return {route.path for route in routes}


def sign_in_each_way(browser: Browser, watched: Watched, key: str) -> None:
    """By code, by key, by pasting, and by way of the browser."""
    browser.does("/sign-in", way="device", provider="sandbox-native")
    browser.until(lambda state: state["attempt"] is None)
    browser.post("/sign-in/key", key=f"{key}-wrong", provider="keys")
    browser.does("/sign-in/key", key=key, provider="keys")
    pasted = browser.does("/sign-in", provider="sandbox")
    callback = watched.sandbox.sign_in(pasted["url"])
    browser.post("/sign-in/paste", url=callback[:-20])
    browser.post("/sign-in/paste", url=f"{callback}&state=twice")
    browser.does("/sign-in/paste", url=callback)
    browser.until(lambda state: state["attempt"] is None)
    again = browser.does("/sign-in", consent=True)
    httpx.get(watched.sandbox.sign_in(again["url"]), trust_env=False)
    browser.until(lambda state: state["attempt"] is None and state["state"] == "connected")


def use(browser: Browser) -> None:
    """All that a connection is used for, and the way from one account to another."""
    model = browser.get("/models?refresh=1").json()["models"][0]["id"]
    browser.does("/model", id=model)
    browser.get("/usage")
    with browser.lines("/ask", prompt="hello") as lines:
        assert list(lines)[-1]["done"]
    browser.does("/notice")
    for account in browser.state()["accounts"]:
        browser.does("/switch", account=account["id"])
    browser.does("/switch", account=next(a["id"] for a in browser.state()["accounts"] if a["provider"] == "sandbox"))


def fail(browser: Browser, watched: Watched) -> None:
    """What a provider can do wrong with a token in its hand."""
    browser.does("/refresh")
    for fault in ("token-html", "token-redirect-307", "id-token-wrong-sub", "token-reused"):
        watched.sandbox.faults.add(FaultSpec.parse(fault))
        browser.post("/refresh")
        browser.post("/retry")
    watched.sandbox.faults.clear()
    watched.sandbox.faults.add(FaultSpec.parse("token-503"))
    attempt = browser.does("/sign-in")
    httpx.get(watched.sandbox.sign_in(attempt["url"]), trust_env=False)
    assert browser.until(lambda state: state["attempt"] is None)["case"] is not None
    browser.does("/sign-in")
    browser.does("/sign-in/cancel")
