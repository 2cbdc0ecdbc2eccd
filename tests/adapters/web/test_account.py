"""Who the page is about: signing out, switching, another account, another provider; and what else is pressed there."""

from collections.abc import Callable
from functools import partial

import anyio
import pytest
from tests.support.page import Browser

from signedin import Connection
from signedin.errors import StoreError
from signedin.sign_in import Prompt
from signedin.testing import FakeClock
from signedin_adapters.providers import SANDBOXES
from signedin_adapters.providers.codex import CODEX
from signedin_adapters.sandbox import FaultSpec, Sandbox
from signedin_adapters.stores.files import FileStore
from signedin_adapters.web import WebApp

SignIn = Callable[..., dict[str, object]]


def test_signing_out_says_whether_it_was_confirmed(browser: Browser, sign_in: SignIn, sandbox: Sandbox) -> None:
    """By the provider; where it was not asked, nothing is said."""
    sign_in()
    assert browser.does("/sign-out") == {"revoked": True}
    state = browser.state()
    assert (state["state"], state["needs_sign_in"], state["access_expires_at"]) == ("disconnected", True, None)
    assert state["account"]["email"] == "ada@example.com"
    sign_in()
    assert browser.does("/sign-out", revoke=False) == {"revoked": None}
    sign_in()
    sandbox.faults.add(FaultSpec.parse("revoke-503@always"))
    assert browser.does("/sign-out") == {"revoked": False}


def test_another_account_is_signed_in_and_switched_to(
    browser: Browser, sign_in: SignIn, connection: Connection
) -> None:
    """The page shows it; the connection that the page was made for stays what it is."""
    ada = sign_in()
    grace = sign_in("grace", new=True, label="work")
    assert grace["account"]["label"] == "work"  # type: ignore[index]
    listed = {each["label"]: each for each in browser.state()["accounts"]}
    assert [each["current"] for each in listed.values()] == [False, True]
    assert connection.snapshot.email == "ada@example.com"
    browser.does("/switch", account=ada["account"]["id"])  # type: ignore[index]
    assert browser.state()["account"] == ada["account"]
    browser.does("/switch", account=grace["account"]["id"])  # type: ignore[index]
    assert browser.state()["account"] == grace["account"]
    browser.does("/sign-out")
    assert connection.state.value == "connected"


def test_a_switch_is_followed(browser: Browser, sign_in: SignIn, page: WebApp) -> None:
    """An open page tells of the account that it shows, and no more of the one before."""
    ada = sign_in()
    sign_in("grace", new=True, label="work")
    with Browser(browser.url).come_in(page) as other, other.events() as events:
        next(events)
        browser.does("/switch", account=ada["account"]["id"])  # type: ignore[index]
        assert next(events).data["account"] == ada["account"]
        browser.does("/refresh")
        assert next(event for event in events if event.name == "transition").data["state"] == "refreshing"


@pytest.mark.parametrize("account", ["nobody", "../../etc", ""])
def test_an_account_that_is_not_there_is_refused(browser: Browser, account: str) -> None:
    """The page was open for long."""
    assert browser.post("/switch", account=account).status_code == 400


def test_a_new_account_that_came_to_nothing_is_left(browser: Browser, sign_in: SignIn) -> None:
    """The page is again about the account before it, which was never touched."""
    ada = sign_in()
    browser.does("/sign-in", new=True, label="work")
    assert browser.state()["account"] != ada["account"]
    browser.does("/sign-in/cancel")
    state = browser.state()
    assert (state["account"], state["state"]) == (ada["account"], "connected")
    assert len(state["accounts"]) == 1


def test_another_provider_stands_beside_the_first(browser: Browser, sign_in: SignIn) -> None:
    """Two accounts of one app, each with its own."""
    sign_in()
    sign_in(provider="sandbox-native")
    providers = {each["provider"] for each in browser.state()["accounts"]}
    assert providers == {"sandbox", "sandbox-native"}


def test_another_accounts_sign_in_is_told_from_its_first_step(browser: Browser, sign_in: SignIn) -> None:
    """The page turns to the account before anything happens to it."""
    sign_in()
    with browser.events() as events:
        next(events)
        browser.does("/sign-in", new=True, label="work")
        steps = (event.data["trigger"] for event in events if event.name == "transition")
        assert next(steps) == "SignInRequested"
    browser.does("/sign-in/cancel")


def test_a_provider_that_nobody_knows_is_named(browser: Browser) -> None:
    """In the words of every other place."""
    answer = browser.post("/sign-in", provider="acme")
    assert answer.json()["error"]["case"] == "unknown-provider"


def test_providers_are_offered_with_their_ways(browser: Browser) -> None:
    """What each takes: a browser, a code, a key."""
    ways = {each["name"]: each["ways"] for each in browser.state()["providers"]}
    assert ways["sandbox"] == ways["chatgpt"] == ["browser"]
    assert ways["sandbox-native"] == ways["sandbox-codex"] == ["browser", "device"]
    assert ways["openai"] == ["key"]


