"""The Flask app under a real server with threads: its user signs in in a browser, and it asks for its callers."""

import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from tests.support import acme_notes
from tests.support.examples import example, served_by_werkzeug, signed_in_hours_ago, waiting_for_a_token
from tests.support.page import wait_until
from tests.support.stage import PATIENCE, TOKEN, HeldBack

from signedin import sync
from signedin_adapters.sandbox import Sandbox

ANSWER = "You asked: “Why?”"


@contextmanager
def served() -> Generator[str]:
    """The app, with whoever is signed in in the home."""
    with (
        sync.Connection.open(app_name=acme_notes.APP) as connection,
        served_by_werkzeug(example("flask_app").create_app(connection)) as url,
    ):
        yield url


def post(url: str, **fields: object) -> httpx.Response:
    """One request of a caller."""
    return httpx.post(url, json=fields, trust_env=False, timeout=PATIENCE)


def ask(url: str) -> httpx.Response:
    """One question."""
    return post(f"{url}/ask", prompt="Why?")


def test_the_answer_is_streamed(sandbox: Sandbox, home: Path) -> None:
    """Piece by piece, as it comes."""
    acme_notes.sign_in(sandbox, home)
    with served() as url, httpx.stream("POST", f"{url}/ask", json={"prompt": "Why?"}, trust_env=False) as answer:
        pieces = list(answer.iter_raw())
    assert len(pieces) > 1
    assert b"".join(pieces).decode().startswith(ANSWER)


def test_a_foreign_page_begins_nothing(sandbox: Sandbox, home: Path) -> None:
    """It may send a form or a text, and neither signs in nor asks."""
    with served() as url:
        for path in ("sign-in", "ask"):
            for kind in ("text/plain", "application/x-www-form-urlencoded"):
                headers = {"Content-Type": kind, "Origin": "https://elsewhere.example"}
                assert httpx.post(f"{url}/{path}", content=b"{}", headers=headers, trust_env=False).status_code == 415


def test_signing_in_opens_the_users_browser(sandbox: Sandbox, home: Path) -> None:
    """Once, and the request waits for it; signed in, nothing is opened."""
    acme_notes.move_in(home)
    with served() as url:
        refused = ask(url)
        assert (refused.status_code, refused.json()["case"]) == (409, "not-signed-in")
        path = refused.links["sign-in"]["url"]
        for _ in range(2):
            signed_in = post(f"{url}{path}")
            assert signed_in.json() == {"state": "connected", "email": "ada@example.com"}
        assert ask(url).text.startswith(ANSWER)
    assert [request.path for request in sandbox.requests].count("/api/accounts/authorize") == 1


def test_two_threads_share_one_refresh(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both wait for it, and both are served."""
    signed_in_hours_ago(sandbox, home)
    sandbox.requests.clear()
    monkeypatch.setattr(sandbox, "on_request", held := HeldBack(TOKEN))
    with served() as url, ThreadPoolExecutor(2) as people:
        asked = [people.submit(ask, url) for _ in range(2)]
        wait_until(lambda: waiting_for_a_token() == 2)
        held.release()
        assert [answer.result().status_code for answer in asked] == [200, 200]
    assert [request.path for request in sandbox.requests].count(TOKEN) == 1


def test_an_outage_says_when_to_come_again(sandbox: Sandbox, home: Path) -> None:
    """As a date (RFC 9110 §10.2.3), which lies ahead; no browser opens, also for whoever wants to sign in."""
    signed_in_hours_ago(sandbox, home)
    sandbox.requests.clear()
    sandbox.faults.inject("token-503", None)
    with served() as url:
        refused = ask(url)
        assert (refused.status_code, refused.json()["case"]) == (503, "provider-outage")
        assert parsedate_to_datetime(refused.headers["retry-after"]).timestamp() > time.time()
        assert post(f"{url}/sign-in").json()["state"] == "error"
    assert {request.path for request in sandbox.requests} == {TOKEN}


def test_what_the_plan_refuses_is_told_by_its_case(sandbox: Sandbox, home: Path) -> None:
    """Whoever called can do nothing about it: it is no error of theirs."""
    acme_notes.sign_in(sandbox, home)
    sandbox.faults.inject("api-429-limit", None)
    with served() as url:
        refused = ask(url)
    assert (refused.status_code, refused.json()["case"]) == (502, "app-usage-limit-hit")


@pytest.mark.usefixtures("sandbox")
def test_other_pages_cannot_ask(home: Path) -> None:
    """Neither by a name that is made to lead here, nor with a form, which browsers send to anywhere."""
    acme_notes.move_in(home)
    with served() as url:
        rebound = httpx.post(f"{url}/ask", headers={"host": "evil.example"}, json={"prompt": "Why?"}, trust_env=False)
        form = httpx.post(f"{url}/ask", data={"prompt": "Why?"}, trust_env=False)
    assert [answer.status_code for answer in (rebound, form)] == [400, 415]
