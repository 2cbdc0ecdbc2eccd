"""Signing in on the page: in this browser, elsewhere with the last address pasted, with a code, with a key."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import anyio
import httpx
import pytest
from tests.support.page import Browser, served

from signedin import Connection
from signedin_adapters.sandbox import FaultSpec, Sandbox
from signedin_adapters.sandbox.realm import API_KEY
from signedin_adapters.web import WebApp


def test_in_this_browser(browser: Browser, sandbox: Sandbox) -> None:
    """The attempt is shown until the browser has come back, then who is signed in."""
    attempt = browser.does("/sign-in", way="browser")
    assert browser.state()["attempt"] == attempt
    assert browser.state()["state"] == "authorizing"
    assert attempt["asks"][0] == "see your name"
    assert httpx.get(sandbox.sign_in(attempt["url"]), trust_env=False, follow_redirects=True).status_code == 200
    state = browser.until(lambda state: state["attempt"] is None)
    assert (state["state"], state["usable"], state["case"]) == (
        "connected",
        "yes, after a refresh if it has run out",
        None,
    )
    assert state["account"]["email"] == "ada@example.com"
    assert state["plan_enabled"] is True
    assert state["notice_due"] is True
    assert state["needs_sign_in"] is False


def test_in_a_browser_elsewhere(browser: Browser, sandbox: Sandbox) -> None:
    """A wrong address ends nothing, and says what is wrong; the right one signs in."""
    attempt = browser.does("/sign-in")
    for pasted in ("https://example.com/", attempt["url"], "ac_code"):
        answer = browser.post("/sign-in/paste", url=pasted)
        assert answer.status_code == 400
        assert answer.json()["error"]["message"]
    assert browser.state()["attempt"] == attempt
    browser.does("/sign-in/paste", url=sandbox.sign_in(attempt["url"]))
    assert browser.until(lambda state: state["attempt"] is None)["state"] == "connected"


def test_with_a_code(browser: Browser, sandbox: Sandbox) -> None:
    """At a provider that has this way, in a browser anywhere."""
    attempt = browser.does("/sign-in", way="device", provider="sandbox-native")
    assert attempt["short_url"] is None
    assert attempt["forward"] is None
    sandbox.approve_device(attempt["user_code"])
    state = browser.until(lambda state: state["attempt"] is None)
    assert (state["state"], state["provider"]["name"]) == ("connected", "sandbox-native")


def test_with_a_key(browser: Browser, home: str, sandbox: Sandbox) -> None:
    """The provider's own way; a key that is refused changes nothing, and is shown nowhere."""
    with open(f"{home}/config.toml", "w", encoding="utf-8") as file:
        file.write(f'[providers.keys]\nregistration = "api-key"\napi_base = "{sandbox.api_base}"\n')
    wrong = "sk-wrong-wrong-wrong-wrong-wrong"
    refused = browser.post("/sign-in/key", key=wrong, provider="keys")
    assert refused.status_code == 409
    assert refused.json()["error"]["case"] == "api-key-rejected"
    assert wrong not in refused.text
    assert browser.state()["provider"]["name"] == "sandbox"
    browser.does("/sign-in/key", key=API_KEY, provider="keys", label="billed")
    state = browser.state()
    assert (state["state"], state["provider"]["name"]) == ("connected", "keys")
    assert API_KEY not in browser.get("/state").text


def test_a_key_is_no_way_elsewhere(browser: Browser) -> None:
    """And is not tried there."""
    answer = browser.post("/sign-in/key", key=API_KEY)
    assert (answer.status_code, answer.json()["error"]["case"]) == (409, "bad-config")


def test_a_way_that_is_not_offered_is_refused(browser: Browser) -> None:
    """Before anything has begun; the page stays as it is."""
    answer = browser.post("/sign-in", way="device")
    assert answer.status_code == 409
    assert browser.state()["attempt"] is None
    assert browser.state()["state"] == "disconnected"


def test_what_fails_is_shown_until_the_next_begins(browser: Browser, sandbox: Sandbox) -> None:
    """The case in plain words, with the one next step."""
    sandbox.faults.add(FaultSpec.parse("callback-denied"))
    attempt = browser.does("/sign-in")
    httpx.get(sandbox.sign_in(attempt["url"]), trust_env=False)
    case = browser.until(lambda state: state["attempt"] is None)["case"]
    assert (case["id"], case["action"], case["button"]) == ("user-denied-consent", "sign_in", "Sign in")
    assert "{" not in case["remedy"]
    browser.does("/sign-in")
    assert browser.state()["case"] is None
    browser.does("/sign-in/cancel")


def test_what_was_cancelled_here_is_no_trouble(browser: Browser) -> None:
    """Whoever pressed the button knows."""
    browser.does("/sign-in")
    browser.does("/sign-in/cancel")
    state = browser.state()
    assert (state["attempt"], state["state"]) == (None, "disconnected")


