"""Letting a browser in: an address that works once and soon, a cookie, a token; and who stays outside."""

import http.cookies

import httpx
import pytest
from tests.adapters.web.conftest import Clock
from tests.support.page import Browser, served

from signedin import Connection
from signedin_adapters.web import WebApp, create_app
from signedin_adapters.web.sessions import AT_MOST

READ = ("/session", "/state", "/events", "/models", "/usage", "/nothing-here")
CHANGED = (
    "/sign-in",
    "/sign-in/cancel",
    "/sign-in/paste",
    "/sign-in/key",
    "/sign-out",
    "/switch",
    "/refresh",
    "/retry",
    "/notice",
    "/model",
    "/ask",
    "/report",
)


def secret_of(page: WebApp, browser: Browser) -> str:
    return page.address(browser.url).partition("#")[2]


def cookie_of(answer: httpx.Response) -> "http.cookies.Morsel[str]":
    (morsel,) = http.cookies.SimpleCookie(answer.headers["set-cookie"]).values()
    return morsel


def test_nobody_looks_without_the_cookie(stranger: Browser) -> None:
    """And is told what to do."""
    for answer in map(stranger.get, READ):
        assert answer.status_code == 403
        assert "Open it again." in answer.json()["error"]["message"]


def test_nobody_changes_anything_without_the_cookie(stranger: Browser) -> None:
    """Even with all that the gate asks for."""
    assert {stranger.post(path).status_code for path in CHANGED} == {403}


@pytest.mark.parametrize("token", ["", "wrong", "x" * 43])
def test_the_cookie_alone_changes_nothing(browser: Browser, token: str) -> None:
    """The token is the page's own, and no other site's program can read it."""
    browser.token = token
    for answer in map(browser.post, CHANGED):
        assert answer.status_code == 403
        assert "Reload the page" in answer.json()["error"]["message"]


def test_a_change_needs_the_token_at_all(browser: Browser) -> None:
    """A header that is not there is no empty token."""
    headers = {"origin": browser.origin}
    assert browser.http.post(f"{browser.url}/sign-in/cancel", json={}, headers=headers).status_code == 403


def test_another_browsers_token_is_wrong(browser: Browser, page: WebApp) -> None:
    """It belongs to one cookie."""
    with Browser(browser.url) as other:
        other.come_in(page)
        other.token = browser.token
        assert other.post("/sign-in/cancel").status_code == 403


def test_an_address_lets_one_browser_in(stranger: Browser, page: WebApp) -> None:
    """Whoever finds it later has nothing of it."""
    secret = secret_of(page, stranger)
    assert stranger.post("/session", secret=secret).status_code == 200
    again = stranger.post("/session", secret=secret)
    assert again.status_code == 403
    assert "Open it again." in again.json()["error"]["message"]


def test_a_browser_that_comes_in_again_is_in_once(browser: Browser, page: WebApp) -> None:
    """Its cookie of before is no way in any longer, and puts nobody else out."""
    (before,) = browser.http.cookies.values()
    browser.come_in(page)
    assert browser.get("/state").status_code == 200
    with Browser(browser.url) as other:
        other.http.headers["cookie"] = f"{next(iter(browser.http.cookies))}={before}"
        assert other.get("/state").status_code == 403


def test_an_address_waits_a_minute(stranger: Browser, page: WebApp, clock: Clock) -> None:
    """To the second."""
    early, late = secret_of(page, stranger), secret_of(page, stranger)
    clock.now += 59.9
    assert stranger.post("/session", secret=early).status_code == 200
    clock.now += 0.1
    assert stranger.post("/session", secret=late).status_code == 403


@pytest.mark.parametrize("secret", ["", "guessed", 7, None, ["a"]])
def test_a_guess_lets_nobody_in(stranger: Browser, page: WebApp, secret: object) -> None:
    """Nor does it use up the address."""
    good = secret_of(page, stranger)
    assert stranger.post("/session", secret=secret).status_code in (400, 403)
    assert stranger.post("/session", secret=good).status_code == 200


def test_the_cookie_is_for_the_page_alone(stranger: Browser, page: WebApp, port: int) -> None:
    """No script reads it, no other site's request carries it, and its name has the port that cookies do not know."""
    cookie = cookie_of(stranger.post("/session", secret=secret_of(page, stranger)))
    assert cookie.key == f"signedin_{port}"
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "strict", "/", "")


def test_a_cookie_of_another_port_is_none_of_ours(browser: Browser, port: int) -> None:
    """Another server on this machine can set one, and fixes nothing by it."""
    (good,) = browser.http.cookies.values()
    with Browser(browser.url) as other:
        other.http.cookies.set(f"signedin_{port + 1}", good)
        assert other.get("/state").status_code == 403
        other.http.cookies.set(f"signedin_{port}", "planted")
        assert other.get("/state").status_code == 403
        other.http.cookies.clear()
        other.http.headers["cookie"] = f"signedin_{port}=planted; signedin_{port}={good}"
        assert other.get("/state").status_code == 200


def test_a_reload_stays_inside(browser: Browser) -> None:
    """The page asks for its token anew."""
    assert browser.get("/session").json() == {"token": browser.token}


def test_a_session_ends_after_twelve_hours(browser: Browser, clock: Clock) -> None:
    """A page that was forgotten shows nothing more."""
    clock.now += 12 * 3600 - 1
    assert browser.get("/state").status_code == 200
    clock.now += 1
    assert browser.get("/state").status_code == 403


def test_an_open_stream_ends_with_its_session(browser: Browser, page: WebApp, clock: Clock) -> None:
    """Whether its time is over or newcomers have put it out: whoever is out reads nothing more."""
    with browser.events() as events:
        next(events)
        clock.now += 12 * 3600
        assert list(events) == []
    with browser.come_in(page).events() as events, Browser(browser.url) as newcomer:
        next(events)
        for _ in range(AT_MOST):
            newcomer.http.cookies.clear()
            newcomer.come_in(page)
        assert list(events) == []
    assert browser.get("/events").status_code == 403


def test_a_link_from_elsewhere_leads_nowhere_behind_the_door(browser: Browser) -> None:
    """Browsers send the cookie along from another port of this machine: to them it is the same site."""
    followed = {"sec-fetch-site": "same-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert {browser.get(path, **followed).status_code for path in READ} == {403}


def test_two_pages_in_one_process_know_each_other_not(page: WebApp, browser: Browser, connection: Connection) -> None:
    """Each has its own secrets and its own browsers."""
    other = create_app(connection)
    with served(other) as port, Browser(f"http://127.0.0.1:{port}") as elsewhere:
        assert elsewhere.post("/session", secret=secret_of(page, elsewhere)).status_code == 403
        elsewhere.come_in(other)
        assert elsewhere.state()["state"] == browser.state()["state"]
        assert elsewhere.token != browser.token