def test_providers_come_with_what_they_want_said(browser: Browser) -> None:
    """Before the first sign-in; and a sandbox is told from a real service."""
    told = {each["name"]: each for each in browser.state()["providers"]}
    assert told["codex"]["notice"] == CODEX.notice
    assert told["chatgpt"]["notice"] is None
    assert {name for name, each in told.items() if each["sandbox"]} == {*SANDBOXES}


def test_another_account_that_cannot_begin_to_sign_in_is_left(browser: Browser, sign_in: SignIn) -> None:
    """Also one that has a session of its own: the page stays where it was."""
    sign_in()
    native = sign_in(provider="sandbox-native")
    assert browser.post("/sign-in", way="device", provider="sandbox").status_code == 409
    assert browser.state()["account"] == native["account"]


def test_the_notice_is_shown_once(browser: Browser, sign_in: SignIn) -> None:
    """And never again after "Got it"."""
    assert sign_in()["notice_due"] is True
    browser.does("/notice")
    assert browser.state()["notice_due"] is False
    browser.does("/sign-out")
    assert sign_in()["notice_due"] is False


def test_plan_use_is_turned_on_later(browser: Browser, sign_in: SignIn) -> None:
    """By signing in again with consent."""
    assert sign_in(allow_plan=False)["plan_enabled"] is False
    assert sign_in(consent=True)["plan_enabled"] is True


def test_a_refresh_that_fails_names_its_case(browser: Browser, sign_in: SignIn, sandbox: Sandbox) -> None:
    """And the state says the same, with a button where one helps."""
    sign_in()
    sandbox.faults.add(FaultSpec.parse("token-reused"))
    sandbox.expire_access_tokens()
    answer = browser.post("/refresh")
    assert answer.status_code == 409
    case = browser.state()["case"]
    assert case["id"] == answer.json()["error"]["case"] == "refresh-token-reused"
    assert (browser.state()["state"], case["button"]) == ("expired", "Sign in")


def test_what_only_time_mends_is_tried_again(
    browser: Browser, sign_in: SignIn, sandbox: Sandbox, wall: FakeClock
) -> None:
    """An outage is no sign-out, and "Try again" asks at once where the token has run out."""
    sign_in()
    sandbox.faults.add(FaultSpec.parse("token-503@always"))
    refused = browser.post("/refresh")
    assert (refused.status_code, refused.json()["error"]["case"]) == (409, "provider-outage")
    assert (browser.state()["state"], browser.state()["case"]["button"]) == ("connected", "Try again")
    wall.advance(7200)
    assert browser.post("/retry").status_code == 409
    assert browser.state()["state"] == "error"
    sandbox.faults.clear()
    browser.does("/retry")
    assert (browser.state()["state"], browser.state()["case"]) == ("connected", None)


def test_what_is_done_elsewhere_is_seen(browser: Browser, sign_in: SignIn, connection: Connection) -> None:
    """By the host itself, on the connection that it gave."""
    sign_in()
    with browser.events() as events:
        next(events)
        anyio.run(connection.sign_out)
        assert next(event for event in events if event.name == "transition").data["trigger"] == "SignOutRequested"


def test_two_tabs_see_the_same(browser: Browser, page: WebApp, sign_in: SignIn) -> None:
    """Each its own copy, to the letter."""
    with Browser(browser.url).come_in(page) as other:
        sign_in()
        assert other.state() == browser.state()


def visit(sandbox: Sandbox) -> Prompt:
    async def prompt(attempt: object) -> None:
        await attempt.submit(await anyio.to_thread.run_sync(partial(sandbox.sign_in, attempt.url)))  # type: ignore[attr-defined]

    return prompt


def test_a_sign_in_that_the_host_runs_is_not_taken_from_it(
    browser: Browser, connection: Connection, sandbox: Sandbox
) -> None:
    """The page says that one runs; whoever began it goes on."""

    async def meanwhile() -> str:
        async with connection.authorize() as attempt:
            answer = await anyio.to_thread.run_sync(browser.post, "/sign-in")
            await visit(sandbox)(attempt)
            await attempt.done()
        case: str = answer.json()["error"]["case"]
        return case

    assert anyio.run(meanwhile) == "login-in-progress"
    assert browser.state()["state"] == "connected"


def test_a_store_that_cannot_be_read_is_told(
    browser: Browser, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page still shows what it can."""
    sign_in()

    def broken(_: object) -> None:
        raise StoreError("The disk is gone.")

    monkeypatch.setattr(FileStore, "records", broken)
    assert browser.state()["accounts"] == []
    answer = browser.post("/switch", account="any")
    assert (answer.status_code, answer.json()["error"]["case"]) == (503, "store-unavailable")


def test_a_fault_of_ours_is_told_without_its_words(
    page: WebApp, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its kind alone; what it said may be anything."""

    async def failing(**_: object) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(page._desk, "sign_in", failing)
    answer = browser.post("/sign-in")
    assert (answer.status_code, answer.json()["error"]["case"]) == (500, "unexpected")
    assert "42" not in answer.text