def test_a_second_sign_in_takes_the_firsts_place(browser: Browser, page: WebApp, sandbox: Sandbox) -> None:
    """Also one that another tab begins."""
    with Browser(browser.url).come_in(page) as other:
        first, second = browser.does("/sign-in"), other.does("/sign-in")
        assert first["id"] != second["id"]
        assert browser.state()["attempt"]["id"] == second["id"]
        assert browser.post("/sign-in/paste", url=sandbox.sign_in(first["url"])).status_code == 400
        browser.does("/sign-in/paste", url=sandbox.sign_in(second["url"]))
        assert other.until(lambda state: state["attempt"] is None)["state"] == "connected"


def test_one_that_does_not_come_to_begin_gives_way(browser: Browser, page: WebApp, home: str) -> None:
    """A provider may accept and never answer: nobody has to wait for that to cancel it, or for another."""
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor() as apart:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with open(f"{home}/config.toml", "w", encoding="utf-8") as file:
            file.write(f'[providers.silent]\nissuer = "{url}"\napi_base = "{url}"\nclient_id = "acme"\n')
        beginning = apart.submit(browser.post, "/sign-in", provider="silent")
        with silent.accept()[0], Browser(browser.url).come_in(page) as other:
            other.does("/sign-in/cancel")
            answer = beginning.result(10)
            assert (answer.status_code, answer.json()["error"]["case"]) == (409, "login-cancelled")
            assert (other.state()["attempt"], other.state()["provider"]["name"]) == (None, "sandbox")
            other.does("/sign-in")
            other.does("/sign-in/cancel")


@pytest.mark.parametrize("turns", [1, 2, 5, 20])
async def test_one_that_nobody_waits_for_any_more_ends(page: WebApp, connection: Connection, turns: int) -> None:
    """A host may break a request off, wherever it is: the next sign-in begins as ever."""
    desk = page._desk
    begin = partial(desk.sign_in, device=False, consent=False, provider=None, new=False, label=None)
    asked = asyncio.create_task(begin())
    for _ in range(turns):
        await asyncio.sleep(0)
    asked.cancel()
    await asyncio.wait({asked})
    with anyio.fail_after(10):
        await desk.cancel()
        assert (desk.attempt, connection.state.value) == (None, "disconnected")
        assert await begin() is desk.attempt
        await page.aclose()


def test_a_pasted_address_needs_a_sign_in(browser: Browser) -> None:
    """Where none runs, that is said."""
    answer = browser.post("/sign-in/paste", url="http://127.0.0.1/")
    assert answer.status_code == 400
    assert "begin one" in answer.json()["error"]["message"]


def test_over_ssh_the_command_is_there(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the listener's port, which is not the page's."""
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.4 52114 203.0.113.7 22")
    attempt = browser.does("/sign-in")
    port = attempt["short_url"].rstrip("/").rpartition(":")[2]
    assert attempt["forward"].startswith(f"ssh -L {port}:127.0.0.1:{port} ")
    assert port not in browser.url
    browser.does("/sign-in/cancel")


@pytest.mark.usefixtures("own_ports")
def test_at_codex_with_both_ways(browser: Browser, sandbox: Sandbox) -> None:
    """Its ports are fixed, and both ways are offered."""
    attempt = browser.does("/sign-in", provider="sandbox-codex")
    assert attempt["ways"] == ["browser", "paste", "device"]
    httpx.get(sandbox.sign_in(attempt["url"]), trust_env=False)
    assert browser.until(lambda state: state["attempt"] is None)["provider"]["name"] == "sandbox-codex"


def test_an_attempt_ends_with_its_server(page: WebApp, connection: Connection) -> None:
    """Its listener is closed, and nobody finds a sign-in running."""
    with served(page) as port, Browser(f"http://127.0.0.1:{port}").come_in(page) as browser:
        attempt = browser.does("/sign-in")
        assert connection.state.value == "authorizing"
    assert connection.state.value == "disconnected"
    with pytest.raises(httpx.ConnectError):
        httpx.get(attempt["short_url"], trust_env=False)


@pytest.mark.parametrize(
    "fields",
    [
        {"way": "carrier pigeon"},
        {"way": 7},
        {"new": "yes"},
        {"label": "x" * 300},
        {"label": "two\nlines"},
        {"label": "\u202e"},
        {"provider": ["a"]},
    ],
    ids=str,
)
def test_what_the_page_would_never_send_is_refused(browser: Browser, fields: dict[str, object]) -> None:
    """In one sentence that names it."""
    answer = browser.post("/sign-in", **fields)
    assert answer.status_code == 400
    assert next(iter(fields)) in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"7",
        b"\xff",
        b"[" * 100_000,
        b'{"account": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"account": ' + b"9" * 100_000 + b"}",
        b'{"account": "\\ud800"}',
        '{"account": "utf-16"}'.encode("utf-16"),
        b'"' + b"x" * 300_000 + b'"',
    ],
    ids=lambda body: repr(body[:32]),
)
def test_a_body_that_is_none_is_refused(browser: Browser, body: bytes) -> None:
    """An empty one has no fields; anything but an object, or too much of it, is a mistake."""
    headers = {"origin": browser.origin, "content-type": "application/json", "x-signedin-token": browser.token}
    answer = browser.http.post(f"{browser.url}/switch", content=body, headers=headers)
    assert answer.status_code == 400
